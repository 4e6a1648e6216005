package inventory

import (
	"cmp"
	"errors"
	"hash/maphash"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/agnivade/levenshtein"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
)

// ErrTooMany is what reading a list of the cluster's ends with where it is longer than asked for: a part of it answers nothing.
var ErrTooMany = errors.New("too many")

// Presence says whether an object exists. The zero value is Unknown: what nobody looked up is not absent.
type Presence int

// Unknown: not in sight, and nothing shows that it is missing. Absent: missing, with evidence. Promised: something in
// sight will create it. Present: it is there.
const (
	Unknown Presence = iota
	Absent
	Promised
	Present
)

func (p Presence) String() string { return [...]string{"unknown", "absent", "promised", "present"}[p] }

// Evidence says what an absence rests on: a file set seldom holds the whole cluster, so that an object which is not in
// it may well exist.
type Evidence string

// EvidenceComplete: the namespace is declared complete, or a synced cluster stands behind the inventory. EvidenceNear:
// the inventory holds something that was evidently meant. EvidenceSiblings: it keeps other objects of that kind in that
// namespace, or what creates them.
const (
	EvidenceNone     Evidence = ""
	EvidenceComplete Evidence = "complete"
	EvidenceNear     Evidence = "near-miss"
	EvidenceSiblings Evidence = "siblings"
)

// Ref asks for an object on behalf of another.
type Ref struct {
	To kube.ID
	// Cluster: the target has no namespace.
	Cluster bool
	// From is the referring object.
	From kube.ID
	// Without is an object whose promises do not count.
	Without kube.ID
}

// Installation is the kind under which Reader.Kind lists, whatever their namespace and kind, the workloads and ConfigMaps
// that show an installation of a controller.
func Installation(controller string) string { return "installation of " + controller }

// Pods is the kind under which Reader.Kind lists, whatever their namespace, what shows pods of a controller's proxies.
func Pods(controller string) string { return "pods of " + controller }

// Lookup is what an inventory knows of a reference's target.
type Lookup struct {
	Presence Presence
	Entry    *Entry    // with Present, unless External
	Promise  *Promise  // with Promised, and with Present where something keeps making it
	External *External // with Present, declared by config
	// Beyond, with Absent, would make it, but not in this namespace.
	Beyond   *Promise
	Evidence Evidence // with Absent
	Siblings int      // other objects of the kind in the namespace, and promises of them
	Near     []Near
	// Root is the root the target was found in, if that is not the own one.
	Root string
	// Behind: what was not found in files was looked for in the cluster behind them too.
	Behind bool
}

// Near is something that was perhaps meant.
type Near struct {
	ID  kube.ID
	Why string // completes "<object> is ..."
}

// Reader is an inventory that does not change while it is read.
type Reader interface {
	// Get resolves a reference.
	Get(ref Ref) Lookup
	// Kind lists the objects of a kind in a namespace, unset ones included, as seen by an object.
	Kind(groupKind, namespace string, from kube.ID) []*Entry
	// Makers lists what will have an object created, each once.
	Makers(made kube.ID) []*Promise
	// Sharing lists the objects with a key under a peers index.
	Sharing(index, key string) []*Entry
	// Has reports whether exactly this object, as read, is part of the inventory.
	Has(obj kube.Object) bool
	// Complete reports whether every object of a kind in a namespace is here.
	Complete(groupKind, namespace string) bool
	// Certificates is the cache to read PEM with.
	Certificates() *pki.Cache
	// get is Get as if hidden objects were not there.
	get(ref Ref, hidden hides) Lookup
	// Cluster reports whether the objects are as a cluster holds them.
	Cluster() bool
}

// hides tells objects that something stands over; nil hides none.
type hides func(kube.ID) bool

func (h hides) hide(id kube.ID) bool { return h != nil && h(id) }

// Snapshot is a store at one moment.
type Snapshot struct {
	options Options
	// below, if set, looks into what this one lies over: the namespaces of what is promised here may stand there.
	below  func(Ref) Lookup
	seed   maphash.Seed
	shards []*shard
	whole  map[whole]bool
	// sorted keeps the lists of peers in order of identity, once they were asked for.
	sorted sync.Map // indexKey to []*Entry
}

var _ Reader = (*Snapshot)(nil)

