package webhook_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

// serve answers reviews until the benchmark is over: all that the door does for one, decoding and encoding with it, but no TLS.
func serve(b *testing.B, s *stage, path string, r request) {
	b.Helper()
	body := r.review(b)
	ask := func() {
		q := httptest.NewRequest(http.MethodPost, path+"?timeout=10s", bytes.NewReader(body))
		q.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.mux.ServeHTTP(w, q)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body.String())
		}
	}
	ask()
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	b.ResetTimer()
	for b.Loop() {
		ask()
		s.outcomes = s.outcomes[:0]
	}
}

// edge is an Ingress of usual size, with mTLS.
func edge(secret string) kube.Object {
	return mtls("shop/api", secret, hosts("api.test", "api.shop.test"),
		label("app.kubernetes.io/name", "api"), label("app.kubernetes.io/instance", "shop"), label("app.kubernetes.io/managed-by", "Helm"),
		annotation("cert-manager.io/cluster-issuer", "letsencrypt"), nginx("auth-tls-verify-client", "on"), nginx("auth-tls-verify-depth", "2"), nginx("backend-protocol", "HTTPS"),
		set([]any{map[string]any{"hosts": []any{"api.test", "api.shop.test"}, "secretName": "api-tls"}}, "spec", "tls"),
		managed("helm"), created(noon))
}

func benchStage(b *testing.B) *stage {
	s := openBudget(b, 1<<30)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep), secret("shop/api-tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM))
	for i := range 200 {
		s.put(mtls("shop/other-"+string(rune('a'+i%26))+string(rune('a'+i/26)), "shop/ca"))
	}
	return s
}

func BenchmarkValidate(b *testing.B) {
	b.Run("clean", func(b *testing.B) { serve(b, benchStage(b), "/validate", create(edge("shop/ca"))) })
	b.Run("update", func(b *testing.B) { serve(b, benchStage(b), "/validate", update(edge("shop/ca"), edge("shop/ca"))) })
	b.Run("denied", func(b *testing.B) { serve(b, benchStage(b), "/validate", create(edge("shop/missing"))) })
	b.Run("as before", func(b *testing.B) {
		serve(b, benchStage(b), "/validate", update(edge("shop/missing"), edge("shop/missing")))
	})
	b.Run("irrelevant", func(b *testing.B) { serve(b, benchStage(b), "/validate", create(ingress("shop/plain"))) })
}

func BenchmarkMutate(b *testing.B) {
	unset := edge("shop/ca")
	delete(unset.Fields["metadata"].(map[string]any)["annotations"].(map[string]any), depthAnnotation)
	stored := edge("shop/ca")
	ours("2")(stored.Fields)
	b.Run("sets", func(b *testing.B) { serve(b, benchStage(b), "/mutate", create(unset)) })
	b.Run("has set", func(b *testing.B) { serve(b, benchStage(b), "/mutate", create(stored)) })
	b.Run("nothing to do", func(b *testing.B) { serve(b, benchStage(b), "/mutate", create(edge("shop/ca"))) })
}
