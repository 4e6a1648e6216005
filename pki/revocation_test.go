package pki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestParseCRL holds what the controller's source says and what nginx does (test/e2e/nginx).
func TestParseCRL(t *testing.T) {
	m := mint()
	root, other := m.Root("root"), m.Root("other")
	list := m.CRL(root, m.Leaf(root, "a.test"))
	const (
		yes = pki.VerdictAccepted
		no  = pki.VerdictRefused
	)
	tests := map[string]struct {
		text            string
		lists, certs    int
		inGo, inOpenSSL pki.Verdict
	}{
		"list":                   {list, 1, 0, yes, yes},
		"two":                    {list + m.CRL(other), 2, 0, yes, yes},
		"CRLF":                   {strings.ReplaceAll(list, "\n", "\r\n"), 1, 0, yes, yes},
		"prose before":           {"# root\n" + list, 1, 0, yes, yes},
		"byte order mark":        {"\ufeff" + list, 1, 0, no, yes},
		"empty":                  {"", 0, 0, no, no},
		"prose":                  {"none\n", 0, 0, no, no},
		"certificate":            {root.CertPEM, 0, 1, no, yes},
		"certificate before":     {root.CertPEM + list, 1, 1, no, yes},
		"certificate behind":     {list + root.CertPEM, 1, 1, yes, yes},
		"TRUSTED behind":         {list + relabel(root.CertPEM, "TRUSTED CERTIFICATE"), 1, 1, yes, yes},
		"key":                    {root.KeyPEM, 0, 0, no, no},
		"truncated":              {withoutLast(list), 0, 0, no, no},
		"good, then truncated":   {list + withoutLast(m.CRL(other)), 1, 0, yes, no},
		"nothing inside":         {"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n", 0, 0, no, pki.VerdictUnknown},
		"good, nothing inside":   {list + "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n", 1, 0, yes, pki.VerdictUnknown},
		"another name":           {strings.ReplaceAll(list, "X509 CRL", "CRL"), 0, 0, no, no},
		"beyond the limit":       {list + strings.Repeat("# padding\n", 1<<20/10), 1, 0, yes, pki.VerdictUnknown},
		"beyond, and list later": {strings.Repeat("# padding\n", 1+1<<20/10) + list, 0, 0, pki.VerdictUnknown, pki.VerdictUnknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := pki.ParseCRL([]byte(tt.text))
			if len(got.Lists) != tt.lists || len(got.Certificates) != tt.certs || got.Go != tt.inGo || got.OpenSSL != tt.inOpenSSL {
				t.Errorf("%d lists, %d certificates, Go %v, OpenSSL %v\nwant %d, %d, %v, %v",
					len(got.Lists), len(got.Certificates), got.Go, got.OpenSSL, tt.lists, tt.certs, tt.inGo, tt.inOpenSSL)
			}
			if (len(tt.text) > 1<<20) != got.Truncated || len(got.Hash) != 64 {
				t.Errorf("truncated %v, hash %q", got.Truncated, got.Hash)
			}
		})
	}
	first := pki.ParseCRL([]byte("# root\n" + list)).Lists[0]
	if first.Line != 2 || first.Issuer != "CN=root" || first.AuthorityKeyID == "" || first.Revoked != 1 || first.Partial ||
		!first.ThisUpdate.Equal(now.Add(-time.Hour)) || !first.NextUpdate.Equal(now.AddDate(0, 0, 30)) {
		t.Errorf("%+v", first)
	}
	cache := pki.NewCache(8)
	if once := cache.ParseCRL([]byte(list)); once != cache.ParseCRL([]byte(list)) {
		t.Error("the same text was parsed twice")
	}
}

func TestCRLs(t *testing.T) {
	m := mint()
	root := m.Root("root")
	i1 := m.Intermediate(root, "i1")
	rekeyed := m.With(pkitest.Key("another"), pkitest.KeyID(root.Certificate.SubjectKeyId)).Root("root")
	mute := m.With(pkitest.KeyUsage(x509.KeyUsageCertSign)).Root("mute")
	leaf, other := m.Leaf(i1, "a.test"), m.Leaf(i1, "b.test")
	b := bundle(root, i1, leaf)
	tests := map[string]struct {
		lists *pki.CRLs
		want  []int
	}{
		"none":              {lists(), []int{0, 1}},
		"the root's":        {lists(m.CRL(root)), []int{1}},
		"the other's":       {lists(m.CRL(i1)), []int{0}},
		"both":              {lists(m.CRL(i1), m.CRL(root)), nil},
		"another key's":     {lists(m.CRL(i1), m.CRL(rekeyed)), []int{0}},
		"expired: not said": {lists(m.CRL(i1), m.CRLUntil(now.Add(-time.Hour), root)), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.lists.Unlisted(b, now); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if got := lists(m.CRL(m.Root("mute"))).Of(bundle(mute).Certificates[0]); got != nil {
		t.Error("a CA without cRLSign signs no lists")
	}
	two := lists(m.CRL(i1), m.CRL(root), m.CRL(i1, leaf))
	of := two.Of(bundle(i1).Certificates[0])
	if len(of) != 2 || of[0].Revoked != 0 || of[1].Revoked != 1 {
		t.Errorf("%d lists of one CA", len(of))
	}
	if !of[1].Revokes(bundle(leaf).Certificates[0]) || of[1].Revokes(bundle(other).Certificates[0]) || of[0].Revokes(bundle(leaf).Certificates[0]) {
		t.Error("the list names another serial number")
	}
}

// TestPartialCRL: from a list that says what it is about nothing is concluded, either way.
func TestPartialCRL(t *testing.T) {
	m := mint()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := m.With(pkitest.WithKey(key)).Root("root")
	for name, id := range map[string]asn1.ObjectIdentifier{"delta": {2, 5, 29, 27}, "distribution point": {2, 5, 29, 28}} {
		der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number: big.NewInt(2), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour),
			ExtraExtensions: []pkix.Extension{{Id: id, Critical: true, Value: []byte{0x30, 0}}},
		}, root.Certificate, key)
		if err != nil {
			t.Fatal(err)
		}
		got := pki.ParseCRL(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
		if len(got.Lists) != 1 || !got.Lists[0].Partial || got.Go != pki.VerdictAccepted {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		b := bundle(root)
		if of := got.Of(b.Certificates[0]); of != nil {
			t.Errorf("%s: counted as a list", name)
		}
		if without := got.Unlisted(b, now); without != nil {
			t.Errorf("%s: counted as none", name)
		}
		if answer := (pki.Handshake{Trusted: b, Sent: bundle(m.Leaf(root, "a.test")).Certificates, CRLs: got, At: now}).Answer(); answer != pki.AnswerUnknown {
			t.Errorf("%s: %v", name, answer)
		}
	}
}
