package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/trust"
)

type trustFlags struct {
	lintFlags
	host, ca   string
	namespaces []string
}

func trustCommand(s streams) *cobra.Command {
	var f trustFlags
	cmd := &cobra.Command{
		Use:   "trust [PATH...]",
		Short: "List certificates and CAs: who uses them, who issued them, until when",
		Long: `List every certificate and CA that files or a cluster hold or refer to: where it stands, who uses it and in which
role, who issued it, by which CA it is verified, until when it is valid, and what would be missing without it.
Nothing is judged. Private keys are never in it.

Without a path, it is the current directory that is looked at, or, with --cluster, the cluster. With both, it is
what the files hold and what they refer to in the cluster.

Exit status: 0, or 2 if something could not be read.`,
		Example: "  tlsward trust deploy/\n  tlsward trust --cluster --namespace shop\n" +
			"  tlsward trust --ca 'Corp Root' deploy/\n  tlsward trust --output svg=trust.svg deploy/",
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), args, s) },
	}
	flags := cmd.Flags()
	formats := trustFormats(nil)
	flags.StringVar(&f.config, "config", "", configHelp)
	flags.StringArrayVar(&f.rules, "rules", nil, rulesHelp)
	flags.StringVar(&f.clusterName, "cluster-name", "", clusterNameHelp)
	f.behind.register(flags)
	flags.StringVar(&f.now, "now", "", "look as of this time (RFC 3339) or date, instead of the clock")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, outputHelp(formats))
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	flags.StringVar(&f.unjudged, "unjudged", "error", "unreadable documents: error (exit 2) or warn")
	flags.BoolVar(&f.all, "all", false, "list also the certificates that nothing here uses")
	flags.StringSliceVar(&f.namespaces, "namespace", nil, "only what is used in these namespaces, or stands there (globs; unset for none); may be repeated")
	flags.StringVar(&f.host, "host", "", "only what serves this host, or names it")
	flags.StringVar(&f.ca, "ca", "", "only this CA and what it issued, by name (a glob) or the beginning of its SHA-256 fingerprint")
	flags.StringArrayVar(&f.values, "values", nil, "file of values for Helm charts; may be repeated, later ones win")
	flags.StringSliceVar(&f.environment, "environment", nil, "only these environments of the config; may be repeated")
	completeFlag(cmd, "environment", f.completeEnvironment)
	flags.IntVar(&f.workers, "workers", 0, "number of goroutines (default: one per processor)")
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput(formats)) // fails for a flag that is not there
	completeWords(cmd, map[string][]string{"color": colorWords(), "unjudged": unjudgedWords()})
	f.complete(cmd)
	return cmd
}

// trustFormats are the ways to write what take returns.
func trustFormats(take func() *trust.Inventory) []report.Format {
	return []report.Format{
		{Name: "text", Help: "for people: a table, with who uses each certificate", Write: func(w io.Writer, _ report.Run, s report.Style) error {
			return take().WriteText(w, s)
		}},
		{Name: "json", Help: "for programs: everything, as docs/schemas/trust.json describes it", Write: func(w io.Writer, _ report.Run, _ report.Style) error {
			return take().WriteJSON(w)
		}},
		{Name: "dot", Help: "for Graphviz: the graph from CAs to backends", Write: func(w io.Writer, _ report.Run, _ report.Style) error {
			return take().WriteDOT(w)
		}},
		{Name: "svg", Help: "for a browser: the same as a picture", Write: func(w io.Writer, _ report.Run, _ report.Style) error {
			return take().WriteSVG(w)
		}},
	}
}

