package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/migrate"
)

// TestDocsMigrate: what the page shows on standard error is what the command says, and it knows every controller.
func TestDocsMigrate(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	names(t, shown(t, "docs/migrate.md", " > gateway.yaml", 1, func(_, errOut string) string { return errOut }), migrate.Controllers())
}

// TestMigrateExamples: the examples for ingress-nginx go over to each controller, or it says why not, and nothing is weaker.
func TestMigrateExamples(t *testing.T) {
	for _, controller := range migrate.Controllers() {
		var out, errOut bytes.Buffer
		code := run([]string{"migrate", "--class", "edge", "--controller", controller, "--now", "2026-11-01", filepath.Join("..", "..", "examples", "ingress-nginx", "mended")},
			strings.NewReader(""), &out, &errOut)
		said := errOut.String()
		switch {
		case controller == "kong":
			if code != exitDenied || out.Len() > 0 || !strings.Contains(said, "left out\n") {
				t.Errorf("%s: exit %d\n%s", controller, code, said)
			}
		case code != exitClean || !strings.Contains(said, "nothing weaker\n") || !strings.Contains(said, "no findings in"):
			t.Errorf("%s: exit %d\n%s", controller, code, said)
		}
	}
}

// TestMigrateCluster: the Ingresses of a cluster go over, or those that files have to do with, by what the cluster holds beside them.
func TestMigrateCluster(t *testing.T) {
	plain := `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: nginx
  rules:
    - host: www.shop.test
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 8080}}}}]}
`
	other := strings.NewReplacer("name: web,", "name: other,", "www.shop.test", "other.shop.test").Replace(plain)
	kubeconfig := smallCluster(t, map[string][]string{
		"/apis/networking.k8s.io/v1/ingresses": {plain, other}, "/api/v1/secrets": nil, "/api/v1/configmaps": nil,
	})
	file := writeFiles(t, map[string]string{"ingress.yaml": plain})
	for name, test := range map[string]struct {
		args      []string
		want, not string
	}{
		"all of it":          {nil, "hostname: other.shop.test", "no such"},
		"what files tell of": {[]string{file}, "hostname: www.shop.test", "other.shop.test"},
		"one host":           {[]string{"--host", "other.*"}, "hostname: other.shop.test", "www.shop.test"},
	} {
		var out, errOut bytes.Buffer
		run(append([]string{"migrate", "--class", "eg", "--cluster", "--kubeconfig", kubeconfig}, test.args...), strings.NewReader(""), &out, &errOut)
		if !strings.Contains(out.String(), test.want) || strings.Contains(out.String(), test.not) {
			t.Errorf("%s: got\n%s\n%s", name, out.String(), errOut.String())
		}
	}
}
