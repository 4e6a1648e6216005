package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// maxKeyBytes bounds a private key's text: RSA with 16384 bits takes 13 KiB, and the time it takes to check an RSA key grows
// with the cube of its size.
const maxKeyBytes = 16 << 10

// Pair is what CheckPair found. The zero value is no match, so that a check left out never passes for one.
type Pair int

// The results of CheckPair.
const (
	PairUnknown               Pair = iota // not checked
	PairMatch                             // the key belongs to the first certificate
	PairMismatch                          // it belongs to another
	PairEmpty                             // one of the two is empty
	PairCertificateUnreadable             // no certificate Go can parse
	PairKeyUnreadable                     // no private key Go can parse
	PairKeyEncrypted                      // a private key under a passphrase, which no controller has
)

// String names the result as facts write it.
func (p Pair) String() string {
	switch p {
	case PairMatch:
		return "match"
	case PairMismatch:
		return "mismatch"
	case PairEmpty:
		return "empty"
	case PairCertificateUnreadable:
		return "certificate-unreadable"
	case PairKeyUnreadable:
		return "key-unreadable"
	case PairKeyEncrypted:
		return "key-encrypted"
	case PairUnknown:
	}
	return "unknown"
}

// CheckPair says whether a private key (PKCS #1, PKCS #8 or EC) belongs to the first certificate of a text, by the rules of
// crypto/tls X509KeyPair, which ingress-nginx and Traefik apply: the first CERTIFICATE block, the first private key block, the
// form of the key found by trying. It returns no error because a parser's error may quote its input. The key is compared by its
// public half and dropped; the decoded bytes are wiped as far as Go lets us, which is not all copies a parser makes.
func CheckPair(certPEM, keyPEM []byte) Pair {
	if len(bytes.TrimSpace(certPEM)) == 0 || len(bytes.TrimSpace(keyPEM)) == 0 {
		return PairEmpty
	}
	certBlock := firstBlock(certPEM, maxBytes, func(label string) bool { return label == labelCertificate })
	if certBlock == nil {
		return PairCertificateUnreadable
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return PairCertificateUnreadable
	}
	keyBlock := firstBlock(keyPEM, maxKeyBytes, func(label string) bool {
		return label == "PRIVATE KEY" || strings.HasSuffix(label, " PRIVATE KEY")
	})
	if keyBlock == nil {
		return PairKeyUnreadable
	}
	defer clear(keyBlock.Bytes)
	if keyBlock.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(keyBlock.Headers["Proc-Type"], "ENCRYPTED") {
		return PairKeyEncrypted
	}
	public := publicHalf(keyBlock.Bytes)
	if public == nil {
		return PairKeyUnreadable
	}
	if !public.Equal(cert.PublicKey) {
		return PairMismatch
	}
	return PairMatch
}

// firstBlock finds the first block of a wanted type and wipes those it passes over.
func firstBlock(text []byte, limit int, wanted func(label string) bool) *pem.Block {
	if len(text) > limit {
		return nil
	}
	for {
		blk, rest := pem.Decode(text)
		if blk == nil || wanted(blk.Type) {
			return blk
		}
		clear(blk.Bytes)
		text = rest
	}
}

// comparableKey is what every public key of the standard library offers.
type comparableKey interface{ Equal(x crypto.PublicKey) bool }

// publicHalf parses a private key in whichever form it has and returns its public key; nil where Go cannot.
func publicHalf(der []byte) comparableKey {
	parsers := []func([]byte) (any, error){
		x509.ParsePKCS8PrivateKey,
		func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
		func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) },
	}
	for _, parse := range parsers {
		key, err := parse(der)
		if err != nil {
			continue
		}
		// An X25519 key parses, and signs nothing.
		if signer, ok := key.(crypto.Signer); ok {
			public, _ := signer.Public().(comparableKey)
			return public
		}
		return nil
	}
	return nil
}
