// Package pkitest mints certificates for tests and for the generator of fixtures. The same seed and time give the same bytes, on
// every machine and in every run, so what is generated can be checked in and compared. The keys are derived from names anybody can
// read: THROW-AWAY, worth nothing, never to be used outside a test. It panics where it cannot mint, since then the test is wrong.
package pkitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/url"
	"strings"
	"time"
)

// Mint issues certificates around a fixed time.
type Mint struct {
	seed    string
	now     time.Time
	options []Option
}

// Issued is a certificate with its key.
type Issued struct {
	Certificate *x509.Certificate
	CertPEM     string // one CERTIFICATE block
	KeyPEM      string // one PRIVATE KEY block (PKCS #8)

	key crypto.Signer
}

// Option changes a certificate before it is signed.
type Option func(*spec)

type spec struct {
	template x509.Certificate
	keyName  string
	ed25519  bool
	key      crypto.Signer
}

// New returns a mint. Keys depend on the seed and on names only, certificates on now as well.
func New(seed string, now time.Time) *Mint { return &Mint{seed: seed, now: now.UTC()} }

// With returns a mint that applies the options to every certificate, after those of m.
func (m *Mint) With(options ...Option) *Mint {
	next := *m
	next.options = append(append([]Option{}, m.options...), options...)
	return &next
}

// Root mints a self-signed CA, valid for ten years.
func (m *Mint) Root(name string) *Issued { return m.issue(nil, name, 3650, authority) }

// Intermediate mints a CA under a parent, valid for five years. Name and key go together: an Intermediate with the name of a Root
// of the same mint is that root cross-signed by the parent.
func (m *Mint) Intermediate(parent *Issued, name string) *Issued {
	return m.issue(parent, name, 1825, authority)
}

// Leaf mints a certificate for servers and clients, valid for ninety days; the first name is its subject. Self-signed where the
// parent is nil.
func (m *Mint) Leaf(parent *Issued, dnsNames ...string) *Issued {
	name := "leaf"
	if len(dnsNames) > 0 {
		name = dnsNames[0]
	}
	return m.issue(parent, name, 90, func(s *spec) {
		s.template.DNSNames = dnsNames
		s.template.BasicConstraintsValid = true
		s.template.KeyUsage = x509.KeyUsageDigitalSignature
		s.template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	})
}

// CRL mints a revocation list of an issuer, as one X509 CRL block, valid for thirty days.
func (m *Mint) CRL(issuer *Issued, revoked ...*Issued) string {
	return m.CRLUntil(m.now.AddDate(0, 0, 30), issuer, revoked...)
}

// CRLUntil mints a revocation list made an hour before now, or a day before its end if that is earlier.
func (m *Mint) CRLUntil(end time.Time, issuer *Issued, revoked ...*Issued) string {
	list := x509.RevocationList{Number: big.NewInt(1), ThisUpdate: m.now.Add(-time.Hour), NextUpdate: end.UTC()}
	if last := list.NextUpdate.AddDate(0, 0, -1); last.Before(list.ThisUpdate) {
		list.ThisUpdate = last
	}
	for _, issued := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: issued.Certificate.SerialNumber, RevocationTime: list.ThisUpdate,
		})
	}
	der, err := x509.CreateRevocationList(nil, &list, issuer.Certificate, issuer.key)
	must(err, "revocation list of "+issuer.Certificate.Subject.CommonName)
	return block("X509 CRL", der)
}

// Bundle concatenates the certificates.
func Bundle(list ...*Issued) string {
	var text strings.Builder
	for _, issued := range list {
		text.WriteString(issued.CertPEM)
	}
	return text.String()
}

// ECKeyPEM is the key as an EC PRIVATE KEY block (SEC 1).
func (i *Issued) ECKeyPEM() string {
	signer, ok := i.key.(deterministic)
	if !ok {
		panic("pkitest: no EC key: " + i.Certificate.Subject.CommonName)
	}
	der, err := x509.MarshalECPrivateKey(signer.PrivateKey)
	must(err, "EC key")
	return block("EC PRIVATE KEY", der)
}

// NotBefore sets the start of validity; by default a day before now.
func NotBefore(t time.Time) Option { return func(s *spec) { s.template.NotBefore = t.UTC() } }

// NotAfter sets the end of validity.
func NotAfter(t time.Time) Option { return func(s *spec) { s.template.NotAfter = t.UTC() } }

// NotCA writes CA:FALSE and leaves the key usage of a CA: the mistake of a root made by hand.
func NotCA() Option { return func(s *spec) { s.template.IsCA = false } }

// NoBasicConstraints leaves the extension out.
func NoBasicConstraints() Option {
	return func(s *spec) { s.template.BasicConstraintsValid, s.template.IsCA = false, false }
}

// PathLength sets pathLenConstraint.
func PathLength(n int) Option {
	return func(s *spec) { s.template.MaxPathLen, s.template.MaxPathLenZero = n, n == 0 }
}

// KeyUsage replaces the key usage.
func KeyUsage(usage x509.KeyUsage) Option { return func(s *spec) { s.template.KeyUsage = usage } }

// ExtKeyUsage replaces the extended key usage; none given leaves the extension out.
func ExtKeyUsage(usages ...x509.ExtKeyUsage) Option {
	return func(s *spec) { s.template.ExtKeyUsage = usages }
}

