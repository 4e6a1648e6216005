package e2e

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

// races is how often each race is run: once in 400 is what a peer's cache lost (docs/performance.md).
const races = 400

// raceBudget lets every denial be confirmed: the tests ask for more of them in a second than a cluster does in an hour, and
// what is over the budget is admitted by design (TestBudget).
const raceBudget = "admission: {liveReads: 1000}\n"

// TestRace applies what an object refers to and then, at once, the object: caches that lag must never refuse it. And the
// other way round, what was deleted a second ago must not be believed to be there.
func TestRace(t *testing.T) {
	in := deploy(t, setup{config: raceBudget})
	furnish(t)
	for _, name := range append([]string{"race"}, certNamespaces...) {
		namespace(t, name)
	}
	before := liveReads(t, in)
	for _, race := range []struct {
		name string
		// prepare is done for all numbers before a pause, so that the caches know it; step and then object follow at once.
		prepare, step func(t *testing.T, n string)
		object        func(n string) *unstructured.Unstructured
	}{
		{
			name:   "a Secret, then its Ingress",
			step:   func(t *testing.T, n string) { create(t, objects.Secret("race", "ca-"+n, caData)) },
			object: func(n string) *unstructured.Unstructured { return objects.Mutual("race", "api-"+n, "ca-"+n) },
		},
		{
			name:   "a ConfigMap, then its BackendTLSPolicy",
			step:   func(t *testing.T, n string) { create(t, objects.ConfigMap("race", "ca-"+n, caData)) },
			object: func(n string) *unstructured.Unstructured { return objects.BackendPolicy("race", "api-"+n, "ca-"+n) },
		},
		{
			name: "a Secret gains ca.crt, then its Ingress",
			prepare: func(t *testing.T, n string) {
				create(t, objects.Secret("race", "late-"+n, map[string]string{"other": "x"}))
			},
			step: func(t *testing.T, n string) {
				answer := admin.MergePatch(t.Context(), objects.Secret("race", "late-"+n, nil), `{"stringData": {"ca.crt": `+strconv.Quote(authority.Root.PEM)+`}}`)
				check(t, answer.Err)
			},
			object: func(n string) *unstructured.Unstructured { return objects.Mutual("race", "late-"+n, "late-"+n) },
		},
		{
			name:    "a ReferenceGrant, then the Gateway that needs it",
			prepare: func(t *testing.T, n string) { create(t, objects.TLSSecret(certNamespace(n), "tls-"+n)) },
			step: func(t *testing.T, n string) {
				create(t, objects.Grant(certNamespace(n), "grant-"+n, "race", "tls-"+n))
			},
			object: func(n string) *unstructured.Unstructured {
				return objects.Gateway("race", "edge-"+n, certNamespace(n), "tls-"+n)
			},
		},
		{
			name: "a class of another controller, then an Ingress of it",
			step: func(t *testing.T, n string) {
				create(t, objects.IngressClass("class-"+n, "example.com/edge"))
			},
			object: func(n string) *unstructured.Unstructured {
				object := objects.Mutual("race", "class-"+n, "no-such-ca")
				check(t, unstructured.SetNestedField(object.Object, "class-"+n, "spec", "ingressClassName"))
				return object
			},
		},
		{
			name: "a host moves from one Ingress to another",
			prepare: func(t *testing.T, n string) {
				create(t, objects.Secret("race", "host-a-"+n, caData))
				create(t, objects.Secret("race", "host-b-"+n, map[string]string{"ca.crt": authority.Other.PEM}))
				create(t, objects.Mutual("race", "host-a-"+n, "host-a-"+n))
			},
			step: func(t *testing.T, n string) {
				moved := objects.Mutual("race", "host-a-"+n, "host-a-"+n)
				objects.SetHost(moved, "elsewhere-"+n+".test")
				check(t, admin.Apply(t.Context(), moved, requesterManager, force).Err)
			},
			object: func(n string) *unstructured.Unstructured {
				object := objects.Mutual("race", "host-b-"+n, "host-b-"+n)
				objects.SetHost(object, "host-a-"+n+".race.test")
				return object
			},
		},
	} {
		t.Run(race.name, func(t *testing.T) {
			if race.prepare != nil {
				atOnce(races+1, func(n string) { race.prepare(t, n) })
				time.Sleep(time.Second)
			}
			// A race that nothing hangs on proves nothing.
			if answer := admin.Create(t.Context(), race.object(strconv.Itoa(races))); answer.Refusal(domain) == "" {
				t.Errorf("without the step before it, the object is accepted: %v %q", answer.Err, answer.Warnings)
			}
			reads := liveReads(t, in)
			var wrong atomic.Int64
			atOnce(races, func(n string) {
				race.step(t, n)
				if answer := admin.Create(t.Context(), race.object(n)); answer.Err != nil && wrong.Add(1) == 1 {
					t.Error(answer.Err)
				}
			})
			t.Logf("%d of %d wrongly denied, %.0f live reads", wrong.Load(), races, liveReads(t, in)-reads)
		})
	}
	t.Run("a Secret is deleted, then the Ingress created", func(t *testing.T) { raceDeletion(t, in) })
	t.Logf("%.0f live reads in all", liveReads(t, in)-before)
}

