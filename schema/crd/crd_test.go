package crd

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/kube"
)

func readObject(t testing.TB, text string) kube.Object {
	t.Helper()
	var fields map[string]any
	if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatal(err)
	}
	obj, ok := kube.FromFields(fields)
	if !ok {
		t.Fatalf("no object: %s", text)
	}
	return obj
}

func newSet(t testing.TB, r Releases) *Set {
	t.Helper()
	s, err := New(r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func show(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func lines(v Verdict) string {
	var out []string
	for _, violation := range v.Violations {
		out = append(out, fmt.Sprintf("%s: %s: %s", violation.Path, violation.Kind, violation.Message))
	}
	return strings.Join(out, "\n")
}

const (
	gateway  = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}\n"
	policy   = "kind: BackendTLSPolicy\nmetadata: {name: api, namespace: shop}\n"
	listener = "{name: web, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: web-tls}]}}"
)

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		text, want string
	}{
		"clean":              {gateway + "spec: {gatewayClassName: eg, listeners: [" + listener + "]}\n", ""},
		"a status":           {gateway + "spec: {gatewayClassName: eg, listeners: [" + listener + "]}\nstatus: {anything: goes}\n", ""},
		"whole number as is": {gateway + "spec: {gatewayClassName: eg, listeners: [{name: a, port: 80.0, protocol: HTTP}]}\n", ""},
		"unknown kind":       {"apiVersion: gateway.networking.k8s.io/v1\nkind: Gatepost\n", ""},
		"unknown field": {
			gateway + "spec: {gatewayClassname: eg, gatewayClassName: eg, listeners: [" + listener + "]}\n",
			`spec.gatewayClassname: unknown-field: unknown field "spec.gatewayClassname"; did you mean "gatewayClassName"?`,
		},
		"missing": {
			gateway + "spec: {gatewayClassName: null, listeners: [{name: a, port: 80}]}\n",
			"spec.gatewayClassName: missing-field: spec.gatewayClassName is required\nspec.listeners[0].protocol: missing-field: spec.listeners[0].protocol is required",
		},
		"types": {
			gateway + "spec: {gatewayClassName: 1, listeners: [{name: a, port: '80', protocol: HTTP, allowedRoutes: []}]}\n",
			"spec.gatewayClassName: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it\n" +
				"spec.listeners[0].allowedRoutes: wrong-type: want a mapping, got a list\n" +
				`spec.listeners[0].port: wrong-type: want a whole number, got a string ("80"); remove the quotes`,
		},
		"a mapping for a list": {
			gateway + "spec: {gatewayClassName: eg, listeners: {name: a}}\n",
			"spec.listeners: wrong-type: want a list, got a mapping; put a - before its first key",
		},
		"values": {
			gateway + "spec: {gatewayClassName: eg, listeners: [{name: a, port: 70000, protocol: HTTP}, {name: B, port: 81, protocol: HTTP, allowedRoutes: {namespaces: {from: Every}}}]}\n",
			`spec.listeners[0].port: invalid-value: spec.listeners[0].port: should be less than or equal to 65535, got 70000
spec.listeners[1].allowedRoutes.namespaces.from: invalid-value: spec.listeners[1].allowedRoutes.namespaces.from: got "Every", want one of "All", "Selector", "Same"
spec.listeners[1].name: invalid-value: spec.listeners[1].name: should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$', got "B"`,
		},
		"formats": {
			gateway + "spec: {gatewayClassName: eg, addresses: [{type: IPAddress, value: here}], listeners: [{name: a, port: 1099511627776, protocol: HTTP}]}\n",
			`spec.addresses[0].value: invalid-value: spec.addresses[0].value: want ipv4, got "here"
spec.listeners[0].port: invalid-value: spec.listeners[0].port: should be less than or equal to 65535, got 1099511627776`,
		},
		"no listeners": {
			gateway + "spec: {gatewayClassName: eg, listeners: []}\n",
			"spec.listeners: invalid-value: spec.listeners: should have at least 1 items, got a list of 0",
		},
		"rule": {
			gateway + "spec: {gatewayClassName: eg, listeners: [{name: a, port: 80, protocol: HTTP, tls: {mode: Passthrough}}]}\n",
			"spec.listeners: rule-violated: spec.listeners: tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
		},
		"two alike": {
			gateway + "spec: {gatewayClassName: eg, listeners: [{name: a, port: 80, protocol: HTTP}, {name: a, port: 81, protocol: HTTP}]}\n",
			"spec.listeners: rule-violated: spec.listeners: Listener name must be unique within the Gateway\n" +
				"spec.listeners[1]: list-duplicate: spec.listeners[1] is in the list already: name a",
		},
		"metadata": {
			gateway + "  annotations: {a: 1}\nspec: {gatewayClassName: eg, listeners: [" + listener + "]}\n",
			"metadata.annotations.a: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it",
		},
		"not served": {
			"apiVersion: gateway.networking.k8s.io/v1alpha2\n" + policy,
			"apiVersion: version-unserved: Gateway API 1.1 to 1.6 does not serve v1alpha2 of BackendTLSPolicy, but v1, v1alpha3",
		},
		"keys with dots and brackets": {
			"apiVersion: gateway.networking.k8s.io/v1\n" + policy + "spec: {targetRefs: [{group: '', kind: Service, name: api}], validation: {hostname: a.test, wellKnownCACertificates: System}, options: {a.b/c.d: 1}}\n",
			`spec.options["a.b/c.d"]: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(test.text, "namespace: shop}\n  annotations: {a: 1}", "namespace: shop, annotations: {a: 1}}", 1)
			obj := readObject(t, text)
			before := show(t, obj.Fields)
			v := newSet(t, Releases{}).Judge(obj)
			if got := lines(v); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
			if show(t, obj.Fields) != before {
				t.Errorf("the object given has changed: %s", show(t, obj.Fields))
			}
		})
	}
}

func TestStored(t *testing.T) {
	obj := readObject(t, gateway+`spec:
  gatewayClassName: eg
  backendTLS: {clientCertificateRef: {name: a}}
  infrastructure: null
  listeners:
    - {name: web, port: 443, protocol: HTTPS, hostname: null, tls: {certificateRefs: [{name: web-tls}]}}
status: {a: b}
`)
	got := newSet(t, Releases{}).Judge(obj).Stored
	want := `{"gatewayClassName":"eg","listeners":[{"allowedRoutes":{"namespaces":{"from":"Same"}},"name":"web","port":443,"protocol":"HTTPS",` +
		`"tls":{"certificateRefs":[{"group":"","kind":"Secret","name":"web-tls"}],"mode":"Terminate"}}]}`
	if spec := show(t, got.Fields["spec"]); spec != want {
		t.Errorf("got %s, want %s", spec, want)
	}
	if _, has := got.Fields["status"]; has || show(t, got.Fields["metadata"]) != `{"name":"edge","namespace":"shop"}` {
		t.Errorf("got %s", show(t, got.Fields))
	}
}

const pruned = gateway + "spec: {gatewayClassName: eg, listeners: [{name: web, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: a}], " +
	"frontendValidation: {caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}}}]}\n"

// TestReleases: what is judged by depends on what is said of the cluster, and on what the object needs.
func TestReleases(t *testing.T) {
	const (
		old       = `spec.listeners[0].tls.frontendValidation: unknown-field: unknown field "spec.listeners[0].tls.frontendValidation"`
		moved     = gateway + "spec: {gatewayClassName: eg, tls: {frontend: {default: {}}}, listeners: [" + listener + "]}\n"
		lifted    = gateway + "spec: {gatewayClassName: eg, defaultScope: All, listeners: [" + listener + "]}\n"
		accepted  = "spec: {targetRefs: [{group: '', kind: Service, name: api}], validation: {hostname: a.test, wellKnownCACertificates: System}}\n"
		alpha3    = "apiVersion: gateway.networking.k8s.io/v1alpha3\n" + policy + accepted
		listeners = "apiVersion: gateway.networking.x-k8s.io/v1alpha1\nkind: XListenerSet\nmetadata: {name: a}\nspec: {parentRef: {name: a}, listeners: [{name: a, port: 80, protocol: HTTP}]}\n"
	)
	for name, test := range map[string]struct {
		releases          Releases
		text, want, by    string
		assumed, isBeyond bool
	}{
		"moved field":                 {Releases{}, pruned, old, "Gateway API 1.6 (standard channel)", true, false},
		"moved field, old release":    {Releases{GatewayAPI: "1.3"}, pruned, "", "Gateway API 1.3 (experimental channel)", true, true},
		"moved field, all said":       {Releases{GatewayAPI: "1.3", Channel: Experimental}, pruned, "", "Gateway API 1.3 (experimental channel)", false, false},
		"new field, old standard":     {Releases{GatewayAPI: "1.3", Channel: Standard}, moved, `spec.tls: unknown-field: unknown field "spec.tls"`, "Gateway API 1.3 (standard channel)", false, false},
		"new field":                   {Releases{}, moved, "", "Gateway API 1.6 (standard channel)", true, false},
		"field of the other channel":  {Releases{}, lifted, "", "Gateway API 1.6 (experimental channel)", true, true},
		"version of the other":        {Releases{}, alpha3, "", "Gateway API 1.6 (experimental channel)", true, true},
		"version of the other, not":   {Releases{Channel: Standard}, alpha3, "apiVersion: version-unserved: Gateway API 1.1 to 1.6 (standard channel) does not serve v1alpha3 of BackendTLSPolicy, but v1", "Gateway API 1.6 (standard channel)", true, false},
		"kind that is gone":           {Releases{}, listeners, "", "Gateway API 1.4 (experimental channel)", true, true},
		"kind that is not there":      {Releases{GatewayAPI: "1.6", Channel: Standard}, listeners, "kind: version-unserved: Gateway API 1.6 (standard channel) has no kind XListenerSet", "Gateway API 1.6 (standard channel)", false, false},
		"kind that is not there yet":  {Releases{GatewayAPI: "1.1"}, listeners, "kind: version-unserved: Gateway API 1.1 has no kind XListenerSet", "Gateway API 1.1", false, false},
		"another project's kind, ok":  {Releases{GatewayAPI: "1.1"}, "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: a}\nspec: {selfSigned: {}}\n", "", "cert-manager 1.21", true, false},
		"another project's, and said": {Releases{CertManager: "1.21"}, "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: a}\nspec: {selfSign: {}}\n", `spec.selfSign: unknown-field: unknown field "spec.selfSign"; did you mean "selfSigned"?`, "cert-manager 1.21", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			v := newSet(t, test.releases).Judge(readObject(t, test.text))
			if got := lines(v); got != test.want || v.Schema != test.by || v.Assumed != test.assumed || v.Beyond != test.isBeyond {
				t.Errorf("got %q by %q, assumed %t, beyond %t; want %q by %q, %t, %t", got, v.Schema, v.Assumed, v.Beyond, test.want, test.by, test.assumed, test.isBeyond)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for want, r := range map[string]Releases{
		"schemas: gateway-api: no release 1.0; known are [1.1 1.2 1.3 1.4 1.5 1.6]": {GatewayAPI: "1.0"},
		"schemas: channel: want standard or experimental, got beta":                 {Channel: "beta"},
		"schemas: cert-manager: no release 1.0; known are [1.21]":                   {CertManager: "1.0"},
		"schemas: envoy-gateway: no release 1.0; known are [1.8 1.9]":               {EnvoyGateway: "1.0"},
	} {
		if _, err := New(r); err == nil || err.Error() != want {
			t.Errorf("%+v: got %v, want %s", r, err, want)
		}
	}
}

func TestNoSet(t *testing.T) {
	var s *Set
	obj := readObject(t, pruned)
	if v := s.Judge(obj); s.Knows(obj.ID.GroupKind()) || v.Schema != "" || len(v.Violations) > 0 || v.Stored.ID != obj.ID {
		t.Errorf("got %+v", v)
	}
}

// TestEmbedded: every schema that is embedded can be read, and none of its rules fails to compile.
func TestEmbedded(t *testing.T) {
	seen := map[string]bool{}
	total := 0
	for groupKind, entries := range embedded().kinds {
		for _, e := range entries {
			key := e.archive() + e.schema
			if seen[key] {
				continue
			}
			seen[key] = true
			c, err := e.read()
			if err != nil {
				t.Errorf("%s %s of %s %s: %v", groupKind, e.version, e.provider, e.release, err)
				continue
			}
			for _, broken := range c.beyondUs() {
				t.Errorf("%s %s of %s %s: %v", groupKind, e.version, e.provider, e.release, broken)
			}
		}
	}
	files, err := fs.Glob(data, "data/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := data.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		total += len(text)
	}
	if len(seen) < 50 || total > 1<<20 {
		t.Errorf("read %d schemas in %d bytes; want more of them in at most 1 MiB", len(seen), total)
	}
}

const definitionText = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: proxies.acme.example}
spec:
  group: acme.example
  names: {kind: Proxy, plural: proxies}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [host]
              properties:
                host: {type: string}
                port: {type: integer, default: 443}
                hosts: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              x-kubernetes-validations:
                - {rule: "self.host != 'localhost'", message: not here}
            status: {type: string}
    - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
`

func TestOwn(t *testing.T) {
	definition, err := Read(readObject(t, definitionText))
	if err != nil {
		t.Fatal(err)
	}
	set := newSet(t, Releases{}).With([]Definition{definition})
	const head = "apiVersion: acme.example/v1\nkind: Proxy\nmetadata: {name: a}\n"
	for text, want := range map[string]string{
		head + "spec: {host: a}\n":                         "",
		head + "spec: {host: localhost}\n":                 "spec: rule-violated: spec: not here",
		head + "spec: {host: a, hosts: [a, b, a]}\n":       "spec.hosts[2]: list-duplicate: spec.hosts[2] is in the list already: a",
		head + "spec: {ports: 1}\n":                        "spec.host: missing-field: spec.host is required\nspec.ports: unknown-field: unknown field \"spec.ports\"; did you mean \"port\"?",
		head + "spec: {host: a}\nstatus: 1\n":              "status: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it",
		"apiVersion: acme.example/v1alpha1\nkind: Proxy\n": "apiVersion: version-unserved: the CustomResourceDefinition in this tree does not serve v1alpha1 of Proxy, but v1",
	} {
		if got := lines(set.Judge(readObject(t, text))); got != want {
			t.Errorf("%s\ngot %s\nwant %s", text, got, want)
		}
	}
	if stored := set.Judge(readObject(t, head+"spec: {host: a}\n")).Stored; show(t, stored.Fields["spec"]) != `{"host":"a","port":443}` {
		t.Errorf("got %s", show(t, stored.Fields))
	}
	if !set.Knows("Proxy.acme.example") || !set.Knows("Gateway.gateway.networking.k8s.io") {
		t.Error("want both kinds known")
	}
}

// TestOwnWins: a CRD in the tree is what the cluster gets, whatever is embedded.
func TestOwnWins(t *testing.T) {
	text := strings.NewReplacer("proxies.acme.example", "gateways.gateway.networking.k8s.io", "acme.example", "gateway.networking.k8s.io", "Proxy", "Gateway").Replace(definitionText)
	definition, err := Read(readObject(t, text))
	if err != nil {
		t.Fatal(err)
	}
	v := newSet(t, Releases{GatewayAPI: "1.6"}).With([]Definition{definition}).Judge(readObject(t, gateway+"spec: {host: a}\n"))
	if len(v.Violations) > 0 || v.Assumed || v.Schema != "the CustomResourceDefinition in this tree" {
		t.Errorf("got %+v", v)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"another kind": gateway,
		"no versions":  "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: a.b, names: {kind: A}}\n",
		"no schema":    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: a.b, names: {kind: A}, versions: [{name: v1}]}\n",
		"odd types":    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {versions: {}}\n",
	} {
		if _, err := Read(readObject(t, text)); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}

// TestUnusable: of a schema that no API server would take nothing is said.
func TestUnusable(t *testing.T) {
	definition, err := Read(readObject(t, strings.Replace(definitionText, "host: {type: string}", "host: {}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	obj := readObject(t, "apiVersion: acme.example/v1\nkind: Proxy\nspec: {prot: 1}\n")
	if v := newSet(t, Releases{}).With([]Definition{definition}).Judge(obj); len(v.Violations) > 0 {
		t.Errorf("got %s", lines(v))
	}
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte(`{"spec":{"gatewayClassName":"eg","listeners":[{"name":"a","port":80,"protocol":"HTTP"}]}}`))
	f.Add([]byte(`{"spec":{"listeners":[null,[],{"tls":{"options":{"a.b[0]":1}}}]},"metadata":[],"status":1}`))
	set := newSet(f, Releases{})
	f.Fuzz(func(t *testing.T, text []byte) {
		var fields map[string]any
		if json.Unmarshal(text, &fields) != nil || fields == nil {
			return
		}
		fields["apiVersion"], fields["kind"] = "gateway.networking.k8s.io/v1", "Gateway"
		obj, ok := kube.FromFields(fields)
		if !ok {
			return
		}
		v := set.Judge(obj)
		for _, violation := range v.Violations {
			if violation.Message == "" {
				t.Errorf("no message at %s", violation.Path)
			}
		}
		if again := set.Judge(v.Stored); len(v.Violations) == 0 && show(t, again.Stored.Fields) != show(t, v.Stored.Fields) {
			t.Errorf("stored once: %s\nand again: %s", show(t, v.Stored.Fields), show(t, again.Stored.Fields))
		}
	})
}
