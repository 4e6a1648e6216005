package webhook

import (
	"context"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// spares reports whether a change is part of something larger that nobody is to get in the way of: the end of its namespace,
// or that of the objects that own it. sure is false where that cannot be told: programs own Secrets by kinds of their own.
func (d *Door) spares(ctx context.Context, q Question, outcome *Outcome) (spared, sure bool) {
	sure = true
	ends := func(id kube.ID) bool {
		outcome.LiveReads++
		by, found, err := d.live.get(ctx, id)
		sure = sure && err == nil
		return err == nil && (!found || leaving(by))
	}
	if q.Object.ID.Namespace != "" && ends(kube.ID{Kind: "Namespace", Name: q.Object.ID.Namespace}) {
		return true, true
	}
	owners := ownersOf(*q.Old)
	if !q.Deletion || len(owners) == 0 {
		return false, sure
	}
	if len(owners) > maxOwners {
		return false, false
	}
	return !slices.ContainsFunc(owners, func(id kube.ID) bool { return !ends(id) }), sure
}

// maxOwners bounds the owners that are read. More than one is rare.
const maxOwners = 2

// ownersOf lists whom garbage collection follows from an object. They stand in its own namespace, or have none.
func ownersOf(obj kube.Object) (owners []kube.ID) {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	list, _ := metadata["ownerReferences"].([]any)
	for _, element := range list {
		reference, _ := element.(map[string]any)
		version, _ := reference["apiVersion"].(string)
		id := kube.ID{Namespace: obj.ID.Namespace}
		id.Kind, _ = reference["kind"].(string)
		id.Name, _ = reference["name"].(string)
		if group, _, ok := strings.Cut(version, "/"); ok {
			id.Group = group
		}
		owners = append(owners, id)
	}
	return owners
}

// confirmed reads from the API server who is said to be hit: caches lag, and what was deleted a moment before is hit by nothing.
// Nobody is refused for the sake of what could not be read.
func (c *change) confirmed(ctx context.Context, broken []harm, outcome *Outcome) ([]harm, error) {
	reads := min(len(broken), max(maxGuardReads-outcome.LiveReads, 0))
	fair := reads > 0 && c.door.live.fair(c.Object.ID.Namespace, reads)
	sure := make([]harm, 0, len(broken))
	for i, h := range broken {
		doubtful := true
		if fair && i < reads {
			outcome.LiveReads++
			live, found, err := c.door.live.get(ctx, h.referrer.ID)
			switch {
			case err != nil:
			case !found || leaving(live):
				continue
			case changes(live, h.referrer):
				findings, err := c.harms(ctx, live)
				if err != nil {
					return nil, err
				}
				h.referrer, h.findings, doubtful = live, findings, false
			default:
				h.referrer, doubtful = live, false
			}
		}
		// Helm deletes what it knows by kind before what it does not know: a Secret goes before the Gateway of the same release, and
		// a refusal would leave half of it.
		if doubtful || c.doubtful || c.Deletion && sameRelease(*c.Old, h.referrer) {
			for j := range h.findings {
				h.findings[j].Action = max(h.findings[j].Action, rule.Warn)
			}
		}
		if len(h.findings) > 0 {
			sure = append(sure, h)
		}
	}
	return sure, nil
}

func sameRelease(a, b kube.Object) bool {
	release := owner(a)
	// Flux has Helm uninstall what it has installed.
	return (strings.HasPrefix(release, "helm ") || strings.HasPrefix(release, "flux helm ")) && release == owner(b)
}
