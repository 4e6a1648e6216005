package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/report"
)

// TestAudit: what is in a cluster is judged as it stands there, told in every format, and the exit code says how it came out.
func TestAudit(t *testing.T) {
	lost := strings.NewReplacer("name: api\n", "name: lost\n", "namespace: shop", "namespace: edge", "shop/client-ca", "edge/gone", "api.shop.test", "lost.edge.test").Replace(guardedIngress)
	plain := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: plain, namespace: calm}\nspec: {ingressClassName: nginx, tls: [{hosts: [a.calm.test]}], rules: [{host: a.calm.test}]}\n"
	kubeconfig := smallCluster(t, map[string][]string{
		"/apis/networking.k8s.io/v1/ingresses": {guardedIngress, lost, plain}, "/api/v1/secrets": nil, "/api/v1/configmaps": nil,
	})
	closed := smallCluster(t, map[string][]string{"/api/v1/secrets": nil, "/api/v1/configmaps": nil})
	for name, test := range map[string]struct {
		kubeconfig string
		args       []string
		code       int
		want, not  []string
	}{
		"everything":         {args: []string{"--cluster"}, code: exitDenied, want: []string{"Ingress shop/api", "Ingress edge/lost", "in 3 objects"}, not: []string{"this tree", "--fix", "file"}},
		"one namespace":      {args: []string{"--cluster", "--namespace", "shop"}, code: exitDenied, want: []string{"Ingress shop/api", "in 1 object"}, not: []string{"edge/lost"}},
		"by a glob":          {args: []string{"--cluster", "-n", "e*,calm"}, code: exitDenied, want: []string{"Ingress edge/lost", "in 2 objects"}, not: []string{"shop/api"}},
		"nothing denied":     {args: []string{"--cluster", "--namespace", "calm"}, want: []string{"1 object"}},
		"nothing there":      {args: []string{"--cluster", "--namespace", "void"}, want: []string{"nothing to judge"}},
		"by one rule":        {args: []string{"--cluster", "--only", "ingress-nginx/client-ca-missing"}, code: exitDenied, want: []string{"2 denied in 3 objects"}},
		"without --cluster":  {code: exitUnjudged, want: []string{"want --cluster", "tlsward lint"}},
		"a path":             {args: []string{"--cluster", "deploy"}, code: exitUnjudged, want: []string{"tlsward lint --cluster deploy"}},
		"a namespace amiss":  {args: []string{"--cluster", "--namespace", "a/b"}, code: exitUnjudged, want: []string{"--namespace a/b"}},
		"what is not listed": {kubeconfig: closed, args: []string{"--cluster"}, code: exitUnjudged, want: []string{"ingresses.networking.k8s.io: not judged"}},
	} {
		t.Run(name, func(t *testing.T) {
			from := test.kubeconfig
			if from == "" {
				from = kubeconfig
			}
			args := append([]string{"audit", "--now", "2026-11-01"}, test.args...)
			if len(test.args) > 0 {
				args = append(args, "--kubeconfig", from)
			}
			var out, errOut bytes.Buffer
			if code := run(args, strings.NewReader(""), &out, &errOut); code != test.code {
				t.Errorf("exit %d, want %d", code, test.code)
			}
			said := out.String() + errOut.String()
			for _, want := range test.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not said:\n%s", want, said)
				}
			}
			for _, not := range test.not {
				if strings.Contains(said, not) {
					t.Errorf("%q is said:\n%s", not, said)
				}
			}
		})
	}
	for _, format := range report.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			code := run([]string{"audit", "--cluster", "--kubeconfig", kubeconfig, "--now", "2026-11-01", "--output", format.Name}, strings.NewReader(""), &out, &errOut)
			if code != exitDenied || !strings.Contains(out.String(), "edge/gone") {
				t.Errorf("exit %d:\n%s%s", code, out.String(), errOut.String())
			}
			if format.Name == "json" {
				var told struct {
					Findings []struct{ Fingerprint string }
				}
				if err := json.Unmarshal(out.Bytes(), &told); err != nil || len(told.Findings) == 0 || told.Findings[0].Fingerprint == "" {
					t.Errorf("%v: %s", err, fmt.Sprint(told))
				}
			}
		})
	}
}
