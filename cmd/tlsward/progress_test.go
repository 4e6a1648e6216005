package main

import (
	"bytes"
	"testing"
	"time"
)

// TestRenderingProgress: nothing for a short run, then a line now and then, and in the end nothing of it is left.
func TestRenderingProgress(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	progress, finish := progressLine(&out, func() time.Time { return now })
	for i, at := range []time.Duration{0, 900, 1000, 1050, 1100, 1110} {
		now = time.Unix(0, 0).Add(at * time.Millisecond)
		progress(i, 5)
	}
	finish()
	finish()
	progress(5, 5)
	const line = "\r\x1b[K"
	if want := line + "tlsward: rendering: 2 of 5" + line + "tlsward: rendering: 4 of 5" + line + "tlsward: rendering: 5 of 5" + line; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	progress, finish = showRendering(&out)
	progress(1, 2)
	finish()
	if out.Len() > 0 {
		t.Errorf("no terminal, and yet %q", out.String())
	}
}
