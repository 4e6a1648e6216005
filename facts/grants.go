package facts

import (
	"fmt"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// grant says whether a reference across namespaces is permitted by a ReferenceGrant in the target's namespace
// (gateway-api, apis/v1beta1/referencegrant_types.go).
type grant string

const (
	grantNotNeeded grant = "not-needed" // same namespace
	grantGiven     grant = "granted"
	grantRefused   grant = "not-granted"
	grantUnknown   grant = "unknown" // the target's namespace keeps its grants elsewhere
	// What a controller's setting says.
	grantByNobody  grant = "refused"
	grantByDefault grant = "refused-by-default"
)

const referenceGrant = "ReferenceGrant.gateway.networking.k8s.io"

// granted says whether the object may refer to a target, and completes "<label> ..." where it may not.
func (g *gathering) granted(target kube.ID) (grant, string) {
	own := g.Object.ID
	if target.Namespace == own.Namespace || target.Namespace == "" || own.Namespace == "" {
		return grantNotNeeded, ""
	}
	grants := g.Inventory.Kind(referenceGrant, target.Namespace, own)
	nearMiss := ""
	for _, entry := range grants {
		miss := mismatch(entry.Object(), own, target)
		if miss == "" {
			return grantGiven, ""
		}
		if nearMiss == "" && !g.hidden(entry.ID) {
			nearMiss = entry.ID.String() + " " + miss
		}
	}
	if nearMiss == "" {
		// A grant belongs into the target's namespace; a common mistake is to put it beside the referring object.
		for _, entry := range g.Inventory.Kind(referenceGrant, own.Namespace, own) {
			if mismatch(entry.Object(), own, target) == "" {
				nearMiss = entry.ID.String() + " stands in the wrong namespace"
				break
			}
		}
	}
	refused := fmt.Sprintf("is not granted: no ReferenceGrant in namespace %s lets a %s of namespace %s refer to a %s",
		target.Namespace, own.Kind, own.Namespace, target.Kind)
	switch {
	case nearMiss != "":
		return grantRefused, refused + " (" + nearMiss + ")"
	case g.Inventory.Complete(referenceGrant, target.Namespace):
		return grantRefused, refused
	case g.Inventory.Cluster():
		return grantUnknown, fmt.Sprintf("needs a ReferenceGrant in namespace %s, and none is in sight", target.Namespace)
	default:
		return grantUnknown, fmt.Sprintf("needs a ReferenceGrant in namespace %s, and none is in %s", target.Namespace, g.Scope)
	}
}

// crosses says whether a setting of a controller lets the object refer to a target in another namespace, and completes
// "<label> ..." where it does not.
func (g *gathering) crosses(a acting, r *provider.Reference, target kube.ID) (grant, string) {
	own := g.Object.ID
	if target.Namespace == own.Namespace || target.Namespace == "" || own.Namespace == "" {
		return grantNotNeeded, ""
	}
	by := g.settingsOf(r.Crossing.Controller, a).settings[r.Crossing.Setting]
	where := fmt.Sprintf("is in namespace %s, not in %s", target.Namespace, own.Namespace)
	switch {
	case by.open:
		return grantUnknown, fmt.Sprintf("%s, and whether %s is %s is not known (%s)", where, r.Crossing.Setting, r.Crossing.Value, by.reason)
	case by.value == r.Crossing.Value:
		return grantGiven, ""
	case by.certainty == known:
		return grantByNobody, where
	default:
		return grantByDefault, where
	}
}

// mismatch says in what a grant does not cover a reference; empty if it does.
func mismatch(grantObject kube.Object, from, to kube.ID) string {
	spec, _ := grantObject.Fields["spec"].(map[string]any)
	fromList, _ := spec["from"].([]any)
	toList, _ := spec["to"].([]any)
	best := fmt.Sprintf("grants nothing to a %s of namespace %s", from.Kind, from.Namespace)
	fromMatches := false
	for _, element := range fromList {
		f, _ := element.(map[string]any)
		switch {
		case f["group"] != from.Group || f["kind"] != from.Kind:
		case f["namespace"] != from.Namespace:
			best = fmt.Sprintf("grants it to namespace %s, not %s", text(f["namespace"]), from.Namespace)
		default:
			fromMatches = true
		}
	}
	if !fromMatches {
		return best
	}
	best = fmt.Sprintf("grants no %s", to.Kind)
	for _, element := range toList {
		t, _ := element.(map[string]any)
		group, _ := t["group"].(string)
		if group != to.Group || t["kind"] != to.Kind {
			continue
		}
		name, _ := t["name"].(string)
		if name == "" || name == to.Name {
			return ""
		}
		best = fmt.Sprintf("grants %s %s, not %s", to.Kind, name, to.Name)
	}
	return best
}
