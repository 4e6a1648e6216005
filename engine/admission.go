package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/tlsward/tlsward/facts"
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
		if !speaksAt(r, rule.DoorAdmission) {
			continue
		}
		for _, groupKind := range e.judged(r) {
			if group, _ := kube.SplitGroupKind(groupKind); !slices.Contains(referredTo, group) {
				byKind[groupKind] = append(byKind[groupKind], r)
			}
		}
	}
	kinds := make([]AdmissionKind, 0, len(byKind))
	for _, groupKind := range kube.SortedKeys(byKind) {
		group, kind := kube.SplitGroupKind(groupKind)
		rules := byKind[groupKind]
		defaults := slices.DeleteFunc(slices.Clone(rules), func(r *loadedRule) bool { return !r.Default })
		k := AdmissionKind{Group: group, Kind: kind, Resource: e.Resource(groupKind), ValidateWhen: e.when(rules, groupKind)}
		if len(defaults) > 0 {
			// What was set is taken away again when its cause is gone.
			k.Mutate, k.MutateWhen = true, e.when(defaults, groupKind, kube.Path{"metadata", "annotations", facts.DefaultedAnnotation})
		}
		kinds = append(kinds, k)
	}
	return kinds
}

// referredTo are the groups of the kinds that others refer to: Secrets, ConfigMaps, Services, workloads. A webhook that can
// refuse the renewal of a certificate or the start of a pod is an outage of its own, so that what is wrong with these is
// said at the object that refers to them, in lint, and in audit.
var referredTo = []string{"", "apps", "batch"}

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
func (e *Engine) Resource(groupKind string) string {
	for _, kind := range e.providers.Kinds(groupKind) {
		if kind.Resource != "" {
			return kind.Resource
		}
	}
	group, kind := kube.SplitGroupKind(groupKind)
	plural, _ := meta.UnsafeGuessKindToResource(schema.GroupVersionKind{Group: group, Kind: kind})
	return plural.Resource
}

// when writes, as one CEL expression, that the object or the one it replaces has a trigger of some rules, or one of further
// fields. It never errs where a field is missing: an expression that errs is a refusal where the failure policy says Fail.
//
// API servers bound what an expression may cost, and a search through keys costs as much as the author of an object likes.
// So fields that need no search come first: an object that has one passes, however large somebody makes it.
func (e *Engine) when(rules []*loadedRule, groupKind string, further ...kube.Path) string {
	var fields, searches []string
	prefixes := map[string][]kube.KeyPrefix{} // by the mapping that is searched for them
	add := func(steps []any) {
		straight, rest := split(steps)
		if len(rest) == 0 {
			fields = append(fields, present(steps))
		} else if prefix, ok := rest[0].(kube.KeyPrefix); ok {
			prefixes[at(straight)] = append(prefixes[at(straight)], prefix)
		} else {
			searches = append(searches, present(steps))
		}
	}
	for _, path := range further {
		add(path)
	}
	for _, r := range rules {
		patterns := e.triggersOf(r, groupKind)
		if len(patterns) == 0 && !r.TriggeredByReferences {
			return ""
		}
		for _, p := range patterns {
			add(p.Steps())
		}
	}
	for _, mapping := range kube.SortedKeys(prefixes) {
		searches = append(searches, anyKey(mapping, prefixes[mapping]...))
	}
	slices.Sort(fields)
	slices.Sort(searches)
	conditions := slices.Compact(append(fields, searches...))
	return fmt.Sprintf("[object, oldObject].exists(o, o != null && (%s))", strings.Join(conditions, " || "))
}

// present writes that o has a field. [*] stands for the elements of a list; a prefix of keys is the last step of a trigger.
func present(steps []any) string {
	straight, rest := split(steps)
	if len(rest) == 0 {
		return at(steps) + ".hasValue()"
	}
	if prefix, ok := rest[0].(kube.KeyPrefix); ok {
		return anyKey(at(straight), prefix)
	}
	if len(rest) == 1 {
		return fmt.Sprintf("size(%s.orValue([])) > 0", at(straight))
	}
	return fmt.Sprintf("%s.orValue([]).exists(o, %s)", at(straight), present(rest[1:]))
}

