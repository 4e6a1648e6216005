package main

import (
	"bytes"
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

// TestDocsImpact: the example is what is written of such a change.
func TestDocsImpact(t *testing.T) {
	want := ""
	for _, f := range fences(t, "docs/rulebook-versions.md") {
		if f.language == "text" {
			want = f.text
		}
	}
	const custom = "# custom: {severity: error, kinds: [EdgeProxy.acme.example], since: v1.0, history: [{version: v1.1, effect: widened, what: EdgeProxies without a spec are found too.}]}\n"
	dir := writeFiles(t, map[string]string{
		"pinned.yaml":                   "rulebooks: [{path: acme-rules, version: v1.0}]\n",
		"proxy.yaml":                    "apiVersion: acme.example/v1\nkind: EdgeProxy\nmetadata: {name: edge, namespace: shop}\n",
		"acme-rules/rulebook.yaml":      "versions: [{version: v1.0}, {version: v1.1}]\n",
		"acme-rules/acme/provider.yaml": "title: Acme\nkinds: [{kind: EdgeProxy.acme.example}]\n",
		"acme-rules/acme/listener-missing/rule.rego": "# METADATA\n# title: EdgeProxy without a listener\n# description: d\n" + custom +
			"package policies.acme[\"listener-missing\"]\n\nfindings contains {\"path\": [\"metadata\"], \"message\": \"no listener\"} if {\n\tnot input.object.spec.listener\n}\n",
	})
	t.Chdir(dir)
	var out, errOut bytes.Buffer
	// What is compared is a rulebook in a directory with itself, the pin aside.
	code := run([]string{"impact", "--now", "2026-11-01", "--config", "pinned.yaml", "--rulebook", "acme-rules", "proxy.yaml"}, strings.NewReader(""), &out, &errOut)
	if code != exitDenied || out.String() != want {
		t.Errorf("exit %d\n%s%s\nwant\n%s", code, out.String(), errOut.String(), want)
	}
}
