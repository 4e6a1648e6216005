package engine_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

var rewrite = flag.Bool("update", false, "write the recorded answers anew")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// THROW-AWAY certificates.
var (
	mint  = pkitest.New("engine", noon)
	root  = mint.Root("root")
	below = mint.Intermediate(root, "below")
	under = mint.Intermediate(below, "under")
	leaf  = mint.Leaf(root, "a.test")
)

func shipped(t testing.TB, s rule.Settings, more ...engine.Rulebook) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Settings{Rules: s, Scope: "this cluster"}, append([]engine.Rulebook{{Name: "tlsward", FS: policies.FS(), Verified: true}}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// parse reads one object of YAML, with the numbers that kube.Object has.
func parse(t testing.TB, text string) kube.Object {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var fields map[string]any
	if err := utiljson.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	obj, ok := kube.FromFields(fields)
	if !ok {
		t.Fatalf("no object: %s", text)
	}
	return obj
}

// cluster is an inventory that holds everything there is.
func cluster(t testing.TB, e *engine.Engine, manifests ...string) *inventory.Store {
	t.Helper()
	store := inventory.New(inventory.Options{Providers: e.Providers(), Cluster: true})
	for _, groupKind := range e.Needed() {
		store.SetComplete(groupKind, "", true)
	}
	for _, text := range manifests {
		store.Put(parse(t, text))
	}
	return store
}

const (
	nginxClass = `{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}`
	gwClass    = `{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: eg}, spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}}`
)

func secretOf(name, key, value string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: shop}\ntype: Opaque\nstringData: {%s: %q}\n", name, key, value)
}

// webIngress is an Ingress of nginx with annotations after nginx.ingress.kubernetes.io/, as YAML.
func webIngress(name, host, annotations, more string) string {
	prefixed := ""
	for _, a := range strings.Split(annotations, "; ") {
		if a != "" {
			prefixed += "nginx.ingress.kubernetes.io/" + a + ", "
		}
	}
	return fmt.Sprintf("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: %s, namespace: shop, annotations: {%s}%s}, spec: {ingressClassName: nginx, rules: [{host: %s, http: {paths: [{path: /}]}}]}}",
		name, prefixed, more, host)
}

func gatewayOf(listeners string) string {
	return `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: eg, ` + listeners + `}}`
}

func listener(name string, port int, secrets ...string) string {
	var refs []string
	for _, s := range secrets {
		refs = append(refs, fmt.Sprintf(`{group: "", kind: Secret, namespace: infra, name: %s}`, s))
	}
	return fmt.Sprintf("{name: %s, port: %d, protocol: HTTPS, hostname: %s.test, tls: {certificateRefs: [%s]}}", name, port, name, strings.Join(refs, ", "))
}

func policyOf(cas, targets string) string {
	return fmt.Sprintf(`{apiVersion: gateway.networking.k8s.io/v1, kind: BackendTLSPolicy, metadata: {name: p, namespace: shop, creationTimestamp: "2026-11-01T12:00:00Z"}, spec: {targetRefs: [%s], validation: {hostname: a.test, caCertificateRefs: [%s]}}}`, targets, cas)
}

