package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

const depthPath = `metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]`

// ours is the depth as tlsward sets it.
func ours(depth string) option {
	return func(fields map[string]any) {
		nginx("auth-tls-verify-depth", depth)(fields)
		record(depth)(fields)
	}
}

func record(depth string) option {
	text, err := json.Marshal(map[string]any{depthPath: depth})
	if err != nil {
		panic(err)
	}
	return annotation(facts.DefaultedAnnotation, string(text))
}

// TestMutate: the patch, applied to what was sent, gives what is wanted; a second pass and a validation have nothing to add.
func TestMutate(t *testing.T) {
	whenNeeded := engineWith(rule.Settings{Parameters: map[string]map[string]any{"ingress-nginx/verify-depth-unset": {"inject": "when-needed"}}})
	atLeastTwo := engineWith(rule.Settings{Parameters: map[string]map[string]any{"ingress-nginx/verify-depth-unset": {"minimum": int64(2)}}})
	off := engineWith(rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"ingress-nginx/verify-depth-unset"}, Action: rule.Off}}})
	exempt := engineWith(rule.Settings{Exemptions: []rule.Exemption{{Rules: []string{"ingress-nginx/*"}, Objects: []string{"Ingress shop/api"}, Reason: "r"}}})
	policy := func(e webhook.Reviewer) func(*webhook.Policy) {
		return func(p *webhook.Policy) { p.Reviewer = e }
	}
	mode := func(m webhook.Mode) func(*webhook.Policy) { return func(p *webhook.Policy) { p.Mode = m } }
	for _, test := range []struct {
		name         string
		policy       func(*webhook.Policy)
		more         []kube.Object
		object, want kube.Object
		path         string
	}{
		{name: "a CA alone", object: mtls("shop/api", "shop/ca"), want: mtls("shop/api", "shop/ca", ours("1"))},
		{name: "two intermediates", object: mtls("shop/api", "shop/deep"), want: mtls("shop/api", "shop/deep", ours("2"))},
		{name: "three", object: mtls("shop/api", "shop/deepest"), want: mtls("shop/api", "shop/deepest", ours("3"))},
		{name: "set by hand", object: mtls("shop/api", "shop/deep", nginx("auth-tls-verify-depth", "1")), want: mtls("shop/api", "shop/deep", nginx("auth-tls-verify-depth", "1"))},
		{name: "a bundle became deeper", object: mtls("shop/api", "shop/deepest", ours("1")), want: mtls("shop/api", "shop/deepest", ours("3"))},
		{name: "and shallower", object: mtls("shop/api", "shop/ca", ours("3")), want: mtls("shop/api", "shop/ca", ours("1"))},
		{name: "no CA any more", object: ingress("shop/api", ours("2")), want: ingress("shop/api", set(map[string]any{}, "metadata", "annotations"))},
		{name: "clients are not asked any more", object: mtls("shop/api", "shop/deep", ours("2"), nginx("auth-tls-verify-client", "off")), want: mtls("shop/api", "shop/deep", nginx("auth-tls-verify-client", "off"))},
		{name: "changed by hand since: theirs", object: mtls("shop/api", "shop/ca", record("2"), nginx("auth-tls-verify-depth", "5")), want: mtls("shop/api", "shop/ca", nginx("auth-tls-verify-depth", "5"))},
		{name: "removed by hand: set anew", object: mtls("shop/api", "shop/deep", record("2")), want: mtls("shop/api", "shop/deep", ours("2"))},
		{name: "the record alone", object: ingress("shop/api", record("2")), want: ingress("shop/api", set(map[string]any{}, "metadata", "annotations"))},
		{name: "a record of nonsense", object: mtls("shop/api", "shop/deep", annotation(facts.DefaultedAnnotation, "{nonsense")), want: mtls("shop/api", "shop/deep", ours("2"))},
		{name: "a record that is no text", object: mtls("shop/api", "shop/deep", annotation(facts.DefaultedAnnotation, int64(7))), want: mtls("shop/api", "shop/deep", ours("2"))},
		{
			name: "another Ingress of the host has another depth", more: []kube.Object{mtls("shop/other", "shop/ca", hosts("api.test"), nginx("auth-tls-verify-depth", "4"))},
			object: mtls("shop/api", "shop/ca"), want: mtls("shop/api", "shop/ca"),
		},
		{
			name: "and got it since", more: []kube.Object{mtls("shop/other", "shop/ca", hosts("api.test"), nginx("auth-tls-verify-depth", "4"))},
			object: mtls("shop/api", "shop/ca", ours("1")), want: mtls("shop/api", "shop/ca"),
		},
		{name: "when needed, and it is not", policy: policy(whenNeeded), object: mtls("shop/api", "shop/ca"), want: mtls("shop/api", "shop/ca")},
		{name: "when needed, and it is", policy: policy(whenNeeded), object: mtls("shop/api", "shop/deep"), want: mtls("shop/api", "shop/deep", ours("2"))},
		{name: "when needed, and it is not any more", policy: policy(whenNeeded), object: mtls("shop/api", "shop/ca", ours("2")), want: mtls("shop/api", "shop/ca")},
		{name: "a minimum", policy: policy(atLeastTwo), object: mtls("shop/api", "shop/ca"), want: mtls("shop/api", "shop/ca", ours("2"))},
		{name: "the rule is off", policy: policy(off), object: mtls("shop/api", "shop/deep"), want: mtls("shop/api", "shop/deep")},
		{name: "and what it set is taken away", policy: policy(off), object: mtls("shop/api", "shop/deep", ours("2")), want: mtls("shop/api", "shop/deep")},
		{name: "exempt", policy: policy(exempt), object: mtls("shop/api", "shop/deep"), want: mtls("shop/api", "shop/deep")},
		{name: "exempt, and set before", policy: policy(exempt), object: mtls("shop/api", "shop/deep", ours("2")), want: mtls("shop/api", "shop/deep")},

		{name: "a class that is not there", object: mtls("shop/api", "shop/deep", class("edge")), want: mtls("shop/api", "shop/deep", class("edge"))},
		{name: "kong", object: mtls("shop/api", "shop/deep", class("kong")), want: mtls("shop/api", "shop/deep", class("kong"))},
		{name: "istio", object: mtls("shop/api", "shop/deep", class("istio")), want: mtls("shop/api", "shop/deep", class("istio"))},
		{name: "f5", object: mtls("shop/api", "shop/deep", class("f5")), want: mtls("shop/api", "shop/deep", class("f5"))},
		{name: "kong, and set while it was nginx", object: mtls("shop/api", "shop/deep", ours("2"), class("kong")), want: mtls("shop/api", "shop/deep", class("kong"))},
		{name: "no Secret", object: mtls("shop/api", "shop/none"), want: mtls("shop/api", "shop/none")},
		{name: "no CA in it", object: mtls("shop/api", "shop/pair"), want: mtls("shop/api", "shop/pair")},
		{name: "a Gateway", object: gateway("shop/edge", "shop/pair"), want: gateway("shop/edge", "shop/pair")},

		{name: "only warning", policy: mode(webhook.Warn), object: mtls("shop/api", "shop/deep"), want: mtls("shop/api", "shop/deep")},
		{name: "off", policy: mode(webhook.Off), object: mtls("shop/api", "shop/deep", ours("3")), want: mtls("shop/api", "shop/deep", ours("3"))},
		{name: "off, and on in the namespace", path: "/mutate/enforce", policy: mode(webhook.Off), object: mtls("shop/api", "shop/deep"), want: mtls("shop/api", "shop/deep", ours("2"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.policy == nil {
				test.policy = func(*webhook.Policy) {}
			}
			s := open(t, test.policy)
			s.put(nginxClass(), ingressClass("kong", "ingress-controllers.konghq.com/kong"), ingressClass("istio", "istio.io/ingress-controller"), ingressClass("f5", "nginx.org/ingress-controller"),
				secret("shop/ca", "ca.crt", shallow), secret("shop/deep", "ca.crt", deep), secret("shop/deepest", "ca.crt", deepest), secret("shop/pair", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM))
			s.put(test.more...)
			for _, r := range []request{create(test.object), update(mtls("shop/api", "shop/ca"), test.object), {object: &test.object, dryRun: true}} {
				r.path = test.path
				got, changed := s.mutated(r)
				if !reflect.DeepEqual(got.Fields, test.want.Fields) {
					t.Errorf("got %s\nwant %s", raw(t, &got), raw(t, &test.want))
				}
				if changed != !reflect.DeepEqual(test.object.Fields, test.want.Fields) || s.last().Mutated != changed {
					t.Errorf("changed: %t", changed)
				}
				r.object = &got
				if again, changed := s.mutated(r); changed {
					t.Errorf("a second pass gives %s", raw(t, &again))
				}
			}
		})
	}
}

