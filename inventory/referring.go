package inventory

import (
	"slices"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

const (
	// referringIndex holds the objects that name another, as they write it.
	referringIndex = "referring"
	// crossingIndex holds, by namespace, those that name something in it from another one and need a grant for that.
	crossingIndex = "crossing"
)

const referenceGrant = "ReferenceGrant.gateway.networking.k8s.io"

// appendReferences adds to the keys of an object those of what it refers to, each once.
func (s *Store) appendReferences(keys []indexKey, obj kube.Object) []indexKey {
	first := len(keys)
	add := func(key indexKey) {
		if !slices.Contains(keys[first:], key) {
			keys = append(keys, key)
		}
	}
	for _, target := range s.options.Providers.Targets(obj) {
		add(referringKey(target.ID))
		if target.Reference.Namespace == provider.NamespaceGranted && target.ID.Namespace != obj.ID.Namespace {
			add(indexKey{crossingIndex, target.ID.Namespace})
		}
	}
	return keys
}

func referringKey(target kube.ID) indexKey {
	return indexKey{referringIndex, target.GroupKind() + "/" + target.Namespace + "/" + target.Name}
}

// Referring lists, in order of identity, the objects that name another one in a reference, each once; for a ReferenceGrant those
// that name something in its namespace from another one. Whether they are permitted to, and whether somebody acts on the
// reference, is not asked. It takes a store with Options.Referrers.
func (s *Snapshot) Referring(target kube.ID) []*Entry {
	if target.GroupKind() == referenceGrant {
		return inOrder(s.entries(indexKey{crossingIndex, target.Namespace}))
	}
	list := s.entries(referringKey(target))
	if target.Namespace != "" {
		// Where only the pods of a controller tell the namespace, a reference may lead into any.
		anywhere := target
		anywhere.Namespace = ""
		list = slices.Concat(list, s.entries(referringKey(anywhere)))
	}
	return inOrder(list)
}

func inOrder(entries []*Entry) []*Entry {
	list := slices.Clone(entries)
	slices.SortFunc(list, func(a, b *Entry) int { return a.ID.Compare(b.ID) })
	return slices.Compact(list)
}
