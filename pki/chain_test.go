package pki_test

import (
	"reflect"
	"testing"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

func TestChain(t *testing.T) {
	m := mint()
	root, other := m.Root("root"), m.Root("other")
	i1 := m.Intermediate(root, "i1")
	i2 := m.Intermediate(i1, "i2")
	leaf, second, self := m.Leaf(i2, "a.test"), m.Leaf(i2, "b.test"), m.Leaf(nil, "self.test")
	oldRoot, newRoot := m.Root("old"), m.Root("new")
	circle := []*pkitest.Issued{m.Intermediate(newRoot, "old"), m.Intermediate(oldRoot, "new")}
	tests := map[string]struct {
		bundle *pki.Bundle
		want   pki.Chain
	}{
		"nothing":         {pki.Parse(nil), pki.Chain{Leaf: -1}},
		"leaf":            {bundle(leaf), pki.Chain{Leaf: 0, Path: []int{0}, Ordered: true, Next: "CN=i2"}},
		"leaf+i2+i1":      {bundle(leaf, i2, i1), pki.Chain{Leaf: 0, Path: []int{0, 1, 2}, Ordered: true, Next: "CN=root"}},
		"with the root":   {bundle(leaf, i2, i1, root), pki.Chain{Leaf: 0, Path: []int{0, 1, 2, 3}, Ordered: true, Root: true}},
		"upside down":     {bundle(root, i1, i2, leaf), pki.Chain{Leaf: 3, Path: []int{3, 2, 1, 0}, Root: true}},
		"i1 before i2":    {bundle(leaf, i1, i2), pki.Chain{Leaf: 0, Path: []int{0, 2, 1}, Next: "CN=root"}},
		"i2 missing":      {bundle(leaf, i1), pki.Chain{Leaf: 0, Path: []int{0}, Next: "CN=i2"}},
		"a stranger":      {bundle(leaf, i2, other), pki.Chain{Leaf: 0, Path: []int{0, 1}, Next: "CN=i1"}},
		"two leaves":      {bundle(leaf, second, i2), pki.Chain{Leaf: -1, Path: []int{0, 2}, Next: "CN=i1"}},
		"self-signed":     {bundle(self), pki.Chain{Leaf: 0, Path: []int{0}, Ordered: true}},
		"a root":          {bundle(root), pki.Chain{Leaf: 0, Path: []int{0}, Ordered: true}},
		"duplicates":      {bundle(leaf, i2, leaf), pki.Chain{Leaf: 0, Path: []int{0, 1}, Ordered: true, Next: "CN=i1"}},
		"roots alone":     {bundle(root, other), pki.Chain{Leaf: -1, Path: []int{0}}},
		"a circle":        {bundle(circle...), pki.Chain{Leaf: -1, Path: []int{0, 1}, Next: "CN=old"}},
		"leaf and circle": {bundle(append([]*pkitest.Issued{m.Leaf(newRoot, "a.test")}, circle...)...), pki.Chain{Leaf: 0, Path: []int{0, 2, 1}, Next: "CN=new"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := tt.bundle.Chain()
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if got.LeafFirst() != (tt.want.Leaf == 0) {
				t.Error("leaf first")
			}
		})
	}
}