// mutated is change with the request's own path.
func (s *stage) mutated(r request) (kube.Object, bool) {
	s.t.Helper()
	if r.path == "" {
		return s.change(r)
	}
	a := s.ask(r)
	if a.status != 200 || !a.Allowed {
		s.t.Fatalf("refused: %v", a)
	}
	if a.Patch == nil {
		return *r.object, false
	}
	return parse(s.t, string(patched(s.t, raw(s.t, r.object), a.Patch))), true
}

// TestLifeOfADefault: mTLS is added, its bundle becomes deeper, mTLS is removed. Nobody is denied on the way, and nothing of ours
// is left. The validating door alone, where the mutating one is down, warns of a value of ours that has become too small.
func TestLifeOfADefault(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep))
	apply := func(old *kube.Object, obj kube.Object) kube.Object {
		t.Helper()
		stored, _ := s.change(request{object: &obj, old: old})
		s.denied(request{object: &stored, old: old}, false)
		s.put(stored)
		return stored
	}
	stored := apply(nil, mtls("shop/api", "shop/ca"))
	s.put(secret("shop/ca", "ca.crt", deepest))
	s.denied(update(stored, stored), false)
	small := slices.IndexFunc(s.last().Decision.Findings, func(f rule.Finding) bool { return f.Defaulted })
	if small < 0 {
		t.Fatalf("found %v", s.last().Decision.Findings)
	}
	if f := s.last().Decision.Findings[small]; f.Fix == nil || f.Headline() != `clients with 3 intermediates get 400, because tlsward set auth-tls-verify-depth to "2" when the CA needed no more` {
		t.Errorf("found %v", f)
	}
	stored = apply(&stored, stored)
	if got := stored.Fields["metadata"].(map[string]any)["annotations"].(map[string]any)[depthAnnotation]; got != "3" {
		t.Errorf("depth %v", got)
	}
	removed, err := kube.Apply(stored, []kube.Edit{{Op: kube.Remove, Path: kube.Path{"metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"}}})
	if err != nil {
		t.Fatal(err)
	}
	stored = apply(&stored, removed)
	if got := stored.Fields["metadata"].(map[string]any)["annotations"]; len(got.(map[string]any)) != 0 {
		t.Errorf("left: %v", got)
	}
}

