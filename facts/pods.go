package facts

import (
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// lead resolves a reference to the one of several places where its target is.
func (g *gathering) lead(a acting, r *provider.Reference, at kube.Path, target kube.ID) map[string]any {
	if r.Namespace != provider.NamespacePods || target.Kind != "Secret" {
		return g.suffixed(a, r, at, target)
	}
	namespaces, reason := g.podNamespaces(a, r)
	written := target.Namespace != ""
	var doc map[string]any
	switch {
	case written && len(namespaces) > 0 && !slices.Contains(namespaces, target.Namespace):
		// Nobody reads it there, so that nothing is told of it.
		doc = unlooked(g.outline(r, at, target), grantRefused, "is not in the namespace of "+reason)
	case written && (len(namespaces) > 0 || !g.hidden(target)):
		// It is there that it is read, or nowhere.
		doc = g.suffixed(a, r, at, target)
	case len(namespaces) == 0:
		doc = unlooked(g.outline(r, at, target), grantNotNeeded, "is looked for in the namespace of the pods that this "+g.Object.ID.Kind+" is for, and nothing in "+g.Scope+" tells which one that is")
	default:
		for _, namespace := range namespaces {
			target.Namespace = namespace
			if other := g.suffixed(a, r, at, target); doc == nil || likelier(other, doc) {
				doc = other
			}
		}
	}
	target.Namespace = g.Object.ID.Namespace
	own := inventory.Unknown
	if !written && target.Namespace != "" {
		own = g.Inventory.Get(inventory.Ref{To: target, From: g.Object.ID}).Presence
	}
	doc["pods"] = map[string]any{
		"namespaces": texts(namespaces), "reason": reason, "setting": r.Pods.Controller + "/" + r.Pods.Setting, "written": written,
		"beside": own.String(),
	}
	return doc
}

// likelier reports whether the target of a reference is more likely to be there than another one. Pods of several namespaces need
// not all be in use, nor all be in the same cluster.
func likelier(a, b map[string]any) bool {
	order := []string{inventory.Absent.String(), inventory.Unknown.String(), inventory.Promised.String(), inventory.Present.String()}
	rank := func(doc map[string]any) int {
		presence, _ := doc["presence"].(string)
		return slices.Index(order, presence)
	}
	return rank(a) > rank(b)
}

// podNamespaces lists where the pods run that an object is for, in order, and says whose namespaces these are.
func (g *gathering) podNamespaces(a acting, r *provider.Reference) (namespaces []string, reason string) {
	pods := g.Providers.PodsOf(r.Pods.Controller)
	for _, entry := range g.Inventory.Kind(inventory.Pods(r.Pods.Controller), "", g.Object.ID) {
		namespace := entry.ID.Namespace
		if namespace == "" || slices.Contains(namespaces, namespace) || !r.Pods.Select(g.Object, pods.Namespaced(entry.Object())) {
			continue
		}
		if len(namespaces) == 0 {
			reason = g.label(entry.ID)
		}
		namespaces = append(namespaces, namespace)
	}
	if len(namespaces) > 0 {
		slices.Sort(namespaces)
		return namespaces[:min(len(namespaces), maxList)], reason
	}
	setting := g.settingsOf(r.Pods.Controller, a).settings[r.Pods.Setting]
	for _, namespace := range strings.Split(setting.value, ",") {
		if namespace = strings.TrimSpace(namespace); namespace != "" {
			namespaces = append(namespaces, namespace)
		}
	}
	if len(namespaces) > 0 {
		reason = "the pods, as the config says"
	}
	return namespaces, reason
}

// suffixed resolves a reference to a Secret of a name with a suffix, or else to the one without.
func (g *gathering) suffixed(a acting, r *provider.Reference, at kube.Path, target kube.ID) map[string]any {
	if r.Suffix == "" {
		return g.reference(a, r, at, target)
	}
	written := target
	target.Name = strings.TrimSuffix(target.Name, r.Suffix)
	if target.Kind != "Secret" {
		return g.reference(a, r, at, target)
	}
	first := target
	first.Name += r.Suffix
	presence := g.Inventory.Get(inventory.Ref{To: first, From: g.Object.ID}).Presence
	if presence == inventory.Present || presence == inventory.Promised {
		return g.reference(a, r, at, first)
	}
	doc := g.reference(a, r, at, target)
	if doc["presence"] != inventory.Present.String() && doc["presence"] != inventory.Promised.String() {
		return g.reference(a, r, at, written)
	}
	if presence == inventory.Unknown && doc["key_presence"] == inventory.Absent.String() {
		// What this one lacks, the other may hold.
		doc["key_presence"] = inventory.Unknown.String()
	}
	return doc
}

// over reports whether the controller reads a target by the entries of its other shape.
func (g *gathering) over(r *provider.Reference, found inventory.Lookup) bool {
	if len(r.Over) == 0 || found.Entry == nil {
		return false
	}
	keys, _ := found.Entry.Keys()
	for _, key := range r.Over {
		if !slices.Contains(keys, key) {
			return false
		}
	}
	content := found.Entry.Content(r.Over[0], g.Inventory.Certificates())
	return content == nil || !content.Empty
}
