// Package inventory answers what else exists: which object a reference leads to, what will create it if it is not
// there, and which objects share a host, a Service or a listener with another. The engine's callers fill a Store and
// hand out Snapshots of it. It has no client and reads no file; whoever does tells it what it saw.
package inventory

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
	"unique"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/provider"
)

// shardCount bounds what a Put after a Snapshot must copy: one shard in 256 of the index. What lies over an inventory holds a few
// objects, and never changes.
const (
	shardCount = 256
	overCount  = 1
)

// indexKey addresses a list of entries: objects of a kind by name, objects of a kind in a namespace, or peers by key.
type indexKey struct{ index, key string }

type shard struct {
	generation uint64
	entries    map[indexKey][]*Entry
	promises   map[indexKey][]*Promise
}

// Options is what a Store is told about the world around the objects it holds.
type Options struct {
	Providers *provider.Set
	// Complete holds namespace globs whose objects are all here: what is not here is absent.
	Complete []string
	// External lists objects that exist though they are not here.
	External []External
	// Root names the store in messages that tell several apart.
	Root string
	// OneNamespace: objects without a namespace go to the same one, as those of a kustomization do. Those of loose files
	// may go anywhere, and say nothing about each other.
	OneNamespace bool
	// Partial: more is applied than is here, so that other objects of a namespace show nothing about one that is not here.
	Partial bool
	// Certificates caches parsed PEM; nil means one of the store's own.
	Certificates *pki.Cache
	// Cluster: the objects are as a cluster holds them. What something else fills in is filled in, and of Secrets and
	// ConfigMaps only what rules may see is kept.
	Cluster bool
	// Referrers: Snapshot.Referring is going to be asked.
	Referrers bool
}

// External declares objects that exist elsewhere; Namespace and Name are globs, and an empty Group matches any.
type External struct {
	Group, Kind, Namespace, Name string
	// Keys are those it is known to hold; none means unknown.
	Keys []string
	// By names the program that keeps it in every namespace; empty if it is declared.
	By string
}

// Store is an inventory that can change. Snapshots of it are immutable and cheap: what they share is copied only when
// it changes. Safe for concurrent use.
type Store struct {
	options Options
	seed    maphash.Seed

	mu         sync.Mutex
	generation uint64
	shards     []*shard
	// current is the last snapshot, as long as nothing has changed since.
	current *Snapshot
	// added is what Add took, for NewTree.
	added []*Entry
	// whole holds what SetComplete said; replaced, never changed, so that snapshots may share it.
	whole map[whole]bool
	// follow, if set, is told of every change.
	follow func(Change)
}

// whole is a kind in a namespace, or in all if that is "".
type whole struct{ groupKind, namespace string }

// DefaultCertificates bounds the certificate cache of a Store that is given none: 4,096 distinct PEM texts of a few
// kilobytes are about 16 MiB, far above what one cluster's edge refers to.
const DefaultCertificates = 4096

// New returns an empty store.
func New(options Options) *Store { return newStore(options, shardCount) }

func newStore(options Options, shards int) *Store {
	if options.Providers == nil {
		options.Providers = provider.NewSet(nil)
	}
	if options.Certificates == nil {
		options.Certificates = pki.NewCache(DefaultCertificates)
	}
	return &Store{options: options, seed: maphash.MakeSeed(), shards: make([]*shard, shards)}
}

// Put adds an object, or replaces the one with the same identity.
func (s *Store) Put(obj kube.Object) { s.PutEntry(s.Prepare(obj)) }

// Prepare makes the entry of an object, which is the costly part of a Put and needs no lock. With Cluster the entry
// holds nothing that was secret.
func (s *Store) Prepare(obj kube.Object) *Entry {
	entry := s.entry(obj)
	if s.options.Cluster && dataFields(obj.ID.Kind) != nil && obj.ID.Group == "" {
		entry.drop(s.options.Providers, s.options.Certificates)
	}
	if s.options.Cluster && len(s.shards) > overCount {
		entry.pack()
	}
	return entry
}

// PutEntry is Put of a prepared entry.
func (s *Store) PutEntry(entry *Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.remove(entry.ID)
	s.insert(entry)
	s.tell(old, entry)
}

// SetExternal replaces Options.External, for snapshots from now on.
func (s *Store) SetExternal(external []External) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.External, s.current = external, nil
}

