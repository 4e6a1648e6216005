package webhook

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// slowly is an API server whose reads take time: what it holds is looked at in the middle of each.
type slowly struct {
	takes time.Duration

	mu    sync.Mutex
	holds map[kube.ID]kube.Object
	err   error
	reads int
}

func (s *slowly) Get(ctx context.Context, id kube.ID) (kube.Object, bool, error) {
	s.mu.Lock()
	half := s.takes / 2
	s.mu.Unlock()
	if err := sleep(ctx, half); err != nil {
		return kube.Object{}, false, err
	}
	s.mu.Lock()
	obj, found := s.holds[id]
	err := s.err
	s.reads++
	s.mu.Unlock()
	if err := sleep(ctx, half); err != nil {
		return kube.Object{}, false, err
	}
	return obj, found, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slowly) List(context.Context, string, string, int64) ([]kube.Object, error) { return nil, nil }
func (s *slowly) Snapshot() inventory.Reader                                         { return nil }
func (s *slowly) Served(string) bool                                                 { return false }

func (s *slowly) OnDemand(string) bool { return false }

func (s *slowly) Referring(kube.ID) []*inventory.Entry { return nil }

func (s *slowly) set(obj kube.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds[obj.ID] = obj
}

var (
	caID = kube.ID{Kind: "Secret", Namespace: "shop", Name: "ca"}
	ca   = kube.Object{ID: caID, Version: "v1", Fields: map[string]any{"kind": "Secret"}}
)

// flying runs a test in a bubble of its own time, where a read takes ten milliseconds.
func flying(t *testing.T, perSecond int, f func(t *testing.T, s *slowly, l *live)) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowly{takes: 10 * time.Millisecond, holds: map[kube.ID]kube.Object{}}
		f(t, s, newLive(s, perSecond, time.Now, nil))
	})
}

// TestLiveAfterCreation: nobody is told "not there" of an object that was there when he asked, though a read that began before is
// under way, or has just come back.
func TestLiveAfterCreation(t *testing.T) {
	// When the second one asks, counted from the first one's read, which looks after five and comes back after ten milliseconds.
	for _, asks := range []time.Duration{6, 8, 9} {
		flying(t, 1000, func(t *testing.T, s *slowly, l *live) {
			var wait sync.WaitGroup
			wait.Go(func() {
				if _, found, err := l.get(t.Context(), caID); found || err != nil {
					t.Errorf("the first: found %t, %v", found, err)
				}
			})
			time.Sleep(asks*time.Millisecond - time.Microsecond)
			s.set(ca)
			time.Sleep(time.Microsecond)
			if _, found, err := l.get(t.Context(), caID); !found || err != nil {
				t.Errorf("asked after %d ms, when it was there: found %t, %v", asks, found, err)
			}
			wait.Wait()
		})
	}
}

// TestLiveAfterChange: nor is anybody shown the object as it was before he asked.
func TestLiveAfterChange(t *testing.T) {
	flying(t, 1000, func(t *testing.T, s *slowly, l *live) {
		s.set(kube.Object{ID: caID, Version: "old"})
		go l.get(t.Context(), caID)
		time.Sleep(7 * time.Millisecond)
		s.set(kube.Object{ID: caID, Version: "new"})
		if obj, _, _ := l.get(t.Context(), caID); obj.Version != "new" {
			t.Errorf("got the %s one", obj.Version)
		}
	})
}

// TestLiveTogether: a thousand who ask at once and while a read is under way are answered by two.
func TestLiveTogether(t *testing.T) {
	for _, there := range []bool{false, true} {
		flying(t, 1000, func(t *testing.T, s *slowly, l *live) {
			if there {
				s.set(ca)
			}
			var wait sync.WaitGroup
			for i := range 1000 {
				wait.Go(func() {
					time.Sleep(time.Duration(i) * 9 * time.Microsecond)
					if _, found, err := l.get(t.Context(), caID); found != there || err != nil {
						t.Errorf("found %t, %v", found, err)
					}
				})
			}
			wait.Wait()
			if s.reads > 2 {
				t.Errorf("%d reads", s.reads)
			}
		})
	}
}

