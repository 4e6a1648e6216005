package pki_test

import (
	"crypto/x509"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

func TestCertificate(t *testing.T) {
	m := mint()
	root := m.With(pkitest.PathLength(0)).Root("root")
	leaf := m.With(
		pkitest.IPs("192.0.2.1", "2001:db8::1"), pkitest.URIs("spiffe://td/ns/shop"), pkitest.Emails("a@shop.test"),
		pkitest.NotAfter(time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)),
	).Leaf(root, "api.shop.test", "*.shop.test")
	b := bundle(leaf, root, m.With(pkitest.Ed25519(), pkitest.ExtKeyUsage()).Leaf(nil, "ed.test"))
	if len(b.Certificates) != 3 {
		t.Fatalf("%d certificates, defects %v", len(b.Certificates), b.Defects)
	}
	got, ca, edwards := b.Certificates[0], b.Certificates[1], b.Certificates[2]
	checks := map[string][2]any{
		"subject":        {got.Subject, "CN=api.shop.test"},
		"issuer":         {got.Issuer, "CN=root"},
		"DNS names":      {got.DNSNames, []string{"api.shop.test", "*.shop.test"}},
		"IP addresses":   {got.IPAddresses, []string{"192.0.2.1", "2001:db8::1"}},
		"URIs":           {got.URIs, []string{"spiffe://td/ns/shop"}},
		"mail addresses": {got.EmailAddresses, []string{"a@shop.test"}},
		"CA":             {[]bool{got.CA, got.BasicConstraints, ca.CA, ca.BasicConstraints}, []bool{false, true, true, true}},
		"path length":    {got.PathLength, (*int)(nil)},
		"key type":       {[]any{got.KeyType, got.KeyBits, edwards.KeyType, edwards.KeyBits}, []any{"ECDSA", 256, "Ed25519", 256}},
		"algorithm":      {got.SignatureAlgorithm, "ECDSA-SHA256"},
		"not before":     {got.NotBefore, time.Date(2026, 8, 31, 12, 0, 0, 0, time.UTC)},
		"not after":      {got.NotAfter, time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)},
		"self-signed":    {[]bool{got.SelfSigned, ca.SelfSigned, edwards.SelfSigned}, []bool{false, true, true}},
		"key usage":      {[][]string{got.KeyUsage, ca.KeyUsage}, [][]string{{"digitalSignature"}, {"keyCertSign", "cRLSign"}}},
		"ext key usage":  {[][]string{got.ExtKeyUsage, edwards.ExtKeyUsage}, [][]string{{"serverAuth", "clientAuth"}, nil}},
		"key ids":        {got.AuthorityKeyID, ca.SubjectKeyID},
		"lines":          {b.Lines[0], 1},
	}
	for name, check := range checks {
		if !reflect.DeepEqual(check[0], check[1]) {
			t.Errorf("%s: got %v, want %v", name, check[0], check[1])
		}
	}
	if ca.PathLength == nil || *ca.PathLength != 0 {
		t.Errorf("path length of the CA: %v", ca.PathLength)
	}
	if got.SPKI == ca.SPKI || len(got.SPKI) != 64 || got.SerialNumber == "" || got.SerialNumber != strings.ToLower(got.SerialNumber) {
		t.Errorf("SPKI %q, serial number %q", got.SPKI, got.SerialNumber)
	}
	cross := bundle(m.Intermediate(m.Root("old"), "root")).Certificates[0]
	if cross.SPKI != ca.SPKI || cross.Hash == ca.Hash || cross.SelfSigned {
		t.Error("a cross-signed root has the key of the root, another hash, and is not self-signed")
	}
	// A CA with a new key, signed with the old one: issuer and subject are the same, and it is not self-signed.
	old := m.Root("rolled")
	rolled := bundle(m.With(pkitest.Key("new key")).Intermediate(old, "rolled"), old)
	if d := rolled.Distances(); rolled.Certificates[0].SelfSigned || !slices.Equal(d, []int{1, 0}) {
		t.Errorf("self-issued: self-signed %v, distances %v", rolled.Certificates[0].SelfSigned, d)
	}
}

