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
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/migrate"
	"github.com/tlsward/tlsward/migrate/migratetest"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/rule"
)

// update has TestScenes write what each scene gives: `go test ./migrate -run TestScenes -update`.
var update = flag.Bool("update", false, "write what the scenes give")

// TestNeverWeaker: whatever ingress-nginx is told in the scenes of package effective, no host that is written is weaker than it was, none
// that was left out is served by what is written, and the rules deny nothing of it that they did not deny of the source.
func TestNeverWeaker(t *testing.T) {
	hosts := map[string]int{}
	scenes := migratetest.Scenes(t, "..")
	for _, name := range kube.SortedKeys(scenes) {
		files := scenes[name]
		for _, controller := range migrate.Controllers() {
			t.Run(controller+"/"+name, func(t *testing.T) {
				result, all := migratetest.Migrate(t, files, controller)
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
		if f.At.File != migratetest.Written {
			blamed[cause(f)] = true
		}
	}
	for _, f := range findings {
		if f.At.File == migratetest.Written && f.Action == rule.Deny && !blamed[cause(f)] {
			t.Errorf("%s:%d: %s [%s]", f.At.File, f.At.Line, f.Message, f.Rule)
		}
	}
}

// cause is what a finding is about, whichever object it is found at.
func cause(f rule.Finding) string { return f.Message }

// TestNothingProved: where nobody reads what is written, nothing is compared, and so nothing is written.
func TestNothingProved(t *testing.T) {
	_, files := migratetest.Scene(t, "testdata/client-certificates.txtar")
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

// TestBounds: what the API server bounds is divided, and all of it is served as it was.
func TestBounds(t *testing.T) {
	for _, namespace := range []string{"", "edge"} {
		result, all := migratetest.To(t, migratetest.Many(), migrate.Options{Class: "edge", Controller: "envoy-gateway", Namespace: namespace})
		if len(result.LeftOut) > 0 {
			t.Errorf("%d left out: %v", len(result.LeftOut), result.Remarks[0])
		}
		holds(t, "envoy-gateway", result, all)
		counts := map[string]int{}
		for _, d := range result.Documents {
			counts[d.Object.ID.Kind]++
			for path, most := range map[string]int{"listeners": 64, "rules": 16, "rules.matches": 128, "targetRefs": 16, "to": 16} {
				field, within, _ := strings.Cut(path, ".")
				spec, _ := d.Object.Fields["spec"].(map[string]any)
				list, _ := spec[field].([]any)
				count := len(list)
				if within != "" {
					count = 0
					for _, element := range list {
						rule, _ := element.(map[string]any)
						inner, _ := rule[within].([]any)
						count += len(inner)
					}
				}
				if count > most {
					t.Errorf("%s: %d %s, want at most %d", d.Object.ID, count, path, most)
				}
			}
		}
		if counts["Gateway"] != 2 || counts["HTTPRoute"] != 85 || counts["ClientTrafficPolicy"] != 2 || namespace != "" && counts["ReferenceGrant"] != 4 {
			t.Errorf("%v", counts)
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
		text := fmt.Sprintf(migratetest.Ingress, "api", `nginx.ingress.kubernetes.io/backend-protocol: HTTPS, nginx.ingress.kubernetes.io/proxy-ssl-secret: shop/up, nginx.ingress.kubernetes.io/proxy-ssl-verify: "on", nginx.ingress.kubernetes.io/proxy-ssl-name: api.shop.svc`, migratetest.Path("/", "api")) +
			"---\napiVersion: v1\nkind: Secret\nmetadata: {name: up, namespace: shop}\ndata: {ca.crt: " + base64.StdEncoding.EncodeToString([]byte(held)) + "}\n"
		result, all := migratetest.Migrate(t, map[string]string{"ingress.yaml": text, ".tlsward.yaml": "external: [Secret shop/api-tls]\n"}, "istio")
		if strings.Contains(all[migratetest.Written], "BEGIN CERTIFICATE") != copied || strings.Contains(all[migratetest.Written], "PRIVATE") || strings.Contains(all[migratetest.Written], "words") {
			t.Errorf("got\n%s\n%v", all[migratetest.Written], result.Remarks)
		}
	}
}

// TestPolicyInSight: a BackendTLSPolicy that is there already would have a backend called by TLS that speaks none.
func TestPolicyInSight(t *testing.T) {
	text := fmt.Sprintf(migratetest.Ingress, "api", "", migratetest.Path("/", "api")) + `---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: api, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: api}]
  validation: {hostname: api.shop.svc, wellKnownCACertificates: System}
`
	result, _ := migratetest.Migrate(t, map[string]string{"ingress.yaml": text}, "envoy-gateway")
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
			archive, files := migratetest.Scene(t, scene)
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
				result, all := migratetest.Migrate(t, files, f.Name)
				got := text(result, all[migratetest.Written])
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
