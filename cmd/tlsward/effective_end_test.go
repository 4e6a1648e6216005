package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestUnlessEnded: a run that is told to end does not wait for rows, however many they are.
func TestUnlessEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := unlessEnded(ctx, func() int { <-release; return 1 })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the run was ended", err)
	}
	if got, err := unlessEnded(t.Context(), func() int { return 1 }); got != 1 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}

// TestEffectiveEnded: an ended run prints no rows, which would pass for all that there are.
func TestEffectiveEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{
		{"effective", "../../examples/ingress-nginx/mended"},
		{"effective", "--diff", "../../examples/ingress-nginx/broken", "../../examples/ingress-nginx/mended"},
	} {
		var out, errOut bytes.Buffer
		root := command(streams{strings.NewReader(""), &out, &errOut})
		root.SetArgs(args)
		if err := root.ExecuteContext(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: got %v, want that the run was ended", args, err)
		}
		if out.Len() > 0 {
			t.Errorf("%v: it has printed\n%s", args, out.String())
		}
	}
}
