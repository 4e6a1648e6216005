package audit_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// Of 100,000 objects of a large cluster most are Secrets and Services that are only referred to, or not even that.
const (
	largeNamespaces = 500
	largeSecrets    = 120
	largeServices   = 40
	largeIngresses  = 40
)

// fill puts a large cluster into a store, as a watch would.
func fill(t testing.TB, store *inventory.Store) (count int) {
	t.Helper()
	mint := pkitest.New("large", noon)
	authorities := make([]string, 50)
	for i := range authorities {
		authorities[i] = mint.Root(fmt.Sprint("ca ", i)).CertPEM
	}
	put := func(obj kube.Object) {
		metadata, _ := obj.Fields["metadata"].(map[string]any)
		metadata["uid"], metadata["resourceVersion"], metadata["creationTimestamp"] = fmt.Sprintf("00000000-0000-0000-0000-%012d", count), fmt.Sprint(1000000+count), "2026-01-01T00:00:00Z"
		store.Put(obj)
		count++
	}
	store.Put(nginxClass(t))
	for n := range largeNamespaces {
		namespace := fmt.Sprint("team-", n)
		// Parsed once for each namespace: what is measured is not YAML.
		ca, other := secret(t, namespace, "ca", authorities[n%len(authorities)]), secret(t, namespace, "other", "")
		web := mutual(t, namespace, "web", "ca")
		service := objects(t, fmt.Sprintf("{apiVersion: v1, kind: Service, metadata: {name: web, namespace: %s}, spec: {ports: [{port: 80}], selector: {app: web}}}", namespace))[0]
		for i := range largeSecrets {
			if i < largeIngresses {
				put(named(ca, fmt.Sprint("ca-", i)))
			} else {
				put(named(other, fmt.Sprint("other-", i)))
			}
		}
		for i := range largeServices {
			put(named(service, fmt.Sprint("web-", i)))
		}
		for i := range largeIngresses {
			obj := named(web, fmt.Sprint("web-", i))
			annotations, _ := kube.Lookup(obj.Fields, kube.Path{"metadata", "annotations"})
			annotations.(map[string]any)["nginx.ingress.kubernetes.io/auth-tls-secret"] = fmt.Sprintf("%s/ca-%d", namespace, i)
			setHost(obj, fmt.Sprintf("web-%d.%s.test", i, namespace))
			put(obj)
		}
	}
	return count
}

func setHost(obj kube.Object, host string) {
	spec, _ := obj.Fields["spec"].(map[string]any)
	spec["tls"] = []any{map[string]any{"hosts": []any{host}}}
	rules, _ := spec["rules"].([]any)
	rules[0].(map[string]any)["host"] = host
}

// named is a copy of an object with another name.
func named(obj kube.Object, name string) kube.Object {
	obj.Fields = deepCopy(obj.Fields).(map[string]any)
	obj.Fields["metadata"].(map[string]any)["name"] = name
	obj.ID.Name = name
	return obj
}

func deepCopy(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key, value := range v {
			copied[key] = deepCopy(value)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, value := range v {
			copied[i] = deepCopy(value)
		}
		return copied
	default:
		return value
	}
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// TestLarge: 100,000 objects are judged once in seconds and little memory; then a changed Secret costs its referrer, and nothing costs
// nothing.
func TestLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute of a processor")
	}
	empty := heap()
	store := cluster()
	began := time.Now()
	n := fill(t, store)
	filled := heap()
	t.Logf("%d objects, in the store after %s, %.0f MiB", n, time.Since(began).Round(time.Millisecond), filled-empty)
	a := auditing(store, &clock{noon})
	began = time.Now()
	a.Settle(t.Context())
	whole := heap()
	stats := a.Stats()
	t.Logf("%d judged after %s, %.0f MiB more", stats.Reviews, time.Since(began).Round(time.Millisecond), whole-filled)
	if n != 100_000 || stats.Objects != largeNamespaces*(largeIngresses+largeServices) || stats.Reviews != stats.Objects {
		t.Errorf("%d objects: %+v", n, stats)
	}
	if whole-empty > 150 {
		t.Errorf("%.0f MiB, want less than 150", whole-empty)
	}
	for _, test := range []struct {
		name   string
		change func()
		want   int
	}{
		{"nothing", func() {}, 0},
		{"a Secret that one refers to", func() { store.Delete(kube.ID{Kind: "Secret", Namespace: "team-7", Name: "ca-7"}) }, 1},
		// Where one is missing, others of the namespace are what may have been meant: one of another namespace.
		{"a Secret that nobody refers to", func() { store.Delete(kube.ID{Kind: "Secret", Namespace: "team-8", Name: "other-80"}) }, 0},
	} {
		before := a.Stats().Reviews
		began := time.Now()
		test.change()
		a.Settle(t.Context())
		if got := a.Stats().Reviews - before; got != test.want {
			t.Errorf("%s: %d reviews, want %d", test.name, got, test.want)
		}
		t.Logf("%s: %s", test.name, time.Since(began).Round(10*time.Microsecond))
	}
	runtime.KeepAlive(store)
}

