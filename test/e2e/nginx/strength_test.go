package nginx

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestStrength: keys and digests at each security level of OpenSSL, presented to nginx and loaded by it.
func TestStrength(t *testing.T) {
	m := pkitest.New("strength", time.Now())
	root := m.Root("root")
	key := func(bits int) crypto.Signer {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	curve := func(c elliptic.Curve) crypto.Signer {
		key, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	roots, chains := []*pkitest.Issued{root}, []chain{present(t, "P-256", m.Leaf(root, host))}
	leaves := map[string]*pkitest.Issued{}
	add := func(name string, key crypto.Signer) {
		with := m.With(pkitest.WithKey(key))
		weak := with.Root(name)
		roots = append(roots, weak)
		leaves[name] = with.Leaf(root, host)
		between := with.Intermediate(root, name+" between")
		chains = append(chains, present(t, name+": leaf", leaves[name]), present(t, name+": root", m.Leaf(weak, host)),
			present(t, name+": between", m.Leaf(between, host), between))
	}
	for _, bits := range []int{1024, 1536, 1900, 1976, 2047, 2048} {
		add(fmt.Sprintf("RSA %d", bits), key(bits))
	}
	// Not as a leaf: TLS 1.3 has no signature for this curve.
	small := m.With(pkitest.WithKey(curve(elliptic.P224()))).Root("P-224")
	roots, chains = append(roots, small), append(chains, present(t, "P-224: root", m.Leaf(small, host)))
	add("P-384", curve(elliptic.P384()))

	sha1 := m.With(pkitest.Signature(x509.ECDSAWithSHA1))
	sha1Root, sha1Between := sha1.Root("SHA-1 root"), sha1.Intermediate(root, "SHA-1 between")
	roots = append(roots, sha1Root)
	leaves["SHA-1"], leaves["SHA-1, self-signed"] = sha1.Leaf(root, host), sha1.Leaf(nil, host)
	rsaRoot := m.With(pkitest.WithKey(key(2048))).Root("RSA root")
	roots = append(roots, rsaRoot)
	leaves["RSA SHA-1"] = m.With(pkitest.Signature(x509.SHA1WithRSA)).Leaf(rsaRoot, host)
	chains = append(chains, present(t, "SHA-1: leaf", leaves["SHA-1"]), present(t, "SHA-1: root", m.Leaf(sha1Root, host)),
		present(t, "SHA-1: between", m.Leaf(sha1Between, host), sha1Between), present(t, "RSA SHA-1: leaf", leaves["RSA SHA-1"]),
		present(t, "PSS: leaf", m.With(pkitest.Signature(x509.SHA256WithRSAPSS)).Leaf(rsaRoot, host)),
		present(t, "SHA-512: leaf", m.With(pkitest.Signature(x509.ECDSAWithSHA512)).Leaf(root, host)))
	for level := 0; level <= 3; level++ {
		matrix{trusts: []trust{ca("all roots", roots...)}, chains: chains, depths: []int{1}, level: level}.run(t)
	}

	// As nginx's own certificate.
	folder := short(t)
	for name, leaf := range leaves {
		certificate := pki.Parse([]byte(leaf.CertPEM)).Certificates[0]
		keyLevel, known := certificate.KeyLevel()
		signatureLevel, alsoKnown := certificate.SignatureLevel()
		write(t, folder, "weak.key", leaf.KeyPEM)
		predicted := pki.VerdictUnknown
		switch {
		case !known || !alsoKnown:
		case keyLevel < 2 || signatureLevel < 2: // the level that Debian builds OpenSSL with
			predicted = pki.VerdictRefused
		default:
			predicted = pki.VerdictAccepted
		}
		same(t, name+": ssl_certificate", predicted, accepts(t, folder, leaf.CertPEM,
			"listen unix:%[1]s/s ssl; ssl_certificate %[1]s/file; ssl_certificate_key %[1]s/weak.key;"))
	}
}
