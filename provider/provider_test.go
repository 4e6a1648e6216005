package provider

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

func TestParse(t *testing.T) {
	p, err := Parse("acme", []byte(`
title: Acme
kinds:
  - kind: EdgeProxy.acme.example
    references:
      - &trust {role: trust, use: trust, path: spec.trust.secretRef, form: object, kind: Secret, key: ca.crt}
      - {<<: *trust, path: "spec.more[*].secretRef"}
producers:
  - {kind: Maker.acme.example, makes: Secret, names: [spec.secretName]}
`))
	if err != nil {
		t.Fatal(err)
	}
	refs := p.Kinds[0].References
	if len(refs) != 2 || refs[1].Role != "trust" || refs[1].Path.String() != "spec.more[*].secretRef" || refs[1].Namespace != NamespaceOwn {
		t.Errorf("got %+v", refs)
	}
	set := NewSet([]Provider{p})
	if got := strings.Join(set.Relevant(), " "); got != "ConfigMap EdgeProxy.acme.example Maker.acme.example Secret" {
		t.Errorf("relevant: %s", got)
	}
	if _, err := Parse("empty", nil); err != nil {
		t.Errorf("an empty file describes nothing: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	const kind = "kinds: [{kind: K.x, references: ["
	for text, want := range map[string]string{
		"kindz: []":                                                 "kindz",
		"kinds: [{references: []}]":                                 "kinds[0]: no kind",
		kind + "{path: a, kind: S}]}]":                              "references[0]: no role",
		kind + "{role: r, kind: S}]}]":                              "role r: no path",
		kind + "{role: r, path: a}]}]":                              "role r: no kind",
		kind + "{role: r, path: 'a..b', kind: S}]}]":                `path a..b`,
		kind + "{role: r, path: a, kind: S, form: nmae}]}]":         `form "nmae"`,
		kind + "{role: r, path: a, kind: S, use: trsut}]}]":         `use "trsut"`,
		kind + "{role: r, path: a, kind: S, namespace: foreign}]}]": `namespace "foreign"`,
		kind + "{role: r, path: a, kind: S, before: tls.crt}]}]":    `before "tls.crt": want one of also`,
		"kinds: [{kind: K.x, peers: [{name: p}]}]":                  "peers[0]: want a name and paths",
		"producers: [{kind: K.x}]":                                  "producers[0]: want kind, makes and names",
		"releases: [{kind: K.x, chart: spec.chart}]":                "releases[0]: want kind, chart and values",
		"passing: [{path: metadata.labels.a}]":                      "passing[0]: want a path and values",
		"passing: [{path: a, values: [b], every: {path: c}}]":       "passing[0].every: want a path and a prefix",
		"passing: [metadata.labels.a]":                              "acme/provider.yaml",
		"controllers: [{title: x}]":                                 "controllers[0]: no name",
		"controllers: [{name: x, reads: {prefix: a/}}]":             "controllers[0].reads: want a prefix and names",
		"kinds: {": "acme/provider.yaml",
	} {
		if _, err := Parse("acme", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want ...%s...", text, err, want)
		}
	}
}

// TestPassing: a label excuses nobody who does more than what the controller makes.
func TestPassing(t *testing.T) {
	p, err := Parse("acme", []byte(`
passing:
  - path: metadata.labels["acme.example/solver"]
    values: ["true"]
    every: {path: "spec.rules[*].http.paths[*].path", prefix: /.well-known/acme-challenge/}
  - {path: metadata.labels.plain, values: [a, b]}
`))
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet([]Provider{p})
	const solver = `{metadata: {labels: {acme.example/solver: "true"}}, spec: `
	for text, want := range map[string]bool{
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`:                                        true,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}, {path: /.well-known/acme-challenge/y}]}}]}}`: true,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}, {path: /}]}}]}}`:                             false,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}, {http: {paths: [{path: /}]}}]}}`:          false,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}, {pathType: Prefix}]}}]}}`:                    false,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}, {host: a.test}]}}`:                        false,
		solver + `{rules: [{http: {paths: []}}]}}`:                                                                             false,
		solver + `{rules: []}}`:        false,
		solver + `{rules: {http: 1}}}`: false,
		solver + `{}}`:                 false,
		`{metadata: {labels: {acme.example/solver: "True"}}, spec: {rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`:      false,
		`{metadata: {labels: {acme.example/solver: true}}, spec: {rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`:        false,
		`{metadata: {annotations: {acme.example/solver: "true"}}, spec: {rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`: false,
		`{metadata: {labels: {plain: b}}}`: true,
		`{metadata: {labels: {plain: c}}}`: false,
	} {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatal(err)
		}
		if got := set.Passing(kube.Object{Fields: fields}); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}