// TestLiveMemory: "not there" is remembered for fifty milliseconds from when its read began, and forgotten when the object is
// heard of; what is there is never remembered.
func TestLiveMemory(t *testing.T) {
	flying(t, 1000, func(t *testing.T, s *slowly, l *live) {
		ask := func(want bool, reads int) {
			t.Helper()
			if _, found, err := l.get(t.Context(), caID); found != want || err != nil || s.reads != reads {
				t.Errorf("found %t after %d reads, %v; want %t after %d", found, s.reads, err, want, reads)
			}
		}
		ask(false, 1) // until 10 ms
		time.Sleep(30 * time.Millisecond)
		ask(false, 1)
		time.Sleep(11 * time.Millisecond)
		ask(false, 2) // from 51 to 61 ms
		l.forget(caID)
		ask(false, 3)
		l.forget(kube.ID{Kind: "Secret", Name: "other"})
		ask(false, 3)
		// Heard of while a read is under way: that is not remembered either.
		time.Sleep(50 * time.Millisecond)
		go l.get(t.Context(), caID)
		time.Sleep(6 * time.Millisecond)
		s.set(ca)
		l.forget(caID)
		time.Sleep(5 * time.Millisecond)
		ask(true, 5)
		ask(true, 6)
	})
}

// TestLiveMemoryIsBounded: so many different ones that are missing cost memory for a while only.
func TestLiveMemoryIsBounded(t *testing.T) {
	flying(t, 1_000_000, func(t *testing.T, _ *slowly, l *live) {
		for i := range 3 * maxMissing {
			l.get(t.Context(), kube.ID{Kind: "Secret", Name: time.Duration(i).String()})
		}
		if len(l.missing) > maxMissing || len(l.flights) != 0 {
			t.Errorf("%d remembered, %d under way", len(l.missing), len(l.flights))
		}
	})
}

// TestLiveFailures: an error is everybody's who waited for that read, and nobody's after that.
func TestLiveFailures(t *testing.T) {
	flying(t, 1000, func(t *testing.T, s *slowly, l *live) {
		s.err = errors.New("refused")
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				if _, _, err := l.get(t.Context(), caID); err == nil {
					t.Error("no error")
				}
			})
		}
		wait.Wait()
		if s.reads != 1 {
			t.Errorf("%d reads", s.reads)
		}
		s.mu.Lock()
		s.err = nil
		s.mu.Unlock()
		if _, found, err := l.get(t.Context(), caID); found || err != nil {
			t.Errorf("after the failure: found %t, %v", found, err)
		}
	})
}

// TestLiveTimes: whoever has no time left goes, and leaves the read to the others; a read that does not come back is given up.
func TestLiveTimes(t *testing.T) {
	flying(t, 1000, func(t *testing.T, s *slowly, l *live) {
		s.set(ca)
		hasty, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		began := time.Now()
		go func() {
			time.Sleep(time.Microsecond)
			l.get(t.Context(), caID)
		}()
		if _, _, err := l.get(hasty, caID); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > time.Millisecond {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		if _, _, err := l.get(hasty, caID); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without time: %v", err)
		}
		time.Sleep(30 * time.Millisecond)
		s.mu.Lock()
		s.takes = time.Hour
		s.mu.Unlock()
		began = time.Now()
		if _, _, err := l.get(t.Context(), caID); err == nil || time.Since(began) > readTimeout {
			t.Errorf("stalled: %v after %s", err, time.Since(began))
		}
		if len(l.flights) != 0 {
			t.Error("the flight is still there")
		}
	})
}

// TestLiveBudget: a burst of two seconds' worth, then so many a second; nobody queues. What is remembered and what is shared
// costs nothing.
func TestLiveBudget(t *testing.T) {
	flying(t, 10, func(t *testing.T, s *slowly, l *live) {
		s.takes = 0
		refused := 0
		for i := range 100 {
			if _, _, err := l.get(t.Context(), kube.ID{Kind: "Secret", Name: time.Duration(i).String()}); errors.Is(err, errBudget) {
				refused++
			}
		}
		if s.reads != 20 || refused != 80 {
			t.Errorf("%d reads, %d refused; want 20 and 80", s.reads, refused)
		}
		if _, found, err := l.get(t.Context(), kube.ID{Kind: "Secret", Name: "0s"}); found || err != nil {
			t.Errorf("remembered: found %t, %v", found, err)
		}
		if _, err := l.list(t.Context(), referenceGrant, "shop", 1); !errors.Is(err, errBudget) {
			t.Errorf("list: %v", err)
		}
		time.Sleep(time.Second)
		for i := range 100 {
			l.get(t.Context(), kube.ID{Kind: "Secret", Name: time.Duration(1000 + i).String()})
		}
		if s.reads != 30 {
			t.Errorf("%d reads after a second, want 30", s.reads)
		}
	})
}
