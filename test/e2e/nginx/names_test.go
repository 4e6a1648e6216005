package nginx

import (
	"crypto/x509/pkix"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestNames: which certificate nginx takes for which proxy_ssl_name.
func TestNames(t *testing.T) {
	m := pkitest.New("names", time.Now())
	root := m.Root("root")
	var chains []chain
	for _, pattern := range []string{
		"api.shop.test", "API.Shop.Test", "api.shop.test.", "*.shop.test", "*.SHOP.test", "*.test", "*", "a*.shop.test", "*i.shop.test",
		"a*i.shop.test", "api*.shop.test", "api-*.shop.test", "*-api.shop.test", "api.*.test", "*.*.test", "**.shop.test", "xn--*.shop.test",
		"*xn--bcher-kva.shop.test", "*.xn--bcher-kva.test", "*.-shop.test", "*.shop-.test", "*.shop..test", "*.shop_x.test", "192.0.2.1", ".shop.test",
	} {
		chains = append(chains, present(t, pattern, m.Leaf(root, pattern)))
	}
	common := func(name string) *pkitest.Mint { return m.With(pkitest.Subject(pkix.Name{CommonName: name})) }
	chains = append(chains,
		present(t, "CN alone", common("api.shop.test").Leaf(root)), present(t, "CN wildcard", common("*.shop.test").Leaf(root)),
		present(t, "CN beside another DNS name", common("api.shop.test").Leaf(root, "www.shop.test")),
		present(t, "CN beside an address", common("api.shop.test").With(pkitest.IPs("192.0.2.1")).Leaf(root)),
		present(t, "CN beside mail", common("api.shop.test").With(pkitest.Emails("a@shop.test")).Leaf(root)),
		present(t, "CN address", common("192.0.2.1").Leaf(root)), present(t, "CN upper case", common("API.SHOP.TEST").Leaf(root)),
		present(t, "several", m.Leaf(root, "www.shop.test", "*.shop.test", "shop.test")), present(t, "no name", common("").Leaf(root)),
	)
	names := []string{
		"api.shop.test", "API.shop.TEST", "api.shop.test.", "a.b.shop.test", "shop.test", "a.test", "test", "*.shop.test", "a_b.shop.test",
		"a.shop.test", "ai.shop.test", "api-.shop.test", "api-v1.shop.test", "v1-api.shop.test", "-api.shop.test", "xn--bcher-kva.shop.test",
		"a.xn--bcher-kva.test", "192.0.2.1", "a.-shop.test", "a.shop-.test", "a.shop_x.test", "a.shop..test", ".shop.test",
	}
	folder := short(t)
	write(t, folder, "root", root.CertPEM)
	var servers strings.Builder
	for i, c := range chains {
		socket := filepath.Join(folder, fmt.Sprintf("b%d", i))
		backend(t, socket, c.certificate)
		fmt.Fprintf(&servers, "upstream backend%d { server unix:%s; }\n", i, socket)
	}
	fmt.Fprintf(&servers, `server { listen unix:%[1]s/s; location / { proxy_pass https://backend$arg_b; proxy_ssl_session_reuse off;
		proxy_ssl_trusted_certificate %[1]s/root; proxy_ssl_verify on; proxy_ssl_name $arg_n; } }
`, folder)
	start(t, folder, servers.String(), filepath.Join(folder, "s"))
	accepted := 0
	for i, c := range chains {
		for _, name := range names {
			status, err := get(filepath.Join(folder, "s"), fmt.Sprintf("/?b=%d&n=%s", i, name), nil)
			if err != nil {
				t.Fatal(err)
			}
			if status == 200 {
				accepted++
			}
			if want := c.sent[0].CoversForNginx(name); want != (status == 200) {
				t.Errorf("%s for %s: predicted %v, nginx said %d", c.name, name, want, status)
			}
		}
	}
	t.Logf("%d cells, nginx accepted %d; %s", len(chains)*len(names), accepted, version)
}
