package policies_test

import (
	"context"
	"io/fs"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/ruletest"
)

// ours is what is wrong with our rulebook.
var ours = sync.OnceValue(func() []error {
	return ruletest.Run(context.Background(), engine.Rulebook{Name: "tlsward", FS: os.DirFS(".")})
})

// TestRulebook walks the folders: a rule is tested because it is there.
func TestRulebook(t *testing.T) {
	files := os.DirFS(".")
	rules, err := fs.Glob(files, "*/*/rule.rego")
	if err != nil || len(rules) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	errs := slices.Clone(ours())
	for _, file := range rules {
		folder := path.Dir(file)
		t.Run(folder, func(t *testing.T) {
			errs = slices.DeleteFunc(errs, func(err error) bool {
				own := strings.HasPrefix(err.Error(), folder+"/")
				if own {
					t.Error(err)
				}
				return own
			})
		})
	}
	for _, err := range errs {
		t.Error(err)
	}
}

// What is embedded is what stands here: the patterns of go:embed leave no rule out.
func TestEmbedded(t *testing.T) {
	embedded, here := definitions(t, policies.FS()), definitions(t, os.DirFS("."))
	if !slices.Equal(ids(embedded), ids(here)) {
		t.Errorf("embedded are %v, here stand %v", ids(embedded), ids(here))
	}
}

// What is kept decoded of the YAML is what it says; make generate writes it.
func TestMetadata(t *testing.T) {
	load := func(verified bool) *engine.Engine {
		e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: verified})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	kept, read := load(true), load(false)
	for i, want := range read.Rules() {
		if got := kept.Rules()[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	for i, want := range read.Providers().Providers {
		if got := kept.Providers().Providers[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// A further rule is one further folder, and nothing else.
func TestFurtherRule(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	const id = "kubernetes/ingress-without-tls"
	for name, text := range further {
		file := path.Join(dir, id, name)
		if err := os.MkdirAll(path.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	listed := ids(definitions(t, os.DirFS(dir)))
	if !slices.Contains(listed, id) {
		t.Errorf("%s is not listed: %v", id, listed)
	}
	for _, err := range ruletest.Run(context.Background(), engine.Rulebook{Name: "copy", FS: os.DirFS(dir)}) {
		if !slices.ContainsFunc(ours(), func(b error) bool { return b.Error() == err.Error() }) {
			t.Error(err)
		}
	}
}

var further = map[string]string{
	"rule.rego": `# METADATA
# title: Ingress asks to be left in plain text
# description: Nobody should.
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   since: v0.1.0
package policies.kubernetes["ingress-without-tls"]

findings contains {
	"path": ["metadata", "annotations", _plain],
	"message": "the Ingress asks for plain text",
} if {
	input.object.metadata.annotations[_plain] == "true"
}

_plain := "example.com/plain-text"
`,
	"rule_test.rego": `package policies.kubernetes["ingress-without-tls_test"]

import data.policies.kubernetes["ingress-without-tls"] as rule

test_plain if {
	count(rule.findings) == 1 with input as {"object": {"metadata": {"annotations": {"example.com/plain-text": "true"}}}}
}
`,
	"bad.yaml": `# now: 2026-06-01T12:00:00Z
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
  annotations:
    example.com/plain-text: "true" # want kubernetes/ingress-without-tls
spec:
  ingressClassName: nginx
  rules:
    - host: shop.test
`,
	"good.yaml": `# now: 2026-06-01T12:00:00Z
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
spec:
  ingressClassName: nginx
  rules:
    - host: shop.test
`,
}

func definitions(t *testing.T, files fs.FS) []rule.Definition {
	t.Helper()
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "rulebook", FS: files})
	if err != nil {
		t.Fatal(err)
	}
	return e.Rules()
}

func ids(definitions []rule.Definition) []string {
	out := make([]string, len(definitions))
	for i, d := range definitions {
		out[i] = d.ID
	}
	return out
}
