package migrate_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/migrate"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/rule"
)

// update has TestScenes write what each scene gives: `go test ./migrate -run TestScenes -update`.
var update = flag.Bool("update", false, "write what the scenes give")

// written is the file of what is written, beside the source.
const written = "migrated.yaml"

// class is a GatewayClass of a controller.
func class(controller string) string {
	names := map[string]string{
		"envoy-gateway": "gateway.envoyproxy.io/gatewayclass-controller", "nginx-gateway-fabric": "gateway.nginx.org/nginx-gateway-controller",
		"istio": "istio.io/gateway-controller", "kgateway": "kgateway.dev/kgateway", "kong": "konghq.com/kic-gateway-controller",
	}
	return "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: edge}\nspec: {controllerName: " + names[controller] + "}\n"
}

// migrated migrates texts, and returns what is written with the texts that it is proved beside.
func migrated(t *testing.T, files map[string]string, controller string) (*migrate.Result, map[string]string) {
	t.Helper()
	all := map[string]string{"class.yaml": class(controller)}
	for name, text := range files {
		all[name] = text
	}
	trees := effectivetest.Trees(t, all)
	if len(trees) != 1 {
		t.Fatalf("%d trees, want 1", len(trees))
	}
	rows := effective.Rows(trees[0].Tree, effective.Models())
	result, err := migrate.Migrate(trees[0].Tree, rows, migrate.Options{Class: "edge", Controller: controller}, func(documents []migrate.Document) ([]effective.Row, error) {
		text, err := migrate.YAML(documents)
		if err != nil {
			return nil, err
		}
		all[written] = string(text)
		return effectivetest.Rows(t, all), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return result, all
}

func archived(t *testing.T, file string) (*txtar.Archive, map[string]string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		if f.Name != "rows" && !slices.Contains(migrate.Controllers(), f.Name) {
			files[f.Name] = string(f.Data)
		}
	}
	return archive, files
}

// TestNeverWeaker: whatever ingress-nginx is told in the scenes of package effective, no host that is written is weaker than it was, none
// that was left out is served by what is written, and the rules deny nothing of it that they did not deny of the source.
func TestNeverWeaker(t *testing.T) {
	scenes, err := filepath.Glob("../effective/testdata/ingress-nginx/*.txtar")
	if err != nil || len(scenes) < 40 {
		t.Fatalf("%d scenes, %v", len(scenes), err)
	}
	own, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]int{}
	for _, scene := range append(scenes, own...) {
		_, files := archived(t, scene)
		whole(t, files)
		for _, controller := range migrate.Controllers() {
			t.Run(controller+"/"+strings.TrimSuffix(filepath.Base(scene), ".txtar"), func(t *testing.T) {
				result, all := migrated(t, files, controller)
				hosts[controller] += len(result.Written)
				holds(t, controller, result, all)
			})
		}
	}
	for _, controller := range migrate.Controllers() {
		// Of a test that is content with nothing nobody learns anything. Kong can be told little.
		if least := map[bool]int{true: 5, false: 20}[controller == "kong"]; hosts[controller] < least {
			t.Errorf("%s: %d hosts are written", controller, hosts[controller])
		}
	}
}

// whole gives a scene what package effective does not ask for, and what is written needs: the Services, and Secrets of their type.
func whole(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		files[name] = strings.ReplaceAll(text, "\ndata:\n  tls.crt:", "\ntype: kubernetes.io/tls\ndata:\n  tls.crt:")
	}
	known := map[string]bool{}
	var b strings.Builder
	for _, r := range effectivetest.Rows(t, files) {
		name, port, ok := strings.Cut(strings.TrimPrefix(r.Value(effective.Backend).Is, "Service "), ":")
		namespace, name, named := strings.Cut(name, "/")
		if !ok || !named || known[namespace+"/"+name] {
			continue
		}
		known[namespace+"/"+name] = true
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {ports: [{name: main, port: %s}]}\n", name, namespace, port)
	}
	files["services.yaml"] = b.String()
}

