package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/config"
)

// TestDocsLayers: the files of docs/config-layers.md are those that its answers are about.
func TestDocsLayers(t *testing.T) {
	files, answers := map[string]string{}, []string{}
	for _, f := range fences(t, "docs/config-layers.md") {
		switch {
		case f.file == "metrics":
			if told, err := readBuildInfo(f.text); err != nil || told[0].rulebook != "v0.1" {
				t.Errorf("%s:%d: %v, %v", f.page, f.line, told, err)
			}
		case f.file != "":
			files[f.file] = f.text
		case f.language == "yaml":
			if err := config.Check("f", []byte(f.text)); err != nil {
				t.Errorf("%s:%d: %v", f.page, f.line, err)
			}
		case f.language == "text":
			answers = append(answers, f.text)
		}
	}
	if len(files) != 2 || len(answers) != 2 {
		t.Fatalf("%d files, %d answers", len(files), len(answers))
	}
	t.Chdir(writeFiles(t, files))
	const own = "apps/shop/.tlsward.yaml"
	ask := func(want string, args ...string) {
		t.Helper()
		var out, errOut bytes.Buffer
		run(append(args, "--config", own), strings.NewReader(""), &out, &errOut)
		if got := out.String() + errOut.String(); got != want {
			t.Errorf("%v:\n%s\nwant\n%s", args, got, want)
		}
	}
	ask(answers[1], "config", "explain", "gateway-api/backend-ca-missing", "--namespace", "shop", "--cluster-name", "prod")
	looser := "extends: [../../platform/tlsward.yaml]\nactions:\n  - {rules: [gateway-api/backend-ca-missing], action: warn}\n"
	if err := os.WriteFile(own, []byte(looser), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(answers[0], "lint", ".")
}
