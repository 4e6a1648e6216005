package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/webhook"
)

func isStrict(p *webhook.Policy) { p.Reviewer = strict() }

// TestNoFalseDenials: the inventory lags behind in every way that matters, and what the API server holds is right. cached is
// the inventory alone, true the API server alone, common both.
func TestNoFalseDenials(t *testing.T) {
	older, newer := created(noon.Add(-time.Hour)), created(noon)
	for _, test := range []struct {
		name                 string
		common, cached, true []kube.Object
		object               kube.Object
		old                  *kube.Object
	}{
		{
			name: "the Secret was just created", common: []kube.Object{nginxClass()},
			true: []kube.Object{secret("shop/ca", "ca.crt", shallow)}, object: mtls("shop/api", "shop/ca"),
		},
		{
			name: "the Secret just gained its CA", common: []kube.Object{nginxClass()},
			cached: []kube.Object{secret("shop/ca", "other", "x")}, true: []kube.Object{secret("shop/ca", "other", "x", "ca.crt", shallow)},
			object: mtls("shop/api", "shop/ca"),
		},
		{
			name: "an expired CA was just renewed", common: []kube.Object{nginxClass()},
			cached: []kube.Object{secret("shop/ca", "ca.crt", expired().CertPEM)}, true: []kube.Object{secret("shop/ca", "ca.crt", shallow)},
			object: mtls("shop/api", "shop/ca"),
		},
		{
			name: "the ConfigMap was just created", true: []kube.Object{configMap("shop/ca", "ca.crt", shallow)},
			object: policyOn("shop/api", "api", "ca"),
		},
		{
			name: "the grant was just created", common: []kube.Object{gatewayClass(), secret("infra/tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM)},
			true: []kube.Object{grant("infra/to-shop", "shop")}, object: gateway("shop/edge", "infra/tls"),
		},
		{
			name: "so were the grant and the Secret", common: []kube.Object{gatewayClass()},
			true:   []kube.Object{grant("infra/to-shop", "shop"), secret("infra/tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM)},
			object: gateway("shop/edge", "infra/tls"),
		},
		{
			name: "the grant was just widened", common: []kube.Object{gatewayClass(), secret("infra/tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM)},
			cached: []kube.Object{grant("infra/g", "desk")}, true: []kube.Object{grant("infra/g", "shop")},
			object: gateway("shop/edge", "infra/tls"),
		},
		{
			name: "the class was just created, and is another's", true: []kube.Object{ingressClass("edge", "example.com/edge")},
			object: mtls("shop/api", "shop/ca", class("edge")),
		},
		{
			name: "the class was just changed", cached: []kube.Object{ingressClass("edge", "k8s.io/ingress-nginx")},
			true: []kube.Object{ingressClass("edge", "example.com/edge")}, object: mtls("shop/api", "shop/ca", class("edge")),
		},
		{
			name: "the other Ingress moved to another host", common: []kube.Object{nginxClass(), secret("shop/ca", "ca.crt", shallow), secret("shop/ca-2", "ca.crt", shallow)},
			cached: []kube.Object{mtls("shop/other", "shop/ca-2", hosts("api.test"), older)}, true: []kube.Object{mtls("shop/other", "shop/ca-2", hosts("other.test"), older)},
			object: mtls("shop/api", "shop/ca", newer),
		},
		{
			name: "the other Ingress took the same CA", common: []kube.Object{nginxClass(), secret("shop/ca", "ca.crt", shallow), secret("shop/ca-2", "ca.crt", shallow)},
			cached: []kube.Object{mtls("desk/other", "shop/ca-2", hosts("api.test"), older)}, true: []kube.Object{mtls("desk/other", "shop/ca", hosts("api.test"), older)},
			object: mtls("shop/api", "shop/ca", newer),
		},
		{
			name: "the other Ingress passes nothing through any more", common: []kube.Object{nginxClass(), secret("shop/ca", "ca.crt", shallow)},
			cached: []kube.Object{ingress("shop/other", nginx("ssl-passthrough", "true"), hosts("api.test"))}, true: []kube.Object{ingress("shop/other", hosts("api.test"))},
			object: mtls("shop/api", "shop/ca"),
		},
		{
			name: "the other policy was just deleted", common: []kube.Object{configMap("shop/ca", "ca.crt", shallow)},
			cached: []kube.Object{policyOn("shop/other", "api", "ca", older)}, object: policyOn("shop/api", "api", "ca", newer),
		},
		{
			name: "an update refers to what was just created", common: []kube.Object{nginxClass(), secret("shop/ca", "ca.crt", shallow)},
			true: []kube.Object{secret("shop/new", "ca.crt", shallow)}, object: mtls("shop/api", "shop/new"), old: ptr(mtls("shop/api", "shop/ca")),
		},
		{
			name: "the class and the CA behind it, both at once", cached: []kube.Object{ingressClass("edge", "example.com/edge")},
			true:   []kube.Object{ingressClass("edge", "k8s.io/ingress-nginx"), secret("shop/ca", "ca.crt", shallow)},
			object: mtls("shop/api", "shop/ca", class("edge")),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, isStrict)
			s.put(test.common...)
			s.linger(test.cached...)
			s.appear(test.true...)
			if test.old != nil {
				s.put(*test.old)
			}
			s.denied(request{object: &test.object, old: test.old}, false)
			if reads := s.looked(); len(reads) > 16 {
				t.Errorf("%d reads: %v", len(reads), reads)
			}
			// Once the inventory has caught up, the verdict is the same, and nobody looks again.
			for _, obj := range test.cached {
				s.store.Delete(obj.ID)
			}
			s.linger(test.true...)
			s.denied(request{object: &test.object, old: test.old}, false)
			if reads := s.looked(); len(reads) > 0 {
				t.Errorf("reads without a denial: %v", reads)
			}
		})
	}
}

// TestTrueDenials: the scenes of TestNoFalseDenials, where the API server holds no more than the inventory.
func TestTrueDenials(t *testing.T) {
	older, newer := created(noon.Add(-time.Hour)), created(noon)
	for _, test := range []struct {
		name   string
		common []kube.Object
		object kube.Object
		want   string
		reads  []string
	}{
		{
			name: "no Secret", common: []kube.Object{nginxClass()}, object: mtls("shop/api", "shop/ca"),
			want:  "every request to api.test gets 403, because Secret shop/ca does not exist",
			reads: []string{"Secret shop/ca", "IngressClass nginx"},
		},
		{
			name: "a Secret without a CA", common: []kube.Object{nginxClass(), secret("shop/ca", "other", "x")}, object: mtls("shop/api", "shop/ca"),
			want: "every request to api.test gets 403, because Secret shop/ca holds no CA (it has no ca.crt)", reads: []string{"Secret shop/ca", "IngressClass nginx"},
		},
		{
			name: "an expired CA", common: []kube.Object{nginxClass(), secret("shop/ca", "ca.crt", expired().CertPEM)}, object: mtls("shop/api", "shop/ca"),
			want:  `every certificate that is checked against it is refused, because CA "CN=old" of Secret shop/ca expired on 2026-10-31`,
			reads: []string{"Secret shop/ca", "IngressClass nginx"},
		},
		{
			name: "no ConfigMap", object: policyOn("shop/api", "api", "ca"),
			want:  "requests to Service shop/api fail with 5xx, because ConfigMap shop/ca does not exist",
			reads: []string{"ConfigMap shop/ca", "Service shop/api"},
		},
		{
			name: "no grant", common: []kube.Object{gatewayClass(), secret("infra/tls", "tls.crt", leaf.CertPEM)}, object: gateway("shop/edge", "infra/tls"),
			want: "listener l0 serves no TLS, because Secret infra/tls is not granted: no ReferenceGrant in namespace infra lets a Gateway of namespace shop refer to a Secret",
		},
		{
			name: "no grant, and whether the Secret is there is not told", common: []kube.Object{gatewayClass()}, object: gateway("shop/edge", "infra/tls"),
			want: "listener l0 serves no TLS, because Secret infra/tls is not granted: no ReferenceGrant in namespace infra lets a Gateway of namespace shop refer to a Secret",
		},
		{
			name: "a class that nobody knows, and annotations of ingress-nginx", object: mtls("shop/api", "shop/ca", class("edge")),
			want: "every request to api.test gets 403, because Secret shop/ca does not exist", reads: []string{"Secret shop/ca", "IngressClass edge"},
		},
		{
			name: "another policy for the host", common: []kube.Object{nginxClass(), secret("shop/ca", "ca.crt", shallow), secret("shop/ca-2", "ca.crt", shallow), mtls("shop/other", "shop/ca-2", hosts("api.test"), older)},
			object: mtls("shop/api", "shop/ca", newer),
			want:   "only the oldest of the client certificate policies for api.test is in force, because Ingress shop/other differs in auth-tls-secret",
			reads:  []string{"Secret shop/ca", "Ingress shop/other", "IngressClass nginx"},
		},
		{
			name: "another policy for the Service", common: []kube.Object{configMap("shop/ca", "ca.crt", shallow), policyOn("shop/other", "api", "ca", older)},
			object: policyOn("shop/api", "api", "ca", newer),
			want:   "only the older of two policies for Service shop/api is in force, because BackendTLSPolicy shop/other names it too",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			s.put(test.common...)
			a := s.denied(create(test.object), true)
			if first, _, _ := strings.Cut(a.message(), "\n"); first != test.want {
				t.Errorf("first line: %s\nwant        %s", first, test.want)
			}
			if reads := s.looked(); test.reads != nil && !slices.Equal(reads, test.reads) {
				t.Errorf("read %q, want %q", reads, test.reads)
			}
		})
	}
}

// TestStalePresence: what the inventory still shows is believed. It is gone a moment later, and audit says so.
func TestStalePresence(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), gatewayClass())
	s.linger(secret("shop/ca", "ca.crt", shallow), secret("infra/tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM), grant("infra/g", "shop"))
	s.appear(mtls("shop/other", "shop/ca-2", hosts("api.test"), created(noon.Add(-time.Hour))))
	s.denied(create(mtls("shop/api", "shop/ca")), false)
	s.denied(create(gateway("shop/edge", "infra/tls")), false)
	if reads := s.looked(); len(reads) > 0 {
		t.Errorf("read %v", reads)
	}
}

// TestFailedReads: where it cannot be looked again, nobody is denied, and the requester is told why.
func TestFailedReads(t *testing.T) {
	older, newer := created(noon.Add(-time.Hour)), created(noon)
	rivals := []kube.Object{nginxClass(), secret("shop/ca", "ca.crt", shallow), secret("shop/ca-2", "ca.crt", shallow), mtls("shop/other", "shop/ca-2", hosts("api.test"), older)}
	for _, test := range []struct {
		name, fails string
		common      []kube.Object
		object      kube.Object
		denied      bool
	}{
		{name: "the Secret", fails: "Secret shop/ca", common: []kube.Object{nginxClass()}, object: mtls("shop/api", "shop/ca")},
		{name: "the Secret that holds no CA", fails: "Secret shop/ca", common: []kube.Object{nginxClass(), secret("shop/ca", "x", "y")}, object: mtls("shop/api", "shop/ca")},
		{name: "the class", fails: "IngressClass nginx", common: []kube.Object{nginxClass()}, object: mtls("shop/api", "shop/ca")},
		{name: "the rival", fails: "Ingress shop/other", common: rivals, object: mtls("shop/api", "shop/ca", newer)},
		{name: "the grants", fails: "ReferenceGrants of infra", common: []kube.Object{gatewayClass()}, object: gateway("shop/edge", "infra/tls")},
		{name: "the ConfigMap", fails: "ConfigMap shop/ca", object: policyOn("shop/api", "api", "ca")},
		{
			name: "one Secret of two: the other one is denied", fails: "Secret shop/ca", common: []kube.Object{nginxClass()}, denied: true,
			object: mtls("shop/api", "shop/ca", nginx("proxy-ssl-secret", "shop/nothing"), nginx("auth-tls-verify-depth", "-1")),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			s.put(test.common...)
			s.fails = func(what string) error {
				if what == test.fails {
					return errors.New("refused")
				}
				return nil
			}
			a := s.denied(create(test.object), test.denied)
			if !slices.ContainsFunc(a.Warnings, func(w string) bool {
				return strings.HasPrefix(w, "not denied, as it could not be confirmed: ")
			}) {
				t.Errorf("no warning: %q", a.Warnings)
			}
			if o := s.last(); len(o.Unconfirmed) == 0 || o.WouldDeny != test.denied {
				t.Errorf("told as %+v", o)
			}
			// Once it can be read, the same is denied.
			s.fails = nil
			s.pass(time.Second)
			s.denied(create(test.object), true)
		})
	}
}

// TestBudget: past so many reads a second, denials are not confirmed, and so none; nobody waits for the next second.
func TestBudget(t *testing.T) {
	s := openBudget(t, 1) // bursts of two: one denial of a Secret and its class
	s.put(nginxClass())
	s.denied(create(mtls("shop/a", "shop/ca-a")), true)
	began := time.Now()
	for i := range 5 {
		s.pass(time.Second) // our clock, not the budget's
		a := s.denied(create(mtls("shop/b", fmt.Sprintf("shop/ca-%d", i))), false)
		if !strings.HasPrefix(a.Warnings[0], "not denied, as it could not be confirmed: ") {
			t.Errorf("got %q", a.Warnings)
		}
	}
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("took %s", took)
	}
	if reads := s.looked(); len(reads) > 3 {
		t.Errorf("%d reads: %v", len(reads), reads)
	}
	if s.results["over budget"] == 0 {
		t.Errorf("read results: %v", s.results)
	}
}

// TestStalledReads: the API server does not answer. Ours comes in time, and is no denial.
func TestStalledReads(t *testing.T) {
	s := open(t, isStrict)
	s.put(gatewayClass(), nginxClass())
	s.slow = func(ctx context.Context, _ string) { <-ctx.Done() }
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprintf("shop/tls-%d", i))
	}
	for _, obj := range []kube.Object{mtls("shop/api", "shop/ca"), gateway("shop/edge", many...)} {
		began := time.Now()
		r := create(obj)
		r.timeout = "2s"
		a := s.denied(r, false)
		if took := time.Since(began); took > 1900*time.Millisecond {
			t.Errorf("%s: an answer after %s", obj.ID, took)
		}
		if len(a.Warnings) == 0 || !strings.HasPrefix(a.Warnings[0], "not denied, as it could not be confirmed: ") {
			t.Errorf("%s: %q", obj.ID, a.Warnings)
		}
	}
}