func holds(t *testing.T, controller string, result *migrate.Result, all map[string]string) {
	t.Helper()
	rows := effectivetest.Rows(t, all)
	of := func(name string) []effective.Row {
		return slices.DeleteFunc(slices.Clone(rows), func(r effective.Row) bool { return r.Controller != name })
	}
	before, after := of(migrate.Source), of(controller)
	for _, c := range effective.Compare(before, after, nil).Changes {
		if c.Verdict == effective.Weaker {
			t.Errorf("%s: %s is weaker: %s -> %s", c.At.Host, c.Aspect, c.Was().Is, c.Is().Is)
		}
	}
	for i := range after {
		if slices.Contains(result.LeftOut, after[i].Host) {
			t.Errorf("%s is left out, and served", after[i].Host)
		}
	}
	for _, host := range result.Written {
		if !slices.ContainsFunc(after, func(r effective.Row) bool { return r.Host == host && r.Value(effective.Answer).Is != "" }) {
			t.Errorf("%s is written, and not served", host)
		}
	}
	blamed := map[string]bool{}
	findings := effectivetest.Findings(t, all)
	for _, f := range findings {
		if f.At.File != written {
			blamed[cause(f)] = true
		}
	}
	for _, f := range findings {
		if f.At.File == written && f.Action == rule.Deny && !blamed[cause(f)] {
			t.Errorf("%s:%d: %s [%s]", f.At.File, f.At.Line, f.Message, f.Rule)
		}
	}
}

// cause is what a finding is about, whichever object it is found at.
func cause(f rule.Finding) string { return f.Message }

// TestNothingProved: where nobody reads what is written, nothing is compared, and so nothing is written.
func TestNothingProved(t *testing.T) {
	_, files := archived(t, "testdata/client-certificates.txtar")
	trees := effectivetest.Trees(t, files)
	rows := effective.Rows(trees[0].Tree, effective.Models())
	for name, proved := range map[string][]effective.Row{"nothing": nil, "the source": rows} {
		result, err := migrate.Migrate(trees[0].Tree, rows, migrate.Options{Class: "edge", Controller: "istio"},
			func([]migrate.Document) ([]effective.Row, error) { return proved, nil })
		if err != nil || len(result.Documents) > 0 || len(result.Written) > 0 || len(result.LeftOut) != 3 {
			t.Errorf("%s: %d documents, %v written, %v left out, %v", name, len(result.Documents), result.Written, result.LeftOut, err)
		}
	}
}

const ingress = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %[1]s, namespace: shop, annotations: {%[2]s}}
spec:
  ingressClassName: nginx
  tls: [{hosts: [%[1]s.shop.test], secretName: tls}]
  rules: [{host: %[1]s.shop.test, http: {paths: [%[3]s]}}]
`

// path is one of an Ingress.
func path(path, service string) string {
	return "{path: " + path + ", pathType: Prefix, backend: {service: {name: " + service + ", port: {number: 8080}}}}"
}

// TestBounds: what the API server bounds is divided, and all of it is served.
func TestBounds(t *testing.T) {
	var many, wide strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, ingress, fmt.Sprintf("w%d", i), "", path("/", "web"))
	}
	var paths []string
	for i := range 150 {
		paths = append(paths, path(fmt.Sprintf("/p%d", i), fmt.Sprintf("s%d", i%40)))
	}
	fmt.Fprintf(&wide, ingress, "wide", "", strings.Join(paths, ", "))
	for name, text := range map[string]string{"hosts": many.String(), "paths": wide.String()} {
		result, all := migrated(t, map[string]string{"ingress.yaml": text}, "envoy-gateway")
		if len(result.LeftOut) > 0 {
			t.Errorf("%s: left out: %v", name, result.LeftOut)
		}
		holds(t, "envoy-gateway", result, all)
		gateways, routes := 0, 0
		for _, d := range result.Documents {
			spec, _ := d.Object.Fields["spec"].(map[string]any)
			listeners, _ := spec["listeners"].([]any)
			rules, _ := spec["rules"].([]any)
			matches := 0
			for _, element := range rules {
				rule, _ := element.(map[string]any)
				list, _ := rule["matches"].([]any)
				matches += len(list)
			}
			if len(listeners) > 64 || len(rules) > 16 || matches > 128 {
				t.Errorf("%s: %s has %d listeners, %d rules, %d matches", name, d.Object.ID, len(listeners), len(rules), matches)
			}
			gateways, routes = gateways+min(len(listeners), 1), routes+min(len(rules), 1)
		}
		if name == "hosts" && gateways != 2 || name == "paths" && routes < 4 {
			t.Errorf("%s: %d Gateways, %d routes", name, gateways, routes)
		}
		for _, c := range result.Difference.Changes {
			if c.Aspect == effective.Backend {
				t.Errorf("%s: %s leads to %s", c.At.Path, c.Was().Is, c.Is().Is)
			}
		}
	}
}

// TestKeysStay: of what stands beside the certificates of a CA that is copied, nothing comes along; and where a private key does, ingress-nginx
// itself takes none of it.
func TestKeysStay(t *testing.T) {
	mint := pkitest.New("migrate", effectivetest.Now)
	root := mint.Root("up")
	for held, copied := range map[string]bool{"some words\n" + pkitest.Bundle(root): true, pkitest.Bundle(root) + root.KeyPEM: false} {
		text := fmt.Sprintf(ingress, "api", `nginx.ingress.kubernetes.io/backend-protocol: HTTPS, nginx.ingress.kubernetes.io/proxy-ssl-secret: shop/up, nginx.ingress.kubernetes.io/proxy-ssl-verify: "on", nginx.ingress.kubernetes.io/proxy-ssl-name: api.shop.svc`, path("/", "api")) +
			"---\napiVersion: v1\nkind: Secret\nmetadata: {name: up, namespace: shop}\ndata: {ca.crt: " + base64.StdEncoding.EncodeToString([]byte(held)) + "}\n"
		result, all := migrated(t, map[string]string{"ingress.yaml": text, ".tlsward.yaml": "external: [Secret shop/tls]\n"}, "istio")
		if strings.Contains(all[written], "BEGIN CERTIFICATE") != copied || strings.Contains(all[written], "PRIVATE") || strings.Contains(all[written], "words") {
			t.Errorf("got\n%s\n%v", all[written], result.Remarks)
		}
	}
}

// TestPolicyInSight: a BackendTLSPolicy that is there already would have a backend called by TLS that speaks none.
func TestPolicyInSight(t *testing.T) {
	text := fmt.Sprintf(ingress, "api", "", path("/", "api")) + `---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: api, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: api}]
  validation: {hostname: api.shop.svc, wellKnownCACertificates: System}
