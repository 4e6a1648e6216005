package effective_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/lint"
)

// ingresses are so many Ingresses with all annotations about TLS, each with a name of its own for its backend, some paths each; all of one host, or
// each of its own.
func ingresses(tb testing.TB, n int, oneHost bool, controller string) []lint.Tree {
	tb.Helper()
	const paths = 3
	var b strings.Builder
	for i := range n {
		host := fmt.Sprintf("h%d.shop.test", i)
		if oneHost {
			host = "shop.test"
		}
		fmt.Fprintf(&b, `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: i%[1]d
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: shop/clients
    nginx.ingress.kubernetes.io/auth-tls-verify-depth: "2"
    nginx.ingress.kubernetes.io/backend-protocol: HTTPS
    nginx.ingress.kubernetes.io/proxy-ssl-secret: shop/ca%[3]d
    nginx.ingress.kubernetes.io/proxy-ssl-verify: "on"
    nginx.ingress.kubernetes.io/proxy-ssl-name: s%[1]d.shop.svc
    nginx.ingress.kubernetes.io/server-alias: a%[1]d.shop.test
spec:
  ingressClassName: nginx
  tls: [{hosts: [%[2]s], secretName: tls}]
  rules:
    - host: %[2]s
      http:
        paths:
`, i, host, i%7)
		for j := range paths {
			fmt.Fprintf(&b, "          - {path: /p%d-%d, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}\n", i, j)
		}
	}
	for i := range 7 {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Secret\nmetadata: {name: ca%d, namespace: shop}\ndata:\n  ca.crt: <<ca root%d>>\n", i, i)
	}
	b.WriteString("---\napiVersion: v1\nkind: Secret\nmetadata: {name: clients, namespace: shop}\ndata:\n  ca.crt: <<ca corp>>\n")
	return effectivetest.Trees(tb, map[string]string{
		"ingresses.yaml": b.String(), ".tlsward.yaml": "complete: [shop]\ncontrollers: {only: [" + controller + "]}\n",
	})
}

// TestLinear: twice the Ingresses are twice the work, be they of one host or each of its own. Allocations are counted, since everything that
// is looked at for another one makes some.
func TestLinear(t *testing.T) {
	const few = 150
	for _, controller := range []string{"ingress-nginx", "traefik-nginx"} {
		for _, oneHost := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%t", controller, oneHost), func(t *testing.T) {
				var work [2]float64
				for i, n := range []int{few, 2 * few} {
					trees := ingresses(t, n, oneHost, controller)
					var rows []effective.Row
					work[i] = testing.AllocsPerRun(1, func() { rows = effective.Rows(trees[0].Tree, effective.Models()) })
					if len(rows) < 2*n {
						t.Fatalf("%d rows of %d Ingresses", len(rows), n)
					}
				}
				if work[1] > 2.3*work[0] {
					t.Errorf("%d Ingresses take %.0f allocations, and %d take %.0f", few, work[0], 2*few, work[1])
				}
			})
		}
	}
}

// TestWorkers: how many compose rows changes none of them.
func TestWorkers(t *testing.T) {
	for _, controller := range []string{"ingress-nginx", "traefik-nginx"} {
		for _, oneHost := range []bool{true, false} {
			var texts []string
			for _, workers := range []int{1, 7} {
				tree := ingresses(t, 40, oneHost, controller)[0].Tree
				tree.Workers = workers
				texts = append(texts, effectivetest.Text(effective.Rows(tree, effective.Models())))
			}
			if texts[0] != texts[1] || !strings.Contains(texts[0], "shop.test") {
				t.Errorf("%s, one host %t: 7 workers say otherwise than one:\n%s\n%s", controller, oneHost, texts[1], texts[0])
			}
		}
	}
}

// BenchmarkIngresses: rows of many Ingresses, by how many there are, and whether they are of one host.
func BenchmarkIngresses(b *testing.B) {
	for _, n := range []int{1000, 2000} {
		for _, oneHost := range []bool{true, false} {
			for _, controller := range []string{"ingress-nginx", "traefik-nginx"} {
				trees := ingresses(b, n, oneHost, controller)
				b.Run(fmt.Sprintf("%s/one host %t/%d", controller, oneHost, n), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						effective.Rows(trees[0].Tree, effective.Models())
					}
				})
			}
		}
	}
}
