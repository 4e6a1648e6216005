package watch

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// providers reads the tables that are shipped.
func providers(t testing.TB) *provider.Set {
	t.Helper()
	var all []provider.Provider
	files, err := filepath.Glob("../../policies/*/provider.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no providers: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := provider.Parse(filepath.Base(filepath.Dir(file)), data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return provider.NewSet(all)
}

// fast are timings for tests.
var fast = timing{
	poll: 10 * time.Millisecond, settle: 100 * time.Millisecond, bound: 300 * time.Millisecond,
	check: 5 * time.Millisecond, retry: 5 * time.Millisecond, retryMost: 20 * time.Millisecond,
}

// scene is a cluster with a watcher on it.
type scene struct {
	*cluster
	*Watcher
	store *inventory.Store
	log   *log
	stop  func()
}

type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) count(substrings ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for line := range strings.Lines(l.b.String()) {
		if !slices.ContainsFunc(substrings, func(s string) bool { return !strings.Contains(line, s) }) {
			n++
		}
	}
	return n
}

func start(t *testing.T, c *cluster, change ...func(*Options)) *scene {
	t.Helper()
	s := prepareScene(t, c, change...)
	s.run(t)
	return s
}

func prepareScene(t *testing.T, c *cluster, change ...func(*Options)) *scene {
	t.Helper()
	set := providers(t)
	s := &scene{cluster: c, store: inventory.New(inventory.Options{Providers: set, Cluster: true}), log: &log{}}
	options := Options{
		Store: s.store, Providers: set, Config: c.config(), Secrets: SecretsFull,
		Needed: []string{"Secret", "Ingress.networking.k8s.io"},
		Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	for _, f := range change {
		f(&options)
	}
	w, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	w.timing = fast
	s.Watcher = w
	return s
}

func (s *scene) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Start(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Start: %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Start does not end with its context")
		}
	})
	t.Cleanup(s.stop)
}

// eventually waits for something to become so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// always checks that something stays so for a while.
func always(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(100 * time.Millisecond); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if !so() {
			t.Fatalf("not so for long: %s", what)
		}
	}
}

func (s *scene) presence(groupKind, namespace, name string) inventory.Presence {
	group, kind := kube.SplitGroupKind(groupKind)
	return s.store.Snapshot().Get(inventory.Ref{To: kube.ID{Group: group, Kind: kind, Namespace: namespace, Name: name}}).Presence
}

func (s *scene) has(want inventory.Presence, groupKind, namespace, name string) func() bool {
	return func() bool { return s.presence(groupKind, namespace, name) == want }
}

func (s *scene) kind(groupKind string) KindStatus {
	for _, k := range s.Kinds() {
		if k.GroupKind == groupKind {
			return k
		}
	}
	return KindStatus{}
}

func (s *scene) synced(groupKind string) func() bool {
	return func() bool { return s.kind(groupKind).Synced }
}

func (s *scene) isReady() bool { return s.Ready() == nil }

func secret(values ...string) map[string]any {
	data := map[string]any{}
	for i := 0; i < len(values); i += 2 {
		data[values[i]] = base64.StdEncoding.EncodeToString([]byte(values[i+1]))
	}
	return map[string]any{"type": "Opaque", "data": data}
}

func host(name string) map[string]any {
	return map[string]any{
		"spec":   map[string]any{"rules": []any{map[string]any{"host": name}}},
		"status": map[string]any{"loadBalancer": map[string]any{}},
	}
}

const (
	ingress        = "Ingress.networking.k8s.io"
	gateway        = "Gateway.gateway.networking.k8s.io"
	referenceGrant = "ReferenceGrant.gateway.networking.k8s.io"
)

// both runs a test against API servers that stream the first list and those that do not.
func both(t *testing.T, test func(*testing.T, *cluster)) {
	for _, streaming := range []bool{true, false} {
		t.Run(fmt.Sprintf("streaming=%v", streaming), func(t *testing.T) {
			c := newCluster(t)
			c.streaming = streaming
			test(t, c)
		})
	}
}

