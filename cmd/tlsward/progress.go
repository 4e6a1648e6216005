package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progressEvery is how often the words change.
const progressEvery = 100 * time.Millisecond

// showRendering returns what to call as kustomizations and charts are rendered, and what to call in the end, once or more. It
// writes one line, and only to a terminal: a log is no place for it.
func showRendering(to io.Writer) (progress func(done, all int), finish func()) {
	file, ok := to.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return func(int, int) {}, func() {}
	}
	return progressLine(to, time.Now)
}

// progressLine is a line that is written over and over again, and erased in the end.
func progressLine(to io.Writer, clock func() time.Time) (progress func(done, all int), finish func()) {
	var mu sync.Mutex
	start := clock()
	var last time.Time
	shown, over := false, false
	progress = func(done, all int) {
		mu.Lock()
		defer mu.Unlock()
		now := clock()
		if over || now.Sub(start) < progressAfter || now.Sub(last) < progressEvery && done < all {
			return
		}
		last, shown = now, true
		fmt.Fprintf(to, "\r\x1b[Ktlsward: rendering: %d of %d", done, all)
	}
	finish = func() {
		mu.Lock()
		defer mu.Unlock()
		if shown && !over {
			fmt.Fprint(to, "\r\x1b[K")
		}
		over = true
	}
	return progress, finish
}
