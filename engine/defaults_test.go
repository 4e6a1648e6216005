package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const (
	nginxPrefix = "nginx.ingress.kubernetes.io/"
	depthKey    = nginxPrefix + "auth-tls-verify-depth"
	depthAt     = `metadata.annotations["` + depthKey + `"]`
)

// TestDefaultsSettle: whatever the object, what Defaults returns it returns unchanged when it is given that; nobody's own values
// are touched; the object given keeps its fields; and of what is known, Review has nothing further to set.
func TestDefaultsSettle(t *testing.T) {
	engines := []*engine.Engine{
		shipped(t, rule.Settings{}),
		shipped(t, rule.Settings{Parameters: map[string]map[string]any{"ingress-nginx/verify-depth-unset": {"inject": "when-needed"}}}),
		shipped(t, rule.Settings{Parameters: map[string]map[string]any{"ingress-nginx/verify-depth-unset": {"minimum": int64(3)}}}),
	}
	changed, settled := 0, 0
	for seed := range uint64(600) {
		random := rand.New(rand.NewPCG(seed, 3))
		e := engines[random.IntN(len(engines))]
		store := cluster(t, e, nginxClass,
			"{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: kong}, spec: {controller: ingress-controllers.konghq.com/kong}}",
			secretOf("ca", "ca.crt", root.CertPEM), secretOf("deep", "ca.crt", root.CertPEM+below.CertPEM+under.CertPEM),
			secretOf("deeper", "ca.crt", root.CertPEM+below.CertPEM+under.CertPEM+mint.Intermediate(under, "last").CertPEM), secretOf("bad", "ca.crt", "nonsense"),
			webIngress("rival", "b.test", `auth-tls-secret: shop/ca; auth-tls-verify-depth: "4"`, ""))
		obj := randomIngress(random)
		before := text(t, obj)
		request := engine.Request{Object: obj, Inventory: store.Snapshot(), Now: noon, Door: rule.DoorAdmission, Tenant: true}
		got, err := e.Defaults(t.Context(), request)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, before)
		}
		if text(t, obj) != before {
			t.Fatalf("seed %d: the object given has changed: %s to %s", seed, before, text(t, obj))
		}
		if got.ID != obj.ID {
			t.Fatalf("seed %d: %v becomes %v", seed, obj.ID, got.ID)
		}
		request.Object = got
		again, err := e.Defaults(t.Context(), request)
		if err != nil || !reflect.DeepEqual(again.Fields, got.Fields) {
			t.Fatalf("seed %d: %s\nbecomes %s\nand then %s, %v", seed, before, text(t, got), text(t, again), err)
		}
		decision, err := e.Review(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range decision.Findings {
			if f.Fix != nil && f.Assumed == "" && f.Rule == "ingress-nginx/verify-depth-unset" {
				t.Fatalf("seed %d: %s\nbecomes %s\nwhich still wants %v", seed, before, text(t, got), f.Fix)
			}
		}
		// But for the depth and its record, all is as it was.
		mine, theirs := annotationsOf(obj), annotationsOf(got)
		for key, value := range mine {
			if key != depthKey && key != facts.DefaultedAnnotation && !reflect.DeepEqual(theirs[key], value) {
				t.Fatalf("seed %d: %s was %v and is %v", seed, key, value, theirs[key])
			}
		}
		if _, recorded := facts.Defaulted(obj)[depthAt]; !recorded {
			if value, set := mine[depthKey]; set && !reflect.DeepEqual(theirs[depthKey], value) {
				t.Fatalf("seed %d: theirs was %v and is %v", seed, value, theirs[depthKey])
			}
		}
		if !reflect.DeepEqual(obj.Fields["spec"], got.Fields["spec"]) {
			t.Fatalf("seed %d: spec has changed", seed)
		}
		if !reflect.DeepEqual(obj.Fields, got.Fields) {
			changed++
		}
		if len(facts.Defaulted(got)) > 0 {
			settled++
		}
	}
	if changed < 200 || settled < 40 {
		t.Errorf("%d changed, %d with a value of ours: too few to mean something", changed, settled)
	}
}

