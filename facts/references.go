package facts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/provider"
)

// references gathers, by role, what the object refers to.
func (g *gathering) references(a acting) (refs, malformed map[string]any) {
	refs, malformed = map[string]any{}, map[string]any{}
	one := func(reference *provider.Reference, at kube.Path, value any) {
		target, ok := g.target(g.Object, reference, value)
		if ok && len(reference.Names) > 0 && !slices.Contains(reference.Names, target.Name) {
			return
		}
		if ok && g.room(refs, reference.Role) {
			add(refs, reference.Role, g.lead(a, reference, at, target))
		}
		if (!ok && reference.Form != provider.FormHost || padded(reference, value)) && g.room(malformed, reference.Role) {
			add(malformed, reference.Role, map[string]any{
				"path": pathDocument(at), "title": reference.Title, "want": string(reference.Form), "text": text(value),
				"in_force": reference.InForce(g.Object),
			})
		}
	}
	for _, kind := range g.kinds {
		g.each(a, kind, kind.References, one)
	}
	return refs, malformed
}

// each calls one for every name in the fields of some references of a kind.
func (g *gathering) each(a acting, kind *provider.Kind, references []provider.Reference, one func(*provider.Reference, kube.Path, any)) {
	if len(kind.Controllers) > 0 && !a.any(kind.Controllers) {
		return
	}
	for i := range references {
		reference := &references[i]
		reference.Each(g.Object, func(at kube.Path, value any) { one(reference, at, value) })
	}
}

// target reads a reference field.
func (g *gathering) target(obj kube.Object, r *provider.Reference, value any) (kube.ID, bool) {
	return g.Providers.Target(obj, r, value)
}

// padded reports whether spaces stand around namespace/name, which are then left out.
func padded(r *provider.Reference, value any) bool {
	s, _ := value.(string)
	return r.Form == provider.FormNamespacedName && s != strings.Trim(s, " ")
}

// outline is what the object itself says of a reference.
func (g *gathering) outline(r *provider.Reference, at kube.Path, target kube.ID) map[string]any {
	doc := make(map[string]any, usualReference)
	doc["path"], doc["role"], doc["title"], doc["use"], doc["optional"] = pathDocument(at), r.Role, r.Title, string(r.Use), r.Optional
	doc["group"], doc["kind"], doc["namespace"], doc["name"] = target.Group, target.Kind, target.Namespace, target.Name
	doc["key"], doc["label"], doc["in_force"] = r.Key, target.String(), r.InForce(g.Object)
	if r.Usage != "" {
		doc["usage"] = r.Usage
	}
	return doc
}

// unlooked makes a reference one of which nothing is told.
func unlooked(doc map[string]any, granted grant, state string) map[string]any {
	doc["grant"], doc["presence"], doc["state"] = string(granted), inventory.Unknown.String(), state
	doc["evidence"], doc["near"], doc["key_presence"] = "", []any{}, inventory.Unknown.String()
	return doc
}

func (g *gathering) reference(a acting, r *provider.Reference, at kube.Path, target kube.ID) map[string]any {
	doc := g.outline(r, at, target)
	granted, state := grantNotNeeded, ""
	switch {
	case r.Namespace == provider.NamespaceGranted:
		granted, state = g.granted(target)
	case r.Crossing != (provider.Crossing{}):
		if !unfilled(target.Namespace + target.Name + g.Object.ID.Namespace) {
			granted, state = g.crosses(a, r, target)
		}
		doc["crossing"] = r.Crossing.Controller + "/" + r.Crossing.Setting
	}
	doc["grant"] = string(granted)
	if granted != grantNotNeeded && granted != grantGiven {
		// Whether an object of another team's namespace exists is not told to those who were not let in: a rule that
		// could say "missing" here would answer questions about foreign Secrets.
		return unlooked(doc, granted, state)
	}
	to := inventory.Ref{To: target, Cluster: r.Namespace == provider.NamespaceNone || g.Providers.Cluster(target.GroupKind()), From: g.Object.ID}
	found := g.Inventory.Get(to)
	if found.Presence == inventory.Absent && unfilled(target.Namespace+target.Name) {
		found = inventory.Lookup{}
	}
	made := g.making(found.Promise)
	if found.Presence == inventory.Promised && found.Promise.By == g.Object.ID && r.Key != "" && !slices.Contains(made.keys, r.Key) {
		doc["self_promised"] = true
		if g.Sure {
			to.Without = g.Object.ID
			found = g.Inventory.Get(to)
			made = g.making(found.Promise)
		}
	}
	doc["presence"], doc["evidence"] = found.Presence.String(), string(found.Evidence)
	doc["state"] = g.state(target, found, made)
	if g.Sure && doc["self_promised"] == true && found.Presence == inventory.Absent {
		doc["state"] = fmt.Sprintf("does not exist yet, and who makes it for this %s need not put %s into it", g.Object.ID.Kind, r.Key)
	}
	near := make([]any, 0, len(found.Near))
	for _, n := range found.Near {
		if g.hidden(n.ID) {
			continue
		}
		near = append(near, map[string]any{"label": n.ID.String(), "why": n.Why})
	}
	doc["near"] = near
	if found.Promise != nil {
		doc["producer"] = g.producer(made)
	}
	if found.Entry != nil && len(r.Shows) > 0 && !g.hidden(target) {
		doc["object"] = r.Shown(found.Entry.Object())
	}
	if g.over(r, found) {
		// Revocation lists of that shape stand under another key too.
		other := *r
		other.Key, other.Also, other.Before, other.Revocation = r.Over[0], nil, "", ""
		r = &other
		doc["key"] = r.Key
	}
	g.keys(doc, r, found, made)
	if (granted == grantGiven && r.Namespace != provider.NamespaceGranted || r.Namespace == provider.NamespacePods) && g.hidden(target) {
		// A setting lets everybody in, or a proxy shows to all what it reads, and not the owner of the target: its further keys are
		// nobody's business.
		doc["keys"] = slices.DeleteFunc(doc["keys"].([]any), func(key any) bool {
			name, _ := key.(string)
			return name != "tls.key" && !slices.Contains(g.Providers.KeysRead(), name) && !slices.Contains(r.Over, name)
		})
	}
	return doc
}