// SetComplete says whether every object of a kind in a namespace ("": in all namespaces) is here, so that what is not here
// does not exist; who fills the store from a cluster says so once it has seen all, and takes it back when it no longer sees.
func (s *Store) SetComplete(groupKind, namespace string, complete bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole, s.current = maps.Clone(s.whole), nil
	if s.whole == nil {
		s.whole = map[whole]bool{}
	}
	changed := s.whole[whole{groupKind, namespace}] != complete
	s.whole[whole{groupKind, namespace}] = complete
	if changed && s.follow != nil {
		s.follow(Change{Keys: []Key{hashed(s.seed, completeKey(groupKind))}})
	}
}

// Add is Put for callers that read a set of objects once and keep copies of one identity side by side, as a tree of
// files does.
func (s *Store) Add(obj kube.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := s.entry(obj)
	s.added = append(s.added, entry)
	s.insert(entry)
}

func (s *Store) entry(obj kube.Object) *Entry {
	kept := obj
	if s.options.Cluster || !s.options.Providers.Mentions(obj) {
		// In a cluster nobody judges objects for what they mention, and what they hold may be secret.
		kept = s.options.Providers.Trim(obj)
	}
	entry := NewEntry(kept)
	entry.Root = s.options.Root
	if s.options.Cluster {
		entry.revision = revisionOf(obj)
		entry.ID.Namespace = unique.Make(entry.ID.Namespace).Value()
	}
	if dataFields(obj.ID.Kind) != nil && obj.ID.Group == "" && !s.options.Cluster {
		entry.Filled, entry.Certain, entry.OnlyCertain = s.options.Providers.Filled(obj)
	}
	return entry
}

func (s *Store) insert(entry *Entry) {
	for _, key := range s.keys(entry.Object()) {
		sh := s.writable(key)
		sh.entries[key] = append(sh.entries[key], entry)
	}
	for _, promise := range Promises(s.options.Providers, entry.Object()) {
		promise.Root, promise.Entry = entry.Root, entry
		for _, key := range promiseKeys(promise) {
			sh := s.writable(key)
			sh.promises[key] = append(sh.promises[key], promise)
		}
	}
}

// Delete removes the object with this identity, if there is one.
func (s *Store) Delete(id kube.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(s.remove(id), nil)
}

// remove takes an object out, and returns it, nil if it is not there.
func (s *Store) remove(id kube.ID) (old *Entry) {
	key := nameKey(id.GroupKind(), id.Name)
	for _, entry := range s.at(key).list(key) {
		if entry.ID == id {
			old = entry
		}
	}
	if old == nil {
		return nil
	}
	for _, key := range s.keys(old.Object()) {
		sh := s.writable(key)
		// A new list: snapshots hold the old one.
		sh.entries[key] = slices.DeleteFunc(slices.Clone(sh.entries[key]), func(e *Entry) bool { return e == old })
	}
	for _, promise := range Promises(s.options.Providers, old.Object()) {
		for _, key := range promiseKeys(promise) {
			sh := s.writable(key)
			sh.promises[key] = slices.DeleteFunc(slices.Clone(sh.promises[key]), func(p *Promise) bool { return p.By == id })
		}
	}
	return old
}

// Snapshot returns the store as it is now.
func (s *Store) Snapshot() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		s.generation++
		s.current = &Snapshot{options: s.options, seed: s.seed, shards: slices.Clone(s.shards), whole: s.whole}
	}
	return s.current
}

func (s *Store) slot(key indexKey) int { return slot(s.seed, key, len(s.shards)) }

func slot(seed maphash.Seed, key indexKey, shards int) int {
	if shards == 1 {
		return 0
	}
	return int(maphash.Comparable(seed, key) % uint64(shards)) //nolint:gosec // the length of a list
}

func (s *Store) at(key indexKey) *shard { return s.shards[s.slot(key)] }

// writable returns the shard of a key, copied first if a snapshot shares it.
func (s *Store) writable(key indexKey) *shard {
	s.current = nil
	i := s.slot(key)
	sh := s.shards[i]
	switch {
	case sh == nil:
		sh = &shard{entries: map[indexKey][]*Entry{}, promises: map[indexKey][]*Promise{}}
	case sh.generation == s.generation:
		return sh
	default:
		// Lists may keep sharing memory: a writer only appends past the length that a snapshot sees.
		sh = &shard{entries: maps.Clone(sh.entries), promises: maps.Clone(sh.promises)}
	}
	sh.generation = s.generation
	s.shards[i] = sh
	return sh
}

func (sh *shard) list(key indexKey) []*Entry {
	if sh == nil {
		return nil
	}
	return sh.entries[key]
}

func nameKey(groupKind, name string) indexKey { return indexKey{nameIndex, groupKind + "/" + name} }

