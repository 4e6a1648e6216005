package schema

import (
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/tlsward/tlsward/kube"
)

const benchIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout-api
  namespace: shop
  uid: 6f1c1b8e-3f3e-4a4e-9d55-0a3c5f0d2b11
  resourceVersion: "4711"
  generation: 3
  creationTimestamp: "2027-01-31T12:00:00Z"
  labels: {app.kubernetes.io/name: checkout, app.kubernetes.io/part-of: shop, app.kubernetes.io/managed-by: Helm}
  annotations:
    cert-manager.io/cluster-issuer: letsencrypt-production
    nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca
    nginx.ingress.kubernetes.io/auth-tls-verify-client: "on"
    nginx.ingress.kubernetes.io/auth-tls-verify-depth: "2"
    nginx.ingress.kubernetes.io/backend-protocol: HTTPS
    nginx.ingress.kubernetes.io/proxy-ssl-secret: shop/backend-ca
    nginx.ingress.kubernetes.io/proxy-ssl-verify: "on"
spec:
  ingressClassName: nginx
  tls:
  - {hosts: [api.shop.example.com, www.shop.example.com], secretName: checkout-api-tls}
  rules:
  - host: api.shop.example.com
    http:
      paths:
      - {path: /checkout, pathType: Prefix, backend: {service: {name: checkout, port: {number: 8443}}}}
      - {path: /cart, pathType: Prefix, backend: {service: {name: cart, port: {name: https}}}}
  - host: www.shop.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 8443}}}}
`

// BenchmarkCheck: the clean Ingress is what every admission request costs; the first use of a kind is what it costs
// once in a process.
func BenchmarkCheck(b *testing.B) {
	clean := readObject(b, benchIngress)
	broken := readObject(b, strings.Replace(benchIngress, "secretName", "secretname", 1))
	for name, obj := range map[string]kube.Object{"clean": clean, "broken": broken} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Check(obj)
			}
			b.ReportMetric(float64(len(show(obj.Fields))), "bytes")
		})
	}
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			root[networkingv1.Ingress]()()
		}
	})
}
