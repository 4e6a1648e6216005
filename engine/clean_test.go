package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// TestCleanAsksNobody: for an object as most are OPA is asked nothing, which costs more than all the rest of a review. A rule that
// breaks this has a step that engine/prefilter does not know.
func TestCleanAsksNobody(t *testing.T) {
	wild, named := mint.Leaf(under, "*.shop.test"), mint.Leaf(under, "a.shop.test")
	pair := func(name, chain string, key string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: shop}\ntype: kubernetes.io/tls\nstringData: {tls.crt: %q, tls.key: %q}\n", name, chain, key)
	}
	service := "{apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {ports: [{name: https, port: 443}]}}"
	tls := func(secret string) string {
		return fmt.Sprintf(`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop}, spec: {ingressClassName: nginx,
  tls: [{hosts: [a.shop.test], secretName: %s}], rules: [{host: a.shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 443}}}}]}}]}}`, secret)
	}
	mutual := func(secret string) string {
		return fmt.Sprintf(`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop, annotations: {
  nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca, nginx.ingress.kubernetes.io/auth-tls-verify-client: "on",
  nginx.ingress.kubernetes.io/auth-tls-verify-depth: "1", nginx.ingress.kubernetes.io/force-ssl-redirect: "true"}}, spec: {ingressClassName: nginx,
  tls: [{hosts: [a.shop.test], secretName: %s}], rules: [{host: a.shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 443}}}}]}}]}}`, secret)
	}
	chain := under.CertPEM + below.CertPEM
	for name, text := range map[string]string{
		"an Ingress without TLS":                   webIngress("web", "a.shop.test", "", ""),
		"an Ingress with TLS":                      tls("named"),
		"an Ingress with a wildcard certificate":   tls("wild"),
		"an Ingress with mTLS":                     mutual("named"),
		"an Ingress with mTLS behind a wildcard":   mutual("wild"),
		"an Ingress whose verify depth is not set": strings.Replace(mutual("named"), `nginx.ingress.kubernetes.io/auth-tls-verify-depth: "1", `, "", 1),
		"a Gateway": gatewayOf(`listeners: [{name: web, port: 443, protocol: HTTPS, hostname: a.shop.test, tls: {certificateRefs: [{group: "", kind: Secret, name: wild}]}}]`),
		"a BackendTLSPolicy of the system's own CA": "{apiVersion: gateway.networking.k8s.io/v1, kind: BackendTLSPolicy, metadata: {name: api, namespace: shop}, spec: {targetRefs: [{group: '', kind: Service, name: api}], validation: {hostname: api.shop.test, wellKnownCACertificates: System}}}",
	} {
		t.Run(name, func(t *testing.T) {
			e := shipped(t, rule.Settings{})
			store := cluster(t, e, nginxClass, gwClass, service, secretOf("ca", "ca.crt", root.CertPEM),
				pair("named", named.CertPEM+chain, named.KeyPEM), pair("wild", wild.CertPEM+chain, wild.KeyPEM))
			decision, err := e.Review(t.Context(), engine.Request{
				Object: parse(t, text), Inventory: store.Snapshot(), Now: noon, Door: rule.DoorAdmission, Tenant: true, SkipNotes: true,
			})
			if err != nil || len(decision.Findings) > 0 {
				t.Fatalf("got %v, %v, want nothing wrong with it", decision.Findings, err)
			}
			if asked := e.Asked(); len(asked) > 0 {
				t.Errorf("OPA is asked about %v", asked)
			}
		})
	}
}

// TestCallsInSequence: calls after each other are not calls within each other, of which engine/prefilter follows some only.
func TestCallsInSequence(t *testing.T) {
	calls := strings.Repeat("_is(input.object.spec.a)\n\t", 60)
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", Verified: true, FS: book(
		"not input.object.spec.tag\n}", calls+"count(_named) > 1\n\tnot input.object.spec.tag\n}\n\n_is(x) if x == \"a\"\n\n_named contains x if some x in input.object.spec.list")})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		list  []any
		found int
	}{{[]any{"b"}, 0}, {[]any{"b", "c"}, 1}} {
		decision, err := e.Review(t.Context(), widget(map[string]any{"a": "a", "list": test.list}))
		if err != nil || len(decision.Findings) != test.found {
			t.Fatalf("%v: got %v, %v, want %d findings", test.list, decision.Findings, err, test.found)
		}
		if asked := len(e.Asked()); asked != test.found {
			t.Errorf("%v: OPA is asked about %d rules, want %d", test.list, asked, test.found)
		}
	}
}
