// Package authority mints what tests trust: certificate authorities and what they sign, at the moment of the test, so that
// nothing checked in expires. Keys are thrown away with the process.
package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync/atomic"
	"time"
)

// Year is about one.
const Year = 365 * 24 * time.Hour

// Authority is a CA with its key.
type Authority struct {
	// PEM is its certificate.
	PEM         string
	certificate *x509.Certificate
	key         crypto.Signer
}

// The authorities that tests trust: one that signs by itself, another one, one of three generations, and one that has
// expired.
var (
	Root    = Mint("e2e root", nil, time.Now(), 10*Year)
	Other   = Mint("e2e other root", nil, time.Now(), 10*Year)
	Middle  = Mint("e2e middle", Root, time.Now(), 5*Year)
	Deep    = Mint("e2e deep", Middle, time.Now(), 5*Year)
	Expired = Mint("e2e expired", nil, time.Now().Add(-2*Year), Year)
)

// Bundles of them. A client's certificate below the first authority of the deep one is two steps from the root.
var (
	ShallowBundle = Root.PEM
	DeepBundle    = Deep.PEM + Middle.PEM + Root.PEM
)

var serials atomic.Int64

// Mint makes a CA, signed by another or, for nil, by itself, valid from the day before a moment for so long.
func Mint(name string, by *Authority, now time.Time, valid time.Duration) *Authority {
	key := newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serials.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(-24 * time.Hour).Add(valid),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	parent, signer := template, crypto.Signer(key)
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	certificate, text := sign(template, parent, key, signer)
	return &Authority{text, certificate, key}
}

// FromPair is a CA that somebody else minted.
func FromPair(certificate, key []byte) (*Authority, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, err
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", pair.PrivateKey)
	}
	return &Authority{string(certificate), parsed, signer}, nil
}

// Serving makes a certificate for a server of that name, or of this machine's own address, with its key; both are PEM.
func (a *Authority) Serving(host string, now time.Time, valid time.Duration) (certificate, key string) {
	private := newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serials.Add(1)), Subject: pkix.Name{CommonName: host},
		DNSNames: []string{host}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(valid), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	_, certificate = sign(template, a.certificate, private, a.key)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	return certificate, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// sign panics on what only a mistake in this file can cause.
func sign(template, parent *x509.Certificate, key, signer crypto.Signer) (*x509.Certificate, string) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
