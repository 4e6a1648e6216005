package chart_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
)

func isGuard(name string) bool { return strings.HasPrefix(name, "guard") }

func guards(objects manifests) (list []admissionv1.ValidatingWebhook) {
	for _, configuration := range all[*admissionv1.ValidatingWebhookConfiguration](objects) {
		for _, w := range configuration.Webhooks {
			if isGuard(w.Name) {
				list = append(list, w)
			}
		}
	}
	return list
}

// TestGuardIsOptIn: nothing is sent to the guard unless the config asks for it, as a mapping or as text.
func TestGuardIsOptIn(t *testing.T) {
	for text, want := range map[string]int{
		``:                                        0,
		`{config: {admission: {guard: off}}}`:     0,
		`{config: {admission: {guard: "off"}}}`:   0,
		`{config: {admission: {guard: warn}}}`:    3,
		`{config: {admission: {guard: deny}}}`:    3,
		`{config: "admission: {guard: deny}"}`:    3,
		`{config: "admission: {mode: enforce}"}`:  0,
		`{config: {admission: null}}`:             0,
		`{config: "admission: {guard: \"off\"}"}`: 0,
	} {
		if got := len(guards(decode(t, rendered(t, parse(t, text))))); got != want {
			t.Errorf("%s: %d webhooks, want %d", text, got, want)
		}
	}
}

// TestGuardWebhooks: each namespace has one, whatever its label, none if it says off; an outage of tlsward holds nothing up; and
// the API server takes the conditions.
func TestGuardWebhooks(t *testing.T) {
	paths := map[string]string{"guard.tlsward.dev": "/guard", "guard-enforce.tlsward.dev": "/guard/enforce", "guard-warn.tlsward.dev": "/guard/warn"}
	for name, resources := range map[string][]string{
		"guard": {"configmaps", "secrets", "services", "referencegrants"}, "guard without secrets": {"configmaps", "services", "referencegrants"},
	} {
		list := guards(decode(t, rendered(t, parse(t, matrix[name]))))
		modes := map[string]string{}
		for _, w := range list {
			if *w.ClientConfig.Service.Path != paths[w.Name] || *w.FailurePolicy != admissionv1.Ignore || *w.SideEffects != admissionv1.SideEffectClassNone ||
				*w.MatchPolicy != admissionv1.Equivalent || w.ClientConfig.CABundle != nil {
				t.Errorf("%s: path, failurePolicy, sideEffects, matchPolicy or caBundle", w.Name)
			}
			if len(w.MatchConditions) > 64 {
				t.Errorf("%s: %d matchConditions; the API server takes 64", w.Name, len(w.MatchConditions))
			}
			var got []string
			for _, rule := range w.Rules {
				if !slices.Equal(rule.Operations, []admissionv1.OperationType{"UPDATE", "DELETE"}) || !slices.Equal(rule.APIVersions, []string{"*"}) || *rule.Scope != admissionv1.NamespacedScope {
					t.Errorf("%s: %v", w.Name, rule)
				}
				got = append(got, rule.Resources...)
			}
			if !slices.Equal(got, resources) {
				t.Errorf("%s: %v, want %v", w.Name, got, resources)
			}
			selector, err := metav1.LabelSelectorAsSelector(w.NamespaceSelector)
			if err != nil {
				t.Fatal(err)
			}
			for _, mode := range []string{"", "enforce", "warn", "off"} {
				if selector.Matches(labels.Set{"kubernetes.io/metadata.name": "shop", "tlsward.dev/mode": mode}) {
					modes[mode] += w.Name
				}
			}
			for _, excluded := range []string{"kube-system", "tlsward", "cert-manager"} {
				if selector.Matches(labels.Set{"kubernetes.io/metadata.name": excluded, "tlsward.dev/mode": "enforce"}) {
					t.Errorf("%s: is asked about namespace %s", w.Name, excluded)
				}
			}
		}
		if len(modes) != 3 || modes[""] != "guard.tlsward.dev" || modes["enforce"] != "guard-enforce.tlsward.dev" || modes["warn"] != "guard-warn.tlsward.dev" {
			t.Errorf("%s: %v", name, modes)
		}
	}
}

