package pki_test

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// now is the time of mint.
var now = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// TestHandshake holds a row for each answer; test/e2e/nginx has the others, and nginx beside them.
func TestHandshake(t *testing.T) {
	m := mint()
	root := m.Root("root")
	i1 := m.Intermediate(root, "i1")
	i2 := m.Intermediate(i1, "i2")
	oldRoot, newRoot := m.Root("old"), m.Root("new")
	cross, under := m.Intermediate(oldRoot, "new"), m.Intermediate(newRoot, "under")
	mimic := m.With(pkitest.Key("mimic"), pkitest.KeyID(root.Certificate.SubjectKeyId)).Root("root")
	notCA := m.With(pkitest.NotCA()).Intermediate(root, "not a CA")
	tight := m.With(pkitest.PathLength(0)).Root("tight")
	tight1 := m.Intermediate(tight, "tight 1")
	expired := m.With(pkitest.NotAfter(now.Add(-time.Hour)))
	self := m.Leaf(nil, "self.test")
	leaf := func(issuer *pkitest.Issued, more ...*pkitest.Issued) []*pki.Certificate {
		return bundle(append([]*pkitest.Issued{m.Leaf(issuer, "client.test")}, more...)...).Certificates
	}
	md5 := pki.Parse([]byte(md5Root)).Certificates
	tests := map[string]struct {
		h    pki.Handshake
		want pki.Answer
		n    int // intermediates; -1: not known
	}{
		"nothing sent":                     {pki.Handshake{Trusted: bundle(root)}, pki.AnswerUnknown, -1},
		"nothing trusted":                  {pki.Handshake{Sent: leaf(root)}, pki.AnswerUnknown, -1},
		"a hole among what is sent":        {pki.Handshake{Trusted: bundle(root), Sent: append(leaf(root), nil)}, pki.AnswerUnknown, 0},
		"under the root":                   {pki.Handshake{Trusted: bundle(root), Sent: leaf(root)}, pki.AnswerAccepted, 0},
		"under i1, bare":                   {pki.Handshake{Trusted: bundle(root), Sent: leaf(i1), Depth: 9}, pki.AnswerNoRoot, -1},
		"under i1, i1 sent":                {pki.Handshake{Trusted: bundle(root), Sent: leaf(i1, i1), Depth: 1}, pki.AnswerAccepted, 1},
		"under i1, i1 in the bundle":       {pki.Handshake{Trusted: bundle(root, i1), Sent: leaf(i1), Depth: 1}, pki.AnswerAccepted, 1},
		"under i2, too deep":               {pki.Handshake{Trusted: bundle(root), Sent: leaf(i2, i2, i1), Depth: 1}, pki.AnswerTooDeep, 2},
		"no limit":                         {pki.Handshake{Trusted: bundle(root), Sent: leaf(i2, i2, i1), Depth: -1}, pki.AnswerAccepted, 2},
		"i2 trusted, i1 sent":              {pki.Handshake{Trusted: bundle(root, i2), Sent: leaf(i2, i2, i1), Depth: 9}, pki.AnswerNoRoot, -1},
		"i1 only, the client has the root": {pki.Handshake{Trusted: bundle(i1), Sent: leaf(i1, i1, root), Depth: 9}, pki.AnswerNoRoot, -1},
		"self-signed":                      {pki.Handshake{Trusted: bundle(self), Sent: bundle(self).Certificates}, pki.AnswerAccepted, 0},
		"self-signed, not trusted":         {pki.Handshake{Trusted: bundle(root), Sent: bundle(self).Certificates}, pki.AnswerNoRoot, -1},
		"cross-signed, old root":           {pki.Handshake{Trusted: bundle(oldRoot), Sent: leaf(under, under, cross), Depth: 2}, pki.AnswerAccepted, 2},
		"cross-signed, new root":           {pki.Handshake{Trusted: bundle(newRoot), Sent: leaf(under, under, cross), Depth: 1}, pki.AnswerAccepted, 1},
		"cross-signed, both, cross first":  {pki.Handshake{Trusted: bundle(cross, newRoot, oldRoot), Sent: leaf(under, under), Depth: 2}, pki.AnswerAccepted, 2},
		"CA:FALSE":                         {pki.Handshake{Trusted: bundle(root), Sent: leaf(notCA, notCA), Depth: 9}, pki.AnswerNoCA, 1},
		"path length":                      {pki.Handshake{Trusted: bundle(tight), Sent: leaf(tight1, tight1), Depth: 9}, pki.AnswerPathLength, 1},
		"a root of the same key id":        {pki.Handshake{Trusted: bundle(mimic, root), Sent: leaf(root), Depth: 9}, pki.AnswerSignature, 0},
		"expired leaf":                     {pki.Handshake{Trusted: bundle(root), Sent: bundle(expired.Leaf(root, "a.test")).Certificates, At: now}, pki.AnswerClock, 0},
		"expired root":                     {pki.Handshake{Trusted: bundle(expired.Root("root")), Sent: leaf(root), At: now}, pki.AnswerClock, 0},
		"no clock":                         {pki.Handshake{Trusted: bundle(expired.Root("root")), Sent: leaf(root)}, pki.AnswerAccepted, 0},
		"expired twin":                     {pki.Handshake{Trusted: bundle(expired.Root("root"), root), Sent: leaf(root), At: now}, pki.AnswerAccepted, 0},
		"for servers": {
			pki.Handshake{Trusted: bundle(root), Sent: bundle(m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageServerAuth)).Leaf(root, "a.test")).Certificates},
			pki.AnswerPurpose, 0,
		},
		"for servers, as one": {
			pki.Handshake{Trusted: bundle(root), Sent: bundle(m.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageServerAuth)).Leaf(root, "a.test")).Certificates, Server: true},
			pki.AnswerAccepted, 0,
		},
		"a weak key":             {pki.Handshake{Trusted: pki.Parse([]byte(rsaCert)), Sent: pki.Parse([]byte(rsaCert)).Certificates, Level: 2}, pki.AnswerWeak, 0},
		"the same, level 1":      {pki.Handshake{Trusted: pki.Parse([]byte(rsaCert)), Sent: pki.Parse([]byte(rsaCert)).Certificates, Level: 1}, pki.AnswerAccepted, 0},
		"what Go cannot check":   {pki.Handshake{Trusted: pki.Parse([]byte(md5Root)), Sent: md5}, pki.AnswerUnknown, -1},
		"without a list":         {pki.Handshake{Trusted: bundle(root), Sent: leaf(i1, i1), Depth: 1, CRLs: lists(m.CRL(root))}, pki.AnswerRevocation, 1},
		"with the lists":         {pki.Handshake{Trusted: bundle(root), Sent: leaf(i1, i1), Depth: 1, CRLs: lists(m.CRL(root), m.CRL(i1)), At: now}, pki.AnswerAccepted, 1},
		"expired list":           {pki.Handshake{Trusted: bundle(root), Sent: leaf(root), CRLs: lists(m.CRLUntil(now.Add(-time.Hour), root)), At: now}, pki.AnswerRevocation, 0},
		"revoked":                {pki.Handshake{Trusted: bundle(root), Sent: leaf(i1, i1), Depth: 1, CRLs: lists(m.CRL(root, i1), m.CRL(i1)), At: now}, pki.AnswerRevocation, 1},
		"a root among the lists": {pki.Handshake{Trusted: bundle(newRoot), Sent: leaf(root), CRLs: lists(m.CRL(root), root.CertPEM), At: now}, pki.AnswerAccepted, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.h.Answer(); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if n, known := tt.h.Intermediates(); known != (tt.n >= 0) || known && n != tt.n {
				t.Errorf("%d intermediates, known %v, want %d", n, known, tt.n)
			}
			if path := tt.h.Path(); (path != nil) != (tt.n >= 0) || path != nil && path[0] != tt.h.Sent[0] && path[0].Hash != tt.h.Sent[0].Hash {
				t.Errorf("a path of %d", len(path))
			}
		})
	}
	if pki.Answer(-1).String() != "unknown" || pki.Answer(99).String() != "unknown" || pki.AnswerClock.String() != "clock" {
		t.Error("an answer has the name of another")
	}
}

