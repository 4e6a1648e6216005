package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/test/bench/corpus"
	"github.com/tlsward/tlsward/trust"
)

// trustDocument is what the tests read of the JSON.
type trustDocument struct {
	Certificates []struct {
		Fingerprint, Name            string
		IssuedBy, Issued, VerifiedBy []string
		UsedBy                       []trustUse
		Holders                      []trustHolder
	}
	Holders []struct {
		trustHolder
		State  string
		UsedBy []trustUse
	}
}

type trustObject struct{ Kind, Namespace, Name string }

type trustHolder struct {
	Object trustObject
	Key    string
}

type trustUse struct {
	Consumer trustObject
	Title    string
	Without  string
}

func (o trustObject) String() string { return o.Kind + " " + o.Namespace + "/" + o.Name }

// trusted runs the command and reads its JSON, which must follow the schema.
func trusted(t testing.TB, arguments ...string) trustDocument {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(append([]string{"trust", "--output", "json"}, arguments...), strings.NewReader(""), &out, &errOut); code != exitClean {
		t.Fatalf("trust %v: exit code %d\n%s", arguments, code, &errOut)
	}
	return readTrust(t, out.Bytes())
}

func readTrust(t testing.TB, data []byte) (d trustDocument) {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(trust.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("trust.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("trust.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// minted is a tree of which it is known who uses what, by construction.
type minted struct {
	documents []string
	// used are the consumers of each certificate, as "Ingress shop/web: server certificate"; issuers its issuers, verified its anchors.
	used              map[string][]string
	issuers, verified map[string][]string
	holders           map[string][]string // of each certificate, as "Secret shop/web tls.crt"
	missing           map[string][]string // the consumers of what is not there, by its name
	promised          map[string][]string
	refused           map[string][]string
	names             map[string]string // of fingerprints
	keys              []string          // private ones
}

func fingerprint(c *pkitest.Issued) string {
	hash := sha256.Sum256(c.Certificate.Raw)
	return hex.EncodeToString(hash[:])
}

func indented(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+by)
}

func (m *minted) object(apiVersion, kind, namespace, name, rest string) {
	m.documents = append(m.documents, fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %s, namespace: %s}\n%s", apiVersion, kind, name, namespace, rest))
}

// holds puts certificates into a Secret or ConfigMap.
func (m *minted) holds(kind, namespace, name, key string, private string, list ...*pkitest.Issued) {
	field := "data"
	if kind == "Secret" {
		field = "stringData"
	}
	rest := field + ":\n  " + key + ": |\n" + indented(pkitest.Bundle(list...), "    ") + "\n"
	if private != "" {
		m.keys = append(m.keys, private)
		rest += "  tls.key: |\n" + indented(private, "    ") + "\n"
	}
	m.object("v1", kind, namespace, name, rest)
	for _, c := range list {
		hash := fingerprint(c)
		m.names[hash] = c.Certificate.Subject.CommonName
		m.holders[hash] = append(m.holders[hash], fmt.Sprintf("%s %s/%s %s", kind, namespace, name, key))
	}
}

func (m *minted) uses(consumer string, list ...*pkitest.Issued) {
	for _, c := range list {
		m.used[fingerprint(c)] = append(m.used[fingerprint(c)], consumer)
	}
}

// mintTrust makes a tree of some size: CAs in bundles, server certificates with their chain, Ingresses, Gateways and policies of
// several namespaces that share them, and references to what is promised, missing or not granted.
func mintTrust(size int) *minted {
	m := &minted{
		used: map[string][]string{}, issuers: map[string][]string{}, verified: map[string][]string{}, holders: map[string][]string{},
		missing: map[string][]string{}, promised: map[string][]string{}, refused: map[string][]string{}, names: map[string]string{},
	}
	random := rand.New(rand.NewPCG(1, 2))
	mint := pkitest.New("trust", time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	var roots, issuing []*pkitest.Issued
	for i := range 3 + size/20 {
		root := mint.Root(fmt.Sprintf("Root %d", i))
		below := mint.Intermediate(root, fmt.Sprintf("Issuing %d", i))
		roots, issuing = append(roots, root), append(issuing, below)
		m.issuers[fingerprint(below)] = []string{fingerprint(root)}
	}
	anchors := map[string]bool{} // roots that somebody verifies by
	leaves := map[int][]string{} // by the root above them
	for i := range size {
		namespace, ca := fmt.Sprintf("shop-%d", i%7), random.IntN(len(roots))
		name := fmt.Sprintf("web-%d", i)
		host := name + ".shop.test"
		leaf := mint.Leaf(issuing[ca], host)
		m.issuers[fingerprint(leaf)] = []string{fingerprint(issuing[ca])}
		leaves[ca] = append(leaves[ca], fingerprint(leaf))
		m.holds("Secret", namespace, name+"-tls", "tls.crt", leaf.KeyPEM, leaf, issuing[ca])
		// Several Ingresses show one certificate.
		for j := range 1 + random.IntN(3) {
			ingress := fmt.Sprintf("%s-%d", name, j)
			trusts := random.IntN(len(roots))
			annotations := ""
			m.uses(fmt.Sprintf("Ingress %s/%s: server certificate", namespace, ingress), leaf, issuing[ca])
			switch random.IntN(4) {
			case 0: // a client CA of its own
				m.holds("Secret", namespace, ingress+"-clients", "ca.crt", "", roots[trusts])
				m.uses(fmt.Sprintf("Ingress %s/%s: client CA", namespace, ingress), roots[trusts])
				annotations = namespace + "/" + ingress + "-clients"
				anchors[fingerprint(roots[trusts])] = true
			case 1: // one that is not there
				annotations = namespace + "/" + ingress + "-nobody"
				m.missing["Secret "+annotations] = []string{fmt.Sprintf("Ingress %s/%s: client CA", namespace, ingress)}
			}
			rest := fmt.Sprintf("spec:\n  ingressClassName: nginx\n  tls: [{hosts: [%s], secretName: %s-tls}]\n  rules: [{host: %s, http: {paths: [{path: /%d, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}]}}]\n",
				host, name, host, j, name)
			if annotations != "" {
				m.documents = append(m.documents, fmt.Sprintf("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: %s\n  namespace: %s\n  annotations:\n    nginx.ingress.kubernetes.io/auth-tls-secret: %s\n%s",
					ingress, namespace, annotations, rest))
			} else {
				m.object("networking.k8s.io/v1", "Ingress", namespace, ingress, rest)
			}
		}
		switch i % 5 {
		case 0: // a bundle of two CAs by which a backend is verified
			one, two := random.IntN(len(roots)), 0
			if two = random.IntN(len(roots)); two == one {
				two = (one + 1) % len(roots)
			}
			m.holds("ConfigMap", namespace, name+"-ca", "ca.crt", "", roots[one], roots[two])
			m.uses(fmt.Sprintf("BackendTLSPolicy %s/%s: backend CA", namespace, name), roots[one], roots[two])
			anchors[fingerprint(roots[one])], anchors[fingerprint(roots[two])] = true, true
			m.object("gateway.networking.k8s.io/v1", "BackendTLSPolicy", namespace, name,
				fmt.Sprintf("spec:\n  targetRefs: [{group: '', kind: Service, name: %s}]\n  validation:\n    hostname: %s\n    caCertificateRefs: [{group: '', kind: ConfigMap, name: %s-ca}]\n", name, host, name))
		case 1: // a Gateway of another namespace, which is let in
			gateway(m, name, namespace, name+"-tls")
			m.uses(fmt.Sprintf("Gateway infra/%s: listener certificate", name), leaf, issuing[ca])
			m.object("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", namespace, name,
				fmt.Sprintf("spec:\n  from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}]\n  to: [{group: '', kind: Secret, name: %s-tls}]\n", name))
		case 2: // one that is not: whether the Secret is there is nobody's business
			gateway(m, name, namespace, "nobody-"+name)
			m.refused[fmt.Sprintf("Secret %s/nobody-%s", namespace, name)] = []string{fmt.Sprintf("Gateway infra/%s: listener certificate", name)}
		case 3: // what cert-manager will make
			gateway(m, name, "infra", name+"-made")
			m.promised["Secret infra/"+name+"-made"] = []string{fmt.Sprintf("Gateway infra/%s: listener certificate", name)}
			m.object("cert-manager.io/v1", "Certificate", "infra", name, fmt.Sprintf("spec: {secretName: %s-made, dnsNames: [%s], issuerRef: {name: corp, kind: ClusterIssuer}}\n", name, host))
		}
		if i%11 == 0 { // nobody uses this one
			unused := mint.Leaf(roots[ca], "unused-"+host)
			m.issuers[fingerprint(unused)] = []string{fingerprint(roots[ca])}
			leaves[ca] = append(leaves[ca], fingerprint(unused))
			m.holds("Secret", namespace, name+"-unused", "tls.crt", unused.KeyPEM, unused)
		}
	}
	for i, root := range roots {
		// Roots that stand nowhere issued nothing that is in sight.
		hash := fingerprint(root)
		if len(m.holders[hash]) == 0 {
			for child, list := range m.issuers {
				m.issuers[child] = slices.DeleteFunc(list, func(issuer string) bool { return issuer == hash })
			}
		}
		for _, below := range append(leaves[i], fingerprint(issuing[i])) {
			if anchors[hash] {
				m.verified[below] = []string{hash}
			}
		}
	}
	return m
}

func gateway(m *minted, name, namespace, secret string) {
	m.object("gateway.networking.k8s.io/v1", "Gateway", "infra", name,
		fmt.Sprintf("spec:\n  gatewayClassName: eg\n  listeners: [{name: https, port: 443, protocol: HTTPS, hostname: %s.shop.test, tls: {certificateRefs: [{name: %s, namespace: %s}]}}]\n", name, secret, namespace))
}

func (m *minted) write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i*50 < len(m.documents); i++ {
		part := m.documents[i*50 : min(len(m.documents), (i+1)*50)]
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.yaml", i)), []byte(strings.Join(part, "---\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ".tlsward.yaml"), []byte("complete: [\"shop-*\", infra]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func consumersOf(uses []trustUse) []string {
	var list []string
	for _, u := range uses {
		list = append(list, u.Consumer.String()+": "+u.Title)
	}
	return list
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// check compares an inventory with what is known of the tree.
func (m *minted) check(t *testing.T, d trustDocument) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range d.Certificates {
		if seen[c.Fingerprint] {
			t.Errorf("%s is listed twice", c.Name)
		}
		seen[c.Fingerprint] = true
		name, known := m.names[c.Fingerprint]
		if !known || name != c.Name {
			t.Errorf("certificate %s %s: want %q", c.Name, c.Fingerprint, name)
		}
		var holders []string
		for _, h := range c.Holders {
			holders = append(holders, h.Object.String()+" "+h.Key)
		}
		for what, pair := range map[string][2][]string{
			"consumers":   {consumersOf(c.UsedBy), m.used[c.Fingerprint]},
			"holders":     {holders, m.holders[c.Fingerprint]},
			"issuers":     {c.IssuedBy, m.issuers[c.Fingerprint]},
			"verified by": {c.VerifiedBy, m.verified[c.Fingerprint]},
		} {
			if got, want := sorted(pair[0]), sorted(pair[1]); !slices.Equal(got, want) {
				t.Errorf("%s: %s %q, want %q", c.Name, what, got, want)
			}
		}
	}
	if len(seen) != len(m.names) {
		t.Errorf("%d certificates, want %d", len(seen), len(m.names))
	}
	got := map[string]map[string][]string{}
	for _, h := range d.Holders {
		if h.State != "present" {
			if got[h.State] == nil {
				got[h.State] = map[string][]string{}
			}
			got[h.State][h.Object.String()] = consumersOf(h.UsedBy)
		}
	}
	want := map[string]map[string][]string{"missing": m.missing, "promised": m.promised, "not-granted": m.refused}
	for state, list := range want {
		if len(list) == 0 {
			t.Errorf("the tree has nothing that is %s", state)
		}
		if !maps.EqualFunc(got[state], list, slices.Equal) {
			t.Errorf("%s: %v, want %v", state, got[state], list)
		}
	}
	for state := range got {
		if want[state] == nil {
			t.Errorf("%s: %v", state, got[state])
		}
	}
}

// TestTrustComplete: every certificate of a tree is listed, once, with all who use it and as what, with its issuer and the
// anchors that vouch for it; and no output holds a private key.
func TestTrustComplete(t *testing.T) {
	m := mintTrust(120)
	dir := m.write(t)
	now := []string{"--now", "2026-11-01T12:00:00Z"}
	m.check(t, trusted(t, append(now, "--all", dir)...))
	secrets := map[string]bool{}
	for _, key := range m.keys {
		block, _ := pem.Decode([]byte(key))
		secrets[base64.StdEncoding.EncodeToString(block.Bytes)[:60]] = true
	}
	for _, format := range []string{"text", "json", "dot", "svg"} {
		var out, errOut bytes.Buffer
		if code := run(append([]string{"trust", "--all", "--output", format, dir}, now...), strings.NewReader(""), &out, &errOut); code != exitClean || out.Len() == 0 {
			t.Fatalf("%s: exit code %d\n%s", format, code, &errOut)
		}
		for secret := range secrets {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s holds a private key", format)
			}
		}
		if strings.Contains(out.String(), "PRIVATE KEY") {
			t.Errorf("%s holds a private key", format)
		}
		var again bytes.Buffer
		run(append([]string{"trust", "--all", "--output", format, dir, "--workers", "1"}, now...), strings.NewReader(""), &again, io.Discard)
		if again.String() != out.String() {
			t.Errorf("%s: one worker writes something else", format)
		}
	}
}

// TestTrustOfCluster: a cluster that holds the same shows the same.
func TestTrustOfCluster(t *testing.T) {
	m := mintTrust(40)
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	store := inventory.New(inventory.Options{Providers: e.Providers(), Cluster: true})
	for _, kind := range e.Providers().Relevant() {
		store.SetComplete(kind, "", true)
	}
	for _, text := range m.documents {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatal(err)
		}
		if values, ok := fields["stringData"].(map[string]any); ok { // as the API server stores it
			for key, value := range values {
				values[key] = base64.StdEncoding.EncodeToString([]byte(value.(string)))
			}
			fields["data"], fields["type"] = values, "Opaque"
			delete(fields, "stringData")
		}
		obj, ok := kube.FromFields(fields)
		if !ok {
			t.Fatalf("no object:\n%s", text)
		}
		store.Put(obj)
	}
	stock := newStocktaking(e)
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	live := func(context.Context, []string) (*inventory.Snapshot, error) { return store.Snapshot(), nil }
	if err := stock.cluster(t.Context(), lint.Options{Now: now, Live: live}); err != nil {
		t.Fatal(err)
	}
	found, err := stock.inventory(now, true, trust.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := found.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	m.check(t, readTrust(t, out.Bytes()))
}

var (
	pemBlock    = regexp.MustCompile(`(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----`)
	base64Block = regexp.MustCompile(`LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS[A-Za-z0-9+/=]*`)
)

// certificatesIn finds every certificate in the text of some files, however it is written there.
func certificatesIn(t testing.TB, dir string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	note := func(text string) {
		for _, block := range pemBlock.FindAllString(text, -1) {
			lines := strings.Split(block, "\n")
			for i := range lines {
				lines[i] = strings.TrimSpace(lines[i])
			}
			if decoded, _ := pem.Decode([]byte(strings.Join(lines, "\n"))); decoded != nil {
				hash := sha256.Sum256(decoded.Bytes)
				found[hex.EncodeToString(hash[:])] = true
			}
		}
	}
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		note(string(data))
		for _, encoded := range base64Block.FindAllString(string(data), -1) {
			if decoded, err := base64.StdEncoding.DecodeString(encoded); err == nil {
				note(string(decoded))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func listsAll(t *testing.T, d trustDocument, want map[string]bool) {
	t.Helper()
	listed := map[string]bool{}
	for _, c := range d.Certificates {
		if listed[c.Fingerprint] {
			t.Errorf("%s is listed twice", c.Name)
		}
		listed[c.Fingerprint] = true
	}
	if !maps.Equal(listed, want) || len(want) == 0 {
		t.Errorf("%d certificates are listed, and there are %d", len(listed), len(want))
	}
}

// TestTrustOfExamples: the examples of every controller are listed completely. -update writes what is said of them.
func TestTrustOfExamples(t *testing.T) {
	folders, err := filepath.Glob("../../examples/[a-z]*")
	if err != nil || len(folders) == 0 {
		t.Fatal(err, folders)
	}
	t.Chdir("../..")
	for _, folder := range folders {
		folder = strings.TrimPrefix(folder, "../../")
		name := filepath.Base(folder)
		t.Run(name, func(t *testing.T) {
			now := []string{"--now", "2026-11-01T12:00:00Z"}
			if want := certificatesIn(t, folder); len(want) > 0 {
				listsAll(t, trusted(t, append(now, "--all", folder)...), want)
			}
			var out, errOut bytes.Buffer
			if code := run(append([]string{"trust", folder}, now...), strings.NewReader(""), &out, &errOut); code != exitClean {
				t.Fatalf("exit code %d\n%s", code, &errOut)
			}
			golden := filepath.Join("cmd/tlsward/testdata/trust", name+".text")
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if out.String() != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", &out, want)
			}
		})
	}
}

// TestTrustOfLargeTree: of the tree of 10,000 objects nothing is lost, neither a certificate nor who refers to one.
func TestTrustOfLargeTree(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 objects")
	}
	dir := t.TempDir()
	if err := corpus.Generate(corpus.Large).Write(dir); err != nil {
		t.Fatal(err)
	}
	d := trusted(t, "--all", "--now", corpus.Now.Format(time.RFC3339), dir)
	listsAll(t, d, certificatesIn(t, dir))
	got := map[string]bool{}
	for _, h := range d.Holders {
		for _, use := range h.UsedBy {
			got[use.Consumer.String()+" -> "+h.Object.String()] = true
		}
	}
	want := referencesIn(t, dir)
	for reference := range want {
		if !got[reference] {
			t.Errorf("%s is not in the inventory", reference)
		}
	}
	if len(want) < 500 {
		t.Errorf("%d references in the tree: the test does not read it", len(want))
	}
}

// referencesIn reads, without any provider.yaml, the fields of the tree that name Secrets and ConfigMaps with certificates.
func referencesIn(t testing.TB, dir string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(file) == corpus.ConfigName {
			return err
		}
		data, err := os.ReadFile(file)
		for _, text := range strings.Split("\n"+string(data), "\n---") {
			var fields map[string]any
			if yaml.Unmarshal([]byte(text), &fields) != nil {
				continue // written wrong on purpose
			}
			obj, ok := kube.FromFields(fields)
			if !ok || obj.ID.Namespace == "" {
				continue
			}
			own := trustObject{obj.ID.Kind, obj.ID.Namespace, obj.ID.Name}
			for _, pattern := range map[string][]string{
				"Ingress":          {"spec.tls[*].secretName"},
				"Gateway":          {"spec.listeners[*].tls.certificateRefs[*].name"},
				"BackendTLSPolicy": {"spec.validation.caCertificateRefs[*].name"},
			}[own.Kind] {
				parsed, err := kube.ParsePattern(pattern)
				if err != nil {
					t.Fatal(err)
				}
				parsed.Each(obj.Fields, func(at kube.Path, value any) {
					around, _ := kube.Lookup(obj.Fields, at[:len(at)-1])
					beside, _ := around.(map[string]any)
					target := trustObject{"Secret", own.Namespace, value.(string)}
					if kind, ok := beside["kind"].(string); ok {
						target.Kind = kind
					} else if own.Kind == "BackendTLSPolicy" {
						target.Kind = "ConfigMap"
					}
					if namespace, ok := beside["namespace"].(string); ok && own.Kind == "Gateway" {
						target.Namespace = namespace
					}
					if target.Name != "" {
						found[own.String()+" -> "+target.String()] = true
					}
				})
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDocsTrust: the commands of the page run over the files of its picture, and the table is what they print.
func TestDocsTrust(t *testing.T) {
	page, err := os.ReadFile("../../docs/trust.md")
	if err != nil {
		t.Fatal(err)
	}
	scene, err := filepath.Abs("../../test/report/testdata/trust")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.CopyFS("deploy", os.DirFS(scene)); err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^tlsward (trust .*deploy/)`).FindAllStringSubmatch(string(page), -1)
	ran := 0
	for _, c := range commands {
		args := words.FindAllString(c[1], -1)
		for i := range args {
			args[i] = strings.Trim(args[i], "'")
		}
		if slices.Contains(args, "--cluster") {
			continue
		}
		ran++
		var out, errOut bytes.Buffer
		if code := run(append(args, "--now", "2026-11-01T12:00:00Z"), strings.NewReader(""), &out, &errOut); code != exitClean || errOut.Len() > 0 {
			t.Errorf("%s: exit code %d\n%s", c[1], code, &errOut)
		}
		if ran == 1 {
			if !strings.Contains(string(page), "```\n"+out.String()+"```") {
				t.Errorf("the page does not show what is printed:\n%s", &out)
			}
		}
	}
	if ran < 5 {
		t.Errorf("%d commands", ran)
	}
	for _, file := range []string{"trust.svg", "trust.json", "trust.dot"} {
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// BenchmarkTrust is the whole command over 10,000 objects in files: reading, the inventory, and each way to write it.
func BenchmarkTrust(b *testing.B) {
	dir := b.TempDir()
	if err := corpus.Generate(corpus.Large).Write(dir); err != nil {
		b.Fatal(err)
	}
	for _, format := range []string{"text", "json", "svg"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				if code := run([]string{"trust", "--now", corpus.Now.Format(time.RFC3339), "--output", format, dir}, strings.NewReader(""), io.Discard, io.Discard); code != exitClean {
					b.Fatalf("exit code %d", code)
				}
			}
		})
	}
}
