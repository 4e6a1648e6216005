package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// istioGateway has one server, with some TLS settings.
func istioGateway(tls string) string {
	return "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: web, namespace: shop}\nspec: {selector: {istio: ingress, tier: edge}, servers: [{tls: {" + tls + "}}]}"
}

func gatewayService(namespace, selector string) string {
	return "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: ingress, namespace: " + namespace + "}\nspec: {selector: {" + selector + "}}"
}

func opaque(namespace, name string, keys ...string) string {
	return "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: " + name + ", namespace: " + namespace + "}\ndata: {" + strings.Join(keys, ": eA==, ") + ": eA==}"
}

// TestPods goes through the places where a reference leads that is followed from the namespace of pods.
func TestPods(t *testing.T) {
	const selector = "istio: ingress, tier: edge, app: gateway"
	service := gatewayService("edge", selector)
	config := facts.Settings{Configured: map[string]map[string]string{"istio": {"gateway-namespace": "edge, ,east"}}}
	for name, test := range map[string]struct {
		tls, around, role string
		settings          facts.Settings
		want              string // label, presence, key and its presence; a part of the state
	}{
		"the namespace of a Service's pods": {
			tls: "mode: SIMPLE, credentialName: web", around: service + opaque("edge", "web", "tls.crt", "tls.key") + opaque("shop", "web", "a"),
			want: "Secret edge/web present tls.crt present exists",
		},
		"the config": {
			tls: "mode: SIMPLE, credentialName: web", around: opaque("edge", "web", "tls.crt"), settings: config,
			want: "Secret edge/web present tls.crt present exists",
		},
		"several namespaces, in one of which it is": {
			tls: "mode: SIMPLE, credentialName: web", around: service + gatewayService("west", selector) + opaque("west", "web", "tls.crt") + opaque("edge", "other", "tls.crt"),
			want: "Secret west/web present tls.crt present exists",
		},
		"pods in sight come before the config": {
			tls: "mode: SIMPLE, credentialName: web", around: gatewayService("west", selector) + opaque("edge", "web", "tls.crt"), settings: config,
			want: "Secret west/web absent tls.crt unknown is not in this tree",
		},
		"nothing tells": {
			tls: "mode: SIMPLE, credentialName: web", around: opaque("shop", "web", "tls.crt"),
			want: "Secret web unknown tls.crt unknown is looked for in the namespace of the pods that this Gateway is for",
		},
		"pods with too few labels": {
			tls: "mode: SIMPLE, credentialName: web", around: gatewayService("edge", "istio: ingress") + opaque("edge", "web", "tls.crt"),
			want: "Secret web unknown tls.crt unknown is looked for",
		},
		"pods that are nobody's": {
			tls: "mode: SIMPLE, credentialName: web", around: gatewayService("edge", "tier: edge") + opaque("edge", "web", "tls.crt"),
			want: "Secret web unknown tls.crt unknown is looked for",
		},
		"another namespace": {
			tls: "mode: SIMPLE, credentialName: shop/web", around: service + opaque("shop", "web", "tls.crt"),
			want: "Secret shop/web unknown tls.crt unknown is not in the namespace of Service edge/ingress",
		},
		"the same one, written": {
			tls: "mode: SIMPLE, credentialName: 'kubernetes://edge/web'", around: service + opaque("edge", "web", "tls.crt"),
			want: "Secret edge/web present tls.crt present exists",
		},
		"a written one, and nothing tells": {
			tls: "mode: SIMPLE, credentialName: shop/web", around: opaque("shop", "web", "tls.crt"),
			want: "Secret shop/web present tls.crt present exists",
		},
		"a ConfigMap": {
			tls: "mode: SIMPLE, credentialName: 'configmap://shop/web'", around: service + "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: shop}\ndata: {ca.crt: x}",
			want: "ConfigMap shop/web present tls.crt absent exists",
		},
		"the other shape": {
			tls: "mode: SIMPLE, credentialName: web", around: service + opaque("edge", "web", "cert", "key"),
			want: "Secret edge/web present cert present exists",
		},
		"half of the other shape": {
			tls: "mode: SIMPLE, credentialName: web", around: service + opaque("edge", "web", "cert"),
			want: "Secret edge/web present tls.crt absent exists",
		},
		"a list":              {tls: "mode: SIMPLE, credentialNames: [web]", around: service + opaque("edge", "web", "tls.crt"), want: "Secret edge/web present tls.crt present exists"},
		"a variable":          {tls: "mode: SIMPLE, credentialName: '${NAME}'", around: service + opaque("edge", "web", "tls.crt"), want: "Secret edge/${NAME} unknown tls.crt unknown is written with a variable"},
		"fetched elsewhere":   {tls: "mode: SIMPLE, credentialName: 'sds://web'", around: service, want: ""},
		"the proxy's own":     {tls: "mode: SIMPLE, credentialName: 'builtin://'", around: service, want: ""},
		"no mode":             {tls: "credentialName: web", around: service, want: ""},
		"a mode of no text":   {tls: "mode: 1, credentialName: web", around: service, want: ""},
		"nobody is asked":     {tls: "mode: SIMPLE, credentialName: web", around: service, role: "gateway-client-ca", want: ""},
		"the CA in one":       {tls: "mode: MUTUAL, credentialName: web", around: service + opaque("edge", "web", "ca.crt"), role: "gateway-client-ca", want: "Secret edge/web present ca.crt present exists"},
		"the CA beside":       {tls: "mode: MUTUAL, credentialName: web", around: service + opaque("edge", "web", "ca.crt") + opaque("edge", "web-cacert", "cacert"), role: "gateway-client-ca", want: "Secret edge/web-cacert present cacert present exists"},
		"no CA":               {tls: "mode: MUTUAL, credentialName: web", around: service + opaque("edge", "web", "tls.crt"), role: "gateway-client-ca", want: "Secret edge/web present ca.crt absent exists"},
		"the CA by its name":  {tls: "mode: MUTUAL, credentialName: web, caCertCredentialName: ca-cacert", around: service + opaque("edge", "web", "ca.crt") + opaque("edge", "ca", "ca.crt"), role: "gateway-client-ca", want: "Secret edge/ca present ca.crt present exists"},
		"that is not there":   {tls: "mode: MUTUAL, credentialName: web, caCertCredentialName: ca-cacert", around: service + opaque("edge", "web", "ca.crt"), role: "gateway-client-ca", want: "Secret edge/ca-cacert absent ca.crt unknown is not in this tree"},
		"in a ConfigMap":      {tls: "mode: MUTUAL, credentialName: web, caCertCredentialName: 'configmap://shop/ca-cacert'", around: service + "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: shop}\ndata: {ca.crt: x}", role: "gateway-client-ca", want: "ConfigMap shop/ca present ca.crt present exists"},
		"a CA for two chains": {tls: "mode: MUTUAL, credentialNames: [web, more]", around: service + opaque("edge", "more", "ca.crt") + opaque("edge", "web", "ca.crt"), role: "gateway-client-ca", want: "Secret edge/web present ca.crt present exists"},
	} {
		t.Run(name, func(t *testing.T) {
			role := test.role
			if role == "" {
				role = "gateway-credential"
			}
			document := gather(t, test.settings, istioGateway(test.tls)+test.around)
			list, _ := document["refs"].(map[string]any)[role].([]any)
			got := ""
			for _, element := range list {
				ref := element.(map[string]any)
				got += strings.Join([]string{ref["label"].(string), ref["presence"].(string), ref["key"].(string), ref["key_presence"].(string), ref["state"].(string)}, " ")
			}
			if !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if controllers := document["controllers"].(map[string]any); controllers["istio"] == nil {
				t.Errorf("got %v, want Istio", controllers)
			}
		})
	}
}

