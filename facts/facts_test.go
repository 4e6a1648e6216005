package facts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/provider"
)

var now = time.Date(2026, 11, 1, 12, 30, 45, 0, time.UTC)

// shipped reads the providers of our own rulebook: what they say is what must work.
func shipped(t testing.TB) *provider.Set {
	t.Helper()
	files, err := fs.Glob(policies.FS(), "*/provider.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var providers []provider.Provider
	for _, file := range files {
		data, err := fs.ReadFile(policies.FS(), file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := provider.Parse(path.Dir(file), data)
		if err != nil {
			t.Fatal(err)
		}
		providers = append(providers, p)
	}
	return provider.NewSet(providers)
}

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(facts.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("facts.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("facts.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func validate(t testing.TB, s *jsonschema.Schema, document facts.Facts) {
	t.Helper()
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatalf("facts are no JSON: %v", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Fatalf("facts do not follow their schema: %v\n%s", err, text)
	}
}

func objects(t testing.TB, manifests string) []kube.Object {
	t.Helper()
	var list []kube.Object
	for _, text := range strings.Split(manifests, "\n---\n") {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		obj, ok := kube.FromFields(fields)
		if !ok {
			t.Fatalf("no object: %s", text)
		}
		list = append(list, obj)
	}
	return list
}

// gather makes the facts of the first of some objects; the rest stand around it.
func gather(t testing.TB, s facts.Settings, manifests string) map[string]any {
	t.Helper()
	list := objects(t, manifests)
	s.Providers = shipped(t)
	if s.Scope == "" {
		s.Scope = "this tree"
	}
	store := inventory.New(inventory.Options{Providers: s.Providers})
	for _, obj := range list {
		store.Add(obj)
	}
	document := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now}, s)
	validate(t, schema(t), document)
	return document
}

// TestControllers goes through the ways in which the acting controller is told.
func TestControllers(t *testing.T) {
	const ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {ANNOTATION: x}}\nspec: {CLASS}"
	const nginxClass = "\n---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: internal, annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}}\nspec: {controller: k8s.io/ingress-nginx}"
	const foreignClass = "\n---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: internal}\nspec: {controller: example.com/own}"
	const policy = "apiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\nmetadata: {name: p, namespace: shop}\nspec: {targetRefs: [{group: '', kind: Service, name: api}]}"
	const route = "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: front}\nspec: {parentRefs: [{name: edge, namespace: infra}], rules: [{backendRefs: [{name: api, namespace: shop, port: 443}]}]}"
	const gateway = "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: infra}\nspec: {gatewayClassName: corp}"
	const gatewayClass = "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: corp}\nspec: {controllerName: istio.io/gateway-controller}"
	const destinationRule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: shop}\nspec: {host: api}"
	const serviceEntry = "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api, namespace: shop}\nspec: {hosts: [api.vendor.test]}"
	with := func(class, annotation string) string {
		return strings.NewReplacer("CLASS", class, "ANNOTATION", annotation).Replace(ingress)
	}
	nginx := "nginx.ingress.kubernetes.io/auth-tls-secret"
	for _, test := range []struct {
		name, manifests string
		settings        facts.Settings
		want            string // "controller certainty", or "unknown"
	}{
		{name: "class object", manifests: with("ingressClassName: internal", "a") + nginxClass, want: "ingress-nginx known"},
		{name: "class object of a controller nobody described", manifests: with("ingressClassName: internal", nginx) + foreignClass, want: "example.com/own known"},
		{name: "default class", manifests: with("", "a") + nginxClass, want: "ingress-nginx assumed"},
		{name: "annotations", manifests: with("ingressClassName: internal", nginx), want: "ingress-nginx assumed"},
		{name: "annotations without a class", manifests: with("", nginx), want: "ingress-nginx assumed"},
		{name: "a class name that speaks against the annotations", manifests: with("ingressClassName: traefik", nginx), want: "traefik assumed"},
		{name: "legacy annotation", manifests: with("", "kubernetes.io/ingress.class"), want: "unknown"},
		{name: "unknown class name", manifests: with("ingressClassName: internal", "a"), want: "unknown"},
		{name: "no class", manifests: with("", "a"), want: "unknown"},
		{name: "config maps the class", manifests: with("ingressClassName: internal", "a"), settings: facts.Settings{Classes: map[string]string{"internal": "traefik"}}, want: "traefik known"},
		{name: "config says who there is", manifests: with("ingressClassName: internal", "a"), settings: facts.Settings{Only: []string{"kong"}}, want: "kong known"},
		{name: "config says who there is not", manifests: with("ingressClassName: nginx", nginx), settings: facts.Settings{Only: []string{"kong"}}, want: ""},
		{name: "config says who acts instead", manifests: with("ingressClassName: internal", "a") + nginxClass, settings: facts.Settings{Only: []string{"traefik-nginx"}}, want: "traefik-nginx known"},
		{name: "config says both", manifests: with("ingressClassName: internal", nginx), settings: facts.Settings{Only: []string{"ingress-nginx", "traefik-nginx"}}, want: "ingress-nginx assumed"},
		{name: "through route, Gateway and class", manifests: policy + route + gateway + gatewayClass, want: "istio known"},
		{name: "route without its Gateway", manifests: policy + route, want: "unknown"},
		{name: "no route", manifests: policy, want: "unknown"},
		{name: "a target that nobody else has", manifests: strings.Replace(policy, "group: '', kind: Service", "group: networking.istio.io, kind: ServiceEntry", 1) + serviceEntry, want: "istio known"},
		{name: "a kind that nobody else reads", manifests: destinationRule, want: "istio known"},
		{name: "a kind of a controller that is not there", manifests: destinationRule, settings: facts.Settings{Only: []string{"kong"}}, want: ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := gather(t, test.settings, test.manifests)
			got := ""
			controllers, _ := document["controllers"].(map[string]any)
			for _, name := range kube.SortedKeys(controllers) {
				told, _ := controllers[name].(map[string]any)
				got += name + " " + told["certainty"].(string)
			}
			if got == "" && document["controller_unknown"] != nil {
				got = "unknown"
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestHosts: what a host name leads to, and who shares it.
func TestHosts(t *testing.T) {
	const destinationRule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: shop}\nspec: {host: \"HOST\"}"
	const others = `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: other, namespace: infra}
spec: {host: api.shop.svc.cluster.local}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: policy, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: api}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: routes, namespace: shop}
spec: {http: [{route: [{destination: {host: api}}]}], tls: [{route: [{destination: {host: api.vendor.test}}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: vendor, namespace: shop}
spec: {hosts: [api.vendor.test]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: mesh, namespace: istio-system}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 443}]}`
	inMesh := "Service shop/api present; backend-policy policy, destination-rule other, mesh-peer-authentication mesh, peer-authentication strict, virtual-service routes"
	for host, want := range map[string]string{
		"api":                        inMesh,
		"api.shop.svc.cluster.local": inMesh,
		"api.infra.svc":              "Service infra/api absent; mesh-peer-authentication mesh",
		"api.vendor.test":            "; mesh-peer-authentication mesh, service-entry vendor, virtual-service routes",
		"*.vendor.test":              "; mesh-peer-authentication mesh, service-entry vendor",
		"${HOST}":                    "; mesh-peer-authentication mesh",
	} {
		t.Run(host, func(t *testing.T) {
			document := gather(t, facts.Settings{}, strings.Replace(destinationRule, "HOST", host, 1)+others)
			var target string
			refs, _ := document["refs"].(map[string]any)
			list, _ := refs["destination"].([]any)
			for _, element := range list {
				ref, _ := element.(map[string]any)
				target += ref["label"].(string) + " " + ref["presence"].(string)
			}
			var names []string
			peers, _ := document["peers"].(map[string]any)
			for _, index := range kube.SortedKeys(peers) {
				for _, element := range peers[index].([]any) {
					peer, _ := element.(map[string]any)
					names = append(names, index+" "+peer["name"].(string))
				}
			}
			if got := target + "; " + strings.Join(names, ", "); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if document["malformed"] != nil {
				t.Errorf("malformed: %v", document["malformed"])
			}
		})
	}
}

// TestPodsByLabels: pods that no object selects are known by the labels that they always have.
func TestPodsByLabels(t *testing.T) {
	const ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {ingressClassName: istio, tls: [{secretName: web}]}"
	for labels, want := range map[string]string{
		"istio: ingressgateway, app: edge": "Secret edge/web present",
		"istio: egressgateway":             "Secret web unknown",
	} {
		document := gather(t, facts.Settings{}, ingress+gatewayService("edge", labels)+opaque("edge", "web", "tls.crt")+opaque("shop", "web", "tls.crt"))
		refs, _ := document["refs"].(map[string]any)
		ref, _ := refs["ingress-credential"].([]any)[0].(map[string]any)
		if got := ref["label"].(string) + " " + ref["presence"].(string); got != want {
			t.Errorf("%s: got %s, want %s", labels, got, want)
		}
	}
}

// TestGrants: not granted is said before missing, and with it nothing else about the target.
func TestGrants(t *testing.T) {
	const gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: infra}\nspec: {gatewayClassName: eg, listeners: [{name: web, tls: {certificateRefs: [{name: web-tls, namespace: certs}]}}]}"
	const secret = "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: certs}\ndata: {tls.crt: ''}"
	grant := func(namespace, from, name string) string {
		return "\n---\napiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: g, namespace: " + namespace +
			"}\nspec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: " + from + "}], to: [{group: '', kind: Secret" + name + "}]}"
	}
	for _, test := range []struct{ name, manifests, grant, presence, state string }{
		{"no grant in sight", gateway + secret, "unknown", "unknown", "needs a ReferenceGrant in namespace certs"},
		{"granted", gateway + secret + grant("certs", "infra", ""), "granted", "present", "exists"},
		{"granted by name", gateway + secret + grant("certs", "infra", ", name: web-tls"), "granted", "present", "exists"},
		{"granted another name", gateway + secret + grant("certs", "infra", ", name: other"), "not-granted", "unknown", "grants Secret other, not web-tls"},
		{"granted to another namespace", gateway + secret + grant("certs", "apps", ""), "not-granted", "unknown", "grants it to namespace apps, not infra"},
		{"in the wrong namespace", gateway + secret + grant("infra", "infra", ""), "not-granted", "unknown", "stands in the wrong namespace"},
		{"granted and missing", gateway + grant("certs", "infra", ""), "granted", "unknown", "nothing here tells whether it exists"},
	} {
		t.Run(test.name, func(t *testing.T) {
			refs := gather(t, facts.Settings{}, test.manifests)["refs"].(map[string]any)
			ref := refs["listener-certificate"].([]any)[0].(map[string]any)
			if ref["grant"] != test.grant || ref["presence"] != test.presence || !strings.Contains(ref["state"].(string), test.state) {
				t.Errorf("got %v, %v, %q; want %s, %s, ...%s...", ref["grant"], ref["presence"], ref["state"], test.grant, test.presence, test.state)
			}
			if test.grant != "granted" && (ref["keys"] != nil || len(ref["near"].([]any)) > 0) {
				t.Errorf("told more of an object that is not granted: %v", ref)
			}
		})
	}
}

// TestSecretType: what the API server fills in is told too, and nothing of what is not in sight.
func TestSecretType(t *testing.T) {
	const gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}\nspec: {gatewayClassName: eg, listeners: [{name: web, tls: {certificateRefs: [{name: web-tls}]}}]}"
	secret := func(fields string) string {
		return "\n---\n{apiVersion: v1, kind: Secret, metadata: {name: web-tls, namespace: shop}" + fields + "}"
	}
	for _, test := range []struct {
		name, manifests string
		want            any
	}{
		{"told", gateway + secret(", type: kubernetes.io/tls, data: {}"), "kubernetes.io/tls"},
		{"filled in", gateway + secret(", data: {}"), "Opaque"},
		{"not in sight", gateway, nil},
		{"only promised", gateway + "\n---\n{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: web-tls}}", nil},
		{"of another kind", strings.Replace(gateway, "name: web-tls", "kind: ConfigMap, name: web-tls", 1) + strings.Replace(secret(""), "Secret", "ConfigMap", 1), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			refs := gather(t, facts.Settings{}, test.manifests)["refs"].(map[string]any)
			if got := refs["listener-certificate"].([]any)[0].(map[string]any)["type"]; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestGatewayPeers: a Gateway, its ListenerSets and its routes find each other across namespaces, and so does a grant those that
// it lets in.
func TestGatewayPeers(t *testing.T) {
	const gateway = `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: infra}, spec: {gatewayClassName: eg}}`
	const other = `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: eg}}`
	const set = `{apiVersion: gateway.networking.k8s.io/v1, kind: ListenerSet, metadata: {name: a, namespace: shop}, spec: {parentRef: {name: edge, namespace: infra}}}`
	const sibling = `{apiVersion: gateway.networking.k8s.io/v1, kind: ListenerSet, metadata: {name: b, namespace: api}, spec: {parentRef: {kind: Gateway, name: edge, namespace: infra}}}`
	const route = `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, spec: {parentRefs: [{name: edge, namespace: infra}, {kind: ListenerSet, name: a}, {kind: Service, name: edge}]}}`
	const grant = `{apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {name: g, namespace: certs}, spec: {from: [{group: gateway.networking.k8s.io, kind: ListenerSet, namespace: shop}, {group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}]}}`
	const policy = `{apiVersion: gateway.envoyproxy.io/v1alpha1, kind: ClientTrafficPolicy, metadata: {name: c, namespace: infra}, spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge, sectionName: web}]}}`
	const backend = `{apiVersion: gateway.envoyproxy.io/v1alpha1, kind: Backend, metadata: {name: x, namespace: shop}}`
	const trust = `{apiVersion: gateway.networking.k8s.io/v1, kind: BackendTLSPolicy, metadata: {name: t, namespace: shop}, spec: {targetRefs: [{group: gateway.envoyproxy.io, kind: Backend, name: x}]}}`
	all := []string{gateway, other, set, sibling, route, grant, policy, backend, trust}
	for _, test := range []struct {
		name, object string
		want         []string
	}{
		{"Gateway", gateway, []string{"client-policy: ClientTrafficPolicy infra/c", "listener-set: ListenerSet api/b", "listener-set: ListenerSet shop/a", "route: HTTPRoute shop/r"}},
		{"Gateway of another namespace", other, nil},
		{"ListenerSet", set, []string{"listener-set: ListenerSet api/b", "parent: Gateway infra/edge", "route: HTTPRoute shop/r"}},
		{"route", route, []string{"parent: Gateway infra/edge", "parent: ListenerSet shop/a"}},
		{"grant", grant, []string{"referrer: Gateway infra/edge", "referrer: ListenerSet shop/a"}},
		{"policy", policy, []string{"policy-gateway: Gateway infra/edge"}},
		{"Backend", backend, []string{"backend-policy: BackendTLSPolicy shop/t"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			manifests := append([]string{test.object}, slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == test.object })...)
			indexes, _ := gather(t, facts.Settings{}, strings.Join(manifests, "\n---\n"))["peers"].(map[string]any)
			var got []string
			for index, list := range indexes {
				for _, peer := range list.([]any) {
					got = append(got, index+": "+peer.(map[string]any)["label"].(string))
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestBehind: with a cluster behind the files, an absence is one in both, and what the cluster does not show is unknown.
func TestBehind(t *testing.T) {
	s := facts.Settings{Providers: shipped(t), Scope: "this tree or the cluster"}
	list := objects(t, `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop, annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca}}, spec: {ingressClassName: nginx, rules: [{host: a.test}]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: sibling, namespace: shop}, data: {tls.crt: ''}}`)
	tree := inventory.New(inventory.Options{Providers: s.Providers})
	for _, obj := range list {
		tree.Add(obj)
	}
	cluster := inventory.New(inventory.Options{Providers: s.Providers, Cluster: true})
	for _, test := range []struct {
		name            string
		change          func()
		presence, state string
	}{
		{"out of sight", func() {}, "unknown", "is not in this tree, and what the cluster shows does not tell whether it exists"},
		{"in neither", func() { cluster.SetComplete("Secret", "", true) }, "absent", "is neither in this tree nor in the cluster"},
		{"live", func() {
			cluster.Put(objects(t, `{apiVersion: v1, kind: Secret, metadata: {name: client-ca, namespace: shop}, data: {ca.crt: ''}}`)[0])
		}, "present", "exists"},
	} {
		test.change()
		document := facts.Gather(facts.Request{Object: list[0], Inventory: inventory.Behind(tree.Snapshot(), cluster.Snapshot()), Now: now}, s)
		validate(t, schema(t), document)
		ref := document["refs"].(map[string]any)["client-ca"].([]any)[0].(map[string]any)
		if ref["presence"] != test.presence || ref["state"] != test.state {
			t.Errorf("%s: got %s, %q", test.name, ref["presence"], ref["state"])
		}
	}
}

// TestProducersElsewhere: a tenant is told that a Certificate of another namespace makes a target, and not which.
func TestProducersElsewhere(t *testing.T) {
	const manifests = `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: infra}, spec: {gatewayClassName: eg, listeners: [{name: web, tls: {certificateRefs: [{name: web-tls, namespace: certs}]}}]}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: ReferenceGrant, metadata: {name: g, namespace: certs}, spec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}], to: [{group: '', kind: Secret}]}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: secret-plan, namespace: certs}, spec: {secretName: web-tls, dnsNames: [secret.test]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: web-tls, namespace: certs}, data: {tls.crt: ''}}`
	s := facts.Settings{Providers: shipped(t), Scope: "this cluster"}
	store := inventory.New(inventory.Options{Providers: s.Providers, Cluster: true})
	list := objects(t, manifests)
	for _, obj := range list {
		store.Put(obj)
	}
	for _, tenant := range []bool{false, true} {
		document := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now, Tenant: tenant}, s)
		ref := document["refs"].(map[string]any)["listener-certificate"].([]any)[0].(map[string]any)
		producer, _ := ref["producer"].(map[string]any)
		if producer["kind"] != "Certificate" || (producer["object"] == nil) != tenant || strings.Contains(fmt.Sprint(document), "secret-plan") == tenant {
			t.Errorf("tenant %t: got %v", tenant, ref)
		}
	}
}

// TestPeers: objects of another class, copies and oneself are none, and in a cluster the age is told.
func TestPeers(t *testing.T) {
	ingress := func(namespace, name, class, created string) string {
		return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + name + ", namespace: " + namespace + ", creationTimestamp: " + created +
			"}\nspec: {ingressClassName: " + class + ", rules: [{host: a.test}, {host: b.test}]}"
	}
	document := gather(t, facts.Settings{}, strings.Join([]string{
		ingress("shop", "web", "nginx", `"2026-02-01T00:00:00Z"`),
		ingress("shop", "web", "nginx", `"2026-02-01T00:00:00Z"`),
		ingress("shop", "other-class", "traefik", "null"),
		ingress("zoo", "older", "nginx", `"2026-01-01T00:00:00Z"`),
		ingress("app", "newer", "nginx", `"2026-03-01T00:00:00Z"`),
		ingress("bar", "file", "nginx", "null"),
	}, "\n---\n"))
	var got []string
	for _, element := range document["peers"].(map[string]any)["host"].([]any) {
		peer := element.(map[string]any)
		got = append(got, peer["key"].(string)+" "+peer["label"].(string)+" "+peer["age"].(string))
	}
	want := "a.test Ingress app/newer newer, a.test Ingress bar/file newer, a.test Ingress zoo/older older, " +
		"b.test Ingress app/newer newer, b.test Ingress bar/file newer, b.test Ingress zoo/older older"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// TestHostPeers: a rule without a host shares the catch-all server, and a wildcard host and the hosts under it see each other.
func TestHostPeers(t *testing.T) {
	ingress := func(name, rules string) string {
		return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + name + ", namespace: shop}\nspec: {ingressClassName: nginx, rules: [" + rules + "]}"
	}
	around := []string{
		ingress("all", "{http: {}}"), ingress("wild", "{host: '*.shop.test'}"), ingress("deep", "{host: a.api.shop.test}"),
		ingress("api", "{host: api.shop.test}"), ingress("www", "{host: www.shop.test}"), ingress("top", "{host: test}"),
	}
	for own, want := range map[string]string{
		"{host: new.shop.test}":               `wildcard "*.shop.test" wild spec.rules[0].host`,
		"{host: '*.shop.test'}":               `covered "*.shop.test" api spec.rules[0].host, covered "*.shop.test" www spec.rules[0].host, host "*.shop.test" wild spec.rules[0].host`,
		"{http: {}}":                          `host "" all spec.rules[0]`,
		"{host: ''}":                          `host "" all spec.rules[0]`,
		"{host: test}":                        `host "test" top spec.rules[0].host`,
		"{host: x.test}, {host: x.shop.test}": `wildcard "*.shop.test" wild spec.rules[0].host`,
		"{host: '*.test'}":                    ``,
		"{host: '*.api.shop.test'}":           `covered "*.api.shop.test" deep spec.rules[0].host`,
	} {
		document := gather(t, facts.Settings{}, strings.Join(append([]string{ingress("own", own)}, around...), "\n---\n"))
		peers, _ := document["peers"].(map[string]any)
		var got []string
		for _, index := range kube.SortedKeys(peers) {
			for _, element := range peers[index].([]any) {
				peer := element.(map[string]any)
				var path kube.Path
				for _, step := range peer["their_path"].([]any) {
					if i, ok := step.(int64); ok {
						step = int(i)
					}
					path = append(path, step)
				}
				got = append(got, fmt.Sprintf("%s %q %s %s", index, peer["key"], peer["name"], path))
			}
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s: got  %s\nwant %s", own, text, want)
		}
	}
}

// TestChain: of what is shown, how its certificates hang together; of trust, and of a certificate alone, nothing.
func TestChain(t *testing.T) {
	m := pkitest.New("facts", now)
	root := m.Root("root")
	issuer := m.Intermediate(root, "issuer")
	leaf := m.Leaf(issuer, "api.shop.test")
	const ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n" +
		"metadata: {name: api, namespace: shop, annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: shop/api}}\n" +
		"spec: {ingressClassName: nginx, tls: [{secretName: api}]}\n"
	for name, test := range map[string]struct{ text, want string }{
		"complete":  {pkitest.Bundle(leaf, issuer, root), `{"leaf":0,"next":"","ordered":true,"path":[0,1,2],"root":true}`},
		"unordered": {pkitest.Bundle(issuer, leaf), `{"leaf":1,"next":"CN=root","ordered":false,"path":[1,0],"root":false}`},
		"not told":  {pkitest.Bundle(leaf, m.Leaf(issuer, "www.shop.test")), `{"next":"CN=issuer","ordered":false,"path":[0],"root":false}`},
		"alone":     {leaf.CertPEM, `null`},
	} {
		secret, err := yaml.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "api", "namespace": "shop"},
			"stringData": map[string]any{"tls.crt": test.text, "ca.crt": test.text},
		})
		if err != nil {
			t.Fatal(err)
		}
		refs := gather(t, facts.Settings{}, ingress+"\n---\n"+string(secret))["refs"].(map[string]any)
		for role, want := range map[string]string{"server-certificate": test.want, "client-ca": "null"} {
			content := refs[role].([]any)[0].(map[string]any)["content"].(map[string]any)
			if got, err := json.Marshal(content["chain"]); err != nil || string(got) != want {
				t.Errorf("%s, %s: got %s (%v), want %s", name, role, got, err, want)
			}
		}
	}
}

// TestDays: whole days, downwards once they are over, and of a certificate without an end too.
func TestDays(t *testing.T) {
	const ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: api, namespace: shop}\nspec: {ingressClassName: nginx, tls: [{secretName: api}]}\n"
	for name, test := range map[string]struct {
		notAfter       time.Time
		left, lifetime int64
	}{
		"valid":          {now.AddDate(0, 0, 90), 90, 91},
		"an hour":        {now.Add(time.Hour), 0, 1},
		"over for hours": {now.Add(-time.Hour), -1, 0},
		"over for days":  {now.AddDate(0, 0, -3).Add(-time.Hour), -4, -3},
		"without an end": {time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), 2912138, 2912139},
	} {
		leaf := pkitest.New("facts", now).With(pkitest.NotAfter(test.notAfter)).Leaf(nil, "api.shop.test")
		secret, err := yaml.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "api", "namespace": "shop"},
			"stringData": map[string]any{"tls.crt": leaf.CertPEM},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, element := range gather(t, facts.Settings{}, ingress+"\n---\n"+string(secret))["certificates"].(map[string]any) {
			certificate := element.(map[string]any)
			if left, lifetime := certificate["days_left"], certificate["lifetime_days"]; left != test.left || lifetime != test.lifetime {
				t.Errorf("%s: got %d of %d, want %d of %d", name, left, lifetime, test.left, test.lifetime)
			}
		}
	}
}

// TestBounds: a machine-made object does not make a machine-sized document, and the cut is marked.
func TestBounds(t *testing.T) {
	list := strings.TrimSuffix(strings.Repeat("{secretName: s}, ", 200), ", ")
	document := gather(t, facts.Settings{}, "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {tls: ["+list+"]}")
	refs := document["refs"].(map[string]any)["server-certificate"].([]any)
	if truncated, _ := document["truncated"].([]any); len(refs) != 64 || len(truncated) != 1 || truncated[0] != "server-certificate" {
		t.Errorf("got %d references, truncated %v", len(refs), document["truncated"])
	}
}

// TestSecretValues: a rulebook may judge Secrets, and sees their keys only.
func TestSecretValues(t *testing.T) {
	document := gather(t, facts.Settings{}, `apiVersion: v1
kind: Secret
metadata:
  name: s
  namespace: shop
  annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2, note: kept}
data: {tls.key: hunter2}
stringData: {other.key: hunter2}`)
	text, err := json.Marshal(document)
	if err != nil || bytes.Contains(text, []byte("hunter2")) || !bytes.Contains(text, []byte(`"tls.key":""`)) || !bytes.Contains(text, []byte("kept")) {
		t.Errorf("%v: %s", err, text)
	}
}

// TestOldShapes: the fields that earlier releases of Gateway API had are followed too.
func TestOldShapes(t *testing.T) {
	for manifest, role := range map[string]string{
		"apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: BackendTLSPolicy\nmetadata: {name: p, namespace: shop}\nspec: {targetRef: {group: '', kind: Service, name: s}, tls: {caCertRefs: [{group: '', kind: ConfigMap, name: ca}], hostname: h}}":                                   "backend-ca",
		"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: shop}\nspec: {gatewayClassName: eg, listeners: [{name: l, tls: {frontendValidation: {caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}}}]}":                                    "frontend-ca",
		"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: shop}\nspec: {gatewayClassName: eg, tls: {frontend: {default: {}, perPort: [{port: 443, tls: {validation: {caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}}}]}}}":            "frontend-ca",
		"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: shop}\nspec: {gatewayClassName: eg, backendTLS: {clientCertificateRef: {name: c}}}":                                                                                                       "gateway-client-certificate",
		"apiVersion: gateway.networking.x-k8s.io/v1alpha1\nkind: XListenerSet\nmetadata: {name: l, namespace: shop}\nspec: {parentRef: {name: g}, listeners: [{name: l, tls: {certificateRefs: [{name: c}]}}]}":                                                                            "listener-certificate",
		"apiVersion: gateway.networking.k8s.io/v1alpha3\nkind: BackendTLSPolicy\nmetadata: {name: p, namespace: shop}\nspec: {targetRefs: [{group: '', kind: Service, name: s}], validation: {caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}], hostname: h}, options: {a: b}}": "backend-ca",
	} {
		refs := gather(t, facts.Settings{}, manifest)["refs"].(map[string]any)
		if _, ok := refs[role]; !ok {
			t.Errorf("no %s in\n%s\ngot %v", role, manifest, kube.SortedKeys(refs))
		}
	}
}

// FuzzGather: whatever an object looks like, facts are made, and follow their schema.
func FuzzGather(f *testing.F) {
	for _, seed := range []string{
		`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web","annotations":{"nginx.ingress.kubernetes.io/auth-tls-secret":"shop/ca"}},"spec":{"tls":[{"secretName":"t"}],"rules":[{"host":"a"}]}}`,
		`{"apiVersion":"gateway.networking.k8s.io/v1","kind":"Gateway","metadata":{"name":"g","namespace":"n"},"spec":{"listeners":[{"tls":{"certificateRefs":[{"name":"c","namespace":"m"}]}}],"tls":{"frontend":{"perPort":[{"tls":{"validation":{"caCertificateRefs":[{"name":1}]}}}]}}}}`,
		`{"apiVersion":"gateway.networking.k8s.io/v1","kind":"BackendTLSPolicy","metadata":{"name":[]},"spec":{"targetRefs":{"a":{"kind":"Service","name":"s"}},"validation":{"caCertificateRefs":[null,3,{"kind":"Secret","name":"x"}]}}}`,
		`{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"c"},"spec":{"secretName":["t"]}}`,
	} {
		f.Add(seed)
	}
	providers, compiled := shipped(f), schema(f)
	f.Fuzz(func(t *testing.T, text string) {
		var fields map[string]any
		if json.Unmarshal([]byte(text), &fields) != nil {
			return
		}
		obj, ok := kube.FromFields(integers(fields).(map[string]any))
		if !ok {
			return
		}
		store := inventory.New(inventory.Options{Providers: providers})
		store.Put(obj)
		document := facts.Gather(facts.Request{Object: obj, Inventory: store.Snapshot(), Now: now}, facts.Settings{Providers: providers})
		validate(t, compiled, document)
	})
}

// integers gives whole numbers the type that kube.Object has for them.
func integers(value any) any {
	switch v := value.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = integers(v[key])
		}
	}
	return value
}

