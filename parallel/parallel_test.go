package parallel_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/tlsward/tlsward/parallel"
)

// TestEach: each element is met once, however many workers there are, and on one they come in order.
func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		for _, workers := range []int{0, 1, 2, 7} {
			met := make([]atomic.Int32, n)
			parallel.Each(t.Context(), n, workers, func(i int) {
				met[i].Add(1)
				if workers == 1 && i > 0 && met[i-1].Load() == 0 {
					t.Errorf("%d comes before the one before it", i)
				}
			})
			for i := range met {
				if times := met[i].Load(); times != 1 {
					t.Fatalf("%d of %d is met %d times by %d workers", i, n, times, workers)
				}
			}
		}
	}
}

// TestEnded: nothing more is begun once the context has ended.
func TestEnded(t *testing.T) {
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		var met atomic.Int32
		parallel.Each(ctx, 1000, workers, func(int) {
			met.Add(1)
			cancel()
		})
		if n := met.Load(); n < 1 || int(n) > workers {
			t.Errorf("%d are begun by %d workers", n, workers)
		}
	}
}
