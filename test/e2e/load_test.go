package e2e

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

// load is a stream of writes, each of which a webhook judges.
type load struct {
	mu      sync.Mutex
	answers []timed
	stop    context.CancelFunc
	wait    sync.WaitGroup
}

type timed struct {
	at     time.Time // when the answer came
	took   time.Duration
	answer requester.Answer
}

// startLoad asks so many times a second, by dry runs: they go all the way through admission, and leave nothing behind. The
// object is one that rules look at and find nothing wrong with.
func startLoad(t *testing.T, perSecond int) *load {
	t.Helper()
	namespace(t, "load")
	if answer := back.Create(t.Context(), objects.Secret("load", "ca", caData)); answer.Err != nil {
		t.Fatal(answer.Err)
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &load{stop: stop}
	t.Cleanup(l.end)
	var number atomic.Int64
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	const workers = 16
	for range workers {
		l.wait.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
				}
				object := objects.Mutual("load", "api-"+strconv.FormatInt(number.Add(1), 10), "ca")
				began := time.Now()
				asked, cancel := context.WithTimeout(context.Background(), 30*time.Second)
				answer := admin.Create(asked, object, dryRun)
				cancel()
				l.mu.Lock()
				l.answers = append(l.answers, timed{time.Now(), time.Since(began), answer})
				l.mu.Unlock()
			}
		})
	}
	context.AfterFunc(ctx, ticker.Stop)
	return l
}

// end stops the load, and waits for the answers that are under way.
func (l *load) end() {
	l.stop()
	l.wait.Wait()
}

// since are the answers after a moment.
func (l *load) since(moment time.Time) []timed {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.answers), func(a timed) bool { return a.at.Before(moment) })
}

// failures are the answers that are no acceptance.
func (l *load) failures() []timed {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.answers), func(a timed) bool { return a.answer.Err == nil })
}

// flawless asks that every write was accepted, and goes on until there were enough of them to say so.
func (l *load) flawless(t *testing.T, atLeast int) {
	t.Helper()
	var total int
	eventually(t, time.Minute, fmt.Sprintf("%d writes", atLeast), func() (bool, string) {
		total = len(l.since(time.Time{}))
		return total >= atLeast, l.String()
	})
	l.end()
	failures := l.failures()
	if len(failures) > 0 {
		t.Errorf("%d of %d writes failed, the first with: %v", len(failures), total, failures[0].answer.Err)
	}
	t.Logf("%d writes, %d failed; slowest %s", total, len(failures), l.slowest())
}

func (l *load) slowest() time.Duration {
	var slowest time.Duration
	for _, a := range l.since(time.Time{}) {
		slowest = max(slowest, a.took)
	}
	return slowest.Round(time.Millisecond)
}

func (l *load) String() string {
	return fmt.Sprintf("%d answers, %d failures", len(l.since(time.Time{})), len(l.failures()))
}

// bad is an Ingress that is refused.
func bad(namespace, name string) *unstructured.Unstructured {
	return objects.Mutual(namespace, name, "no-such-ca")
}
