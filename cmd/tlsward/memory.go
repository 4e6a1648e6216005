package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Short runs should end before the collector has much to do, and large ones should stay lean: at the default setting a
// heap of a few megabytes is collected dozens of times, a quarter of a lint run's processor time.
const (
	// leastMemory is what a run may always use; below it only a heap that quintuples is collected.
	leastMemory = 60 << 20
	// besideHeap is for what the runtime holds beside the heap. With 24 MiB instead, a tree of 10,000 objects takes 12%
	// less processor time and 14% more memory.
	besideHeap = 16 << 20
)

// tuneMemory makes the collector follow the live heap: past leastMemory there is always room for half as much again, or
// it would run without end. Whoever sets GOGC or GOMEMLIMIT means it.
func tuneMemory() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(leastMemory)
	runtime.SetFinalizer(new(afterCollection), (*afterCollection).adjust)
}

// afterCollection is garbage from the start, so that its finalizer runs after each collection. The pointer keeps it out
// of the allocator that joins small objects.
type afterCollection struct{ _ *int }

func (a *afterCollection) adjust() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() == metrics.KindUint64 {
		heap := int64(live[0].Value.Uint64())
		debug.SetMemoryLimit(max(leastMemory, besideHeap+heap+heap/2))
	}
	runtime.SetFinalizer(a, (*afterCollection).adjust)
}
