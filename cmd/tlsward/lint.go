package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	fixes           fixFlags
	values, outputs []string
	baseline        baselineFlags
	scope           scopeFlags
	environment     []string
	// matches is a file that says what a cluster runs.
	matches string
	// piped: no path was given, and standard input is more than a terminal or nothing.
	piped bool
}

func lintCommand(s streams) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "Judge manifests in files and folders; - is standard input",
		Long: `Judge Kubernetes manifests as the webhook would, and say at which line what is wrong.

Without a path, it is the current directory that is judged. Kustomizations and Helm charts are rendered first,
without network and without running anything, and what they make is judged at the lines it comes from.

Exit status: 0 nothing would be denied, 1 something would be, 2 something could not be judged
(a bad flag, an unreadable document, a broken rule, nothing to lint). 1 beats 2. What is suppressed,
by a comment, the config or the baseline, counts for neither.`,
		Example: "  tlsward lint\n  tlsward lint deploy/\n  helm template . | tlsward lint -\n  tlsward lint --diff deploy/\n  tlsward lint --cluster deploy/",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.piped = len(args) == 0 && piped(s.in)
			return f.run(cmd.Context(), here(args), s)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	f.behind.register(flags)
	f.baseline.register(flags)
	flags.StringVar(&f.now, "now", "", "judge as of this time (RFC 3339) or date, instead of the clock")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, outputHelp(report.Formats()))
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	flags.StringVar(&f.unjudged, "unjudged", "error", "unreadable documents: error (exit 2) or warn")
	flags.BoolVar(&f.fix, "fix", false, "write the safe fixes into the files")
	flags.BoolVar(&f.all, "all", false, "judge also the certificates of Secrets and ConfigMaps that nothing refers to")
	flags.StringArrayVar(&f.values, "values", nil, "file of values for Helm charts; may be repeated, later ones win")
	f.scope.register(flags)
	flags.StringSliceVar(&f.environment, "environment", nil, "judge only these environments of the config; may be repeated")
	completeFlag(cmd, "environment", f.completeEnvironment)
	flags.StringVar(&f.matches, "match-cluster", "", "file with the webhook's metrics or the output of `tlsward config digest`: exit 2 where rulebook or config differ")
	flags.BoolVar(&f.diff, "diff", false, "show what --fix would write, and write nothing")
	f.fixes.register(flags)
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput(report.Formats())) // fails for a flag that is not there
	flags.IntVar(&f.workers, "workers", 0, "number of goroutines (default: one per processor)")
	completeWords(cmd, map[string][]string{"color": colorWords(), "unjudged": unjudgedWords()})
	f.complete(cmd)
	return cmd
}

func (f *lintFlags) run(ctx context.Context, paths []string, s streams) error {
	outputs, err := outputs(f.outputs, report.Formats())
	if err != nil {
		return unjudged(err)
	}
	if err := oneOf("--unjudged", f.unjudged, unjudgedWords()); err != nil {
		return unjudged(err)
	}
	if f.fix && f.diff {
		return unjudged(errors.New("--fix writes and --diff does not: want one of them"))
	}
	if f.fix && slices.Contains(paths, manifest.Stdin) {
		return unjudged(errors.New("--fix: standard input cannot be written back; --diff shows what would be"))
	}
	if err := f.fixes.check(f.fix || f.diff); err != nil {
		return unjudged(err)
	}
	if err := f.baseline.check(f.diff, outputs); err != nil {
		return unjudged(err)
	}
	for _, file := range f.values {
		if _, err := os.Stat(file); err != nil {
			return unjudged(fmt.Errorf("--values %s: %w", file, manifest.Cause(err)))
		}
	}
	known, err := f.baseline.read()
	if err != nil {
		return unjudged(err)
	}
	out := s.out
	if f.diff {
		// Standard output is the patch, to be piped into one.
		out = s.err
	}
	style, err := terminalStyle(out, f.color)
	if err != nil {
		return unjudged(err)
	}
	e, options, err := f.prepare(ctx, paths, s)
	if err != nil {
		return unjudged(err)
	}
	if err := f.fixes.checkRules(e); err != nil {
		return unjudged(err)
	}
	if f.matches != "" {
		// Before anything is judged: a verdict that the cluster would not give is none.
		if err := f.matchCluster(f.matches, s.err); err != nil {
			return unjudged(err)
		}
	}
	options.All, options.Values = f.all, f.values
	for _, o := range outputs {
		if o.file != "" {
			options.Exclude = append(options.Exclude, o.file) // the last run's is no manifest
		}
	}
	if known != nil {
		options.Exclude = append(options.Exclude, f.baseline.file)
	}
	if options.Scope, err = f.scope.scope(ctx, paths, &f.common, s.err); err != nil {
		return unjudged(err)
	}
	options.Phase = func(name string) {
		if name == lint.PhaseRender {
			memory.Render()
		}
	}
	progress := showProgress(s.err)
	defer progress.finish()
	if progress != nil {
		options.Progress = progress.tell
	}
	var stock *stocktaking
	if slices.ContainsFunc(outputs, func(o output) bool { return o.format.Sections }) {
		stock = newStocktaking(e)
		options.Observe = stock.observe
		memory.Keep(150) // the page tells of every certificate, so that what was read is kept
	}
	environments, part, err := f.environments(paths)
	if err != nil {
		return unjudged(err)
	}
	options.Part = part
	result, fixes, err := f.judge(ctx, paths, environments, options)
	progress.finish()
	if err != nil {
		return unjudged(err)
	}
	if known != nil {
		if err := f.baseline.apply(known, result, options, f.diff, s.err); err != nil {
			return unjudged(err)
		}
	}
	if fixes != nil {
		f.fixes.tell(s.err, fixes, f.diff)
	}
	if f.diff {
		if _, err := io.WriteString(s.out, fixes.Diff()); err != nil {
			return unjudged(err)
		}
	}
	var sections func() ([]report.Section, error)
	if stock != nil {
		sections = sync.OnceValues(func() ([]report.Section, error) {
			section, err := stock.section(options.Now, f.all)
			return []report.Section{section}, err
		})
	}
	run, err := reports{outputs, out, style, f.workers, sections}.write(result, fixes, e.Rules)
	if err != nil {
		return unjudged(err)
	}
	f.scope.tell(s.err, result.Outside)
	return f.verdict(run, result)
}

// verdict is the exit code: 1 beats 2.
func (f *lintFlags) verdict(run report.Run, result *lint.Result) error {
	switch {
	case run.Summary.Denied > 0:
		return &exitError{code: exitDenied}
	case len(run.Errors) > 0 && f.unjudged == "error":
		return &exitError{code: exitUnjudged}
	case result.Objects == 0 && f.piped:
		return unjudged(errors.New("nothing to lint: no Kubernetes object in the current directory; `tlsward lint -` reads standard input"))
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

// piped reports whether standard input is a pipe or a file. In hooks and CI it often is, with nothing in it for us, so that this is a
// reason for a hint at most.
func piped(in io.Reader) bool {
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice == 0
}

func colorWords() []string    { return []string{"auto", "always", "never"} }
func unjudgedWords() []string { return []string{"error", "warn"} }
