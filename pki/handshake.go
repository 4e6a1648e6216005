package pki

import (
	"slices"
	"time"
)

// Answer is what nginx makes of the certificate that the other side of a connection presents. The zero value says that nobody
// knows.
type Answer int

// The answers. Where several apply, the first in this order is given; nginx itself reports whichever OpenSSL noticed last.
const (
	AnswerUnknown    Answer = iota // beyond what Go can check: an MD5 signature, a key of a kind it lacks, a text it could not read whole
	AnswerAccepted                 // the chain is good
	AnswerNoRoot                   // the chain does not end at a self-signed certificate that is trusted
	AnswerTooDeep                  // it would with a larger depth
	AnswerNoCA                     // a certificate stands as issuer that may not issue
	AnswerPathLength               // a pathLenConstraint leaves no room for the CAs below it
	AnswerPurpose                  // key usage or extended key usage of one of the certificates forbids it
	AnswerWeak                     // a key or signature below the security level
	AnswerRevocation               // revoked, or no valid revocation list of one of the issuers
	AnswerSignature                // the certificate taken for the issuer did not make the signature
	AnswerClock                    // one of the certificates is not valid yet or no longer
)

// String names the answer as messages write it.
func (a Answer) String() string {
	names := [...]string{
		"unknown", "accepted", "no-root", "too-deep", "no-ca", "path-length", "purpose", "weak", "revocation", "signature", "clock",
	}
	if a < 0 || int(a) >= len(names) {
		return names[0]
	}
	return names[a]
}

// Handshake is all that decides whether nginx accepts a certificate: that of a client (ssl_verify_client on), or that of an
// upstream (proxy_ssl_verify on, names aside; see CoversForNginx). It models OpenSSL 3.0's X509_verify_cert
// (crypto/x509/x509_vfy.c) with the settings nginx makes; test/e2e/nginx holds it against nginx itself.
type Handshake struct {
	Trusted *Bundle        // what the CA file holds; for ingress-nginx see Join
	Sent    []*Certificate // what the other side sends, its own certificate first
	Depth   int            // verify depth as nginx counts it
	Server  bool           // the other side is a server: an upstream
	At      time.Time      // the clock; zero: nothing is ever expired
	Level   int            // OpenSSL's security level; see KeyLevel. 0: nothing is too weak
	CRLs    *CRLs          // what the file of ssl_crl or proxy_ssl_crl holds; nil where the directive is absent
}

// Path is the chain that OpenSSL builds, from the other side's certificate to the trusted root, whatever its depth; nil where
// there is none.
//
// It looks among the trusted certificates first (X509_V_FLAG_TRUSTED_FIRST, on since 1.1.0), then among those sent, and once it
// has found one trusted issuer it never looks at the sent ones again: with root and i2 in the file, and i2 and i1 sent, i1 is
// not found. Of several candidates it takes the first that is valid now, else the one that expired last, and never goes back.
func (h Handshake) Path() []*Certificate {
	path, _ := h.build(maxCertificates)
	return certificatesOf(path)
}

// Intermediates counts the certificates between the other side's and the root, which is the verify depth, as nginx counts it,
// that the chain needs. known is false where there is no path.
func (h Handshake) Intermediates() (n int, known bool) {
	path, _ := h.build(maxCertificates)
	return max(0, len(path)-2), len(path) > 0
}

// Answer judges the handshake.
func (h Handshake) Answer() Answer {
	if h.Trusted == nil || h.Trusted.Truncated || len(h.Sent) == 0 || slices.Contains(h.Sent, nil) {
		return AnswerUnknown
	}
	// A negative number is C's way to say no limit.
	depth := h.Depth
	if depth < 0 || depth > maxCertificates {
		depth = maxCertificates
	}
	path, sure := h.build(depth)
	switch {
	case !sure:
		return AnswerUnknown
	case path == nil:
		if deeper, _ := h.build(maxCertificates); deeper != nil {
			return AnswerTooDeep
		}
		return AnswerNoRoot
	}
	for _, check := range []func([]parsedCertificate) Answer{
		h.extensions, h.strength, h.revocation, signatures, h.clock,
	} {
		if answer := check(path); answer != AnswerAccepted {
			return answer
		}
	}
	return AnswerAccepted
}

// parsedCertificate is a certificate and what Go's verifier makes of it.
type parsedCertificate struct {
	*Certificate
	read parsed
}

func certificatesOf(path []parsedCertificate) []*Certificate {
	var list []*Certificate
	for _, c := range path {
		list = append(list, c.Certificate)
	}
	return list
}

func parseAll(list []*Certificate) []parsedCertificate {
	read := make([]parsedCertificate, 0, len(list))
	for _, c := range list {
		if c != nil {
			read = append(read, parsedCertificate{c, c.parse()})
		}
	}
	return read
}

