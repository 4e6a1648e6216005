package inventory

import (
	"hash/maphash"
	"maps"
	"reflect"
	"slices"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// Key stands for one thing that can be asked of a store: an object by its name, what a namespace holds of a kind, who shares a
// host, whether all of a kind is in sight. It is a hash, to be small: that two things have the same one costs a review too
// many, and never one too few.
type Key uint64

// Change is what has become of one object, or of what is complete.
type Change struct {
	// ID is the object; its Kind is empty where it is none.
	ID kube.ID
	// Entry is the object as it is now, nil where it is gone.
	Entry *Entry
	// Keys are those under which another answer may now be found than before.
	Keys []Key
}

// Follow has f told of every change from now on; nil ends that. It is called while the store is locked, so that it must be quick,
// must not ask the store, and is told of a change before any snapshot shows it.
func (s *Store) Follow(f func(Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.follow = f
}

// Indexes besides those of a store. An object is asked for by name in one namespace, and of a list sometimes only matters who is in it.
const (
	identityIndex = "identity"
	memberIndex   = "member of "
	completeIndex = "complete"
)

func identityKey(groupKind, namespace, name string) indexKey {
	return indexKey{identityIndex, groupKind + "/" + namespace + "/" + name}
}

func memberKey(key indexKey) indexKey { return indexKey{memberIndex + key.index, key.key} }

func completeKey(groupKind string) indexKey { return indexKey{completeIndex, groupKind} }

func hashed(seed maphash.Seed, key indexKey) Key { return Key(maphash.Comparable(seed, key)) }

// tell says what the change from one entry to another concerns; either may be nil.
func (s *Store) tell(before, now *Entry) {
	if s.follow == nil || before == nil && now == nil || before.same(now) {
		return
	}
	old, young := s.found(before), s.found(now)
	change := Change{Entry: now, Keys: make([]Key, 0, len(old)+len(young)+2)}
	if now != nil {
		change.ID = now.ID
	} else {
		change.ID = before.ID
	}
	for key := range old {
		change.Keys = append(change.Keys, hashed(s.seed, key))
		if !young[key] {
			change.Keys = append(change.Keys, hashed(s.seed, memberKey(key)))
		}
	}
	for key := range young {
		if !old[key] {
			change.Keys = append(change.Keys, hashed(s.seed, key), hashed(s.seed, memberKey(key)))
		}
	}
	s.follow(change)
}

// found is everything under which an entry, or what it has made, is found.
func (s *Store) found(entry *Entry) map[indexKey]bool {
	if entry == nil {
		return nil
	}
	id := entry.ID
	keys := map[indexKey]bool{identityKey(id.GroupKind(), id.Namespace, id.Name): true}
	for _, key := range s.keys(entry.Object()) {
		keys[key] = true
	}
	for _, promise := range Promises(s.options.Providers, entry.Object()) {
		for _, key := range promiseKeys(promise) {
			keys[key] = true
		}
		keys[identityKey(promise.Made.GroupKind(), promise.Made.Namespace, promise.Made.Name)] = true
	}
	return keys
}

// same reports whether an entry says what another one does. Lists are read anew after every loss of touch, and controllers write
// the status of what they act on, of which nothing is kept.
func (e *Entry) same(other *Entry) bool {
	if e == nil || other == nil {
		return false
	}
	if e.revision != 0 && e.revision == other.revision {
		return true
	}
	return !e.dropped && !other.dropped && reflect.DeepEqual(lasting(e.Object().Fields), lasting(other.Object().Fields))
}

// lasting is an object without what every write changes.
func lasting(fields map[string]any) map[string]any {
	metadata, ok := fields["metadata"].(map[string]any)
	if !ok {
		return fields
	}
	fields, metadata = maps.Clone(fields), maps.Clone(metadata)
	delete(metadata, "resourceVersion")
	delete(metadata, "generation")
	fields["metadata"] = metadata
	return fields
}

// revisions has each process number revisions in its own way: nobody can make two that are taken for one.
var revisions = maphash.MakeSeed()

// revisionOf identifies what an API server has stored; 0 for what comes from elsewhere.
func revisionOf(obj kube.Object) uint64 {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	uid, _ := metadata["uid"].(string)
	version, _ := metadata["resourceVersion"].(string)
	if uid == "" || version == "" {
		return 0
	}
	return maphash.Comparable(revisions, [2]string{uid, version})
}

// Trace is a snapshot that notes what it is asked. It is for one review: not safe for concurrent use.
type Trace struct {
	*Snapshot
	asked map[Key]struct{}
}

// Traced returns a trace of what is asked of the snapshot.
func (s *Snapshot) Traced() *Trace { return &Trace{s, make(map[Key]struct{}, 16)} }

// Asked lists, in order, the keys under which an answer was found, or was looked for.
func (t *Trace) Asked() []Key {
	return slices.Sorted(maps.Keys(t.asked))
}

func (t *Trace) note(keys ...indexKey) {
	for _, key := range keys {
		t.asked[hashed(t.seed, key)] = struct{}{}
	}
}

// Get implements Reader.
func (t *Trace) Get(ref Ref) Lookup { return t.get(ref, nil) }

func (t *Trace) get(ref Ref, hidden hides) Lookup {
	groupKind := ref.To.GroupKind()
	t.identity(ref, groupKind)
	t.namespaceOf(ref.To)
	found := t.Snapshot.get(ref, hidden)
	if found.Presence == Present || found.Presence == Promised {
		return found
	}
	t.note(completeKey(groupKind))
	if ref.Cluster {
		return found
	}
	// What was perhaps meant, and what else of the kind is here.
	t.note(memberKey(nameKey(groupKind, ref.To.Name)), memberKey(kindKey(groupKind, ref.To.Namespace)))
	if other := otherKind(ref.To.Kind); other != "" && ref.To.Group == "" {
		t.identity(ref, other)
	}
	return found
}

// identity notes that an object of the target's name was looked for.
func (t *Trace) identity(ref Ref, groupKind string) {
	if ref.Cluster || ref.To.Namespace == "" {
		t.note(nameKey(groupKind, ref.To.Name))
		return
	}
	// What names no namespace is in any, and so is what is made everywhere.
	t.note(identityKey(groupKind, ref.To.Namespace, ref.To.Name), identityKey(groupKind, "", ref.To.Name))
}

// namespaceOf notes a namespace where its labels decide whether something is made in it.
func (t *Trace) namespaceOf(made kube.ID) {
	if made.Namespace == "" {
		return
	}
	if slices.ContainsFunc(t.promises(nameKey(made.GroupKind(), made.Name)), func(p *Promise) bool { return p.Everywhere && p.In != nil }) {
		t.note(nameKey("Namespace", made.Namespace))
	}
}

// Kind implements Reader.
func (t *Trace) Kind(groupKind, namespace string, from kube.ID) []*Entry {
	t.note(kindKey(groupKind, namespace), kindKey(groupKind, ""))
	return t.Snapshot.Kind(groupKind, namespace, from)
}

// Makers implements Reader.
func (t *Trace) Makers(made kube.ID) []*Promise {
	t.note(nameKey(made.GroupKind(), made.Name))
	t.namespaceOf(made)
	return t.Snapshot.Makers(made)
}

// Sharing implements Reader.
func (t *Trace) Sharing(index, key string) []*Entry {
	t.note(peersKey(index, key))
	return t.Snapshot.Sharing(index, key)
}

// Complete implements Reader.
func (t *Trace) Complete(groupKind, namespace string) bool {
	t.note(completeKey(groupKind))
	return t.Snapshot.Complete(groupKind, namespace)
}

// Whole reports whether an object is kept with all that rules see of it: of Secrets, ConfigMaps and workloads that run a controller
// there is only what is asked of them on behalf of others.
func (s *Store) Whole(entry *Entry) bool { return entry.whole(s.options.Providers) }

// Whole is Store.Whole.
func (s *Snapshot) Whole(entry *Entry) bool { return entry.whole(s.options.Providers) }

func (e *Entry) whole(providers *provider.Set) bool {
	groupKind := e.ID.GroupKind()
	return !e.dropped && (providers.Reads(groupKind) || !providers.Workload(groupKind))
}
