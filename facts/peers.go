package facts

import (
	"cmp"
	"iter"
	"slices"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// peers gathers, by index, the objects that share something with this one.
func (g *gathering) peers(a acting) map[string]any {
	peers := map[string]any{}
	for _, kind := range g.kinds {
		for i := range kind.Peers {
			index := &kind.Peers[i]
			if index.Hidden {
				continue
			}
			joins := g.joins(index)
			for _, member := range inventory.Memberships(index, g.Object) {
				g.sharing(peers, index, member, a, joins(member.Key))
			}
		}
	}
	return peers
}

// joins tells the keys by which an update brings an object among others.
func (g *gathering) joins(index *provider.Peers) func(key string) bool {
	if g.Old == nil {
		return func(string) bool { return false }
	}
	before := map[string]bool{}
	for _, member := range inventory.Memberships(index, *g.Old) {
		before[member.Key] = true
	}
	return func(key string) bool { return !before[key] }
}

func (g *gathering) sharing(peers map[string]any, index *provider.Peers, member inventory.Membership, a acting, joins bool) {
	in := cmp.Or(index.In, index.Name)
	for other := range g.foreignFirst(g.Inventory.Sharing(in, member.Key)) {
		// A copy of the object is no peer of it; nor is one that another class, and so another proxy, serves.
		if other.ID == g.Object.ID || g.otherClass(a, other.Object()) {
			continue
		}
		if !g.room(peers, index.Name) {
			return
		}
		seniority := age(g.Object, other.Object())
		if joins {
			// By its time of creation the object might win over them, and they would be cut off unasked.
			seniority = "older"
		}
		add(peers, index.Name, map[string]any{
			"key": member.Key, "path": pathDocument(member.Path),
			"label": g.label(other.ID), "group": other.ID.Group, "kind": other.ID.Kind,
			"namespace": other.ID.Namespace, "name": other.ID.Name,
			"their_path": pathDocument(g.theirPath(in, member.Key, other.Object())),
			"object":     visible(other.Object()), "age": seniority,
		})
	}
}

// foreignFirst goes through more peers than a document holds in another order: whoever would hide somebody else's among a crowd of their own
// does not push them out of it. Sorting them for each of the crowd would take most of the time of a host with thousands.
func (g *gathering) foreignFirst(entries []*inventory.Entry) iter.Seq[*inventory.Entry] {
	if len(entries) <= maxList {
		return slices.Values(entries)
	}
	return func(yield func(*inventory.Entry) bool) {
		for _, foreign := range []bool{true, false} {
			for _, e := range entries {
				if (e.ID.Namespace != g.Object.ID.Namespace) == foreign && !yield(e) {
					return
				}
			}
		}
	}
}

func (g *gathering) otherClass(a acting, other kube.Object) bool { return g.apart(a, other) }

func (g *gathering) theirPath(index, key string, other kube.Object) kube.Path {
	for _, kind := range g.Providers.Kinds(other.ID.GroupKind()) {
		for i := range kind.Peers {
			if kind.Peers[i].Name != index {
				continue
			}
			for _, member := range inventory.Memberships(&kind.Peers[i], other) {
				if member.Key == key {
					return member.Path
				}
			}
		}
	}
	return nil
}

// age says whether a peer is older or newer than the object, where one of them comes from a cluster: what has no time of
// creation there is only being created. Files cannot tell.
func age(own, other kube.Object) string {
	mine, theirs := created(own), created(other)
	switch {
	case mine == theirs:
		return "unknown"
	case mine == "":
		return "older"
	case theirs == "":
		return "newer"
	case theirs < mine:
		return "older"
	default:
		return "newer"
	}
}

// created returns metadata.creationTimestamp: RFC 3339 in UTC to the second, so that strings compare as instants.
func created(obj kube.Object) string {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	s, _ := metadata["creationTimestamp"].(string)
	return s
}
