package pki_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"testing"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

func TestStrength(t *testing.T) {
	m := mint()
	key := func(bits int) pkitest.Option {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return pkitest.WithKey(key)
	}
	one := func(issued *pkitest.Issued) *pki.Certificate { return bundle(issued).Certificates[0] }
	root := m.Root("root")
	sha1 := m.With(pkitest.Signature(x509.ECDSAWithSHA1))
	rsaRoot := m.With(key(2048)).Root("RSA")
	tests := map[string]struct {
		certificate    *pki.Certificate
		weak           []pki.Weakness
		key, signature int
	}{
		"P-256":              {one(m.Leaf(root, "a.test")), nil, 3, 3},
		"Ed25519":            {one(m.With(pkitest.Ed25519()).Leaf(root, "a.test")), nil, 3, 3},
		"self-signed":        {one(root), nil, 3, 5},
		"RSA 1024":           {one(m.With(key(1024)).Leaf(root, "a.test")), []pki.Weakness{pki.WeakRSAKey}, 1, 3},
		"RSA 1900":           {one(m.With(key(1900)).Leaf(root, "a.test")), []pki.Weakness{pki.WeakRSAKey}, 1, 3},
		"RSA 1976":           {one(m.With(key(1976)).Leaf(root, "a.test")), []pki.Weakness{pki.WeakRSAKey}, 2, 3},
		"RSA 2048":           {one(m.With(key(2048)).Leaf(root, "a.test")), nil, 2, 3},
		"SHA-1":              {one(sha1.Leaf(root, "a.test")), []pki.Weakness{pki.SHA1Signature}, 3, 0},
		"SHA-1 by itself":    {one(sha1.Root("SHA-1")), nil, 3, 5},
		"SHA-1 with RSA":     {one(m.With(pkitest.Signature(x509.SHA1WithRSA)).Leaf(rsaRoot, "a.test")), []pki.Weakness{pki.SHA1Signature}, 3, 0},
		"SHA-384":            {one(m.With(pkitest.Signature(x509.ECDSAWithSHA384)).Leaf(root, "a.test")), nil, 3, 4},
		"SHA-512":            {one(m.With(pkitest.Signature(x509.ECDSAWithSHA512)).Leaf(root, "a.test")), nil, 3, 5},
		"PSS":                {one(m.With(pkitest.Signature(x509.SHA256WithRSAPSS)).Leaf(rsaRoot, "a.test")), nil, 3, 3},
		"MD5 by itself":      {pki.Parse([]byte(md5Root)).Certificates[0], []pki.Weakness{pki.WeakRSAKey}, 1, 0},
		"RSA 3072 is enough": {one(m.With(key(3072)).Leaf(root, "a.test")), nil, 3, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.certificate.Weaknesses(); !slices.Equal(got, tt.weak) {
				t.Errorf("weaknesses %v, want %v", got, tt.weak)
			}
			if level, known := tt.certificate.KeyLevel(); level != tt.key || !known {
				t.Errorf("key level %d known %v, want %d", level, known, tt.key)
			}
			if level, known := tt.certificate.SignatureLevel(); level != tt.signature || !known {
				t.Errorf("signature level %d known %v, want %d", level, known, tt.signature)
			}
		})
	}
	odd := &pki.Certificate{KeyType: "DSA", SignatureAlgorithm: "DSA-SHA1", Subject: "CN=a", Issuer: "CN=b"}
	if got := odd.Weaknesses(); !slices.Equal(got, []pki.Weakness{pki.WeakDSAKey, pki.SHA1Signature}) {
		t.Errorf("DSA: %v", got)
	}
	if _, known := odd.KeyLevel(); known {
		t.Error("the level of a DSA key is known")
	}
	if _, known := (&pki.Certificate{SignatureAlgorithm: "0"}).SignatureLevel(); known {
		t.Error("the level of an unknown signature is known")
	}
}
