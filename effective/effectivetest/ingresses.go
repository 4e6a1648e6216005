package effectivetest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tlsward/tlsward/pki/pkitest"
)

// trees makes trees of Ingresses at random, from a seed. It knows what people write, and nothing of what becomes of it. Where the
// controller that is asked is older than the release that the model is about, and differs from it, only what both agree about is
// written: values of auth-tls-verify-client that have "on" or "off" in them, ssl-passthrough on some Ingresses of a host only, and
// canaries whose Service serves something else as well, or with a rule without http, by which the controller panics. Nor does a path stand twice
// beside another one of the other type, since nginx refuses that.
type trees struct {
	*rand.Rand
	exact map[string]bool // by host and path: whether the paths there are of the type Exact
	mint  *pkitest.Mint
	text  strings.Builder
	// passing scenes of a hundred have Ingresses with ssl-passthrough.
	passing int
}

// Ingresses writes so many scenes of Ingresses at random that share an ingress-nginx, and no host but the catch-all one. The numbers of
// the scenes start at from, and are in the names of their namespaces and hosts; passing of a hundred have Ingresses with ssl-passthrough.
func Ingresses(seed uint64, from, count int, now time.Time, passing int) string {
	t := &trees{passing: passing, Rand: rand.New(rand.NewPCG(seed, 1)), mint: pkitest.New("trees", now), exact: map[string]bool{}} //nolint:gosec // repeatable, as it must be
	t.write("apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n")
	for i := range count {
		t.scene(from+i, now)
	}
	return t.text.String()
}

func (t *trees) write(document string) {
	t.text.WriteString("---\n")
	t.text.WriteString(document)
}

func pick[T any](t *trees, list ...T) T { return list[t.IntN(len(list))] }

// often is true in so many of a hundred cases.
func (t *trees) often(percent int) bool { return t.IntN(100) < percent }