// TestFill: what is there is in the inventory, what comes and goes follows, what is not there is absent.
func TestFill(t *testing.T) {
	both(t, func(t *testing.T, c *cluster) {
		for i := range 120 { // more than two pages
			c.put("secrets", "shop", fmt.Sprintf("s%03d", i), secret("ca.crt", "x"))
		}
		c.put("ingresses", "shop", "web", host("a.test"))
		c.put("ingressclasses", "", "nginx", map[string]any{"spec": map[string]any{"controller": "k8s.io/ingress-nginx"}})
		var mu sync.Mutex
		told := map[kube.ID]bool{}
		s := start(t, c, func(o *Options) {
			o.OnChange = func(id kube.ID) {
				mu.Lock()
				defer mu.Unlock()
				told[id] = true
			}
		})
		eventually(t, "ready", s.isReady)
		eventually(t, "classes", s.synced("IngressClass.networking.k8s.io"))
		if got := s.kind("Secret").Objects; got != 120 {
			t.Errorf("got %d Secrets, want 120", got)
		}
		if got := s.presence("Secret", "shop", "s119"); got != inventory.Present {
			t.Errorf("s119: got %s, want present", got)
		}
		if got := s.presence("Secret", "shop", "other"); got != inventory.Absent {
			t.Errorf("other: got %s, want absent", got)
		}
		if got := len(s.store.Snapshot().Sharing("host", "a.test")); got != 1 {
			t.Errorf("got %d Ingresses on a.test, want 1", got)
		}
		c.put("secrets", "shop", "other", secret())
		eventually(t, "other is there", s.has(inventory.Present, "Secret", "shop", "other"))
		c.remove("secrets", "shop", "other")
		eventually(t, "other is gone", s.has(inventory.Absent, "Secret", "shop", "other"))
		c.put("ingresses", "shop", "web", host("b.test"))
		eventually(t, "the host moved", func() bool { return len(s.store.Snapshot().Sharing("host", "b.test")) == 1 })
		mu.Lock()
		defer mu.Unlock()
		if !told[kube.ID{Kind: "Secret", Namespace: "shop", Name: "other"}] || !told[kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"}] {
			t.Errorf("changes were not told: %v", len(told))
		}
	})
}

// TestNothingSecretStays: of Secrets and ConfigMaps no value is to be found in what the inventory holds, nor status,
// managedFields or kubectl's copy of anything.
func TestNothingSecretStays(t *testing.T) {
	both(t, func(t *testing.T, c *cluster) {
		hidden := "hidden-value-" + t.Name()
		c.put("secrets", "shop", "before", secret("password", hidden))
		c.put("configmaps", "shop", "before", map[string]any{"data": map[string]any{"settings": hidden}})
		c.put("ingresses", "shop", "web", host("a.test"))
		c.put("services", "shop", "web", map[string]any{"spec": map[string]any{"clusterIP": hidden}})
		s := start(t, c)
		eventually(t, "ready", s.isReady)
		c.put("secrets", "shop", "after", secret("password", hidden))
		for _, kind := range []string{"Secret", "ConfigMap", "Service"} {
			eventually(t, "synced", s.synced(kind))
		}
		eventually(t, "after is there", s.has(inventory.Present, "Secret", "shop", "after"))
		snapshot := s.store.Snapshot()
		for _, kind := range []string{"Secret", "ConfigMap", "Service", ingress} {
			entries := snapshot.Kind(kind, "shop", kube.ID{})
			if len(entries) == 0 {
				t.Errorf("no %s", kind)
			}
			for _, entry := range entries {
				text := dump(reflect.ValueOf(entry))
				for _, word := range []string{hidden, base64.StdEncoding.EncodeToString([]byte(hidden)), "managedFields", "last-applied", "loadBalancer"} {
					if strings.Contains(text, word) {
						t.Errorf("%s: %q is still there: %s", entry.ID, word, text)
					}
				}
			}
		}
		if keys, open := snapshot.Kind("Secret", "shop", kube.ID{})[0].Keys(); open || !slices.Equal(keys, []string{"password"}) {
			t.Errorf("keys: got %v, open %v", keys, open)
		}
		if got := snapshot.Kind(ingress, "shop", kube.ID{})[0].Object(); got.Fields["spec"] == nil || got.APIVersion() != "networking.k8s.io/v1" {
			t.Errorf("Ingress: got %v", got)
		}
	})
}

