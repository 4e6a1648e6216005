package engine

import (
	"slices"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// triggered tells the rules of a query that have something to judge in an object. The engine holds rules to the triggers
// they declare, at every door: the webhook's matchConditions are made from them, and an object that they keep away must
// have no finding elsewhere either.
func (e *Engine) triggered(q *query, obj kube.Object) map[string]bool {
	var on map[string]bool
	for id, r := range q.rules {
		if !e.triggers(r, obj) {
			continue
		}
		if on == nil {
			on = make(map[string]bool, len(q.rules))
		}
		on[id] = true
	}
	return on
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
