package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Certificate is what rules may know of a certificate. It is shared between bundles: treat it as read-only.
type Certificate struct {
	Hash            string // lowercase hex sha256 of the DER: its identity
	Subject, Issuer string // RFC 2253
	CommonName      string // of the subject, the last where there are several
	SerialNumber    string // lowercase hex
	DNSNames        []string
	IPAddresses     []string
	URIs            []string
	EmailAddresses  []string

	CA               bool // basic constraints say CA:TRUE
	BasicConstraints bool // basic constraints are present and valid
	PathLength       *int // pathLenConstraint; nil: none

	KeyType            string // RSA, ECDSA, Ed25519, or Go's name for another
	KeyBits            int    // 0 where Go does not know the key type
	SignatureAlgorithm string // as Go writes it: ECDSA-SHA256
	NotBefore          time.Time
	NotAfter           time.Time

	SPKI string // lowercase hex sha256 of the SubjectPublicKeyInfo: the same for every certificate of one key
	// SelfSigned says that the issuer is the subject and that the signature was made with the certificate's own key. False
	// where Go cannot check it: MD5, or RSA under 1024 or over 8192 bits.
	SelfSigned     bool
	KeyUsage       []string // as RFC 5280 writes them: digitalSignature, keyCertSign
	ExtKeyUsage    []string // likewise: serverAuth, clientAuth; an OID where there is no name
	SubjectKeyID   string   // hex
	AuthorityKeyID string   // hex

	// The DER is kept rather than what Go makes of it, which takes five times the memory: only chains need it again, once.
	der      []byte
	version1 bool
	// selfIssued says whether a CA issued the certificate to itself: a root, or a new key signed with the old one.
	selfIssued bool
}

// parsed is a certificate as Go's verifier wants it.
type parsed struct {
	*x509.Certificate
	subjectName, issuerName string // comparable forms
}

// parse reads the certificate once more; newCertificate has seen that it can be.
func (c *Certificate) parse() parsed {
	again, err := x509.ParseCertificate(c.der)
	if err != nil {
		again = &x509.Certificate{}
	}
	return parsed{again, comparable2253(c.Subject), comparable2253(c.Issuer)}
}

// newCertificate parses one DER certificate; nil where Go cannot.
func newCertificate(der []byte) *Certificate {
	read, err := x509.ParseCertificate(der)
	if err != nil {
		return nil // the text of the error may quote the input
	}
	hash, spki := sha256.Sum256(der), sha256.Sum256(read.RawSubjectPublicKeyInfo)
	c := &Certificate{
		Hash:               hex.EncodeToString(hash[:]),
		Subject:            read.Subject.String(),
		Issuer:             read.Issuer.String(),
		CommonName:         read.Subject.CommonName,
		SerialNumber:       read.SerialNumber.Text(16),
		DNSNames:           read.DNSNames,
		EmailAddresses:     read.EmailAddresses,
		CA:                 read.BasicConstraintsValid && read.IsCA,
		BasicConstraints:   read.BasicConstraintsValid,
		SignatureAlgorithm: read.SignatureAlgorithm.String(),
		NotBefore:          read.NotBefore.UTC(),
		NotAfter:           read.NotAfter.UTC(),
		SPKI:               hex.EncodeToString(spki[:]),
		KeyUsage:           keyUsage(read.KeyUsage),
		ExtKeyUsage:        extKeyUsage(read),
		SubjectKeyID:       hex.EncodeToString(read.SubjectKeyId),
		AuthorityKeyID:     hex.EncodeToString(read.AuthorityKeyId),
		der:                read.Raw, version1: read.Version == 1,
	}
	for _, ip := range read.IPAddresses {
		c.IPAddresses = append(c.IPAddresses, ip.String())
	}
	for _, uri := range read.URIs {
		c.URIs = append(c.URIs, uri.String())
	}
	// pathLenConstraint means something only with CA:TRUE; Go gives -1 where it is absent.
	if c.CA && read.MaxPathLen >= 0 {
		length := read.MaxPathLen
		c.PathLength = &length
	}
	c.KeyType, c.KeyBits = publicKey(read)
	own := parsed{read, comparable2253(c.Subject), comparable2253(c.Issuer)}
	c.SelfSigned, c.selfIssued = own.issued(own), own.subjectName == own.issuerName
	return c
}

// issued says whether p may be the issuer of child and its key made child's signature. Key usage and validity are left out:
// the question is which certificate comes next in a chain, not whether the chain is good.
func (p parsed) issued(child parsed) bool {
	if !p.named(child) {
		return false
	}
	if key, ok := p.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSABits {
		return false
	}
	return p.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) == nil
}