func (s *Snapshot) entries(key indexKey) []*Entry {
	return s.shards[slot(s.seed, key, len(s.shards))].list(key)
}

func (s *Snapshot) promises(key indexKey) []*Promise {
	if sh := s.shards[slot(s.seed, key, len(s.shards))]; sh != nil {
		return sh.promises[key]
	}
	return nil
}

// Certificates implements Reader.
func (s *Snapshot) Certificates() *pki.Cache { return s.options.Certificates }

// Sharing implements Reader, in order of identity: what a bounded list holds must not depend on who came first.
func (s *Snapshot) Sharing(index, key string) []*Entry {
	k := peersKey(index, key)
	entries := s.entries(k)
	if len(entries) < 2 {
		return entries
	}
	if list, ok := s.sorted.Load(k); ok {
		if kept, ok := list.([]*Entry); ok {
			return kept
		}
	}
	list := slices.Clone(entries)
	slices.SortStableFunc(list, func(a, b *Entry) int { return a.ID.Compare(b.ID) })
	s.sorted.Store(k, list)
	return list
}

// Has implements Reader.
func (s *Snapshot) Has(obj kube.Object) bool {
	return slices.ContainsFunc(s.entries(nameKey(obj.ID.GroupKind(), obj.ID.Name)), func(e *Entry) bool {
		return e.ID == obj.ID && e.holds(obj.Fields)
	})
}

// Complete implements Reader. Of a kind that nobody has heard of nothing is known, whatever else a namespace holds: a cluster has no
// list of it either.
func (s *Snapshot) Complete(groupKind, namespace string) bool {
	if s.whole[whole{groupKind, ""}] || s.whole[whole{groupKind, namespace}] {
		return true
	}
	declared := slices.ContainsFunc(s.options.Complete, func(glob string) bool { return matches(glob, namespace) })
	return declared && s.options.Providers.IsRelevant(groupKind)
}

// Kind implements Reader.
func (s *Snapshot) Kind(groupKind, namespace string, _ kube.ID) []*Entry {
	found := s.entries(kindKey(groupKind, namespace))
	if namespace == "" {
		return found
	}
	return append(slices.Clip(found), s.entries(kindKey(groupKind, ""))...)
}