// state completes "<label> ..." with what is known of a target.
func (g *gathering) state(target kube.ID, l inventory.Lookup, made making) string {
	switch l.Presence {
	case inventory.Present:
		switch {
		case l.External != nil && l.External.By != "":
			return "is kept in every namespace by " + l.External.By
		case l.External != nil:
			return "is declared external"
		case l.Root != "":
			return "exists in " + l.Root
		}
		return "exists"
	case inventory.Promised:
		return "will be created for " + made.chain
	case inventory.Absent:
		switch {
		case l.Beyond != nil:
			return fmt.Sprintf("is not made in namespace %s: %s makes it only in namespaces %s", target.Namespace, g.label(l.Beyond.By), l.Beyond.In)
		case l.Behind:
			return "is neither in this tree nor in the cluster"
		case l.Evidence == inventory.EvidenceComplete:
			return "does not exist"
		}
		return "is not in " + g.Scope + " and nothing here creates it" + grounds(target, l)
	default:
		if unfilled(target.Namespace + target.Name) {
			return "is written with a variable that something fills in later"
		}
		if l.Behind {
			return "is not in this tree, and what the cluster shows does not tell whether it exists"
		}
		return "is not in " + g.Scope + ", and nothing here tells whether it exists"
	}
}

// unfilled is provider.Unfilled.
func unfilled(text string) bool { return provider.Unfilled(text) }

// grounds adds to an absence what it rests on, where that is not plain.
func grounds(target kube.ID, l inventory.Lookup) string {
	switch {
	case l.Evidence == inventory.EvidenceNear && len(l.Near) > 0 && l.Near[0].ID == target:
		return fmt.Sprintf(": it is %s, another environment", l.Near[0].Why)
	case l.Evidence == inventory.EvidenceNear && len(l.Near) > 0:
		return fmt.Sprintf(", though %s is %s", l.Near[0].ID, l.Near[0].Why)
	case l.Evidence == inventory.EvidenceSiblings && target.Namespace != "":
		return fmt.Sprintf("; it is taken to be missing, as other %ss of namespace %s are kept here", target.Kind, target.Namespace)
	case l.Evidence == inventory.EvidenceSiblings:
		return fmt.Sprintf("; it is taken to be missing, as other %ss without a namespace are kept here", target.Kind)
	default:
		return ""
	}
}

