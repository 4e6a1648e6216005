package chart_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/test/chart/render"
)

var update = flag.Bool("update", false, "write the golden files")

// renderedWith renders with other kinds than those that the rules have now.
func renderedWith(t *testing.T, kinds string, values map[string]any) []byte {
	t.Helper()
	stream, err := render.Release{Files: map[string][]byte{"files/kinds.yaml": []byte(kinds)}}.Render(values)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// TestGolden shows whole renders to whoever reviews a change of the chart. They have a few kinds only, so that a new rule
// does not change them.
func TestGolden(t *testing.T) {
	kinds, err := os.ReadFile("testdata/kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.values.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := renderedWith(t, string(kinds), parse(t, string(text)))
		golden := strings.TrimSuffix(file, ".values.yaml") + ".golden.yaml"
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs; see git diff after go test -update", golden)
		}
	}
}