// TestManyWitnesses: a denial that rests on more objects than are read is none for what was not read.
func TestManyWitnesses(t *testing.T) {
	var references []string
	var secrets, grants []kube.Object
	for i := range 40 {
		namespace := fmt.Sprintf("n%02d", i)
		references = append(references, namespace+"/tls")
		secrets = append(secrets, secret(namespace+"/tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM))
		grants = append(grants, grant(namespace+"/g", "shop"))
	}
	var own []string
	var ownSecrets []kube.Object
	for i := range 40 {
		own = append(own, fmt.Sprintf("shop/tls-%02d", i))
		ownSecrets = append(ownSecrets, secret(own[i], "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM))
	}
	for _, test := range []struct {
		name   string
		true   []kube.Object
		object kube.Object
		denied bool
	}{
		{name: "all grants are there", true: append(slices.Clone(secrets), grants...), object: gateway("shop/edge", references...)},
		{name: "none is", true: secrets, object: gateway("shop/edge", references...), denied: true},
		{name: "all Secrets are there", true: ownSecrets, object: gateway("shop/edge", own...)},
		{name: "none of them is", object: gateway("shop/edge", own...), denied: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, isStrict)
			s.put(gatewayClass())
			s.appear(test.true...)
			a := s.denied(create(test.object), test.denied)
			if reads := s.looked(); len(reads) > 16 {
				t.Errorf("%d reads: %v", len(reads), reads)
			}
			if !slices.ContainsFunc(a.Warnings, func(w string) bool {
				return strings.HasPrefix(w, "not denied, as it could not be confirmed: ") || strings.Contains(w, " more, see decision ")
			}) {
				t.Errorf("warnings: %q", a.Warnings)
			}
			if o := s.last(); len(o.Unconfirmed) == 0 {
				t.Errorf("nothing is told to be unconfirmed: %v", o.Decision.Findings)
			}
		})
	}
}

// TestGrantsAreReadForThoseWhoNeedThem: an Ingress refers to Secrets of other namespaces as ingress-nginx lets it, which no
// ReferenceGrant has a say in.
func TestGrantsAreReadForThoseWhoNeedThem(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), nginxConfig("allow-cross-namespace-resources", "true"))
	s.fails = func(what string) error {
		if strings.HasPrefix(what, "ReferenceGrants") {
			return errors.New("no such kind")
		}
		return nil
	}
	s.denied(create(mtls("shop/api", "infra/ca")), true)
	if reads := s.looked(); !slices.Equal(reads, []string{"Secret infra/ca", "IngressClass nginx", "ConfigMap ingress-nginx/ingress-nginx-controller"}) {
		t.Errorf("read %v", reads)
	}
}

