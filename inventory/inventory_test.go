package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/provider"
)

func providers(t *testing.T) *provider.Set {
	t.Helper()
	p, err := provider.Parse("test", []byte(`
kinds:
  - kind: Ingress.networking.k8s.io
    peers:
      - {name: host, paths: ["spec.rules[*].host"]}
producers:
  - kind: Ingress.networking.k8s.io
    makes: Secret
    names: ["spec.tls[*].secretName"]
    byProduct: true
  - kind: Certificate.cert-manager.io
    makes: Secret
    names: [spec.secretName]
    keys: [tls.crt, tls.key]
    maybe: [ca.crt]
  - kind: Bundle.trust.cert-manager.io
    makes: ConfigMap
    names: [metadata.name]
    everywhere: true
    keysAt: [spec.target.configMap.key]
  - kind: ExternalSecret.external-secrets.io
    makes: Secret
    names: [spec.target.name, metadata.name]
    keysAt: ["spec.data[*].secretKey"]
    open: [spec.dataFrom]
    unlessValue: [{path: spec.target.creationPolicy, values: [Merge]}]
`))
	if err != nil {
		t.Fatal(err)
	}
	return provider.NewSet([]provider.Provider{p})
}

func object(apiVersion, kind, namespace, name string, more map[string]any) kube.Object {
	metadata := map[string]any{"name": name}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	fields := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	for key, value := range more {
		fields[key] = value
	}
	obj, _ := kube.FromFields(fields)
	return obj
}

func secret(namespace, name string) kube.Object {
	return object("v1", "Secret", namespace, name, map[string]any{"stringData": map[string]any{"ca.crt": "x"}})
}

func ref(kind, namespace, name string) Ref {
	return Ref{
		To:   kube.ID{Kind: kind, Namespace: namespace, Name: name},
		From: kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"},
	}
}

func ingress(namespace, name, host string) kube.Object {
	return object("networking.k8s.io/v1", "Ingress", namespace, name, map[string]any{
		"spec": map[string]any{"rules": []any{map[string]any{"host": host}}},
	})
}