// TestWorkloads: of workloads only those are read that may run a controller, of these only its flags are kept, of ConfigMaps
// its settings, and nobody waits for them.
func TestWorkloads(t *testing.T) {
	both(t, func(t *testing.T, c *cluster) {
		const hidden = "hidden-value"
		c.install("Deployment.apps", "deployments", "v1")
		c.put("deployments", "edge", "nginx", map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{
			map[string]any{"args": []any{"--token=" + hidden}},
			map[string]any{"args": []any{"/nginx-ingress-controller", "--configmap=edge/nginx", "--token=" + hidden}, "env": []any{map[string]any{"value": hidden}}},
		}}}}})
		c.put("configmaps", "edge", "nginx", map[string]any{"data": map[string]any{"ssl-redirect": "false", "other": hidden}})
		c.refusing(func(r request) int {
			if r.resource == "deployments" {
				return http.StatusForbidden
			}
			return 0
		})
		s := start(t, c)
		eventually(t, "ready without workloads", s.isReady)
		c.refusing(nil)
		eventually(t, "workloads", s.synced("Deployment.apps"))
		eventually(t, "ConfigMaps", s.synced("ConfigMap"))
		const selector = " deployments by app.kubernetes.io/name in (ingress-nginx,rke2-ingress-nginx)"
		for _, verb := range []string{"list", "watch"} {
			if all, selected := c.called(verb+" deployments"), c.called(verb+selector); all != selected {
				t.Errorf("%s: %d of %d select", verb, selected, all)
			}
		}
		shown := s.store.Snapshot().Kind(inventory.Installation("ingress-nginx"), "", kube.ID{})
		if len(shown) != 1 || !strings.Contains(fmt.Sprint(shown[0].Object().Fields), "--configmap=edge/nginx") {
			t.Fatalf("got %v", shown)
		}
		settings := s.store.Snapshot().Get(inventory.Ref{To: kube.ID{Kind: "ConfigMap", Namespace: "edge", Name: "nginx"}}).Entry
		if value, set, known := settings.Setting("ssl-redirect"); value != "false" || !set || !known {
			t.Errorf("got %q, set %t, known %t", value, set, known)
		}
		for _, entry := range append(shown, settings) {
			if text := dump(reflect.ValueOf(entry)); strings.Contains(text, hidden) {
				t.Errorf("%s: kept %s", entry.ID, text)
			}
		}
	})
}

// dump writes every string that can be reached from a value.
func dump(v reflect.Value) string {
	var b strings.Builder
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			b.WriteString(v.String() + "\n")
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(key)
				walk(v.MapIndex(key))
			}
		case reflect.Slice, reflect.Array:
			if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
				fmt.Fprintf(&b, "%s\n", v)
				return
			}
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(v)
	return b.String()
}

