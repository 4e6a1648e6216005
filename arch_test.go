package tlsward_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tlsward/tlsward"

// TestFloors holds docs/ARCHITECTURE.md against the imports, both ways: an import that the table does not allow, a
// package without a row, a row without a package, and a permission nobody uses. A picture that may lie is worse than none.
func TestFloors(t *testing.T) {
	allowed := table(t)
	output, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(output)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), ":")
		name := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
		if name == "" {
			continue // this test
		}
		seen[name] = true
		row, ok := allowed[name]
		if !ok {
			t.Errorf("%s: no row in docs/ARCHITECTURE.md", name)
			continue
		}
		var used []string
		for _, path := range strings.Fields(imports) {
			own, ours := strings.CutPrefix(path, module+"/")
			if ours {
				used = append(used, own)
			}
			if !ours && strings.HasPrefix(path, "github.com/open-policy-agent/opa/") && name != "engine" && name != "engine/compiled" && name != "engine/prefilter" {
				t.Errorf("%s imports %s: only engine knows OPA", name, path)
			}
			if !ours && strings.HasPrefix(path, "github.com/spf13/") && name != "cmd/tlsward" {
				t.Errorf("%s imports %s: only cmd/tlsward knows flags", name, path)
			}
			if !ours && (strings.HasPrefix(path, "sigs.k8s.io/kustomize/") || strings.HasPrefix(path, "helm.sh/")) && name != "render" {
				t.Errorf("%s imports %s: only render knows kustomize and Helm", name, path)
			}
			if !ours && strings.HasPrefix(path, "oras.land/") && name != "config/remote" {
				t.Errorf("%s imports %s: only config/remote knows registries", name, path)
			}
			if ours && !slices.Contains(row, own) {
				t.Errorf("%s imports %s, which its row in docs/ARCHITECTURE.md does not allow", name, own)
			}
		}
		for _, own := range row {
			if !slices.Contains(used, own) {
				t.Errorf("docs/ARCHITECTURE.md lets %s import %s, and it does not", name, own)
			}
		}
	}
	for name := range allowed {
		if !seen[name] {
			t.Errorf("docs/ARCHITECTURE.md has a row for %s, which is no package", name)
		}
	}
}

// table reads the rows below the heading Floors.
func table(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, floors, ok := strings.Cut(string(text), "\n## Floors\n")
	if !ok {
		t.Fatal("docs/ARCHITECTURE.md: no heading Floors")
	}
	floors, _, _ = strings.Cut(floors, "\n## ")
	rows := map[string][]string{}
	for _, match := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|([^|]*)\\|$").FindAllStringSubmatch(floors, -1) {
		rows[match[1]] = strings.Fields(match[2])
	}
	return rows
}
