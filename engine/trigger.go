package engine

import (
	"slices"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// triggered tells the rules of a query that judge at a door, and have something to judge in an object. The engine holds rules to the triggers
// they declare, at every door: the webhook's matchConditions are made from them, and an object that they keep away must
// have no finding elsewhere either.
func (e *Engine) triggered(q *query, r Request) map[string]bool {
	var on map[string]bool
	for id, loaded := range q.rules {
		if !speaksAt(loaded, r.Door) || !e.triggers(loaded, r.Object) {
			continue
		}
		if on == nil {
			on = make(map[string]bool, len(q.rules))
		}
		on[id] = true
	}
	return on
}

// speaksAt reports whether a rule judges at a door.
func speaksAt(r *loadedRule, door rule.Door) bool {
	if door == rule.DoorAdmission && r.Admission != rule.Judge {
		return false
	}
	return len(r.Doors) == 0 || slices.Contains(r.Doors, door)
}

func (e *Engine) triggers(r *loadedRule, obj kube.Object) bool {
	if len(r.Triggers) == 0 && !r.TriggeredByReferences {
		return true
	}
	return slices.ContainsFunc(e.triggersOf(r, obj.ID.GroupKind()), func(p kube.Pattern) bool { _, ok := p.First(obj.Fields); return ok })
}

// triggersOf lists a rule's triggers in objects of a kind.
func (e *Engine) triggersOf(r *loadedRule, groupKind string) []kube.Pattern {
	patterns := slices.Clip(r.Triggers)
	if !r.TriggeredByReferences {
		return patterns
	}
	for _, kind := range e.providers.Kinds(groupKind) {
		for i := range kind.References {
			if reference := &kind.References[i]; reference.Use == provider.UseTrust || reference.Use == provider.UseCertificate {
				patterns = append(patterns, reference.Path.Pattern)
			}
		}
	}
	return patterns
}
