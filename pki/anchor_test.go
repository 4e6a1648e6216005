package pki_test

import (
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/pki/pkitest"
)

func TestAnchored(t *testing.T) {
	m := mint()
	root, again := m.Root("root"), pkitest.New("again", time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)).Root("root")
	between := m.Intermediate(root, "between")
	leaf, deep, self := m.Leaf(root, "a.test"), m.Leaf(between, "b.test"), m.Leaf(nil, "self.test")
	left, right := m.Root("left"), m.Root("right")
	circle := []*pkitest.Issued{m.Leaf(right, "c.test"), m.Intermediate(left, "right"), m.Intermediate(right, "left")}
	tests := map[string]struct {
		shown, trust *pki.Bundle
		want         bool
	}{
		"its issuer":                        {bundle(leaf), bundle(root), true},
		"two roots of one name":             {bundle(leaf), bundle(again, root), true},
		"another root of the same name":     {bundle(leaf), bundle(again), false},
		"through one that is shown":         {bundle(deep, between), bundle(root), true},
		"through one that is not":           {bundle(deep), bundle(root), false},
		"trusted between":                   {bundle(deep), bundle(between), true},
		"itself":                            {bundle(self), bundle(self), true},
		"signed by itself, and not trusted": {bundle(self), bundle(root), false},
		"nothing trusted":                   {bundle(leaf), bundle(), false},
		"nothing shown":                     {bundle(), bundle(root), false},
		"a circle":                          {bundle(circle...), bundle(root), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.shown.Anchored(tt.trust); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
