package pki_test

import (
	"crypto/x509/pkix"
	"testing"

	"github.com/tlsward/tlsward/pki/pkitest"
)

func TestCovers(t *testing.T) {
	m := mint()
	common := func(name string) *pkitest.Mint { return m.With(pkitest.Subject(pkix.Name{CommonName: name})) }
	tests := map[string]struct {
		issued *pkitest.Issued
		// For each host what Covers, CoversForController and CoversForNginx say: y or n.
		hosts map[string]string
	}{
		"exact": {m.Leaf(nil, "api.shop.test"), map[string]string{
			"api.shop.test": "yyy", "API.Shop.Test": "yyy", "api.shop.test.": "yyn", "www.shop.test": "nnn", "a.api.shop.test": "nnn", "": "nnn",
			"*.shop.test": "nnn", ".shop.test": "nny",
		}},
		"wildcard": {m.Leaf(nil, "*.shop.test"), map[string]string{
			"api.shop.test": "yyy", "a.api.shop.test": "nnn", "shop.test": "nnn", "*.shop.test": "yyy", "xn--bcher-kva.shop.test": "yyy",
			"a_b.shop.test": "nyn",
		}},
		"wildcard of a top-level domain": {m.Leaf(nil, "*.test"), map[string]string{"shop.test": "nyn", "*.test": "yyy"}},
		"star":                           {m.Leaf(nil, "*"), map[string]string{"test": "nyn", "shop.test": "nnn"}},
		"star within a label":            {m.Leaf(nil, "api*.shop.test"), map[string]string{"api1.shop.test": "nny", "api.shop.test": "nny", "ap.shop.test": "nnn"}},
		"star further right":             {m.Leaf(nil, "api.*.test"), map[string]string{"api.shop.test": "nnn"}},
		"several":                        {m.Leaf(nil, "a.test", "*.shop.test"), map[string]string{"a.test": "yyy", "b.shop.test": "yyy"}},
		"addresses": {m.With(pkitest.IPs("192.0.2.1", "2001:db8::1")).Leaf(nil, "a.test"), map[string]string{
			"192.0.2.1": "yyn", "[2001:db8::1]": "yyn", "2001:DB8:0::1": "yyn", "192.0.2.2": "nnn",
		}},
		"common name":             {common("api.shop.test").Leaf(nil), map[string]string{"api.shop.test": "nyy", "api.shop.test.": "nyn", "192.0.2.1": "nnn"}},
		"common name, wildcard":   {common("*.shop.test").Leaf(nil), map[string]string{"api.shop.test": "nyy"}},
		"common name and another": {common("api.shop.test").Leaf(nil, "a.test"), map[string]string{"api.shop.test": "nnn", "a.test": "yyy"}},
		"common name, address":    {common("192.0.2.1").Leaf(nil), map[string]string{"192.0.2.1": "nny", "[192.0.2.1]": "nnn"}},
		"nothing":                 {common("").Leaf(nil), map[string]string{"a.test": "nnn", "": "nnn", ".": "nnn"}},
	}
	letter := map[bool]string{true: "y", false: "n"}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := bundle(tt.issued).Certificates[0]
			for host, want := range tt.hosts {
				got := letter[c.Covers(host)] + letter[c.CoversForController(host)] + letter[c.CoversForNginx(host)]
				if got != want {
					t.Errorf("%q: got %s, want %s", host, got, want)
				}
			}
		})
	}
}
