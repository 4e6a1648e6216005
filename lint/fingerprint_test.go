package lint

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// firstBad finds fault with the first owner that controls.
var firstBad = reviewer(func(r engine.Request) (rule.Decision, error) {
	owners, _ := kube.Lookup(r.Object.Fields, kube.Path{"metadata", "ownerReferences"})
	list, _ := owners.([]any)
	for i, item := range list {
		if fields, _ := item.(map[string]any); fields["controller"] == true {
			return rule.Decision{Findings: []rule.Finding{{Rule: "x/y", Object: r.Object.ID, Path: kube.Path{"metadata", "ownerReferences", i}, Message: "bad"}}}, nil
		}
	}
	return rule.Decision{}, nil
})

func owned(owners string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, ownerReferences: [" + owners + "]}\n"
}

func fingerprint(t *testing.T, dir string) string {
	t.Helper()
	result, err := Run(context.Background(), []string{dir}, Options{Now: time.Now(), Reviewer: firstBad})
	if err != nil || len(result.Findings) != 1 {
		t.Fatalf("%v, findings %v, problems %v, skipped %v, want one finding", err, result.Findings, result.Problems, result.Skipped)
	}
	result.SetFingerprints()
	return result.Findings[0].Fingerprint
}

// TestFingerprintInFiles: the object that names the elements of lists is found, and what comes before does not count.
func TestFingerprintInFiles(t *testing.T) {
	want := fingerprint(t, tree(t, map[string]string{"a.yaml": owned("{name: one, controller: true}")}))
	moved := fingerprint(t, tree(t, map[string]string{"b.yaml": "# new\n" + configMap("c") + "---\n" + owned("{name: zero}, {name: one, controller: true}")}))
	if moved != want {
		t.Error("lines, elements and objects above a finding change its fingerprint")
	}
	if fingerprint(t, tree(t, map[string]string{"a.yaml": owned("{name: two, controller: true}")})) == want {
		t.Error("another element has the same fingerprint")
	}
}

// TestFingerprintInOverlays: what overlays make of an object has the fingerprint of its text.
func TestFingerprintInOverlays(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("base/a.yaml", owned("{name: one, controller: true}"))
	want := fingerprint(t, dir)
	put("base/kustomization.yaml", "resources: [a.yaml]\n")
	put("prod/kustomization.yaml", "namespace: shop\nresources: [../base]\n")
	if fingerprint(t, dir) != want {
		t.Error("an overlay changes the fingerprint")
	}
	put("dev/kustomization.yaml", "namespace: dev\nnamePrefix: dev-\nresources: [../base]\n")
	if fingerprint(t, dir) != want {
		t.Error("a second overlay changes the fingerprint")
	}
}
