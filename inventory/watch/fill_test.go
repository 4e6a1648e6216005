package watch

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// filling is a cluster that was read once.
type filling struct {
	*inventory.Store
	kinds []Filled
	err   error
}

func fill(t *testing.T, c *cluster, mode SecretsMode, namespaces ...string) filling {
	t.Helper()
	set := providers(t)
	f := filling{Store: inventory.New(inventory.Options{Providers: set, Cluster: true})}
	f.kinds, f.err = Fill(t.Context(), Options{Store: f.Store, Providers: set, Config: c.config(), Secrets: mode}, namespaces, nil)
	return f
}

func (f filling) kind(groupKind string) Filled {
	return f.kinds[slices.IndexFunc(f.kinds, func(k Filled) bool { return k.GroupKind == groupKind })]
}

func (f filling) presence(groupKind, namespace, name string) inventory.Presence {
	group, kind := kube.SplitGroupKind(groupKind)
	return f.Snapshot().Get(inventory.Ref{To: kube.ID{Group: group, Kind: kind, Namespace: namespace, Name: name}}).Presence
}

// TestFillOnce: everything is listed, nothing is watched, and what is not served is unknown.
func TestFillOnce(t *testing.T) {
	c := newCluster(t)
	for _, name := range strings.Split(strings.Repeat("x", 2*valuesPageSize), "") {
		c.put("secrets", "shop", name+strings.Repeat("y", len(c.served["secrets"].objects)), secret("ca.crt", "x"))
	}
	c.put("secrets", "shop", "token", map[string]any{"type": "kubernetes.io/service-account-token", "data": map[string]any{"token": "eA=="}})
	c.put("secrets", "shop", "release", map[string]any{"type": "helm.sh/release.v1", "data": map[string]any{"release": "eA=="}})
	c.put("ingresses", "shop", "web", host("a.test"))
	var told []int
	set := providers(t)
	store := inventory.New(inventory.Options{Providers: set, Cluster: true})
	kinds, err := Fill(t.Context(), Options{Store: store, Providers: set, Config: c.config(), Secrets: SecretsFull}, nil, func(done, of int) {
		if done == of {
			told = append(told, of)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	f := filling{Store: store, kinds: kinds}
	if got := f.kind("Secret"); !got.All || got.Objects != 2*valuesPageSize+1 || got.Resource != "secrets" || got.Err != nil {
		t.Errorf("Secrets: got %+v", got)
	}
	if got := f.kind("Gateway.gateway.networking.k8s.io"); got.All || got.Err != nil || got.Resource != "" {
		t.Errorf("a kind that is not served: got %+v", got)
	}
	for _, test := range []struct {
		groupKind, name string
		want            inventory.Presence
	}{
		{"Secret", "xyyy", inventory.Present},
		{"Secret", "token", inventory.Present},
		{"Secret", "missing", inventory.Absent},
		{"Ingress.networking.k8s.io", "web", inventory.Present},
		{"Gateway.gateway.networking.k8s.io", "missing", inventory.Unknown},
	} {
		if got := f.presence(test.groupKind, "shop", test.name); got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.groupKind, test.name, got, test.want)
		}
	}
	token := store.Snapshot().Get(inventory.Ref{To: kube.ID{Kind: "Secret", Namespace: "shop", Name: "token"}}).Entry
	if keys, open := token.Keys(); len(keys) > 0 || !open {
		t.Errorf("more is known of a token than that it is there: %q, %v", keys, open)
	}
	if c.called("watch secrets")+c.called("watch ingresses") > 0 {
		t.Error("something was watched")
	}
	if len(told) != 1 || told[0] != len(kinds) {
		t.Errorf("progress: got %v, want the end of %d once", told, len(kinds))
	}
}

// TestFillForbidden: what may not be listed is unknown, and known where it may be. Nobody waits for permissions.
func TestFillForbidden(t *testing.T) {
	c := newCluster(t)
	c.put("secrets", "shop", "ca", secret("ca.crt", "x"))
	c.put("secrets", "infra", "ca", secret("ca.crt", "x"))
	c.refusing(func(r request) int {
		switch {
		case r.resource == "ingressclasses", r.resource == "secrets" && r.namespace != "shop":
			return http.StatusForbidden
		default:
			return 0
		}
	})
	began := time.Now()
	f := fill(t, c, SecretsFull, "infra", "shop")
	if f.err != nil {
		t.Fatal(f.err)
	}
	if took := time.Since(began); took > listWait {
		t.Errorf("took %s", took)
	}
	if got := f.kind("Secret"); got.All || !got.Forbidden() || !slices.Equal(got.Namespaces, []string{"shop"}) {
		t.Errorf("Secrets: got %+v", got)
	}
	if got := f.kind("IngressClass.networking.k8s.io"); got.All || !got.Forbidden() || got.Resource != "ingressclasses.networking.k8s.io" {
		t.Errorf("classes: got %+v", got)
	}
	for _, test := range []struct {
		namespace, name string
		want            inventory.Presence
	}{
		{"shop", "ca", inventory.Present},
		{"shop", "missing", inventory.Absent},
		{"infra", "ca", inventory.Unknown},
		{"infra", "missing", inventory.Unknown},
		{"", "missing", inventory.Unknown},
	} {
		if got := f.presence("Secret", test.namespace, test.name); got != test.want {
			t.Errorf("%s/%s: got %s, want %s", test.namespace, test.name, got, test.want)
		}
	}
}

// TestFillModes: in mode metadata a Secret is there and open, in mode none nobody asks for any.
func TestFillModes(t *testing.T) {
	c := newCluster(t)
	c.put("secrets", "shop", "ca", secret("ca.crt", "x"))
	f := fill(t, c, SecretsMetadata)
	if got := f.presence("Secret", "shop", "ca"); got != inventory.Present || c.called("list secrets") != c.called("list metadata of secrets") {
		t.Errorf("metadata: got %s", got)
	}
	before := c.called("list secrets")
	f = fill(t, c, SecretsNone)
	if got := f.kind("Secret"); got.All || got.Err != nil || f.presence("Secret", "shop", "ca") != inventory.Unknown || c.called("list secrets") != before {
		t.Errorf("none: got %+v", got)
	}
	set := providers(t)
	options := Options{
		Store: inventory.New(inventory.Options{Providers: set, Cluster: true}), Providers: set, Config: c.config(),
		Secrets: SecretsFull, SecretsNamespaces: []string{"web", "shop"},
	}
	kinds, err := Fill(t.Context(), options, []string{"infra"}, nil)
	if got := (filling{Store: options.Store, kinds: kinds}).kind("Secret"); err != nil || got.All || got.Err != nil || !slices.Equal(got.Namespaces, []string{"shop", "web"}) {
		t.Errorf("in some namespaces: got %+v, %v", got, err)
	}
}

// TestFillFaults: a list that breaks off is begun again, and in the end unknown; a cluster that nobody answers for is an error.
func TestFillFaults(t *testing.T) {
	c := newCluster(t)
	c.put("secrets", "shop", "ca", secret("ca.crt", "x"))
	faults := 1
	c.refusing(func(r request) int {
		if r.resource == "ingresses" {
			return http.StatusInternalServerError
		}
		if r.resource == "secrets" && faults > 0 {
			faults--
			return http.StatusInternalServerError
		}
		return 0
	})
	f := fill(t, c, SecretsFull)
	if got := f.kind("Secret"); f.err != nil || !got.All {
		t.Errorf("one fault: got %+v, %v", got, f.err)
	}
	if got := f.kind("Ingress.networking.k8s.io"); got.All || got.Err == nil || got.Forbidden() {
		t.Errorf("faults only: got %+v", got)
	}
	set := providers(t)
	options := Options{Store: inventory.New(inventory.Options{Providers: set, Cluster: true}), Providers: set, Config: &rest.Config{Host: "http://127.0.0.1:1"}}
	if _, err := Fill(t.Context(), options, nil, nil); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("nobody there: got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fill(ended, options, nil, nil); err == nil {
		t.Error("given up before it began, and no error")
	}
	if _, err := Fill(t.Context(), Options{}, nil, nil); err == nil {
		t.Error("no store, and no error")
	}
}
