package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/cmd/tlsward/memory"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// nextRulebookFlag names the other rulebook.
const nextRulebookFlag = "--rulebook"

type impactFlags struct {
	lintFlags
	next, format string
	// What one side has read the other sees, too: the cluster, whatever changes in it meanwhile, and standard input, which ends once.
	snapshot *inventory.Snapshot
	seenBy   *engine.Engine // the snapshot is laid out for its providers
	read     func(name string) (string, error)
}

func impactCommand(s streams) *cobra.Command {
	var f impactFlags
	cmd := &cobra.Command{
		Use:   "impact [PATH...]",
		Short: "Say what another version of the rulebook would newly deny",
		Long: `Judge manifests, or the objects of a cluster, by the rulebook that the config has in force and by another one, and say what
the other one would newly deny, newly warn of, and no longer find.

--rulebook names the other one: a version of tlsward's own rules, as in v0.2; or a directory or zip archive of rules. Of these it takes
the place of the rulebook that has the same rules, and stands beside all others where there is none.

Without a path, it is the current directory that is judged, or, with --cluster, what the cluster holds, as the webhook would judge it
if it came anew. With both, it is the files as applied to the cluster.

Exit status: 0 nothing would newly be denied, 1 something would be, 2 something could not be judged. 1 beats 2.`,
		Example: "  tlsward impact deploy/\n  tlsward impact --rulebook v0.1 deploy/\n  tlsward impact --cluster --rulebook acme-rules-next/",
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), args, s) },
	}
	flags := cmd.Flags()
	f.register(flags)
	f.behind.register(flags)
	flags.StringVar(&f.next, "rulebook", "", "version of tlsward's rules, or directory or zip archive of rules (default: the newest version of this build)")
	flags.StringVar(&f.now, "now", "", "judge as of this time (RFC 3339) or date, instead of the clock")
	flags.StringVarP(&f.format, "output", "o", "text", "text or json")
	flags.StringVar(&f.unjudged, "unjudged", "error", "unreadable documents: error (exit 2) or warn")
	flags.StringArrayVar(&f.values, "values", nil, "file of values for Helm charts; may be repeated, later ones win")
	flags.StringSliceVar(&f.environment, "environment", nil, "judge only these environments of the config; may be repeated")
	flags.IntVar(&f.workers, "workers", 0, "number of goroutines (default: one per processor)")
	completeFlag(cmd, "environment", f.completeEnvironment)
	completeWords(cmd, map[string][]string{"output": ruleOutputs(), "unjudged": unjudgedWords()})
	f.complete(cmd)
	return cmd
}

func (f *impactFlags) run(ctx context.Context, paths []string, s streams) error {
	if err := errors.Join(oneOf("--output", f.format, ruleOutputs()), oneOf("--unjudged", f.unjudged, unjudgedWords())); err != nil {
		return unjudged(err)
	}
	if err := f.loadConfig(paths); err != nil {
		return unjudged(err)
	}
	next, err := f.nextRulebook()
	if err != nil {
		return unjudged(fmt.Errorf("--rulebook %s: %w", f.next, err))
	}
	f.behind.alone = f.behind.cluster && len(paths) == 0
	before, err := f.side(ctx, paths, s, nil)
	if err != nil {
		return unjudged(err)
	}
	after, err := f.side(ctx, paths, s, next)
	if err != nil {
		return unjudged(err)
	}
	result := compareSides(before, after)
	result.From, result.To = before.label, after.label
	if err := result.write(s.out, f.format); err != nil {
		return unjudged(err)
	}
	complainAll(s.err, after.problems)
	switch {
	case len(result.Denied) > 0:
		return &exitError{code: exitDenied}
	case len(after.problems) > 0 && f.unjudged == "error":
		return &exitError{code: exitUnjudged}
	case after.objects == 0:
		return unjudged(errors.New("nothing to judge: no Kubernetes object in what was read"))
	}
	return nil
}

// nextRulebook says what becomes of the rulebooks of the config for the other side.
func (f *impactFlags) nextRulebook() (func([]engine.Rulebook) ([]engine.Rulebook, error), error) {
	version, err := rule.ParseVersion(f.next)
	if err == nil || f.next == "" {
		return func(books []engine.Rulebook) ([]engine.Rulebook, error) {
			books[0].Pin, books[0].PinnedAt = version, kube.Path{nextRulebookFlag}
			return books, nil
		}, nil
	}
	if near, release := rule.ParseRelease(f.next); release == nil {
		return nil, fmt.Errorf("want a version without a patch: %s", near)
	}
	if _, err := os.Stat(f.next); err != nil {
		return nil, errors.New("want a version such as v0.1, or a directory or zip archive of rules that is there")
	}
	files, err := openRulebook(f.next)
	if err != nil {
		return nil, err
	}
	rules, err := ruleFolders(files)
	if err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		return nil, errors.New("no rule in it: want folders like provider/rule/rule.rego")
	}
	return func(books []engine.Rulebook) ([]engine.Rulebook, error) {
		return replaced(books, engine.Rulebook{Name: f.next, FS: files}, rules)
	}, nil
}