// TestShown: a reference brings along the fields of its target that provider.yaml names, if its target may be known at all.
func TestShown(t *testing.T) {
	const policy = "apiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\nmetadata: {name: p, namespace: shop}\nspec: {targetRefs: [{group: '', kind: Service, name: api}]}"
	const route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: front}\nspec: {rules: [{backendRefs: [{name: api, namespace: shop, port: 443}]}]}"
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {selector: {app: api}, clusterIP: None, ports: [{name: https, port: 443}]}"
	const grant = "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: ReferenceGrant\nmetadata: {name: g, namespace: shop}\nspec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: front}], to: [{group: '', kind: Service}]}"
	for _, test := range []struct{ name, manifests, role, want string }{
		{"in sight", policy + "\n---\n" + service, "policy-target", "map[spec:map[ports:[map[name:https port:443]] selector:map[app:api]]]"},
		{"out of sight", policy, "policy-target", "<nil>"},
		{"granted", route + "\n---\n" + service + grant, "route-backend", "map[spec:map[ports:[map[name:https port:443]]]]"},
		{"not granted", route + "\n---\n" + service, "route-backend", "<nil>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			refs := gather(t, facts.Settings{}, test.manifests)["refs"].(map[string]any)
			ref := refs[test.role].([]any)[0].(map[string]any)
			if got := fmt.Sprint(ref["object"]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	list := objects(t, route+"\n---\n"+service+grant)
	s := facts.Settings{Providers: shipped(t)}
	store := inventory.New(inventory.Options{Providers: s.Providers})
	for _, obj := range list {
		store.Add(obj)
	}
	refs := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now, Tenant: true}, s)["refs"].(map[string]any)
	if ref := refs["route-backend"].([]any)[0].(map[string]any); ref["object"] != nil {
		t.Errorf("a tenant sees %v of another namespace", ref["object"])
	}
}

// A name may follow something else, as in port:name.
func TestNameAfter(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop, annotations: {gloo.solo.io/sslService.secret: 'VALUE'}}"
	for value, want := range map[string]string{"api-tls": "api-tls", "443:api-tls": "api-tls", ":api-tls": "api-tls", "443:": ""} {
		document := gather(t, facts.Settings{}, strings.ReplaceAll(service, "VALUE", value))
		refs, _ := document["refs"].(map[string]any)["gloo-backend-ca"].([]any)
		got := ""
		if len(refs) > 0 {
			got, _ = refs[0].(map[string]any)["name"].(string)
		}
		if got != want {
			t.Errorf("%s: refers to %q, want %q", value, got, want)
		}
	}
}