// TestSoak is two hours of a busy cluster, a change each few seconds, without the waiting: verdicts are those of an audit from scratch at the
// end, and what is remembered has not grown.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds of a processor")
	}
	const namespaces, names, changes = 40, 10, 3000
	random := rand.New(rand.NewPCG(5, 6))
	mint := pkitest.New("soak", noon)
	var cas []kube.Object
	for _, text := range []string{
		"", mint.Root("long").CertPEM, mint.With(pkitest.NotAfter(noon.Add(time.Hour))).Root("short").CertPEM,
		mint.With(pkitest.NotBefore(noon.Add(30 * time.Minute))).Root("late").CertPEM,
	} {
		cas = append(cas, secret(t, "x", "x", text))
	}
	template := mutual(t, "x", "x", "x")
	at := func(obj kube.Object, namespace, name string) kube.Object {
		obj = named(obj, name)
		obj.ID.Namespace = namespace
		obj.Fields["metadata"].(map[string]any)["namespace"] = namespace
		return obj
	}
	store, held, now := cluster(nginxClass(t)), map[kube.ID]kube.Object{}, &clock{noon}
	a := auditing(store, now)
	put := func(obj kube.Object) { store.Put(obj); held[obj.ID] = obj }
	change := func() {
		namespace, name := fmt.Sprint("team-", random.IntN(namespaces)), fmt.Sprint("n-", random.IntN(names))
		switch random.IntN(4) {
		case 0, 1:
			put(at(cas[random.IntN(len(cas))], namespace, name))
		case 2:
			web := at(template, namespace, name)
			annotations, _ := kube.Lookup(web.Fields, kube.Path{"metadata", "annotations"})
			annotations.(map[string]any)["nginx.ingress.kubernetes.io/auth-tls-secret"] = fmt.Sprint(namespace, "/n-", random.IntN(names))
			setHost(web, name+"."+namespace+".test")
			put(web)
		default:
			id := kube.ID{Kind: "Secret", Namespace: namespace, Name: name}
			if random.IntN(2) == 0 {
				id.Group, id.Kind = "networking.k8s.io", "Ingress"
			}
			store.Delete(id)
			delete(held, id)
		}
	}
	var early float64
	for i := range changes {
		change()
		if i%10 == 0 {
			now.Time = now.Add(24 * time.Second)
			a.Settle(t.Context())
		}
		if i == changes/4 {
			early = heap()
		}
	}
	a.Settle(t.Context())
	late := heap()
	t.Logf("%d reviews for %d changes; %.1f MiB after a quarter, %.1f in the end", a.Stats().Reviews, changes, early, late)
	if late > early+5 {
		t.Errorf("memory has grown from %.1f to %.1f MiB", early, late)
	}
	if a.Stats().Reviews > 6*changes {
		t.Errorf("%d reviews for %d changes", a.Stats().Reviews, changes)
	}
	objects := append(slices.Collect(maps.Values(held)), nginxClass(t))
	if list := differences(a.Verdicts(), fresh(t, cluster(objects...), now.Time)); len(list) > 0 {
		t.Error(strings.Join(list, "\n"))
	}
}