// TestPresence goes through the four values and the evidence an absence rests on.
func TestPresence(t *testing.T) {
	certificate := object("cert-manager.io/v1", "Certificate", "shop", "c", map[string]any{"spec": map[string]any{"secretName": "made"}})
	bundle := object("trust.cert-manager.io/v1alpha1", "Bundle", "", "corp", map[string]any{
		"spec": map[string]any{"target": map[string]any{"configMap": map[string]any{"key": "ca.crt"}}},
	})
	merging := object("external-secrets.io/v1", "ExternalSecret", "shop", "merged", map[string]any{
		"spec": map[string]any{"target": map[string]any{"creationPolicy": "Merge"}},
	})
	for _, test := range []struct {
		name     string
		objects  []kube.Object
		options  Options
		ref      Ref
		presence Presence
		evidence Evidence
		near     string
	}{
		{name: "nothing in sight", ref: ref("Secret", "shop", "ca"), presence: Unknown},
		{name: "present", objects: []kube.Object{secret("shop", "ca")}, ref: ref("Secret", "shop", "ca"), presence: Present},
		{name: "unset matches a named namespace", objects: []kube.Object{secret("", "ca")}, ref: ref("Secret", "shop", "ca"), presence: Present},
		{name: "unset asks for any namespace", objects: []kube.Object{secret("infra", "ca")}, ref: ref("Secret", "", "ca"), presence: Present},
		{name: "promised by a Certificate", objects: []kube.Object{certificate}, ref: ref("Secret", "shop", "made"), presence: Promised},
		{name: "a Bundle promises everywhere", objects: []kube.Object{bundle}, ref: ref("ConfigMap", "shop", "corp"), presence: Promised},
		{name: "a merging ExternalSecret promises nothing", objects: []kube.Object{merging}, ref: ref("Secret", "shop", "merged"), presence: Unknown},
		{
			name: "a promise is a sibling", objects: []kube.Object{certificate}, ref: ref("Secret", "shop", "wholly-different"),
			presence: Absent, evidence: EvidenceSiblings,
		},
		{name: "a Bundle everywhere is no sibling", objects: []kube.Object{bundle}, ref: ref("ConfigMap", "", "wholly-different"), presence: Unknown},
		{name: "sibling", objects: []kube.Object{secret("shop", "else")}, ref: ref("Secret", "shop", "client-ca"), presence: Absent, evidence: EvidenceSiblings},
		{name: "loose files without a namespace are no siblings", objects: []kube.Object{secret("", "else")}, ref: ref("Secret", "", "client-ca"), presence: Unknown},
		{
			name: "files of one kustomization are", objects: []kube.Object{secret("", "else")}, options: Options{OneNamespace: true},
			ref: ref("Secret", "", "client-ca"), presence: Absent, evidence: EvidenceSiblings,
		},
		{name: "where more is applied than is here", objects: []kube.Object{secret("shop", "else")}, options: Options{Partial: true}, ref: ref("Secret", "shop", "client-ca"), presence: Unknown},
		{name: "a by-product is no sibling", objects: []kube.Object{object("networking.k8s.io/v1", "Ingress", "shop", "web", map[string]any{"spec": map[string]any{"tls": []any{map[string]any{"secretName": "web-tls"}}}})}, ref: ref("Secret", "shop", "client-ca"), presence: Unknown},
		{name: "another namespace's Secrets are no siblings", objects: []kube.Object{secret("infra", "else")}, ref: ref("Secret", "shop", "client-ca"), presence: Unknown},
		{
			name: "similar name", objects: []kube.Object{secret("shop", "clinet-ca")}, ref: ref("Secret", "shop", "client-ca"),
			presence: Absent, evidence: EvidenceNear, near: "Secret shop/clinet-ca",
		},
		{
			name: "other namespace", objects: []kube.Object{secret("infra", "client-ca")}, ref: ref("Secret", "shop", "client-ca"),
			presence: Absent, evidence: EvidenceNear, near: "Secret infra/client-ca",
		},
		{
			name: "other kind", objects: []kube.Object{object("v1", "ConfigMap", "shop", "client-ca", nil)}, ref: ref("Secret", "shop", "client-ca"),
			presence: Absent, evidence: EvidenceNear, near: "ConfigMap shop/client-ca",
		},
		{name: "short names are not alike", objects: []kube.Object{object("v1", "ConfigMap", "infra", "x", nil)}, ref: ref("ConfigMap", "shop", "ca"), presence: Unknown},
		{
			name: "a common name in other namespaces", objects: []kube.Object{secret("infra", "client-ca"), secret("apps", "client-ca")},
			ref: ref("Secret", "shop", "client-ca"), presence: Unknown,
		},
		{
			name: "another word", objects: []kube.Object{secret("shop", "client-ca-v2")}, ref: ref("Secret", "shop", "client-ca"),
			presence: Absent, evidence: EvidenceNear, near: "Secret shop/client-ca-v2",
		},
		{
			name: "other separators", objects: []kube.Object{secret("shop", "client.ca")}, ref: ref("Secret", "shop", "clientca"),
			presence: Absent, evidence: EvidenceNear, near: "Secret shop/client.ca",
		},
		{name: "declared complete", options: Options{Complete: []string{"sh*"}}, ref: ref("Secret", "shop", "ca"), presence: Absent, evidence: EvidenceComplete},
		{
			name: "declared external", options: Options{External: []External{{Kind: "Secret", Namespace: "*", Name: "vault-*"}}},
			ref: ref("Secret", "shop", "vault-ca"), presence: Present,
		},
		{
			name: "external of another kind", options: Options{External: []External{{Kind: "ConfigMap", Namespace: "*", Name: "vault-*"}}},
			ref: ref("Secret", "shop", "vault-ca"), presence: Unknown,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.Providers = providers(t)
			store := New(test.options)
			for _, obj := range test.objects {
				store.Put(obj)
			}
			got := store.Snapshot().Get(test.ref)
			if got.Presence != test.presence || got.Evidence != test.evidence {
				t.Errorf("got %s with evidence %q, want %s with %q", got.Presence, got.Evidence, test.presence, test.evidence)
			}
			near := ""
			if len(got.Near) > 0 {
				near = got.Near[0].ID.String()
			}
			if near != test.near {
				t.Errorf("near miss: got %q, want %q", near, test.near)
			}
		})
	}
}