func TestCheckPair(t *testing.T) {
	m := mint()
	root := m.Root("root")
	leaf, other := m.Leaf(root, "a.test"), m.Leaf(root, "b.test")
	edwards := m.With(pkitest.Ed25519()).Leaf(root, "ed.test")
	encrypted := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
	old := "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
	tests := map[string]struct {
		cert, key string
		want      pki.Pair
	}{
		"PKCS #8":                    {leaf.CertPEM, leaf.KeyPEM, pki.PairMatch},
		"EC":                         {leaf.CertPEM, leaf.ECKeyPEM(), pki.PairMatch},
		"PKCS #1":                    {rsaCert, rsaKey, pki.PairMatch},
		"Ed25519":                    {edwards.CertPEM, edwards.KeyPEM, pki.PairMatch},
		"with its chain":             {leaf.CertPEM + root.CertPEM, leaf.KeyPEM, pki.PairMatch},
		"parameters before the key":  {leaf.CertPEM, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + leaf.ECKeyPEM(), pki.PairMatch},
		"the chain upside down":      {root.CertPEM + leaf.CertPEM, leaf.KeyPEM, pki.PairMismatch},
		"another key":                {leaf.CertPEM, other.KeyPEM, pki.PairMismatch},
		"a key of another kind":      {leaf.CertPEM, rsaKey, pki.PairMismatch},
		"nothing":                    {"", "", pki.PairEmpty},
		"empty key":                  {leaf.CertPEM, " \n", pki.PairEmpty},
		"empty certificate":          {"", leaf.KeyPEM, pki.PairEmpty},
		"certificate is prose":       {"to be done", leaf.KeyPEM, pki.PairCertificateUnreadable},
		"certificate is a CRL":       {m.CRL(root), leaf.KeyPEM, pki.PairCertificateUnreadable},
		"certificate does not parse": {strings.ReplaceAll(m.CRL(root), "X509 CRL", "CERTIFICATE"), leaf.KeyPEM, pki.PairCertificateUnreadable},
		"swapped":                    {leaf.KeyPEM, leaf.CertPEM, pki.PairCertificateUnreadable},
		"key is prose":               {leaf.CertPEM, "to be done", pki.PairKeyUnreadable},
		"key is a certificate":       {leaf.CertPEM, leaf.CertPEM, pki.PairKeyUnreadable},
		"key is junk":                {leaf.CertPEM, strings.ReplaceAll(leaf.CertPEM, "CERTIFICATE", "PRIVATE KEY"), pki.PairKeyUnreadable},
		"key is a megabyte":          {leaf.CertPEM, strings.Repeat(leaf.KeyPEM, 4000), pki.PairKeyUnreadable},
		"encrypted":                  {leaf.CertPEM, encrypted, pki.PairKeyEncrypted},
		"encrypted, the old way":     {leaf.CertPEM, old, pki.PairKeyEncrypted},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := pki.CheckPair([]byte(tt.cert), []byte(tt.key)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestRSA covers what cannot be minted deterministically: RSA keys are checked in, and the certificate never has its dates looked
// at.
func TestRSA(t *testing.T) {
	c := pki.Parse([]byte(rsaCert)).Certificates[0]
	if c.KeyType != "RSA" || c.KeyBits != 1024 || !c.SelfSigned || c.SignatureAlgorithm != x509.SHA256WithRSA.String() {
		t.Errorf("got %s %d, self-signed %v, %s", c.KeyType, c.KeyBits, c.SelfSigned, c.SignatureAlgorithm)
	}
}

func TestOpaque(t *testing.T) {
	pem := mint().Root("root").CertPEM
	tests := map[string]bool{
		"ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]": true,
		"{{ .Values.ca }}":                      true,
		"{{- .Files.Get \"ca.crt\" | b64enc }}": true,
		"${CA_BUNDLE}":                          true,
		"prefix-${CA_BUNDLE}":                   true,
		"$(params.ca)":                          true,
		"<path:secret/data/tls#ca.crt>":         true,
		"<path:secret/data/tls#ca | base64enc>": true,
		"<ca-crt>":                              true,
		" <YOUR CA HERE>\n":                     true,
		"vault:secret/data/tls#ca":              true,
		"ref+vault://secret/tls#/ca":            true,
		"op://infra/tls/ca":                     true,
		"-----BEGIN CERTIFICATE-----\n{{ .Values.ca }}\n-----END CERTIFICATE-----": true,

		"":                 false,
		pem:                false,
		"<" + pem + ">":    false,
		"<>":               false,
		"ENC[":             false,
		"$":                false,
		"${}":              false,
		"${CA":             false,
		"vault:":           false,
		"vault: a comment": false,
		"a < b > c":        false,
		"LS0tLS1CRUdJTi=":  false,
	}
	for value, want := range tests {
		if got := pki.Opaque(value); got != want {
			t.Errorf("%q: got %v", value, got)
		}
	}
}

func TestHoldsPrivateKey(t *testing.T) {
	m := mint()
	leaf := m.Leaf(nil, "api.shop.test")
	ed := m.With(pkitest.Ed25519()).Leaf(nil, "api.shop.test")
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"PKCS #8":            {leaf.KeyPEM, true},
		"SEC 1":              {leaf.ECKeyPEM(), true},
		"the shortest":       {ed.KeyPEM, true},
		"behind others":      {"text\n" + leaf.CertPEM + leaf.KeyPEM, true},
		"certificates":       {leaf.CertPEM, false},
		"under a passphrase": {strings.ReplaceAll(leaf.KeyPEM, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), false},
		"the older way": {
			strings.ReplaceAll(leaf.ECKeyPEM(), "-----BEGIN EC PRIVATE KEY-----\n", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"),
			false,
		},
		"an example": {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", false},
		"nothing":    {"", false},
	} {
		if got := pki.HoldsPrivateKey([]byte(test.text)); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
