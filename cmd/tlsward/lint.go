package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/cmd/tlsward/memory"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/report"
)

type lintFlags struct {
	common
	color, unjudged string
	fix, diff, all  bool
	values, outputs []string
}

func lintCommand(s streams) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint PATH...",
		Short: "Judge manifests in files and folders; - is standard input",
		Long: `Judge Kubernetes manifests as the webhook would, and say at which line what is wrong.

Kustomizations and Helm charts are rendered first, without network and without running anything,
and what they make is judged at the lines it comes from.

Exit status: 0 nothing would be denied, 1 something would be, 2 something could not be judged
(a bad flag, an unreadable document, a broken rule, nothing to lint). 1 beats 2.`,
		Example: "  tlsward lint deploy/\n  helm template . | tlsward lint -\n  tlsward lint --diff deploy/\n  tlsward lint --cluster deploy/",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), args, s)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	f.behind.register(flags)
	flags.StringVar(&f.now, "now", "", "judge as of this time (RFC 3339) or date, instead of the clock")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, outputHelp())
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	flags.StringVar(&f.unjudged, "unjudged", "error", "unreadable documents: error (exit 2) or warn")
	flags.BoolVar(&f.fix, "fix", false, "write the safe fixes into the files")
	flags.BoolVar(&f.all, "all", false, "judge also the certificates of Secrets and ConfigMaps that nothing refers to")
	flags.StringArrayVar(&f.values, "values", nil, "file of values for Helm charts; may be repeated, later ones win")
	flags.BoolVar(&f.diff, "diff", false, "show what --fix would write, and write nothing")
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput) // fails for a flag that is not there
	flags.IntVar(&f.workers, "workers", 0, "number of goroutines (default: one per processor)")
	return cmd
}

func (f *lintFlags) run(ctx context.Context, paths []string, s streams) error {
	outputs, err := outputs(f.outputs)
	if err != nil {
		return unjudged(err)
	}
	if f.unjudged != "error" && f.unjudged != "warn" {
		return unjudged(fmt.Errorf("--unjudged %s: want error or warn", f.unjudged))
	}
	if f.fix && f.diff {
		return unjudged(errors.New("--fix writes and --diff does not: want one of them"))
	}
	if f.fix && slices.Contains(paths, manifest.Stdin) {
		return unjudged(errors.New("--fix: standard input cannot be written back; --diff shows what would be"))
	}
	style, err := style(s.out, f.color)
	if err != nil {
		return unjudged(err)
	}
	engine, options, err := f.prepare(ctx, paths, s)
	if err != nil {
		return unjudged(err)
	}
	options.All, options.Values = f.all, f.values
	for _, o := range outputs {
		if o.file != "" {
			options.Exclude = append(options.Exclude, o.file) // the last run's is no manifest
		}
	}
	progress, finish := showRendering(s.err)
	options.Progress = func(done, all int) {
		memory.Render()
		progress(done, all)
	}
	defer finish()
	var result *lint.Result
	var fixes *lint.Fixes
	if f.fix || f.diff {
		result, fixes, err = lint.Fix(ctx, paths, options, f.fix)
	} else {
		result, err = lint.Run(ctx, paths, options)
	}
	finish()
	if err != nil {
		return unjudged(err)
	}
	if fixes != nil {
		for _, p := range fixes.Unfixed {
			complain(s.err, fmt.Sprintf("%s:%d: %s", p.At.File, p.At.Line, p.Message))
		}
	}
	if f.diff {
		if _, err := io.WriteString(s.out, fixes.Diff()); err != nil {
			return unjudged(err)
		}
	}
	out := s.out
	if f.diff {
		// Standard output is the patch, to be piped into one.
		out = s.err
	}
	if slices.ContainsFunc(outputs, func(o output) bool { return o.format.Fingerprints }) {
		result.SetFingerprints()
	}
	run := reportRun(result, fixes, engine.Rules)
	var failed error
	for _, o := range outputs {
		failed = errors.Join(failed, o.write(out, run, style)) // one full disk loses no other report
	}
	if failed != nil {
		return unjudged(failed)
	}
	return f.verdict(run, result)
}

// verdict is the exit code: 1 beats 2.
func (f *lintFlags) verdict(run report.Run, result *lint.Result) error {
	switch {
	case run.Summary.Denied > 0:
		return &exitError{code: exitDenied}
	case len(run.Errors) > 0 && f.unjudged == "error":
		return &exitError{code: exitUnjudged}
	case result.Objects == 0:
		return unjudged(errors.New("nothing to lint: no Kubernetes object in what was read"))
	}
	return nil
}

// readFile reads what lint.Run asks for; "-" is standard input, kept because fixing reads it again. A read of a pipe that
// nobody closes ends with nothing else, so it is left behind when ctx ends.
func readFile(ctx context.Context, in io.Reader) func(string) (string, error) {
	type content struct {
		data string
		err  error
	}
	stdin := sync.OnceValues(func() (string, error) {
		done := make(chan content, 1)
		go func() {
			data, err := manifest.ReadFile(manifest.Stdin, in)
			done <- content{data, err}
		}()
		select {
		case c := <-done:
			return c.data, c.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	return func(name string) (string, error) {
		if name == manifest.Stdin {
			return stdin()
		}
		return manifest.ReadFile(name, nil)
	}
}
