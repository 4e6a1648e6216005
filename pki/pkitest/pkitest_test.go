package pkitest_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki/pkitest"
)

func at(t *testing.T) time.Time {
	t.Helper()
	return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
}

// everything mints one of each.
func everything(now time.Time) string {
	m := pkitest.New("pkitest", now)
	root := m.Root("root")
	intermediate := m.With(pkitest.PathLength(0)).Intermediate(root, "intermediate")
	leaf := m.With(pkitest.IPs("192.0.2.1", "2001:db8::1"), pkitest.URIs("spiffe://td/ns/shop"), pkitest.Emails("a@shop.test")).Leaf(intermediate, "api.shop.test")
	edwards := m.With(pkitest.Ed25519()).Leaf(nil, "ed.shop.test")
	return pkitest.Bundle(root, intermediate, leaf, edwards) + root.KeyPEM + leaf.KeyPEM + leaf.ECKeyPEM() + edwards.KeyPEM + m.CRL(root)
}

// TestStable pins the bytes: fixtures generated with another Go version must not change. If this hash has to change, so does
// every generated fixture.
func TestStable(t *testing.T) {
	got := sha256.Sum256([]byte(everything(at(t))))
	const want = "030c50571f00645e9f8255e5d48ceefa9da8ef6acfed27e8875fdd3300d18c05"
	if hex.EncodeToString(got[:]) != want {
		t.Errorf("minted bytes have hash %x, want %s", got, want)
	}
	if first, second := everything(at(t)), everything(at(t)); first != second {
		t.Error("the same seed and time give different bytes")
	}
}

func TestChain(t *testing.T) {
	m := pkitest.New("chain", at(t))
	root := m.Root("root")
	leaf := m.Leaf(m.Intermediate(root, "int"), "api.shop.test")
	if _, err := tls.X509KeyPair([]byte(leaf.CertPEM), []byte(leaf.KeyPEM)); err != nil {
		t.Error(err)
	}
	if _, err := tls.X509KeyPair([]byte(leaf.CertPEM), []byte(leaf.ECKeyPEM())); err != nil {
		t.Error(err)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root.Certificate)
	between.AddCert(m.Intermediate(root, "int").Certificate)
	options := x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: "api.shop.test", CurrentTime: at(t)}
	if _, err := leaf.Certificate.Verify(options); err != nil {
		t.Error(err)
	}
	if pkitest.New("other", at(t)).Root("root").KeyPEM == root.KeyPEM {
		t.Error("another seed gives the same key")
	}
}
