package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func objects(t testing.TB, text string) []kube.Object {
	t.Helper()
	found := read(t, []byte(text))
	if len(found) == 0 {
		t.Fatalf("no object in %s", text)
	}
	return found
}

func nginxClass(t testing.TB) kube.Object {
	return objects(t, `{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}`)[0]
}

// mutual is an Ingress that asks for client certificates.
func mutual(t testing.TB, namespace, name, ca string) kube.Object {
	return objects(t, fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: %[2]s
  namespace: %[1]s
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: %[1]s/%[3]s
    nginx.ingress.kubernetes.io/auth-tls-verify-depth: "1"
spec:
  ingressClassName: nginx
  tls: [{hosts: [%[2]s.%[1]s.test]}]
  rules: [{host: %[2]s.%[1]s.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`, namespace, name, ca))[0]
}

func secret(t testing.TB, namespace, name, ca string) kube.Object {
	text := fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: %s, namespace: %s}, type: Opaque, stringData: {other: x}}", name, namespace)
	if ca != "" {
		text = fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: %s}\ntype: Opaque\nstringData:\n  ca.crt: |\n%s", name, namespace,
			"    "+strings.ReplaceAll(strings.TrimSpace(ca), "\n", "\n    ")+"\n")
	}
	return objects(t, text)[0]
}

func has(v audit.Verdict, id string) bool {
	return slices.ContainsFunc(v.Findings, func(f audit.Finding) bool { return f.Rule == id })
}

// TestOnlyReferrers: a changed Secret costs a review for each object that refers to it, and no other.
func TestOnlyReferrers(t *testing.T) {
	t.Parallel()
	ca := pkitest.New("referrers", noon).Root("ca").CertPEM
	store := cluster(nginxClass(t))
	for i := range 20 {
		namespace := fmt.Sprint("team-", i)
		store.Put(secret(t, namespace, "ca", ca))
		store.Put(secret(t, namespace, "other", ca))
		for j := range 3 {
			store.Put(mutual(t, namespace, fmt.Sprint("web-", j), "ca"))
		}
	}
	a := auditing(store, &clock{noon})
	a.Settle(t.Context())
	reviews := func(change func()) int {
		t.Helper()
		before := a.Stats().Reviews
		change()
		a.Settle(t.Context())
		return a.Stats().Reviews - before
	}
	for _, test := range []struct {
		name   string
		change func()
		want   int
	}{
		{"nothing", func() {}, 0},
		{"a Secret of three", func() { store.Put(secret(t, "team-1", "ca", "")) }, 3},
		{"the same gone", func() { store.Delete(kube.ID{Kind: "Secret", Namespace: "team-1", Name: "ca"}) }, 3},
		{"the same back", func() { store.Put(secret(t, "team-1", "ca", ca)) }, 3},
		{"one that nobody refers to", func() { store.Put(secret(t, "team-1", "other", "")) }, 0},
		{"one of an unheard-of name", func() { store.Put(secret(t, "team-1", "third", ca)) }, 0},
		{"an Ingress", func() { store.Put(mutual(t, "team-1", "web-0", "other")) }, 1},
		{"an Ingress as it is", func() { store.Put(mutual(t, "team-1", "web-0", "other")) }, 0},
		{"the class of all", func() { store.Delete(nginxClass(t).ID) }, 60},
	} {
		if got := reviews(test.change); got != test.want {
			t.Errorf("%s: %d reviews, want %d", test.name, got, test.want)
		}
	}
}

// TestExpiry: time alone turns verdicts, at the minute, and nothing is judged before.
func TestExpiry(t *testing.T) {
	t.Parallel()
	end := noon.Add(40 * 24 * time.Hour)
	ca := pkitest.New("expiry", noon).With(pkitest.NotBefore(noon.AddDate(-1, 0, 0)), pkitest.NotAfter(end)).Root("ca").CertPEM
	web := mutual(t, "shop", "web", "ca")
	store := cluster(nginxClass(t), secret(t, "shop", "ca", ca), web)
	now := &clock{noon}
	a := auditing(store, now)
	a.Settle(t.Context())
	for _, test := range []struct {
		at                time.Time
		expiring, expired bool
	}{
		{noon, false, false},
		{end.AddDate(0, 0, -30).Add(-time.Second), false, false},
		{end.AddDate(0, 0, -30).Add(time.Minute), true, false},
		{end, true, false},
		{end.Add(time.Minute), false, true},
	} {
		now.Time = test.at
		a.Settle(t.Context())
		v := a.Verdicts()[web.ID]
		if has(v, "certificates/ca-expiring") != test.expiring || has(v, "certificates/ca-expired") != test.expired {
			t.Errorf("at %s: %+v", test.at, v.Findings)
		}
		if len(v.Certificates) != 1 || !v.Certificates[0].NotAfter.Equal(end) || !v.Certificates[0].CA || !v.Certificates[0].Due.Equal(end.AddDate(0, 0, -30)) {
			t.Errorf("at %s: certificates %+v", test.at, v.Certificates)
		}
	}
	before := a.Stats().Reviews
	now.Time = now.Add(365 * 24 * time.Hour)
	a.Settle(t.Context())
	if got := a.Stats().Reviews - before; got > 2 {
		t.Errorf("%d reviews in a year in which nothing turns", got)
	}
}

// failing is an engine that gives no verdict on some objects.
type failing struct {
	audit.Reviewer
	mu  sync.Mutex
	how string
}

func (f *failing) set(how string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.how = how
}

func (f *failing) Review(ctx context.Context, r engine.Request) (rule.Decision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.how {
	case "error":
		return rule.Decision{}, errors.New("no verdict")
	case "panic":
		panic("index out of range")
	}
	return f.Reviewer.Review(ctx, r)
}

// TestNoVerdict: an object that cannot be judged keeps what was known of it, and says so; nothing else suffers.
func TestNoVerdict(t *testing.T) {
	t.Parallel()
	web := mutual(t, "shop", "web", "missing")
	store := cluster(nginxClass(t), web)
	reviewer, now := &failing{Reviewer: shipped()}, &clock{noon}
	a := audit.New(audit.Options{Store: store, Reviewer: reviewer, Now: now.now})
	a.Follow()
	a.Settle(t.Context())
	want := a.Verdicts()[web.ID]
	if !has(want, "ingress-nginx/client-ca-missing") {
		t.Fatalf("got %+v", want)
	}
	for _, how := range []string{"error", "panic"} {
		reviewer.set(how)
		a.SetReviewer(reviewer)
		a.Settle(t.Context())
		if got := a.Verdicts()[web.ID]; got.Error == "" || !slices.Equal(got.Findings, want.Findings) {
			t.Errorf("%s: got %+v", how, got)
		}
	}
	if got := a.Stats(); got.Failures != 2 || got.Objects != 1 || got.Waiting != 0 {
		t.Errorf("got %+v", got)
	}
	// What failed for a while, as a review that overran does, is tried again, though nothing changes.
	reviewer.set("")
	a.Settle(t.Context())
	if got := a.Verdicts()[web.ID]; got.Error == "" {
		t.Errorf("tried again at once: %+v", got)
	}
	now.Time = noon.Add(5 * time.Minute)
	a.Settle(t.Context())
	if got := a.Verdicts()[web.ID]; !got.Equal(want) {
		t.Errorf("got %+v", got)
	}
}

// TestRun: as serve runs it: it waits until the inventory is ready, tells what changes and when it is gone, and begins anew.
func TestRun(t *testing.T) {
	t.Parallel()
	web := mutual(t, "shop", "web", "ca")
	store := cluster(nginxClass(t), web)
	var ready sync.WaitGroup
	told := make(chan audit.Verdict, 100)
	closed := make(chan struct{})
	a := audit.New(audit.Options{
		Store: store, Reviewer: shipped(), Now: time.Now,
		Ready: func() error {
			select {
			case <-closed:
				return nil
			default:
				return errors.New("not yet")
			}
		},
		Tell: func(_, now audit.Verdict) { told <- now },
	})
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		ready.Go(func() {
			if err := a.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		next := func(what string) audit.Verdict {
			t.Helper()
			select {
			case v := <-told:
				return v
			case <-time.After(10 * time.Second):
				t.Fatalf("nothing told of %s", what)
				return audit.Verdict{}
			}
		}
		select {
		case <-closed:
		default:
			select {
			case v := <-told:
				t.Errorf("judged before the inventory was ready: %+v", v)
			case <-time.After(3 * time.Second / 10):
			}
			close(closed)
		}
		if v := next("the first verdict"); !has(v, "ingress-nginx/client-ca-missing") {
			t.Errorf("got %+v", v)
		}
		store.Put(secret(t, "shop", "ca", pkitest.New("run", time.Now()).Root("ca").CertPEM))
		if v := next("a CA that came"); has(v, "ingress-nginx/client-ca-missing") {
			t.Errorf("got %+v", v)
		}
		store.Delete(web.ID)
		if v := next("an object that went"); v.Object.Kind != "" {
			t.Errorf("got %+v", v)
		}
		stop()
		ready.Wait()
		store.Delete(kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"})
		store.Put(web)
	}
}

// TestSettingsEnd: exemptions and denials to come turn at their own moment, to the second.
func TestSettingsEnd(t *testing.T) {
	t.Parallel()
	const id = "ingress-nginx/client-ca-missing"
	until, from := noon.Add(90*time.Second), noon.Add(10*time.Minute+7*time.Second)
	e, err := engine.New(engine.Settings{Scope: "this cluster", Rules: rule.Settings{
		Exemptions: []rule.Exemption{{Rules: []string{id}, Objects: []string{"Ingress shop/web"}, Reason: "soon", Until: until}},
		Actions:    []rule.ActionSetting{{Rules: []string{id}, Action: rule.Deny, EnforceFrom: from}},
	}}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	web, now := mutual(t, "shop", "web", "missing"), &clock{noon}
	a := audit.New(audit.Options{Store: cluster(nginxClass(t), web), Reviewer: e, Now: now.now})
	a.Follow()
	for _, test := range []struct {
		at   time.Time
		want string
	}{
		{noon, "suppressed"},
		{until, "suppressed"},
		{until.Add(time.Second), "warn"},
		{from.Add(-time.Second), "warn"},
		{from, "deny"},
	} {
		now.Time = test.at
		a.Settle(t.Context())
		v := a.Verdicts()[web.ID]
		got := "suppressed"
		for _, f := range v.Findings {
			if f.Rule == id {
				got = f.Action.String()
			}
		}
		if got != test.want || (got == "suppressed") != (v.Suppressed == 1) {
			t.Errorf("at %s: %s, want %s: %+v", test.at, got, test.want, v)
		}
	}
}
