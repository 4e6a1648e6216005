package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

var rewrite = flag.Bool("update", false, "write the recorded answers anew")

// TestRecorded asks with reviews as an API server sends them, and compares whole answers: testdata/<name>.json is the review,
// testdata/<name>.answer.json what comes back. The cluster holds what recordedCluster says.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name, isReview := strings.CutSuffix(filepath.Base(file), ".json")
		if strings.HasSuffix(name, ".answer") || !isReview {
			continue
		}
		t.Run(name, func(t *testing.T) {
			review, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			path, _, _ := strings.Cut(name, "_")
			s := recordedCluster(t)
			a := s.post("/"+strings.ReplaceAll(path, "-", "/")+"?timeout=10s", review)
			patch := orNull(a.Patch) // to be read; the answer has it in base64
			a.Patch = nil
			got, err := json.MarshalIndent(map[string]any{"status": a.status, "response": a.AdmissionResponse, "patch": json.RawMessage(patch)}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := strings.TrimSuffix(file, ".json") + ".answer.json"
			if *rewrite {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

func orNull(patch []byte) []byte {
	if patch == nil {
		return []byte("null")
	}
	return patch
}

// recordedCluster is what stands around the objects of testdata.
func recordedCluster(t testing.TB) *stage {
	s := open(t, guarded(webhook.GuardDeny))
	s.put(
		nginxClass(), gatewayClass(), ingressClass("kong", "ingress-controllers.konghq.com/kong"),
		secret("shop/client-ca", "ca.crt", shallow), secret("shop/deep-ca", "ca.crt", deep), secret("shop/pair", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM),
		secret("infra/wildcard", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM),
		mtls("bank/payments", "bank/ca", hosts("pay.shop.test"), created(noon.Add(-time.Hour))),
		secret("bank/ca", "ca.crt", shallow),
		configMap("shop/backend-ca", "ca.crt", shallow),
	)
	return s
}

// TestModes: what is done about a denial by path and policy.
func TestModes(t *testing.T) {
	const first = "every request to api.test gets 403, because Secret shop/ca does not exist"
	for _, test := range []struct {
		path    string
		mode    webhook.Mode
		denied  bool
		warning string
	}{
		{path: "/validate", mode: webhook.Enforce, denied: true},
		{path: "/validate", mode: webhook.Warn, warning: "would be denied: " + first + " (ingress-nginx/client-ca-missing)"},
		{path: "/validate", mode: webhook.Off},
		{path: "/validate/enforce", mode: webhook.Enforce, denied: true},
		{path: "/validate/enforce", mode: webhook.Warn, denied: true},
		{path: "/validate/enforce", mode: webhook.Off, denied: true},
		{path: "/validate/warn", mode: webhook.Enforce, warning: "would be denied: " + first + " (ingress-nginx/client-ca-missing)"},
		{path: "/validate/warn", mode: webhook.Warn, warning: "would be denied: " + first + " (ingress-nginx/client-ca-missing)"},
		{path: "/validate/warn", mode: webhook.Off, warning: "would be denied: " + first + " (ingress-nginx/client-ca-missing)"},
	} {
		t.Run(fmt.Sprintf("%s %d", test.path, test.mode), func(t *testing.T) {
			s := open(t, func(p *webhook.Policy) { p.Mode = test.mode })
			s.put(nginxClass())
			r := create(mtls("shop/api", "shop/ca"))
			r.path = test.path
			a := s.denied(r, test.denied)
			if got := strings.Join(a.Warnings, "|"); got != test.warning {
				t.Errorf("warnings %q, want %q", got, test.warning)
			}
			if test.denied && a.Result.Code != http.StatusForbidden {
				t.Errorf("code %d", a.Result.Code)
			}
			want := webhook.Outcome{Denied: test.denied, WouldDeny: test.denied || test.warning != "", Skipped: !test.denied && test.warning == ""}
			if o := s.last(); o.Denied != want.Denied || o.WouldDeny != want.WouldDeny || o.Skipped != want.Skipped {
				t.Errorf("told denied %t, would %t, skipped %t", o.Denied, o.WouldDeny, o.Skipped)
			}
		})
	}
}

// TestModeOfAPolicyThatChanges: the next request is judged by the new one.
func TestModeOfAPolicyThatChanges(t *testing.T) {
	s := open(t)
	s.put(nginxClass())
	s.denied(create(mtls("shop/api", "shop/ca")), true)
	s.door.SetPolicy(webhook.Policy{Reviewer: shipped(), Mode: webhook.Warn})
	s.denied(create(mtls("shop/api", "shop/ca")), false)
}

// TestLeftAlone: what this door does not look at, whatever is wrong with it.
func TestLeftAlone(t *testing.T) {
	broken := mtls("shop/api", "shop/ca")
	leaving := mtls("shop/api", "shop/ca", set("2026-11-01T11:00:00Z", "metadata", "deletionTimestamp"))
	for name, r := range map[string]request{
		"a deletion":         {old: &broken},
		"a connection":       {object: &broken, operation: admissionv1.Connect},
		"a status":           {object: &broken, old: &broken, subresource: "status"},
		"no operation":       {object: &broken, operation: "PATCH"},
		"what is going away": {object: &leaving, old: &broken},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.put(nginxClass())
			for _, path := range []string{"/validate", "/validate/enforce", "/validate/warn", "/mutate", "/mutate/enforce"} {
				r.path = path
				a := s.denied(r, false)
				if len(a.Warnings) > 0 || a.Patch != nil {
					t.Errorf("%s: %v", path, a)
				}
			}
			if len(s.outcomes) > 0 || len(s.looked()) > 0 {
				t.Errorf("told %v", s.outcomes)
			}
		})
	}
}

// TestOddReviews: a review that no API server sends is answered as a bad request, by HTTP's status too, and never with a panic.
func TestOddReviews(t *testing.T) {
	review := func(change func(*admissionv1.AdmissionRequest)) []byte {
		var r admissionv1.AdmissionReview
		if err := json.Unmarshal(create(mtls("shop/api", "shop/ca")).review(t), &r); err != nil {
			t.Fatal(err)
		}
		change(r.Request)
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	object := func(text string) []byte {
		return review(func(r *admissionv1.AdmissionRequest) { r.Object = runtime.RawExtension{Raw: []byte(text)} })
	}
	for name, test := range map[string]struct {
		body   []byte
		status int
	}{
		"no body": {nil, 400}, "no JSON": {[]byte("{"), 400}, "a list": {[]byte("[]"), 400}, "another kind": {[]byte(`{"apiVersion":"v1","kind":"Pod"}`), 400},
		"no request":          {[]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`), 400},
		"an empty request":    {[]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}`), 400},
		"a null request":      {[]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}`), 400},
		"no object":           {object("null"), 400},
		"an object of a list": {object("[1]"), 400}, "of a text": {object(`"x"`), 400}, "of a number": {object("1e400"), 400},
		"of nothing": {object("{}"), 400}, "without a kind": {object(`{"apiVersion":"v1"}`), 400}, "of odd types": {object(`{"apiVersion":1,"kind":[]}`), 400},
		"metadata of a text":                    {object(`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":"x"}`), 200},
		"odd metadata":                          {object(`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":1,"namespace":[],"annotations":[],"labels":"x","managedFields":{"a":1},"generateName":{}}}`), 200},
		"odd managers":                          {object(`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"managedFields":[1,null,{"manager":2}]},"spec":{"tls":{},"rules":"x"}}`), 200},
		"annotations of numbers":                {object(`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":7,"tlsward.dev/defaulted":8}}}`), 200},
		"a name with a line break":              {object(`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"a\nb\u0000"}}`), 200},
		"a namespace that is not the request's": {object(`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"a","namespace":"other"}}`), 200},
		"a kind that no rule judges":            {object(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":"b"}}`), 200},
		"an old object that is none": {review(func(r *admissionv1.AdmissionRequest) {
			r.Operation = admissionv1.Update
			r.OldObject.Raw = []byte("[]")
		}), 400},
		"an update without an old object":        {review(func(r *admissionv1.AdmissionRequest) { r.Operation = admissionv1.Update }), 200},
		"v1beta1":                                {bytes.Replace(review(func(*admissionv1.AdmissionRequest) {}), []byte("admission.k8s.io/v1"), []byte("admission.k8s.io/v1beta1"), 1), 200},
		"more than the API server would ever do": {append(object(`{}`), bytes.Repeat([]byte(" "), 8<<20)...), 413},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.put(nginxClass())
			for _, path := range []string{"/validate", "/mutate"} {
				a := s.post(path, test.body)
				if a.status != test.status {
					t.Errorf("%s: got %v, want HTTP %d", path, a, test.status)
				}
				if test.status == 200 && !a.Allowed && a.Result.Code != http.StatusForbidden {
					t.Errorf("%s: a refusal that is no verdict: %v", path, a)
				}
			}
		})
	}
}

// TestGenerateName: an object without a name of its own is judged like any other.
func TestGenerateName(t *testing.T) {
	s := open(t)
	s.put(nginxClass())
	obj := mtls("shop/api", "shop/ca", set("api-", "metadata", "generateName"))
	delete(obj.Fields["metadata"].(map[string]any), "name")
	delete(obj.Fields["metadata"].(map[string]any), "namespace")
	r := create(obj)
	r.object.ID.Namespace, r.object.ID.Name = "shop", ""
	s.denied(r, true)
	if id := s.last().Object.ID.String(); id != "Ingress shop/api-(new)" {
		t.Errorf("told as %s", id)
	}
}

// TestLargeObject: three megabytes, which is all that an API server takes. How long that takes is BenchmarkLarge's, and no reason to
// fail on a busy machine.
func TestLargeObject(t *testing.T) {
	var names []string
	for i := range 17000 {
		names = append(names, fmt.Sprintf("host-%05d.shop.test", i))
	}
	obj := mtls("shop/api", "shop/ca", hosts(names...))
	if size := len(raw(t, &obj)); size < 2<<20 || size > 3<<20 {
		t.Fatalf("%d bytes", size)
	}
	s := open(t, func(p *webhook.Policy) { p.Reviewer = patient() })
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep), obj)
	created, updated := create(obj), update(obj, obj)
	created.timeout, updated.timeout = "30s", "30s" // the most there is
	s.denied(created, false)
	if changed, ok := s.change(updated); !ok || changed.Fields["metadata"].(map[string]any)["annotations"].(map[string]any)[depthAnnotation] != "2" {
		t.Error("no default")
	}
	s.vanish(secret("shop/ca"))
	a := s.denied(created, true)
	if len(a.message()) > 1000 {
		t.Errorf("a message of %d bytes", len(a.message()))
	}
}

