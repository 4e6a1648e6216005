package chart_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
)

// webhook is what the two sorts have in common.
type webhook struct {
	admissionv1.ValidatingWebhook
	door         string
	reinvocation *admissionv1.ReinvocationPolicyType
}

// webhooks are those of the two doors for judged kinds. The guard's are another matter: see guards.
func webhooks(objects manifests) []webhook {
	var list []webhook
	for _, configuration := range all[*admissionv1.ValidatingWebhookConfiguration](objects) {
		for _, w := range configuration.Webhooks {
			if isGuard(w.Name) {
				continue
			}
			list = append(list, webhook{ValidatingWebhook: w, door: "validate"})
		}
	}
	for _, configuration := range all[*admissionv1.MutatingWebhookConfiguration](objects) {
		for _, w := range configuration.Webhooks {
			list = append(list, webhook{
				ValidatingWebhook: admissionv1.ValidatingWebhook{
					Name: w.Name, ClientConfig: w.ClientConfig, Rules: w.Rules, FailurePolicy: w.FailurePolicy,
					MatchPolicy: w.MatchPolicy, NamespaceSelector: w.NamespaceSelector, ObjectSelector: w.ObjectSelector,
					SideEffects: w.SideEffects, TimeoutSeconds: w.TimeoutSeconds,
					AdmissionReviewVersions: w.AdmissionReviewVersions, MatchConditions: w.MatchConditions,
				},
				door: "mutate", reinvocation: w.ReinvocationPolicy,
			})
		}
	}
	return list
}

func TestWebhooks(t *testing.T) {
	paths := map[string]string{
		"validate.tlsward.dev":       "/validate",
		"enforce.tlsward.dev":        "/validate/enforce",
		"warn.tlsward.dev":           "/validate/warn",
		"mutate.tlsward.dev":         "/mutate",
		"mutate-enforce.tlsward.dev": "/mutate/enforce",
	}
	eachRender(t, func(t *testing.T, values map[string]any, objects manifests) {
		for _, w := range webhooks(objects) {
			if w.ClientConfig.CABundle != nil {
				t.Errorf("%s: a caBundle is rendered, and the next render takes the right one away", w.Name)
			}
			service := w.ClientConfig.Service
			if service == nil || service.Namespace != "tlsward" || *service.Path != paths[w.Name] || *service.Port != 443 {
				t.Errorf("%s: service %v, want path %s", w.Name, service, paths[w.Name])
			}
			if *w.SideEffects != admissionv1.SideEffectClassNone || *w.MatchPolicy != admissionv1.Equivalent || !slices.Equal(w.AdmissionReviewVersions, []string{"v1"}) {
				t.Errorf("%s: sideEffects, matchPolicy or versions", w.Name)
			}
			if w.door == "mutate" && (*w.FailurePolicy != admissionv1.Ignore || *w.reinvocation != admissionv1.IfNeededReinvocationPolicy) {
				t.Errorf("%s: a mutating webhook is Ignore and IfNeeded", w.Name)
			}
			if w.Name == "warn.tlsward.dev" && *w.FailurePolicy != admissionv1.Ignore {
				t.Errorf("%s: where nothing is refused, an outage refuses nothing either", w.Name)
			}
			if len(w.MatchConditions) > 64 {
				t.Errorf("%s: %d matchConditions; the API server takes 64", w.Name, len(w.MatchConditions))
			}
			names := map[string]bool{}
			for _, condition := range w.MatchConditions {
				if names[condition.Name] || len(validation.IsQualifiedName(condition.Name)) > 0 {
					t.Errorf("%s: matchCondition %q stands twice or is no name", w.Name, condition.Name)
				}
				names[condition.Name] = true
			}
			for _, rule := range w.Rules {
				if !slices.Equal(rule.Operations, []admissionv1.OperationType{"CREATE", "UPDATE"}) || !slices.Equal(rule.APIVersions, []string{"*"}) {
					t.Errorf("%s: %v of versions %v", w.Name, rule.Operations, rule.APIVersions)
				}
				for _, resource := range rule.Resources {
					if strings.ContainsAny(resource, "*/") || slices.Contains(rule.APIGroups, "") {
						t.Errorf("%s: %s.%s is not among what may be judged", w.Name, resource, rule.APIGroups)
					}
				}
			}
		}
	})
}

