// Package memory tunes the runtime, and does so before most other packages are initialised: those that serve needs make
// 2 MB of maps and metrics whatever the subcommand, and at the default setting the collector would run over them
// before main is entered. It imports little, since Go initialises packages in the order of their imports and then of
// their paths. An init function in package main would run last.
package memory

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// Short runs should end before the collector has much to do, and large ones should stay lean: at the default setting a
// heap of a few megabytes is collected dozens of times, a quarter of a lint run's processor time.
const (
	// leastMemory is what a run may always use; below it only a heap that has grown sevenfold is collected.
	leastMemory = 72 << 20
	// besideHeap is for what the runtime holds beside the heap. With 16 MiB and a leastMemory of 60, a tree of 10,000 objects takes 8%
	// more processor time and 4 MiB less memory.
	besideHeap = 20 << 20
	// shortRun has the first collection at 32 MiB: 200 objects are linted without one.
	shortRun = 800
	// renderingMemory is what a run may use that renders kustomizations or charts. kustomize allocates some 40 MiB per
	// overlay and keeps a tenth of it for the while: at leastMemory the collector would take two thirds of the time, of which
	// the workers wait for most.
	renderingMemory = 192 << 20
)

// least is leastMemory, or more where more pays.
var least atomic.Int64

// room is what the heap may grow by before it is collected, in percent: half as much again, or more where more pays.
var room atomic.Int64

var tuned = tune()

// tune makes the collector follow the live heap: past leastMemory there is always room for half as much again, or it
// would run without end. Whoever sets GOGC or GOMEMLIMIT means it.
func tune() bool {
	// A sample of the allocations would be kept for /debug/pprof, which walks the stack and reads tables for it: 1.5 MiB.
	runtime.MemProfileRate = 0
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return false
	}
	useLargePages(leastMemory)
	debug.SetGCPercent(shortRun)
	least.Store(leastMemory)
	room.Store(50)
	debug.SetMemoryLimit(leastMemory)
	runtime.SetFinalizer(new(afterCollection), (*afterCollection).adjust)
	return true
}

// Render is for a run that renders.
func Render() {
	if tuned && least.CompareAndSwap(leastMemory, renderingMemory) {
		debug.SetMemoryLimit(renderingMemory)
		useLargePages(renderingMemory - leastMemory)
	}
}

// Keep is for a run that keeps most of what it makes: at half as much again the collector would take two thirds of the time, and find
// little. Percent is what the heap may grow by before it is collected.
func Keep(percent int64) {
	if tuned {
		room.Store(percent)
	}
}

// Settle is for a process that stays. With profiled, the heap profile knows what is allocated from now on.
func Settle(profiled bool) {
	if tuned {
		debug.SetGCPercent(fillingPercent)
		noLargePages()
	}
	if profiled {
		runtime.MemProfileRate = 512 << 10 // the runtime's default
	}
}

// afterCollection is garbage from the start, so that its finalizer runs after each collection. The pointer keeps it out
// of the allocator that joins small objects.
type afterCollection struct{ _ *int }

func (a *afterCollection) adjust() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() == metrics.KindUint64 {
		heap := int64(live[0].Value.Uint64())
		debug.SetMemoryLimit(max(least.Load(), besideHeap+heap+heap*room.Load()/100))
	}
	runtime.SetFinalizer(a, (*afterCollection).adjust)
}