// TestMessage: the message of a refusal, word for word.
func TestMessage(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow), secret("shop/ca-2", "ca.crt", shallow),
		mtls("bank/pay", "bank/ca", hosts("api.test"), created(noon.Add(-time.Hour))), mtls("shop/other", "shop/ca-2", hosts("api.test"), created(noon.Add(-time.Hour))))
	r := create(mtls("shop/api", "shop/missing", nginx("auth-tls-verify-depth", "-1"), created(noon)))
	r.uid = "cafe0001-1111-2222-3333-444444444444"
	a := s.denied(r, true)
	const want = `only the oldest of the client certificate policies for api.test is in force, for all namespaces, because Ingress shop/other and an Ingress in another namespace differ in auth-tls-secret and auth-tls-verify-depth
  at:   metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]
  also: Ingress shop/other: the other policy
  also: an object in another namespace: the other policy
  fix:  use the same auth-tls-* on every Ingress of the host, or separate hosts
  more: ingress-nginx/client-ca-conflict, decision cafe0001

every request to api.test gets 403, because Secret shop/missing does not exist
  at:   metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]
  fix:  create the Secret with the CA under ca.crt
  more: ingress-nginx/client-ca-missing, decision cafe0001

no Ingress of this controller is reloaded any more, because nginx refuses the verify depth "-1", and its whole configuration with it
  at:   metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]
  fix:  set a whole number from 1 to 10, in quotes
  more: ingress-nginx/verify-depth-invalid, decision cafe0001
`
	if got := a.message() + "\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if a.Result.Reason != "Forbidden" || a.AuditAnnotations["decision"] != "cafe0001" ||
		a.AuditAnnotations["denied"] != "ingress-nginx/client-ca-conflict,ingress-nginx/client-ca-missing,ingress-nginx/verify-depth-invalid" {
		t.Errorf("got %v, %v", a.Result, a.AuditAnnotations)
	}
}