// build is build_chain. sure is false where the end hangs on whether a certificate that names itself as its issuer is
// self-signed, and Go cannot check the signature.
func (h Handshake) build(depth int) (path []parsedCertificate, sure bool) {
	if h.Trusted == nil || len(h.Sent) == 0 || h.Sent[0] == nil {
		return nil, true
	}
	trusted := h.Trusted.Certificates
	if h.CRLs != nil {
		trusted = slices.Concat(trusted, h.CRLs.Certificates)
	}
	store, sent := parseAll(trusted), parseAll(h.Sent)
	path, sent = sent[:1:1], sent[1:]
	for len(path) <= depth+1 {
		last := path[len(path)-1]
		if last.selfIssued && !last.SelfSigned && last.read.uncheckable(last.read) {
			return nil, false
		}
		if issuer, ok := h.issuer(store, last); ok {
			switch {
			case !last.SelfSigned:
				path, sent = append(path, issuer), nil
				if issuer.SelfSigned {
					return path, true
				}
				continue
			case issuer.Hash == last.Hash:
				return path, true
			}
			// Self-signed under a trusted name, and not the trusted certificate.
		}
		if last.SelfSigned {
			return nil, true
		}
		issuer, ok := h.issuer(sent, last)
		if !ok {
			return nil, true
		}
		path = append(path, issuer)
		sent = slices.DeleteFunc(slices.Clone(sent), func(c parsedCertificate) bool { return c.Hash == issuer.Hash })
	}
	return nil, true
}

// issuer finds the certificate that OpenSSL takes for the issuer: by name and key identifier, before any signature is looked at.
func (h Handshake) issuer(among []parsedCertificate, of parsedCertificate) (parsedCertificate, bool) {
	var named []parsedCertificate
	for _, c := range among {
		if c.read.named(of.read) {
			named = append(named, c)
		}
	}
	i := firstValid(named, h.At, func(c parsedCertificate) *Certificate { return c.Certificate })
	if i < 0 {
		return parsedCertificate{}, false
	}
	return named[i], true
}

// extensions is check_extensions: who may issue, for how many below, and for what.
func (h Handshake) extensions(path []parsedCertificate) Answer {
	below := 0
	for i, c := range path {
		switch {
		case i > 0 && !c.MayIssue():
			return AnswerNoCA
		case !h.suits(c.Certificate, i > 0):
			return AnswerPurpose
		case i > 1 && !c.roomFor(below):
			return AnswerPathLength
		}
		if i > 0 && !c.selfIssued {
			below++
		}
	}
	return AnswerAccepted
}

// suits is check_purpose_ssl_client and check_purpose_ssl_server of crypto/x509/v3_purp.c. The extended key usage is asked of
// every certificate, roots included, and anyExtendedKeyUsage does not count.
func (h Handshake) suits(c *Certificate, ca bool) bool {
	usage, keyUsages := "clientAuth", []string{"digitalSignature", "keyAgreement"}
	if h.Server {
		usage, keyUsages = "serverAuth", []string{"digitalSignature", "keyEncipherment", "keyAgreement"}
	}
	if len(c.ExtKeyUsage) > 0 && !slices.Contains(c.ExtKeyUsage, usage) &&
		(!h.Server || !slices.Contains(c.ExtKeyUsage, "msSGC") && !slices.Contains(c.ExtKeyUsage, "nsSGC")) {
		return false
	}
	return ca || len(c.KeyUsage) == 0 || slices.ContainsFunc(keyUsages, func(u string) bool { return slices.Contains(c.KeyUsage, u) })
}

// strength is check_auth_level: every key, and every signature but that of the root, which nobody relies on.
func (h Handshake) strength(path []parsedCertificate) Answer {
	if h.Level <= 0 {
		return AnswerAccepted
	}
	for i, c := range path {
		key, known := c.KeyLevel()
		signature, alsoKnown := c.SignatureLevel()
		switch {
		case known && key < h.Level, i < len(path)-1 && alsoKnown && signature < h.Level:
			return AnswerWeak
		case !known, i < len(path)-1 && !alsoKnown:
			return AnswerUnknown
		}
	}
	return AnswerAccepted
}

func (h Handshake) clock(path []parsedCertificate) Answer {
	for _, c := range path {
		if !h.At.IsZero() && !c.validAt(h.At) {
			return AnswerClock
		}
	}
	return AnswerAccepted
}

// signatures is internal_verify.
func signatures(path []parsedCertificate) Answer {
	for i, c := range path[:len(path)-1] {
		issuer := path[i+1]
		switch {
		case issuer.read.issued(c.read):
		case issuer.read.uncheckable(c.read):
			return AnswerUnknown
		default:
			return AnswerSignature
		}
	}
	return AnswerAccepted
}
