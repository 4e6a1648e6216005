package inventory

import (
	"reflect"
	"slices"

	"github.com/tlsward/tlsward/kube"
)

// Tree is several roots side by side. What a reference does not find in its own root it may find in another, unless
// that root holds a copy of the referring object: then it is another environment (staging beside prod), and what only
// that environment has is not there.
type Tree struct {
	all   *Snapshot
	roots map[string]*Snapshot
}

// NewTree joins roots, which must have different Options.Root. It indexes them once, so that a reference costs the same
// however many roots there are.
func NewTree(roots []*Store) *Tree {
	t := &Tree{roots: make(map[string]*Snapshot, len(roots))}
	for _, root := range roots {
		t.roots[root.options.Root] = root.Snapshot()
	}
	if len(roots) <= 1 {
		return t // Nobody looks beyond the one.
	}
	options := roots[0].options
	options.Root, options.Complete, options.External = "", nil, nil
	all := New(options)
	for _, root := range roots {
		for _, entry := range root.added {
			all.insert(entry)
		}
	}
	t.all = all.Snapshot()
	return t
}

// Root is one root, seen with the others beside it.
func (t *Tree) Root(name string) Files {
	if len(t.roots) == 1 {
		return t.roots[name]
	}
	return view{Snapshot: t.roots[name], tree: t, name: name}
}

// view answers from its own root what it can; peers, which copies must never be, from there only.
type view struct {
	*Snapshot
	tree *Tree
	name string
}

// another reports whether a root is not the view's own and holds no copy of an object.
func (v view) another(root string, from kube.ID) bool {
	return root != v.name && !v.tree.roots[root].holds(from)
}

func (v view) Kind(groupKind, namespace string, from kube.ID) []*Entry {
	found := slices.Clip(v.Snapshot.Kind(groupKind, namespace, from))
	for _, entry := range v.tree.all.Kind(groupKind, namespace, from) {
		if v.another(entry.Root, from) {
			found = append(found, entry)
		}
	}
	return found
}

func (v view) Get(ref Ref) Lookup { return v.get(ref, nil) }

func (v view) get(ref Ref, hidden hides) Lookup {
	if found, ok := v.find(ref, hidden); ok {
		return found
	}
	missed := v.miss(ref)
	for _, entry := range v.tree.all.entries(nameKey(ref.To.GroupKind(), ref.To.Name)) {
		if !sameNamespace(ref, entry.ID.Namespace) || hidden.hide(entry.ID) {
			continue
		}
		missed.Near = append(missed.Near, Near{entry.ID, "only in " + entry.Root})
		if missed.Presence == Unknown {
			missed.Presence, missed.Evidence = Absent, EvidenceNear
		}
		break
	}
	return missed
}

func (v view) find(ref Ref, hidden hides) (Lookup, bool) {
	if found, ok := v.Snapshot.find(ref, hidden); ok {
		return found, true
	}
	key := nameKey(ref.To.GroupKind(), ref.To.Name)
	for _, entry := range v.tree.all.entries(key) {
		if sameNamespace(ref, entry.ID.Namespace) && !hidden.hide(entry.ID) && v.another(entry.Root, ref.From) {
			return Lookup{Presence: Present, Entry: entry, Root: entry.Root}, true
		}
	}
	for _, promise := range v.tree.all.promises(key) {
		if promise.By != ref.Without && v.another(promise.Root, ref.From) && !hidden.hide(promise.By) && v.tree.all.reaches(promise, ref) != no {
			return Lookup{Presence: Promised, Promise: promise, Root: promise.Root}, true
		}
	}
	return Lookup{}, false
}

func (s *Snapshot) holds(id kube.ID) bool {
	return slices.ContainsFunc(s.entries(nameKey(id.GroupKind(), id.Name)), func(e *Entry) bool { return e.ID == id })
}

// Overlay puts an object over its old self: an update must not conflict with what it replaces, nor rest on what the old
// object promised. Where the inventory holds the object as it is, it is returned unchanged.
func Overlay(base Reader, options Options, obj kube.Object) Reader {
	if base.Has(obj) {
		return base
	}
	o := over(base, options, Correction{Present: []kube.Object{obj}})
	o.correction = false
	return o
}