// Subject replaces the subject, by default the common name alone. The key stays that of the name.
func Subject(name pkix.Name) Option { return func(s *spec) { s.template.Subject = name } }

// Key uses the key of another name: a CA that was given a new key, or two certificates of one key.
func Key(name string) Option { return func(s *spec) { s.keyName = name } }

// KeyID replaces the subject key identifier, by default a hash of the public key.
func KeyID(id []byte) Option { return func(s *spec) { s.template.SubjectKeyId = id } }

// Ed25519 makes the key an Ed25519 one.
func Ed25519() Option { return func(s *spec) { s.ed25519 = true } }

// WithKey uses a key made elsewhere: RSA, which cannot be derived from a name. What is minted is then as random as the key.
func WithKey(key crypto.Signer) Option { return func(s *spec) { s.key = key } }

// Signature sets the algorithm the issuer signs with, by default the one that goes with its key.
func Signature(algorithm x509.SignatureAlgorithm) Option {
	return func(s *spec) { s.template.SignatureAlgorithm = algorithm }
}

// IPs adds IP addresses.
func IPs(list ...string) Option {
	return func(s *spec) {
		for _, text := range list {
			ip := net.ParseIP(text)
			if ip == nil {
				panic("pkitest: no IP address: " + text)
			}
			s.template.IPAddresses = append(s.template.IPAddresses, ip)
		}
	}
}

// URIs adds URIs, such as SPIFFE ids.
func URIs(list ...string) Option {
	return func(s *spec) {
		for _, text := range list {
			uri, err := url.Parse(text)
			must(err, text)
			s.template.URIs = append(s.template.URIs, uri)
		}
	}
}

// Emails adds mail addresses.
func Emails(list ...string) Option {
	return func(s *spec) { s.template.EmailAddresses = append(s.template.EmailAddresses, list...) }
}

func authority(s *spec) {
	s.template.BasicConstraintsValid, s.template.IsCA = true, true
	s.template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	s.template.MaxPathLen = -1 // none
}

func (m *Mint) issue(parent *Issued, name string, days int, kind Option) *Issued {
	s := spec{keyName: name, template: x509.Certificate{
		Subject:   pkix.Name{CommonName: name},
		NotBefore: m.now.AddDate(0, 0, -1),
		NotAfter:  m.now.AddDate(0, 0, days),
	}}
	kind(&s)
	for _, option := range m.options {
		option(&s)
	}
	key := m.key(s)
	signer, issuer := key, &s.template
	if parent != nil {
		signer, issuer = parent.key, parent.Certificate
	}
	// All that goes into the certificate is set here: defaults of the standard library may change with its version.
	if s.template.SubjectKeyId == nil {
		s.template.SubjectKeyId = keyID(key)
	}
	if parent != nil {
		s.template.AuthorityKeyId = issuer.SubjectKeyId
	}
	serial := sha256.Sum256([]byte(strings.Join([]string{m.seed, "serial", name, issuer.Subject.String(), s.template.NotAfter.String()}, "|")))
	s.template.SerialNumber = new(big.Int).Rsh(new(big.Int).SetBytes(serial[:16]), 1)

	// PSS is random by its nature, and so is an RSA key of WithKey; all else is signed without.
	var random io.Reader
	if _, ok := signer.(*rsa.PrivateKey); ok {
		random = rand.Reader
	}
	der, err := x509.CreateCertificate(random, &s.template, issuer, key.Public(), signer)
	must(err, name)
	certificate, err := x509.ParseCertificate(der)
	must(err, name)
	keyDER, err := x509.MarshalPKCS8PrivateKey(bare(key))
	must(err, name)
	return &Issued{Certificate: certificate, CertPEM: block("CERTIFICATE", der), KeyPEM: block("PRIVATE KEY", keyDER), key: key}
}

// key derives a key from the seed and a name. ecdsa.GenerateKey will not: it has drawn from the system since Go 1.26 whatever
// reader it is given.
func (m *Mint) key(s spec) crypto.Signer {
	if s.key != nil {
		return s.key
	}
	secret := sha256.Sum256([]byte(m.seed + "|" + s.keyName))
	if s.ed25519 {
		return ed25519.NewKeyFromSeed(secret[:])
	}
	// A hash is a valid scalar but for one in 2^32, which is an error here and not a different key.
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret[:])
	must(err, s.keyName)
	return deterministic{key}
}

// deterministic signs without randomness (RFC 6979), which ecdsa does when it is given none.
type deterministic struct{ *ecdsa.PrivateKey }

// Sign implements crypto.Signer.
func (d deterministic) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return d.PrivateKey.Sign(nil, digest, opts)
}

// bare is the key as the standard library knows it.
func bare(key crypto.Signer) crypto.Signer {
	if d, ok := key.(deterministic); ok {
		return d.PrivateKey
	}
	return key
}

func keyID(key crypto.Signer) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	must(err, "public key")
	sum := sha256.Sum256(der)
	return sum[:20]
}

func block(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func must(err error, what string) {
	if err != nil {
		panic(fmt.Sprintf("pkitest: %s: %v", what, err))
	}
}