func annotationsOf(obj kube.Object) map[string]any {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	return annotations
}

func text(t testing.TB, obj kube.Object) string {
	t.Helper()
	data, err := json.Marshal(obj.Fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// randomIngress makes an Ingress of more or less sense.
func randomIngress(r *rand.Rand) kube.Object {
	one := func(list ...any) any { return list[r.IntN(len(list))] }
	annotations := map[string]any{}
	maybe := func(key string, values ...any) {
		if r.IntN(3) > 0 {
			annotations[key] = values[r.IntN(len(values))]
		}
	}
	maybe(nginxPrefix+"auth-tls-secret", "shop/ca", "shop/ca", "shop/deep", "shop/deep", "shop/deeper", "shop/deeper", "shop/bad", "shop/none", one("ca", "", int64(3), nil))
	if r.IntN(2) == 0 {
		maybe(depthKey, "1", "2", "3", "5", "-1", "x", "", int64(2), nil)
	}
	if r.IntN(3) == 0 {
		annotations[nginxPrefix+"auth-tls-verify-client"] = one("on", "off", "optional", "optional_no_ca", "x")
	}
	if r.IntN(2) == 0 {
		record, _ := json.Marshal(map[string]any{depthAt: one("1", "2", "3", "5", "-1", true, 2), fmt.Sprint(one("metadata.labels.a", "spec.nothing", "a[", "")): one("b", "c", 1, nil)})
		annotations[facts.DefaultedAnnotation] = one(string(record), string(record), string(record), "nonsense", "null", "[]", int64(1), strings.Repeat(" ", 5000))
	}
	metadata := map[string]any{"name": "web", "annotations": annotations}
	switch r.IntN(12) {
	case 0:
		metadata["annotations"] = one(nil, "x", []any{})
	case 1:
		delete(metadata, "annotations")
	default:
		metadata["namespace"] = "shop"
	}
	obj, _ := kube.FromFields(map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata,
		"spec": map[string]any{"ingressClassName": one("nginx", "nginx", "nginx", "nginx", "nginx", "nginx", "nginx", "kong", "none", nil), "rules": []any{map[string]any{"host": one("a.test", "b.test", "")}}},
	})
	// As from a request, which names the namespace whatever the object says.
	obj.ID.Namespace = "shop"
	return obj
}

// defaulting is a rulebook of one rule that sets something in a Widget.
func defaulting(edit, when string) engine.Rulebook {
	return engine.Rulebook{Name: "acme", FS: book("since: v0.1.0", "since: v0.1.0, default: true",
		`{"path": ["spec"], "message": "no tag"}`, `{"path": ["spec"], "message": "no tag", "fix": {"title": "f", "safe": true, "edits": [`+edit+`]}}`,
		"not input.object.spec.tag", when)}
}

// TestDefaultsOfAUsersRule: what a rule may set as a default, and what is none.
func TestDefaultsOfAUsersRule(t *testing.T) {
	const unset = "not input.object.spec.tag"
	for _, test := range []struct {
		name, edit, when, spec, want, fails string
	}{
		{name: "a field", edit: `{"op": "set", "path": ["spec", "tag"], "value": "x"}`, when: unset, spec: `{}`, want: `{"tag":"x"}`},
		{name: "true", edit: `{"op": "set", "path": ["spec", "tag"], "value": true}`, when: unset, spec: `{}`, want: `{"tag":true}`},
		{name: "on the way", edit: `{"op": "set", "path": ["spec", "a", "b/c"], "value": "x"}`, when: unset, spec: `{}`, want: `{"a":{"b/c":"x"}}`},
		{name: "two", edit: `{"op": "set", "path": ["spec", "a"], "value": "x"}, {"op": "set", "path": ["spec", "b"], "value": "y"}`, when: unset, spec: `{}`, want: `{"a":"x","b":"y"}`},
		{name: "what is there stays", edit: `{"op": "set", "path": ["spec", "a"], "value": "x"}`, when: unset, spec: `{"a": "theirs"}`, want: `{"a":"theirs"}`},
		{name: "an empty one too", edit: `{"op": "set", "path": ["spec", "a"], "value": "x"}`, when: unset, spec: `{"a": ""}`, want: `{"a":""}`},
		{name: "nothing is removed", edit: `{"op": "remove", "path": ["spec", "a"]}`, when: unset, spec: `{"a": "theirs"}`, want: `{"a":"theirs"}`},
		{name: "nothing is renamed", edit: `{"op": "rename", "path": ["spec", "a"], "value": "b"}`, when: unset, spec: `{"a": "theirs"}`, want: `{"a":"theirs"}`},
		{name: "below what is no mapping", edit: `{"op": "set", "path": ["spec", "a", "b"], "value": "x"}`, when: unset, spec: `{"a": "text"}`, want: `{"a":"text"}`},
		{name: "beyond a list's end", edit: `{"op": "set", "path": ["spec", "a", 7], "value": "x"}`, when: unset, spec: `{"a": []}`, want: `{"a":[]}`},
		{name: "no place for the record", edit: `{"op": "set", "path": ["spec", "tag"], "value": "x"}`, when: unset, spec: `{}, metadata: {name: w, namespace: shop, annotations: text}`, want: `{}`},
		// The record could not tell these from somebody's own, and they would stay for ever.
		{name: "a number", edit: `{"op": "set", "path": ["spec", "tag"], "value": 5}`, when: unset, spec: `{}`, fails: "spec.tag: want few and short defaults, each a text, true or false"},
		{name: "a list", edit: `{"op": "set", "path": ["spec", "tag"], "value": ["a"]}`, when: unset, spec: `{}`, fails: "spec.tag: want few and short defaults, each a text, true or false"},
		{name: "a book", edit: fmt.Sprintf(`{"op": "set", "path": ["spec", "tag"], "value": %q}`, strings.Repeat("x", 5000)), when: unset, spec: `{}`, fails: "spec.tag: want few and short defaults"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := shipped(t, rule.Settings{}, defaulting(test.edit, test.when))
			r := widget(nil)
			r.Door = rule.DoorAdmission
			r.Object = parse(t, `{apiVersion: acme.example/v1, kind: Widget, spec: `+test.spec+`}`)
			r.Object.ID.Namespace, r.Object.ID.Name = "shop", "w"
			for range 2 {
				got, err := e.Defaults(t.Context(), r)
				if test.fails != "" {
					if err == nil || !strings.Contains(err.Error(), test.fails) {
						t.Fatalf("got %s, %v; want an error ...%s...", text(t, got), err, test.fails)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				spec, _ := json.Marshal(got.Fields["spec"])
				if string(spec) != test.want {
					t.Errorf("got %s, want %s", spec, test.want)
				}
				r.Object = got
			}
		})
	}
}

// TestDefaultsGoWithTheirRule: a rulebook that is gone, or whose rule is off, leaves nothing behind.
func TestDefaultsGoWithTheirRule(t *testing.T) {
	set := defaulting(`{"op": "set", "path": ["spec", "tag"], "value": "x"}`, "not input.object.spec.tag")
	r := widget(nil)
	r.Door = rule.DoorAdmission
	r.Object = parse(t, `{apiVersion: acme.example/v1, kind: Widget, metadata: {name: w, namespace: shop}, spec: {}}`)
	got, err := shipped(t, rule.Settings{}, set).Defaults(t.Context(), r)
	if err != nil || len(facts.Defaulted(got)) != 1 {
		t.Fatalf("%s, %v", text(t, got), err)
	}
	original := text(t, r.Object)
	r.Object = got
	for name, e := range map[string]*engine.Engine{
		"gone": shipped(t, rule.Settings{}), "skipped": shipped(t, rule.Settings{Skip: []string{"acme/*"}}, set),
		"off": shipped(t, rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"acme/*"}, Action: rule.Off}}}, set),
	} {
		bare, err := e.Defaults(t.Context(), r)
		if err != nil || strings.Replace(text(t, bare), `"annotations":{},`, "", 1) != original {
			t.Errorf("%s: %s, %v", name, text(t, bare), err)
		}
	}
}

