package pki_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// mint returns the mint of all tests here: every certificate is minted at a fixed time, so nothing ever expires.
func mint() *pkitest.Mint {
	return pkitest.New("pki", time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC))
}

// eachLine changes every line of a text.
func eachLine(text string, change func(line string) string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = change(line)
		}
	}
	return strings.Join(lines, "")
}

// insert puts text before line n (from 1).
func insert(text string, n int, piece string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(slices.Insert(lines, n-1, piece), "")
}

func relabel(text, label string) string { return strings.ReplaceAll(text, "CERTIFICATE", label) }

func withoutLast(text string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	return strings.Join(lines[:len(lines)-1], "")
}

// TestHygiene holds the PEM facts measured on ingress-nginx and nginx: what is said, at which line, and which of the two refuses.
func TestHygiene(t *testing.T) {
	m := mint()
	root := m.Root("root")
	a, b := root.CertPEM, m.Intermediate(root, "int").CertPEM
	der, _ := pem.Decode([]byte(a))
	next := 1 + strings.Count(a, "\n") // the line after a
	indent := func(line string) string { return "  " + line }
	const (
		yes = pki.VerdictAccepted
		no  = pki.VerdictRefused
	)
	at := func(kind pki.Kind, line int) string { return fmt.Sprintf("%s:%d", kind, line) }
	tests := map[string]struct {
		text      string
		want      []string // kind:line
		holds     int      // Certificates
		inGo      pki.Verdict
		inOpenSSL pki.Verdict
	}{
		"one":                          {a, nil, 1, yes, yes},
		"two":                          {a + b, nil, 2, yes, yes},
		"CRLF":                         {strings.ReplaceAll(a+b, "\n", "\r\n"), nil, 2, yes, yes},
		"prose between blocks":         {"Root: x\n" + a + "\nand 中 the next\n" + b + "bye", nil, 2, yes, yes},
		"no final newline":             {strings.TrimSpace(a + b), nil, 2, yes, yes},
		"space behind the markers":     {strings.ReplaceAll(a, "-----\n", "----- \t\n"), nil, 1, yes, yes},
		"base64 on one line":           {"-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(der.Bytes) + "\n-----END CERTIFICATE-----", nil, 1, yes, yes},
		"base64 indented":              {strings.ReplaceAll(eachLine(a, indent), "  -----", "-----"), nil, 1, yes, yes},
		"duplicate":                    {a + a, []string{at(pki.DuplicateCertificate, next)}, 1, yes, yes},
		"empty":                        {"", []string{at(pki.NoCertificate, 1)}, 0, no, no},
		"prose only":                   {"\n\nto be done\n", []string{at(pki.NoCertificate, 1)}, 0, no, no},
		"truncated":                    {withoutLast(a), []string{at(pki.TruncatedBlock, 1)}, 0, no, no},
		"truncated after a good one":   {a + withoutLast(b), []string{at(pki.TruncatedBlock, next)}, 1, yes, no},
		"END line missing in between":  {withoutLast(a) + b, []string{at(pki.TruncatedBlock, 1)}, 0, yes, yes},
		"cut in the middle of base64":  {insert(a, 4, b), []string{at(pki.TruncatedBlock, 1), at(pki.TruncatedBlock, next-1+strings.Count(b, "\n"))}, 0, yes, no},
		"END without BEGIN":            {a + "-----END CERTIFICATE-----\n", []string{at(pki.TruncatedBlock, next)}, 1, yes, yes},
		"indented":                     {eachLine(a, indent), []string{at(pki.IndentedMarker, 1)}, 0, no, no},
		"indented after a good one":    {a + eachLine(b, indent), []string{at(pki.IndentedMarker, next)}, 1, yes, yes},
		"END indented":                 {a + strings.ReplaceAll(b, "-----END", " -----END"), []string{at(pki.IndentedMarker, next+strings.Count(b, "\n")-1)}, 1, yes, no},
		"glued":                        {strings.TrimSpace(a) + b, []string{at(pki.GluedMarkers, next-1)}, 0, no, no},
		"glued after a good one":       {a + strings.TrimSpace(a) + b, []string{at(pki.GluedMarkers, 2*next-2)}, 1, yes, no},
		"glued before a good one":      {strings.TrimSpace(a) + b + a, []string{at(pki.GluedMarkers, next-1)}, 1, yes, no},
		"folded":                       {strings.ReplaceAll(a, "\n", " "), []string{at(pki.GluedMarkers, 1)}, 0, no, no},
		"commented out":                {a + eachLine(b, func(l string) string { return "# " + l }), []string{at(pki.GluedMarkers, next)}, 1, yes, yes},
		"byte order mark":              {"\ufeff" + a, []string{at(pki.ByteOrderMark, 1)}, 0, no, yes},
		"byte order mark, two":         {"\ufeff" + a + b, []string{at(pki.ByteOrderMark, 1)}, 1, yes, yes},
		"byte order mark pasted":       {a + "\ufeff" + b, []string{at(pki.ByteOrderMark, next)}, 1, yes, yes},
		"byte order mark, prose":       {"\ufeffRoot\n" + a, nil, 1, yes, yes},
		"DER":                          {string(der.Bytes), []string{at(pki.Binary, 1)}, 0, no, pki.VerdictRefused},
		"encoded twice":                {base64.StdEncoding.EncodeToString([]byte(a)), []string{at(pki.EncodedTwice, 1)}, 0, no, no},
		"CRL appended":                 {a + m.CRL(root), []string{at(pki.RevocationList, next)}, 1, no, yes},
		"CRL is no CRL":                {a + relabel(b, "X509 CRL"), []string{at(pki.RevocationList, next)}, 1, yes, pki.VerdictUnknown},
		"private key":                  {a + root.KeyPEM, []string{at(pki.PrivateKey, next)}, 1, no, yes},
		"EC private key":               {a + root.ECKeyPEM(), []string{at(pki.PrivateKey, next)}, 1, no, yes},
		"key only":                     {root.KeyPEM, []string{at(pki.PrivateKey, 1)}, 0, no, no},
		"request":                      {a + "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", []string{at(pki.ForeignBlock, next)}, 1, no, yes},
		"trusted only":                 {relabel(a, "TRUSTED CERTIFICATE"), []string{at(pki.TrustedCertificate, 1)}, 0, yes, no},
		"trusted after a good one":     {a + relabel(b, "TRUSTED CERTIFICATE"), []string{at(pki.TrustedCertificate, next)}, 1, yes, yes},
		"the old label":                {relabel(a, "X509 CERTIFICATE"), []string{at(pki.ForeignBlock, 1)}, 0, yes, yes},
		"END of another type":          {strings.ReplaceAll(a, "END CERTIFICATE", "END X509 CRL"), []string{at(pki.MalformedBlock, next-1)}, 0, no, no},
		"BEGIN without its dashes":     {strings.Replace(a, "-----\n", "\n", 1), []string{at(pki.MalformedBlock, 1)}, 0, no, no},
		"broken base64":                {a + insert(b, 4, "*\n"), []string{at(pki.MalformedBlock, next)}, 1, yes, no},
		"no certificate inside":        {a + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", []string{at(pki.MalformedBlock, next)}, 1, no, no},
		"nothing inside":               {a + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", []string{at(pki.MalformedBlock, next)}, 1, no, no},
		"bytes behind the certificate": {string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: append(slices.Clone(der.Bytes), 5, 0)})), []string{at(pki.MalformedBlock, 1)}, 0, no, yes},
		"empty line inside":            {insert(a, 4, "\n"), []string{at(pki.MalformedBlock, 4)}, 0, yes, no},
		"empty line first":             {insert(a, 2, "\n"), nil, 1, yes, yes},
		"headers":                      {insert(a, 2, "Comment: x\n\n"), []string{at(pki.BlockHeaders, 2)}, 0, yes, no},
		"two faults":                   {insert(a, 4, "*\n") + root.KeyPEM, []string{at(pki.MalformedBlock, 1), at(pki.PrivateKey, next+1)}, 0, no, no},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := pki.Parse([]byte(tt.text))
			var kinds []string
			for _, d := range got.Defects {
				kinds = append(kinds, at(d.Kind, d.Line))
			}
			if !slices.Equal(kinds, tt.want) || len(got.Certificates) != tt.holds || got.Go != tt.inGo || got.OpenSSL != tt.inOpenSSL {
				t.Errorf("got %v, %d certificates, Go %v, OpenSSL %v\nwant %v, %d, %v, %v",
					kinds, len(got.Certificates), got.Go, got.OpenSSL, tt.want, tt.holds, tt.inGo, tt.inOpenSSL)
			}
			if got.Truncated {
				t.Error("truncated")
			}
			consistent(t, []byte(tt.text), got)
		})
	}
}

