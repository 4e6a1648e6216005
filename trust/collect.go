package trust

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/provider"
)

// Seen is one object with what it refers to.
type Seen struct {
	Object kube.Object
	// Root as facts name it; see Options.Rest. Environment is the one that it was seen in, if there are several.
	Root, Environment string
	At                kube.Position
	// References are those of facts.References.
	References []facts.Referred
}

// Options is what a collection is told.
type Options struct {
	Now       time.Time
	Providers *provider.Set
	// Certificates is the cache to read PEM with.
	Certificates *pki.Cache
	// Rest is the name of the root of what is in no root in particular.
	Rest string
	// All keeps certificates that nothing has to do with.
	All    bool
	Filter Filter
}

// Collection takes objects, from many goroutines, until an Inventory is made of it.
type Collection struct {
	mu   sync.Mutex
	seen map[seenKey]digest
}

type seenKey struct {
	environment string
	index       int
}

// Wants reports whether objects of a kind can have to do with certificates, so that they are worth showing.
func Wants(providers *provider.Set, id kube.ID) bool {
	if holds(id) {
		return true
	}
	return slices.ContainsFunc(providers.Kinds(id.GroupKind()), func(k *provider.Kind) bool { return len(k.References)+len(k.Backends) > 0 })
}

// holds reports whether an object is of a kind that certificates stand in.
func holds(id kube.ID) bool { return id.Group == "" && (id.Kind == "Secret" || id.Kind == "ConfigMap") }

// Self reports whether an object is to refer to what it holds itself.
func Self(id kube.ID) bool { return holds(id) }

// Add takes an object. Index is its place in the order of all of its environment, whoever comes first.
func (c *Collection) Add(index int, s Seen) {
	if len(s.References) == 0 {
		return
	}
	d := s.digest()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[seenKey]digest{}
	}
	c.seen[seenKey{s.Environment, index}] = d
}

// builder is an inventory while it grows.
type builder struct {
	Options
	inventory    *Inventory
	certificates map[string]*Certificate
	holders      map[holderKey]*Holder
	consumers    map[Object]*Consumer
	uses         map[useKey]*Use
	single       bool // root
	environment  string
}

type holderKey struct {
	Object
	key string
	// state tells apart what several consumers see of one target, one of whom may not refer to it.
	state State
}

type useKey struct {
	consumer    *Consumer
	holder      *Holder
	kind, usage string
	title       string
}

// Inventory makes the inventory of what was added. An error says that the filter picks nothing by its name of a CA.
func (c *Collection) Inventory(o Options) (*Inventory, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := &builder{
		Options: o, inventory: &Inventory{Now: o.Now, links: map[Object][]Object{}, there: map[Object]bool{}},
		certificates: map[string]*Certificate{}, holders: map[holderKey]*Holder{}, consumers: map[Object]*Consumer{}, uses: map[useKey]*Use{},
	}
	keys := make([]seenKey, 0, len(c.seen))
	roots := map[string]bool{}
	for key, s := range c.seen {
		keys = append(keys, key)
		roots[s.Environment+" "+s.Root] = true
	}
	slices.SortFunc(keys, func(a, b seenKey) int {
		return cmp.Or(cmp.Compare(a.environment, b.environment), cmp.Compare(a.index, b.index))
	})
	b.single = len(roots) <= 1
	for _, key := range keys {
		b.environment = key.environment
		b.take(c.seen[key])
	}
	return b.finish()
}

func (b *builder) object(id kube.ID, root string) Object {
	if b.single || root == b.Rest {
		root = ""
	}
	if b.environment != "" && !b.single && root != b.environment {
		root = strings.TrimSuffix(b.environment+": "+root, ": ")
	}
	return Object{id, root}
}

func (b *builder) take(s digest) {
	own := b.object(s.Object.ID, s.Root)
	for i := range s.references {
		switch r := &s.references[i]; {
		case r.role == facts.SelfRole:
			if h := b.holder(r, own); h.At.File == "" {
				h.At = s.At
			}
		case r.parent:
			b.link(b.target(r, s.Root), own, true)
		case r.use == string(provider.UseTarget):
			b.link(own, b.target(r, s.Root), r.entry != nil)
		case r.key != "" && (r.use != string(provider.UseOther) || !slices.Contains(b.Providers.RevocationRead(), r.key)):
			b.use(s, own, r)
		}
	}
}

func (b *builder) link(from, to Object, there bool) {
	if !slices.Contains(b.inventory.links[from], to) {
		b.inventory.links[from] = append(b.inventory.links[from], to)
	}
	if there {
		b.inventory.there[to] = true
	}
}

// target is what a reference leads to: as it stands where it is in sight.
func (b *builder) target(r *reference, root string) Object {
	if r.entry != nil {
		return b.object(r.entry.ID, cmp.Or(r.entry.Root, root))
	}
	return b.object(r.target, root)
}

