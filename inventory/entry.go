package inventory

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unique"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/provider"
)

// Entry is one object of an inventory. Of a Secret or ConfigMap it shows key names and certificate facts, never values but
// those of controller settings.
type Entry struct {
	ID kube.ID
	// Root names the root the object was found in; "" where there is only one.
	Root string
	// Filled: something else fills in what a file shows empty, or shows of another time. Certain are the keys that it is sure to
	// fill in, and OnlyCertain says that it leaves no others.
	Filled      bool
	Certain     []string
	OnlyCertain bool
	// dropped: the values of a Secret or ConfigMap were let go, and keys, bundles and pair hold all that is known of them. hidden: there
	// were none to read: only the object's metadata was seen.
	dropped, hidden bool
	// keys are the keys that were dropped, joined: most of a cluster's Secrets have the same ones.
	keys unique.Handle[string]
	// revision identifies what an API server has stored; 0 elsewhere.
	revision uint64

	version string
	// fields are those of the object; nil where they are packed.
	fields map[string]any
	packed packed

	mu      sync.Mutex
	content *readings
}

// readings are what was read of the data of a Secret or ConfigMap; of other objects there are none.
type readings struct {
	bundles byKey[Content]
	revoked byKey[Revocation]
	named   byKey[Identifier]
	pair    func() pki.Pair
}

var nothingRead readings

// known is what was read so far, not to be written to.
func (e *Entry) known() *readings {
	if e.content == nil {
		return &nothingRead
	}
	return e.content
}

// noted is what was read so far, to be added to.
func (e *Entry) noted() *readings {
	if e.content == nil {
		e.content = &readings{}
	}
	return e.content
}

// byKey is what was read of the keys of an object, mostly of one.
type byKey[T any] []keyed[T]

type keyed[T any] struct {
	key string
	is  *T
}

func (b byKey[T]) get(key string) (is *T, known bool) {
	for _, k := range b {
		if k.key == key {
			return k.is, true
		}
	}
	return nil, false
}

func (b *byKey[T]) set(key string, is *T) { *b = append(*b, keyed[T]{key, is}) }

// NewEntry returns the entry of an object by itself, which no Store has read anything into.
func NewEntry(obj kube.Object) *Entry {
	return &Entry{ID: obj.ID, version: obj.Version, fields: obj.Fields}
}

// Object is the object as the inventory keeps it.
func (e *Entry) Object() kube.Object {
	fields := e.fields
	if fields == nil {
		fields = e.packed.fields()
	}
	return kube.Object{ID: e.ID, Version: e.version, Fields: fields}
}

// holds reports whether these are the entry's own fields, as read. What is packed is another map each time it is read.
func (e *Entry) holds(fields map[string]any) bool {
	own := e.Object().Fields
	return sameMap(own, fields) || e.fields == nil && reflect.DeepEqual(own, fields)
}

// pack keeps the fields in less memory.
func (e *Entry) pack() {
	if e.packed.pack(e.fields) {
		e.fields = nil
	}
}

// keySeparator stands in no key of a Secret or ConfigMap.
const keySeparator = "/"

// mostText bounds what is read of one Secret or ConfigMap in a cluster, all its keys together: what is known of small
// certificates takes some seven times their text, it is kept for as long as the object is there, and whoever may write one
// ConfigMap may write many. All public roots together are about 220 KiB.
const mostText = 256 << 10

// drop reads what any reference may ask for, and lets the values go: they are most of a cluster's bytes, and a private key
// is to be in memory no longer than the check of its pair takes. What is too large to be read is opaque: it is there, and
// nothing can be said of it.
func (e *Entry) drop(providers *provider.Set, cache *pki.Cache) {
	keys, _ := e.Keys()
	hidden := !hasData(e.Object())
	left := mostText
	for _, key := range providers.KeysRead() {
		if !slices.Contains(keys, key) {
			continue
		}
		size := e.size(key)
		if size > left {
			e.noted().bundles.set(key, &Content{Opaque: true})
			continue
		}
		left -= size
		e.Content(key, cache)
	}
	for _, key := range providers.RevocationRead() {
		if !slices.Contains(keys, key) {
			continue
		}
		if size := e.size(key); size <= left {
			left -= size
			e.Revocation(key, cache)
		} else {
			e.noted().revoked.set(key, &Revocation{Opaque: true})
		}
	}
	for _, key := range providers.IdentifiersRead() {
		if slices.Contains(keys, key) {
			e.Identifier(key)
		}
	}
	pair := pki.PairUnknown
	if e.size("tls.crt")+e.size("tls.key") <= mostText {
		pair = e.checkPair()
	}
	if pair != pki.PairUnknown {
		e.noted().pair = func() pki.Pair { return pair }
	}
	e.dropped, e.hidden, e.keys = true, hidden, unique.Make(strings.Join(keys, keySeparator))
	settings := e.settings(providers)
	annotations, _ := kube.Lookup(e.fields, kube.Path{"metadata", "annotations"})
	metadata, _ := e.fields["metadata"].(map[string]any)
	kept := make(map[string]any, 4)
	for _, name := range []string{"name", "namespace", "creationTimestamp", "labels"} {
		if value, ok := metadata[name]; ok {
			kept[name] = value
		}
	}
	if marks := marksOf(providers, annotations); marks != nil {
		kept["annotations"] = marks
	}
	fields := map[string]any{"metadata": kept}
	if text, ok := e.fields["type"].(string); ok {
		fields["type"] = text
	}
	if len(settings) > 0 {
		fields["data"] = settings
	}
	e.fields = fields
}