func kindKey(groupKind, namespace string) indexKey {
	return indexKey{"kind", groupKind + "/" + namespace}
}

func peersKey(name, key string) indexKey { return indexKey{"peers", name + "/" + key} }

func promiseKeys(p *Promise) []indexKey {
	return []indexKey{nameKey(p.Made.GroupKind(), p.Made.Name), kindKey(p.Made.GroupKind(), p.Made.Namespace)}
}

// keys lists everything an object is found by.
func (s *Store) keys(obj kube.Object) []indexKey {
	groupKind := obj.ID.GroupKind()
	keys := []indexKey{nameKey(groupKind, obj.ID.Name), kindKey(groupKind, obj.ID.Namespace)}
	for _, controller := range s.options.Providers.Installs(obj) {
		keys = append(keys, kindKey(Installation(controller), ""))
	}
	for _, controller := range s.options.Providers.ShowsPods(obj) {
		keys = append(keys, kindKey(Pods(controller), ""))
	}
	if s.options.Referrers {
		keys = s.appendReferences(keys, obj)
	}
	for _, kind := range s.options.Providers.Kinds(groupKind) {
		for i := range kind.Peers {
			if kind.Peers[i].In != "" {
				continue
			}
			members := Memberships(&kind.Peers[i], obj)
			if len(members) == 1 {
				keys = append(keys, peersKey(kind.Peers[i].Name, members[0].Key))
				continue
			}
			seen := make(map[string]bool, len(members))
			for _, member := range members {
				if !seen[member.Key] {
					seen[member.Key] = true
					keys = append(keys, peersKey(kind.Peers[i].Name, member.Key))
				}
			}
		}
	}
	return keys
}

// Membership is a field by which an object belongs to a group of peers.
type Membership struct {
	Key  string
	Path kube.Path
}

// Memberships lists the groups an object belongs to under one index.
func Memberships(peers *provider.Peers, obj kube.Object) []Membership {
	var members []Membership
	for _, path := range peers.Paths {
		path.Each(obj.Fields, func(at kube.Path, value any) {
			if key, ok := membershipKey(peers, obj, value); ok {
				members = append(members, Membership{Key: key, Path: fieldOf(peers, at, value)})
			}
		})
	}
	return members
}

// fieldOf is the one field that makes a key, where there is one and it is set.
func fieldOf(peers *provider.Peers, at kube.Path, value any) kube.Path {
	fields, _ := value.(map[string]any)
	if len(peers.Key) != 1 {
		return at
	}
	peers.Key[0].Each(fields, func(p kube.Path, _ any) { at = slices.Concat(at, p) })
	return at
}

// hostKey makes a key of a host name, if the index takes such names.
func hostKey(names provider.HostNames, host, own string) (string, bool) {
	_, domain, _ := strings.Cut(host, ".")
	wildcard := strings.HasPrefix(host, "*.")
	switch names {
	case provider.HostWildcard:
		return host, wildcard
	case provider.HostParent:
		return "*." + domain, !wildcard && strings.Contains(domain, ".")
	case provider.HostService:
		if namespace, name, ok := provider.ServiceOf(host, own); ok {
			return namespace + "//Service/" + name, true
		}
		return strings.ToLower(host), true
	case provider.HostNamespace:
		namespace, _, ok := provider.ServiceOf(host, own)
		return namespace, ok
	case provider.HostBare:
		host = host[strings.LastIndex(host, "/")+1:]
		return host, host != ""
	default:
		return host, true
	}
}

func membershipKey(peers *provider.Peers, obj kube.Object, value any) (string, bool) {
	var parts []string
	fields, isMapping := value.(map[string]any)
	if peers.Namespaced {
		namespace := obj.ID.Namespace
		if s, ok := fields[peers.NamespaceField].(string); ok && s != "" {
			namespace = s
		}
		parts = append(parts, namespace)
	}
	if len(peers.Key) == 0 {
		s, ok := scalar(value)
		if !ok || s == "" {
			return "", false
		}
		if s, ok = hostKey(peers.Names, s, obj.ID.Namespace); !ok {
			return "", false
		}
		return strings.Join(append(parts, s), "/"), true
	}
	if !isMapping {
		return "", false
	}
	for i, path := range peers.Key {
		field, _ := path.First(fields)
		s, _ := scalar(field)
		if s == "" && i < len(peers.Defaults) {
			s = peers.Defaults[i]
		}
		if i < len(peers.Aliases) {
			if meant, ok := peers.Aliases[i][s]; ok {
				s = meant
			}
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "/"), true
}
