package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/report"
)

// block returns the n-th fenced block of a language in a page.
func block(t *testing.T, page, language string, n int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) <= n {
		t.Fatalf("%s: %d %s blocks, want more than %d", page, len(blocks), language, n)
	}
	return blocks[n][1]
}

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestReadme: what the README shows is what the program prints.
func TestReadme(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, shown := strings.Cut(string(readme), "among others:\n\n<!-- tested by TestReadme -->\n```\n")
	sample, _, closed := strings.Cut(sample, "```")
	if !shown || !closed {
		t.Fatal("README.md shows no output")
	}
	var out, errOut bytes.Buffer
	code := run([]string{"lint", "--now", "2026-11-01", "examples/"}, strings.NewReader(""), &out, &errOut)
	if code != exitDenied {
		t.Errorf("exit %d\n%s", code, errOut.String())
	}
	printed := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		printed[line] = true
	}
	for line := range strings.Lines(sample) {
		if !printed[line] {
			t.Errorf("README shows what is not printed: %s", line)
		}
	}
}

// TestDocsConfig: the config that the manual shows, with the rulebook that the manual shows, is understood.
func TestDocsConfig(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		".tlsward.yaml":                              block(t, "config.md", "yaml", 0),
		"tlsward-rules/acme/provider.yaml":           block(t, "rulebooks.md", "yaml", 0),
		"tlsward-rules/acme/trust-missing/rule.rego": block(t, "rulebooks.md", "rego", 0),
		"deploy/proxy.yaml": `apiVersion: acme.example/v1
kind: EdgeProxy
metadata: {name: edge, namespace: shop}
spec: {clientTrust: {secretRef: {name: client-ca}}}
`,
	})
	var out, errOut bytes.Buffer
	code := run([]string{"lint", "--now", "2026-11-01", filepath.Join(dir, "deploy")}, strings.NewReader(""), &out, &errOut)
	if code != exitDenied || !strings.Contains(out.String(), "every client is refused, because Secret shop/client-ca does not exist [acme/trust-missing]") {
		t.Errorf("exit %d\n%s%s", code, out.String(), errOut.String())
	}
}

// TestDocsEnvironments: the environments that the manual shows are judged each by itself, and said once.
func TestDocsEnvironments(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		".tlsward.yaml":                       block(t, "config.md", "yaml", 1),
		"clusters/prod/kustomization.yaml":    "resources: [../base]\n",
		"clusters/staging/kustomization.yaml": "resources: [../base]\n",
		"clusters/base/kustomization.yaml":    "resources: [web.yaml]\n",
		"clusters/base/web.yaml": `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca}}
spec: {ingressClassName: nginx, rules: [{host: web.test}]}
`,
		"charts/shop/Chart.yaml":  "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
		"charts/shop/values.yaml": "ca: none\n",
		"charts/shop/templates/web.yaml": `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chart, namespace: shop, annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: "shop/{{ .Values.ca }}"}}
spec: {ingressClassName: nginx, rules: [{host: chart.test}]}
`,
		"values/prod.yaml":    "ca: ca-of-prod\n",
		"values/staging.yaml": "ca: ca-of-staging\n",
	})
	var out, errOut bytes.Buffer
	code := run([]string{"lint", "--now", "2026-11-01", dir}, strings.NewReader(""), &out, &errOut)
	if code != exitClean || errOut.Len() > 0 {
		t.Errorf("exit %d\n%s", code, errOut.String())
	}
	for _, want := range []string{"in environments: prod, staging", "Secret shop/ca-of-prod", "Secret shop/ca-of-staging", "Secret shop/client-ca"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not printed:\n%s", want, out.String())
		}
	}
}

// TestDocsPermissions: the role that the manual shows for lint --cluster lists every kind that is read, and does nothing else.
func TestDocsPermissions(t *testing.T) {
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(block(t, "cluster.md", "yaml", 0)), &role); err != nil {
		t.Fatal(err)
	}
	granted := map[string]bool{}
	for _, r := range role.Rules {
		if !slices.Equal(r.Verbs, []string{"list"}) {
			t.Errorf("%v: want list, and nothing else", r)
		}
		for _, group := range r.APIGroups {
			for _, resource := range r.Resources {
				granted[group+"/"+resource] = true
			}
		}
	}
	e, err := engine.New(engine.Settings{}, ours())
	if err != nil {
		t.Fatal(err)
	}
	for _, groupKind := range e.Providers().Reading(effective.Kinds(effective.Models())...).Served() {
		group, kind := kube.SplitGroupKind(groupKind)
		if !granted[group+"/*"] && !granted[group+"/"+strings.ToLower(kind)+"s"] {
			t.Errorf("docs/cluster.md does not grant to list %s", groupKind)
		}
	}
}

// TestDocsJSON: the document that the manual shows follows the published schema.
func TestDocsJSON(t *testing.T) {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("report.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(block(t, "json.md", "json", 0)))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(document); err != nil {
		t.Error(err)
	}
}

// TestDocsEffective: the page shows what the program writes, and knows every word of it.
func TestDocsEffective(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	names(t, shown(t, "docs/effective.md", "", 2, func(out, _ string) string { return out }),
		slices.Concat([]string{"weaker", "unknown", "different", "new", "gone", "stronger"}, modelled()))
}

// shown returns the text of a page whose consoles show so many commands, each with the same end to its line, and what show takes of their
// output. UPDATE_DOCS=1 writes what they say today.
func shown(t *testing.T, page, end string, commands int, show func(out, errOut string) string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	console := regexp.MustCompile("(?s)```console\n\\$ tlsward ([^\n]*)" + regexp.QuoteMeta(end) + "\n(.*?)```")
	ran := 0
	got := console.ReplaceAllStringFunc(string(text), func(found string) string {
		ran++
		arguments := console.FindStringSubmatch(found)[1]
		var out, errOut bytes.Buffer
		if code := run(strings.Fields(arguments), strings.NewReader(""), &out, &errOut); code == exitUnjudged || out.Len() == 0 {
			t.Errorf("tlsward %s: exit %d\n%s", arguments, code, errOut.String())
		}
		return "```console\n$ tlsward " + arguments + end + "\n" + show(out.String(), errOut.String()) + "```"
	})
	if ran != commands {
		t.Errorf("%s: %d commands ran", page, ran)
	}
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if got != string(text) {
		t.Errorf("%s shows another output than\n%s", page, got)
	}
	return got
}

// names fails for words that the text of a page does not have as code.
func names(t *testing.T, text string, words []string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, "`"+word+"`") {
			t.Errorf("the page does not name %s", word)
		}
	}
}