// TestSecretsModes: what each mode asks of the API server, and what it knows.
func TestSecretsModes(t *testing.T) {
	for _, test := range []struct {
		mode              SecretsMode
		present, missing  inventory.Presence
		lists, open, read bool
	}{
		{mode: SecretsFull, present: inventory.Present, missing: inventory.Absent, lists: true, read: true},
		{mode: SecretsMetadata, present: inventory.Present, missing: inventory.Absent, lists: true, open: true, read: true},
		{mode: SecretsLive, read: true},
		{mode: SecretsNone},
	} {
		t.Run(test.mode.String(), func(t *testing.T) {
			c := newCluster(t)
			c.put("secrets", "shop", "ca", secret("ca.crt", "x"))
			c.put("secrets", "shop", "release", map[string]any{"type": "helm.sh/release.v1", "data": map[string]any{"release": "eA=="}})
			s := start(t, c, func(o *Options) { o.Secrets = test.mode })
			eventually(t, "ready", s.isReady)
			if got := s.presence("Secret", "shop", "ca"); got != test.present {
				t.Errorf("got %s, want %s", got, test.present)
			}
			for _, name := range []string{"missing", "release"} {
				if got := s.presence("Secret", "shop", name); got != test.missing {
					t.Errorf("%s: got %s, want %s", name, got, test.missing)
				}
			}
			if lists := c.called("watch secrets")+c.called("list secrets") > 0; lists != test.lists {
				t.Errorf("Secrets listed: got %v, want %v", lists, test.lists)
			}
			if whole := c.called("watch secrets")-c.called("watch metadata of secrets") > 0; whole != (test.mode == SecretsFull) {
				t.Errorf("whole Secrets asked for: got %v", whole)
			}
			if test.lists {
				if _, open := s.store.Snapshot().Kind("Secret", "shop", kube.ID{})[0].Keys(); open != test.open {
					t.Errorf("keys are open: got %v, want %v", open, test.open)
				}
			}
			obj, found, err := s.Get(t.Context(), kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"})
			if (err == nil) != test.read || found != test.read {
				t.Errorf("Get: got %v, %v", found, err)
			}
			if _, whole := obj.Fields["data"]; whole != (test.mode == SecretsFull || test.mode == SecretsLive) {
				t.Errorf("Get returned %v", obj.Fields)
			}
			// What the list leaves out is found when it matters.
			if _, found, err := s.Get(t.Context(), kube.ID{Kind: "Secret", Namespace: "shop", Name: "release"}); found != test.read {
				t.Errorf("Get of a release: got %v, %v", found, err)
			}
			if _, err := s.List(t.Context(), "Secret", "shop", 10); err == nil {
				t.Error("Secrets were listed for an answer")
			}
		})
	}
}

// TestSecretsNamespaces: only these are asked for, and only of these is anything known.
func TestSecretsNamespaces(t *testing.T) {
	both(t, func(t *testing.T, c *cluster) {
		c.put("secrets", "shop", "ca", secret())
		c.put("secrets", "infra", "ca", secret())
		c.put("secrets", "other", "ca", secret())
		c.refusing(func(r request) int {
			if r.resource == "secrets" && r.namespace != "shop" && r.namespace != "infra" {
				return http.StatusForbidden
			}
			return 0
		})
		s := start(t, c, func(o *Options) { o.SecretsNamespaces = []string{"shop", "infra", "shop"} })
		eventually(t, "ready", s.isReady)
		for _, test := range []struct {
			namespace, name string
			want            inventory.Presence
		}{
			{"shop", "ca", inventory.Present},
			{"infra", "ca", inventory.Present},
			{"shop", "wholly-different", inventory.Absent},
		} {
			if got := s.presence("Secret", test.namespace, test.name); got != test.want {
				t.Errorf("%s/%s: got %s, want %s", test.namespace, test.name, got, test.want)
			}
		}
		snapshot := s.store.Snapshot()
		if !snapshot.Complete("Secret", "shop") || snapshot.Complete("Secret", "other") || snapshot.Complete("Secret", "") {
			t.Error("only the namespaces asked for are complete")
		}
		if _, _, err := s.Get(t.Context(), kube.ID{Kind: "Secret", Namespace: "other", Name: "ca"}); err == nil {
			t.Error("a Secret of another namespace was read")
		}
		if status := s.kind("Secret"); status.Objects != 2 || !status.Synced {
			t.Errorf("got %+v", status)
		}
		// One namespace out of sight makes the kind so, and leaves the other one.
		c.refusing(func(r request) int {
			if r.resource == "secrets" && r.namespace == "infra" {
				return http.StatusForbidden
			}
			return 0
		})
		c.disconnect()
		eventually(t, "infra is out of sight", func() bool { return !s.store.Snapshot().Complete("Secret", "infra") })
		if status := s.kind("Secret"); status.Synced || !strings.Contains(status.Reason, "forbidden in namespace infra") {
			t.Errorf("got %+v", status)
		}
		eventually(t, "shop is in sight", func() bool { return s.store.Snapshot().Complete("Secret", "shop") })
	})
}

// TestInstalledLate: a kind without a CustomResourceDefinition is absent, unknown from its installation to its first list,
// and followed from then on, until it is removed.
func TestInstalledLate(t *testing.T) {
	both(t, func(t *testing.T, c *cluster) {
		s := start(t, c, func(o *Options) { o.Needed = append(o.Needed, gateway) })
		eventually(t, "ready without the kind", s.isReady)
		if status := s.kind(gateway); !status.Synced || status.Reason != "not installed" || status.Served != "" {
			t.Errorf("before: got %+v", status)
		}
		if got := s.presence(gateway, "shop", "gw"); got != inventory.Absent {
			t.Errorf("before: got %s, want absent", got)
		}
		if _, found, err := s.Get(t.Context(), kube.ID{Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: "shop", Name: "gw"}); found || err != nil {
			t.Errorf("before: Get: got %v, %v", found, err)
		}

		// Its list does not work at first.
		c.refusing(func(r request) int {
			if r.resource == "gateways" && r.verb != "get" {
				return http.StatusInternalServerError
			}
			return 0
		})
		c.install(gateway, "gateways", "v1")
		c.put("gateways", "shop", "gw", map[string]any{"spec": map[string]any{}})
		// A read is right at once, however old the last answer of discovery.
		if _, found, err := s.Get(t.Context(), kube.ID{Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: "shop", Name: "gw"}); !found && err == nil {
			time.Sleep(freshEnough)
			if _, found, err := s.Get(t.Context(), kube.ID{Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: "shop", Name: "gw"}); !found {
				t.Errorf("after: Get: got %v, %v", found, err)
			}
		}
		eventually(t, "unknown", s.has(inventory.Unknown, gateway, "shop", "gw"))
		if status := s.kind(gateway); status.Synced || status.Served != "v1" {
			t.Errorf("between: got %+v", status)
		}
		c.refusing(nil)
		eventually(t, "present", s.has(inventory.Present, gateway, "shop", "gw"))
		eventually(t, "synced", s.synced(gateway))
		if got := s.presence(gateway, "shop", "another"); got != inventory.Absent {
			t.Errorf("after: got %s, want absent", got)
		}

		c.uninstall("gateways")
		eventually(t, "gone", s.has(inventory.Absent, gateway, "shop", "gw"))
		if status := s.kind(gateway); !status.Synced || status.Objects != 0 || status.Reason != "not installed" {
			t.Errorf("at the end: got %+v", status)
		}
	})
}

// TestDiscoveryOfAStartingServer: an API server that has not loaded its CustomResourceDefinitions yet does not make their
// objects absent.
func TestDiscoveryOfAStartingServer(t *testing.T) {
	c := newCluster(t)
	c.ready = http.StatusInternalServerError
	s := start(t, c, func(o *Options) { o.Needed = append(o.Needed, gateway) })
	eventually(t, "built-in kinds", s.synced(ingress))
	always(t, "the Gateway is unknown", func() bool { return s.presence(gateway, "shop", "gw") == inventory.Unknown && !s.isReady() })
	if _, found, err := s.Get(t.Context(), kube.ID{Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: "shop", Name: "gw"}); found || err == nil {
		t.Errorf("Get: got %v, %v; want an error", found, err)
	}
	c.install(gateway, "gateways", "v1")
	c.put("gateways", "shop", "gw", nil)
	eventually(t, "present", s.has(inventory.Present, gateway, "shop", "gw"))
	eventually(t, "synced", s.synced(gateway))

	// It restarts: for a moment the kind is missing, though the server calls itself ready.
	c.do(func() { c.ready = http.StatusOK })
	c.mu.Lock()
	kept := c.served["gateways"]
	c.mu.Unlock()
	c.uninstall("gateways")
	time.Sleep(fast.settle / 2)
	if got := s.presence(gateway, "shop", "gw"); got != inventory.Present {
		t.Errorf("after a moment: got %s, want present", got)
	}
	c.do(func() { c.served["gateways"] = kept })
	time.Sleep(2 * fast.settle)
	if got := s.presence(gateway, "shop", "gw"); got != inventory.Present {
		t.Errorf("after the restart: got %s, want present", got)
	}
	if n := s.log.count("has been removed", gateway); n != 0 {
		t.Errorf("the log says %d times that the kind is gone", n)
	}
	eventually(t, "synced again", s.synced(gateway))
}

// TestServerThatDoesNotTellWhetherItIsReady: kinds that stay missing are absent after a while.
func TestServerThatDoesNotTellWhetherItIsReady(t *testing.T) {
	c := newCluster(t)
	c.ready = http.StatusForbidden
	s := start(t, c)
	eventually(t, "the Gateway is absent", s.has(inventory.Absent, gateway, "shop", "gw"))
}

// TestVersions: the best version is read, and another one once that is gone, without a gap and without doubles.
func TestVersions(t *testing.T) {
	c := newCluster(t)
	c.install(referenceGrant, "referencegrants", "v1alpha2", "v1beta1")
	c.put("referencegrants", "infra", "g", map[string]any{"spec": map[string]any{}})
	s := start(t, c)
	eventually(t, "present", s.has(inventory.Present, referenceGrant, "infra", "g"))
	eventually(t, "synced", s.synced(referenceGrant))
	version := func() string {
		entries := s.store.Snapshot().Kind(referenceGrant, "infra", kube.ID{})
		if len(entries) != 1 {
			t.Fatalf("got %d grants, want 1", len(entries))
		}
		return entries[0].Object().Version
	}
	if got := version(); got != "v1beta1" {
		t.Errorf("got %s, want v1beta1", got)
	}
	for _, versions := range [][]string{{"v1beta1", "v1"}, {"v1"}, {"v1alpha2"}, {"v1alpha2", "v1alpha10"}} {
		c.serve("referencegrants", versions...)
		want := versions[len(versions)-1]
		eventually(t, "version "+want, func() bool { return version() == want && s.kind(referenceGrant).Served == want })
		if !s.kind(referenceGrant).Synced || s.presence(referenceGrant, "infra", "none") != inventory.Absent {
			t.Errorf("%s: no longer complete", want)
		}
		if list, err := s.List(t.Context(), referenceGrant, "infra", 5); err != nil || len(list) != 1 || list[0].Version != want {
			t.Errorf("%s: List: got %v, %v", want, list, err)
		}
	}
	// The version goes and discovery is not asked before the read.
	eventually(t, "synced", s.synced(referenceGrant))
	c.serve("referencegrants", "v1")
	if obj, found, err := s.Get(t.Context(), kube.ID{Group: "gateway.networking.k8s.io", Kind: "ReferenceGrant", Namespace: "infra", Name: "g"}); !found || obj.Version != "v1" {
		t.Errorf("Get: got %s, %v, %v", obj.Version, found, err)
	}
}

// TestForbidden: a permission that is missing, granted, and taken away.
func TestForbidden(t *testing.T) {
	both(t, func(t *testing.T, c *cluster) {
		refused := func(verbs ...string) func(request) int {
			return func(r request) int {
				if r.resource == "secrets" && slices.Contains(verbs, r.verb) {
					return http.StatusForbidden
				}
				return 0
			}
		}
		c.put("secrets", "shop", "ca", secret())
		c.refusing(refused("list", "watch", "get"))
		s := start(t, c)
		eventually(t, "forbidden", func() bool {
			return strings.HasPrefix(s.kind("Secret").Reason, "forbidden: ") && s.log.count("out of sight", "kind=Secret") == 1
		})
		if err := s.Ready(); err == nil || !strings.Contains(err.Error(), "Secret (forbidden") {
			t.Errorf("Ready: got %v", err)
		}
		if _, _, err := s.Get(t.Context(), kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"}); err == nil {
			t.Error("Get: want an error")
		}
		c.refusing(nil)
		eventually(t, "ready", s.isReady)
		if got := s.presence("Secret", "empty", "none"); got != inventory.Absent {
			t.Errorf("granted: got %s, want absent", got)
		}
		// Taken away: seen once the open watch ends.
		for _, verbs := range [][]string{{"list", "watch"}, {"watch"}} {
			eventually(t, "synced", s.synced("Secret"))
			c.refusing(refused(verbs...))
			c.disconnect()
			eventually(t, "unknown again", s.has(inventory.Unknown, "Secret", "empty", "none"))
			always(t, "unknown", func() bool {
				return s.presence("Secret", "empty", "none") == inventory.Unknown && !s.kind("Secret").Synced
			})
			if !s.isReady() {
				t.Error("no longer ready: every replica would be taken out of service")
			}
			if got := s.presence("Secret", "shop", "ca"); got != inventory.Present {
				t.Errorf("what was seen: got %s, want present", got)
			}
			c.refusing(nil)
			eventually(t, "absent again", s.has(inventory.Absent, "Secret", "empty", "none"))
		}
		// Once for each change, however many attempts there were.
		eventually(t, "in sight for the third time", func() bool { return s.log.count("in sight", "kind=Secret") == 3 })
		if n := s.log.count("out of sight", "kind=Secret"); n != 3 {
			t.Errorf("the log says %d times that Secrets are out of sight, want 3", n)
		}
	})
}

// TestGap: an API server that is away for a moment changes nothing and loses no deletion; one that is away for long makes
// everything unknown.
func TestGap(t *testing.T) {
	both(t, func(t *testing.T, c *cluster) {
		c.put("secrets", "shop", "old", secret())
		c.put("secrets", "shop", "kept", secret())
		s := start(t, c)
		eventually(t, "ready", s.isReady)
		down := func(request) int { return http.StatusServiceUnavailable }

		c.refusing(down)
		c.disconnect()
		time.Sleep(fast.bound / 3)
		if !s.kind("Secret").Synced || s.presence("Secret", "empty", "none") != inventory.Absent {
			t.Error("a short gap: no longer complete")
		}
		c.remove("secrets", "shop", "old")
		c.put("secrets", "shop", "new", secret())
		c.compact() // nobody will tell of it any more
		c.refusing(nil)
		eventually(t, "new is there", s.has(inventory.Present, "Secret", "shop", "new"))
		eventually(t, "old is gone", s.has(inventory.Absent, "Secret", "shop", "old"))
		if s.presence("Secret", "shop", "kept") != inventory.Present || s.kind("Secret").Objects != 2 {
			t.Error("after a short gap: not what the cluster holds")
		}
		if n := s.log.count("out of sight"); n != 0 {
			t.Errorf("after a short gap the log has %d lines on it", n)
		}

		c.refusing(down)
		c.disconnect()
		eventually(t, "unknown", s.has(inventory.Unknown, "Secret", "empty", "none"))
		if status := s.kind("Secret"); status.Synced || !strings.HasPrefix(status.Reason, "failing: ") {
			t.Errorf("a long gap: got %+v", status)
		}
		c.refusing(nil)
		eventually(t, "absent again", s.has(inventory.Absent, "Secret", "empty", "none"))
		eventually(t, "synced again", s.synced("Secret"))
		if n := s.log.count("out of sight", "kind=Secret"); n != 1 {
			t.Errorf("after a long gap the log has %d lines on Secrets, want 1", n)
		}
		if n := s.log.count("discovery fails"); n < 1 || n > 2 {
			t.Errorf("the log says %d times that discovery fails, want once for each gap", n)
		}
	})
}

// TestBrokenOff: what a list brought that broke off is gone if the next list does not have it.
func TestBrokenOff(t *testing.T) {
	c := newCluster(t)
	c.put("secrets", "shop", "old", secret())
	c.put("secrets", "shop", "kept", secret())
	c.breaking = func(k *kindServed) {
		for key, object := range k.objects {
			if object["metadata"].(map[string]any)["name"] == "old" {
				delete(k.objects, key)
			}
		}
	}
	s := start(t, c)
	eventually(t, "synced", s.synced("Secret"))
	if c.breaking != nil {
		t.Fatal("no list broke off")
	}
	if s.presence("Secret", "shop", "old") != inventory.Absent || s.presence("Secret", "shop", "kept") != inventory.Present || s.kind("Secret").Objects != 1 {
		t.Error("not what the cluster holds")
	}
}

// TestQuiet: a watch on which nothing happens is not one that fails.
func TestQuiet(t *testing.T) {
	s := start(t, newCluster(t))
	eventually(t, "ready", s.isReady)
	time.Sleep(2 * fast.bound)
	if n := s.log.count("out of sight"); n != 0 || !s.kind("Secret").Synced {
		t.Errorf("got %+v and %d lines in the log", s.kind("Secret"), n)
	}
	if asked, unchanged := s.called("discovery"), s.called("discovery-unchanged"); asked-unchanged != 2 || unchanged < 10 {
		t.Errorf("discovery was asked %d times, %d times nothing had changed; want all but the first of /api and /apis", asked, unchanged)
	}
}

// TestReadyInTheEnd: readiness is bounded, and not to be had before Start.
func TestReadyInTheEnd(t *testing.T) {
	c := newCluster(t)
	c.refusing(func(r request) int {
		if r.resource == "secrets" {
			return http.StatusInternalServerError
		}
		return 0
	})
	s := prepareScene(t, c, func(o *Options) { o.ReadyTimeout = 100 * time.Millisecond })
	if s.Ready() == nil {
		t.Error("ready before Start")
	}
	s.run(t)
	eventually(t, "started", func() bool { return s.started.Load() != nil })
	if err := s.Ready(); err == nil || !strings.Contains(err.Error(), "Secret (syncing") {
		t.Errorf("at first: got %v", err)
	}
	eventually(t, "ready", s.isReady)
	if s.presence("Secret", "empty", "none") != inventory.Unknown {
		t.Error("what has not synced must be unknown")
	}
	if n := s.log.count("not everything has synced"); n != 1 {
		t.Errorf("the log says so %d times, want once", n)
	}
	if err := s.Start(t.Context()); err == nil {
		t.Error("started twice")
	}
}

// TestGet: what a live read tells and what it does not.
func TestGet(t *testing.T) {
	c := newCluster(t)
	c.put("ingresses", "shop", "web", host("a.test"))
	c.put("services", "shop", "web", map[string]any{"spec": map[string]any{"ports": []any{}, "clusterIP": "192.0.2.1"}})
	c.put("ingressclasses", "", "nginx", map[string]any{"spec": map[string]any{}})
	c.put("secrets", "shop", "ca", secret("ca.crt", "x"))
	s := start(t, c)
	eventually(t, "ready", s.isReady)
	for _, test := range []struct {
		name  string
		id    kube.ID
		found bool
		err   bool
	}{
		{name: "there", id: kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"}, found: true},
		{name: "cluster-scoped", id: kube.ID{Group: "networking.k8s.io", Kind: "IngressClass", Name: "nginx"}, found: true},
		{name: "only referred to", id: kube.ID{Kind: "Service", Namespace: "shop", Name: "web"}, found: true},
		{name: "not there", id: kube.ID{Kind: "Secret", Namespace: "shop", Name: "other"}},
		{name: "no namespace", id: kube.ID{Kind: "Secret", Name: "ca"}, err: true},
		{name: "no such kind", id: kube.ID{Kind: "Pod", Namespace: "shop", Name: "web"}, err: true},
		{name: "a name that leads elsewhere", id: kube.ID{Kind: "Service", Namespace: "shop", Name: "../secrets/ca"}},
		{name: "a namespace that leads elsewhere", id: kube.ID{Kind: "Service", Namespace: "x/../shop", Name: "web"}},
		{name: "no name", id: kube.ID{Kind: "Service", Namespace: "shop"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			obj, found, err := s.Get(t.Context(), test.id)
			if found != test.found || (err != nil) != test.err {
				t.Errorf("got %v, %v", found, err)
			}
			if found && obj.ID != test.id {
				t.Errorf("got %s, want %s", obj.ID, test.id)
			}
		})
	}
	if obj, _, _ := s.Get(t.Context(), kube.ID{Kind: "Service", Namespace: "shop", Name: "web"}); fmt.Sprint(obj.Fields["spec"]) != "map[clusterIP:192.0.2.1 ports:[]]" || obj.Fields["kind"] != "Service" || obj.APIVersion() != "v1" {
		t.Errorf("Service: got %v", obj.Fields)
	}
	// Of what is only referred to the inventory keeps what rules see.
	if kept := s.store.Snapshot().Get(inventory.Ref{To: kube.ID{Kind: "Service", Namespace: "shop", Name: "web"}}); fmt.Sprint(kept.Entry.Object().Fields["spec"]) != "map[ports:[]]" {
		t.Errorf("Service: kept is %v", kept.Entry.Object().Fields)
	}
	before := c.called("list ingresses")
	if list, err := s.List(t.Context(), ingress, "shop", 1); err != nil || len(list) != 1 || c.called("list ingresses") != before+1 {
		t.Errorf("List: got %v, %v", list, err)
	}
	c.put("ingresses", "shop", "web2", host("b.test"))
	if list, err := s.List(t.Context(), ingress, "shop", 1); err == nil {
		t.Errorf("List of a part: got %v", list)
	}
	if list, err := s.List(t.Context(), gateway, "shop", 1); err != nil || len(list) != 0 {
		t.Errorf("List of a kind that is not served: got %v, %v", list, err)
	}
	c.refusing(func(request) int { return http.StatusServiceUnavailable })
	if _, _, err := s.Get(t.Context(), kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"}); err == nil {
		t.Error("Get from an API server that is away: want an error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.refusing(nil)
	if _, _, err := s.Get(ctx, kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"}); err == nil {
		t.Error("Get past its deadline: want an error")
	}
}

// TestMetrics: one series for each kind that is watched.
func TestMetrics(t *testing.T) {
	c := newCluster(t)
	c.put("ingresses", "shop", "web", host("a.test"))
	c.refusing(func(r request) int {
		if r.resource == "configmaps" {
			return http.StatusForbidden
		}
		return 0
	})
	s := start(t, c, func(o *Options) { o.Secrets, o.Needed = SecretsLive, []string{ingress} })
	eventually(t, "ready", s.isReady)
	eventually(t, "forbidden", func() bool { return strings.HasPrefix(s.kind("ConfigMap").Reason, "forbidden") })
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(s.Watcher)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			got[family.GetName()+" "+metric.GetLabel()[0].GetValue()] = metric.GetGauge().GetValue()
		}
	}
	for name, want := range map[string]float64{
		"tlsward_inventory_synced Ingress.networking.k8s.io": 1, "tlsward_inventory_objects Ingress.networking.k8s.io": 1,
		"tlsward_inventory_synced ConfigMap": 0, "tlsward_inventory_synced Gateway.gateway.networking.k8s.io": 1,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s: got %v, want %v", name, value, want)
		}
	}
	if _, ok := got["tlsward_inventory_synced Secret"]; ok {
		t.Error("what is not watched by choice has a metric")
	}
}

// TestEnds: nothing is left running, wherever the context ends: after a sync, while the API server is away, before it
// ever answered.
func TestEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		when func(*scene)
	}{
		{"synced", func(s *scene) { eventually(t, "ready", s.isReady) }},
		{"refusing", func(s *scene) {
			eventually(t, "ready", s.isReady)
			s.refusing(func(request) int { return http.StatusTooManyRequests })
			s.disconnect()
			time.Sleep(20 * time.Millisecond)
		}},
		{"unreachable", func(s *scene) {
			eventually(t, "ready", s.isReady)
			s.disconnect()
			s.server.CloseClientConnections()
			s.server.Listener.Close()
			time.Sleep(50 * time.Millisecond)
		}},
		{"at once", func(*scene) {}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := prepareScene(t, newCluster(t))
			// As slow as in real life: ending must not wait for it.
			s.timing.retry, s.timing.retryMost = time.Minute, time.Minute
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Start(ctx) }()
			test.when(s)
			cancel()
			select {
			case <-ended:
			case <-time.After(2 * time.Second):
				t.Fatalf("does not end:\n%s", stacks())
			}
			eventually(t, "nothing runs", func() bool {
				return !strings.Contains(stacks(), "tools/cache.") && !strings.Contains(stacks(), "(*stream)")
			})
		})
	}
}

func stacks() string {
	buffer := make([]byte, 1<<20)
	return string(buffer[:runtime.Stack(buffer, true)])
}
