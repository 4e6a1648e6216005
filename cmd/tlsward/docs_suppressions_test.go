package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocsSuppressions: what the manual shows suppresses what it says, and its commands make a baseline and keep to it.
func TestDocsSuppressions(t *testing.T) {
	const page = "suppressions.md"
	lines := strings.Split(strings.TrimSpace(block(t, page, "sh", 0)), "\n")
	legacy := strings.NewReplacer("orders", "legacy-orders", "# tlsward:ignore", "#").Replace(block(t, page, "yaml", 0))
	dir := writeFiles(t, map[string]string{
		".tlsward.yaml": block(t, page, "yaml", 3), "deploy/line.yaml": block(t, page, "yaml", 0), "deploy/object.yaml": block(t, page, "yaml", 1),
		"deploy/annotation.yaml": block(t, page, "yaml", 2), "deploy/exempted.yaml": legacy, "new/web.yaml": strings.ReplaceAll(legacy, "legacy", "new"),
	})
	t.Chdir(dir)
	lint := func(want int, args ...string) (string, string) {
		t.Helper()
		var out, errOut bytes.Buffer
		if code := run(append(args, "--now", "2026-11-01"), strings.NewReader(""), &out, &errOut); code != want {
			t.Fatalf("%q: exit %d, want %d\n%s%s", args, code, want, out.String(), errOut.String())
		}
		return out.String(), errOut.String()
	}
	out, _ := lint(exitClean, "lint", "--output", "json", "deploy")
	var report struct {
		Findings, Suppressed []struct {
			Rule        string
			File        string
			Suppression struct{ Kind, Reason, Until string }
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"line.yaml": "comment", "object.yaml": "comment", "annotation.yaml": "annotation", "exempted.yaml": "config"}
	for _, f := range report.Findings {
		t.Errorf("%s is found in %s", f.Rule, f.File)
	}
	excused := map[string]bool{}
	for _, f := range report.Suppressed {
		name := filepath.Base(f.File)
		if f.Suppression.Kind != want[name] || f.Suppression.Reason == "" {
			t.Errorf("%s of %s: suppressed by %+v, want %s", f.Rule, name, f.Suppression, want[name])
		}
		if f.Rule == "ingress-nginx/client-ca-missing" {
			excused[name] = true
		}
	}
	if len(excused) != len(want) {
		t.Errorf("suppressed: %v, want one in each of %v", excused, want)
	}

	baseline := func(n int) []string {
		return strings.Fields(strings.ReplaceAll(strings.TrimPrefix(lines[n], "tlsward "), "deploy/", "deploy/ new/"))
	}
	lint(exitDenied, "lint", "deploy", "new")
	lint(exitClean, baseline(0)...)
	if out, errOut := lint(exitClean, baseline(1)...); !strings.Contains(out, "in the baseline") || errOut != "" {
		t.Errorf("%s%s", out, errOut)
	}
}
