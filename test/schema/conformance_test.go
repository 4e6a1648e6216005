package schema

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/schema/crd"
)

var update = flag.Bool("update", false, "write the findings into the golden file; their reasons are to be written by hand")

// golden holds what is said of each manifest, and why that is right.
const golden = "testdata/conformance.yaml"

// verdict is what the linter says of one manifest.
type verdict struct {
	Manifest string `yaml:"manifest"`
	// Suite is what the conformance test expects of an implementation, and where the linter says less than that, why.
	Suite    string    `yaml:"suite"`
	Findings []finding `yaml:"findings,omitempty"`
}

type finding struct {
	At   string `yaml:"at"`
	Rule string `yaml:"rule"`
	Says string `yaml:"says"`
	// Why it is right, seen from what the suite expects.
	Why string `yaml:"why"`
}

func (f finding) same(other finding) bool { return f.At == other.At && f.Rule == other.Rule }

// concernsTLS selects manifests: those that name a certificate, a policy about one, or a protocol with TLS.
var concernsTLS = regexp.MustCompile(`(?i)certificateRef|BackendTLSPolicy|TLSRoute|protocol: (TLS|HTTPS)`)

const base = "base/manifests.yaml"

// TestConformance lints the manifests with which Gateway API tests implementations, as far as they concern TLS, and compares
// every finding with those that are written down, each with its reason. An implementation that is not known is assumed, so that
// the specification is what counts, and the cluster holds nothing but what the suite puts there.
func TestConformance(t *testing.T) {
	// As data: who imports the module, which embeds them, builds all that drives a cluster too.
	manifests := os.DirFS(folder(t, "sigs.k8s.io/gateway-api/conformance"))
	names, err := fs.Glob(manifests, "tests/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []verdict
	for _, name := range append([]string{base}, names...) {
		text, err := fs.ReadFile(manifests, name)
		if err != nil {
			t.Fatal(err)
		}
		if name != base && !concernsTLS.Match(text) {
			continue
		}
		v := verdict{Manifest: name}
		for _, f := range judge(t, manifests, name) {
			file, at, _ := strings.Cut(f.At, ":")
			if f.At = at; file != path.Base(name) {
				// Of what is always there, that is said once, unless it comes of what this manifest adds.
				if known := slices.ContainsFunc(got, func(v verdict) bool { return v.Manifest == base && slices.ContainsFunc(v.Findings, f.same) }); known {
					continue
				}
				f.At = file + ":" + at
			}
			v.Findings = append(v.Findings, f)
		}
		got = append(got, v)
	}
	if len(got) < 30 {
		t.Errorf("got %d manifests; want those about TLS, which are more", len(got))
	}
	compareGolden(t, got)
}

// judge lints one manifest among those that the suite always applies.
func judge(t *testing.T, manifests fs.FS, name string) (findings []finding) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, text []byte) {
		t.Helper()
		text = bytes.ReplaceAll(text, []byte("{GATEWAY_CLASS_NAME}"), []byte("conformance"))
		text = bytes.ReplaceAll(text, []byte("{GATEWAY_CONTROLLER_NAME}"), []byte(controller))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Compact([]string{base, name}) {
		text, err := fs.ReadFile(manifests, name)
		if err != nil {
			t.Fatal(err)
		}
		write(path.Base(name), text)
	}
	write("programmatic.yaml", []byte(programmatic()))
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := crd.New(crd.Releases{GatewayAPI: "1.6", Channel: crd.Experimental})
	if err != nil {
		t.Fatal(err)
	}
	result, err := lint.Run(t.Context(), []string{dir}, lint.Options{Reviewer: e, Now: clock, Complete: []string{"*"}, Schemas: schemas, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range result.Problems {
		t.Errorf("%s: %s: %s", name, problem.At.File, problem.Message)
	}
	for _, f := range result.Findings {
		findings = append(findings, finding{
			At:   fmt.Sprintf("%s:%d:%d", filepath.Base(f.At.File), f.At.Line, f.At.Column),
			Rule: f.Rule,
			Says: fmt.Sprintf("%s: %s", f.Severity, strings.ReplaceAll(f.Headline(), dir+string(filepath.Separator), "")),
		})
	}
	return findings
}

const controller = "conformance.test/controller"

var clock = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// programmatic writes what the suite makes in Go: utils/suite/suite.go, "Applying programmatic resources".
func programmatic() string {
	var out strings.Builder
	fmt.Fprintf(&out, "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: conformance}\nspec: {controllerName: %s}\n", controller)
	mint := pkitest.New("conformance", clock)
	authority := func(namespace, name string) *pkitest.Issued {
		ca := mint.Root(name)
		fmt.Fprintf(&out, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: %s}\ndata:\n  ca.crt: |\n%s", name, namespace, indented(ca.CertPEM))
		return ca
	}
	secret := func(ca *pkitest.Issued, namespace, name string, hosts ...string) {
		leaf := mint.Leaf(ca, hosts...)
		fmt.Fprintf(&out, "---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: %s}\ntype: kubernetes.io/tls\nstringData:\n  tls.crt: |\n%s  tls.key: |\n%s",
			name, namespace, indented(leaf.CertPEM), indented(leaf.KeyPEM))
	}
	const infra, backends, web = "gateway-conformance-infra", "gateway-conformance-app-backend", "gateway-conformance-web-backend"
	itself := mint.Root("self-signed")
	secret(itself, web, "certificate", "*")
	secret(itself, infra, "tls-validity-checks-certificate", "*", "*.org", "*.wildcard.org")
	authority(web, "web-backend-cm")
	secret(authority(infra, "tls-validity-checks-ca-certificate"), infra, "tls-validity-checks-client-certificate")
	secret(authority(infra, "tls-validity-checks-per-port-ca-certificate"), infra, "tls-validity-checks-per-port-client-certificate")
	ca := authority(infra, "tls-checks-ca-certificate")
	secret(ca, infra, "tls-checks-certificate", "abc.example.com", "other.example.com")
	secret(ca, infra, "tls-checks-client-certificate")
	secret(ca, infra, "tls-passthrough-checks-certificate", "abc.example.com")
	secret(ca, backends, "tls-passthrough-checks-certificate", "abc.example.com")
	secret(ca, infra, "tls-terminate-checks-certificate", "tls.example.com")
	authority(infra, "mismatch-ca-certificate")
	return out.String()
}

func indented(pem string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(pem), "\n", "\n    ") + "\n"
}

// compareGolden compares findings with those written down, and with -update writes them; the reasons of those that are known
// are kept.
func compareGolden(t *testing.T, got []verdict) {
	t.Helper()
	text, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	var known []verdict
	if err := yaml.Unmarshal(text, &known); err != nil {
		t.Fatalf("%s: %v", golden, err)
	}
	for i := range got {
		v := &got[i]
		at := slices.IndexFunc(known, func(k verdict) bool { return k.Manifest == v.Manifest })
		if at < 0 {
			continue
		}
		v.Suite = known[at].Suite
		for j := range v.Findings {
			if other := slices.IndexFunc(known[at].Findings, v.Findings[j].same); other >= 0 {
				v.Findings[j].Why = known[at].Findings[other].Why
			}
		}
	}
	want, err := yaml.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want = append([]byte(header), want...)
	if *update {
		if err := os.WriteFile(golden, want, 0o600); err != nil {
			t.Fatal(err)
		}
	} else if string(want) != string(text) {
		t.Errorf("%s is not what is found now; go test -run TestConformance -update . writes it, then see the difference", golden)
	}
	for _, v := range got {
		if v.Suite == "" {
			t.Errorf("%s: %s: nobody has written what the suite expects", golden, v.Manifest)
		}
		for _, f := range v.Findings {
			if f.Why == "" {
				t.Errorf("%s: %s:%s: %s [%s]: nobody has written why", golden, v.Manifest, f.At, f.Says, f.Rule)
			}
		}
	}
}

const header = "# What tlsward says of the manifests with which Gateway API tests implementations (sigs.k8s.io/gateway-api/conformance),\n" +
	"# and why that is right. suite and why are written by hand, the rest by go test -run TestConformance -update .\n"
