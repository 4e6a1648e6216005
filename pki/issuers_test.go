package pki_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestIssuers: who made the signature, and nobody of the same name; both of a cross-signed CA.
func TestIssuers(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	mint, other := pkitest.New("issuers", now), pkitest.New("others", now)
	root, namesake, second := mint.Root("Root"), other.Root("Root"), mint.Root("Second")
	crossed := mint.Intermediate(second, "Root") // the root's own name and key, signed by another
	leaf, alone := mint.Leaf(root, "a.test"), mint.Leaf(mint.Root("Elsewhere"), "b.test")
	var list []*pki.Certificate
	for _, c := range []*pkitest.Issued{leaf, root, namesake, crossed, second, alone} {
		list = append(list, pki.Parse([]byte(c.CertPEM)).Certificates...)
	}
	issuers, complete := pki.Issuers(list)
	want := [][]int{{1, 3}, nil, nil, {4}, nil, nil}
	if !complete || !slices.EqualFunc(issuers, want, slices.Equal) {
		t.Errorf("%v, %t, want %v", issuers, complete, want)
	}
	// Many CAs of one name cost no more than is spent on them.
	for i := range 200 {
		for _, c := range []*pkitest.Issued{pkitest.New(fmt.Sprint(i), now).With(pkitest.NotAfter(now.AddDate(1, 0, i))).Root("Same")} {
			list = append(list, pki.Parse([]byte(c.CertPEM)).Certificates...)
		}
	}
	if issuers, complete = pki.Issuers(list); !complete || !slices.Equal(issuers[0], want[0]) {
		t.Errorf("beside many roots: %v, %t", issuers[0], complete)
	}
}
