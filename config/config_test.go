package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const full = `# Everything the file can say.
apiVersion: tlsward.dev/v1
kind: Config
profile: strict
actions:
  - rules: ["*"]
    namespaces: [dev-*, unset]
    action: warn
  - {rules: [gateway-api/*, "*/verify-*"], action: off}
  - {rules: [gateway-api/*], action: deny, enforceFrom: 2027-01-15, suppressible: false}
annotationExemptions: true
parameters:
  cert-manager/renew-late:
    days: 30
    ratio: 0.5
    names: [a, 2, null, true]
    since: 2027-01-31
    nested: {a: {b: c}}
complete: [shop, team-*, unset, "*", "[u]nset"]
external:
  - Secret shop/*
  - ClusterIssuer.cert-manager.io letsencrypt
  - Secret unset/web
  - kind: Secret
    namespace: shop
    name: ca-*
    keys: [ca.crt]
  - {kind: Gateway.gateway.networking.k8s.io, name: public, namespace: unset}
  - {kind: ConfigMap, name: ca}
controllers:
  only: [ingress-nginx]
  classes: {internal: ingress-nginx}
  settings: {ingress-nginx: {a: b, c: d}}
environments:
  - {name: prod, paths: [clusters/prod, ./apps/*/prod.yaml], values: [values/prod.yaml]}
  - name: staging
    paths: [clusters/staging]
    controllers: {classes: {edge: istio}, settings: {ingress-nginx: {c: e}, istio: {version: "1.24"}}}
roots: [clusters/*, ./apps/*/overlays/prod/, .]
exemptions:
  - rules: [gateway-api/*]
    objects: [Ingress shop/api, Ingress unset/*, Gateway public, "*"]
    reason: moves to the new gateway in spring
    until: 2027-01-31
  - rules: ["*"]
    objects: ["* shop/*"]
    reason: x
    until: "2027-01-31T18:00:00+02:00"
rulebook: v0.1
rulebooks: [policies, ../shared/policies, {path: acme, version: v1.12}]
schemas: {gateway-api: "1.5", channel: experimental, cert-manager: "1.21", envoy-gateway: "1.9"}
admission:
  mode: off
  ratchet: false
  references:
    onCreate: pending
    pendingGrace: 1h30m
  liveReads: 1000
`

