package webhook_test

import (
	"reflect"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/webhook"
)

// TestMutateForKong: a BackendTLSPolicy gets a depth once it is known that Kong acts, and Kong alone.
func TestMutateForKong(t *testing.T) {
	class := func(name, controller string) kube.Object {
		return parse(t, `{"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": {"name": "`+name+`"}, "spec": {"controllerName": "`+controller+`"}}`)
	}
	edge := func(name, class string) kube.Object {
		return parse(t, `{"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "`+name+`", "namespace": "shop"}, "spec": {"gatewayClassName": "`+class+`", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}}`)
	}
	route := func(name, edge string) kube.Object {
		return parse(t, `{"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "`+name+`", "namespace": "shop"}, "spec": {"parentRefs": [{"name": "`+edge+`"}], "rules": [{"backendRefs": [{"name": "api", "port": 8443}]}]}}`)
	}
	kong := []kube.Object{class("kong", "konghq.com/kic-gateway-controller"), edge("edge", "kong"), route("api", "edge")}
	istio := []kube.Object{class("istio", "istio.io/gateway-controller"), edge("inner", "istio"), route("inner", "inner")}
	const path = "spec.options.tls-verify-depth"
	depth := func(fields map[string]any) {
		set("1", "spec", "options", "tls-verify-depth")(fields)
		annotation(facts.DefaultedAnnotation, `{"`+path+`":"1"}`)(fields)
	}
	theirs := set("7", "spec", "options", "tls-verify-depth")
	onlyKong := func(p *webhook.Policy) { p.Reviewer = only(t, "kong") }
	for _, test := range []struct {
		name         string
		policy       func(*webhook.Policy)
		cluster      []kube.Object
		object, want kube.Object
	}{
		{name: "Kong", cluster: kong, object: policyOn("shop/api", "api", "ca"), want: policyOn("shop/api", "api", "ca", depth)},
		{name: "set by hand", cluster: kong, object: policyOn("shop/api", "api", "ca", theirs), want: policyOn("shop/api", "api", "ca", theirs)},
		{name: "no route yet", object: policyOn("shop/api", "api", "ca"), want: policyOn("shop/api", "api", "ca")},
		{name: "no route yet, and the config knows", policy: onlyKong, object: policyOn("shop/api", "api", "ca"), want: policyOn("shop/api", "api", "ca", depth)},
		{name: "a route without its class", cluster: []kube.Object{edge("edge", "kong"), route("api", "edge")}, object: policyOn("shop/api", "api", "ca"), want: policyOn("shop/api", "api", "ca")},
		{name: "Istio", cluster: istio, object: policyOn("shop/api", "api", "ca"), want: policyOn("shop/api", "api", "ca")},
		{name: "both", cluster: append(istio, kong...), object: policyOn("shop/api", "api", "ca"), want: policyOn("shop/api", "api", "ca")},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.policy == nil {
				test.policy = func(*webhook.Policy) {}
			}
			s := open(t, test.policy)
			s.put(configMap("shop/ca", "ca.crt", shallow))
			s.put(test.cluster...)
			got, _ := s.change(create(test.object))
			if !reflect.DeepEqual(got.Fields, test.want.Fields) {
				t.Errorf("got %s\nwant %s", raw(t, &got), raw(t, &test.want))
			}
			if again, changed := s.change(create(got)); changed {
				t.Errorf("a second pass gives %s", raw(t, &again))
			}
		})
	}
	t.Run("the route comes later, and goes to another Gateway", func(t *testing.T) {
		s := open(t)
		s.put(configMap("shop/ca", "ca.crt", shallow))
		stored, changed := s.change(create(policyOn("shop/api", "api", "ca")))
		if changed {
			t.Fatalf("without a route: %s", raw(t, &stored))
		}
		s.put(kong...)
		next, changed := s.change(update(stored, stored))
		if value, _ := kube.Lookup(next.Fields, kube.Path{"spec", "options", "tls-verify-depth"}); !changed || value != "1" {
			t.Fatalf("with a route: %s", raw(t, &next))
		}
		if ours := facts.Defaulted(next); ours[path] != "1" {
			t.Errorf("recorded: %v", ours)
		}
		s.put(istio...)
		last, _ := s.change(update(next, next))
		if _, there := kube.Lookup(last.Fields, kube.Path{"spec", "options", "tls-verify-depth"}); there {
			t.Errorf("with a route of Istio beside it: %s", raw(t, &last))
		}
	})
}

// only is our rulebook where the config says who acts.
func only(t *testing.T, controllers ...string) webhook.Reviewer {
	t.Helper()
	e, err := engine.New(engine.Settings{OnlyControllers: controllers, Scope: "this cluster"}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
