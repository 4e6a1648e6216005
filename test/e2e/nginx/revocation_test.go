package nginx

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestRevocation: what nginx makes of ca.crl, as a file and then as a reason to turn somebody away.
func TestRevocation(t *testing.T) {
	now := time.Now()
	m := pkitest.New("revocation", now)
	f := grow(m, "root")
	root, one, two := f.cas[0], f.cas[1], f.cas[2]
	past := now.Add(-time.Minute)
	earlier := pkitest.New("revocation", now.Add(-2*time.Hour))
	other := m.Root("other")
	// Of the same name and key as a CA that may not sign lists.
	mute := m.With(pkitest.KeyUsage(x509.KeyUsageCertSign)).Root("mute")
	muteSigns := m.Root("mute")
	oldRoot, newRoot := m.Root("old root"), m.Root("new root")
	cross := m.Intermediate(oldRoot, "new root")
	rekeyed := m.With(pkitest.Key("another")).Root("root")
	good := []string{m.CRL(root), m.CRL(one), m.CRL(two)}
	all := strings.Join(good, "")

	with := func(name, lists string, cas ...*pkitest.Issued) trust {
		return trust{name: name, ca: pkitest.Bundle(cas...), crl: lists}
	}
	trusts := []trust{
		with("root: root's", good[0], root), with("root+1: root's", good[0], root, one), with("root+1: 1's", good[1], root, one),
		with("root+1: both", good[0]+good[1], root, one), with("root+1+2: all", all, root, one, two),
		with("root: all", all, root), with("root: 2's missing", good[0]+good[1], root),
		with("root: expired", m.CRLUntil(past, root), root), with("root+1: 1's expired", good[0]+m.CRLUntil(past, one), root, one),
		with("root: expired, then valid", m.CRLUntil(past, root)+good[0], root), with("root: valid, then expired", good[0]+m.CRLUntil(past, root), root),
		with("root: leaf revoked", m.CRL(root, f.leaves[0])+good[1], root), with("root: 1 revoked", m.CRL(root, one)+good[1], root),
		with("root: leaf of 1 revoked", good[0]+m.CRL(one, f.leaves[1]), root),
		with("root: revoked in the newer", earlier.CRL(root)+m.CRL(root, f.leaves[0]), root),
		with("root: revoked in the older", m.CRL(root)+earlier.CRL(root, f.leaves[0]), root),
		with("root: a stranger's", m.CRL(other), root), with("root: of the name, another key", m.CRL(rekeyed), root),
		with("root: with another root", good[0]+good[1]+m.CRL(other)+other.CertPEM, root),
		with("other: root in ca.crl", m.CRL(other)+good[0]+root.CertPEM, other),
		with("root: certificate alone", one.CertPEM, root),
		with("mute", m.CRL(muteSigns), mute), with("old+cross", m.CRL(oldRoot)+m.CRL(newRoot), oldRoot, cross),
		with("new", m.CRL(newRoot), newRoot),
		{name: "Join", ca: root.CertPEM, own: f.leaves[1].CertPEM + one.CertPEM, key: f.leaves[1].KeyPEM, crl: good[0]},
		{name: "Join, listed", ca: root.CertPEM, own: f.leaves[1].CertPEM + one.CertPEM, key: f.leaves[1].KeyPEM, crl: good[0] + good[1]},
		with("none", "", root),
	}
	leaf := m.Leaf(newRoot, host)
	chains := []chain{
		present(t, "root", f.leaves[0]), present(t, "1", f.leaves[1]), present(t, "1+1", f.leaves[1], one), present(t, "2+2+1", f.leaves[2], two, one),
		present(t, "other", m.Leaf(other, host)), present(t, "mute", m.Leaf(mute, host)), present(t, "new", leaf), present(t, "new+cross", leaf, cross),
	}
	matrix{trusts: trusts, chains: chains, depths: []int{0, 1, 2}, level: 2}.run(t)

	for _, r := range trusts {
		// A CA without a list: no leaf of it, alone, is accepted. With one that is no good, Unlisted says nothing.
		if r.crl == "" {
			continue
		}
		b := r.bundle()
		for _, i := range r.lists().Unlisted(b, now) {
			for _, c := range chains {
				h := pki.Handshake{Trusted: b, CRLs: r.lists(), Sent: c.sent, Depth: 4, At: now}
				for _, on := range h.Path() {
					if on.Hash == b.Certificates[i].Hash && h.Answer() == pki.AnswerAccepted {
						t.Errorf("%s / %s: accepted through %s, which has no list", r.name, c.name, on.Subject)
					}
				}
			}
		}
	}
	texts := map[string]string{
		"list": good[0], "lists": all, "certificate": root.CertPEM, "certificate, then list": root.CertPEM + good[0], "prose": "none\n", "blank": "\n",
		"prose, then list": "# root\n" + good[0], "key": root.KeyPEM, "list, then key": good[0] + root.KeyPEM, "truncated": good[0][:len(good[0])/2],
		"list, then truncated": good[0] + good[1][:len(good[1])/2], "list, then prose": good[0] + "the end\n", "byte order mark": "\ufeff" + good[0],
		"CRLF": strings.ReplaceAll(all, "\n", "\r\n"), "no final newline": strings.TrimSpace(all), "TRUSTED": trusted(t, root, false),
		"CRL": strings.ReplaceAll(good[0], "X509 CRL", "CRL"), "broken": "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
		"indented": "  " + strings.ReplaceAll(good[0], "\n", "\n  "),
	}
	folder := short(t)
	write(t, folder, "root", root.CertPEM)
	for name, text := range texts {
		predicted := pki.ParseCRL([]byte(text)).OpenSSL
		same(t, name+": ssl_crl", predicted, accepts(t, folder, text, "listen unix:%[1]s/s ssl; ssl_certificate %[1]s/own.crt;"+
			"ssl_certificate_key %[1]s/own.key; ssl_verify_client on; ssl_client_certificate %[1]s/root; ssl_crl %[1]s/file;"))
		same(t, name+": proxy_ssl_crl", predicted, accepts(t, folder, text, "listen unix:%[1]s/s; location / { proxy_pass https://127.0.0.1;"+
			"proxy_ssl_verify on; proxy_ssl_trusted_certificate %[1]s/root; proxy_ssl_crl %[1]s/file; }"))
	}
	t.Logf("%d files; %s", 2*len(texts), version)
}
