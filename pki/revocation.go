package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"time"
)

// CRLs is what a text served as ca.crl holds: certificate revocation lists. It is shared by all who parsed the same text: treat it as read-only.
type CRLs struct {
	// Hash is the lowercase hex sha256 of the text.
	Hash string
	// Lists holds, in order, the X509 CRL blocks that Go and OpenSSL both read.
	Lists []*CRL
	// Certificates holds those that OpenSSL finds between the lists. It adds them to what it trusts, as X509_load_cert_crl_file
	// says by its name: a root in ca.crl is as good as one in ca.crt.
	Certificates []*Certificate
	// Go is the verdict of ingress-nginx's controller (internal/net/ssl ConfigureCRL): the first PEM block must be an X509 CRL
	// that Go parses; it looks no further. Where it refuses, the whole Secret is refused, and the host answers 403. An empty
	// ca.crl is not looked at; do not ask.
	Go Verdict
	// OpenSSL is the verdict of nginx's ssl_crl and proxy_ssl_crl (X509_LOOKUP_load_file): one list or certificate, and no
	// block it cannot read. Where only it refuses, no Ingress of the controller reloads any more.
	OpenSSL Verdict
	// Truncated says that a limit of this package was hit: what is missing above may be there.
	Truncated bool
}

// CRL is one revocation list.
type CRL struct {
	Line           int    // of the BEGIN marker
	Issuer         string // RFC 2253
	AuthorityKeyID string // hex
	ThisUpdate     time.Time
	NextUpdate     time.Time // zero: the list says none, and never expires
	Revoked        int       // how many certificates it revokes
	// Partial says that the list calls itself a delta, or names the certificates it is about (issuing distribution point).
	// Whether OpenSSL uses it depends on the certificate that is checked; nothing is concluded from it here.
	Partial bool

	issuerName string
	der        []byte // read again where a signature or a serial number is asked for
}

// Extensions of revocation lists (RFC 5280, sections 5.2.4 and 5.2.5).
var (
	deltaIndicator    = asn1.ObjectIdentifier{2, 5, 29, 27}
	distributionPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
)

// ParseCRL reads a text without a cache. It is total: any input gives a result.
func ParseCRL(text []byte) *CRLs { return (*Cache)(nil).ParseCRL(text) }

func parseCRL(text []byte, hash digest, intern func(der []byte) *Certificate) *CRLs {
	r := &CRLs{Hash: hex.EncodeToString(hash[:]), Truncated: len(text) > maxBytes}
	if r.Truncated {
		// Lists do grow large; still the API server takes no Secret that holds a larger one.
		text = text[:bytes.LastIndexByte(text[:maxBytes], '\n')+1]
	}
	in := readOpenSSL(text, intern)
	r.Truncated = r.Truncated || in.cut
	for _, blk := range in.blocks {
		switch blk.label {
		case labelCRL:
			if list := newCRL(blk); list != nil {
				r.Lists = append(r.Lists, list)
			}
		case labelCertificate, labelOldCertificate, labelTrusted:
			if cert := intern(firstElement(blk.der)); cert != nil {
				r.Certificates = append(r.Certificates, cert)
			}
		}
	}
	if in.count+in.lists == 0 {
		in.refuse(0) // "no certificate or crl found"
	}
	if !r.Truncated {
		r.OpenSSL = in.verdict()
	}
	r.Go = controllerOnCRL(text, r.Truncated)
	return r
}

func controllerOnCRL(text []byte, cut bool) Verdict {
	first, _ := pem.Decode(text)
	if first != nil && first.Type == labelCRL {
		if _, err := x509.ParseRevocationList(first.Bytes); err == nil {
			return VerdictAccepted
		}
		return VerdictRefused
	}
	if first != nil {
		clear(first.Bytes) // it may be a key
		return VerdictRefused
	}
	if cut {
		return VerdictUnknown
	}
	return VerdictRefused
}

func newCRL(blk readBlock) *CRL {
	read, err := x509.ParseRevocationList(firstElement(blk.der))
	if err != nil {
		return nil
	}
	l := &CRL{
		Line: blk.from, Issuer: read.Issuer.String(), AuthorityKeyID: hex.EncodeToString(read.AuthorityKeyId),
		ThisUpdate: read.ThisUpdate.UTC(), NextUpdate: read.NextUpdate.UTC(), Revoked: len(read.RevokedCertificateEntries),
		issuerName: comparable2253(read.Issuer.String()), der: read.Raw,
	}
	for _, extension := range read.Extensions {
		if extension.Id.Equal(deltaIndicator) || extension.Id.Equal(distributionPoint) {
			l.Partial = true
		}
	}
	return l
}

