package memory

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestRests(t *testing.T) {
	const mib = 1 << 20
	for name, test := range map[string]struct {
		before, now usage
		starting    bool
		want        bool
	}{
		"after a start":               {usage{20 * mib, 42 * mib, 90 * mib}, usage{20 * mib, 43 * mib, 91 * mib}, false, true},
		"under load":                  {usage{20 * mib, 42 * mib, 90 * mib}, usage{20 * mib, 43 * mib, 95 * mib}, false, false},
		"little to give back":         {usage{20 * mib, 27 * mib, 90 * mib}, usage{20 * mib, 28 * mib, 91 * mib}, false, false},
		"little for a large heap":     {usage{400 * mib, 480 * mib, 900 * mib}, usage{400 * mib, 490 * mib, 901 * mib}, false, false},
		"much for a large heap":       {usage{400 * mib, 510 * mib, 900 * mib}, usage{400 * mib, 510 * mib, 901 * mib}, false, true},
		"little soon after a start":   {usage{20 * mib, 22 * mib, 90 * mib}, usage{20 * mib, 22 * mib, 91 * mib}, true, true},
		"while it reads":              {usage{20 * mib, 27 * mib, 90 * mib}, usage{20 * mib, 28 * mib, 99 * mib}, true, false},
		"before the first collection": {usage{0, 5 * mib, 4 * mib}, usage{0, 6 * mib, 5 * mib}, false, false},
	} {
		if got := test.now.rests(test.before, test.starting); got != test.want {
			t.Errorf("%s: got %t, want %t", name, got, test.want)
		}
	}
}

// TestPercent: the more lives, the less may lie beside it.
func TestPercent(t *testing.T) {
	const mib = 1 << 20
	for live, want := range map[uint64]int{0: 100, 30 * mib: 100, 40 * mib: 100, 64 * mib: 60, 100 * mib: 40, 1000 * mib: 25} {
		if got := (usage{live: live}).percent(100); got != want {
			t.Errorf("%d MiB: %d percent, want %d", live/mib, got, want)
		}
	}
}

// TestRest: what is measured is what a collection frees.
func TestRest(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	debug.FreeOSMemory() // what other tests left
	garbage := full()
	if !garbage.rests(garbage, false) {
		t.Fatalf("40 MiB of garbage are nothing to give back: %+v", garbage)
	}
	debug.FreeOSMemory()
	if after := measure(); after.rests(after, false) || after.held+24<<20 > garbage.held {
		t.Errorf("before %+v, after %+v", garbage, after)
	}
}

// full is what is measured with 40 MiB that nobody needs afterwards: with more, the memory limit would have them collected.
func full() usage {
	garbage := make([][]byte, 40)
	for i := range garbage {
		garbage[i] = make([]byte, 1<<20)
	}
	defer runtime.KeepAlive(garbage)
	return measure()
}
