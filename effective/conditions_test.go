package effective_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
)

// TestConditions: where the answer is the same, what it leaves out is compared.
func TestConditions(t *testing.T) {
	const nginx = `nginx.ingress.kubernetes.io/auth-tls-secret: "shop/client-ca"`
	annotated := func(line string) string { return nginx + "\n    nginx.ingress.kubernetes.io/" + line }
	for _, test := range []struct {
		name, scene, before, after string
		// there is what adding it is, back what removing it is.
		there, back effective.Verdict
	}{
		{"a pattern of subjects", "ingress-nginx/client-ca", nginx, annotated(`auth-tls-match-cn: "CN=admin"`), effective.Stronger, effective.Weaker},
		{"an error page of the backend", "ingress-nginx/client-ca", nginx, annotated("auth-tls-error-page: /login"), effective.Weaker, effective.Stronger},
		{"a snippet", "ingress-nginx/client-ca", nginx, annotated("server-snippet: ssl_verify_client off;"), effective.Unclear, effective.Unclear},
		{"another CA under one name", "gloo/mutual", "ca.crt: <<ca corp>>", "ca.crt: <<ca other>>", effective.Different, effective.Different},
		{
			"names of clients, Gloo", "gloo/mutual", "sslConfig: {secretRef: {name: web-tls", "sslConfig: {verifySubjectAltName: [a.test], secretRef: {name: web-tls",
			effective.Stronger, effective.Weaker,
		},
		{
			"names of clients, Istio", "istio/own-mutual", "tls: {mode: MUTUAL, credentialName", "tls: {mode: MUTUAL, subjectAltNames: [a.test], credentialName",
			effective.Stronger, effective.Weaker,
		},
		{
			"hashes of clients, Envoy Gateway", "envoy-gateway/gateway-client-policy-for-a-listener",
			"clientValidation: {ca", "clientValidation: {spkiHashes: [YWJj], ca",
			effective.Stronger, effective.Weaker,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			archive, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(test.scene)+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(archive), test.before) {
				t.Fatalf("the scene holds no %q", test.before)
			}
			was, is := sceneRows(t, string(archive)), sceneRows(t, strings.Replace(string(archive), test.before, test.after, 1))
			for _, direction := range []struct {
				before, after []effective.Row
				want          effective.Verdict
			}{{was, is, test.there}, {is, was, test.back}} {
				found := effective.Compare(direction.before, direction.after, nil)
				if found.Count(direction.want) == 0 {
					t.Errorf("no answer is %s: %+v", direction.want, found.Changes)
				}
				if direction.want != effective.Weaker && found.Count(effective.Weaker) > 0 {
					t.Errorf("something is weaker: %+v", found.Changes)
				}
			}
		})
	}
}

func sceneRows(t *testing.T, archive string) []effective.Row {
	t.Helper()
	files := map[string]string{}
	for _, file := range txtar.Parse([]byte(archive)).Files {
		if file.Name != "rows" {
			files[file.Name] = string(file.Data)
		}
	}
	return effectivetest.Rows(t, files)
}

// TestFurtherNamesAreBounded: rows do not multiply by names and paths.
func TestFurtherNamesAreBounded(t *testing.T) {
	const many = 200
	var text strings.Builder
	for n := range many {
		fmt.Fprintf(&text, `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: i%[1]d
  namespace: shop
  annotations: {nginx.ingress.kubernetes.io/server-alias: "a%[1]d.shop.test"}
spec:
  ingressClassName: nginx
  rules: [{host: shop.test, http: {paths: [{path: /p%[1]d, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]
---
`, n)
	}
	rows := effectivetest.Rows(t, map[string]string{"ingress.yaml": text.String()})
	hosts := map[string]bool{}
	for i := range rows {
		hosts[rows[i].Host] = true
	}
	if len(hosts) != many+1 || len(rows) > 5*many {
		t.Errorf("%d rows of %d hosts", len(rows), len(hosts))
	}
}
