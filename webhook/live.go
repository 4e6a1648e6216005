package webhook

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/tlsward/tlsward/kube"
)

// live reads single objects from the API server, for denials only, and never so many that the readings become a load.
type live struct {
	world  World
	budget *rate.Limiter
	now    func() time.Time
	read   func(string)

	mu      sync.Mutex
	shares  map[string]*rate.Limiter // by namespace
	flights map[kube.ID]*flight
	missing map[kube.ID]time.Time // when the read began that did not find it
}

// flight is a read that others may wait for.
type flight struct {
	began time.Time
	done  chan struct{}
	obj   kube.Object
	found bool
	err   error
	// overtaken: the object has changed since the read began, so that its answer is not remembered. Under live.mu.
	overtaken bool
}

const (
	// missingFor is how long "not there" is believed: long enough for the burst of identical requests of a retrying client,
	// short enough that whoever creates the object and tries again by hand or by script is not told old news.
	missingFor = 50 * time.Millisecond
	// readTimeout is far above what a read takes (1 to 2 ms), and leaves the answer in time for the API server.
	readTimeout = time.Second
	// maxMissing bounds what is remembered as missing; past it all is forgotten, which only costs reads.
	maxMissing = 1024
)

// defaultReads is the budget where nobody sets one.
const defaultReads = 50

var errBudget = errors.New("too many live reads this second")

func newLive(world World, perSecond int, now func() time.Time, read func(string)) *live {
	if perSecond <= 0 {
		perSecond = defaultReads
	}
	if read == nil {
		read = func(string) {}
	}
	return &live{
		world: world, now: now, read: read, budget: rate.NewLimiter(rate.Limit(perSecond), 2*perSecond),
		shares:  map[string]*rate.Limiter{},
		flights: map[kube.ID]*flight{}, missing: map[kube.ID]time.Time{},
	}
}

// maxShares bounds the namespaces whose use is remembered; past it all begin anew.
const maxShares = 1024

// fair reports whether a namespace may still cause some reads: half of the budget, so that nobody uses up everybody's.
func (l *live) fair(namespace string, reads int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	share := l.shares[namespace]
	if share == nil {
		if len(l.shares) >= maxShares {
			clear(l.shares)
		}
		share = rate.NewLimiter(l.budget.Limit()/2, max(l.budget.Burst()/2, maxWitnesses))
		l.shares[namespace] = share
	}
	if share.AllowN(l.now(), reads) {
		return true
	}
	l.read("over budget")
	return false
}

// limit sets the reads a second.
func (l *live) limit(perSecond int) {
	if perSecond <= 0 {
		perSecond = defaultReads
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.budget.SetLimit(rate.Limit(perSecond))
	l.budget.SetBurst(2 * perSecond)
	clear(l.shares)
}

// get reads an object; many who ask for the same at once are answered by two reads at most. An answer holds only if its read
// began after the question: the object may have been created or changed in between.
func (l *live) get(ctx context.Context, id kube.ID) (kube.Object, bool, error) {
	asked, waited := l.now(), false
	for {
		if err := ctx.Err(); err != nil {
			return kube.Object{}, false, err
		}
		l.mu.Lock()
		// Who has waited for a read that began too early does not believe what it left behind either.
		if at, ok := l.missing[id]; ok && asked.Sub(at) < missingFor && (!waited || !at.Before(asked)) {
			l.mu.Unlock()
			l.read("remembered")
			return kube.Object{}, false, nil
		}
		f := l.flights[id]
		if f == nil {
			if !l.budget.Allow() {
				l.mu.Unlock()
				l.read("over budget")
				return kube.Object{}, false, errBudget
			}
			f = &flight{began: l.now(), done: make(chan struct{})}
			l.flights[id] = f
			// Others wait for it too, whatever becomes of the first who asked.
			go l.fly(context.WithoutCancel(ctx), id, f)
		}
		l.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			return kube.Object{}, false, ctx.Err()
		}
		if f.err != nil || !f.began.Before(asked) {
			return f.obj, f.found, f.err
		}
		waited = true
	}
}

// fly makes the read of a flight.
func (l *live) fly(ctx context.Context, id kube.ID, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	f.obj, f.found, f.err = l.world.Get(ctx, id)
	l.mu.Lock()
	delete(l.flights, id)
	if f.err == nil && !f.found && !f.overtaken {
		if len(l.missing) >= maxMissing {
			clear(l.missing)
		}
		l.missing[id] = f.began
	}
	l.mu.Unlock()
	l.read(result(f))
	close(f.done)
}

func result(f *flight) string {
	switch {
	case f.err != nil:
		return "failed"
	case f.found:
		return "found"
	default:
		return "absent"
	}
}

// list reads the objects of a kind in a namespace.
func (l *live) list(ctx context.Context, groupKind, namespace string, limit int64) ([]kube.Object, error) {
	if !l.budget.Allow() {
		l.read("over budget")
		return nil, errBudget
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	list, err := l.world.List(ctx, groupKind, namespace, limit)
	if err != nil {
		l.read("failed")
		return nil, err
	}
	l.read("found")
	return list, nil
}

// forget drops what is remembered of an object.
func (l *live) forget(id kube.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.missing, id)
	if f := l.flights[id]; f != nil {
		f.overtaken = true
	}
}
