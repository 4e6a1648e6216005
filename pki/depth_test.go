package pki_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

func bundle(list ...*pkitest.Issued) *pki.Bundle { return pki.Parse([]byte(pkitest.Bundle(list...))) }

// TestDepth holds the rows of the depth matrix (measured with nginx 1.22 and 1.27 and openssl verify 3.0) that a bundle decides.
func TestDepth(t *testing.T) {
	m := mint()
	root := m.Root("root")
	i1 := m.Intermediate(root, "i1")
	i2 := m.Intermediate(i1, "i2")
	i3 := m.Intermediate(i2, "i3")
	oldRoot, newRoot := m.Root("old"), m.Root("new")
	cross := m.Intermediate(oldRoot, "new")
	under := m.Intermediate(newRoot, "under")
	// Two roots that signed each other and were both left out: a circle.
	circle := []*pkitest.Issued{m.Intermediate(newRoot, "old"), cross}
	rekeyed := m.With(pkitest.Key("root, second key")).Root("root")
	plain := m.With(pkitest.NoBasicConstraints()).Intermediate(root, "plain") // OpenSSL has been strict with intermediates since 3.0
	bare := m.With(pkitest.NoBasicConstraints()).Root("bare")                 // and is not with roots
	notCA := m.With(pkitest.NotCA()).Intermediate(root, "not a CA")
	tests := map[string]struct {
		bundle *pki.Bundle
		needed int
		known  bool
		dist   []int
		shadow []int
	}{
		"nothing":                       {pki.Parse(nil), 1, false, nil, nil},
		"root":                          {bundle(root), 1, true, []int{0}, nil},
		"root+i1":                       {bundle(root, i1), 1, true, []int{0, 1}, nil},
		"root+i1+i2":                    {bundle(root, i1, i2), 2, true, []int{0, 1, 2}, nil},
		"root+i1+i2+i3":                 {bundle(root, i1, i2, i3), 3, true, []int{0, 1, 2, 3}, nil},
		"any order":                     {bundle(i3, i1, root, i2), 3, true, []int{3, 1, 0, 2}, nil},
		"duplicates":                    {bundle(root, i1, root, i1), 1, true, []int{0, 1}, nil},
		"i1 only":                       {bundle(i1), 1, false, []int{-1}, nil},
		"i1+i2":                         {bundle(i1, i2), 1, false, []int{-1, -1}, nil},
		"root+i2: the middle is absent": {bundle(root, i2), 1, true, []int{0, -1}, nil},
		"a CA-signed leaf":              {bundle(m.Leaf(root, "a.test")), 1, false, []int{-1}, nil},
		"a self-signed leaf":            {bundle(m.Leaf(nil, "a.test")), 1, true, []int{0}, nil},
		"a leaf counts for nothing":     {bundle(root, i1, m.Leaf(i1, "a.test")), 1, true, []int{0, 1, 2}, nil},
		"old root":                      {bundle(oldRoot), 1, true, []int{0}, nil},
		"both roots":                    {bundle(oldRoot, newRoot), 1, true, []int{0, 0}, nil},
		"old root + the cross cert":     {bundle(oldRoot, cross), 1, true, []int{0, 1}, nil},
		"cross cert behind the root":    {bundle(oldRoot, newRoot, cross, under), 1, true, []int{0, 0, 1, 1}, nil},
		"cross cert before the root":    {bundle(cross, newRoot, oldRoot, under), 2, true, []int{1, 0, 0, 2}, nil},
		"cross cert without old root":   {bundle(newRoot, cross, under), 1, true, []int{0, -1, 1}, nil},
		"the same, cross first":         {bundle(cross, newRoot, under), 1, true, []int{-1, 0, 1}, []int{2}},
		"circle":                        {bundle(circle...), 1, false, []int{-1, -1}, nil},
		"circle and a root":             {bundle(append(circle, newRoot)...), 2, true, []int{1, 2, 0}, []int{0, 1}},
		"same name, another key":        {bundle(rekeyed, i1), 1, true, []int{0, -1}, nil},
		"CA without basic constraints":  {bundle(root, plain, m.Intermediate(plain, "below")), 1, true, []int{0, 1, -1}, nil},
		"root without them":             {bundle(bare, m.Intermediate(bare, "below")), 1, true, []int{0, 1}, nil},
		"CA:FALSE issues nothing":       {bundle(root, notCA, m.Intermediate(notCA, "below")), 1, true, []int{0, 1, -1}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			needed, known := tt.bundle.Depth()
			if needed != tt.needed || known != tt.known {
				t.Errorf("depth %d known %v, want %d %v", needed, known, tt.needed, tt.known)
			}
			if got := tt.bundle.Distances(); !slices.Equal(got, tt.dist) {
				t.Errorf("distances %v, want %v", got, tt.dist)
			}
			if got := tt.bundle.Shadowed(); !slices.Equal(got, tt.shadow) {
				t.Errorf("shadowed %v, want %v", got, tt.shadow)
			}
		})
	}
	if pki.EnvoyDepth(1) != 2 {
		t.Error("Envoy counts the trust anchor")
	}
}

// TestDepthBounded: many certificates of one name, none of which signed another, must not cost a check for each pair.
func TestDepthBounded(t *testing.T) {
	m := mint()
	issuer := m.Root("issuer")
	list := []*pkitest.Issued{m.Intermediate(issuer, "child")}
	for i := range 60 {
		// An issuer of another key with the same name and, to get past the key identifiers, a copy of the child's idea of it.
		list = append(list, m.With(pkitest.Key(fmt.Sprint(i)), pkitest.KeyID(issuer.Certificate.SubjectKeyId)).Intermediate(m.Root(fmt.Sprint(i)), "issuer"))
	}
	for i := range 60 {
		list = append(list, m.With(pkitest.Key(fmt.Sprint(i))).Intermediate(issuer, "child"))
	}
	b := bundle(append(list, m.Root("other"))...)
	if needed, known := b.Depth(); known || needed != 1 {
		t.Errorf("depth %d known %v beyond the budget", needed, known)
	}
}
