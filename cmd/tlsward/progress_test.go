package main

import (
	"bytes"
	"testing"
	"time"
)

// TestProgress: nothing for a short run, then a line now and then for each thing that is done, and in the end nothing of it is left.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&out, func() time.Time { return now })
	for _, told := range []struct {
		at       time.Duration
		doing    string
		done, of int
	}{
		{0, "reading files", 0, 2},
		{500, "reading files", 2, 2},
		{900, "rendering", 0, 5},
		{1000, "rendering", 2, 5},
		{1050, "rendering", 3, 5},
		{1100, "rendering", 4, 5},
		{1110, "rendering", 5, 5},
		{1120, "judging objects", 0, 9},
		{1130, "judging objects", 1, 9},
	} {
		now = time.Unix(0, 0).Add(told.at * time.Millisecond)
		p.tell(told.doing, told.done, told.of)
	}
	p.finish()
	p.finish()
	p.tell("judging objects", 9, 9)
	want := ""
	for _, line := range []string{"rendering: 2 of 5", "rendering: 4 of 5", "rendering: 5 of 5", "judging objects: 0 of 9"} {
		want += eraseLine + "tlsward: " + line
	}
	if want += eraseLine; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestProgressIsForTerminals: a log gets no line that is written over, and nobody need ask whether there is one.
func TestProgressIsForTerminals(t *testing.T) {
	var b bytes.Buffer
	p := showProgress(&b)
	if p != nil {
		t.Fatal("a buffer was taken for a terminal")
	}
	p.tell("reading files", 1, 2)
	p.finish()
	if b.Len() > 0 {
		t.Errorf("got %q", b.String())
	}
}