// TestDefaultsInAnExemptNamespace: whose object it is stands in the request; a namespace that the object leaves out is no other.
func TestDefaultsInAnExemptNamespace(t *testing.T) {
	e := shipped(t, rule.Settings{Exemptions: []rule.Exemption{{Rules: []string{"ingress-nginx/*"}, Objects: []string{"Ingress shop/web"}, Reason: "r"}}})
	record, _ := json.Marshal(map[string]string{depthAt: "2"})
	obj := parse(t, fmt.Sprintf(`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, annotations: {%sauth-tls-secret: shop/deep, %s: "2", %s: %q}}, spec: {ingressClassName: nginx}}`,
		nginxPrefix, depthKey, facts.DefaultedAnnotation, record))
	obj.ID.Namespace = "shop"
	store := cluster(t, e, nginxClass, secretOf("deep", "ca.crt", root.CertPEM+below.CertPEM+under.CertPEM))
	got, err := e.Defaults(t.Context(), engine.Request{Object: obj, Inventory: store.Snapshot(), Now: noon, Door: rule.DoorAdmission})
	if err != nil || got.ID != obj.ID || annotationsOf(got)[depthKey] != nil {
		t.Errorf("got %v %s, %v", got.ID, text(t, got), err)
	}
}

// TestNobodyIsDeniedForOurs: a value of ours warns at most, whatever the operator wants of the rule that set it. A record that
// somebody else wrote is no way round a rule.
func TestNobodyIsDeniedForOurs(t *testing.T) {
	all := rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"*"}, Action: rule.Deny}}}
	// A user's rule that wants no depth above 1.
	shallow := engine.Rulebook{Name: "acme", FS: book("[Widget.acme.example]", "[Ingress.networking.k8s.io]", "severity: warning", "severity: error",
		`{"path": ["spec"], "message": "no tag"}`, `{"path": ["metadata", "annotations", "`+depthKey+`"], "message": "too deep"}`,
		"not input.object.spec.tag", `to_number(input.object.metadata.annotations["`+depthKey+`"]) > 1`)}
	e := shipped(t, all, shallow)
	store := cluster(t, e, nginxClass, secretOf("deep", "ca.crt", root.CertPEM+below.CertPEM+under.CertPEM), secretOf("ca", "ca.crt", root.CertPEM))
	for _, test := range []struct {
		name, secret, depth string
		record              map[string]string
		denied              string
	}{
		{name: "ours", secret: "deep", depth: "2", record: map[string]string{depthAt: "2"}},
		{name: "theirs", secret: "deep", depth: "2", denied: "acme/tag-missing"},
		{name: "ours, and too small by now", secret: "deep", depth: "1", record: map[string]string{depthAt: "1"}},
		{name: "theirs since", secret: "deep", depth: "3", record: map[string]string{depthAt: "2"}, denied: "acme/tag-missing"},
		{name: "a forged record", secret: "deep", depth: "9", record: map[string]string{depthAt: "9"}, denied: "acme/tag-missing"},
		{name: "of another field", secret: "none", depth: "1", record: map[string]string{`metadata.annotations["` + nginxPrefix + `auth-tls-secret"]`: "shop/none"}, denied: "ingress-nginx/client-ca-missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			record, err := json.Marshal(test.record)
			if err != nil {
				t.Fatal(err)
			}
			obj := parse(t, fmt.Sprintf(`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop, annotations: {%sauth-tls-secret: shop/%s, %s: %q, %s: %q}}, spec: {ingressClassName: nginx, rules: [{host: a.test}]}}`,
				nginxPrefix, test.secret, depthKey, test.depth, facts.DefaultedAnnotation, record))
			decision, err := e.Review(t.Context(), engine.Request{Object: obj, Inventory: store.Snapshot(), Now: noon, Door: rule.DoorAdmission})
			if err != nil {
				t.Fatal(err)
			}
			var denied []string
			for _, f := range decision.Findings {
				if f.Action == rule.Deny {
					denied = append(denied, f.Rule)
				}
				if f.Defaulted && f.Path.String() != depthAt {
					t.Errorf("no default: %v", f)
				}
			}
			if strings.Join(denied, " ") != test.denied {
				t.Errorf("denied for %v, want %s", denied, test.denied)
			}
		})
	}
}