// TestMutateLooksAgain: the depth depends on a bundle that may have come a moment ago.
func TestMutateLooksAgain(t *testing.T) {
	s := open(t)
	s.put(nginxClass())
	s.appear(secret("shop/deep", "ca.crt", deep))
	obj := mtls("shop/api", "shop/deep")
	if got, _ := s.change(create(obj)); !reflect.DeepEqual(got.Fields, mtls("shop/api", "shop/deep", ours("2")).Fields) {
		t.Errorf("got %s", raw(t, &got))
	}
	s.looked()
	s.fails = func(string) error { return errors.New("refused") }
	if got, changed := s.change(create(obj)); changed {
		t.Errorf("where it cannot be read: got %s", raw(t, &got))
	}
	if reads := s.looked(); len(reads) != 1 {
		t.Errorf("read %v", reads)
	}
}

// TestMutateKeepsNumbers: what JSON Patch does not speak of is as it was sent, to the last digit.
func TestMutateKeepsNumbers(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), secret("shop/deep", "ca.crt", deep))
	const text = `{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"api","namespace":"shop","generation":9007199254740993,
"annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":"shop/deep","html":"<a href=\"x\">&amp;</a>","text":"\u00e4\u2028\ud83d\ude00"}},
"spec":{"ingressClassName":"nginx","big":[9223372036854775807,-9223372036854775808,9007199254740993],"floats":[1.0,0.1,1e21,2.5e-7,123456789.123456789],
"rules":[{"host":"api.test","http":{"paths":[{"path":"/","backend":{"service":{"name":"api","port":{"number":8080}}}}]}}],"empty":{},"none":null,"list":[]}}`
	body := bytes.Replace(create(ingress("shop/api")).review(t), raw(t, ptr(ingress("shop/api"))), []byte(text), 1)
	a := s.post("/mutate", body)
	if a.Patch == nil {
		t.Fatalf("no patch: %v", a)
	}
	var got, want any
	for _, d := range []struct {
		text []byte
		into *any
	}{{patched(t, []byte(text), a.Patch), &got}, {[]byte(text), &want}} {
		decoder := json.NewDecoder(bytes.NewReader(d.text))
		decoder.UseNumber()
		if err := decoder.Decode(d.into); err != nil {
			t.Fatal(err)
		}
	}
	annotations := got.(map[string]any)["metadata"].(map[string]any)["annotations"].(map[string]any)
	if annotations[depthAnnotation] != "2" {
		t.Errorf("depth %v", annotations[depthAnnotation])
	}
	delete(annotations, depthAnnotation)
	delete(annotations, facts.DefaultedAnnotation)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	for _, operation := range []string{"big", "floats", "generation", "rules"} {
		if strings.Contains(string(a.Patch), operation) {
			t.Errorf("the patch speaks of %s: %s", operation, a.Patch)
		}
	}
}