func (f *trustFlags) run(ctx context.Context, paths []string, s streams) error {
	var found *trust.Inventory
	outputs, err := outputs(f.outputs, trustFormats(func() *trust.Inventory { return found }))
	if err != nil {
		return unjudged(err)
	}
	if err := oneOf("--unjudged", f.unjudged, unjudgedWords()); err != nil {
		return unjudged(err)
	}
	style, err := terminalStyle(s.out, f.color)
	if err != nil {
		return unjudged(err)
	}
	filter, err := f.filter()
	if err != nil {
		return unjudged(err)
	}
	cluster := f.behind.cluster && len(paths) == 0
	paths = here(paths)
	e, options, err := f.prepare(ctx, paths, s)
	if err != nil {
		return unjudged(err)
	}
	stock := newStocktaking(e)
	var problems []lint.Problem
	if cluster {
		err = stock.cluster(ctx, options)
	} else {
		options.Values = f.values
		for _, o := range outputs {
			if o.file != "" {
				options.Exclude = append(options.Exclude, o.file)
			}
		}
		var environments []lint.Environment
		if environments, _, err = f.environments(paths); err != nil {
			return unjudged(err)
		}
		problems, err = stock.files(ctx, paths, environments, options, s.err)
	}
	if err != nil {
		return unjudged(err)
	}
	if found, err = stock.inventory(options.Now, f.all, filter); err != nil {
		return unjudged(fmt.Errorf("--ca %w", err))
	}
	var failed error
	for _, o := range outputs {
		failed = errors.Join(failed, o.write(s.out, report.Run{}, style))
	}
	if failed != nil {
		return unjudged(failed)
	}
	complainAll(s.err, problems)
	if len(problems) > 0 && f.unjudged == "error" {
		return &exitError{code: exitUnjudged}
	}
	return nil
}

// filter is what the flags pick.
func (f *trustFlags) filter() (trust.Filter, error) {
	filter := trust.Filter{Host: f.host, CA: f.ca}
	if err := filter.Check(); err != nil {
		return filter, err
	}
	globs, err := namespaceGlobs(f.namespaces)
	if err != nil {
		return filter, err
	}
	if len(globs) > 0 {
		filter.Namespace = func(namespace string) bool {
			return slices.ContainsFunc(globs, func(glob string) bool { return rule.Match(glob, namespace) })
		}
	}
	return filter, nil
}

// stocktaking is how an inventory of certificates comes about, with lint or without it.
type stocktaking struct {
	engine     *engine.Engine
	cache      *pki.Cache
	collection trust.Collection
}

func newStocktaking(e *engine.Engine) *stocktaking {
	return &stocktaking{engine: e, cache: pki.NewCache(inventory.DefaultCertificates)}
}

// observe is lint.Options.Observe.
func (t *stocktaking) observe(index int, o lint.Observed) {
	if !trust.Wants(t.engine.Providers(), o.Object.ID) {
		return
	}
	references := o.References
	if self := trust.Self(o.Object.ID); !o.Reviewed || self && !o.Self {
		o.Self = self
		by := t.engine
		if own, ok := o.Reviewer.(*engine.Engine); ok {
			by = own // of an environment that differs
		}
		references = by.References(o.Request)
	}
	t.collection.Add(index, trust.Seen{Object: o.Object, Root: o.Root, Environment: o.Environment, At: o.At, References: references})
}

func (t *stocktaking) inventory(now time.Time, all bool, filter trust.Filter) (*trust.Inventory, error) {
	return t.collection.Inventory(trust.Options{
		Now: now, Providers: t.engine.Providers(), Certificates: t.cache, Rest: lint.Rest, All: all, Filter: filter,
	})
}

// section is the inventory as a part of lint's HTML report.
func (t *stocktaking) section(now time.Time, all bool) (report.Section, error) {
	found, err := t.inventory(now, all, trust.Filter{})
	if err != nil {
		return report.Section{}, err
	}
	body, err := found.HTML()
	return report.Section{ID: "certificates", Title: "Certificates", Body: body}, err
}

// files looks at what stands in files, in each environment by itself.
func (t *stocktaking) files(
	ctx context.Context, paths []string, environments []lint.Environment, o lint.Options, errOut io.Writer,
) (problems []lint.Problem, err error) {
	progress := showProgress(errOut)
	defer progress.finish()
	if progress != nil {
		o.Progress = progress.tell
	}
	o.Observe, o.Given = t.observe, paths
	var result *lint.Result
	if len(environments) == 0 {
		result, err = lint.Observe(ctx, paths, o)
	} else {
		result, err = lint.ObserveEnvironments(ctx, environments, o)
	}
	if err != nil {
		return nil, err
	}
	if result.Objects == 0 && len(result.Problems) == 0 {
		return nil, errors.New("nothing to look at: no Kubernetes object in what was read")
	}
	return result.Problems, nil
}

// cluster looks at what a cluster holds.
func (t *stocktaking) cluster(ctx context.Context, o lint.Options) error {
	snapshot, err := o.Live(ctx, nil)
	if err != nil {
		return err
	}
	for i, entry := range snapshot.Entries() {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.observe(i, lint.Observed{Request: engine.Request{Object: entry.Object(), Inventory: snapshot, Now: o.Now}})
	}
	return nil
}