func ruleFolders(files fs.FS) ([]string, error) {
	found, err := fs.Glob(files, "*/*/rule.rego")
	for i := range found {
		found[i] = strings.TrimSuffix(found[i], "/rule.rego")
	}
	return found, err
}

// replaced puts a rulebook into the place of the one that it shares the most rules with.
func replaced(books []engine.Rulebook, next engine.Rulebook, rules []string) ([]engine.Rulebook, error) {
	most, at := 0, len(books)
	for i, book := range books {
		folders, err := ruleFolders(book.FS)
		if err != nil {
			return nil, err
		}
		shared := 0
		for _, id := range folders {
			if slices.Contains(rules, id) {
				shared++
			}
		}
		if shared > most {
			most, at = shared, i
		}
	}
	if at == len(books) {
		return append(books, next), nil
	}
	books[at] = next
	return books, nil
}

// judged is what one of two rulebooks makes of the same objects.
type judged struct {
	label    string
	rules    map[string]rule.Definition
	findings []rule.Finding
	problems []lint.Problem
	objects  int
}

// side judges by the rulebooks of the config, changed if change is not nil.
func (f *impactFlags) side(ctx context.Context, paths []string, s streams, change func([]engine.Rulebook) ([]engine.Rulebook, error)) (*judged, error) {
	own := f.lintFlags
	own.change = change
	own.behind = f.behind
	given := here(paths)
	e, options, err := own.prepare(ctx, given, s)
	if err != nil {
		return nil, err
	}
	out := &judged{label: labelOf(own.books), rules: map[string]rule.Definition{}}
	for _, d := range e.Rules() {
		out.rules[d.ID] = d
	}
	if f.read == nil {
		f.read = options.ReadFile
	}
	options.ReadFile = f.read
	if live := options.Live; live != nil {
		options.Live = func(ctx context.Context, namespaces []string) (*inventory.Snapshot, error) {
			if f.snapshot == nil || !reflect.DeepEqual(f.seenBy.Providers().Providers, e.Providers().Providers) {
				if f.snapshot, err = live(ctx, namespaces); err != nil {
					return nil, err
				}
				f.seenBy = e
			}
			return f.snapshot, nil
		}
	}
	if own.behind.alone {
		return out, out.cluster(ctx, e, options)
	}
	options.Values = f.values
	options.Phase = func(name string) {
		if name == lint.PhaseRender {
			memory.Render()
		}
	}
	environments, part, err := own.environments(given)
	if err != nil {
		return nil, err
	}
	options.Part, options.Exemptions = part, nil
	result, _, err := own.judge(ctx, given, environments, options)
	if err != nil {
		return nil, err
	}
	out.findings, out.problems, out.objects = result.Findings, result.Problems, result.Objects
	return out, nil
}

// cluster judges what a cluster holds as if it came to the webhook anew.
func (j *judged) cluster(ctx context.Context, e *engine.Engine, options lint.Options) error {
	snapshot, err := options.Live(ctx, nil)
	if err != nil {
		return err
	}
	for _, entry := range snapshot.Entries() {
		if err := ctx.Err(); err != nil {
			return err
		}
		j.objects++
		if !e.JudgesEntry(entry) {
			continue
		}
		decision, err := e.Review(ctx, engine.Request{Object: entry.Object(), Inventory: snapshot, Now: options.Now, Door: rule.DoorAdmission})
		if err != nil {
			j.problems = append(j.problems, lint.Problem{Message: err.Error()})
			continue
		}
		j.findings = append(j.findings, decision.Findings...)
	}
	return nil
}

// labelOf names rulebooks by their versions, those that have none by their names.
func labelOf(books []engine.Rulebook) string {
	var names []string
	for i, book := range books {
		version := book.Pin
		if version.IsZero() {
			version, _ = currentVersion(book.FS) // it has been loaded
		}
		name := book.Name
		switch {
		case i == 0 && book.Verified:
			name = version.String()
		case !version.IsZero():
			name += " " + version.String()
		}
		names = append(names, report.Plain(name))
	}
	return strings.Join(names, ", ")
}
