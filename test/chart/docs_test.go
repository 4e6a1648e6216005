package chart_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/prometheus/prometheus/promql/parser"
)

// TestInstallGuide: the values that the guides to installing and watching show are understood, and so are their queries.
func TestInstallGuide(t *testing.T) {
	var text []byte
	for _, page := range []string{"install.md", "air-gapped.md", "monitoring.md"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, content...)
	}
	blocks := regexp.MustCompile("(?s) *```(yaml|promql)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 5 {
		t.Fatalf("the guides to installing: %d blocks", len(blocks))
	}
	for _, block := range blocks {
		if block[1] == "promql" {
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(strings.TrimSpace(block[2])); err != nil {
				t.Error(err)
			}
			continue
		}
		decode(t, rendered(t, parse(t, block[2])))
	}
}

// TestProgramAgrees: the flags that the chart sets are the program's. They stand in its source as whole words in quotes; whether they work
// is for test/e2e, which takes minutes.
func TestProgramAgrees(t *testing.T) {
	var source bytes.Buffer
	for _, directory := range []string{"cmd/tlsward"} {
		err := filepath.WalkDir(filepath.Join("..", "..", filepath.FromSlash(directory)), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			source.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	words := map[string]bool{}
	for _, values := range matrix {
		deployment := one[*appsv1.Deployment](t, decode(t, rendered(t, parse(t, values))))
		for _, argument := range deployment.Spec.Template.Spec.Containers[0].Args[1:] {
			flag, _, ok := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
			if !ok && flag != "audit" { // the one that is on or off
				t.Errorf("%s: no value", argument)
			}
			words[flag] = true
		}
	}
	for word := range words {
		if !bytes.Contains(source.Bytes(), []byte(`"`+word+`"`)) {
			t.Errorf("%s is in the chart, and not in the program", word)
		}
	}
}
