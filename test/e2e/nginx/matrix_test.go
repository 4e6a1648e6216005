package nginx

import (
	"crypto/tls"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// host is the name all leaves are minted for.
const host = "api.shop.test"

// trust is what nginx is told to trust: the keys of a Secret, as ingress-nginx writes them to files.
type trust struct {
	name string
	ca   string // ca.crt
	own  string // tls.crt
	key  string // tls.key
	crl  string // ca.crl
	// odd says why the prediction need not come true for handshakes: "" if it must.
	odd string
}

// file is the text that ingress-nginx's controller writes: internal/net/ssl ConfigureCACert, ConfigureCACertWithCertAndKey.
func (r trust) file() string {
	if r.own == "" {
		return r.ca
	}
	return r.own + "\n" + r.key + "\n" + r.ca
}

// bundle is what package pki makes of it, without ever seeing that text.
func (r trust) bundle() *pki.Bundle {
	ca := pki.Parse([]byte(r.ca))
	if r.own == "" {
		return ca
	}
	return pki.Join(pki.Parse([]byte(r.own)), ca)
}

func (r trust) lists() *pki.CRLs {
	if r.crl == "" {
		return nil
	}
	return pki.ParseCRL([]byte(r.crl))
}

// chain is what the other side presents.
type chain struct {
	name        string
	certificate tls.Certificate
	sent        []*pki.Certificate
}

func present(t *testing.T, name string, leaf *pkitest.Issued, more ...*pkitest.Issued) chain {
	t.Helper()
	text := leaf.CertPEM + pkitest.Bundle(more...)
	certificate, err := tls.X509KeyPair([]byte(text), []byte(leaf.KeyPEM))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return chain{name, certificate, pki.Parse([]byte(text)).Certificates}
}

// matrix is a batch: everything that is trusted, against everything that is presented, at every depth, from both sides. Depths grow.
type matrix struct {
	trusts []trust
	chains []chain
	depths []int
	level  int // of security; Debian's OpenSSL has 2
}

// counts is what a batch came to.
type counts struct {
	sync.Mutex
	cells, accepted, odd int
	reasons              map[pki.Answer]int
}

func (c *counts) String() string {
	var reasons []string
	for a := pki.AnswerUnknown; a <= pki.AnswerClock; a++ {
		if n := c.reasons[a]; n > 0 {
			reasons = append(reasons, fmt.Sprintf("%s %d", a, n))
		}
	}
	return fmt.Sprintf("%d cells, nginx accepted %d; predicted: %s; %d not predicted, for the reasons in the table; %s",
		c.cells, c.accepted, strings.Join(reasons, ", "), c.odd, version)
}

// run does it with one nginx.
func (m matrix) run(t *testing.T) {
	t.Helper()
	folder := short(t)
	var servers strings.Builder
	own := pkitest.New("nginx", time.Now()).Leaf(nil, host)
	write(t, folder, "own.crt", own.CertPEM)
	write(t, folder, "own.key", own.KeyPEM)
	for i, c := range m.chains {
		socket := filepath.Join(folder, fmt.Sprintf("b%d", i))
		backend(t, socket, c.certificate)
		fmt.Fprintf(&servers, "upstream backend%d { server unix:%s; }\n", i, socket)
	}
	for i, r := range m.trusts {
		write(t, folder, fmt.Sprintf("t%d", i), r.file())
		write(t, folder, fmt.Sprintf("r%d", i), r.crl)
		for _, depth := range m.depths {
			servers.WriteString(m.servers(folder, i, depth))
		}
	}
	last := fmt.Sprintf("%s/u%d.%d", folder, len(m.trusts)-1, m.depths[len(m.depths)-1])
	start(t, folder, servers.String(), last)

	now := time.Now()
	var bundles []*pki.Bundle
	var lists []*pki.CRLs
	for _, r := range m.trusts {
		bundles, lists = append(bundles, r.bundle()), append(lists, r.lists())
	}
	sum := counts{reasons: map[pki.Answer]int{}}
	each(len(m.trusts)*len(m.chains), func(n int) {
		i, j := n/len(m.chains), n%len(m.chains)
		r, c := m.trusts[i], m.chains[j]
		h := pki.Handshake{Trusted: bundles[i], CRLs: lists[i], Sent: c.sent, At: now, Level: m.level}
		depths := m.depths
		if h.Path() == nil {
			depths = depths[len(depths)-1:] // what ends nowhere is tried at the largest depth only
		}
		for _, h.Depth = range depths {
			depth := h.Depth
			h.Server = false
			status, err := get(fmt.Sprintf("%s/c%d.%d", folder, i, depth), "/", &c.certificate)
			// A key or digest below the level ends the handshake itself.
			if err != nil && (m.level == 0 || h.Answer() != pki.AnswerWeak || !strings.Contains(err.Error(), "remote error: tls")) {
				t.Errorf("%s / %s / depth %d: client: %v", r.name, c.name, depth, err)
			}
			sum.compare(t, r, c, h, status)
			h.Server = true
			status, err = get(fmt.Sprintf("%s/u%d.%d", folder, i, depth), fmt.Sprintf("/?b=%d", j), nil)
			if err != nil {
				t.Errorf("%s / %s / depth %d: upstream: %v", r.name, c.name, depth, err)
			}
			sum.compare(t, r, c, h, status)
		}
	})
	t.Log(&sum)
}

// servers is what stands for one thing to trust at one depth: a server that asks clients for certificates, and one that asks
// upstreams.
func (m matrix) servers(folder string, i, depth int) string {
	client, upstream := "", ""
	if m.trusts[i].crl != "" {
		client = fmt.Sprintf("ssl_crl %s/r%d;", folder, i)
		upstream = "proxy_" + client
	}
	return fmt.Sprintf(`server {
	listen unix:%[1]s/c%[2]d.%[3]d ssl;
	ssl_certificate %[1]s/own.crt; ssl_certificate_key %[1]s/own.key; ssl_ciphers DEFAULT@SECLEVEL=%[4]d;
	ssl_session_cache off; ssl_session_tickets off;
	ssl_client_certificate %[1]s/t%[2]d; ssl_verify_client on; ssl_verify_depth %[3]d; %[5]s
	location / { return 200; }
}
server {
	listen unix:%[1]s/u%[2]d.%[3]d;
	location / {
		proxy_pass https://backend$arg_b; proxy_ssl_session_reuse off; proxy_ssl_protocols TLSv1.2 TLSv1.3;
		proxy_ssl_name api.shop.test; proxy_ssl_server_name on; proxy_ssl_ciphers DEFAULT@SECLEVEL=%[4]d;
		proxy_ssl_trusted_certificate %[1]s/t%[2]d; proxy_ssl_verify on; proxy_ssl_verify_depth %[3]d; %[6]s
	}
}
`, folder, i, depth, m.level, client, upstream)
}

// compare holds one prediction against one answer of nginx: 200, or 400 to a client, 502 of an upstream.
func (c *counts) compare(t *testing.T, r trust, presented chain, h pki.Handshake, status int) {
	t.Helper()
	want := h.Answer()
	c.Lock()
	defer c.Unlock()
	c.cells++
	c.reasons[want]++
	accepted := status == 200
	if accepted {
		c.accepted++
	}
	side := "client"
	if h.Server {
		side = "upstream"
	}
	matched, doubtful := true, want == pki.AnswerUnknown
	switch {
	case r.odd != "":
		c.odd++
		return
	case !doubtful:
		matched = (want == pki.AnswerAccepted) == accepted
	}
	if !matched || doubtful || (!accepted && status != 400 && status != 502 && status != 0) {
		t.Errorf("%s / %s / depth %d: %s: predicted %s, nginx said %d", r.name, presented.name, h.Depth, side, want, status)
	}
	// The depth that rules read off a bundle, for leaves that come alone and of which nothing else is wrong.
	if issuer := presented.issuerIn(h.Trusted); len(presented.sent) == 1 && issuer >= 0 && h.CRLs == nil &&
		(want == pki.AnswerAccepted || want == pki.AnswerTooDeep || want == pki.AnswerNoRoot) {
		need := h.Trusted.Needs(h.At)[issuer]
		if (need >= 0 && need <= h.Depth) != accepted {
			t.Errorf("%s / %s / depth %d: %s: the issuer needs %d, nginx said %d", r.name, presented.name, h.Depth, side, need, status)
		}
	}
}

// issuerIn finds the certificate of a bundle that issued what is presented, or is it; -1 where none did, or several of one name
// and key.
func (c chain) issuerIn(b *pki.Bundle) int {
	found := -1
	for i, ca := range b.Certificates {
		issued := ca.MayIssue() && ca.Subject == c.sent[0].Issuer && ca.SubjectKeyID == c.sent[0].AuthorityKeyID
		if !issued && (ca.Hash != c.sent[0].Hash || !ca.SelfSigned) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}
