package pki_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

var update = flag.Bool("update", false, "rewrite the seed inputs in testdata/fuzz")

const throwAway = "THROW-AWAY test material, minted by pki/pkitest: worth nothing.\n"

// parseSeeds and pairSeeds are the seed inputs by file name. They are minted, so TestSeeds can tell whether the files are current.
func parseSeeds() map[string]string {
	m := mint()
	root := m.Root("root")
	a, b := root.CertPEM, m.Intermediate(root, "int").CertPEM
	return map[string]string{
		"chain":     throwAway + a + b,
		"glued":     strings.TrimSpace(a) + b,
		"truncated": a + withoutLast(b),
		"bom-crlf":  "\ufeff" + strings.ReplaceAll(a, "\n", "\r\n"),
		"key-crl":   throwAway + a + root.KeyPEM + m.CRL(root),
		"headers":   insert(a, 2, "Comment: x\n\n"),
	}
}

func pairSeeds() map[string][2]string {
	m := mint()
	leaf := m.Leaf(nil, "a.test")
	return map[string][2]string{
		"match":    {leaf.CertPEM, throwAway + leaf.KeyPEM},
		"ec":       {leaf.CertPEM, throwAway + leaf.ECKeyPEM()},
		"mismatch": {leaf.CertPEM, throwAway + m.Leaf(nil, "b.test").KeyPEM},
		"rsa":      {rsaCert, throwAway + rsaKey},
	}
}

// TestSeeds compares the seed inputs with what is minted, or writes them.
func TestSeeds(t *testing.T) {
	files := map[string]string{}
	for name, text := range parseSeeds() {
		files["FuzzParse/"+name] = "go test fuzz v1\n[]byte(" + strconv.Quote(text) + ")\n"
	}
	for name, pair := range pairSeeds() {
		files["FuzzCheckPair/"+name] = fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n[]byte(%q)\n", pair[0], pair[1])
	}
	for name, want := range files {
		file := filepath.Join("testdata", "fuzz", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s: not current (%v); run go test ./pki -run TestSeeds -update", file, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	cache := pki.NewCache(16)
	f.Fuzz(func(t *testing.T, text []byte) {
		before := slices.Clone(text)
		got := pki.Parse(text)
		consistent(t, text, got)
		if needed, known := got.Depth(); needed < 1 || (known && needed > max(1, len(got.Certificates))) {
			t.Errorf("depth %d known %v of %d certificates", needed, known, len(got.Certificates))
		}
		for _, c := range got.Certificates {
			h := pki.Handshake{Trusted: got, Sent: append([]*pki.Certificate{c}, got.Certificates...)}
			if n, known := h.Intermediates(); known && (n < 0 || n > len(got.Certificates)) {
				t.Errorf("%d intermediates", n)
			}
		}
		for i, need := range slices.Concat(got.Needs(now), got.Needs(time.Time{})) {
			if need < -1 || need >= len(got.Certificates) {
				t.Errorf("need %d of %d is %d", i, len(got.Certificates), need)
			}
		}
		onPath := map[int]bool{}
		for _, i := range got.Chain().Path {
			if onPath[i] {
				t.Errorf("%d stands on the path twice", i)
			}
			onPath[i] = true
		}
		if joined := pki.Join(got, got); len(joined.Certificates) != len(got.Certificates) || joined.OpenSSL != got.OpenSSL {
			t.Errorf("joined with itself: %d certificates, %v", len(joined.Certificates), joined.OpenSSL)
		}
		for _, again := range []*pki.Bundle{cache.Parse(text), cache.Parse(text)} {
			if !same(got, again) {
				t.Error("the cache gives another result")
			}
		}
		if !slices.Equal(text, before) {
			t.Error("the input was changed")
		}
		pki.Opaque(string(text))
	})
}

// same compares what is exported.
func same(a, b *pki.Bundle) bool {
	return a.Hash == b.Hash && a.Go == b.Go && a.OpenSSL == b.OpenSSL && a.GoCertificates == b.GoCertificates &&
		a.OpenSSLCertificates == b.OpenSSLCertificates && a.Truncated == b.Truncated && slices.Equal(a.Lines, b.Lines) &&
		reflect.DeepEqual(a.Defects, b.Defects) && slices.Equal(a.Distances(), b.Distances()) &&
		slices.EqualFunc(a.Certificates, b.Certificates, func(x, y *pki.Certificate) bool { return x.Hash == y.Hash && x.SPKI == y.SPKI })
}

func FuzzParseCRL(f *testing.F) {
	m := mint()
	root := m.Root("root")
	for _, text := range parseSeeds() {
		f.Add([]byte(text))
	}
	f.Add([]byte(m.CRL(root) + m.CRLUntil(now.Add(-time.Hour), root, m.Leaf(root, "a.test"))))
	b := bundle(root)
	f.Fuzz(func(t *testing.T, text []byte) {
		got := pki.ParseCRL(text)
		if got.OpenSSL == pki.VerdictRefused && !got.Truncated && len(got.Lists)+len(got.Certificates) > 0 && got.Go == pki.VerdictUnknown {
			t.Error("the controller's verdict is known of any text that is whole")
		}
		for _, l := range got.Lists {
			if l.Line < 1 || l.Revoked < 0 {
				t.Errorf("%+v", l)
			}
		}
		if without := got.Unlisted(b, now); len(without) > 1 {
			t.Errorf("%v of one certificate", without)
		}
		pki.Handshake{Trusted: b, Sent: b.Certificates, CRLs: got, At: now}.Answer()
	})
}

func FuzzCheckPair(f *testing.F) {
	leaf := mint().Leaf(nil, "a.test")
	f.Fuzz(func(t *testing.T, certPEM, keyPEM []byte) {
		got := pki.CheckPair(certPEM, keyPEM)
		if got == pki.PairUnknown || got.String() == "unknown" {
			t.Error("no answer")
		}
		// A key belongs to one certificate's key only.
		if other := pki.CheckPair([]byte(leaf.CertPEM), keyPEM); got == pki.PairMatch && other != pki.PairMatch && other != pki.PairMismatch {
			t.Errorf("the key matches one certificate, and is %v beside another", other)
		}
	})
}

func chain() []byte {
	m := mint()
	root := m.Root("root")
	i1 := m.Intermediate(root, "i1")
	return []byte(pkitest.Bundle(root, i1, m.Intermediate(i1, "i2")))
}

// BenchmarkParse reads a bundle of three; BenchmarkParseCached is the hot path of the inventory.
func BenchmarkParse(b *testing.B) {
	text := chain()
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		pki.Parse(text)
	}
}

func BenchmarkParseCached(b *testing.B) {
	text, cache := chain(), pki.NewCache(16)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		cache.Parse(text)
	}
}

