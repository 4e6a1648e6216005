package nginx

import (
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// Why a prediction of who is accepted need not come true. Package pki reports each of these as a defect of the text.
const (
	oddController = "nginx reads a certificate that ingress-nginx's controller does not see, and pki stands on none that only one of them sees"
	oddTrusted    = "TRUSTED CERTIFICATE carries trust settings of its own, which Go does not read; pki lists no such certificate"
	oddLabel      = "X509 CERTIFICATE is read by both, and by hardly anybody else; pki lists no such certificate"
)

// trusted makes a TRUSTED CERTIFICATE of a certificate; with settings it says that it is trusted for clients and servers, as
// openssl x509 -addtrust writes it.
func trusted(t *testing.T, issued *pkitest.Issued, settings bool) string {
	t.Helper()
	der := slices.Clone(issued.Certificate.Raw)
	if settings {
		auxiliary, err := asn1.Marshal(struct{ Trust []asn1.ObjectIdentifier }{
			[]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 1}, {1, 3, 6, 1, 5, 5, 7, 3, 2}},
		})
		if err != nil {
			t.Fatal(err)
		}
		der = append(der, auxiliary...)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "TRUSTED CERTIFICATE", Bytes: der}))
}

// TestTexts: what happens to PEM texts on their way into a Secret. First whether nginx takes the file, as ssl_client_certificate
// and as proxy_ssl_trusted_certificate, then whom it accepts with it.
func TestTexts(t *testing.T) {
	now := time.Now()
	m := pkitest.New("texts", now)
	f := grow(m, "root")
	root, one := f.cas[0], f.cas[1]
	both := root.CertPEM + one.CertPEM
	lines := func(change func(line string) string) string {
		var b strings.Builder
		for line := range strings.Lines(both) {
			b.WriteString(change(line))
		}
		return b.String()
	}
	folded := strings.ReplaceAll(root.CertPEM, "\n", " ")
	texts := []trust{
		{name: "plain", ca: both},
		{name: "no final newline", ca: strings.TrimSuffix(both, "\n")},
		{name: "CRLF", ca: strings.ReplaceAll(both, "\n", "\r\n")},
		{name: "CR", ca: strings.ReplaceAll(both, "\n", "\r")},
		{name: "byte order mark", ca: "\ufeff" + both, odd: oddController},
		{name: "byte order mark before the second", ca: root.CertPEM + "\ufeff" + one.CertPEM, odd: oddController},
		{name: "byte order mark on a line of its own", ca: "\ufeff\n" + both},
		{name: "indented", ca: lines(func(l string) string { return "  " + l })},
		{name: "markers indented", ca: strings.ReplaceAll(both, "-----BEGIN", "  -----BEGIN")},
		{name: "END indented", ca: strings.ReplaceAll(both, "-----END", "  -----END")},
		{name: "base64 indented", ca: lines(func(l string) string {
			if strings.HasPrefix(l, "-----") {
				return l
			}
			return "    " + l
		})},
		{name: "trailing blanks", ca: strings.ReplaceAll(both, "\n", "  \n")},
		{name: "prose around", ca: "# root\nsubject=CN = root\n" + root.CertPEM + "\n\n# one\n" + one.CertPEM + "\nthe end\n"},
		{name: "prose that begins with dashes", ca: "-----\n" + both},
		{name: "duplicate", ca: both + both},
		{name: "last block truncated", ca: root.CertPEM + one.CertPEM[:len(one.CertPEM)/2]},
		{name: "last END missing", ca: strings.TrimSuffix(both, "-----END CERTIFICATE-----\n")},
		{name: "first END missing", ca: strings.Replace(both, "-----END CERTIFICATE-----\n", "", 1), odd: oddController},
		{name: "first BEGIN missing", ca: strings.Replace(both, "-----BEGIN CERTIFICATE-----\n", "", 1)},
		{name: "only block truncated", ca: root.CertPEM[:len(root.CertPEM)/2]},
		{name: "glued", ca: strings.TrimSuffix(root.CertPEM, "\n") + one.CertPEM},
		{name: "one line", ca: folded},
		{name: "one line, then a good one", ca: folded + "\n" + root.CertPEM},
		{name: "base64 in one line", ca: "-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(root.Certificate.Raw) + "\n-----END CERTIFICATE-----\n"},
		{name: "empty line inside", ca: strings.Replace(both, "\nM", "\n\nM", 1)},
		{name: "empty line in the middle", ca: insertLine(both, 4, "")},
		{name: "broken base64", ca: insertLine(both, 4, "!!!!")},
		{name: "no certificate inside", ca: both + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
		{name: "no certificate inside, first", ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + both},
		{name: "headers", ca: strings.Replace(both, "CERTIFICATE-----\n", "CERTIFICATE-----\nName: root\n\n", 1)},
		{name: "END of another type", ca: strings.Replace(both, "END CERTIFICATE", "END TRUSTED CERTIFICATE", 1)},
		{name: "trailing data", ca: both + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: append(slices.Clone(root.Certificate.Raw), 5, 0)}))},
		{name: "X509 CERTIFICATE", ca: strings.ReplaceAll(both, "CERTIFICATE", "X509 CERTIFICATE"), odd: oddLabel},
		{name: "TRUSTED without settings", ca: trusted(t, root, false), odd: oddTrusted},
		{name: "TRUSTED with settings", ca: trusted(t, root, true), odd: oddTrusted},
		{name: "TRUSTED after a plain one", ca: root.CertPEM + trusted(t, one, true), odd: oddTrusted},
		{name: "TRUSTED before a plain one", ca: trusted(t, one, true) + root.CertPEM, odd: oddTrusted},
		{name: "CRL alone", ca: m.CRL(root)},
		{name: "CRL behind", ca: both + m.CRL(root)},
		{name: "CRL before", ca: m.CRL(root) + both},
		{name: "broken CRL", ca: both + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"},
		{name: "key behind", ca: both + root.KeyPEM},
		{name: "EC key before", ca: root.ECKeyPEM() + both},
		{name: "key alone", ca: root.KeyPEM},
		{name: "request behind", ca: both + "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"},
		{name: "DER", ca: string(root.Certificate.Raw)},
		{name: "encoded twice", ca: base64.StdEncoding.EncodeToString([]byte(both))},
		{name: "empty", ca: ""},
		{name: "blank", ca: "\n"},
		{name: "prose", ca: "the CA goes here\n"},
	}
	folder := short(t)
	var good []trust
	files := 0
	for _, r := range texts {
		b := r.bundle()
		client := accepts(t, folder, r.ca, "listen unix:%[1]s/s ssl; ssl_certificate %[1]s/own.crt; ssl_certificate_key %[1]s/own.key;"+
			"ssl_verify_client on; ssl_client_certificate %[1]s/file;")
		upstream := accepts(t, folder, r.ca, "listen unix:%[1]s/s; location / { proxy_pass https://127.0.0.1;"+
			"proxy_ssl_verify on; proxy_ssl_trusted_certificate %[1]s/file; }")
		if r.odd != oddTrusted || b.OpenSSL != pki.VerdictUnknown && b.OpenSSLUpstream() != pki.VerdictUnknown {
			same(t, r.name+": ssl_client_certificate", b.OpenSSL, client)
			same(t, r.name+": proxy_ssl_trusted_certificate", b.OpenSSLUpstream(), upstream)
		}
		files += 2
		if client && upstream {
			good = append(good, r)
		}
	}
	t.Logf("%d files; %s", files, version)
	chains := []chain{
		present(t, "leaf of root", f.leaves[0]), present(t, "leaf of 1", f.leaves[1]), present(t, "leaf of 1+1", f.leaves[1], one),
		present(t, "leaf of 2", f.leaves[2]), present(t, "leaf of 2+2", f.leaves[2], f.cas[2]), present(t, "stranger", m.Leaf(m.Root("other"), host)),
	}
	matrix{trusts: good, chains: chains, depths: []int{0, 1, 2}, level: 2}.run(t)
}

