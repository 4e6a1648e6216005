package webhook_test

import (
	"fmt"
	"testing"
	"time"
)

// TestBypasses: ways past a denial that somebody who may write Ingresses and policies of the own namespace could think of.
func TestBypasses(t *testing.T) {
	good := secret("shop/ca", "ca.crt", shallow)
	t.Run("what is broken may stay, but not come over somebody else's host", func(t *testing.T) {
		s := open(t)
		old := mtls("evil/x", "evil/none", hosts("own.test"), created(noon))
		s.put(nginxClass(), old, ingress("shop/api", hosts("api.test")))
		s.denied(update(old, mtls("evil/x", "evil/none", hosts("own.test"), created(noon), label("a", "b"))), false)
		s.denied(update(old, mtls("evil/x", "evil/none", hosts("api.test"), created(noon))), true)
	})
	t.Run("an older Ingress does not take over the host of a newer one", func(t *testing.T) {
		s := open(t)
		old := mtls("evil/x", "evil/ca", hosts("own.test"), created(noon.Add(-time.Hour)))
		s.put(nginxClass(), old, good, secret("evil/ca", "ca.crt", deep), mtls("shop/api", "shop/ca", hosts("api.test"), created(noon)))
		s.denied(update(old, mtls("evil/x", "evil/ca", hosts("own.test", "api.test"), created(noon.Add(-time.Hour)))), true)
	})
	t.Run("a reference of a kind that nobody knows lifts no denial", func(t *testing.T) {
		s := open(t)
		policy := policyOn("shop/api", "api", "none", set([]any{
			map[string]any{"group": "", "kind": "ConfigMap", "name": "none"},
			map[string]any{"group": "foo.example", "kind": "Whatever", "name": "x"},
		}, "spec", "validation", "caCertificateRefs"))
		s.denied(create(policy), true)
	})
	t.Run("what is being deleted is in force until it is gone", func(t *testing.T) {
		s := open(t)
		gone := set("2026-11-01T12:00:00Z", "metadata", "deletionTimestamp")
		old := ingress("shop/api", gone, created(noon))
		s.put(nginxClass(), old)
		s.denied(update(old, mtls("shop/api", "shop/none", gone, created(noon))), true)
		s.denied(update(old, ingress("shop/api", gone, created(noon), set([]any{}, "metadata", "finalizers"))), false)
	})
	t.Run("nobody uses up everybody's live reads", func(t *testing.T) {
		s := openBudget(t, 20)
		s.put(nginxClass())
		for range 40 {
			one := mtls("evil/x", "evil/none-"+string(rune('a'+len(s.outcomes)%26))+string(rune('a'+len(s.outcomes)/26)))
			s.ask(create(one))
		}
		s.denied(create(mtls("shop/api", "shop/none")), true)
	})
}

// TestMakersWithoutNamespace: trust-manager's Bundles stand in no namespace.
func TestMakersWithoutNamespace(t *testing.T) {
	const bundles = "Bundle.trust.cert-manager.io"
	bundle := parse(t, `{"apiVersion":"trust.cert-manager.io/v1alpha1","kind":"Bundle","metadata":{"name":"ca"},"spec":{"target":{"configMap":{"key":"ca.crt"}}}}`)
	s := open(t)
	s.serves(bundles)
	s.denied(create(policyOn("shop/api", "api", "ca")), true)
	s.appear(bundle)
	s.pass(time.Second)
	s.denied(create(policyOn("shop/api", "api", "ca")), false)
}

// TestRename: a tool creates the new object before it deletes the old one.
func TestRename(t *testing.T) {
	release := annotation("meta.helm.sh/release-name", "shop")
	s := open(t)
	s.put(configMap("shop/ca", "ca.crt", shallow), policyOn("shop/old", "api", "ca", release, created(noon.Add(-time.Hour))))
	s.denied(create(policyOn("shop/new", "api", "ca", release)), false)
	s.denied(create(policyOn("shop/new", "api", "ca")), true)
}

// TestCrowd: a document holds 64 peers, and a crowd of one's own does not push somebody else's out of it.
func TestCrowd(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow), mtls("shop/api", "shop/ca", hosts("api.test"), created(noon)))
	for i := range 100 {
		s.put(ingress(fmt.Sprintf("evil/b%03d", i), hosts("api.test"), created(noon)))
	}
	s.denied(create(ingress("evil/x", hosts("api.test"), nginx("ssl-passthrough", "true"))), true)
}
