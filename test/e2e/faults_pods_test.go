package e2e

import (
	"context"
	"testing"
	"time"
)

// drain is short, for a test: the Service follows readiness within a tenth of a second here.
const drain = 2

// TestDrain has pods end under load, one after the other, as a rollout does: no write fails.
func TestDrain(t *testing.T) {
	in := deploy(t, setup{values: map[string]any{"replicas": 2, "drainDelaySeconds": drain}})
	furnish(t)
	l := startLoad(t, 100)
	time.Sleep(time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), installTimeout)
	defer cancel()
	check(t, in.Roll(ctx))
	time.Sleep(time.Second)
	l.flawless(t, 200)
}

// TestKilledWhileDraining ends a pod in the middle of its drain without a word to it: nothing is lost, because by then the
// API server has been led away from it. A connection that is kept alive does not notice that its pod has left the Service.
func TestKilledWhileDraining(t *testing.T) {
	in := deploy(t, setup{values: map[string]any{"replicas": 2, "drainDelaySeconds": drain}})
	furnish(t)
	l := startLoad(t, 100)
	time.Sleep(time.Second)
	pod := in.Pods()[0]
	reviews := func() float64 {
		metrics, err := pod.Metrics(t.Context())
		check(t, err)
		return metrics.Sum(reviewsTotal, nil)
	}
	pod.Terminate()
	const moment = drain * time.Second / 4
	time.Sleep(moment)
	before := reviews()
	time.Sleep(moment)
	// A connection that lay idle in the API server's pool learns of it with the next request that it is used for.
	if late := reviews() - before; late > 2 {
		t.Errorf("a pod that began to drain %s ago is still sent requests: %v in %s", moment, late, moment)
	}
	check(t, pod.Kill())
	time.Sleep(2 * time.Second)
	l.flawless(t, 200)
}

// TestKilled ends a pod without a word, as when its node dies. Requests under way are lost, and then the other pod answers:
// a measure, not a promise.
func TestKilled(t *testing.T) {
	in := deploy(t, setup{values: map[string]any{"replicas": 2, "drainDelaySeconds": 1}})
	furnish(t)
	l := startLoad(t, 100)
	time.Sleep(time.Second)
	killed := time.Now()
	check(t, in.Pods()[0].Kill())
	time.Sleep(2 * time.Second)
	l.end()
	for _, failure := range l.failures() {
		if failure.at.Sub(killed) > time.Second {
			t.Errorf("%s after the pod died: %v", failure.at.Sub(killed), failure.answer.Err)
		}
	}
	t.Log(l)
}

// TestReapplied applies the chart again and again under load, as GitOps tools do: nothing is taken away that tlsward or the
// API server have added, and no write fails.
func TestReapplied(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	l := startLoad(t, 50)
	// As often as once a second for a minute.
	for range 60 {
		check(t, in.Apply(t.Context()))
		time.Sleep(100 * time.Millisecond)
	}
	l.flawless(t, 200)
}

// TestUninstall removes the chart under load: ten seconds later at the most, no write is held up any more.
func TestUninstall(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	l := startLoad(t, 50)
	time.Sleep(time.Second)
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), installTimeout)
	defer cancel()
	check(t, in.Uninstall(ctx))
	time.Sleep(time.Until(began.Add(12 * time.Second)))
	l.end()
	var last time.Duration
	for _, failure := range l.failures() {
		last = max(last, failure.at.Sub(began))
	}
	if last > 10*time.Second {
		t.Errorf("a write was refused %s after the chart was uninstalled: %v", last, l.failures()[len(l.failures())-1].answer.Err)
	}
	t.Logf("%s; the last of them %s after the beginning", l, last.Round(time.Millisecond))
	accepted(t, "what was refused before", admin.Create(t.Context(), bad("load", "after"), dryRun))
}
