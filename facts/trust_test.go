package facts_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/pki/pkitest"
)

const trusting = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations: {nginx.ingress.kubernetes.io/%s: shop/ca}
---
apiVersion: v1
kind: Secret
metadata: {name: ca, namespace: shop}
data: {%s}`

// trust gathers what is known of a Secret's CA.
func trust(t *testing.T, annotation string, entries ...string) map[string]any {
	t.Helper()
	var data []string
	for i := 0; i < len(entries); i += 2 {
		text := entries[i+1]
		if !strings.HasPrefix(text, "ENC[") {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		data = append(data, fmt.Sprintf("%s: %q", entries[i], text))
	}
	refs := gather(t, facts.Settings{}, fmt.Sprintf(trusting, annotation, strings.Join(data, ", ")))["refs"].(map[string]any)
	for _, role := range []string{"client-ca", "upstream-ca"} {
		if list, ok := refs[role].([]any); ok {
			return list[0].(map[string]any)
		}
	}
	t.Fatal("no reference")
	return nil
}

// TestTrust: what nginx makes of a CA, with the certificate that ingress-nginx writes into the same file.
func TestTrust(t *testing.T) {
	mint := pkitest.New("trust", now)
	root, other := mint.Root("root"), mint.Root("other")
	first := mint.Intermediate(root, "first")
	second := mint.Intermediate(first, "second")
	leaf := mint.Leaf(second, "web.test")
	chain := pkitest.Bundle(leaf, second, first)
	trusted := strings.Replace(root.CertPEM, "CERTIFICATE", "TRUSTED CERTIFICATE", 2)
	for name, test := range map[string]struct {
		annotation string
		entries    []string
		want       string
	}{
		"a root":                                    {entries: []string{"ca.crt", root.CertPEM}, want: "accepted complete depth 1: 0/0"},
		"a chain":                                   {entries: []string{"ca.crt", root.CertPEM + first.CertPEM + second.CertPEM}, want: "accepted complete depth 2: 0/0 1/1 2/2"},
		"no root":                                   {entries: []string{"ca.crt", first.CertPEM}, want: "accepted complete: -/-"},
		"an own chain asks for no depth":            {entries: []string{"ca.crt", root.CertPEM, "tls.crt", chain, "tls.key", leaf.KeyPEM}, want: "accepted complete depth 1: 3/- beside, 2/2 beside, 1/1 beside, 0/0"},
		"it may hold the way to the root":           {entries: []string{"ca.crt", root.CertPEM + second.CertPEM, "tls.crt", leaf.CertPEM + first.CertPEM, "tls.key", leaf.KeyPEM}, want: "accepted complete depth 2: 3/- beside, 1/1 beside, 0/0 2/2"},
		"an own root widens":                        {entries: []string{"ca.crt", other.CertPEM, "tls.crt", chain + root.CertPEM, "tls.key", leaf.KeyPEM}, want: "accepted complete depth 1: 3/- beside, 2/2 beside, 1/1 beside, 0/0 beside widening, 0/0"},
		"without a key it is not read":              {entries: []string{"ca.crt", other.CertPEM, "tls.crt", chain + root.CertPEM}, want: "accepted complete depth 1: 0/0"},
		"out of sight":                              {entries: []string{"ca.crt", other.CertPEM, "tls.crt", "ENC[AES256_GCM,data:x]", "tls.key", leaf.KeyPEM}, want: "nothing"},
		"a malformed chain beside it":               {entries: []string{"ca.crt", root.CertPEM, "tls.crt", leaf.CertPEM + first.CertPEM[:200], "tls.key", leaf.KeyPEM}, want: "refused depth 1: -/- beside, 0/0"},
		"prose is no defect":                        {entries: []string{"ca.crt", "the root\n" + root.CertPEM + "\n" + root.CertPEM}, want: "accepted complete depth 1: 0/0"},
		"what only one of them reads":               {entries: []string{"ca.crt", "\ufeff" + other.CertPEM + root.CertPEM}, want: "accepted depth 1: 0/0"},
		"of clients, a plain certificate is wanted": {entries: []string{"ca.crt", trusted}, want: "refused:"},
		"of backends, any will do":                  {annotation: "proxy-ssl-secret", entries: []string{"ca.crt", trusted}, want: "accepted:"},
		"white space":                               {entries: []string{"ca.crt", "\n"}, want: "nothing"},
	} {
		if test.annotation == "" {
			test.annotation = "auth-tls-secret"
		}
		if got := described(trust(t, test.annotation, test.entries...)); got != test.want {
			t.Errorf("%s: got  %s\nwant %s", name, got, test.want)
		}
	}
}

func described(ref map[string]any) string {
	known, ok := ref["trust"].(map[string]any)
	if !ok {
		return "nothing"
	}
	text := known["openssl"].(string)
	if known["complete"] == true {
		text += " complete"
	}
	if depth, ok := known["depth"]; ok {
		text += fmt.Sprintf(" depth %d", depth)
	}
	text += ":"
	for _, element := range known["certificates"].([]any) {
		certificate := element.(map[string]any)
		number := func(key string) string {
			if n, ok := certificate[key]; ok {
				return fmt.Sprint(n)
			}
			return "-"
		}
		text += " " + number("hops") + "/" + number("needs")
		if certificate["meant"] == false {
			text += " beside"
		}
		if certificate["widening"] == true {
			text += " widening"
		}
		if certificate["meant"] == false {
			text += ","
		}
	}
	return text
}

// TestRevocation: what is known of the revocation lists beside a CA.
func TestRevocation(t *testing.T) {
	mint := pkitest.New("revocation", now)
	root := mint.Root("root")
	below := mint.Intermediate(root, "below")
	ca := root.CertPEM + below.CertPEM
	for name, test := range map[string]struct {
		list, want string
	}{
		"of the root":      {list: mint.CRL(root), want: "accepted accepted 1 lists, 1 unlisted, complete true"},
		"of both":          {list: mint.CRL(root) + mint.CRL(below), want: "accepted accepted 2 lists, 0 unlisted, complete true"},
		"a CA before it":   {list: root.CertPEM + mint.CRL(root), want: "refused accepted 1 lists, 1 unlisted, complete false"},
		"a CA behind it":   {list: mint.CRL(root) + root.CertPEM, want: "accepted accepted 1 lists, 1 unlisted, complete false"},
		"no list":          {list: "none", want: "refused refused 0 lists, 2 unlisted, complete true"},
		"nothing":          {list: "", want: "<nil> <nil> 0 lists, 0 unlisted, complete true empty"},
		"encrypted":        {list: "ENC[AES256_GCM,data:x]", want: "<nil> <nil> 0 lists, 0 unlisted, complete true opaque"},
		"more than listed": {list: strings.Repeat(mint.CRL(root), 70), want: "accepted accepted 64 lists, 1 unlisted, complete true"},
	} {
		ref := trust(t, "auth-tls-secret", "ca.crt", ca, "ca.crl", test.list)
		lists := ref["revocation"].(map[string]any)
		got := fmt.Sprintf("%v %v %d lists, %d unlisted, complete %v", lists["go"], lists["openssl"], len(lists["lists"].([]any)), len(lists["unlisted"].([]any)), ref["trust"].(map[string]any)["complete"])
		for _, mark := range []string{"empty", "opaque"} {
			if lists[mark] == true {
				got += " " + mark
			}
		}
		if got != test.want {
			t.Errorf("%s: got  %s\nwant %s", name, got, test.want)
		}
	}
	if ref := trust(t, "auth-tls-secret", "ca.crt", ca); ref["revocation"] != nil {
		t.Errorf("got %v, want nothing of an entry that is not there", ref["revocation"])
	}
}

// TestTrustBounds: a bundle beyond all bounds is not described one by one.
func TestTrustBounds(t *testing.T) {
	mint := pkitest.New("many", now)
	var many strings.Builder
	for i := range 257 {
		many.WriteString(mint.Root(fmt.Sprint(i)).CertPEM)
	}
	if got := described(trust(t, "auth-tls-secret", "ca.crt", many.String())); got != "accepted complete:" {
		t.Errorf("got %s", got)
	}
}