func (t *trees) scene(number int, now time.Time) {
	domain := fmt.Sprintf("s%d.test", number)
	namespaces := []string{fmt.Sprintf("s%da", number), fmt.Sprintf("s%db", number)}
	for _, namespace := range namespaces {
		t.secrets(namespace, domain)
		for _, service := range services() {
			t.write(fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {clusterIP: %s, ports: [{name: a, port: 80}, {name: b, port: 8443}]}\n", service, namespace, ClusterIP(namespace, service)))
		}
	}
	hosts := []string{"a." + domain}
	for _, host := range []string{"b." + domain, "*." + domain} {
		if t.often(40) {
			hosts = append(hosts, host)
		}
	}
	extra := ""
	if t.often(t.passing) {
		extra = "    nginx.ingress.kubernetes.io/ssl-passthrough: \"true\"\n"
	}
	for i := range 1 + t.IntN(5) {
		own, services := extra, []string{"red", "green", "blue"}
		if t.often(8) {
			own, services = own+"    nginx.ingress.kubernetes.io/canary: \"true\"\n    nginx.ingress.kubernetes.io/canary-weight: \"10\"\n", []string{fmt.Sprintf("next%d", i)}
		}
		t.ingress(fmt.Sprintf("i%d", i), pick(t, namespaces[0], namespaces[0], namespaces[1]), domain, own, services, hosts, now)
	}
}

// services of each namespace that lead somewhere.
func services() []string { return []string{"red", "green", "blue", "fallback"} }

// ClusterIP is the address of a Service of the scenes, which no other has.
func ClusterIP(namespace, service string) string {
	number, err := strconv.Atoi(strings.Trim(namespace, "sab"))
	if err != nil {
		panic(err) // the namespaces of scenes are made here
	}
	return fmt.Sprintf("10.%d.%d.%d", number/256, number%256, 1+2*slices.Index(services(), service)+strings.Count(namespace, "b"))
}

// secrets are of all kinds that there are.
func (t *trees) secrets(namespace, domain string) {
	one, two := t.mint.Root("one"), t.mint.Root("two")
	leaf := t.mint.Leaf(one, "a."+domain, "b."+domain)
	wild := t.mint.Leaf(one, "*."+domain)
	other := t.mint.Leaf(one, "elsewhere.test")
	client := t.mint.With(pkitest.ExtKeyUsage(2)).Leaf(one, "proxy."+domain) // clientAuth
	for name, data := range map[string]map[string]string{
		"one":      {"ca.crt": pkitest.Bundle(one)},
		"two":      {"ca.crt": pkitest.Bundle(two)},
		"leaf":     {"tls.crt": pkitest.Bundle(leaf), "tls.key": leaf.KeyPEM},
		"wild":     {"tls.crt": pkitest.Bundle(wild), "tls.key": wild.KeyPEM},
		"other":    {"tls.crt": pkitest.Bundle(other), "tls.key": other.KeyPEM},
		"mutual":   {"ca.crt": pkitest.Bundle(one), "tls.crt": pkitest.Bundle(client), "tls.key": client.KeyPEM},
		"garbage":  {"ca.crt": "no certificate"},
		"mismatch": {"ca.crt": pkitest.Bundle(one), "tls.crt": pkitest.Bundle(leaf), "tls.key": other.KeyPEM},
		"empty":    {"ca.crt": "", "tls.crt": pkitest.Bundle(leaf), "tls.key": leaf.KeyPEM},
	} {
		var b strings.Builder
		fmt.Fprintf(&b, "apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: %s}\ndata:\n", name, namespace)
		for key, value := range data {
			fmt.Fprintf(&b, "  %s: %q\n", key, base64.StdEncoding.EncodeToString([]byte(value)))
		}
		t.write(b.String())
	}
}

func (t *trees) ingress(name, namespace, domain, annotations string, services, hosts []string, now time.Time) {
	var b strings.Builder
	// Some are of the same second.
	created := now.AddDate(0, -1, t.IntN(4)).UTC().Format(time.RFC3339)
	fmt.Fprintf(&b, "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: %s\n  namespace: %s\n  creationTimestamp: %q\n  annotations:\n", name, namespace, created)
	annotate := func(percent int, key string, values ...string) {
		if t.often(percent) {
			fmt.Fprintf(&b, "    nginx.ingress.kubernetes.io/%s: %q\n", key, pick(t, values...))
		}
	}
	b.WriteString("    example.test/note: \"so that there is one\"\n" + annotations)
	elsewhere := strings.TrimSuffix(strings.TrimSuffix(namespace, "a"), "b") + "a"
	secret := func(names ...string) []string {
		for i, name := range names {
			names[i] = namespace + "/" + name
		}
		return names
	}
	annotate(45, "auth-tls-secret", append(secret("one", "one", "two", "two", "mutual", "mutual", "leaf", "leaf", "empty", "one", "two", "garbage", "mismatch", "gone"),
		elsewhere+"/one", "one", " ", "", "a/b/c", namespace+"/ one")...)
	annotate(35, "auth-tls-verify-client", "on", "off", "optional", "optional_no_ca", "true", "yes", " on ", "")
	annotate(30, "auth-tls-verify-depth", "0", "1", "2", "3", " 2", "two", "+4", "2147483648", "4294967297")
	annotate(10, "auth-tls-match-cn", "CN=admin", "CN=.*", "CN=a|", "admin", "CN=(")
	annotate(8, "auth-tls-error-page", "https://help.test/cert", "/denied", "https://help.test/?q=1")
	annotate(8, "auth-tls-pass-certificate-to-upstream", "true", "yes", "1")
	annotate(45, "backend-protocol", "HTTPS", "HTTPS", "HTTPS", "https", "HTTP", "AUTO_HTTP", "GRPC", "GRPCS", "grpcs", "H2C", "FCGI", "")
	annotate(40, "proxy-ssl-secret", append(secret("one", "two", "mutual", "mutual", "leaf", "one", "gone", "garbage"), elsewhere+"/mutual", "one", "")...)
	annotate(40, "proxy-ssl-verify", "on", "on", "off", "true", "On")
	annotate(30, "proxy-ssl-name", "up.test", "api.shop.svc", "bad name")
	annotate(30, "proxy-ssl-server-name", "on", "off", "true")
	annotate(20, "proxy-ssl-verify-depth", "2", "0", "x", "5")
	annotate(15, "ssl-redirect", "true", "false", "False", "no", "0")
	annotate(15, "force-ssl-redirect", "true", "false", "1", "on")
	if len(services) > 1 {
		annotate(8, "canary", "false", "yes", "0")
	}
	annotate(8, "server-alias", "alias."+domain, "b."+domain, "x."+domain+",alias."+domain, "~^v\\d+\\.test$")
	annotate(4, "ssl-ciphers", "ECDHE-RSA-AES128-GCM-SHA256", "HIGH@bad")
	b.WriteString("spec:\n  ingressClassName: nginx\n")
	fallback := "  defaultBackend: {service: {name: fallback, port: {number: 80}}}\n"
	if len(services) == 1 {
		fallback = strings.ReplaceAll(fallback, "fallback", services[0])
	}
	if t.often(12) {
		b.WriteString(fallback)
	}
	if t.often(55) {
		b.WriteString("  tls:\n")
		for range 1 + t.IntN(2) {
			t.entry(&b, domain, hosts)
		}
	}
	if !t.often(3) {
		b.WriteString("  rules:\n")
		for range 1 + t.IntN(2) {
			t.rule(&b, services, hosts)
		}
	} else if !strings.Contains(b.String(), "defaultBackend") {
		b.WriteString(fallback)
	}
	t.write(b.String())
}

// entry is one of spec.tls.
func (t *trees) entry(b *strings.Builder, domain string, hosts []string) {
	listed := pick(t, pick(t, hosts...), pick(t, hosts...), "*."+domain, "nowhere.test", strings.ToUpper(hosts[0]))
	if t.often(10) {
		fmt.Fprintf(b, "    - secretName: %s\n", pick(t, "leaf", "wild"))
		return
	}
	fmt.Fprintf(b, "    - hosts: [%q]\n", listed)
	if t.often(90) {
		fmt.Fprintf(b, "      secretName: %s\n", pick(t, "leaf", "leaf", "wild", "other", "gone", "one", "mismatch", "garbage"))
	}
}

func (t *trees) rule(b *strings.Builder, services, hosts []string) {
	host := pick(t, hosts...)
	if t.often(3) {
		host = ""
	}
	fmt.Fprintf(b, "    - host: %q\n", host)
	if len(services) > 1 && t.often(4) {
		return
	}
	b.WriteString("      http:\n        paths:\n")
	for range 1 + t.IntN(2) {
		path := pick(t, "/", "/", "/api", "/docs", "/.well-known/acme-challenge/x")
		kind := pick(t, "Prefix", "Prefix", "Exact", "ImplementationSpecific")
		at := host + path
		if exact, there := t.exact[at]; path == "/" && kind == "Exact" || there && exact != (kind == "Exact") {
			kind = map[bool]string{true: "Exact", false: "Prefix"}[exact]
		}
		t.exact[at] = kind == "Exact"
		fmt.Fprintf(b, "          - {path: %s, pathType: %s, backend: {service: {name: %s, port: {number: %d}}}}\n",
			path, kind, pick(t, services...), pick(t, 80, 8443))
	}
}