// Of lists those that a CA issued: by name, by key identifier where both have one, signed with its key, and the CA may sign
// lists. Whether they are still valid is the caller's to ask; partial ones are left out.
//
// nginx sets X509_V_FLAG_CRL_CHECK_ALL, so every CA on the path needs a list, the root included (which vouches for itself): one
// CA without a valid one, and everybody below it is rejected.
func (r *CRLs) Of(ca *Certificate) []*CRL {
	checks := len(r.Lists)
	return r.of(ca, &checks)
}

// of spends at most that many signature checks.
func (r *CRLs) of(ca *Certificate, checks *int) []*CRL {
	if !ca.signsLists() {
		return nil
	}
	var lists []*CRL
	read := ca.parse()
	for _, l := range r.Lists {
		if l.Partial || !l.names(read) {
			continue
		}
		if *checks--; *checks < 0 {
			return lists
		}
		if l.signedBy(read) {
			lists = append(lists, l)
		}
	}
	return lists
}

// Unlisted lists the indexes in b.Certificates of the CAs that may stand on a path and have no list at all. Every leaf whose path
// goes through one of them is rejected. Where the Secret has a certificate of its own, b is what Join gives. The clock is asked as
// in Needs; with the zero time nothing ever expires. A CA with a partial list is not among them. None are where that would
// cost more than the limits of this package allow, or where either text was truncated.
func (r *CRLs) Unlisted(b *Bundle, at time.Time) []int {
	if r.Truncated || b.Truncated {
		return nil
	}
	var without []int
	checks := checksPerCertificate * (len(b.Certificates) + len(r.Lists))
	for i, need := range b.Needs(at) {
		if c := b.Certificates[i]; need >= 0 && !r.partly(c) && len(r.of(c, &checks)) == 0 {
			without = append(without, i)
		}
	}
	if checks < 0 {
		return nil
	}
	return without
}

// partly says whether a partial list names a CA as its issuer.
func (r *CRLs) partly(ca *Certificate) bool {
	return slices.ContainsFunc(r.Lists, func(l *CRL) bool { return l.Partial && l.issuerName == comparable2253(ca.Subject) })
}

// Revokes says whether the list names a serial number. It does not ask who issued the certificate.
func (l *CRL) Revokes(c *Certificate) bool {
	read, err := x509.ParseRevocationList(l.der)
	if err != nil {
		return false
	}
	for _, entry := range read.RevokedCertificateEntries {
		if entry.SerialNumber.Text(16) == c.SerialNumber {
			return true
		}
	}
	return false
}

// validAt says whether a list can be used: OpenSSL knows no grace.
func (l *CRL) validAt(at time.Time) bool {
	return at.IsZero() || !at.Before(l.ThisUpdate) && (l.NextUpdate.IsZero() || at.Before(l.NextUpdate))
}

func (l *CRL) names(ca parsed) bool {
	return l.issuerName == ca.subjectName &&
		(l.AuthorityKeyID == "" || len(ca.SubjectKeyId) == 0 || l.AuthorityKeyID == hex.EncodeToString(ca.SubjectKeyId))
}

func (l *CRL) signedBy(ca parsed) bool {
	if key, ok := ca.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSABits {
		return false
	}
	read, err := x509.ParseRevocationList(l.der)
	return err == nil && ca.CheckSignature(read.SignatureAlgorithm, read.RawTBSRevocationList, read.Signature) == nil
}

// revocation is check_revocation with CRL_CHECK_ALL: for each certificate a list of its issuer. Of several, OpenSSL takes a valid
// one before another, then the newest, and asks no second one.
func (h Handshake) revocation(path []parsedCertificate) Answer {
	if h.CRLs == nil {
		return AnswerAccepted
	}
	for i, c := range path {
		issuer := path[min(i+1, len(path)-1)]
		var best *CRL
		for _, l := range h.CRLs.Lists {
			switch {
			case !l.names(issuer.read):
			case l.Partial:
				return AnswerUnknown
			case best == nil, l.validAt(h.At) && !best.validAt(h.At),
				l.validAt(h.At) == best.validAt(h.At) && l.ThisUpdate.After(best.ThisUpdate):
				best = l
			}
		}
		if best == nil || !best.validAt(h.At) || !issuer.signsLists() || !best.signedBy(issuer.read) || best.Revokes(c.Certificate) {
			return AnswerRevocation
		}
	}
	return AnswerAccepted
}