// TestSingleFlight: a hundred ask for what is missing at once, and few reads answer them all. What is there is not remembered, so
// that the class is read as often as they are apart; TestLiveTogether counts those who are not.
func TestSingleFlight(t *testing.T) {
	s := open(t)
	s.put(nginxClass())
	s.slow = func(context.Context, string) { time.Sleep(20 * time.Millisecond) }
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			if a := s.ask(create(mtls("shop/api", "shop/ca"))); a.Allowed || a.status != http.StatusOK {
				t.Errorf("got %v", a)
			}
		})
	}
	wait.Wait()
	reads := s.looked()
	if n := len(slices.DeleteFunc(slices.Clone(reads), func(what string) bool { return what != "Secret shop/ca" })); n > 2 || len(reads) > 60 {
		t.Errorf("%d reads for a hundred requests, %d of the Secret", len(reads), n)
	}
}

// TestRemembered: for fifty milliseconds "not there" is not asked again, unless the inventory hears of the object.
func TestRemembered(t *testing.T) {
	s := open(t)
	s.put(nginxClass())
	ca := secret("shop/ca", "ca.crt", shallow)
	s.denied(create(mtls("shop/api", "shop/ca")), true)
	s.looked()
	s.denied(create(mtls("shop/again", "shop/ca")), true)
	if reads := s.looked(); slices.Contains(reads, "Secret shop/ca") {
		t.Errorf("read %v", reads)
	}
	s.appear(ca)
	s.door.Changed(secret("shop/other").ID)
	s.denied(create(mtls("shop/again", "shop/ca")), true)
	s.door.Changed(ca.ID)
	s.denied(create(mtls("shop/again", "shop/ca")), false)
	s.vanish(ca)
	s.denied(create(mtls("shop/again", "shop/ca")), true)
	s.appear(ca)
	s.pass(50 * time.Millisecond)
	s.denied(create(mtls("shop/again", "shop/ca")), false)
}

func ptr(obj kube.Object) *kube.Object { return &obj }