func TestParse(t *testing.T) {
	got, err := Parse("deploy/.tlsward.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		File: "deploy/.tlsward.yaml",
		Dir:  "deploy",
		Settings: rule.Settings{
			Profile: "strict", AnnotationExemptions: true,
			Actions: []rule.ActionSetting{
				{Rules: []string{"*"}, Namespaces: []string{"dev-*", ""}, Action: rule.Warn},
				{Rules: []string{"gateway-api/*", "*/verify-*"}, Action: rule.Off},
				{Rules: []string{"gateway-api/*"}, Action: rule.Deny, EnforceFrom: time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC), Mandatory: true},
			},
			Parameters: map[string]map[string]any{"cert-manager/renew-late": {
				"days": int64(30), "ratio": 0.5, "names": []any{"a", int64(2), nil, true}, "since": "2027-01-31",
				"nested": map[string]any{"a": map[string]any{"b": "c"}},
			}},
			Exemptions: []rule.Exemption{
				{
					Rules: []string{"gateway-api/*"}, Objects: []string{"Ingress shop/api", "Ingress /*", "Gateway public", "*"},
					Reason: "moves to the new gateway in spring", Until: time.Date(2027, 1, 31, 23, 59, 59, 999999999, time.UTC),
				},
				{
					Rules: []string{"*"}, Objects: []string{"* shop/*"},
					Reason: "x", Until: time.Date(2027, 1, 31, 16, 0, 0, 0, time.UTC),
				},
			},
		},
		ExemptionLines: []int{41, 45},
		Complete:       []string{"shop", "team-*", "", "*", "[u]nset"},
		External: []External{
			{Kind: "Secret", Namespace: "shop", Name: "*", Line: 21},
			{Group: "cert-manager.io", Kind: "ClusterIssuer", Namespace: "*", Name: "letsencrypt", Line: 22},
			{Kind: "Secret", Namespace: "", Name: "web", Line: 23},
			{Kind: "Secret", Namespace: "shop", Name: "ca-*", Keys: []string{"ca.crt"}, Line: 24},
			{Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: "", Name: "public", Line: 28},
			{Kind: "ConfigMap", Namespace: "*", Name: "ca", Line: 29},
		},
		Controllers: Controllers{
			Only: []string{"ingress-nginx"}, Classes: map[string]string{"internal": "ingress-nginx"},
			Settings: map[string]map[string]string{"ingress-nginx": {"a": "b", "c": "d"}},
		},
		Environments: []Environment{
			{
				Name: "prod", Paths: []string{"clusters/prod", "apps/*/prod.yaml"}, Values: []string{"values/prod.yaml"}, Line: 35,
				Controllers: Controllers{
					Only: []string{"ingress-nginx"}, Classes: map[string]string{"internal": "ingress-nginx"},
					Settings: map[string]map[string]string{"ingress-nginx": {"a": "b", "c": "d"}},
				},
			},
			{
				Name: "staging", Paths: []string{"clusters/staging"}, Line: 36, Differs: true,
				Controllers: Controllers{
					Only: []string{"ingress-nginx"}, Classes: map[string]string{"internal": "ingress-nginx", "edge": "istio"},
					Settings: map[string]map[string]string{"ingress-nginx": {"a": "b", "c": "e"}, "istio": {"version": "1.24"}},
				},
			},
		},
		Roots:    []string{"clusters/*", "apps/*/overlays/prod", "."},
		Rulebook: rule.Version{Minor: 1},
		Rulebooks: []Rulebook{
			{Path: "policies", At: kube.Path{"rulebooks", 0, "version"}},
			{Path: "../shared/policies", At: kube.Path{"rulebooks", 1, "version"}},
			{Path: "acme", Version: rule.Version{Major: 1, Minor: 12}, At: kube.Path{"rulebooks", 2, "version"}},
		},
		Schemas:   Schemas{GatewayAPI: "1.5", Channel: "experimental", CertManager: "1.21", EnvoyGateway: "1.9"},
		Admission: Admission{Mode: Off, NoRatchet: true, OnCreate: Pending, PendingGrace: 90 * time.Minute, LiveReads: 1000},
	}
	said(got)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got:\n%+v\nwant:\n%+v", got, want)
	}
	if err := got.Settings.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
}

// said leaves of a config what it says, and not where.
func said(c *Config) {
	c.layers, c.origins = nil, nil
	for i := range c.Environments {
		c.Environments[i].own = Controllers{}
	}
}

// empty are texts that say nothing, and so mean the defaults.
var empty = []string{"", "\n", "# a comment\n", "---\n", "---\n# a comment\n...\n", "{}\n", "\ufeff"}

