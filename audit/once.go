package audit

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Once is how everything is judged a single time.
type Once struct {
	Reviewer Reviewer
	Now      time.Time
	// In picks the objects; nil: all.
	In func(kube.ID) bool
	// Workers is the number of goroutines; 0 means one per processor. It changes no result.
	Workers int
	// Progress, if set, is told by any worker how many objects of all are judged.
	Progress func(done, all int)
}

// Judged is an object with what is wrong with it.
type Judged struct {
	Object   kube.Object
	Decision rule.Decision
	// Err says that there is no decision.
	Err error
}

// Judge judges a snapshot, for who may see all of it, and returns what it judged in order of identity.
func (o Once) Judge(ctx context.Context, snapshot *inventory.Snapshot) ([]Judged, error) {
	entries := slices.DeleteFunc(snapshot.Entries(), func(e *inventory.Entry) bool {
		return !snapshot.Whole(e) || o.In != nil && !o.In(e.ID) || !o.Reviewer.JudgesEntry(e)
	})
	judged := make([]Judged, len(entries))
	workers := o.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next, done atomic.Int64
	var wait sync.WaitGroup
	for range min(workers, len(entries)) {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(entries) {
					return
				}
				judged[i].Object = entries[i].Object()
				request := engine.Request{Object: judged[i].Object, Inventory: snapshot, Now: o.Now, Door: rule.DoorAudit}
				judged[i].Decision, judged[i].Err = review(ctx, o.Reviewer, request)
				if n := done.Add(1); o.Progress != nil {
					o.Progress(int(n), len(entries))
				}
			}
		})
	}
	wait.Wait()
	return judged, ctx.Err()
}