// BenchmarkParseShared reads texts that are new but whose certificates are known: one CA in a thousand Secrets.
func BenchmarkParseShared(b *testing.B) {
	text, cache := chain(), pki.NewCache(16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		cache.Parse(append([]byte(strconv.Itoa(i)+"\n"), text...))
	}
}

// BenchmarkDepth includes the parse from known certificates, since a bundle computes its depth once.
func BenchmarkDepth(b *testing.B) {
	text, cache := chain(), pki.NewCache(16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if needed, known := cache.Parse(append([]byte(strconv.Itoa(i)+"\n"), text...)).Depth(); needed != 2 || !known {
			b.Fatal(needed, known)
		}
	}
}

func BenchmarkDepthAgain(b *testing.B) {
	bundle := pki.Parse(chain())
	b.ReportAllocs()
	for b.Loop() {
		bundle.Depth()
	}
}

func BenchmarkCheckPair(b *testing.B) {
	leaf := mint().Leaf(nil, "a.test")
	cert, key := []byte(leaf.CertPEM), []byte(leaf.KeyPEM)
	b.ReportAllocs()
	for b.Loop() {
		pki.CheckPair(cert, key)
	}
}

// BenchmarkParseLargest reads and measures a megabyte of different CAs under one root, of which the limits allow 1024.
func BenchmarkParseLargest(b *testing.B) {
	m := mint()
	root := m.Root("root")
	var text strings.Builder
	text.WriteString(root.CertPEM)
	for i := 0; text.Len() < 1<<20-1024; i++ {
		text.WriteString(m.Intermediate(root, strconv.Itoa(i)).CertPEM)
	}
	b.ReportAllocs()
	for b.Loop() {
		pki.Parse([]byte(text.String())).Depth()
	}
}
