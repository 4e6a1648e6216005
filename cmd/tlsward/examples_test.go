package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExamples: each controller's example is found broken by its own rules, and is denied nothing once it is mended.
func TestExamples(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	var out, errOut bytes.Buffer
	if code := run([]string{"lint", "--now", "2026-11-01", "--output", "json", "examples/"}, strings.NewReader(""), &out, &errOut); code != exitDenied {
		t.Fatalf("exit %d\n%s", code, errOut.String())
	}
	var printed struct {
		Findings []struct{ Rule, Severity, File string }
	}
	if err := json.Unmarshal(out.Bytes(), &printed); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, finding := range printed.Findings {
		folder := strings.TrimPrefix(path.Dir(filepath.ToSlash(finding.File)), "examples/")
		found[folder] = append(found[folder], finding.Severity+" "+finding.Rule)
	}
	// Its keys are throw-away, and stand there to be applied.
	const key = "warning certificates/private-key-in-repository"
	for example, broken := range map[string][]string{
		"envoy-gateway": {"error envoy-gateway/client-ca-missing"},
		"gateway-api": {
			"error gateway-api/backend-ca-unusable", "error gateway-api/listener-certificate-missing", "warning gateway-api/grant-inert",
		},
		"gloo":          {"error gloo-mtls/rotations-overlap", "error gloo/secret-missing"},
		"ingress-nginx": {"error ingress-nginx/client-ca-missing", "error ingress-nginx/verify-depth-invalid", key},
		"istio":         {"error istio/destination-rule-mode-missing", "error istio/gateway-credential-out-of-reach"},
		"kgateway":      {"error kgateway/names-without-ca"},
		"kong":          {"error kong/tls-without-https"},
		"traefik":       {"warning traefik/boolean-not-true"},
	} {
		var mended []string
		if example == "ingress-nginx" {
			mended = []string{key}
		}
		for folder, want := range map[string][]string{example + "/broken": broken, example + "/mended": mended} {
			if got := slices.Compact(slices.Sorted(slices.Values(found[folder]))); !slices.Equal(got, want) {
				t.Errorf("examples/%s: %q, want %q", folder, got, want)
			}
			if files, err := filepath.Glob(filepath.Join("examples", folder, "*.yaml")); err != nil || len(files) == 0 {
				t.Errorf("examples/%s holds nothing", folder)
			}
			delete(found, folder)
		}
	}
	for folder, findings := range found {
		t.Errorf("examples/%s is none that this test knows: %q", folder, findings)
	}
	folders, err := os.ReadDir("examples")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join("examples", ".tlsward.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if folder.IsDir() && !strings.Contains(string(config), "  - "+folder.Name()+"/*\n") {
			t.Errorf("examples/%s is no root: its mended objects would help the broken ones", folder.Name())
		}
	}
}