// keys adds what is known of the target's keys, and of the certificates in the one that is read.
func (g *gathering) keys(doc map[string]any, r *provider.Reference, l inventory.Lookup, made making) {
	var keys, maybe []string
	open := true
	switch {
	case l.Entry != nil:
		keys, open = l.Entry.Keys()
	case l.Promise != nil:
		keys, maybe, open = made.keys, made.maybe, l.Promise.Open
	case l.External != nil && len(l.External.Keys) > 0:
		keys, open = l.External.Keys, false
	}
	doc["keys"], doc["keys_open"] = texts(keys), open
	doc["key_presence"] = keyPresence(r.Key, keys, maybe, open, l).String()
	if l.Entry != nil && l.Entry.ID.Kind == "Secret" && l.Entry.ID.Group == "" && l.Entry.Type() != "" {
		doc["type"] = l.Entry.Type()
	}
	if l.Entry != nil && !g.hidden(l.Entry.ID) {
		named(doc, r, l.Entry)
	}
	if (g.stock || g.Referred != nil) && l.Entry != nil {
		doc[entryField] = l.Entry
	}
	if l.Entry == nil || r.Key == "" {
		return
	}
	if g.stock {
		doc["key"] = r.Key
		return
	}
	if content := l.Entry.Content(r.Key, g.Inventory.Certificates()); content != nil {
		described := g.content(content)
		if r.Use == provider.UseCertificate && content.Bundle != nil && len(content.Bundle.Certificates) > 1 {
			described["chain"] = chainDocument(content.Bundle.Chain())
		}
		if r.Anchors != "" {
			if anchors := l.Entry.Content(r.Anchors, g.Inventory.Certificates()); anchors != nil && shown(content) && shown(anchors) {
				doc["anchored"] = content.Bundle.Anchored(anchors.Bundle)
			}
		}
		doc["content"] = described
	}
	if r.Use == provider.UseTrust || r.Use == provider.UseCertificate {
		if pair := l.Entry.Pair(); pair != pki.PairUnknown {
			doc["pair"] = pair.String()
		}
	}
	also := map[string]any{}
	for _, key := range r.Also {
		if content := l.Entry.Content(key, g.Inventory.Certificates()); content != nil {
			also[key] = g.content(content)
		}
	}
	if len(also) > 0 {
		doc["also"] = also
	}
	g.trust(doc, r, l.Entry, keys)
}

// named adds how the target is named to its controller, and marked for it.
func named(doc map[string]any, r *provider.Reference, entry *inventory.Entry) {
	identifiers, labels := map[string]any{}, map[string]any{}
	for _, key := range r.Identifiers {
		if i := entry.Identifier(key); i != nil {
			identifiers[key] = map[string]any{"opaque": i.Opaque, "uuid": i.UUID, "hash": i.Hash}
		}
	}
	if len(r.Identifiers) > 0 {
		doc["identifiers"] = identifiers
	}
	metadata, _ := entry.Object().Fields["metadata"].(map[string]any)
	has, _ := metadata["labels"].(map[string]any)
	for _, label := range r.Labels {
		if value, ok := has[label].(string); ok {
			labels[label] = value
		}
	}
	if len(r.Labels) > 0 {
		doc["labels"] = labels
	}
}

// shown reports whether certificates of an entry are in sight.
func shown(c *inventory.Content) bool {
	return !c.Opaque && c.Bundle != nil && len(c.Bundle.Certificates) > 0
}

// self has a Secret or ConfigMap refer to each certificate that it holds itself.
func (g *gathering) self(refs map[string]any) {
	found := g.Inventory.Get(inventory.Ref{To: g.Object.ID, From: g.Object.ID})
	if found.Entry == nil {
		return
	}
	keys, _ := found.Entry.Keys()
	for _, key := range keys {
		content := found.Entry.Content(key, g.Inventory.Certificates())
		if content == nil || content.Bundle == nil || len(content.Bundle.Certificates) == 0 || !g.room(refs, SelfRole) {
			continue
		}
		reference := &provider.Reference{Role: SelfRole, Title: "certificate", Use: provider.UseCertificate, Key: key, Kind: g.Object.ID.Kind}
		if key != "tls.crt" && content.Bundle.Certificates[0].CA {
			reference.Title, reference.Use = "CA", provider.UseTrust
		}
		field := "data"
		if values, ok := g.Object.Fields["stringData"].(map[string]any); ok && values[key] != nil {
			field = "stringData"
		}
		add(refs, SelfRole, g.reference(acting{}, reference, kube.Path{field, key}, g.Object.ID))
	}
}

// SelfRole is the role under which a Secret or ConfigMap refers to what it holds.
const SelfRole = "self"

func keyPresence(key string, keys, maybe []string, open bool, l inventory.Lookup) inventory.Presence {
	contains := func(list []string) bool {
		for _, k := range list {
			if k == key {
				return true
			}
		}
		return false
	}
	switch {
	case l.Presence == inventory.Unknown || l.Presence == inventory.Absent || key == "":
		return inventory.Unknown
	case contains(keys):
		return l.Presence
	case contains(maybe) || open:
		return inventory.Unknown
	default:
		return inventory.Absent
	}
}

func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return fmt.Sprintf("%T", value)
}
