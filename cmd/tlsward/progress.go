package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	// progressAfter is how long somebody at a terminal is left without a word.
	progressAfter = time.Second
	// progressEvery is how often the words change.
	progressEvery = 100 * time.Millisecond
)

// progress is a line of a terminal that is written over and over again, and erased in the end. Nil, it is silent: a log is no
// place for it.
type progress struct {
	to     io.Writer
	clock  func() time.Time
	mu     sync.Mutex
	timer  *time.Timer
	begun  time.Time
	last   time.Time
	line   string
	shown  bool
	ending bool
}

// showProgress returns a line if there is a terminal to show it.
func showProgress(to io.Writer) *progress {
	file, ok := to.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	p := newProgress(to, time.Now)
	// Whatever takes long from the beginning is named even if it gets nowhere.
	p.timer = time.AfterFunc(progressAfter, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.show(p.clock())
	})
	return p
}

func newProgress(to io.Writer, clock func() time.Time) *progress {
	return &progress{to: to, clock: clock, begun: clock()}
}

// tell says what is being done, and how much of it is; of is 0 where that is not known.
func (p *progress) tell(doing string, done, of int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	fresh := p.line == "" || done == 0
	if !fresh && done < of && now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.line = now, doing
	if of > 0 {
		p.line = fmt.Sprintf("%s: %d of %d", doing, done, of)
	}
	p.show(now)
}

func (p *progress) show(now time.Time) {
	if p.ending || p.line == "" || now.Sub(p.begun) < progressAfter {
		return
	}
	p.shown = true
	fmt.Fprint(p.to, eraseLine+"tlsward: "+p.line)
}

// finish erases the line, once however often it is called.
func (p *progress) finish() {
	if p == nil {
		return
	}
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown && !p.ending {
		fmt.Fprint(p.to, eraseLine)
	}
	p.ending = true
}

const eraseLine = "\r\x1b[K"
