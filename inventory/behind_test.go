package inventory

import (
	"slices"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

// files is a root of a tree.
func files(t *testing.T, root string, objects ...kube.Object) *Store {
	t.Helper()
	store := New(Options{Providers: providers(t), Root: root})
	for _, obj := range objects {
		store.Add(obj)
	}
	return store
}

func labels(entries []*Entry) []string {
	var found []string
	for _, e := range entries {
		found = append(found, e.ID.String())
	}
	return found
}

func since(obj kube.Object, created string) kube.Object {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	metadata["creationTimestamp"] = created
	return obj
}

// TestBehind: what files do not hold is as it is in the cluster behind them.
func TestBehind(t *testing.T) {
	external := []External{{Kind: "Secret", Namespace: "*", Name: "declared"}}
	sealed := func(name string, keys ...any) kube.Object {
		return object("external-secrets.io/v1", "ExternalSecret", "shop", name, map[string]any{"spec": map[string]any{"data": keys}})
	}
	key := func(name string) map[string]any { return map[string]any{"secretKey": name} }
	live := inCluster(
		t, secret("shop", "there"), secret("shop", "declared"), secret("shop", "clients-ca"), secret("shop", "made-by-old"),
		certificate("old", "made-by-old"), certificate("kept", "of-kept"), secret("shop", "of-kept"), certificate("moved", "before"),
		secret("shop", "same"), sealed("same", key("ca.crt")), secret("shop", "more"), sealed("more", key("tls.crt")),
		secret("shop", "new"),
	).Snapshot()
	tree := New(Options{Providers: providers(t), External: external})
	for _, obj := range []kube.Object{
		secret("shop", "here"), secret("shop", "sibling"), certificate("kept", "of-kept"), certificate("moved", "after"),
		sealed("same", key("ca.crt")), sealed("more", key("tls.crt"), key("ca.crt")), sealed("new", key("ca.crt")),
	} {
		tree.Add(obj)
	}
	inv := Behind(tree.Snapshot(), live)
	for _, test := range []struct {
		name     string
		ref      Ref
		presence Presence
		entry    bool
		promise  bool
	}{
		{name: "in the files", ref: ref("Secret", "shop", "here"), presence: Present, entry: true},
		{name: "in the cluster", ref: ref("Secret", "shop", "there"), presence: Present, entry: true},
		{name: "in any namespace of the cluster", ref: ref("Secret", "", "there"), presence: Present, entry: true},
		{name: "declared, and in the cluster", ref: ref("Secret", "shop", "declared"), presence: Present, entry: true},
		{name: "declared only", ref: ref("Secret", "infra", "declared"), presence: Present},
		{name: "in neither", ref: ref("Secret", "shop", "missing"), presence: Absent},
		{name: "in neither, of no namespace", ref: ref("Secret", "", "missing"), presence: Absent},
		{name: "of a kind that is out of sight", ref: ref("ConfigMap", "shop", "here"), presence: Unknown},
		{name: "made in the cluster", ref: ref("Secret", "shop", "made-by-old"), presence: Present, entry: true, promise: true},
		{name: "made by what is in both", ref: ref("Secret", "shop", "of-kept"), presence: Present, entry: true, promise: true},
		{name: "what a new version makes", ref: ref("Secret", "shop", "after"), presence: Promised, promise: true},
		{name: "what the old version made", ref: ref("Secret", "shop", "before"), presence: Absent},
		{name: "made as before", ref: ref("Secret", "shop", "same"), presence: Present, entry: true, promise: true},
		{name: "made with another key than before", ref: ref("Secret", "shop", "more"), presence: Promised, promise: true},
		{name: "there, and soon made by something new", ref: ref("Secret", "shop", "new"), presence: Promised, promise: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := inv.Get(test.ref)
			if got.Presence != test.presence || (got.Entry != nil) != test.entry || (got.Promise != nil) != test.promise {
				t.Errorf("got %s %v %v", got.Presence, got.Entry, got.Promise)
			}
			if missed := got.Presence < Promised; got.Behind != missed {
				t.Errorf("behind: got %v", got.Behind)
			}
		})
	}
	near := inv.Get(ref("Secret", "shop", "client-ca")).Near
	if len(near) != 1 || near[0].ID.Name != "clients-ca" || near[0].Why != "in the cluster" {
		t.Errorf("near: got %v", near)
	}
	if !inv.Complete("Secret", "shop") || inv.Complete("ConfigMap", "shop") || !inv.Cluster() {
		t.Error("what is complete is not what the cluster shows")
	}
	own := tree.added[0].Object()
	if !inv.Has(own) || Overlay(inv, Options{Providers: providers(t)}, own) != inv {
		t.Error("an object of the files is not taken for one")
	}
}

