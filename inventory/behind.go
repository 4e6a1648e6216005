package inventory

import (
	"maps"
	"slices"

	"github.com/tlsward/tlsward/kube"
)

// Files is the inventory of one root of a tree of files: a Snapshot, or what Tree.Root returns.
type Files interface {
	Reader
	find(ref Ref, hidden hides) (Lookup, bool)
	near(ref Ref) []Near
	// replaces reports whether an object of a cluster has a new version here, as seen by an object.
	replaces(live, from kube.ID) bool
	// own is replaces for the root alone.
	own(live kube.ID) bool
	// beside lists the objects of other roots with a key under a peers index.
	beside(index, key string) []*Entry
}

// Behind puts a cluster behind a root: what the files do not hold is as it is there, and an object of theirs takes the place
// of the live one of its identity. Nothing is copied, so that the number of roots costs nothing.
//
// What an object of files refers to exists if it is here or there, and is absent only where the cluster shows all objects
// of the kind: likeness and siblings are no evidence beside that. Peers of other roots, which are no peers among files, are
// peers if they are live: then they are no copies of anything.
func Behind(root Files, cluster *Snapshot) Reader { return behind{root, cluster} }

type behind struct {
	Files
	cluster *Snapshot
}

// Cluster implements Reader: what the files lack is as a cluster holds it.
func (b behind) Cluster() bool { return true }

func (b behind) Complete(groupKind, namespace string) bool {
	return b.cluster.Complete(groupKind, namespace)
}

func (b behind) Get(ref Ref) Lookup { return b.get(ref, nil) }

func (b behind) get(ref Ref, hidden hides) Lookup {
	above, ok := b.find(ref, hidden)
	if ok && above.Entry != nil && above.Promise != nil {
		return above
	}
	below, there := b.cluster.find(ref, func(id kube.ID) bool { return b.replaces(id, ref.From) || hidden.hide(id) })
	switch {
	case ok && above.Promise != nil && above.Entry == nil && !b.stays(above.Promise, ref.From):
		// What is there now will be made anew.
		return above
	case ok:
		return above.over(below)
	case there:
		return below
	}
	missed := Lookup{Behind: true, Near: b.nearBoth(ref)}
	if b.cluster.Complete(ref.To.GroupKind(), ref.To.Namespace) {
		missed.Presence, missed.Evidence, missed.Beyond = Absent, EvidenceComplete, b.cluster.beyond(ref)
	}
	return missed
}

// stays reports whether an object of files that has another one made is in the cluster already, and is not changed by them:
// only then does what was made there show what it will hold.
func (b behind) stays(p *Promise, from kube.ID) bool {
	here, _ := b.find(Ref{To: p.By, From: from}, nil)
	there, _ := b.cluster.find(Ref{To: p.By}, nil)
	return here.Entry != nil && there.Entry != nil && holdsAll(there.Entry.Object().Fields["spec"], here.Entry.Object().Fields["spec"])
}

// holdsAll reports whether a live value has everything that a file says; defaults may be there beside it.
func holdsAll(live, file any) bool {
	switch file := file.(type) {
	case map[string]any:
		values, ok := live.(map[string]any)
		for key, value := range file {
			if ok = ok && holdsAll(values[key], value); !ok {
				return false
			}
		}
		return ok
	case []any:
		values, ok := live.([]any)
		return ok && slices.EqualFunc(values, file, holdsAll)
	default:
		return live == file
	}
}

func (b behind) nearBoth(ref Ref) []Near {
	// Clipped: the list below may be shared.
	near := slices.Clip(b.near(ref))
	for _, n := range b.cluster.near(ref) {
		if !b.replaces(n.ID, ref.From) {
			near = append(near, Near{n.ID, "in the cluster"})
		}
	}
	return nearest(ref, near)
}

func (b behind) Makers(made kube.ID) []*Promise {
	here := slices.Clip(b.Files.Makers(made))
	for _, promise := range b.cluster.Makers(made) {
		if !b.replaces(promise.By, kube.ID{}) {
			here = append(here, promise)
		}
	}
	return here
}

func (b behind) Kind(groupKind, namespace string, from kube.ID) []*Entry {
	here, there := b.Files.Kind(groupKind, namespace, from), b.cluster.Kind(groupKind, namespace, from)
	if len(there) == 0 {
		return here
	}
	found := slices.Clone(here)
	for _, entry := range there {
		if !b.replaces(entry.ID, from) {
			found = append(found, entry)
		}
	}
	slices.SortStableFunc(found, func(a, b *Entry) int { return a.ID.Compare(b.ID) })
	return found
}

func (b behind) Sharing(index, key string) []*Entry {
	here, there := b.Files.Sharing(index, key), b.cluster.Sharing(index, key)
	if len(there) == 0 {
		return here
	}
	found := slices.Clone(here)
	for _, entry := range there {
		id := entry.ID
		switch {
		case !b.replaces(id, kube.ID{}):
			found = append(found, entry)
		case !b.own(id):
			// Another root holds what it will be. It is a peer if it still shares the key.
			others := b.beside(index, key)
			if i := slices.IndexFunc(others, func(e *Entry) bool { return mayBe(e.ID, id) }); i >= 0 {
				found = append(found, others[i])
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *Entry) int { return a.ID.Compare(b.ID) })
	return found
}

// mayBe reports whether an object of files will be a live one. Where the file names no namespace it may be any of its name.
func mayBe(file, live kube.ID) bool {
	if file.Namespace == "" {
		file.Namespace = live.Namespace
	}
	return file == live
}

func (s *Snapshot) own(live kube.ID) bool {
	return slices.ContainsFunc(s.entries(nameKey(live.GroupKind(), live.Name)), func(e *Entry) bool { return mayBe(e.ID, live) })
}

func (s *Snapshot) replaces(live, _ kube.ID) bool { return s.own(live) }

func (s *Snapshot) beside(string, string) []*Entry { return nil }

func (v view) replaces(live, from kube.ID) bool {
	if v.own(live) {
		return true
	}
	return slices.ContainsFunc(v.tree.all.entries(nameKey(live.GroupKind(), live.Name)), func(e *Entry) bool {
		return mayBe(e.ID, live) && v.another(e.Root, from)
	})
}

func (v view) beside(index, key string) []*Entry {
	return slices.DeleteFunc(slices.Clone(v.tree.all.Sharing(index, key)), func(e *Entry) bool { return e.Root == v.name })
}

// Dated is an object of files with the time of creation that the API server will show of it: that of the live object, which
// stays, or none. Who came first decides some conflicts, and what a file says of it counts for nothing. Where the file names
// no namespace, the oldest live object of its name counts: it may be meant, and then is not to lose against itself.
func (s *Snapshot) Dated(obj kube.Object) kube.Object {
	created := ""
	for _, entry := range s.entries(nameKey(obj.ID.GroupKind(), obj.ID.Name)) {
		if metadata, _ := entry.Object().Fields["metadata"].(map[string]any); mayBe(obj.ID, entry.ID) {
			if t, _ := metadata["creationTimestamp"].(string); t != "" && (created == "" || t < created) {
				created = t
			}
		}
	}
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	written, dated := metadata["creationTimestamp"]
	if created == "" && !dated || created != "" && written == created {
		return obj
	}
	metadata = maps.Clone(metadata)
	if created == "" {
		delete(metadata, "creationTimestamp")
	} else {
		if metadata == nil {
			metadata = map[string]any{}
		}
		metadata["creationTimestamp"] = created
	}
	obj.Fields = maps.Clone(obj.Fields)
	obj.Fields["metadata"] = metadata
	return obj
}