// TestMutateNonsense: mutation comes before validation, so that anything may come. The door lets it through to where it is
// refused.
func TestMutateNonsense(t *testing.T) {
	for _, metadata := range []string{
		`null`, `[]`, `"x"`, `{"name":"api"}`, `{"name":"api","annotations":null}`, `{"name":"api","annotations":[]}`, `{"name":"api","annotations":"x"}`,
		`{"name":"api","annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":null}}`,
		`{"name":"api","annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":{"a":1}}}`,
		`{"name":"api","annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":"shop/deep","nginx.ingress.kubernetes.io/auth-tls-verify-depth":3}}`,
		`{"name":"api","annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":"shop/deep","nginx.ingress.kubernetes.io/auth-tls-verify-depth":null}}`,
		`{"name":"api","annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":"shop/deep","tlsward.dev/defaulted":"{\"spec\":true,\"metadata\":\"x\",\"\":\"\",\"a[\":\"b\"}"}}`,
		`{"name":"api","annotations":{"tlsward.dev/defaulted":"{\"kind\":\"Ingress\"}"}}`,
		`{"name":"api","annotations":{"tlsward.dev/defaulted":"{\"metadata.annotations[\\\"tlsward.dev/defaulted\\\"]\":\"x\"}"}}`,
	} {
		for _, spec := range []string{`{"ingressClassName":"nginx","rules":[{"host":"a.test"}]}`, `null`, `[]`, `{"ingressClassName":"nginx","rules":{"host":1},"tls":[[[]]]}`, `{"ingressClassName":{},"rules":[null,1,{"host":null}]}`} {
			s := open(t)
			s.put(nginxClass(), secret("shop/deep", "ca.crt", deep))
			obj := parse(t, `{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":`+metadata+`,"spec":`+spec+`}`)
			obj.ID.Namespace = "shop"
			for _, path := range []string{"/mutate", "/validate"} {
				a := s.ask(request{path: path, object: &obj})
				if a.status != 200 {
					t.Errorf("%s: metadata %s, spec %s: %v", path, metadata, spec, a)
				}
				if a.Patch != nil {
					stored := parse(t, string(patched(t, raw(t, &obj), a.Patch)))
					stored.ID.Namespace = "shop"
					if b := s.ask(request{path: path, object: &stored}); b.Patch != nil {
						t.Errorf("metadata %s, spec %s: a second pass changes %s by %s", metadata, spec, raw(t, &stored), b.Patch)
					}
				}
			}
		}
	}
}

// TestForgedRecord: the record says what tlsward has set, and anybody may write it. It is no way round a rule.
func TestForgedRecord(t *testing.T) {
	forged := func(path, value string) option {
		text, err := json.Marshal(map[string]any{path: value})
		if err != nil {
			t.Fatal(err)
		}
		return annotation(facts.DefaultedAnnotation, string(text))
	}
	const secretPath = `metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]`
	s := open(t)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow))
	s.denied(create(mtls("shop/api", "shop/missing", forged(secretPath, "shop/missing"))), true)
	s.denied(create(mtls("shop/api", "shop/ca", nginx("auth-tls-verify-depth", "-1"), forged(depthPath, "-1"))), true)
	s.denied(create(mtls("shop/api", "shop/ca", nginx("auth-tls-verify-depth", "1"), forged(depthPath, "1"))), false)
}