// consistent holds what must be true of every bundle.
func consistent(t *testing.T, text []byte, b *pki.Bundle) {
	t.Helper()
	lines := 1 + strings.Count(string(text), "\n")
	last, failsGo, failsOpenSSL := 1, 0, 0
	for _, d := range b.Defects {
		if d.Line < last || d.Line > lines || d.Message == "" || d.Kind == "" {
			t.Errorf("defect %+v: out of order, outside the %d lines, or empty", d, lines)
		}
		last = max(last, d.Line)
		if d.FailsGo {
			failsGo++
		}
		if d.FailsOpenSSL {
			failsOpenSSL++
		}
	}
	if !b.Truncated && (failsGo == 1) != (b.Go == pki.VerdictRefused) || failsGo > 1 {
		t.Errorf("%d defects fail Go, verdict %v", failsGo, b.Go)
	}
	if !b.Truncated && (failsOpenSSL == 1) != (b.OpenSSL == pki.VerdictRefused) || failsOpenSSL > 1 {
		t.Errorf("%d defects fail OpenSSL, verdict %v", failsOpenSSL, b.OpenSSL)
	}
	if len(b.Certificates) == 0 && len(b.Defects) == 0 && !b.Truncated {
		t.Error("no certificate, and nothing said about it")
	}
	if len(b.Lines) != len(b.Certificates) || len(b.Distances()) != len(b.Certificates) {
		t.Errorf("%d certificates, %d lines, %d distances", len(b.Certificates), len(b.Lines), len(b.Distances()))
	}
	seen := map[string]bool{}
	for i, c := range b.Certificates {
		if seen[c.Hash] || len(c.Hash) != 64 {
			t.Errorf("certificate %d: hash %q twice or odd", i, c.Hash)
		}
		seen[c.Hash] = true
		if b.Lines[i] < 1 || b.Lines[i] > lines || (i > 0 && b.Lines[i] <= b.Lines[i-1]) {
			t.Errorf("certificate %d at line %d of %d", i, b.Lines[i], lines)
		}
	}
	if b.Go == pki.VerdictAccepted && b.GoCertificates < len(b.Certificates) {
		t.Errorf("Go holds %d of %d certificates", b.GoCertificates, len(b.Certificates))
	}
}