// holder finds or makes the holder that a reference leads to.
func (b *builder) holder(r *reference, object Object) *Holder {
	state, words, content := b.state(r)
	at := holderKey{Object: object, key: r.key}
	if r.entry == nil {
		at.state = state
	}
	if h, ok := b.holders[at]; ok {
		return h
	}
	h := &Holder{Object: object, Key: r.key, State: state, Words: words}
	b.holders[at] = h
	b.inventory.Holders = append(b.inventory.Holders, h)
	if r.producer.Name != "" {
		h.Producer, h.Chain = Object{ID: r.producer, Root: object.Root}, r.chain
	}
	if r.signer.Name != "" {
		h.Signer = Object{ID: r.signer, Root: object.Root}
	}
	if content == nil {
		return h
	}
	for _, read := range content.Bundle.Certificates {
		certificate, known := b.certificates[read.Hash]
		if !known {
			certificate = &Certificate{Certificate: read, Name: nameOf(read)}
			b.certificates[read.Hash] = certificate
			b.inventory.Certificates = append(b.inventory.Certificates, certificate)
		}
		certificate.Holders = append(certificate.Holders, h)
		h.Certificates = append(h.Certificates, certificate)
	}
	return h
}

// state says what is known of a reference's target; content is set where it shows certificates.
func (b *builder) state(r *reference) (s State, words string, content *inventory.Content) {
	words = r.state
	switch r.grant {
	case "not-needed", "granted":
	case "unknown":
		return Unknown, words, nil
	default:
		return NotGranted, words, nil
	}
	switch r.presence {
	case inventory.Absent.String():
		return Missing, words, nil
	case inventory.Unknown.String():
		return Unknown, words, nil
	case inventory.Promised.String():
		return Promised, words, nil
	}
	if r.entry == nil {
		return External, words, nil
	}
	switch content = r.entry.Content(r.key, b.Certificates); {
	case content != nil && content.Bundle != nil && len(content.Bundle.Certificates) > 0:
		return Present, words, content
	case content == nil && r.keyPresence == inventory.Absent.String():
		return Missing, "has no key " + r.key, nil
	case content == nil || content.Opaque:
		return Opaque, "is there, and what it holds under " + r.key + " is not in sight", nil
	default:
		return Empty, "holds no certificate under " + r.key, nil
	}
}

// leadsNowhere reports whether an optional reference finds no certificate, which does no harm: nobody is meant to be there.
func (b *builder) leadsNowhere(r *reference) bool {
	if !r.optional {
		return false
	}
	state, _, _ := b.state(r)
	return state == Missing || state == Empty ||
		state == Promised && r.keyPresence != inventory.Promised.String()
}

func (b *builder) use(s digest, own Object, r *reference) {
	if b.leadsNowhere(r) {
		return
	}
	consumer, known := b.consumers[own]
	if !known {
		consumer = &Consumer{Object: own, At: s.At, hosts: b.hosts(s.Object)}
		b.consumers[own] = consumer
		b.inventory.Consumers = append(b.inventory.Consumers, consumer)
	}
	h := b.holder(r, b.target(r, s.Root))
	for _, other := range consumer.Uses {
		// What one controller reads of a field besides what all do is not said twice.
		if other.Holder == h && slices.Contains(other.Paths, r.path) && (r.use == string(provider.UseOther) || other.Role == r.role) {
			return
		}
	}
	key := useKey{consumer, h, r.use, r.usage, r.title}
	use, known := b.uses[key]
	if !known {
		use = &Use{
			Consumer: consumer, Holder: h, Role: r.role, Title: r.title, Kind: r.use, Usage: r.usage, Idle: true,
		}
		b.uses[key] = use
		consumer.Uses = append(consumer.Uses, use)
		h.Uses = append(h.Uses, use)
	}
	use.Idle = use.Idle && r.idle
	use.Paths = append(use.Paths, r.path)
}

// hosts are the keys under which an object shares something with others: host names, where it has any.
func (b *builder) hosts(obj kube.Object) (keys []string) {
	if b.Filter.Host == "" {
		return nil
	}
	for _, kind := range b.Providers.Kinds(obj.ID.GroupKind()) {
		for i := range kind.Peers {
			if kind.Peers[i].Names == provider.HostParent {
				continue // not a name of the object, but of a wildcard above it
			}
			for _, member := range inventory.Memberships(&kind.Peers[i], obj) {
				keys = append(keys, strings.ToLower(member.Key))
			}
		}
	}
	return keys
}

// nameOf is what people call a certificate.
func nameOf(c *pki.Certificate) string {
	for _, list := range [][]string{{c.CommonName}, c.DNSNames, c.URIs, c.IPAddresses, c.EmailAddresses, {c.Subject}} {
		if len(list) > 0 && list[0] != "" {
			return list[0]
		}
	}
	return "serial number " + c.SerialNumber
}

// commonName is that of a name as RFC 2253 writes it, or all of it where it has none.
func commonName(name string) string {
	for _, part := range strings.Split(name, ",") {
		if value, ok := strings.CutPrefix(part, "CN="); ok && !strings.HasSuffix(value, `\`) {
			return value
		}
	}
	return name
}