// marksOf returns the annotations by which something copies a Secret or ConfigMap.
func marksOf(providers *provider.Set, annotations any) (marks map[string]any) {
	all, _ := annotations.(map[string]any)
	if len(all) == 0 {
		return nil
	}
	for _, key := range providers.Marks() {
		value, ok := all[key].(string)
		if !ok {
			continue
		}
		if marks == nil {
			marks = map[string]any{}
		}
		marks[key] = value
	}
	return marks
}

// maxSetting bounds a value that is kept of a ConfigMap: the longest list of ciphers has some 2 KiB.
const maxSetting = 4 << 10

// settings returns what a ConfigMap says of controllers. Any may turn out to be the one that a controller reads, and few
// others have such keys.
func (e *Entry) settings(providers *provider.Set) map[string]any {
	data, _ := e.Object().Fields["data"].(map[string]any)
	if e.ID.Kind != "ConfigMap" || len(data) == 0 {
		return nil
	}
	var found map[string]any
	for _, key := range providers.SettingKeys() {
		value, ok := data[key].(string)
		if !ok || len(value) > maxSetting {
			continue
		}
		if found == nil {
			found = map[string]any{}
		}
		found[key] = value
	}
	return found
}

// Setting returns what a ConfigMap holds for a controller's setting, which is no secret. It reports set where there is such
// a key, and known where its value is in sight.
func (e *Entry) Setting(key string) (value string, set, known bool) {
	data, _ := e.Object().Fields["data"].(map[string]any)
	value, known = data[key].(string)
	if known {
		return value, true, !e.Filled && len(value) <= maxSetting
	}
	if _, set = data[key]; !set && e.dropped {
		keys, _ := e.Keys()
		set = slices.Contains(keys, key)
	}
	return "", set, !set && !e.Filled
}

// hasData reports whether an object is more than its metadata. A Secret without data is still read as one with type.
func hasData(obj kube.Object) bool {
	for _, name := range []string{"data", "stringData", "binaryData", "type", "immutable"} {
		if _, ok := obj.Fields[name]; ok {
			return true
		}
	}
	return obj.ID.Kind == "ConfigMap"
}

// Pair says whether tls.key of a Secret belongs to its tls.crt, where both are in sight. The key is checked and dropped.
func (e *Entry) Pair() pki.Pair {
	e.mu.Lock()
	check := e.known().pair
	if check == nil && !e.dropped {
		check = sync.OnceValue(e.checkPair)
		e.noted().pair = check
	}
	e.mu.Unlock()
	if check == nil {
		return pki.PairUnknown
	}
	return check()
}

func (e *Entry) checkPair() pki.Pair {
	certificate, known := e.text("tls.crt")
	key, alsoKnown := e.text("tls.key")
	if !known || !alsoKnown {
		return pki.PairUnknown
	}
	return pki.CheckPair([]byte(certificate), []byte(key))
}

// Slim returns what an inventory needs of an object: all of it where a provider says what to read in it, else its
// metadata and data, or the fields that rules see of it. Services, Secrets and ConfigMaps are most of what is kept, and only
// referred to.
func Slim(providers *provider.Set, obj kube.Object) kube.Object {
	groupKind := obj.ID.GroupKind()
	if providers.Reads(groupKind) || providers.Mentions(obj) {
		return obj
	}
	if providers.Workload(groupKind) || providers.Shows(groupKind) {
		return providers.Trim(obj)
	}
	kept := make(map[string]any, 6)
	for _, key := range []string{"apiVersion", "kind", "type", "metadata", "data", "stringData", "binaryData"} {
		if value, ok := obj.Fields[key]; ok {
			kept[key] = value
		}
	}
	obj.Fields = kept
	return obj
}

// Content is what a key of a Secret or ConfigMap holds.
type Content struct {
	// Opaque: encrypted, or a placeholder that something else fills in; nothing can be said of it.
	Opaque bool
	// Empty: nothing, or nothing but white space. The latter is a text to those who read it, and has a Bundle.
	Empty  bool
	Bundle *pki.Bundle
}

// Revocation is what a key of a Secret or ConfigMap holds where revocation lists belong.
type Revocation struct {
	// Opaque: as Content's. CRLs is nil then, and where there is no text at all.
	Opaque bool
	CRLs   *pki.CRLs
}