func TestParseEmpty(t *testing.T) {
	for _, text := range empty {
		got, err := Parse(".tlsward.yaml", []byte(text))
		said(got)
		if want := (&Config{File: ".tlsward.yaml", Dir: "."}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

// TestParseErrors goes through the table of bad_test.go: the text of each error must be exactly what is written there.
func TestParseErrors(t *testing.T) {
	for name, test := range bad {
		t.Run(name, func(t *testing.T) {
			c, err := Parse("f", []byte(test.text))
			if err == nil || c != nil {
				t.Fatalf("got %+v, %v; want an error", c, err)
			}
			if want := strings.TrimSpace(test.want); err.Error() != want {
				t.Errorf("got:\n%v\nwant:\n%s", err, want)
			}
			var positioned *Error
			if !errors.As(err, &positioned) || positioned.At.File != "f" || positioned.At.Line < 1 || positioned.At.Column < 1 {
				t.Errorf("got %#v, want an *Error with a position", err)
			}
		})
	}
}

func TestParseTooLarge(t *testing.T) {
	for text, want := range map[string]string{
		"parameters: {a/b: {c: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}}": "f:1: parameters[\"a/b\"].c" + strings.Repeat("[0]", 30) + ": want at most 32 levels",
		strings.Repeat("#\n", MaxSize/2) + "#":                                                  "f:1: config: want at most 1024 KiB",
		"complete: [" + strings.Repeat("a,", maxItems+1) + "]":                                  "f:1: complete: want at most 4096 items, got 4097",
		"controllers: {classes: {\n" + strings.Repeat("? \"\"\n,", maxItems+1) + "}}":           "f:1: controllers.classes: want at most 4096 keys, got 4097",
	} {
		if _, err := Parse("f", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("Parse(%.20q...): got %.200v, want %s", text, err, want)
		}
	}
	if _, err := Parse("f", []byte(strings.Repeat("#\n", MaxSize/2))); err != nil {
		t.Errorf("a file of just the largest size: %v", err)
	}
}

func TestExternalMatches(t *testing.T) {
	c, err := Parse("f", []byte("external: [Secret shop/ca-*, Secret unset/web, ClusterIssuer le, 'Gateway.gateway.networking.k8s.io */pub']"))
	if err != nil {
		t.Fatal(err)
	}
	matches := func(id kube.ID) bool {
		for _, e := range c.External {
			if e.Matches(id) {
				return true
			}
		}
		return false
	}
	for id, want := range map[kube.ID]bool{
		{Kind: "Secret", Namespace: "shop", Name: "ca-1"}:                                  true,
		{Kind: "Secret", Namespace: "dev", Name: "ca-1"}:                                   false,
		{Kind: "Secret", Namespace: "shop", Name: "tls"}:                                   false,
		{Kind: "ConfigMap", Namespace: "shop", Name: "ca-1"}:                               false,
		{Kind: "Secret", Name: "web"}:                                                      true,
		{Kind: "Secret", Namespace: "shop", Name: "web"}:                                   false,
		{Group: "cert-manager.io", Kind: "ClusterIssuer", Name: "le"}:                      true,
		{Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: "a", Name: "pub"}: true,
		{Group: "gateway.networking.k8s.io", Kind: "Gateway", Name: "pub"}:                 true,
		{Group: "networking.istio.io", Kind: "Gateway", Namespace: "a", Name: "pub"}:       false,
	} {
		if got := matches(id); got != want {
			t.Errorf("%s: got %t, want %t", id, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	write := func(name string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("profile: strict\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(".tlsward.yaml")
	write("repo/.git/config")
	write("repo/apps/web/ingress.yaml")
	write("own/.git") // a worktree
	write("own/.tlsward.yaml")
	write("own/apps/.tlsward.yaml")
	write("own/apps/web/ingress.yaml")
	write("own/infra/ca.yaml")
	write("odd/.tlsward.yaml/file")

	for dir, want := range map[string]string{
		".":            ".tlsward.yaml",
		"repo":         "",
		"repo/apps":    "",
		"own":          "own/.tlsward.yaml",
		"own/infra":    "own/.tlsward.yaml",
		"own/apps/web": "own/apps/.tlsward.yaml",
		"own/missing":  "own/.tlsward.yaml",
	} {
		if want != "" {
			want = filepath.Join(root, want)
		}
		if got, err := Find(filepath.Join(root, dir)); got != want || err != nil {
			t.Errorf("Find(%s) = %q, %v; want %q", dir, got, err, want)
		}
	}
	if _, err := Find(filepath.Join(root, "odd")); err == nil || !strings.HasSuffix(err.Error(), ".tlsward.yaml: want a file, got a directory") {
		t.Errorf("a directory of that name: got %v", err)
	}
	if _, err := Find(filepath.Join(root, "own/infra/ca.yaml")); err == nil {
		t.Error("a file instead of a directory: want an error")
	}

	t.Chdir(filepath.Join(root, "own/apps/web"))
	for dir, want := range map[string]string{
		".": "../.tlsward.yaml", "..": "../.tlsward.yaml", "../../infra": "../../.tlsward.yaml", "../missing/x": "../.tlsward.yaml",
	} {
		if got, err := Find(dir); got != want || err != nil {
			t.Errorf("Find(%s) = %q, %v; want %q", dir, got, err, want)
		}
	}
}

func TestLoad(t *testing.T) {
	name := filepath.Join(t.TempDir(), FileName)
	if _, err := Load(name); err == nil || err.Error() != name+": no such file or directory" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if err := os.WriteFile(name, []byte("profile: strict\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := Load(name)
	if err != nil || c.Settings.Profile != "strict" || c.File != name || c.Dir != filepath.Dir(name) {
		t.Errorf("got %+v, %v", c, err)
	}
	if err := os.WriteFile(name, make([]byte, 3*MaxSize), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(name); err == nil || err.Error() != name+":1: config: want at most 1024 KiB" {
		t.Errorf("large file: got %v", err)
	}
}