// TestRatchet is the law: a finding is old if rule, path with the keys of lists in place of indexes, and the values it rests on
// are unchanged.
func TestRatchet(t *testing.T) {
	const api = `{group: "", kind: Service, name: api}`
	ca := func(names ...string) string {
		var list []string
		for _, name := range names {
			list = append(list, fmt.Sprintf(`{group: "", kind: ConfigMap, name: %s}`, name))
		}
		return strings.Join(list, ", ")
	}
	rival := func(name, depth string) string {
		return webIngress(name, "a.test", `auth-tls-secret: shop/ca; auth-tls-verify-depth: "`+depth+`"`, `, creationTimestamp: "2026-10-01T12:00:00Z"`)
	}
	older := `, creationTimestamp: "2026-11-01T12:00:00Z"`
	frontend := func(perPort string) string {
		return gatewayOf(`listeners: [], tls: {frontend: {default: {validation: {caCertificateRefs: []}}, perPort: [` + perPort + `]}}`)
	}
	onPort := func(port int, name string) string {
		return fmt.Sprintf(`{port: %d, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: %s}]}}}`, port, name)
	}
	for _, test := range []struct {
		name     string
		around   []string
		old, new string
		denied   int // findings that deny
		existing int // findings that warn because they were there before
	}{
		{name: "nothing changes", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), existing: 1},
		{name: "a finalizer is added", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", "auth-tls-secret: shop/x", `, finalizers: [a/b]`), existing: 1},
		{name: "a label is added", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", "auth-tls-secret: shop/x", `, labels: {a: b}`), existing: 1},
		{name: "another annotation is added", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", `auth-tls-secret: shop/x; proxy-body-size: "8m"`, ""), existing: 1},
		{name: "the host is another", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "b.test", "auth-tls-secret: shop/x", ""), existing: 1},
		{name: "one missing CA for another", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", "auth-tls-secret: shop/w", ""), denied: 1},
		{name: "a CA that is there for a missing one", old: webIngress("a", "a.test", "auth-tls-secret: shop/ca", ""), new: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), denied: 1},
		{name: "a missing one for a Secret without a CA", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", "auth-tls-secret: shop/empty", ""), denied: 1},
		{name: "mended", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", "auth-tls-secret: shop/ca", "")},
		{name: "one defect stays, one comes", old: webIngress("a", "a.test", "auth-tls-secret: shop/x", ""), new: webIngress("a", "a.test", `auth-tls-secret: shop/x; auth-tls-verify-depth: "-1"`, ""), denied: 1, existing: 1},
		{name: "a bad depth for another", old: webIngress("a", "a.test", `auth-tls-secret: shop/ca; auth-tls-verify-depth: "-1"`, ""), new: webIngress("a", "a.test", `auth-tls-secret: shop/ca; auth-tls-verify-depth: "-2"`, ""), denied: 1},
		{name: "a switch makes the old one matter", old: webIngress("a", "a.test", `auth-tls-secret: shop/pair; auth-tls-verify-client: "off"`, ""), new: webIngress("a", "a.test", `auth-tls-secret: shop/pair; auth-tls-verify-client: "on"`, ""), denied: 1},

		{name: "a listener stays", old: gatewayOf("listeners: [" + listener("a", 443, "x") + "]"), new: gatewayOf("listeners: [" + listener("a", 443, "x") + "], addresses: []"), existing: 1},
		{name: "listeners are reordered", old: gatewayOf("listeners: [" + listener("a", 443, "x") + ", " + listener("b", 444, "w") + "]"), new: gatewayOf("listeners: [" + listener("b", 444, "w") + ", " + listener("a", 443, "x") + "]"), existing: 2},
		{name: "one is put before the others", old: gatewayOf("listeners: [" + listener("a", 443, "x") + "]"), new: gatewayOf("listeners: [" + listener("b", 444) + ", " + listener("a", 443, "x") + "]"), existing: 1},
		{name: "one is taken away", old: gatewayOf("listeners: [" + listener("a", 443, "x") + ", " + listener("b", 444, "x") + "]"), new: gatewayOf("listeners: [" + listener("b", 444, "x") + "]"), existing: 1},
		{name: "a second listener refers to the same", old: gatewayOf("listeners: [" + listener("a", 443, "x") + "]"), new: gatewayOf("listeners: [" + listener("a", 443, "x") + ", " + listener("b", 444, "x") + "]"), denied: 1, existing: 1},
		{name: "two listeners swap", old: gatewayOf("listeners: [" + listener("a", 443, "x") + ", " + listener("b", 444, "w") + "]"), new: gatewayOf("listeners: [" + listener("a", 443, "w") + ", " + listener("b", 444, "x") + "]"), denied: 2},
		{name: "references of a listener are reordered", old: gatewayOf("listeners: [" + listener("a", 443, "x", "w") + "]"), new: gatewayOf("listeners: [" + listener("a", 443, "w", "x") + "]"), existing: 2},
		{name: "a listener refers to it twice", old: gatewayOf("listeners: [" + listener("a", 443, "x") + "]"), new: gatewayOf("listeners: [" + listener("a", 443, "x", "x") + "]"), denied: 1, existing: 1},
		{name: "a listener has another port", old: gatewayOf("listeners: [" + listener("a", 443, "x") + "]"), new: gatewayOf("listeners: [" + listener("a", 8443, "x") + "]"), existing: 1},
		{name: "a listener has another name", old: gatewayOf("listeners: [" + listener("a", 443, "x") + "]"), new: gatewayOf("listeners: [" + listener("b", 443, "x") + "]"), denied: 1},
		{name: "client CAs by port, reordered", old: frontend(onPort(443, "x") + ", " + onPort(444, "w")), new: frontend(onPort(444, "w") + ", " + onPort(443, "x")), existing: 2},
		{name: "a client CA moves to another port", old: frontend(onPort(443, "x")), new: frontend(onPort(8443, "x")), denied: 1},
		{name: "two ports swap theirs", old: frontend(onPort(443, "x") + ", " + onPort(444, "w")), new: frontend(onPort(443, "w") + ", " + onPort(444, "x")), denied: 2},

		{name: "CAs of a policy are reordered", old: policyOf(ca("x", "w"), api), new: policyOf(ca("w", "x"), api), existing: 2},
		{name: "a policy refers to a second one", old: policyOf(ca("x"), api), new: policyOf(ca("x", "w"), api), denied: 1, existing: 1},
		{name: "a policy refers to the same twice", old: policyOf(ca("x"), api), new: policyOf(ca("x", "x"), api), denied: 1, existing: 1},

		{name: "a conflict stays", around: []string{rival("r", "3")}, old: webIngress("a", "a.test", "auth-tls-secret: shop/ca", older), new: webIngress("a", "a.test", "auth-tls-secret: shop/ca", older+", labels: {a: b}"), existing: 1},
		{
			name: "with another one", around: []string{rival("r", "3"), strings.ReplaceAll(rival("s", "3"), "host: a.test", "host: b.test")},
			old: webIngress("a", "a.test", "auth-tls-secret: shop/ca", older), new: webIngress("a", "b.test", "auth-tls-secret: shop/ca", older), denied: 1,
		},
		{
			name: "with one more", around: []string{rival("r", "3"), strings.ReplaceAll(rival("s", "3"), "host: a.test", "host: b.test")},
			old: webIngress("a", "a.test", "auth-tls-secret: shop/ca", older), new: strings.Replace(webIngress("a", "a.test", "auth-tls-secret: shop/ca", older), "rules: [", "rules: [{host: b.test}, ", 1), denied: 1,
		},
		{
			name: "with one less", around: []string{rival("r", "3"), strings.ReplaceAll(rival("s", "3"), "host: a.test", "host: b.test")},
			old: strings.Replace(webIngress("a", "a.test", "auth-tls-secret: shop/ca", older), "rules: [", "rules: [{host: b.test}, ", 1), new: webIngress("a", "a.test", "auth-tls-secret: shop/ca", older), existing: 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := shipped(t, rule.Settings{})
			store := cluster(t, e, append(test.around, nginxClass, gwClass, secretOf("ca", "ca.crt", root.CertPEM), secretOf("empty", "x", "y"),
				fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: pair, namespace: shop}, stringData: {tls.crt: %q, tls.key: %q}}", leaf.CertPEM, leaf.KeyPEM))...)
			old, obj := parse(t, test.old), parse(t, test.new)
			store.Put(old)
			request := engine.Request{Object: obj, Old: &old, Inventory: store.Snapshot(), Now: noon, Door: rule.DoorAdmission}
			decision, err := e.Review(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			denied, existing := 0, 0
			for _, f := range decision.Findings {
				if f.Action == rule.Deny {
					denied++
				}
				if f.Existing {
					existing++
					if f.Action < rule.Warn {
						t.Errorf("there before, and %s: %v", f.Action, f)
					}
				}
			}
			// What is existing counts where it would deny.
			request.Old = nil
			without, err := e.Review(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			all := 0
			for _, f := range without.Findings {
				if f.Existing {
					t.Errorf("existing without an old object: %v", f)
				}
				if f.Action == rule.Deny {
					all++
				}
			}
			if existing -= countNotes(decision); denied != test.denied || existing != test.existing || all != denied+existing {
				t.Errorf("%d denied, %d there before, %d in all; want %d and %d: %v", denied, existing, all, test.denied, test.existing, decision.Findings)
			}
		})
	}
}

// countNotes counts what was there before and is less than a warning: it was never a ground for a denial.
func countNotes(d rule.Decision) (n int) {
	for _, f := range d.Findings {
		if f.Existing && (f.Action > rule.Warn || f.Severity > rule.Error) {
			n++
		}
	}
	return n
}

// TestRatchetListsWithoutKeys: the elements of tls[] have no key, so that their order does not count, and how many there are does.
func TestRatchetListsWithoutKeys(t *testing.T) {
	fs := book("[Widget.acme.example]", "[Ingress.networking.k8s.io]", "severity: warning", "severity: error", `findings contains {"path": ["spec"], "message": "no tag"} if {
	not input.object.spec.tag
}`, `findings contains {"path": ["spec", "tls", i, "secretName"], "message": "bad"} if {
	some i, entry in input.object.spec.tls
	startswith(entry.secretName, "bad")
}`)
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		old, new string
		denied   int
	}{
		{"bad-a, bad-b, c", "c, bad-b, bad-a", 0},
		{"bad-a", "c, d, bad-a", 0},
		{"bad-a, bad-a", "bad-a, bad-a", 0},
		{"bad-a", "bad-a, bad-a", 1},
		{"bad-a", "bad-b", 1},
		{"bad-a, bad-b", "bad-b", 0},
		{"c", "bad-c", 1},
	} {
		ingress := func(names string) kube.Object {
			text := ""
			for _, name := range strings.Split(names, ", ") {
				text += "{secretName: " + name + "}, "
			}
			return parse(t, "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: shop}, spec: {tls: ["+text+"]}}")
		}
		old := ingress(test.old)
		decision, err := e.Review(t.Context(), engine.Request{Object: ingress(test.new), Old: &old, Inventory: inventory.New(inventory.Options{}).Snapshot(), Now: noon, Door: rule.DoorAdmission})
		if err != nil {
			t.Fatal(err)
		}
		denied := 0
		for _, f := range decision.Findings {
			if f.Action == rule.Deny {
				denied++
			}
		}
		if denied != test.denied {
			t.Errorf("%s becomes %s: %d denied, want %d", test.old, test.new, denied, test.denied)
		}
	}
}

// TestRatchetAgainstAnOldObject: an odd one is no excuse.
func TestRatchetAgainstAnOldObject(t *testing.T) {
	e := shipped(t, rule.Settings{})
	store := cluster(t, e, nginxClass)
	obj := parse(t, webIngress("a", "a.test", "auth-tls-secret: shop/x", ""))
	for _, old := range []kube.Object{{}, {ID: obj.ID, Version: "v1"}, {ID: obj.ID, Version: "v1", Fields: map[string]any{"metadata": "x", "spec": []any{}}}} {
		decision, err := e.Review(t.Context(), engine.Request{Object: obj, Old: &old, Inventory: store.Snapshot(), Now: noon, Door: rule.DoorAdmission})
		if err != nil || !decision.Denied() {
			t.Errorf("old %v: %v, %v", old, decision.Findings, err)
		}
	}
}

// TestPeersOfADenial: who else is hit is told with a denial, and only then.
func TestPeersOfADenial(t *testing.T) {
	e := shipped(t, rule.Settings{})
	store := cluster(t, e, nginxClass, webIngress("other", "a.test", "", ""), webIngress("elsewhere", "b.test", "", ""))
	for secret, want := range map[string]string{"x": "[Ingress shop/other]", "": "[]"} {
		annotations := ""
		if secret != "" {
			annotations = "auth-tls-secret: shop/" + secret
		}
		decision, err := e.Review(t.Context(), engine.Request{Object: parse(t, webIngress("a", "a.test", annotations, "")), Inventory: store.Snapshot(), Now: noon, Door: rule.DoorAdmission})
		if err != nil || fmt.Sprint(decision.Peers) != want {
			t.Errorf("got %v, %v; want %s", decision.Peers, err, want)
		}
	}
}
