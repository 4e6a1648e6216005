package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"math"
	"strings"
)

// Weakness names what is too weak about a certificate today, by NIST SP 800-131A: under 112 bits of security.
type Weakness string

// The weaknesses.
const (
	WeakRSAKey       Weakness = "rsa-key-short"  // under 2048 bits
	WeakECKey        Weakness = "ec-key-short"   // under 224 bits; rare, since Go reads no curve smaller than P-224
	WeakDSAKey       Weakness = "dsa-key"        // no TLS library of today accepts one from a server
	MD5Signature     Weakness = "md5-signature"  // MD2 as well
	SHA1Signature    Weakness = "sha1-signature" // collisions cost some 50 000 dollars in 2020
	minimalRSABits            = 2048
	minimalECBits             = 224
	checkableRSABits          = 1024 // crypto/rsa verifies nothing smaller
)

// Weaknesses lists what is too weak, key before signature. The signature of a self-signed certificate does not count: it is
// trusted for where it stands, and nobody checks it.
func (c *Certificate) Weaknesses() []Weakness {
	var list []Weakness
	switch {
	case c.KeyType == "RSA" && c.KeyBits < minimalRSABits:
		list = append(list, WeakRSAKey)
	case c.KeyType == "ECDSA" && c.KeyBits < minimalECBits:
		list = append(list, WeakECKey)
	case c.KeyType == "DSA":
		list = append(list, WeakDSAKey)
	}
	switch {
	case c.selfIssued && (c.SelfSigned || digestLevel[c.digest()] == 0):
		// Self-signed, or so old that Go cannot check whether it is.
	case c.digest() == "MD5", c.digest() == "MD2":
		list = append(list, MD5Signature)
	case c.digest() == "SHA1":
		list = append(list, SHA1Signature)
	}
	return list
}

// securityBits are OpenSSL's levels 0 to 5 (SSL_CTX_set_security_level(3)). Debian builds it with level 2 as its default and
// so does OpenSSL itself from 3.2 on, which ingress-nginx's image has (Alpine 3.23: 3.5); before, it was 1. "@SECLEVEL=0" in ssl_ciphers or
// proxy_ssl_ciphers changes it.
var securityBits = [...]int{0, 80, 112, 128, 192, 256}

// digestLevel is the highest level that allows a digest. OpenSSL 3.0 gives SHA-1 63 bits and MD5 39, so that level 1 forbids both.
var digestLevel = map[string]int{"MD2": 0, "MD5": 0, "SHA1": 0, "SHA256": 3, "SHA384": 4, "SHA512": 5, "Ed25519": 3}

// KeyLevel is the highest security level of OpenSSL, 0 to 5, at which the certificate's key is strong enough. Above it nginx does
// not start with the certificate as its own ("ee key too small") and does not accept a chain that holds it ("CA key too small",
// "EE certificate key too weak"). known is false for kinds of keys that Go does not read.
func (c *Certificate) KeyLevel() (level int, known bool) {
	bits := 0
	switch c.KeyType {
	case "RSA":
		bits = rsaSecurity(c.KeyBits)
	case "ECDSA":
		bits = c.KeyBits / 2
		if c.KeyBits >= 512 {
			bits = 256 // P-521
		}
	case "Ed25519":
		bits = 128
	default:
		return 0, false
	}
	for level < len(securityBits)-1 && bits >= securityBits[level+1] {
		level++
	}
	return level, true
}

// SignatureLevel is the highest security level of OpenSSL, 0 to 5, at which the digest that the issuer signed is strong enough
// ("ca md too weak"). OpenSSL does not ask it of a self-signed certificate, nor of the root of a chain. known is false for
// signatures that Go does not know.
func (c *Certificate) SignatureLevel() (level int, known bool) {
	if c.SelfSigned {
		return len(securityBits) - 1, true
	}
	level, known = digestLevel[c.digest()]
	return level, known
}

// digest is the digest's part of SignatureAlgorithm: SHA256 of ECDSA-SHA256, SHA1-RSA and SHA256-RSAPSS alike.
func (c *Certificate) digest() string {
	for part := range strings.SplitSeq(c.SignatureAlgorithm, "-") {
		if _, ok := digestLevel[part]; ok {
			return part
		}
	}
	return ""
}

// rsaSecurity is OpenSSL's ossl_ifc_ffc_compute_security_bits (crypto/rsa/rsa_lib.c): what NIST's tables say of the common
// sizes, and for those between the formula of FIPS 140-2 IG 7.5, rounded to the nearest multiple of 8. So 2047 bits, and 1976, are
// as good as 2048 to it.
func rsaSecurity(bits int) int {
	switch bits {
	case 2048:
		return 112
	case 3072:
		return 128
	}
	if bits < 8 {
		return 0
	}
	x := float64(bits) * math.Ln2
	y := (1.923*math.Cbrt(x*math.Log(x)*math.Log(x)) - 4.69) / math.Ln2
	limit := 192
	if bits > 7680 {
		limit = 256
	}
	return min(limit, (int(y)+4)&^7)
}

// uncheckable says whether Go cannot tell if p's key made child's signature, where OpenSSL may.
func (p parsed) uncheckable(child parsed) bool {
	if key, ok := p.PublicKey.(*rsa.PublicKey); ok && (key.N.BitLen() > maxRSABits || key.N.BitLen() < checkableRSABits) {
		return true
	}
	err := p.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	var insecure x509.InsecureAlgorithmError
	return errors.As(err, &insecure) || errors.Is(err, x509.ErrUnsupportedAlgorithm)
}
