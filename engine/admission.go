package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// AdmissionKind is a kind that the webhooks are called for.
type AdmissionKind struct {
	Group, Kind, Resource string
	// Mutate: some rule marked as a default judges the kind.
	Mutate bool
	// ValidateWhen and MutateWhen are CEL expressions over object and oldObject, true where some rule may have something to
	// say; "" means always.
	ValidateWhen, MutateWhen string
}

// AdmissionKinds lists, in order, the kinds that rules judge at admission, and when.
func (e *Engine) AdmissionKinds() []AdmissionKind {
	byKind := map[string][]*loadedRule{}
	for _, r := range e.rules {
		if r.Admission != rule.Judge || len(r.Doors) > 0 && !slices.Contains(r.Doors, rule.DoorAdmission) {
			continue
		}
		for _, groupKind := range e.judged(r) {
			byKind[groupKind] = append(byKind[groupKind], r)
		}
	}
	kinds := make([]AdmissionKind, 0, len(byKind))
	for _, groupKind := range kube.SortedKeys(byKind) {
		group, kind := kube.SplitGroupKind(groupKind)
		rules := byKind[groupKind]
		defaults := slices.DeleteFunc(slices.Clone(rules), func(r *loadedRule) bool { return !r.Default })
		k := AdmissionKind{Group: group, Kind: kind, Resource: Resource(groupKind), ValidateWhen: e.when(rules, groupKind)}
		if len(defaults) > 0 {
			k.Mutate, k.MutateWhen = true, e.when(defaults, groupKind)
			if k.MutateWhen != "" {
				// What was set is taken away again when its cause is gone.
				k.MutateWhen = anyOf([]string{k.MutateWhen, present(defaulted)})
			}
		}
		kinds = append(kinds, k)
	}
	return kinds
}

var defaulted = kube.Path{"metadata", "annotations", "tlsward.dev/defaulted"}

// judged lists the kinds of a rule. "*" stands for those that refer to certificates.
func (e *Engine) judged(r *loadedRule) []string {
	if !slices.Contains(r.Kinds, everyKind) {
		return r.Kinds
	}
	return slices.DeleteFunc(e.providers.Described(), func(groupKind string) bool {
		return !slices.ContainsFunc(e.providers.Kinds(groupKind), func(k *provider.Kind) bool {
			return slices.ContainsFunc(k.References, func(r provider.Reference) bool {
				return r.Use == provider.UseTrust || r.Use == provider.UseCertificate
			})
		})
	})
}

// Resource is the plural that a kind has in the API's paths.
func Resource(groupKind string) string {
	group, kind := kube.SplitGroupKind(groupKind)
	plural, _ := meta.UnsafeGuessKindToResource(schema.GroupVersionKind{Group: group, Kind: kind})
	return plural.Resource
}

// when writes the triggers of some rules as one CEL expression.
func (e *Engine) when(rules []*loadedRule, groupKind string) string {
	var conditions []string
	for _, r := range rules {
		patterns := e.triggersOf(r, groupKind)
		if len(patterns) == 0 {
			if r.TriggeredByReferences {
				continue // objects of this kind have no such field
			}
			return ""
		}
		for _, p := range patterns {
			conditions = append(conditions, present(p.Steps()))
		}
	}
	slices.Sort(conditions)
	return anyOf(slices.Compact(conditions))
}

func anyOf(conditions []string) string { return strings.Join(conditions, " || ") }

// present writes that the object, or the one it replaces, has a field. It never errs where a field on the way is missing:
// an expression that errs is a refusal where the failure policy says Fail.
func present(steps []any) string {
	return fmt.Sprintf("object != null && %s || oldObject != null && %s", has("object", steps, 0), has("oldObject", steps, 0))
}

func has(at string, steps []any, depth int) string {
	if len(steps) == 0 {
		return "true"
	}
	switch step := steps[0].(type) {
	case string:
		next, there := fmt.Sprintf("%s[%s]", at, strconv.Quote(step)), fmt.Sprintf("%s in %s", strconv.Quote(step), at)
		if identifier(step) {
			next, there = at+"."+step, fmt.Sprintf("has(%s.%s)", at, step)
		}
		if len(steps) == 1 {
			return there
		}
		return there + " && " + has(next, steps[1:], depth)
	case int:
		next := fmt.Sprintf("%s[%d]", at, step)
		return fmt.Sprintf("size(%s) > %d && %s", at, step, has(next, steps[1:], depth))
	default:
		// Elements of a list, or values of a mapping.
		element := "e" + strconv.Itoa(depth)
		inner := has(element, steps[1:], depth+1)
		return fmt.Sprintf("(type(%s) == list ? %s.exists(%s, %s) : %s.exists(k%d, %s))",
			at, at, element, inner, at, depth, has(fmt.Sprintf("%s[k%d]", at, depth), steps[1:], depth+1))
	}
}

// identifier reports whether CEL takes a key after a dot. Its reserved words are left out, as are all keys that are not
// plain letters: the quoted form is right for every key.
func identifier(key string) bool {
	for _, r := range key {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return key != "" && !slices.Contains([]string{"in", "as", "break", "const", "continue", "else", "false", "for", "function", "if",
		"import", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while"}, key)
}
