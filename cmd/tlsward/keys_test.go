package main

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/report"
)

// TestNoKeyIsShown: a private key that somebody put where none belongs, and what a rule says about it, show it in no output.
func TestNoKeyIsShown(t *testing.T) {
	// A throw-away key of letters: what is inside is not looked at.
	body := strings.Repeat("Throw4way", 7) + "\n" + strings.Repeat("Throw4way", 7) + "\n" + "Throw4way\n"
	pem := "-----BEGIN PRIVATE KEY-----\n" + body + "-----END PRIVATE KEY-----\n"
	encoded := base64.StdEncoding.EncodeToString([]byte(pem))
	quoted := strconv.Quote(pem)
	dir := writeFiles(t, map[string]string{"a.yaml": `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: ` + encoded + `
    nginx.ingress.kubernetes.io/auth-tls-verify-depth: ` + quoted + `
    nginx.ingress.kubernetes.io/auth-tls-verify-client: ` + quoted + `
    nginx.ingress.kubernetes.io/auth-tls-match-cn: ` + quoted + `
spec:
  ingressClassName: nginx
  tls: [{hosts: [web.shop.test], secretName: web}]
  rules: [{host: web.shop.test}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: web, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: web}]
  validation: {hostname: web.shop.test, caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ca, namespace: shop}
data: {ca.crt: ` + quoted + `}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
data: {tls.crt: ` + encoded + `, tls.key: ` + encoded + `}
`})
	commands := [][]string{
		{"facts"},
		{"trust"},
		{"trust", "--output", "json"},
		{"trust", "--output", "svg"},
		{"effective"},
		{"effective", "--output", "json"},
		{"lint", "--diff"},
		{"lint", "--diff", "--unsafe-fixes"},
	}
	for _, format := range report.Formats() {
		commands = append(commands, []string{"lint", "--output", format.Name})
	}
	for _, args := range commands {
		var out, errOut bytes.Buffer
		run(append(args, dir), strings.NewReader(""), &out, &errOut)
		said := out.String() + errOut.String()
		if said == "" || strings.Contains(said, "Throw4wayThrow4way") || strings.Contains(said, encoded[60:90]) {
			t.Errorf("%v: %s", args, said)
		}
	}
}