func insertLine(text string, at int, line string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(slices.Insert(lines, at, line+"\n"), "")
}

// accepts says whether nginx takes a text as the file of a directive; server is the inside of a server block, with the folder
// as its one argument.
func accepts(t *testing.T, folder, text, server string) bool {
	t.Helper()
	own := pkitest.New("nginx", time.Now()).Leaf(nil, host)
	write(t, folder, "own.crt", own.CertPEM)
	write(t, folder, "own.key", own.KeyPEM)
	write(t, folder, "file", text)
	refused, why := refuses(t, folder, fmt.Sprintf("server { "+server+" }\n", folder))
	if refused && !strings.Contains(why, filepath.Join(folder, "file")) {
		t.Fatalf("nginx refuses something else: %s", why)
	}
	return !refused
}

func same(t *testing.T, what string, predicted pki.Verdict, accepted bool) {
	t.Helper()
	if predicted == pki.VerdictUnknown || (predicted == pki.VerdictAccepted) != accepted {
		t.Errorf("%s: predicted %s, nginx accepted %v", what, predicted, accepted)
	}
}

// TestOwnCertificate: a Secret with a certificate of its own, which ingress-nginx puts in front of ca.crt.
func TestOwnCertificate(t *testing.T) {
	now := time.Now()
	m := pkitest.New("own", now)
	f, g := grow(m, "root"), grow(m, "site")
	root, site := f.cas[0], g.cas[0]
	renewed := m.With(pkitest.NotAfter(now.AddDate(1, 0, 0))).Root("root")
	own := func(name, ca string, leaf *pkitest.Issued, more ...*pkitest.Issued) trust {
		return trust{name: name, ca: ca, own: leaf.CertPEM + pkitest.Bundle(more...), key: leaf.KeyPEM}
	}
	server, self := m.Leaf(site, "www.shop.test"), m.Leaf(nil, host)
	under1 := m.Leaf(g.cas[1], "www.shop.test")
	trusts := []trust{
		own("leaf", root.CertPEM, server),
		own("leaf, ca.crt alike", site.CertPEM, server),
		own("leaf+root", root.CertPEM, server, site),
		own("leaf+1", root.CertPEM, under1, g.cas[1]),
		own("leaf+1+root", root.CertPEM, under1, g.cas[1], site),
		own("leaf+1, its root in ca.crt", site.CertPEM, under1, g.cas[1]),
		own("leaf+1, 2 in ca.crt", g.cas[2].CertPEM+site.CertPEM, under1, g.cas[1]),
		own("leaf of 2+2, 1 in ca.crt", g.cas[1].CertPEM+site.CertPEM, m.Leaf(g.cas[2], "www.shop.test"), g.cas[2]),
		own("self-signed", root.CertPEM, self),
		own("the other edition of the root", root.CertPEM, m.Leaf(renewed, "www.shop.test"), renewed),
		own("1 before its root", root.CertPEM+f.cas[1].CertPEM, m.Leaf(f.cas[1], "www.shop.test"), f.cas[1]),
		own("ca.crt without final newline", strings.TrimSuffix(root.CertPEM, "\n"), server, site),
		own("CRLF", strings.ReplaceAll(root.CertPEM, "\n", "\r\n"), server),
		func() trust { r := own("EC key", root.CertPEM, server); r.key = server.ECKeyPEM(); return r }(),
		func() trust {
			r := own("no final newlines", root.CertPEM, server)
			r.own, r.key = strings.TrimSpace(r.own), strings.TrimSpace(r.key)
			return r
		}(),
	}
	for _, r := range trusts {
		folder := short(t)
		same(t, r.name, r.bundle().OpenSSL, accepts(t, folder, r.file(), "listen unix:%[1]s/s ssl; ssl_certificate %[1]s/own.crt;"+
			"ssl_certificate_key %[1]s/own.key; ssl_verify_client on; ssl_client_certificate %[1]s/file;"))
	}
	// A file that is refused stays so behind a certificate, but for a lack of plain certificates.
	for name, ca := range map[string]string{
		"truncated": root.CertPEM[:len(root.CertPEM)/2], "TRUSTED": trusted(t, root, false), "prose": "none\n", "CRL": m.CRL(root),
	} {
		r := own(name, ca, server)
		same(t, "behind a certificate: "+name, r.bundle().OpenSSL, accepts(t, short(t), r.file(), "listen unix:%[1]s/s ssl;"+
			"ssl_certificate %[1]s/own.crt; ssl_certificate_key %[1]s/own.key; ssl_verify_client on; ssl_client_certificate %[1]s/file;"))
	}
	var chains []chain
	for i := range 3 {
		chains = append(chains, present(t, fmt.Sprintf("root %d", i), f.leaves[i], f.between(i)...), present(t, fmt.Sprintf("site %d", i), g.leaves[i], g.between(i)...),
			present(t, fmt.Sprintf("root %d, alone", i), f.leaves[i]), present(t, fmt.Sprintf("site %d, alone", i), g.leaves[i]))
	}
	chains = append(chains, present(t, "self-signed", self))
	matrix{trusts: trusts, chains: chains, depths: []int{0, 1, 2}, level: 2}.run(t)

	// What Widening says is what lets a leaf of another root in.
	for _, r := range trusts {
		ownBundle, caBundle := pki.Parse([]byte(r.own)), pki.Parse([]byte(r.ca))
		wide := pki.Widening(ownBundle, caBundle)
		for _, c := range chains {
			joined := pki.Handshake{Sent: c.sent, At: now, Trusted: r.bundle()}.Path()
			alone := pki.Handshake{Sent: c.sent, At: now, Trusted: caBundle}.Path()
			let := joined != nil && alone == nil && !rootedIn(joined, caBundle)
			if predicted := joined != nil && slices.ContainsFunc(wide, func(i int) bool {
				return ownBundle.Certificates[i].Hash == joined[len(joined)-1].Hash
			}); predicted != let {
				t.Errorf("%s / %s: widening %v, path of %d with tls.crt and of %d without", r.name, c.name, wide, len(joined), len(alone))
			}
		}
	}
}

// rootedIn says whether a path ends at a root that the bundle has, by name and key.
func rootedIn(path []*pki.Certificate, b *pki.Bundle) bool {
	last := path[len(path)-1]
	return slices.ContainsFunc(b.Certificates, func(c *pki.Certificate) bool { return c.SPKI == last.SPKI && c.Subject == last.Subject })
}