// TestBehindPeers: an object of files takes the place of the live one, in whichever root it stands, and is no peer of itself.
func TestBehindPeers(t *testing.T) {
	live := inCluster(
		t, ingress("shop", "web", "a.test"), ingress("other", "theirs", "a.test"), ingress("infra", "moved", "a.test"),
		ingress("infra", "stays", "a.test"), ingress("any", "loose", "a.test"),
	).Snapshot()
	shop := files(t, "shop", ingress("shop", "web", "a.test"), ingress("shop", "new", "a.test"), ingress("", "loose", "b.test"))
	infra := files(t, "infra", ingress("infra", "moved", "b.test"), ingress("infra", "stays", "a.test"), ingress("infra", "not-live", "a.test"))
	inv := Behind(NewTree([]*Store{shop, infra}).Root("shop"), live)
	for _, test := range []struct {
		name string
		got  []*Entry
		want []string
	}{
		{"a host", inv.Sharing("host", "a.test"), []string{"Ingress infra/stays", "Ingress other/theirs", "Ingress shop/new", "Ingress shop/web"}},
		{"a host that is new", inv.Sharing("host", "b.test"), []string{"Ingress loose"}},
		{"a namespace", inv.Kind("Ingress.networking.k8s.io", "shop", kube.ID{}), []string{"Ingress loose", "Ingress shop/new", "Ingress shop/web"}},
		{"a namespace of the cluster", inv.Kind("Ingress.networking.k8s.io", "other", kube.ID{}), []string{"Ingress loose", "Ingress other/theirs"}},
		{"a namespace of the other root", inv.Kind("Ingress.networking.k8s.io", "infra", kube.ID{}), []string{"Ingress loose", "Ingress infra/moved", "Ingress infra/not-live", "Ingress infra/stays"}},
	} {
		if got := labels(test.got); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	for _, e := range inv.Sharing("host", "a.test") {
		if inTree := e.Root != ""; inTree == (e.ID.Namespace == "other") {
			t.Errorf("%s is of root %q", e.ID, e.Root)
		}
	}
	alone := Behind(files(t, "alone", ingress("shop", "web", "b.test")).Snapshot(), live)
	if got := len(alone.Sharing("host", "a.test")); got != 4 {
		t.Errorf("alone: got %d on the host, want the live ones without the one that left", got)
	}
}

// TestBehindCopies: what another environment holds says nothing about what is live.
func TestBehindCopies(t *testing.T) {
	web := ingress("shop", "web", "a.test")
	prod, staging := files(t, "prod", web), files(t, "staging", web, secret("shop", "client-ca"))
	wanted := ref("Secret", "shop", "client-ca")
	if got := Behind(NewTree([]*Store{prod, staging}).Root("prod"), inCluster(t, secret("shop", "client-ca")).Snapshot()).Get(wanted); got.Presence != Present || got.Entry.Root != "" {
		t.Errorf("live: got %s", got.Presence)
	}
	if got := Behind(NewTree([]*Store{prod, staging}).Root("prod"), inCluster(t).Snapshot()).Get(wanted); got.Presence != Absent {
		t.Errorf("live nowhere: got %s", got.Presence)
	}
}

// TestDated: an object keeps the time of creation that it has in the cluster, and a new one has none whatever its file says.
func TestDated(t *testing.T) {
	const first, later = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
	live := inCluster(t, since(ingress("shop", "web", "a.test"), later), since(ingress("infra", "web", "a.test"), first)).Snapshot()
	for _, test := range []struct {
		name string
		obj  kube.Object
		want any
	}{
		{"live", ingress("shop", "web", "a.test"), later},
		{"live, exported at some time", since(ingress("shop", "web", "a.test"), first), later},
		{"live, and said so", since(ingress("shop", "web", "a.test"), later), later},
		{"of any namespace", ingress("", "web", "a.test"), first},
		{"new", ingress("shop", "new", "a.test"), nil},
		{"new, exported from elsewhere", since(ingress("shop", "new", "a.test"), first), nil},
		{"without metadata", kube.Object{ID: kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"}, Fields: map[string]any{}}, later},
	} {
		before, _ := test.obj.Fields["metadata"].(map[string]any)
		written := before["creationTimestamp"]
		dated := live.Dated(test.obj)
		metadata, _ := dated.Fields["metadata"].(map[string]any)
		if got := metadata["creationTimestamp"]; got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
		if before["creationTimestamp"] != written {
			t.Errorf("%s: the object given was changed", test.name)
		}
	}
}