// Of very many ReferenceGrants in one namespace the cache is believed (webhook, maxListed): these have several.
var certNamespaces = []string{"race-certs-0", "race-certs-1", "race-certs-2", "race-certs-3"}

func certNamespace(n string) string {
	number, err := strconv.Atoi(n)
	if err != nil {
		panic(err)
	}
	return certNamespaces[number%len(certNamespaces)]
}

// raceDeletion has what was deleted be referred to, at once and after a second.
func raceDeletion(t *testing.T, in *install.Installation) {
	reads := liveReads(t, in)
	atOnce(races, func(n string) { create(t, objects.Secret("race", "gone-"+n, caData)) })
	time.Sleep(time.Second)
	var early, wrong atomic.Int64
	atOnce(races, func(n string) {
		check(t, admin.Delete(t.Context(), objects.Secret("race", "gone-"+n, nil)))
		if answer := admin.Create(t.Context(), objects.Mutual("race", "early-"+n, "gone-"+n)); answer.Err == nil {
			early.Add(1)
		}
	})
	time.Sleep(time.Second)
	atOnce(races, func(n string) {
		answer := admin.Create(t.Context(), objects.Mutual("race", "late-"+n, "gone-"+n))
		if answer.Refusal(domain) == "" && wrong.Add(1) == 1 {
			t.Errorf("wrongly admitted: %v %q", answer.Err, answer.Warnings)
		}
	})
	t.Logf("%d of %d wrongly admitted at once, which caches that lag may; %d after a second; %.0f live reads",
		early.Load(), races, wrong.Load(), liveReads(t, in)-reads)
}

// atOnce does something for each of so many numbers, some at a time: other requests are part of a race.
func atOnce(count int, do func(n string)) {
	const workers = 4
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for n := next.Add(1); n <= int64(count); n = next.Add(1) {
				do(strconv.FormatInt(n-1, 10))
			}
		})
	}
	wait.Wait()
}

// TestBudget asks for more denials than the budget of live reads can confirm: the rest is admitted, and says so.
func TestBudget(t *testing.T) {
	in := deploy(t, setup{config: "admission: {liveReads: 1}\n"})
	namespace(t, "budget")
	denied, admitted := 0, 0
	for n := range 50 {
		answer := admin.Create(t.Context(), objects.Mutual("budget", "api-"+strconv.Itoa(n), "no-such-ca-"+strconv.Itoa(n)))
		switch {
		case answer.Refusal(domain) != "":
			denied++
		case answer.Err == nil && len(rulesOf(answer.Warnings)) > 0:
			admitted++
		default:
			t.Errorf("neither refused nor warned about: %v %q", answer.Err, answer.Warnings)
		}
	}
	if admitted == 0 {
		t.Errorf("all of %d refused, with one read a second", denied)
	}
	t.Logf("%d refused, %d admitted with a warning, %.0f live reads", denied, admitted, liveReads(t, in))
}

// caData is a CA under its usual key.
var caData = map[string]string{"ca.crt": authority.ShallowBundle}

// requesterManager is the field manager that the client's own creations have.
const requesterManager = "e2e.test"

func create(t testing.TB, object *unstructured.Unstructured) requester.Answer {
	t.Helper()
	answer := admin.Create(t.Context(), object)
	check(t, answer.Err)
	return answer
}

func liveReads(t testing.TB, in *install.Installation) float64 {
	t.Helper()
	metrics, err := in.Metrics(t.Context())
	check(t, err)
	sum := 0.0
	// What was over the budget or remembered was not read.
	for _, result := range []string{"found", "absent", "failed"} {
		sum += metrics.Sum("tlsward_live_reads_total", map[string]string{"result": result})
	}
	return sum
}