// TestPodsMalformed: what is no name is told as such.
func TestPodsMalformed(t *testing.T) {
	malformed, _ := gather(t, facts.Settings{}, istioGateway("mode: SIMPLE, credentialName: 'kubernetes://edge/'"))["malformed"].(map[string]any)
	if len(malformed) != 1 {
		t.Errorf("got %v", malformed)
	}
}

// TestPodsKeys: of a Secret beside the gateway, whoever may not know its namespace learns the names of keys that Istio reads.
func TestPodsKeys(t *testing.T) {
	list := objects(t, istioGateway("mode: SIMPLE, credentialName: web")+opaque("edge", "web", "cert", "key", "notes")+gatewayService("edge", "istio: ingress, tier: edge"))
	providers := shipped(t)
	store := inventory.New(inventory.Options{Providers: providers, Cluster: true})
	for _, obj := range list {
		store.Put(obj)
	}
	document := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now, Tenant: true}, facts.Settings{Providers: providers, Scope: "this cluster"})
	ref := document["refs"].(map[string]any)["gateway-credential"].([]any)[0].(map[string]any)
	if got := fmt.Sprint(ref["keys"]); got != "[cert key]" {
		t.Errorf("got %s", got)
	}
}

// TestPodsOfTenants: whoever may not know a namespace learns nothing of it from a name that somebody else would have to read.
func TestPodsOfTenants(t *testing.T) {
	list := objects(t, istioGateway("mode: SIMPLE, credentialName: other/web")+opaque("other", "web", "tls.crt")+gatewayService("edge", "istio: ingress, tier: edge"))
	providers := shipped(t)
	for _, around := range [][]kube.Object{list[:2], list} {
		store := inventory.New(inventory.Options{Providers: providers, Cluster: true})
		for _, obj := range around {
			store.Put(obj)
		}
		document := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now, Tenant: true}, facts.Settings{Providers: providers, Scope: "this cluster"})
		ref := document["refs"].(map[string]any)["gateway-credential"].([]any)[0].(map[string]any)
		if ref["presence"] != "unknown" || ref["keys"] != nil || strings.Contains(ref["state"].(string), "edge/ingress") {
			t.Errorf("got %v", ref)
		}
	}
}