// split divides steps before the first one that stands for several fields.
func split(steps []any) (straight, rest []any) {
	for i, step := range steps {
		switch step.(type) {
		case string, int:
		default:
			return steps[:i], steps[i:]
		}
	}
	return steps, nil
}

// at writes the field of o that keys and indexes lead to.
func at(straight []any) string {
	var b strings.Builder
	b.WriteString("o")
	for _, step := range straight {
		switch key, isKey := step.(string); {
		case !isKey:
			fmt.Fprintf(&b, "[?%d]", step)
		case identifier(key):
			b.WriteString(".?" + key)
		default:
			b.WriteString("[?" + strconv.Quote(key) + "]")
		}
	}
	return b.String()
}

// anyKey writes that a mapping has a key with one of several prefixes.
func anyKey(mapping string, prefixes ...kube.KeyPrefix) string {
	slices.Sort(prefixes)
	var starts []string
	for _, prefix := range slices.Compact(prefixes) {
		starts = append(starts, fmt.Sprintf("k.startsWith(%s)", strconv.Quote(string(prefix))))
	}
	return fmt.Sprintf("%s.orValue({}).exists(k, %s)", mapping, strings.Join(starts, " || "))
}

// identifier reports whether CEL takes a key after a dot. Its reserved words are left out, as are all keys that are not
// plain letters: the quoted form is right for every key.
func identifier(key string) bool {
	for _, r := range key {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return key != "" && !slices.Contains([]string{
		"in", "as", "break", "const", "continue", "else", "false", "for", "function", "if",
		"import", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while",
	}, key)
}

// Needed lists, in order, the kinds that a verdict at admission may rest on: what judged objects refer to, what permits
// it, those by which it is told who acts on them, and they themselves as each other's peers. What only promises an object
// is not among them, nor is what an object refers to without need, nor are workloads of controllers.
func (e *Engine) Needed() []string {
	needed, acting := map[string]bool{}, map[string]bool{}
	for _, judged := range e.AdmissionKinds() {
		groupKind := kube.GroupKind(judged.Group, judged.Kind)
		needed[groupKind] = true
		e.acting(groupKind, acting)
		for _, kind := range e.providers.Kinds(groupKind) {
			for _, r := range kind.References {
				if r.Optional {
					continue
				}
				needed[kube.GroupKind(r.Group, r.Kind)] = true
				if r.Namespace == provider.NamespaceGranted {
					needed["ReferenceGrant.gateway.networking.k8s.io"] = true
				}
				if pods := e.providers.PodsOf(r.Pods.Controller); pods.Kind != "" {
					needed[pods.Kind] = true
				}
				if r.Crossing != (provider.Crossing{}) {
					// The controller's own. Its workload only says which one that is, and nobody waits for it.
					needed["ConfigMap"] = true
				}
			}
		}
	}
	maps.Copy(needed, acting)
	return kube.SortedKeys(needed)
}

// acting adds the kinds by which it is told who acts on objects of a kind: their classes, their parents, the others that
// refer to their targets, and what these in turn are told by.
func (e *Engine) acting(groupKind string, found map[string]bool) {
	for _, kind := range e.providers.Kinds(groupKind) {
		if kind.Acting == nil {
			continue
		}
		var further []string
		for _, r := range kind.References {
			if slices.Contains(kind.Acting.Parents, r.Role) {
				further = append(further, kube.GroupKind(r.Group, r.Kind))
			}
		}
		for _, through := range kind.Acting.Through {
			for _, other := range e.providers.Described() {
				if e.indexed(other, through.Their) {
					further = append(further, other)
				}
			}
		}
		if kind.Acting.Kind != "" {
			further = append(further, kind.Acting.Kind)
		}
		for _, other := range further {
			if !found[other] {
				found[other] = true
				e.acting(other, found)
			}
		}
	}
}

// indexed reports whether objects of a kind are in an index.
func (e *Engine) indexed(groupKind, peers string) bool {
	return slices.ContainsFunc(e.providers.Kinds(groupKind), func(k *provider.Kind) bool {
		return slices.ContainsFunc(k.Peers, func(p provider.Peers) bool { return p.Name == peers })
	})
}
