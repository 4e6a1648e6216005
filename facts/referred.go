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

func (g *gathering) referred() (list []Referred) {
	a := g.resolve(g.Object, 0)
	refs, _ := g.references(a)
	for _, kind := range g.kinds {
		g.each(a, kind, kind.Backends, func(reference *provider.Reference, at kube.Path, value any) {
			if target, ok := g.target(g.Object, reference, value); ok {
				add(refs, reference.Role, g.lead(a, reference, at, target))
			}
		})
	}
	if g.Self {
		g.self(refs)
	}
	for _, role := range kube.SortedKeys(refs) {
		elements, _ := refs[role].([]any)
		parent := slices.ContainsFunc(g.kinds, func(k *provider.Kind) bool {
			return k.Acting != nil && slices.Contains(k.Acting.Parents, role)
		})
		for _, element := range elements {
			document, _ := element.(map[string]any)
			entry, _ := document[entryField].(*inventory.Entry)
			delete(document, entryField)
			list = append(list, Referred{Document: document, Entry: entry, Parent: parent})
		}
	}
	return list
}

// entryField is where a reference keeps its target until the list of them is made.
const entryField = " entry"
