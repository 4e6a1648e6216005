package engine

import (
	"slices"

	"github.com/tlsward/tlsward/engine/prefilter"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// triggered lists those of the rules that judge at a door and have something to judge in an object; refers: the object refers to
// certificates. The engine holds rules to the triggers they declare, at every door: the webhook's matchConditions are made from
// them, and an object that they keep away must have no finding elsewhere either.
func (b *bookRules) triggered(r Request, refers func() bool) []*loadedRule {
	met := make([]bool, len(b.rules))
	for i := range b.triggers {
		if r.defaults && !b.triggers[i].defaults {
			continue
		}
		if _, ok := b.triggers[i].pattern.First(r.Object.Fields); ok {
			for _, rule := range b.triggers[i].rules {
				met[rule] = true
			}
		}
	}
	selected := make([]*loadedRule, 0, len(b.rules))
	for i, rule := range b.rules {
		if !speaksAt(rule, r.Door) || r.defaults && !rule.Default {
			continue
		}
		always := len(rule.Triggers) == 0 && !rule.TriggeredByReferences && !rule.TriggeredBySource
		if met[i] || always || rule.TriggeredBySource && len(r.Source) > 0 || rule.TriggeredByReferences && refers() {
			selected = append(selected, rule)
		}
	}
	return selected
}

// trigger is what has some rules asked, by their places in a list: of 147 triggers for Ingresses 54 differ.
type trigger struct {
	pattern kube.Pattern
	rules   []int
	// defaults: some of them are marked so.
	defaults bool
}

// sharedTriggers lists what has rules asked, each once.
func sharedTriggers(rules []*loadedRule) (triggers []trigger) {
	for i, r := range rules {
		for _, pattern := range r.Triggers {
			at := slices.IndexFunc(triggers, func(t trigger) bool { return t.pattern.String() == pattern.String() })
			if at < 0 {
				at = len(triggers)
				triggers = append(triggers, trigger{pattern: pattern})
			}
			triggers[at].rules = append(triggers[at].rules, i)
			triggers[at].defaults = triggers[at].defaults || r.Default
		}
	}
	return triggers
}

// concerned takes out the rules about controllers that do not act on an object: one annotation means other things to another
// controller, or nothing.
func concerned(rules []*loadedRule, document facts.Facts) []*loadedRule {
	acting, _ := document["controllers"].(map[string]any)
	return slices.DeleteFunc(rules, func(r *loadedRule) bool {
		return len(r.Controllers) > 0 && !slices.ContainsFunc(r.Controllers, func(name string) bool { return acting[name] != nil })
	})
}

// filtered takes out the rules that certainly find nothing, or nothing that is heard of.
func (e *Engine) filtered(b *book, rules []*loadedRule, document facts.Facts, r Request) ([]*loadedRule, error) {
	look := prefilter.At(document)
	defer look.Done()
	kept := rules[:0]
	for _, l := range rules {
		f, err := e.filter(b, l)
		if err != nil {
			return nil, err
		}
		var heard func(string) bool
		if r.SkipNotes && !r.defaults {
			heard = func(severity string) bool { return e.heard(l, severity, r) }
			if l.Severity == rule.Info && !heard("") {
				continue // No finding is graver than its rule.
			}
		}
		if f.May(look, heard) {
			kept = append(kept, l)
		}
	}
	return kept, nil
}

// heard reports whether a rule's findings of a severity are more than notes. A finding may be milder than its rule, and never graver;
// of what is no severity OPA makes an error.
func (e *Engine) heard(l *loadedRule, severity string, r Request) bool {
	mildest := l.Severity
	if severity != "" {
		written, err := rule.ParseSeverity(severity)
		if err != nil {
			return true
		}
		mildest = max(mildest, written)
	}
	action, _ := e.settings.Rules.Action(l.Definition, mildest, r.Object.ID.Namespace, r.Now)
	return action <= rule.Warn
}

// speaksAt reports whether a rule judges at a door.
func speaksAt(r *loadedRule, door rule.Door) bool {
	if door == rule.DoorAdmission && r.Admission != rule.Judge {
		return false
	}
	return len(r.Doors) == 0 || slices.Contains(r.Doors, door)
}

func anyIn(patterns []kube.Pattern, obj kube.Object) bool {
	return slices.ContainsFunc(patterns, func(p kube.Pattern) bool { _, ok := p.First(obj.Fields); return ok })
}

// triggersOf lists a rule's triggers in objects of a kind.
func (e *Engine) triggersOf(r *loadedRule, groupKind string) []kube.Pattern {
	if !r.TriggeredByReferences {
		return r.Triggers
	}
	return append(slices.Clip(r.Triggers), e.references(groupKind)...)
}

// references lists where objects of a kind refer to certificates.
func (e *Engine) references(groupKind string) (patterns []kube.Pattern) {
	for _, kind := range e.providers.Kinds(groupKind) {
		for i := range kind.References {
			if reference := &kind.References[i]; reference.Use == provider.UseTrust || reference.Use == provider.UseCertificate {
				patterns = append(patterns, reference.Path.Pattern)
			}
		}
	}
	return patterns
}