// named says whether child names p as its issuer, as OpenSSL's X509_check_issued sees it: by name, and by key identifier where
// both have one.
func (p parsed) named(child parsed) bool {
	if child.issuerName != p.subjectName && !bytes.Equal(child.RawIssuer, p.RawSubject) {
		return false
	}
	return len(child.AuthorityKeyId) == 0 || len(p.SubjectKeyId) == 0 || bytes.Equal(child.AuthorityKeyId, p.SubjectKeyId)
}

// MayIssue says whether OpenSSL takes the certificate for a CA (X509_check_ca, and check_extensions, which has been strict with
// intermediates since 3.0): its key usage, if it has one, holds keyCertSign; and it says CA:TRUE. Of a root without basic
// constraints the key usage is enough, and of one of version 1, which is older than both, nothing is asked.
func (c *Certificate) MayIssue() bool {
	signs := slices.Contains(c.KeyUsage, "keyCertSign")
	switch {
	case len(c.KeyUsage) > 0 && !signs:
		return false
	case c.BasicConstraints:
		return c.CA
	}
	return c.SelfSigned && (signs || c.version1)
}

// roomFor says whether a pathLenConstraint, if there is one, allows that many CAs below this one.
func (c *Certificate) roomFor(below int) bool { return c.PathLength == nil || below <= *c.PathLength }

// signsLists says whether the certificate's key may sign revocation lists.
func (c *Certificate) signsLists() bool {
	return len(c.KeyUsage) == 0 || slices.Contains(c.KeyUsage, "cRLSign")
}

// validAt says whether the clock is no objection. OpenSSL takes the last second for expired (X509_cmp_time), Go does not.
func (c *Certificate) validAt(at time.Time) bool {
	return !at.Before(c.NotBefore) && at.Before(c.NotAfter)
}

// comparable2253 folds case and white space, since OpenSSL compares names that way and string types differ between a CA's
// certificate and those it issues. The signature decides in the end.
func comparable2253(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

func publicKey(c *x509.Certificate) (string, int) {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA", key.N.BitLen()
	case *ecdsa.PublicKey:
		return "ECDSA", key.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "Ed25519", 8 * len(key)
	}
	return c.PublicKeyAlgorithm.String(), 0
}

// keyUsage gives the names of RFC 5280, section 4.2.1.3, in the order of the bits.
func keyUsage(bits x509.KeyUsage) []string {
	names := [...]string{
		"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign",
		"encipherOnly", "decipherOnly",
	}
	var set []string
	for i, name := range names {
		if bits&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return set
}

// extKeyUsage gives the names of RFC 5280, section 4.2.1.12, where there is one, in the order Go lists them.
func extKeyUsage(c *x509.Certificate) []string {
	var set []string
	for _, usage := range c.ExtKeyUsage {
		set = append(set, usageName(usage))
	}
	for _, oid := range c.UnknownExtKeyUsage {
		set = append(set, oid.String())
	}
	return set
}

func usageName(usage x509.ExtKeyUsage) string {
	names := map[x509.ExtKeyUsage]string{
		x509.ExtKeyUsageAny:                            "anyExtendedKeyUsage",
		x509.ExtKeyUsageServerAuth:                     "serverAuth",
		x509.ExtKeyUsageClientAuth:                     "clientAuth",
		x509.ExtKeyUsageCodeSigning:                    "codeSigning",
		x509.ExtKeyUsageEmailProtection:                "emailProtection",
		x509.ExtKeyUsageIPSECEndSystem:                 "ipsecEndSystem",
		x509.ExtKeyUsageIPSECTunnel:                    "ipsecTunnel",
		x509.ExtKeyUsageIPSECUser:                      "ipsecUser",
		x509.ExtKeyUsageTimeStamping:                   "timeStamping",
		x509.ExtKeyUsageOCSPSigning:                    "OCSPSigning",
		x509.ExtKeyUsageMicrosoftServerGatedCrypto:     "msSGC",
		x509.ExtKeyUsageNetscapeServerGatedCrypto:      "nsSGC",
		x509.ExtKeyUsageMicrosoftCommercialCodeSigning: "msCodeCom",
		x509.ExtKeyUsageMicrosoftKernelCodeSigning:     "msKernelCode",
	}
	if name, ok := names[usage]; ok {
		return name
	}
	return "unknown"
}