// TestSnapshot: what was handed out does not change, whatever happens to the store.
func TestSnapshot(t *testing.T) {
	store := New(Options{Providers: providers(t)})
	for i := range 100 {
		store.Put(ingress("shop", fmt.Sprintf("web-%d", i), "a.test"))
	}
	before := store.Snapshot()
	for i := range 100 {
		store.Put(ingress("shop", fmt.Sprintf("web-%d", i), "b.test"))
	}
	store.Delete(kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web-7"})
	after := store.Snapshot()
	for _, test := range []struct {
		snapshot *Snapshot
		a, b     int
	}{{before, 100, 0}, {after, 0, 99}} {
		if a, b := len(test.snapshot.Sharing("host", "a.test")), len(test.snapshot.Sharing("host", "b.test")); a != test.a || b != test.b {
			t.Errorf("got %d on a.test and %d on b.test, want %d and %d", a, b, test.a, test.b)
		}
	}
	if got := len(before.Kind("Ingress.networking.k8s.io", "shop", kube.ID{})); got != 100 {
		t.Errorf("old snapshot: %d Ingresses, want 100", got)
	}
}

// TestDeletePromise: a promise goes with the object that made it.
func TestDeletePromise(t *testing.T) {
	store := New(Options{Providers: providers(t)})
	certificate := object("cert-manager.io/v1", "Certificate", "shop", "c", map[string]any{"spec": map[string]any{"secretName": "made"}})
	store.Put(certificate)
	store.Put(certificate)
	store.Delete(certificate.ID)
	if got := store.Snapshot().Get(ref("Secret", "shop", "made")); got.Presence != Unknown {
		t.Errorf("got %s, want unknown", got.Presence)
	}
}

// TestTree: another root counts, unless it is another environment of the same thing.
func TestTree(t *testing.T) {
	root := func(name string, objects ...kube.Object) *Store {
		store := New(Options{Providers: providers(t), Root: name})
		for _, obj := range objects {
			store.Add(obj)
		}
		return store
	}
	web := ingress("shop", "web", "a.test")
	prod := root("prod", web)
	staging := root("staging", web, secret("shop", "client-ca"))
	infra := root("infra", secret("shop", "client-ca"))
	issued := root("issued", object("cert-manager.io/v1", "Certificate", "shop", "c", map[string]any{"spec": map[string]any{"secretName": "client-ca"}}))
	wanted := ref("Secret", "shop", "client-ca")

	if got := NewTree([]*Store{prod, infra}).Root("prod").Get(wanted); got.Presence != Present || got.Root != "infra" {
		t.Errorf("beside infra: got %s in %q, want present in infra", got.Presence, got.Root)
	}
	if got := NewTree([]*Store{prod, staging, issued}).Root("prod").Get(wanted); got.Presence != Promised || got.Root != "issued" {
		t.Errorf("beside issued: got %s in %q, want promised in issued", got.Presence, got.Root)
	}
	beside := NewTree([]*Store{prod, staging}).Root("prod")
	if got := beside.Get(wanted); got.Presence != Absent || got.Evidence != EvidenceNear || len(got.Near) != 1 || got.Near[0].Why != "only in staging" {
		t.Errorf("beside staging: got %s, %q, %v; want absent: only in staging", got.Presence, got.Evidence, got.Near)
	}
	if peers := beside.Sharing("host", "a.test"); len(peers) != 1 {
		t.Errorf("got %d on the host, want the own one only", len(peers))
	}
	if got := NewTree([]*Store{prod, infra}).Root("prod").Kind("Secret", "shop", web.ID); len(got) != 1 {
		t.Errorf("got %d Secrets of the namespace, want infra's", len(got))
	}
}

// TestOverlay: an update conflicts neither with what it replaces nor rests on what that promised.
func TestOverlay(t *testing.T) {
	options := Options{Providers: providers(t)}
	store := New(options)
	store.Put(ingress("shop", "web", "a.test"))
	store.Put(object("cert-manager.io/v1", "Certificate", "shop", "c", map[string]any{"spec": map[string]any{"secretName": "old"}}))
	base := store.Snapshot()

	moved := Overlay(base, options, ingress("shop", "web", "b.test"))
	if a, b := len(moved.Sharing("host", "a.test")), len(moved.Sharing("host", "b.test")); a != 0 || b != 1 {
		t.Errorf("got %d on the old host and %d on the new, want 0 and 1", a, b)
	}
	renamed := Overlay(base, options, object("cert-manager.io/v1", "Certificate", "shop", "c", map[string]any{"spec": map[string]any{"secretName": "new"}}))
	if old, now := renamed.Get(ref("Secret", "shop", "old")), renamed.Get(ref("Secret", "shop", "new")); old.Presence == Promised || now.Presence != Promised {
		t.Errorf("got old %s and new %s, want the new one promised only", old.Presence, now.Presence)
	}
	same := ingress("shop", "same", "a.test")
	store.Put(same)
	snapshot := store.Snapshot()
	if Overlay(snapshot, options, same) != Reader(snapshot) {
		t.Error("an object that is part of the inventory needs no overlay")
	}
}

// TestOverlayOfWhatIsMade: what an object promises is there already, and what is looked up is still made by somebody.
func TestOverlayOfWhatIsMade(t *testing.T) {
	options := Options{Providers: providers(t)}
	certificate := object("cert-manager.io/v1", "Certificate", "shop", "c", map[string]any{"spec": map[string]any{"secretName": "made"}})
	store := New(options)
	store.Put(secret("shop", "made"))
	made := ref("Secret", "shop", "made")

	if found := Overlay(store.Snapshot(), options, certificate).Get(made); found.Presence != Present || found.Entry == nil || found.Promise == nil {
		t.Errorf("promised above: got %s %v %v, want it present, and promised", found.Presence, found.Entry, found.Promise)
	}
	gone := Correct(store.Snapshot(), options, Correction{Present: []kube.Object{certificate}, Absent: []kube.ID{made.To}})
	if found := gone.Get(made); found.Presence != Promised {
		t.Errorf("promised above, and certainly not there: got %s, want promised", found.Presence)
	}
	store.Put(certificate)
	looked := Correct(store.Snapshot(), options, Correction{Present: []kube.Object{secret("shop", "made")}})
	if found := looked.Get(made); found.Presence != Present || found.Entry == nil || found.Promise == nil {
		t.Errorf("looked up: got %s %v %v, want it present, and promised", found.Presence, found.Entry, found.Promise)
	}
	if found := Overlay(New(options).Snapshot(), options, certificate).Get(made); found.Presence != Promised {
		t.Errorf("promised only: got %s", found.Presence)
	}
}

// TestContent: data and stringData, opaque and empty values, and that nothing but certificates comes out.
func TestContent(t *testing.T) {
	entry := NewEntry(object("v1", "Secret", "shop", "s", map[string]any{
		"data":       map[string]any{"ca.crt": "aGVs\nbG8=", "empty": "", "bad": "%%", "sops": "ENC[AES256_GCM,data:x]"},
		"stringData": map[string]any{"tls.crt": "text"},
	}))
	filled := NewEntry(entry.Object())
	filled.Filled = true
	if _, open := filled.Keys(); !open || !filled.Content("empty", nil).Opaque {
		t.Error("of what something else fills in, nothing is known")
	}
	keys, open := entry.Keys()
	if fmt.Sprint(keys) != "[bad ca.crt empty sops tls.crt]" || open {
		t.Errorf("keys: got %v, open %v", keys, open)
	}
	for key, want := range map[string]string{
		"ca.crt": "bundle", "tls.crt": "bundle", "empty": "empty", "bad": "opaque", "sops": "opaque", "none": "nothing",
	} {
		got := "nothing"
		switch c := entry.Content(key, nil); {
		case c == nil:
		case c.Opaque:
			got = "opaque"
		case c.Empty:
			got = "empty"
		case c.Bundle != nil:
			got = "bundle"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}

// TestRevocation: revocation lists are read where they are asked for, and remain when values are dropped.
func TestRevocation(t *testing.T) {
	p, err := provider.Parse("test", []byte("kinds:\n  - kind: Ingress.networking.k8s.io\n    references:\n      - {role: ca, use: trust, path: spec.ca, kind: Secret, key: ca.crt, revocation: ca.crl}\n"))
	if err != nil {
		t.Fatal(err)
	}
	made := func(text string) *Entry {
		return NewEntry(object("v1", "Secret", "shop", "s", map[string]any{"stringData": map[string]any{"ca.crt": " ", "ca.crl": text}}))
	}
	providers := provider.NewSet([]provider.Provider{p})
	for text, want := range map[string]string{
		"": "nothing", "none": "refused", "ENC[AES256_GCM,data:x]": "opaque", strings.Repeat("x", mostText): "refused, opaque once dropped",
	} {
		describe := func(r *Revocation) string {
			switch {
			case r.Opaque:
				return "opaque"
			case r.CRLs == nil:
				return "nothing"
			}
			return r.CRLs.Go.String()
		}
		entry := made(text)
		got := describe(entry.Revocation("ca.crl", nil))
		if first := entry.Revocation("ca.crl", nil); first != entry.Revocation("ca.crl", nil) || entry.Revocation("other", nil) != nil {
			t.Errorf("%.20s: want it read once, and nothing of what is not there", text)
		}
		entry = made(text)
		entry.drop(providers, nil)
		if dropped := describe(entry.Revocation("ca.crl", nil)); dropped != got {
			got += ", " + dropped + " once dropped"
		}
		if got != want {
			t.Errorf("%.20s: got %s, want %s", text, got, want)
		}
		if white := entry.Content("ca.crt", nil); !white.Empty || white.Bundle.Go != pki.VerdictRefused {
			t.Error("white space is empty, and yet a text")
		}
	}
}

// TestHostKeys: of a host with a namespace before it, the host is the key.
func TestHostKeys(t *testing.T) {
	peers := provider.Peers{Name: "host", Names: provider.HostBare, Paths: []provider.Path{pattern(t, "spec.hosts[*]")}}
	obj := kube.Object{ID: kube.ID{Kind: "Gateway", Namespace: "shop"}, Fields: map[string]any{"spec": map[string]any{"hosts": []any{"www.shop.test", "./api.shop.test", "pay/*", "pay/"}}}}
	var keys []string
	for _, member := range Memberships(&peers, obj) {
		keys = append(keys, member.Key)
	}
	if got := strings.Join(keys, " "); got != "www.shop.test api.shop.test *" {
		t.Errorf("got %q", got)
	}
}

func pattern(t *testing.T, text string) provider.Path {
	t.Helper()
	parsed, err := kube.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return provider.Path{Pattern: parsed}
}