func lists(texts ...string) *pki.CRLs {
	all := ""
	for _, text := range texts {
		all += text
	}
	return pki.ParseCRL([]byte(all))
}

func TestNeeds(t *testing.T) {
	m := mint()
	root := m.Root("root")
	i1 := m.Intermediate(root, "i1")
	tight := m.With(pkitest.PathLength(0)).Root("tight")
	tight1 := m.Intermediate(tight, "tight 1")
	oldRoot, newRoot := m.Root("old"), m.Root("new")
	expired := m.With(pkitest.NotAfter(now.Add(-time.Hour)))
	cross, under := expired.Intermediate(oldRoot, "new"), m.Intermediate(newRoot, "under")
	rolled := m.With(pkitest.Key("second key")).Intermediate(tight, "tight")
	mute := m.With(pkitest.KeyUsage(x509.KeyUsageDigitalSignature)).Intermediate(root, "mute")
	tests := map[string]struct {
		bundle      *pki.Bundle
		never, then []int // without a clock, and with it
	}{
		"nothing":                      {pki.Parse(nil), []int{}, []int{}},
		"a leaf issues nothing":        {bundle(root, i1, m.Leaf(i1, "a.test")), []int{0, 1, -1}, []int{0, 1, -1}},
		"a self-signed leaf":           {bundle(m.Leaf(nil, "a.test")), []int{0}, []int{0}},
		"no root":                      {bundle(i1), []int{-1}, []int{-1}},
		"no room":                      {bundle(tight, tight1), []int{0, -1}, []int{0, -1}},
		"a new key takes no room":      {bundle(tight, rolled), []int{0, 1}, []int{0, 1}},
		"signs no certificates":        {bundle(root, mute), []int{0, -1}, []int{0, -1}},
		"an expired certificate first": {bundle(cross, newRoot, under), []int{-1, 0, -1}, []int{-1, 0, 1}},
		"an expired root":              {bundle(expired.Root("root"), i1), []int{0, 1}, []int{-1, -1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.bundle.Needs(time.Time{}); !slices.Equal(got, tt.never) {
				t.Errorf("without a clock %v, want %v", got, tt.never)
			}
			if got := tt.bundle.Needs(now); !slices.Equal(got, tt.then) {
				t.Errorf("%v, want %v", got, tt.then)
			}
		})
	}
	if needed, known := bundle(tight, tight1).Depth(); needed != 1 || !known {
		t.Errorf("depth %d known %v", needed, known)
	}
}

