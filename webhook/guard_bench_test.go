package webhook_test

import (
	"fmt"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// BenchmarkGuard: 50 Ingresses refer to one Secret, among 2,000 objects.
func BenchmarkGuard(b *testing.B) {
	crowd := func(b *testing.B) *stage {
		s := openBudget(b, 1<<30, guarded(1))
		s.put(namespace("shop"), nginxClass(), clientCA(), secret("shop/api-tls", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM))
		var objects []kube.Object
		for i := range 50 {
			name := fmt.Sprintf("shop/api-%02d", i)
			objects = append(objects, mtls(name, "shop/ca", hosts(fmt.Sprintf("h%02d.api.test", i)),
				set([]any{map[string]any{"hosts": []any{fmt.Sprintf("h%02d.api.test", i)}, "secretName": "api-tls"}}, "spec", "tls")))
		}
		for i := range 975 {
			name := fmt.Sprintf("away-%d/other-%d", i%40, i)
			objects = append(objects, ingress(name), secret(name, "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM))
		}
		s.put(objects...)
		return s
	}
	b.Run("deleted", func(b *testing.B) { serve(b, crowd(b), "/guard", remove(clientCA())) })
	b.Run("harmless", func(b *testing.B) {
		serve(b, crowd(b), "/guard", update(clientCA(), secret("shop/ca", "ca.crt", pkitest.Bundle(root, mint.Root("bench")))))
	})
	b.Run("replaced", func(b *testing.B) {
		serve(b, crowd(b), "/guard", update(clientCA(), secret("shop/ca", "ca.crt", mint.Root("bench").CertPEM)))
	})
	b.Run("nobody refers", func(b *testing.B) { serve(b, crowd(b), "/guard", remove(secret("shop/other", "ca.crt", shallow))) })
}