// All lists the objects of some kinds, "Kind.group", in order of identity. It looks at everything there is: once, not for each object.
func (s *Snapshot) All(kinds map[string]bool) []*Entry {
	var list []*Entry
	for _, sh := range s.shards {
		if sh == nil {
			continue
		}
		for key, entries := range sh.entries {
			for _, entry := range entries {
				if id := entry.ID; kinds[id.GroupKind()] && key == nameKey(id.GroupKind(), id.Name) {
					list = append(list, entry)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b *Entry) int { return a.ID.Compare(b.ID) })
	return list
}

// Get implements Reader.
func (s *Snapshot) Get(ref Ref) Lookup { return s.get(ref, nil) }

// Cluster implements Reader.
func (s *Snapshot) Cluster() bool { return s.options.Cluster }

func (s *Snapshot) get(ref Ref, hidden hides) Lookup {
	if found, ok := s.find(ref, hidden); ok {
		return found
	}
	return s.miss(ref)
}

// find looks for the target, for what promises it and for a declaration of it, in this order.
func (s *Snapshot) find(ref Ref, hidden hides) (Lookup, bool) {
	key := nameKey(ref.To.GroupKind(), ref.To.Name)
	var found *Entry
	for _, entry := range s.entries(key) {
		if sameNamespace(ref, entry.ID.Namespace) && !hidden.hide(entry.ID) && (found == nil || entry.ID.Namespace == ref.To.Namespace) {
			found = entry
		}
	}
	if found != nil {
		return Lookup{Presence: Present, Entry: found, Promise: s.promise(ref, key, hidden)}, true
	}
	if promise := s.promise(ref, key, hidden); promise != nil {
		return Lookup{Presence: Promised, Promise: promise}, true
	}
	for i := range s.options.External {
		if external := &s.options.External[i]; external.matches(ref) {
			return Lookup{Presence: Present, External: external}, true
		}
	}
	if kept := s.kept(ref); kept != nil {
		return Lookup{Presence: Present, External: kept}, true
	}
	return Lookup{}, false
}

// promise finds what makes the target.
func (s *Snapshot) promise(ref Ref, key indexKey, hidden hides) *Promise {
	for _, promise := range s.promises(key) {
		if promise.By != ref.Without && !hidden.hide(promise.By) && s.reaches(promise, ref) != no {
			return promise
		}
	}
	return nil
}

// reaches says whether what a promise makes is what a reference leads to.
func (s *Snapshot) reaches(promise *Promise, ref Ref) truth {
	switch {
	case !promise.Everywhere && !sameNamespace(ref, promise.Made.Namespace):
		return no
	case !promise.Everywhere || promise.In == nil:
		return yes
	}
	entry := s.namespace(ref.To.Namespace)
	if entry == nil {
		return promise.In.takes(ref.To.Namespace, nil, false)
	}
	labels, _ := kube.Lookup(entry.Object().Fields, kube.Path{"metadata", "labels"})
	all, _ := labels.(map[string]any)
	return promise.In.takes(ref.To.Namespace, all, true)
}

func (s *Snapshot) namespace(name string) *Entry {
	for _, entry := range s.entries(nameKey("Namespace", name)) {
		return entry
	}
	if s.below == nil {
		return nil
	}
	return s.below(Ref{To: kube.ID{Kind: "Namespace", Name: name}, Cluster: true}).Entry
}

// beyond finds what makes the target in other namespaces, and certainly not in this one.
func (s *Snapshot) beyond(ref Ref) *Promise {
	for _, promise := range s.promises(nameKey(ref.To.GroupKind(), ref.To.Name)) {
		if promise.Everywhere && promise.By != ref.Without && s.reaches(promise, ref) == no {
			return promise
		}
	}
	return nil
}

// Makers implements Reader.
func (s *Snapshot) Makers(made kube.ID) []*Promise {
	var found []*Promise
	ref := Ref{To: made}
	for _, promise := range s.promises(nameKey(made.GroupKind(), made.Name)) {
		if s.reaches(promise, ref) == yes {
			found = append(found, promise)
		}
	}
	return found
}

// kept finds what a program keeps in every namespace.
func (s *Snapshot) kept(ref Ref) *External {
	for _, kept := range s.options.Providers.Kept() {
		if kept.Kind == ref.To.GroupKind() && kept.Name == ref.To.Name && (!kept.Perhaps || !s.options.Cluster) {
			return &External{Kind: kept.Kind, Namespace: "*", Name: kept.Name, Keys: kept.Keys, By: kept.By}
		}
	}
	return nil
}

func (x *External) matches(ref Ref) bool {
	return x.Kind == ref.To.Kind && (x.Group == "" || x.Group == ref.To.Group) && matches(x.Name, ref.To.Name) &&
		(ref.To.Namespace == "" || matches(x.Namespace, ref.To.Namespace))
}

func sameNamespace(ref Ref, namespace string) bool {
	return ref.Cluster || ref.To.Namespace == "" || namespace == "" || namespace == ref.To.Namespace
}

// miss looks for evidence that a target which was not found is indeed missing.
func (s *Snapshot) miss(ref Ref) Lookup {
	l := Lookup{Near: s.near(ref), Siblings: s.siblings(ref), Beyond: s.beyond(ref)}
	switch {
	case s.Complete(ref.To.GroupKind(), ref.To.Namespace):
		l.Presence, l.Evidence = Absent, EvidenceComplete
	case s.options.Cluster:
		// What a watch has not brought yet is no less there for what it has brought already.
	case l.Beyond != nil:
		l.Presence, l.Evidence = Absent, EvidenceNear
	case len(l.Near) > 0:
		l.Presence, l.Evidence = Absent, EvidenceNear
	case l.Siblings > 0:
		l.Presence, l.Evidence = Absent, EvidenceSiblings
	}
	return l
}

// siblings counts what shows that a namespace's objects of a kind are kept here. Objects promised everywhere show
// nothing of the kind, and neither does a class: classes usually live in another repository.
func (s *Snapshot) siblings(ref Ref) int {
	if ref.Cluster || s.options.Partial || (ref.To.Namespace == "" && !s.options.OneNamespace) {
		return 0
	}
	key := kindKey(ref.To.GroupKind(), ref.To.Namespace)
	count := len(s.entries(key))
	for _, promise := range s.promises(key) {
		if !promise.Everywhere && !promise.ByProduct {
			count++
		}
	}
	return count
}

const (
	// maxNear bounds the suggestions in a message: more than three are no help.
	maxNear = 3
	// maxCompared bounds the names compared for likeness: a namespace with more objects of a kind is machine-made.
	maxCompared = 2000
)

// near lists what was perhaps meant: the same name in another namespace or of the other kind that holds certificates,
// or a similar name.
func (s *Snapshot) near(ref Ref) []Near {
	if ref.Cluster {
		return nil
	}
	var near []Near
	// The same name in one other namespace was perhaps meant; in several it is just a common name.
	if elsewhere := s.entries(nameKey(ref.To.GroupKind(), ref.To.Name)); len(elsewhere) == 1 {
		near = append(near, Near{elsewhere[0].ID, "here"})
	}
	if other := otherKind(ref.To.Kind); other != "" && ref.To.Group == "" {
		entries := s.entries(nameKey(other, ref.To.Name))
		for _, entry := range entries[:min(len(entries), maxCompared)] {
			if sameNamespace(ref, entry.ID.Namespace) {
				near = append(near, Near{entry.ID, "here"})
				break
			}
		}
		for _, promise := range s.promises(nameKey(other, ref.To.Name)) {
			// A by-product of that name says nothing: a Secret for TLS is often called what everything else is called.
			if !promise.ByProduct && s.reaches(promise, ref) == yes {
				near = append(near, Near{promise.Made, "made for " + promise.By.String()})
				break
			}
		}
	}
	return nearest(ref, append(near, s.similar(ref)...))
}

// nearest orders suggestions, the likeliest first, and keeps a few.
func nearest(ref Ref, near []Near) []Near {
	slices.SortStableFunc(near, func(a, b Near) int {
		return cmp.Or(cmp.Compare(likeness(ref.To.Name, a.ID.Name), likeness(ref.To.Name, b.ID.Name)), a.ID.Compare(b.ID))
	})
	near = slices.CompactFunc(near, func(a, b Near) bool { return a.ID == b.ID })
	return near[:min(len(near), maxNear)]
}

func (s *Snapshot) similar(ref Ref) []Near {
	key := kindKey(ref.To.GroupKind(), ref.To.Namespace)
	var near []Near
	add := func(id kube.ID) {
		if likeness(ref.To.Name, id.Name) <= maxDistance {
			near = append(near, Near{id, "here"})
		}
	}
	entries, promises := s.entries(key), s.promises(key)
	for _, entry := range entries[:min(len(entries), maxCompared)] {
		add(entry.ID)
	}
	for _, promise := range promises[:min(len(promises), maxCompared)] {
		add(promise.Made)
	}
	return near
}

// maxDistance is the number of edits up to which a name is taken for a misspelling.
const maxDistance = 2

// likeness counts the edits between two names; names that differ only in separators or case, or by a further word, as
// client-ca and client-ca-v2, count as one edit. Names of fewer than five letters are alike only if equal.
func likeness(a, b string) int {
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	switch {
	case a == b:
		return 0
	case len(short) < 5:
		return maxDistance + 1
	case equalButSeparators(a, b) || strings.HasPrefix(long, short+"-") || strings.HasSuffix(long, "-"+short):
		return 1
	case len(long)-len(short) > maxDistance:
		return maxDistance + 1
	default:
		return levenshtein.ComputeDistance(a, b)
	}
}

// equalButSeparators compares letters and digits, in lower case. It allocates nothing: each missing reference is compared
// with every object of its kind and namespace.
func equalButSeparators(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && isSeparator(a[i]) {
			i++
		}
		for j < len(b) && isSeparator(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i]|0x20 != b[j]|0x20 {
			return false
		}
		i++
		j++
	}
}

func isSeparator(c byte) bool { return c == '-' || c == '_' || c == '.' }

func otherKind(kind string) string {
	switch kind {
	case "Secret":
		return "ConfigMap"
	case "ConfigMap":
		return "Secret"
	default:
		return ""
	}
}

// matches applies a glob; config has refused malformed ones.
func matches(glob, s string) bool {
	ok, _ := path.Match(glob, s)
	return ok
}
