package webhook_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

// server is an Ingress with TLS and no more.
func server() kube.Object {
	return ingress("shop/web", class("nginx"), hosts("api.test"),
		set([]any{map[string]any{"hosts": []any{"api.test"}, "secretName": "api-tls"}}, "spec", "tls"))
}

// mutual is an Ingress with mTLS and no more, to which the mutating door adds the depth.
func mutual() kube.Object {
	return mtls("shop/direct", "shop/ca", class("nginx"), hosts("direct.test"), nginx("auth-tls-verify-client", "on"),
		set([]any{map[string]any{"hosts": []any{"direct.test"}}}, "spec", "tls"))
}

// BenchmarkServed is a review over HTTP/1.1 with TLS, as the API server sends it; "nothing" is what that costs without one. What the
// client does is in it.
func BenchmarkServed(b *testing.B) {
	s := openBudget(b, 1<<30)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep), secret("shop/api-tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM))
	for i := range 2000 {
		s.put(mtls(fmt.Sprintf("shop/other-%d", i), "shop/ca", hosts(fmt.Sprintf("h%d.test", i))))
	}
	s.mux.HandleFunc("/nothing", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"1","allowed":true}}`)
	})
	over := httptest.NewTLSServer(s.mux)
	defer over.Close()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // who answers is known
	for _, test := range []struct {
		name, path string
		object     kube.Object
	}{
		{"nothing", "/nothing", server()}, {"TLS", "/validate", server()}, {"mTLS", "/validate", mutual()}, {"mTLS, mutated", "/mutate", mutual()},
	} {
		b.Run(test.name, func(b *testing.B) {
			body := create(test.object).review(b)
			b.ReportAllocs()
			for b.Loop() {
				response, err := client.Post(over.URL+test.path+"?timeout=5s", "application/json", bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				text, err := io.ReadAll(response.Body)
				if err != nil || !bytes.Contains(text, []byte(`"allowed":true`)) {
					b.Fatal(err, string(text))
				}
				_ = response.Body.Close()
				s.outcomes = s.outcomes[:0]
			}
		})
	}
}