// TestFailurePolicy: what happens to a write while tlsward is down, by mode.
func TestFailurePolicy(t *testing.T) {
	for text, want := range map[string]string{
		``:                                       "validate Ignore, enforce Fail, warn Ignore",
		`{config: {admission: {mode: warn}}}`:    "validate Ignore, enforce Fail, warn Ignore",
		`{config: {admission: {mode: off}}}`:     "validate Ignore, enforce Fail, warn Ignore",
		`{config: {admission: {mode: enforce}}}`: "validate Fail, enforce Fail, warn Ignore",
		`{config: "profile: strict"}`:            "validate Fail, enforce Fail, warn Ignore",
		`{config: "admission: {mode: off}"}`:     "validate Ignore, enforce Fail, warn Ignore",
		`{config: "{admission: {mode: warn}, clusters: {prod: {admission: {mode: enforce}}}}"}`:                    "validate Ignore, enforce Fail, warn Ignore",
		`{config: "{admission: {mode: warn}, clusters: {prod: {admission: {mode: enforce}}}}", clusterName: prod}`: "validate Fail, enforce Fail, warn Ignore",
		`{config: "{admission: {mode: warn}, clusters: {prod: {}}}", clusterName: prod}`:                           "validate Ignore, enforce Fail, warn Ignore",
		`{webhooks: {failurePolicy: Fail}}`:                                         "validate Fail, enforce Fail, warn Ignore",
		`{config: {admission: {mode: enforce}}, webhooks: {failurePolicy: Ignore}}`: "validate Ignore, enforce Ignore, warn Ignore",
	} {
		var got []string
		for _, w := range webhooks(decode(t, rendered(t, parse(t, text)))) {
			if w.door == "validate" {
				got = append(got, strings.TrimSuffix(w.Name, ".tlsward.dev")+" "+string(*w.FailurePolicy))
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %s, want %s", text, strings.Join(got, ", "), want)
		}
	}
}

// TestNamespacesArePartitioned: each namespace has one validating webhook, whatever its label; none if it says off.
func TestNamespacesArePartitioned(t *testing.T) {
	want := map[string]string{
		"no label": "validate mutate",
		"":         "validate mutate",
		"Enforce":  "validate mutate",
		"enforce":  "enforce mutate-enforce",
		"warn":     "warn",
		"off":      "",
	}
	eachRender(t, func(t *testing.T, values map[string]any, objects manifests) {
		hooks := webhooks(objects)
		matching := func(namespace labels.Set) string {
			var names []string
			for _, w := range hooks {
				selector, err := metav1.LabelSelectorAsSelector(w.NamespaceSelector)
				if err != nil {
					t.Fatal(err)
				}
				if selector.Matches(namespace) {
					names = append(names, strings.TrimSuffix(w.Name, ".tlsward.dev"))
				}
			}
			return strings.Join(names, " ")
		}
		mutates := len(all[*admissionv1.MutatingWebhookConfiguration](objects)) > 0
		for mode, want := range want {
			if !mutates {
				want, _, _ = strings.Cut(want, " mutate")
			}
			for _, name := range []string{"shop", "tlsward", "kube-system"} {
				namespace := labels.Set{"kubernetes.io/metadata.name": name}
				if mode != "no label" {
					namespace["tlsward.dev/mode"] = mode
				}
				expected := want
				if name != "shop" {
					expected = ""
				}
				if got := matching(namespace); got != expected {
					t.Errorf("namespace %s, mode %s: %q, want %q", name, mode, got, expected)
				}
			}
		}
	})
	objects := decode(t, rendered(t, nil))
	for _, w := range webhooks(objects) {
		selector, err := metav1.LabelSelectorAsSelector(w.NamespaceSelector)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []string{"enforce", "warn"} {
			if selector.Matches(labels.Set{"kubernetes.io/metadata.name": "cert-manager", "tlsward.dev/mode": mode}) {
				t.Errorf("%s: an excluded namespace is judged because of its label", w.Name)
			}
		}
	}
}

// kindOf is an entry of files/kinds.yaml.
type kindOf struct {
	Group, Kind, Resource, Scope, ValidateWhen, MutateWhen string
	Validate, Mutate                                       bool
}

type generated struct{ Judged, Watched []kindOf }

// TestJudgedKinds: every kind the rules judge is in each webhook of its door, with its condition and nothing else. Of what has no
// namespace, no label says the mode: it is in the webhook of the global mode alone.
func TestJudgedKinds(t *testing.T) {
	kinds := chartFile[generated](t, "files/kinds.yaml")
	for _, w := range webhooks(decode(t, rendered(t, nil))) {
		got, scopes := map[string]bool{}, map[string]string{}
		for _, rule := range w.Rules {
			for _, resource := range rule.Resources {
				key := resource + "." + rule.APIGroups[0]
				got[key], scopes[key] = true, string(*rule.Scope)
			}
		}
		for _, kind := range kinds.Judged {
			key, wanted, when := kind.Resource+"."+kind.Group, kind.Validate, kind.ValidateWhen
			if w.door == "mutate" {
				wanted, when = kind.Mutate, kind.MutateWhen
			}
			scope := cmp.Or(kind.Scope, "Namespaced")
			wanted = wanted && (scope == "Namespaced" || strings.HasPrefix(w.Name, w.door))
			if got[key] != wanted || wanted && scopes[key] != scope {
				t.Errorf("%s: %s: %v, scope %s, want %v, %s", w.Name, key, got[key], scopes[key], wanted, scope)
			}
			delete(got, key)
			condition := slices.IndexFunc(w.MatchConditions, func(c admissionv1.MatchCondition) bool { return c.Name == key })
			switch {
			case !wanted || strings.TrimSpace(when) == "":
				if condition >= 0 {
					t.Errorf("%s: %s has a condition that nobody gave it", w.Name, key)
				}
			case condition < 0:
				t.Errorf("%s: %s lost its condition", w.Name, key)
			default:
				want := fmt.Sprintf(`!(request.resource.group == "%s" && request.resource.resource == "%s") || (%s)`, kind.Group, kind.Resource, strings.TrimSpace(when))
				if got := w.MatchConditions[condition].Expression; got != want {
					t.Errorf("%s: %s\nis   %s\nwant %s", w.Name, key, got, want)
				}
			}
		}
		for key := range got {
			t.Errorf("%s: %s, which no rule judges", w.Name, key)
		}
	}
}

// TestExtraKinds: a user's kinds reach the webhooks, cluster-scoped ones that of the global mode alone, and a condition for
// a kind of ours can only widen what is judged.
func TestExtraKinds(t *testing.T) {
	hooks := webhooks(decode(t, rendered(t, parse(t, matrix["extra kinds"]))))
	for _, w := range hooks {
		var got []string
		for _, rule := range w.Rules {
			if rule.APIGroups[0] == "acme.example" {
				got = append(got, fmt.Sprintf("%s %v", *rule.Scope, rule.Resources))
			}
		}
		want := []string{"Namespaced [edgeproxies]"}
		if w.Name == "validate.tlsward.dev" {
			want = []string{"Cluster [edgedefaults]", "Namespaced [edgeproxies]"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", w.Name, got, want)
		}
	}

	gateway := func(when string) string {
		values := map[string]any{"extraKinds": []any{map[string]any{"group": "gateway.networking.k8s.io", "kind": "Gateway", "resource": "gateways", "validate": true, "validateWhen": when}}}
		for _, condition := range webhooks(decode(t, renderedWith(t, `judged: [{group: gateway.networking.k8s.io, kind: Gateway, resource: gateways, validate: true, validateWhen: "ours"}]
watched: []`, values)))[0].MatchConditions {
			return condition.Expression
		}
		return ""
	}
	if got := gateway("theirs"); !strings.HasSuffix(got, `|| (ours) || (theirs)`) {
		t.Errorf("with a condition: %s", got)
	}
	if got := gateway(""); got != "" {
		t.Errorf("without one every object is judged, not %s", got)
	}
}