// TestNoKeyInMessages feeds keys in every wrong shape: what is said about them must not repeat them.
func TestNoKeyInMessages(t *testing.T) {
	key := mint().Root("root").KeyPEM
	body := strings.Split(key, "\n")[1]
	shapes := []string{
		key, strings.ReplaceAll(key, "\n", " "), strings.ReplaceAll(key, "\n", ""), withoutLast(key), key + strings.TrimSpace(key) + key,
		"-----BEGIN " + body + "-----\n" + body + "\n-----END " + body + "-----\n", eachLine(key, func(l string) string { return "# " + l }),
	}
	for _, text := range shapes {
		for _, d := range pki.Parse([]byte(text)).Defects {
			if strings.Contains(d.Message, body[:8]) {
				t.Errorf("message quotes the key: %s", d.Message)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	root := mint().Root("root").CertPEM
	long := pki.Parse([]byte(root + strings.Repeat("# padding\n", 1<<20/10) + root))
	if !long.Truncated || len(long.Certificates) != 1 || len(long.Defects) != 0 || long.Go != pki.VerdictUnknown {
		t.Errorf("long: truncated %v, %d certificates, defects %v, Go %v", long.Truncated, len(long.Certificates), long.Defects, long.Go)
	}
	many := pki.Parse([]byte(strings.Repeat(root, 1100)))
	if !many.Truncated || len(many.Certificates) != 1 || many.OpenSSL != pki.VerdictUnknown {
		t.Errorf("many: truncated %v, %d certificates, OpenSSL %v", many.Truncated, len(many.Certificates), many.OpenSSL)
	}
	odd := pki.Parse([]byte(strings.Repeat("-----BEGIN CERTIFICATE-----\n", 50000)))
	if !odd.Truncated || len(odd.Defects) > 100 {
		t.Errorf("odd: truncated %v, %d defects", odd.Truncated, len(odd.Defects))
	}
	for _, b := range []*pki.Bundle{long, many} {
		if needed, known := b.Depth(); known || needed != 1 {
			t.Errorf("depth %d known %v of a truncated text", needed, known)
		}
	}
}

func TestCache(t *testing.T) {
	m := mint()
	root := m.Root("root")
	one, two := []byte(root.CertPEM), []byte(root.CertPEM+m.Intermediate(root, "int").CertPEM)
	cache := pki.NewCache(8)
	if cache.Parse(one) != cache.Parse(slices.Clone(one)) {
		t.Error("the same text was parsed twice")
	}
	if cache.Parse(one).Certificates[0] != cache.Parse(two).Certificates[0] {
		t.Error("the same certificate was parsed twice")
	}
	if n := testing.AllocsPerRun(10, func() { cache.Parse(two) }); n != 0 {
		t.Errorf("a hit allocates %v times", n)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 64 {
				text := fmt.Sprintf("%d\n%s", (i+j)%24, two)
				if b := cache.Parse([]byte(text)); len(b.Certificates) != 2 || len(b.Distances()) != 2 {
					t.Errorf("%d certificates", len(b.Certificates))
				}
			}
		})
	}
	group.Wait()
}
