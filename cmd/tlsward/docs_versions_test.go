package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
)

// TestDocsVersions: what docs/rulebook-versions.md shows of configs, rulebooks and rules is what is read.
func TestDocsVersions(t *testing.T) {
	configs := 0
	var versions, metadata string
	for _, f := range fences(t, "docs/rulebook-versions.md") {
		switch {
		case f.language != "yaml":
		case f.file != "":
			versions = f.text
		case strings.HasPrefix(f.text, "custom:"):
			metadata = f.text
		default:
			configs++
			c, err := config.Parse("f", []byte(f.text))
			if err != nil {
				t.Errorf("%s:%d: %v", f.page, f.line, err)
				continue
			}
			books := []engine.Rulebook{ours()}
			books[0].Pin = c.Rulebook
			if _, err := engine.New(engine.Settings{Rules: c.Settings}, books...); err != nil {
				t.Errorf("%s:%d: %v", f.page, f.line, err)
			}
		}
	}
	if configs < 3 {
		t.Errorf("%d configs, want them all", configs)
	}
	var block map[string]any
	if err := yaml.Unmarshal([]byte(metadata), &block); err != nil {
		t.Fatal(err)
	}
	text := "title: t\ndescription: d\n" + metadata
	rego := "# METADATA\n# " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n# ") + "\npackage policies.acme.missing\n\nfindings contains {\"path\": [], \"message\": \"m\"} if {\n\tinput.object.spec.x\n}\n"
	book := fstest.MapFS{
		engine.VersionsFile:      {Data: []byte(versions)},
		"acme/provider.yaml":     {Data: []byte("title: Acme\nkinds: [{kind: EdgeProxy.acme.example}]\n")},
		"acme/missing/rule.rego": {Data: []byte(rego)},
	}
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: book})
	if err != nil {
		t.Fatal(err)
	}
	if history := e.Rules()[0].History; len(history) != 2 || !history[1].Marked {
		t.Errorf("%+v, want what the page says of it", history)
	}
}
