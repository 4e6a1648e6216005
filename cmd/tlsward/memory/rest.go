package memory

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The collector lets the heap grow to twice of what lives, and the runtime keeps what it once had: a server that has read a cluster,
// or a thousand Secrets written at once, holds twice its heap from then on, though most of them answer a review now and then.
const (
	// restEvery is how often Rest looks, which takes some microseconds.
	restEvery = 5 * time.Second
	// quiet is what may be allocated in that time when nothing happens: probes, metrics and ten reviews a second stay below.
	quiet = 4 << 20
	// leastSpare is worth two collections, 30 ms of processor time for 20 MiB that live; as is a quarter of what lives, since a collection
	// costs the more, the more that is. At the rate that counts as quiet there is one every ten seconds at most.
	leastSpare = 8 << 20
	// fillingPercent has a process that starts collect twice as often while it reads the cluster: what it keeps then lies less scattered
	// among what it does not, which nothing moves together later. With 1,000 Secrets of 32 KiB that nobody refers to it holds 3 MiB less
	// for good.
	fillingPercent = 50
	// most is what a process that stays may hold beside what lives until the collector runs, down to leastPercent of that: a large cluster's
	// hundred MiB would else be two hundred whenever much changes.
	most         = 40 << 20
	leastPercent = 25
	// startSpare is worth a collection for startTime, in which what reading leaves behind becomes garbage.
	startSpare = 1 << 20
	startTime  = time.Minute
)

// Rest gives memory back to the system whenever nothing happens, until ctx ends, and once the process has filled up has garbage
// collected at percent of what lives, less where much lives. It is for one that stays, and has called Settle.
func Rest(ctx context.Context, percent int, filled func() bool) {
	ticker := time.NewTicker(restEvery)
	defer ticker.Stop()
	began, filling, at := time.Now(), true, fillingPercent
	for before := measure(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := measure()
		filling = filling && !filled()
		want := percent
		if filling {
			want = fillingPercent
		}
		if want = now.percent(want); want != at && tuned {
			debug.SetGCPercent(want)
			at = want
		}
		if now.rests(before, time.Since(began) < startTime) {
			runtime.GC() // What pools hold survives one collection.
			debug.FreeOSMemory()
			now = measure()
		}
		before = now
	}
}

// usage is what the process has of memory, in bytes.
type usage struct {
	// live is what the last collection left; held is that, and what the heap has beside it, in garbage and without use; allocated is all
	// that was ever taken from it.
	live, held, allocated uint64
}

func measure() usage {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(samples)
	value := func(i int) uint64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0 // a runtime that no longer tells: then nothing is spare
		}
		return samples[i].Value.Uint64()
	}
	return usage{live: value(0), held: value(1) + value(2), allocated: value(3)}
}

// percent is how much of what lives may come to lie beside it, where up to atMost percent may.
func (u usage) percent(atMost int) int {
	if u.live*uint64(atMost) <= most*100 { //nolint:gosec // a percentage
		return atMost
	}
	// In steps, or it would be set again and again.
	return max(leastPercent, int(most*100/u.live)/5*5) //nolint:gosec // less than atMost
}

// rests reports whether so little has happened since before, and so much is held without need, that a collection is worth it, which it is
// soon after a start for less.
func (u usage) rests(before usage, starting bool) bool {
	least := max(leastSpare, u.live/4)
	if starting {
		least = startSpare
	}
	return u.allocated-before.allocated < quiet && u.held > u.live+least
}
