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
		want        bool
	}{
		"after a start":               {usage{20 * mib, 42 * mib, 90 * mib}, usage{20 * mib, 43 * mib, 91 * mib}, true},
		"under load":                  {usage{20 * mib, 42 * mib, 90 * mib}, usage{20 * mib, 43 * mib, 95 * mib}, false},
		"little to give back":         {usage{20 * mib, 27 * mib, 90 * mib}, usage{20 * mib, 28 * mib, 91 * mib}, false},
		"little for a large heap":     {usage{400 * mib, 480 * mib, 900 * mib}, usage{400 * mib, 490 * mib, 901 * mib}, false},
		"much for a large heap":       {usage{400 * mib, 510 * mib, 900 * mib}, usage{400 * mib, 510 * mib, 901 * mib}, true},
		"before the first collection": {usage{0, 5 * mib, 4 * mib}, usage{0, 6 * mib, 5 * mib}, false},
	} {
		if got := test.now.rests(test.before); got != test.want {
			t.Errorf("%s: got %t, want %t", name, got, test.want)
		}
	}
}

// TestRest: what is measured is what a collection frees.
func TestRest(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	garbage := full()
	if !garbage.rests(garbage) {
		t.Fatalf("64 MiB of garbage are nothing to give back: %+v", garbage)
	}
	debug.FreeOSMemory()
	if after := measure(); after.rests(after) || after.held+32<<20 > garbage.held {
		t.Errorf("before %+v, after %+v", garbage, after)
	}
}

// full is what is measured with 64 MiB that nobody needs afterwards.
func full() usage {
	garbage := make([][]byte, 64)
	for i := range garbage {
		garbage[i] = make([]byte, 1<<20)
	}
	defer runtime.KeepAlive(garbage)
	return measure()
}
