package main

import (
	"bytes"
	"flag"
	"os"
	"syscall"
	"testing"
)

var update = flag.Bool("update", false, "write golden files and docs/commands.md instead of comparing with them")

// stuck is a pipe that nobody closes; who reads from it gets a signal.
type stuck struct{ t *testing.T }

func (s stuck) Read([]byte) (int, error) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		s.t.Error(err)
	} else if err := self.Signal(syscall.SIGTERM); err != nil {
		s.t.Error(err)
	}
	select {}
}

// TestSignal: a read that would never end keeps nobody waiting who wants the program to.
func TestSignal(t *testing.T) {
	for _, command := range []string{"lint", "facts", "effective"} {
		var out, errOut bytes.Buffer
		if code := run([]string{command, "-"}, stuck{t}, &out, &errOut); code != exitUnjudged || errOut.String() != "tlsward: interrupted\n" {
			t.Errorf("%s: exit %d, %q", command, code, errOut.String())
		}
	}
}
