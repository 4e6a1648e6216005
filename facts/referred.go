package facts

import (
	"slices"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// Referred is one reference of an object.
type Referred struct {
	// Document is the reference as rules see it, but for certificates, which Entry holds.
	Document map[string]any
	// Entry is the target; nil where it is not in sight, or not to be seen from the object.
	Entry *inventory.Entry
	// Parent: the object is attached to its target, as a route to its Gateway, and what goes there reaches the object.
	Parent bool
}

// References lists what an object refers to, by role, however much that is; a Secret or ConfigMap with Self refers to each
// certificate that it holds. It is Gather for who takes stock rather than judges: there are no peers and no settings, and
// among the references are those to backends that no rule asks about.
func References(r Request, s Settings) []Referred {
	g := gathering{
		Request: r, Settings: s,
		kinds: s.Providers.Kinds(r.Object.ID.GroupKind()), stock: true,
	}
	return g.referred()
}

func (g *gathering) referred() []Referred {
	a := g.resolve(g.Object, 0)
	refs, _ := g.references(a)
	if g.Self {
		g.self(refs)
	}
	return g.listed(a, refs)
}

// told lists what a document's references lead to. Where there are more than a document holds, all are gathered anew.
func (g *gathering) told(a acting, refs map[string]any) []Referred {
	whole := len(g.truncated) == 0
	again := gathering{Request: g.Request, Settings: g.Settings, kinds: g.kinds, stock: true}
	list := again.listed(a, refs)
	if !whole {
		return again.referred()
	}
	return list
}

// listed makes a list of references, and adds those to backends.
func (g *gathering) listed(a acting, refs map[string]any) (list []Referred) {
	backends := map[string]any{}
	for _, kind := range g.kinds {
		g.each(a, kind, kind.Backends, func(reference *provider.Reference, at kube.Path, value any) {
			if target, ok := g.target(g.Object, reference, value); ok {
				add(backends, reference.Role, g.lead(a, reference, at, target))
			}
		})
	}
	roles := kube.SortedKeys(refs)
	for role := range backends {
		if _, also := refs[role]; !also {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	for _, role := range roles {
		parent := slices.ContainsFunc(g.kinds, func(k *provider.Kind) bool {
			return k.Acting != nil && slices.Contains(k.Acting.Parents, role)
		})
		for _, elements := range []any{refs[role], backends[role]} {
			documents, _ := elements.([]any)
			for _, element := range documents {
				document, _ := element.(map[string]any)
				entry, _ := document[entryField].(*inventory.Entry)
				delete(document, entryField)
				list = append(list, Referred{Document: document, Entry: entry, Parent: parent})
			}
		}
	}
	return list
}

// entryField is where a reference keeps its target until the list of them is made.
const entryField = " entry"
