package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/kube"
)

// TestEffectiveWeaker: whoever weakens a field of an example gets exit status 1, and reads which file, and the field or a part of it, made
// it so. Whoever takes the change back gets 0, as does who changes nothing.
func TestEffectiveWeaker(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Glob("../../examples/*/mended")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	weakened := 0
	for _, example := range examples {
		name := "examples/" + filepath.Base(filepath.Dir(example)) + "/mended"
		files := readFolder(t, example)
		before := writeFolder(t, files)
		if code, out := effectiveDiff(before, writeFolder(t, files)); code != exitClean {
			t.Errorf("%s and itself: exit %d\n%s", name, code, out)
		}
		for _, f := range effectivetest.FieldsOf(name) {
			for _, place := range f.Places(files) {
				for i, value := range f.Weaker {
					changed, ok := place.Rewrite(t, files, value)
					if !ok {
						continue
					}
					weakened++
					after := writeFolder(t, changed)
					code, out := effectiveDiff(before, after)
					if code != exitDenied || !strings.Contains(out, place.File+":") || !strings.Contains(out, fieldName(place.Path)) {
						t.Errorf("%s, weaker value %d of %s %s: exit %d, want 1, the file and the field:\n%s", name, i, place.Document.Object.ID, place.Path, code, out)
					}
					if code, out := effectiveDiff(after, before); code != exitClean {
						t.Errorf("%s, back from weaker value %d of %s: exit %d\n%s", name, i, place.Path, code, out)
					}
				}
			}
		}
	}
	if weakened < len(examples) {
		t.Errorf("%d fields of %d examples were weakened", weakened, len(examples))
	}
}

func effectiveDiff(before, after string) (code int, out string) {
	var stdout, stderr bytes.Buffer
	code = run([]string{"effective", "--diff", "--now", "2026-11-01", before, after}, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String() + stderr.String()
}

// fieldName is what a message calls a field at least: its first two steps.
func fieldName(path kube.Path) string {
	if path[0] == "stringData" {
		path = append(kube.Path{"data"}, path[1:]...)
	}
	if path[0] == "metadata" {
		return path.String()
	}
	return path[:min(2, len(path))].String()
}

func readFolder(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(data)
	}
	return files
}

func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