func TestJoin(t *testing.T) {
	m := mint()
	root, site := m.Root("root"), m.Root("site")
	site1 := m.Intermediate(site, "site 1")
	leaf := m.Leaf(site1, "www.shop.test")
	own, ca := bundle(leaf, site1, site), bundle(root)
	joined := pki.Join(own, ca)
	if got := joined.Needs(now); !slices.Equal(got, []int{-1, 1, 0, 0}) {
		t.Errorf("needs %v", got)
	}
	if joined.OpenSSL != pki.VerdictAccepted || joined.OpenSSLCertificates != 4 || joined.Go != pki.VerdictAccepted || joined.GoCertificates != 1 {
		t.Errorf("verdicts %v of %d, %v of %d", joined.OpenSSL, joined.OpenSSLCertificates, joined.Go, joined.GoCertificates)
	}
	if joined.Hash == own.Hash || joined.Hash == ca.Hash || len(joined.Hash) != 64 {
		t.Error("the hash is that of a part")
	}
	if pki.Join(nil, ca) != ca || pki.Join(own, nil) != own || len(pki.Join(nil, nil).Certificates) != 0 {
		t.Error("one alone is not itself")
	}
	if both := pki.Join(own, own); len(both.Certificates) != 3 {
		t.Errorf("%d certificates of three that stand twice", len(both.Certificates))
	}
	alone := pki.Parse([]byte(relabel(root.CertPEM, "TRUSTED CERTIFICATE")))
	if alone.OpenSSL != pki.VerdictRefused || alone.OpenSSLUpstream() != pki.VerdictAccepted || pki.Join(own, alone).OpenSSL != pki.VerdictAccepted {
		t.Error("TRUSTED CERTIFICATE is enough behind another certificate, and to verify an upstream")
	}
	broken := pki.Parse([]byte(withoutLast(root.CertPEM)))
	if broken.OpenSSLUpstream() != pki.VerdictRefused || pki.Join(own, broken).OpenSSL != pki.VerdictRefused {
		t.Error("a broken file is not mended by the certificate before it")
	}

	if got := pki.Widening(own, ca); !slices.Equal(got, []int{2}) {
		t.Errorf("widening %v", got)
	}
	if got := pki.Widening(bundle(leaf, site1), ca); got != nil {
		t.Errorf("an intermediate widens nothing: %v", got)
	}
	renewed := m.With(pkitest.NotAfter(now.AddDate(1, 0, 0))).Root("root")
	if got := pki.Widening(bundle(m.Leaf(renewed, "a.test"), renewed), ca); got != nil {
		t.Errorf("another edition of the same root widens nothing: %v", got)
	}
}
