package facts

import (
	"fmt"
	"slices"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// making is what a promise comes to, together with who signs what is made.
type making struct {
	by *inventory.Entry
	id kube.ID
	// keys are certain, maybe are not.
	keys, maybe []string
	// chain names what has it made, and who signs: "Certificate shop/web, which ClusterIssuer letsencrypt (ACME) signs".
	chain  string
	signer map[string]any
}

// making follows a promise to the object that it comes from, and to who signs for that.
func (g *gathering) making(p *inventory.Promise) making {
	if p == nil {
		return making{}
	}
	m := making{id: p.By, keys: p.Keys, maybe: p.Maybe, chain: g.label(p.By)}
	m.by = g.Inventory.Get(inventory.Ref{To: p.By, Cluster: p.By.Namespace == "" && g.Providers.Cluster(p.By.GroupKind()), From: g.Object.ID}).Entry
	if p.By.Name == "" {
		m.by = p.Entry
	}
	if m.by == nil || p.Signer == nil {
		return m
	}
	id, r, ok := g.signerOf(p.Signer.Role, m.by.Object())
	if !ok {
		return m
	}
	found := g.Inventory.Get(inventory.Ref{To: id, Cluster: r.Namespace == provider.NamespaceNone || g.Providers.Cluster(id.GroupKind()), From: g.Object.ID})
	name := g.label(id)
	signer := map[string]any{
		"label": name, "title": "", "group": id.Group, "kind": id.Kind, "namespace": id.Namespace, "name": id.Name,
		"presence": found.Presence.String(),
	}
	if found.Entry != nil {
		if signed := p.Signer.Of(found.Entry.Object()); signed != nil {
			m.keys = slices.Concat(p.Keys, signed.Keys)
			slices.Sort(m.keys)
			m.maybe = slices.DeleteFunc(slices.Clone(p.Maybe), func(key string) bool {
				return slices.Contains(signed.Keys, key) || slices.Contains(signed.Never, key)
			})
			signer["title"] = signed.Title
			name += " (" + signed.Title + ")"
		}
	}
	if g.hidden(p.By) || g.hidden(id) {
		return m
	}
	m.signer = signer
	m.chain = fmt.Sprintf("%s, which %s signs", m.chain, name)
	return m
}

// signerOf reads who signs what an object has made: the first reference of a role that names somebody.
func (g *gathering) signerOf(role string, by kube.Object) (id kube.ID, r *provider.Reference, ok bool) {
	for _, kind := range g.Providers.Kinds(by.ID.GroupKind()) {
		for i := range kind.References {
			reference := &kind.References[i]
			if reference.Role != role || ok {
				continue
			}
			if value, set := reference.Path.First(by.Fields); set {
				if target, named := g.target(by, reference, value); named {
					id, r, ok = target, reference, true
				}
			}
		}
	}
	return id, r, ok
}

// producer describes the object for which a controller makes a target. Of one that the reader must not know there is no more
// than that it is there, and its kind: what will be made again is no reason to refuse anything.
func (g *gathering) producer(m making) map[string]any {
	if g.hidden(m.id) {
		return map[string]any{"label": g.label(m.id), "chain": g.label(m.id), "group": m.id.Group, "kind": m.id.Kind, "namespace": "", "name": ""}
	}
	doc := map[string]any{
		"label": m.id.String(), "chain": m.chain, "group": m.id.Group, "kind": m.id.Kind, "namespace": m.id.Namespace, "name": m.id.Name,
	}
	if m.by != nil {
		doc["object"] = visible(m.by.Object())
	}
	if m.signer != nil {
		doc["signer"] = m.signer
	}
	return doc
}

// makes lists what the object has controllers make, and what else makes the same.
func (g *gathering) makes() []any {
	var list []any
	for _, promise := range inventory.Promises(g.Providers, g.Object) {
		if promise.Everywhere {
			continue
		}
		if len(list) == maxList {
			g.truncated = append(g.truncated, "makes")
			break
		}
		others := []any{}
		for _, other := range g.Inventory.Makers(promise.Made) {
			if other.By == g.Object.ID || len(others) == maxList {
				continue
			}
			doc := map[string]any{
				"label": g.label(other.By), "group": other.By.Group, "kind": other.By.Kind, "namespace": other.By.Namespace, "name": other.By.Name,
				"path": pathDocument(other.Path),
			}
			if found := g.Inventory.Get(inventory.Ref{To: other.By, From: g.Object.ID}); found.Entry != nil && !g.hidden(other.By) {
				doc["object"] = visible(found.Entry.Object())
			}
			others = append(others, doc)
		}
		made := map[string]any{
			"path": pathDocument(promise.Path), "label": promise.Made.String(), "group": promise.Made.Group, "kind": promise.Made.Kind,
			"namespace": promise.Made.Namespace, "name": promise.Made.Name, "others": others,
		}
		list = append(list, made)
	}
	return list
}