// Type is a Secret's type; "" where it is not in sight.
func (e *Entry) Type() string {
	text, _ := e.Object().Fields["type"].(string)
	if text == "" && e.ID.Kind == "Secret" && !e.hidden {
		return "Opaque" // as the API server fills it in
	}
	return text
}

// Keys lists the entry's data keys in order; open means that there may be others.
func (e *Entry) Keys() (keys []string, open bool) {
	if e.dropped {
		if joined := e.keys.Value(); joined != "" {
			keys = strings.Split(joined, keySeparator)
		}
		return keys, e.Filled || e.hidden
	}
	if e.OnlyCertain {
		return e.Certain, false
	}
	keys = slices.Clone(e.Certain)
	fields := e.Object().Fields
	for _, name := range dataFields(e.ID.Kind) {
		if m, ok := fields[name].(map[string]any); ok {
			keys = append(keys, kube.SortedKeys(m)...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), e.Filled
}

// Content reads a key as PEM. The result is kept with the entry, so that many references cost one reading.
func (e *Entry) Content(key string, cache *pki.Cache) *Content {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c, ok := e.known().bundles.get(key); ok {
		return c
	}
	c := e.read(key, cache)
	e.noted().bundles.set(key, c)
	return c
}

func (e *Entry) read(key string, cache *pki.Cache) *Content {
	if _, _, ok := e.value(key); !ok {
		return nil
	}
	text, known := e.text(key)
	switch {
	case !known:
		return &Content{Opaque: true}
	case text == "":
		return &Content{Empty: true}
	case strings.TrimSpace(text) == "":
		return &Content{Empty: true, Bundle: cache.Parse([]byte(text))}
	default:
		return &Content{Bundle: cache.Parse([]byte(text))}
	}
}

// Revocation reads a key as revocation lists; nil where the key is not there. The result is kept with the entry.
func (e *Entry) Revocation(key string, cache *pki.Cache) *Revocation {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r, ok := e.known().revoked.get(key); ok {
		return r
	}
	if _, _, ok := e.value(key); !ok {
		return nil
	}
	r := &Revocation{}
	if text, known := e.text(key); !known {
		r.Opaque = true
	} else if text != "" {
		r.CRLs = cache.ParseCRL([]byte(text))
	}
	e.noted().revoked.set(key, r)
	return r
}

// Identifier is what a key of a Secret or ConfigMap holds that names it to a controller.
type Identifier struct {
	// Opaque: encrypted, or a placeholder that something else fills in.
	Opaque bool
	// UUID: it is written as RFC 4122 says, with nothing around it.
	UUID bool
	// Hash is the SHA-256 of what it holds, in hex: equal for equal ones. Empty where it is not in sight.
	Hash string
}

// Identifier reads a key as an identifier; nil where the key is not there. What it holds is not kept.
func (e *Entry) Identifier(key string) *Identifier {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i, ok := e.known().named.get(key); ok {
		return i
	}
	if _, _, ok := e.value(key); !ok {
		return nil
	}
	i := &Identifier{}
	if text, known := e.text(key); !known {
		i.Opaque = true
	} else {
		i.UUID = uuid.MatchString(text)
		i.Hash = fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	}
	e.noted().named.set(key, i)
	return i
}

var uuid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z`)

// text returns what a key holds, decoded; known is false where the key is not there or something else fills it in.
func (e *Entry) text(key string) (text string, known bool) {
	text, encoded, ok := e.value(key)
	if !ok || e.Filled || pki.Opaque(text) {
		return "", false
	}
	if encoded {
		decoded, err := base64.StdEncoding.DecodeString(stripSpace(text))
		if err != nil {
			// The API server refuses such a Secret, and manifests/wrong-type says so; of its content nothing is known.
			return "", false
		}
		text = string(decoded)
	}
	return text, !pki.Opaque(text)
}

// value finds a key's text and whether it is base64.
func (e *Entry) value(key string) (text string, encoded, ok bool) {
	for _, name := range dataFields(e.ID.Kind) {
		m, _ := e.Object().Fields[name].(map[string]any)
		value, found := m[key]
		if !found {
			continue
		}
		s, _ := value.(string)
		return s, name == "binaryData" || (name == "data" && e.ID.Kind == "Secret"), true
	}
	return "", false, false
}

// size is how long a key's text is once decoded, or a little more.
func (e *Entry) size(key string) int {
	text, encoded, _ := e.value(key)
	if encoded {
		return base64.StdEncoding.DecodedLen(len(text))
	}
	return len(text)
}

// dataFields lists the fields that hold a kind's data, the one that wins first. stringData is there for objects that did
// not pass through schema.Stored.
func dataFields(kind string) []string {
	switch kind {
	case "Secret":
		return []string{"stringData", "data"}
	case "ConfigMap":
		return []string{"data", "binaryData"}
	default:
		return nil
	}
}

// stripSpace drops line breaks and blanks, which YAML block scalars bring and Go's decoder of the API server ignores
// only in part.
func stripSpace(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}
