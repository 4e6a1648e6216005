package pki

import (
	"crypto/sha256"
	"encoding/hex"
)

// Join is the trust that nginx is given where a Secret holds a certificate of its own beside ca.crt: ingress-nginx writes tls.crt,
// tls.key and ca.crt into one file, in that order with line breaks between, and both ssl_client_certificate and
// proxy_ssl_trusted_certificate name it (internal/net/ssl ConfigureCACertWithCertAndKey). Depth, Needs and a Handshake are to be
// asked of this, not of ca.crt. Either may be nil, and then the other stands alone.
//
// The verdict of Go is that on ca.crt, since the controller checks it by itself. The key is left out: a Secret whose key does not
// go with its certificate is refused before any file is written, and OpenSSL reads over a key that can be read. Lines and
// Defects are empty; they are those of the two texts.
func Join(own, ca *Bundle) *Bundle {
	switch {
	case own == nil && ca == nil:
		return Parse(nil)
	case own == nil:
		return ca
	case ca == nil:
		return own
	}
	hash := sha256.Sum256([]byte(own.Hash + ca.Hash))
	b := &Bundle{
		Hash: hex.EncodeToString(hash[:]), Truncated: own.Truncated || ca.Truncated,
		Go: ca.Go, GoCertificates: ca.GoCertificates,
		broken: own.broken || ca.broken, unsure: own.unsure || ca.unsure, upstream: own.upstream || ca.upstream,
		read: own.read + ca.read, plain: own.plain + ca.plain,
	}
	b.OpenSSL = b.clientVerdict()
	if b.OpenSSL == VerdictAccepted {
		b.OpenSSLCertificates = b.read
	}
	seen := make(map[string]bool)
	for _, list := range [...][]*Certificate{own.Certificates, ca.Certificates} {
		for _, c := range list {
			if !seen[c.Hash] {
				seen[c.Hash] = true
				b.Certificates = append(b.Certificates, c)
			}
		}
	}
	return b
}

// Widening lists the indexes in own.Certificates of those that nginx trusts as roots although ca.crt does not say so: self-signed
// certificates of tls.crt, which Join puts into the same file. A client with a certificate from such a CA is accepted; one that
// is no CA is accepted itself. A root that ca.crt holds in another edition, with the same name and key, widens nothing.
func Widening(own, ca *Bundle) []int {
	if own == nil || ca == nil {
		return nil // no ca.crt, no verification
	}
	type authority struct{ subject, spki string }
	meant := make(map[authority]bool)
	for _, c := range ca.Certificates {
		if c.SelfSigned {
			meant[authority{comparable2253(c.Subject), c.SPKI}] = true
		}
	}
	var wide []int
	for i, c := range own.Certificates {
		if c.SelfSigned && !meant[authority{comparable2253(c.Subject), c.SPKI}] {
			wide = append(wide, i)
		}
	}
	return wide
}