// Correction is what somebody looked up elsewhere since an inventory was filled.
type Correction struct {
	Present []kube.Object
	// Absent objects are certainly not there; of Unknown ones nothing can be said.
	Absent, Unknown []kube.ID
}

// Correct is an inventory as a correction tells it.
func Correct(base Reader, options Options, c Correction) Reader { return over(base, options, c) }

func over(base Reader, options Options, c Correction) overlay {
	options.Certificates, options.Cluster = base.Certificates(), base.Cluster()
	options.Complete, options.External = nil, nil
	store := newStore(options, overCount)
	o := overlay{Reader: base, correction: true, states: make(map[kube.ID]Presence, len(c.Present)+len(c.Absent)+len(c.Unknown))}
	for _, obj := range c.Present {
		store.insert(store.Prepare(obj))
		o.states[obj.ID] = Present
	}
	for _, id := range c.Absent {
		o.states[id] = Absent
	}
	for _, id := range c.Unknown {
		o.states[id] = Unknown
	}
	o.own = store.Snapshot()
	o.own.below = func(ref Ref) Lookup {
		return base.get(ref, func(id kube.ID) bool { _, ours := o.states[id]; return ours })
	}
	return o
}

// overlay shows its own objects in place of those of the same identity below it.
type overlay struct {
	Reader
	own    *Snapshot
	states map[kube.ID]Presence
	// correction: made by Correct.
	correction bool
}

func (o overlay) Get(ref Ref) Lookup { return o.get(ref, nil) }

func (o overlay) get(ref Ref, hidden hides) Lookup {
	found, ok := o.own.find(ref, hidden)
	state, told := o.states[ref.To]
	// Who makes the object under review is not asked.
	if ok && (found.External != nil || found.Entry != nil && !o.correction || told && state != Present) {
		return found
	}
	if !ok && told && state == Unknown {
		return Lookup{}
	}
	below := o.Reader.get(ref, func(id kube.ID) bool { _, ours := o.states[id]; return ours || hidden.hide(id) })
	if ok {
		return found.over(below)
	}
	switch {
	case below.Presence == Present || below.Presence == Promised:
	case told && state == Absent:
		below.Presence, below.Evidence = Absent, EvidenceComplete
	case below.Presence == Unknown:
		// What the object itself promises shows as much of what is kept here as what others promise.
		return o.own.miss(ref)
	}
	return below
}

// over joins what was found above with what is below: an object is there though it is only promised above, as the Secret of
// an Ingress that has a controller make it, and it is still made by what promises it below.
func (l Lookup) over(below Lookup) Lookup {
	if l.Entry == nil && below.Entry != nil {
		l, below = below, l
	}
	if l.Promise == nil {
		l.Promise = below.Promise
	}
	return l
}

func (o overlay) Kind(groupKind, namespace string, from kube.ID) []*Entry {
	return o.merge(o.Reader.Kind(groupKind, namespace, from), o.own.Kind(groupKind, namespace, from))
}

func (o overlay) Sharing(index, key string) []*Entry {
	return o.merge(o.Reader.Sharing(index, key), o.own.Sharing(index, key))
}

func (o overlay) Makers(made kube.ID) []*Promise {
	kept := slices.DeleteFunc(slices.Clone(o.Reader.Makers(made)), func(p *Promise) bool { _, ours := o.states[p.By]; return ours })
	return append(kept, o.own.Makers(made)...)
}

func (o overlay) Has(obj kube.Object) bool { return o.own.Has(obj) || o.Reader.Has(obj) }

func (o overlay) merge(base, own []*Entry) []*Entry {
	kept := make([]*Entry, 0, len(base)+len(own))
	for _, entry := range base {
		if _, ours := o.states[entry.ID]; !ours {
			kept = append(kept, entry)
		}
	}
	kept = append(kept, own...)
	slices.SortStableFunc(kept, func(a, b *Entry) int { return a.ID.Compare(b.ID) })
	return kept
}

func sameMap(a, b map[string]any) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}
