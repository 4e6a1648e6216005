package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory/watch"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

type auditFlags struct {
	common
	color      string
	outputs    []string
	namespaces []string
}

func auditCommand(s streams) *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use:   "audit --cluster",
		Short: "Judge what is in a cluster already",
		Long: `Judge every object that a cluster holds, once, by the rules and the config that the webhook has: what was right when
it was admitted may have expired, lost its CA or its permission since. The cluster is only read. "tlsward serve --audit"
does the same all the time.

The config is looked for from the current directory upward.

Exit status: 0 nothing would be denied, 1 something would be, 2 something could not be judged
(a bad flag, a cluster that cannot be reached, objects that may not be listed). 1 beats 2.`,
		Example: "  tlsward audit --cluster\n  tlsward audit --cluster --context prod --namespace 'shop-*'\n  tlsward audit --cluster --output html=audit.html",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("audit: judges a cluster and takes no path; `tlsward lint --cluster %s` judges files over one", strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), s) },
	}
	flags := cmd.Flags()
	f.register(flags)
	f.behind.register(flags)
	flags.Lookup("cluster").Usage = "judge the cluster; it is only read"
	flags.StringVar(&f.now, "now", "", "judge as of this time (RFC 3339) or date, instead of the clock")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, outputHelp(report.Formats()))
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	flags.StringSliceVarP(&f.namespaces, "namespace", "n", nil, "judge only these namespaces (globs; unset for what has none); may be repeated")
	flags.IntVar(&f.workers, "workers", 0, "number of goroutines (default: one per processor)")
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput(report.Formats())) // fails for a flag that is not there
	completeWords(cmd, map[string][]string{"color": colorWords()})
	f.complete(cmd)
	return cmd
}

func (f *auditFlags) run(ctx context.Context, s streams) error {
	outputs, err := outputs(f.outputs, report.Formats())
	if err != nil {
		return unjudged(err)
	}
	style, err := terminalStyle(s.out, f.color)
	if err != nil {
		return unjudged(err)
	}
	globs, err := namespaceGlobs(f.namespaces)
	if err != nil {
		return unjudged(err)
	}
	if err := errors.Join(f.check(nil), f.behind.check()); err != nil {
		return unjudged(err)
	}
	if !f.behind.cluster {
		return unjudged(errors.New("audit: want --cluster: it judges what is in a cluster; `tlsward lint` judges files"))
	}
	now, err := f.clock()
	if err != nil {
		return unjudged(err)
	}
	f.behind.alone = true
	e, err := f.load(nil)
	if err != nil {
		return unjudged(err)
	}
	f.behind.external = externals(f.loaded)
	live, err := f.behind.live(e, s.err)
	if err != nil {
		return unjudged(err)
	}
	snapshot, err := live(ctx, named(globs))
	if err != nil {
		return unjudged(err)
	}
	once := audit.Once{Reviewer: e, Now: now, Workers: f.workers}
	if len(globs) > 0 {
		once.In = func(id kube.ID) bool {
			return slices.ContainsFunc(globs, func(glob string) bool { return rule.Match(glob, id.Namespace) })
		}
	}
	progress := showProgress(s.err)
	defer progress.finish()
	once.Progress = func(done, all int) { progress.tell("judging", done, all) }
	judged, err := once.Judge(ctx, snapshot)
	progress.finish()
	if err != nil {
		return unjudged(err)
	}
	result := auditResult(judged)
	for _, line := range unlisted(f.behind.filled, named(globs), e) {
		result.Problems = append(result.Problems, lint.Problem{Message: line})
	}
	run, err := reports{outputs, s.out, style, f.workers, nil}.write(result, nil, e.Rules)
	switch {
	case err != nil:
		return unjudged(err)
	case run.Summary.Denied > 0:
		return &exitError{code: exitDenied}
	case len(run.Errors) > 0:
		return &exitError{code: exitUnjudged}
	}
	return nil
}

// named are the namespaces that globs name, as far as they are no patterns: who may not list a whole cluster may list these.
func named(globs []string) (namespaces []string) {
	for _, glob := range globs {
		if glob != "" && !strings.ContainsAny(glob, `*?[\`) {
			namespaces = append(namespaces, glob)
		}
	}
	return namespaces
}

// auditResult puts what was judged into the form that reports are written from. There is no text to be fixed.
func auditResult(judged []audit.Judged) *lint.Result {
	result := &lint.Result{Objects: len(judged)}
	for i := range judged {
		j := &judged[i]
		if j.Err != nil {
			result.Problems = append(result.Problems, lint.Problem{Message: "not judged: " + j.Err.Error()})
			continue
		}
		for _, f := range j.Decision.Findings {
			f.Fix = nil
			result.Findings = append(result.Findings, f)
		}
		result.Suppressed = append(result.Suppressed, j.Decision.Suppressed...)
	}
	return result
}

// unlisted says which of the kinds that rules judge could not be read, so that nothing is known of their objects. A kind that could be
// read in all namespaces that were asked for has been read.
func unlisted(filled []watch.Filled, namespaces []string, e *engine.Engine) (lines []string) {
	judged := map[string]bool{}
	for _, k := range e.AdmissionKinds() {
		judged[kube.GroupKind(k.Group, k.Kind)] = true
	}
	for _, f := range filled {
		whole := len(namespaces) > 0 && len(f.Namespaces) == len(namespaces)
		if f.Err != nil && judged[f.GroupKind] && !whole {
			lines = append(lines, fmt.Sprintf("%s: not judged: %v", f.Resource, f.Err))
		}
	}
	return lines
}
