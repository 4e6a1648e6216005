package manifest

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	sigs "sigs.k8s.io/yaml"
)

// ingressText is 1.3 KB, the size and the look of what teams keep in their repositories.
const ingressText = `# The shop's front door. Client certificates are required on /admin.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
  labels:
    app.kubernetes.io/name: shop
    app.kubernetes.io/part-of: web
    app.kubernetes.io/managed-by: Helm
  annotations:
    cert-manager.io/cluster-issuer: letsencrypt
    nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca # rotated by trust-manager
    nginx.ingress.kubernetes.io/auth-tls-verify-client: "on"
    nginx.ingress.kubernetes.io/auth-tls-verify-depth: "2"
    nginx.ingress.kubernetes.io/backend-protocol: HTTPS
    nginx.ingress.kubernetes.io/proxy-ssl-verify: "on"
    nginx.ingress.kubernetes.io/proxy-ssl-secret: shop/backend-ca
spec:
  ingressClassName: nginx
  # One certificate for both hosts.
  tls:
    - hosts:
        - shop.example.com
        - www.shop.example.com
      secretName: shop-tls
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 8443
          - path: /admin
            pathType: Prefix
            backend:
              service: {name: admin, port: {number: 9443}}
`

// bundleText is a file of many documents, a quarter of them Ingresses.
func bundleText(documents int) string {
	var b strings.Builder
	for i := range documents {
		kind := [...]string{"Ingress", "Deployment", "Pod", "ConfigMap"}[i%4]
		text := strings.Replace(ingressText, "kind: Ingress", "kind: "+kind, 1)
		b.WriteString(strings.ReplaceAll(text, "shop", fmt.Sprintf("shop%d", i)))
		b.WriteString("---\n")
	}
	return b.String()
}

func corpus() [][]byte {
	var files [][]byte
	short := ingressText[:740]
	for i := range 2700 {
		var b strings.Builder
		for j := range 3 + min(1, i%10/3) {
			kind := "Deployment"
			if (i*4+j)%25 < 8 {
				kind = "Ingress"
			}
			b.WriteString("---\n" + strings.Replace(short, "kind: Ingress", "kind: "+kind, 1) + "x: y\n")
		}
		files = append(files, []byte(b.String()))
	}
	return files
}

func onlyIngress(_, kind string) bool { return kind == "Ingress" }

func BenchmarkRead(b *testing.B) {
	data := []byte(ingressText)
	b.Run("ingress", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Read("f.yaml", data, Options{})
		}
	})
	b.Run("ingress-irrelevant", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Read("f.yaml", data, Options{Relevant: func(string, string) bool { return false }})
		}
	})
	bundle := []byte(bundleText(1000))
	b.Run("bundle", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(bundle)))
		for b.Loop() {
			Read("f.yaml", bundle, Options{Relevant: onlyIngress})
		}
	})
	// The corpus of the budgets: 10,000 objects in 2,700 files, 7.4 MB, 32% relevant.
	files := corpus()
	b.Run("corpus", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, data := range files {
				Read("f.yaml", data, Options{Relevant: onlyIngress})
			}
		}
	})
	// The next two are what our own parser is measured against.
	b.Run("library-node", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var n yaml.Node
			if err := yaml.Load(data, &n); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sigs", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := sigs.Unmarshal(data, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
