// Command tlsward finds TLS and mTLS settings at the edge of Kubernetes that do not do what they say: in manifests, and
// with the same rules, in the cluster.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/report"
)

// Exit codes, the same for every subcommand.
const (
	exitClean    = 0
	exitDenied   = 1 // something would be denied
	exitUnjudged = 2 // bad flag, unreadable document, broken rule, nothing to lint
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// streams are a command's ends, so that tests can hold them.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitError ends the program with a code and, if it wraps something, a line on standard error.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func run(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal ends the work, a second one the program.
	context.AfterFunc(ctx, stop)
	root := command(streams{in, out, errOut})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var exit *exitError
	switch {
	case err == nil:
		return exitClean
	case errors.Is(err, context.Canceled):
		complain(errOut, "interrupted")
		return exitUnjudged
	case errors.As(err, &exit):
		if exit.err != nil {
			complain(errOut, exit.err.Error())
		}
		return exit.code
	default:
		complain(errOut, err.Error())
		return exitUnjudged
	}
}

// complain is the only way to standard error: what it says may quote files.
func complain(errOut io.Writer, message string) {
	fmt.Fprintln(errOut, "tlsward:", report.Plain(message))
}

// complainAll writes what could not be read, each with its place.
func complainAll(errOut io.Writer, problems []lint.Problem) {
	for _, p := range problems {
		complain(errOut, told(p))
	}
}

// told is a problem with its place, if it has one: what is read from a cluster has none.
func told(p lint.Problem) string {
	if p.At.File == "" {
		return p.Message
	}
	return report.Place(p.At) + ": " + p.Message
}

// unjudged wraps an error that kept the program from judging.
func unjudged(err error) error { return &exitError{exitUnjudged, err} }