// TestGuardConditions: what costs a call and what does not, as an API server evaluates it.
func TestGuardConditions(t *testing.T) {
	var (
		secrets    = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
		configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
		services   = schema.GroupVersionResource{Version: "v1", Resource: "services"}
		grants     = schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: "v1beta1", Resource: "referencegrants"}
	)
	const (
		was = `{metadata: {name: it, annotations: {a: b}}, data: {ca.crt: YQ==}}`
		is  = `{metadata: {name: it, annotations: {a: b}}, data: {ca.crt: Yg==}}`
	)
	env := cel(t)
	standard := guards(decode(t, rendered(t, parse(t, `{config: {admission: {guard: warn}}}`))))
	own := guards(decode(t, rendered(t, parse(t, matrix["guard"]))))
	elsewhere := guards(decode(t, rendered(t, parse(t, `{config: {admission: {guard: warn}}, secrets: {namespaces: [web]}}`))))
	if len(standard) != 3 || len(own) != 3 || len(elsewhere) != 3 {
		t.Fatal("want three webhooks of each")
	}
	for name, test := range map[string]struct {
		hooks       []admissionv1.ValidatingWebhook
		resource    schema.GroupVersionResource
		object, old string
		user        user.DefaultInfo
		want        bool
	}{
		"Secret deleted":            {resource: secrets, old: was, want: true},
		"Secret without anything":   {resource: secrets, old: `{metadata: {name: it}}`, want: true},
		"Secret changed":            {resource: secrets, object: is, old: was, want: true},
		"Secret emptied":            {resource: secrets, object: `{metadata: {name: it}}`, old: was, want: true},
		"ConfigMap changed":         {resource: configMaps, object: is, old: was, want: true},
		"ConfigMap, binary":         {resource: configMaps, object: `{metadata: {name: it}, binaryData: {a: YQ==}}`, old: `{metadata: {name: it}}`, want: true},
		"Service changed":           {resource: services, object: `{metadata: {name: it}, spec: {ports: [{port: 1}]}}`, old: `{metadata: {name: it}, spec: {ports: [{port: 2}]}}`, want: true},
		"grant changed":             {resource: grants, object: `{metadata: {name: it}, spec: {from: [{kind: A}]}}`, old: `{metadata: {name: it}, spec: {from: []}}`, want: true},
		"a finalizer comes":         {resource: secrets, object: `{metadata: {name: it, finalizers: [a], labels: {a: b}}, data: {ca.crt: YQ==}}`, old: was},
		"status of a Service":       {resource: services, object: `{metadata: {name: it}, spec: {}, status: {a: b}}`, old: `{metadata: {name: it}, spec: {}}`},
		"Helm release changed":      {resource: secrets, object: `{metadata: {name: it}, type: helm.sh/release.v1, data: {release: YQ==}}`, old: `{metadata: {name: it}, type: helm.sh/release.v1, data: {}}`},
		"Helm release deleted":      {resource: secrets, old: `{metadata: {name: it}, type: helm.sh/release.v1}`},
		"token deleted":             {resource: secrets, old: `{metadata: {name: it}, type: kubernetes.io/service-account-token}`},
		"bootstrap token deleted":   {resource: secrets, old: `{metadata: {name: it}, type: bootstrap.kubernetes.io/token}`},
		"registry login deleted":    {resource: secrets, old: `{metadata: {name: it}, type: kubernetes.io/dockerconfigjson}`},
		"TLS Secret deleted":        {resource: secrets, old: `{metadata: {name: it}, type: kubernetes.io/tls}`, want: true},
		"ConfigMap of such a type":  {resource: configMaps, old: `{metadata: {name: it}, type: helm.sh/release.v1}`, want: true},
		"leader election":           {resource: configMaps, object: `{metadata: {name: it, annotations: {control-plane.alpha.kubernetes.io/leader: a}}, data: {a: b}}`, old: `{metadata: {name: it, annotations: {control-plane.alpha.kubernetes.io/leader: a}}}`},
		"being deleted":             {resource: secrets, object: is, old: `{metadata: {name: it, deletionTimestamp: "2026-11-01T12:00:00Z"}, data: {}}`},
		"waived":                    {resource: secrets, old: `{metadata: {name: it, annotations: {tlsward.dev/guard: "off"}}}`},
		"waived in the same step":   {resource: secrets, object: `{metadata: {name: it, annotations: {tlsward.dev/guard: "off"}}}`, old: was},
		"waived by another value":   {resource: secrets, old: `{metadata: {name: it, annotations: {tlsward.dev/guard: warn}}}`, want: true},
		"garbage collector":         {resource: secrets, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:kube-system:generic-garbage-collector"}},
		"namespace controller":      {resource: secrets, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:kube-system:namespace-controller"}},
		"cert-manager":              {resource: secrets, object: is, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:cert-manager:cert-manager"}},
		"trust-manager":             {resource: configMaps, object: is, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:cert-manager:trust-manager"}},
		"External Secrets":          {resource: secrets, object: is, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:external-secrets:external-secrets"}},
		"sealed-secrets":            {resource: secrets, object: is, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:kube-system:sealed-secrets-controller"}},
		"another service account":   {resource: secrets, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:shop:cert-manager"}, want: true},
		"list of one's own":         {hooks: own, resource: secrets, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:pki:renewer"}},
		"not in it":                 {hooks: own, resource: secrets, old: was, user: user.DefaultInfo{Name: "system:serviceaccount:cert-manager:cert-manager"}, want: true},
		"break glass":               {hooks: own, resource: secrets, old: was, user: user.DefaultInfo{Name: "ann", Groups: []string{"dev", "ops:break-glass"}}},
		"another group":             {hooks: own, resource: secrets, old: was, user: user.DefaultInfo{Name: "ann", Groups: []string{"dev"}}, want: true},
		"no Secrets from there":     {hooks: elsewhere, resource: secrets, old: was},
		"but ConfigMaps from there": {hooks: elsewhere, resource: configMaps, old: was, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			if test.hooks == nil {
				test.hooks = standard
			}
			for _, w := range test.hooks {
				r := request{resource: test.resource, user: test.user, old: parse(t, test.old)}
				if test.object != "" {
					r.object = parse(t, test.object)
				}
				called := true
				for _, condition := range w.MatchConditions {
					called = env.evaluate(t, r, condition.Expression) && called
				}
				if called != test.want {
					t.Errorf("%s: called %t, want %t", w.Name, called, test.want)
				}
			}
		})
	}
}

// TestGuardValues: the values that docs/guard.md shows switch the guard on.
func TestGuardValues(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "guard.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n```yaml\n")
	values, _, ok := strings.Cut(rest, "\n```")
	if !ok || len(guards(decode(t, rendered(t, parse(t, values))))) != 3 {
		t.Errorf("values %q", values)
	}
}