// broken is an engine that gives no verdicts.
type broken struct {
	err   error
	panic bool
}

func (b broken) Review(ctx context.Context, _ engine.Request) (rule.Decision, error) {
	if b.panic {
		panic("review")
	}
	if b.err == nil {
		<-ctx.Done()
		return rule.Decision{}, ctx.Err()
	}
	return rule.Decision{}, b.err
}

func (b broken) Defaults(ctx context.Context, r engine.Request) (kube.Object, error) {
	_, err := b.Review(ctx, r)
	return kube.Object{}, err
}

func (broken) Providers() *provider.Set { return provider.NewSet(nil) }

// TestErrors: an error is no verdict. Enforcing, it is an HTTP error, so that failurePolicy decides; warning, the object is let
// through with a word about it.
func TestErrors(t *testing.T) {
	for name, b := range map[string]broken{
		"an error":            {err: errors.New("rulebook acme: no verdict within 2s\n")},
		"a panic":             {panic: true},
		"no time left":        {},
		"a very long message": {err: errors.New(strings.Repeat("long ", 1000))},
	} {
		t.Run(name, func(t *testing.T) {
			for path, status := range map[string]int{"/validate": 500, "/validate/enforce": 500, "/validate/warn": 200, "/mutate": 500, "/mutate/enforce": 500} {
				s := open(t, func(p *webhook.Policy) { p.Reviewer = b })
				r := create(mtls("shop/api", "shop/ca"))
				r.path, r.timeout = path, "400ms"
				if b.panic && path == "/validate/warn" {
					status = 500 // failurePolicy Ignore lets it through
				}
				a := s.ask(r)
				if a.status != status || a.Allowed != (status == 200) {
					t.Errorf("%s: got %v, want HTTP %d", path, a, status)
				}
				if status == 200 && (len(a.Warnings) != 1 || !strings.HasPrefix(a.Warnings[0], "tlsward could not judge this: ") || len(a.Warnings[0]) > 256) {
					t.Errorf("%s: warnings %q", path, a.Warnings)
				}
				if o := s.last(); o.Error == nil || o.Denied || len(s.outcomes) != 1 {
					t.Errorf("%s: told as %v", path, s.outcomes)
				}
			}
		})
	}
}