`
	result, _ := migrated(t, map[string]string{"ingress.yaml": text}, "envoy-gateway")
	if len(result.Written) > 0 || len(result.Remarks) == 0 || !strings.Contains(result.Remarks[0].Why, "it would be another: upstream of api.shop.test: plain -> TLS") {
		t.Errorf("%v is written: %v", result.Written, result.Remarks)
	}
}

// TestScenes: what is written, what is lost and what the comparison says, for each controller that has a file of its name in the scene.
func TestScenes(t *testing.T) {
	scenes, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(scenes) == 0 {
		t.Fatalf("%d scenes, %v", len(scenes), err)
	}
	for _, scene := range scenes {
		t.Run(strings.TrimSuffix(filepath.Base(scene), ".txtar"), func(t *testing.T) {
			archive, files := archived(t, scene)
			if len(archive.Comment) < 80 {
				t.Error("want a comment at the head that says what the scene shows")
			}
			targets := 0
			for i := range archive.Files {
				f := &archive.Files[i]
				if !slices.Contains(migrate.Controllers(), f.Name) {
					continue
				}
				targets++
				result, all := migrated(t, files, f.Name)
				got := text(result, all[written])
				if *update {
					f.Data = []byte(got)
				} else if got != string(f.Data) {
					t.Errorf("%s: got\n%s\nwant\n%s", f.Name, got, f.Data)
				}
			}
			if targets == 0 {
				t.Error("no file is named after a controller")
			}
			if *update {
				if err := os.WriteFile(scene, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func text(r *migrate.Result, manifests string) string {
	var b strings.Builder
	b.WriteString(manifests)
	for _, remark := range r.Remarks {
		host := remark.Host
		switch {
		case remark.All:
			continue // the same in every scene
		case host == "":
			host = "<any host>"
		}
		fmt.Fprintf(&b, "%s %s: %s\n", [...]string{"LEFT OUT", "DROPPED", "CHANGED", "TO DO"}[remark.Kind], host, remark.Why)
		if remark.Source.Object.Kind != "" {
			fmt.Fprintf(&b, "    %s %s\n", remark.Source.Object, remark.Source.Path)
		}
	}
	for _, c := range r.Difference.Changes {
		fmt.Fprintf(&b, "%s: %s:%d%s %s: %s -> %s\n", strings.ToUpper(c.Verdict.String()), c.At.Host, c.At.Port, c.At.Path, c.Aspect, c.Was().Is, c.Is().Is)
	}
	return b.String()
}