// TestDeadline: the time that the API server gives is in the URL, and what is not one counts as its default.
func TestDeadline(t *testing.T) {
	for query, want := range map[string]time.Duration{
		"?timeout=5s": 4800 * time.Millisecond, "?timeout=1s": 800 * time.Millisecond, "?timeout=300ms": 150 * time.Millisecond,
		"": 9800 * time.Millisecond, "?timeout=x": 9800 * time.Millisecond, "?timeout=-1s": 9800 * time.Millisecond,
		"?timeout=0s": 9800 * time.Millisecond, "?timeout=2h": 9800 * time.Millisecond, "?timeout=30s": 29800 * time.Millisecond,
	} {
		for _, path := range []string{"/validate", "/mutate"} {
			var left time.Duration
			s := open(t, func(p *webhook.Policy) {
				p.Reviewer = watching{p.Reviewer, func(ctx context.Context) {
					if deadline, ok := ctx.Deadline(); ok {
						left = time.Until(deadline)
					}
				}}
			})
			s.post(path+query, create(ingress("shop/api")).review(t))
			if left > want || left < want-100*time.Millisecond {
				t.Errorf("%s%s: %s left, want %s", path, query, left, want)
			}
		}
	}
}

// watching sees what the engine is called with.
type watching struct {
	webhook.Reviewer
	see func(context.Context)
}

func (w watching) Review(ctx context.Context, r engine.Request) (rule.Decision, error) {
	w.see(ctx)
	return w.Reviewer.Review(ctx, r)
}

func (w watching) Defaults(ctx context.Context, r engine.Request) (kube.Object, error) {
	w.see(ctx)
	return w.Reviewer.Defaults(ctx, r)
}

// TestNoPolicyYet: who is asked too early says so, and has no verdict.
func TestNoPolicyYet(t *testing.T) {
	door := webhook.New(webhook.Options{World: newCluster(shipped()), Now: time.Now, Tell: func(context.Context, webhook.Outcome) {}})
	if _, err := door.Validate(t.Context(), webhook.Question{}); err == nil {
		t.Error("Validate: no error")
	}
	if _, err := door.Mutate(t.Context(), webhook.Question{}); err == nil {
		t.Error("Mutate: no error")
	}
}

// TestRatchetAtTheDoor: what was there before warns, and what is new is denied, unless the operator wants all denied.
func TestRatchetAtTheDoor(t *testing.T) {
	old := mtls("shop/api", "shop/ca")
	finalized := mtls("shop/api", "shop/ca", set([]any{"a/b"}, "metadata", "finalizers"))
	exchanged := mtls("shop/api", "shop/other-ca")
	for _, noRatchet := range []bool{false, true} {
		s := open(t, func(p *webhook.Policy) { p.NoRatchet = noRatchet })
		s.put(nginxClass(), old)
		a := s.denied(update(old, finalized), noRatchet)
		if !noRatchet && (len(a.Warnings) != 1 || !strings.HasPrefix(a.Warnings[0], "as before: every request to api.test gets 403, because Secret shop/ca does not exist")) {
			t.Errorf("warnings %q", a.Warnings)
		}
		s.denied(update(old, exchanged), true)
	}
}

// TestPassing: the Ingress by which an ACME challenge is answered is never denied for its siblings.
func TestPassing(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow), secret("shop/ca-2", "ca.crt", shallow), mtls("shop/api", "shop/ca", created(noon.Add(-time.Hour))))
	rival := mtls("shop/solver", "shop/ca-2", hosts("api.test"), created(noon))
	s.denied(create(rival), true)
	solver := label("acme.cert-manager.io/http01-solver", "true")
	challenge := func(fields map[string]any) {
		set([]any{map[string]any{"host": "api.test", "http": map[string]any{"paths": []any{map[string]any{
			"path": "/.well-known/acme-challenge/x", "pathType": "ImplementationSpecific",
			"backend": map[string]any{"service": map[string]any{"name": "api", "port": map[string]any{"number": int64(8089)}}},
		}}}}}, "spec", "rules")(fields)
	}
	s.denied(create(mtls("shop/solver", "shop/ca-2", challenge, created(noon), solver)), false)
	// A label is no licence: what serves more than the challenge is judged like any other.
	s.denied(create(mtls("shop/solver", "shop/ca-2", hosts("api.test"), created(noon), solver)), true)
	s.denied(create(mtls("shop/solver", "shop/ca-2", challenge, created(noon), label("acme.cert-manager.io/http01-solver", ""))), true)
	// For what is its own fault it is.
	s.denied(create(mtls("shop/solver", "shop/none", challenge, solver)), true)
}

// TestEnforceFrom: until a rule is enforced, a warning names the day.
func TestEnforceFrom(t *testing.T) {
	day := noon.AddDate(0, 0, 14)
	e := engineWith(rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"ingress-nginx/client-ca-missing"}, Action: rule.Deny, EnforceFrom: day}}})
	s := open(t, func(p *webhook.Policy) { p.Reviewer = e })
	s.put(nginxClass())
	a := s.denied(create(mtls("shop/api", "shop/ca")), false)
	if len(a.Warnings) != 1 || !strings.HasPrefix(a.Warnings[0], "denied from 2026-11-15: every request to api.test gets 403") {
		t.Errorf("warnings %q", a.Warnings)
	}
	s.pass(15 * 24 * time.Hour)
	s.denied(create(mtls("shop/api", "shop/ca")), true)
}

const depthAnnotation = "nginx.ingress.kubernetes.io/auth-tls-verify-depth"
