package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/cmd/tlsward/memory"
	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/parallel"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

type effectiveFlags struct {
	lintFlags
	format, failOn     string
	hosts, controllers []string
	sources            bool
	// snapshot is the cluster, once it was read.
	snapshot *inventory.Snapshot
	// beside are files that are read as if they stood in a root of an environment: what is to be applied there.
	beside besideFiles
	// exclude are files that are no manifests of the source: they are written.
	exclude []string
	// keepFacts: more is asked of the objects than rows.
	keepFacts bool
}

func effectiveCommand(s streams) *cobra.Command {
	var f effectiveFlags
	cmd := &cobra.Command{
		Use:   "effective [PATH...]",
		Short: "Say what TLS is in force for each host, and what a change makes of it",
		Long: `Say what TLS is in force: for each host, port and path, whether it is encrypted, who must show a certificate and
by which CA it is verified, which certificate is shown, and how the backend is called; and which field of which object
decides it. What cannot be known from the files is said to be unknown, with what would settle it.

With --diff, say what becomes weaker, stronger or different from BASE to HEAD. Each is a path or a Git revision;
after revisions come the paths to compare, the current directory by default. Without HEAD, a revision is compared
with the working tree. A...B is the last commit that both have in common. With --cluster, what is in force in the
cluster is compared with what will be once the paths are applied.

Exit status: 0; with --diff 1 if anything becomes weaker (see --fail-on); 2 if something could not be read, or
nothing was. 1 beats 2.`,
		Example: `  tlsward effective deploy/
  tlsward effective --cluster
  tlsward effective --host 'api.*' --sources deploy/
  tlsward effective --diff main deploy/
  tlsward effective --diff main HEAD deploy/
  tlsward effective --diff --format markdown before/ after/
  tlsward effective --diff --cluster deploy/`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), args, s) },
	}
	flags := cmd.Flags()
	f.registerWorld(flags)
	f.behind.register(flags)
	flags.StringVar(&f.now, "now", "", "answer as of this time (RFC 3339) or date, instead of the clock")
	flags.StringVar(&f.format, "format", report.EffectiveFormats()[0].Name, "text, json or markdown")
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	flags.StringArrayVar(&f.values, "values", nil, "file of values for Helm charts; may be repeated, later ones win")
	flags.StringSliceVar(&f.environment, "environment", nil, "only these environments of the config; may be repeated")
	flags.StringSliceVar(&f.hosts, "host", nil, "only these hosts (globs); may be repeated")
	flags.StringSliceVar(&f.scope.namespaces, "namespace", nil, "only what objects of these namespaces decide (globs; unset for none); may be repeated")
	flags.StringSliceVar(&f.controllers, "controller", nil, "only these controllers, such as ingress-nginx; may be repeated")
	flags.BoolVar(&f.sources, "sources", false, "name every field that decides an answer (text)")
	flags.BoolVar(&f.diff, "diff", false, "compare BASE with HEAD")
	flags.StringVar(&f.failOn, "fail-on", "weaker", "with --diff, exit 1 on: weaker, any or never")
	flags.IntVar(&f.workers, "workers", 0, "number of goroutines (default: one per processor)")
	completeFlag(cmd, "environment", f.completeEnvironment)
	completeWords(cmd, map[string][]string{
		"color": colorWords(), "format": effectiveFormats(), "fail-on": failWords(), "controller": modelled(),
	})
	return cmd
}

func failWords() []string { return []string{"weaker", "any", "never"} }

func effectiveFormats() []string {
	var names []string
	for _, format := range report.EffectiveFormats() {
		names = append(names, format.Name)
	}
	return names
}

// modelled are the controllers of which it is known what they make of objects.
func modelled() []string {
	var names []string
	for _, m := range effective.Models() {
		names = append(names, m.Controllers...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (f *effectiveFlags) check() error {
	for _, glob := range f.hosts {
		if _, err := path.Match(glob, ""); err != nil || glob == "" {
			return fmt.Errorf("--host %s: want a host, or a glob of them", glob)
		}
	}
	for _, glob := range f.scope.namespaces {
		if err := rule.CheckNamespace(glob); err != nil || glob == "" {
			return errors.Join(fmt.Errorf("--namespace %s: want a namespace, or a glob of them", glob), err)
		}
	}
	for _, name := range f.controllers {
		if err := oneOf("--controller", name, modelled()); err != nil {
			return err
		}
	}
	return errors.Join(oneOf("--format", f.format, effectiveFormats()), oneOf("--fail-on", f.failOn, failWords()))
}

func (f *effectiveFlags) run(ctx context.Context, args []string, s streams) error {
	if err := f.check(); err != nil {
		return unjudged(err)
	}
	style, err := terminalStyle(s.out, f.color)
	if err != nil {
		return unjudged(err)
	}
	index := slices.IndexFunc(report.EffectiveFormats(), func(format report.EffectiveFormat) bool { return format.Name == f.format })
	format := report.EffectiveFormats()[index]
	if f.diff {
		return f.compare(ctx, args, s, format, style)
	}
	if !f.behind.cluster {
		args = here(args)
	}
	side, err := f.read(ctx, source{paths: args}, s)
	if err != nil {
		return unjudged(err)
	}
	side.keep(f.wants)
	side.place(ctx, nil)
	if f.behind.cluster && len(args) > 0 {
		side.touched()
	}
	out := report.Effective{Errors: side.problems, Sources: f.sources, Workers: f.workers}
	rows := 0
	for _, t := range side.trees {
		if len(t.rows) > 0 {
			out.Trees = append(out.Trees, report.EffectiveTree{Environment: t.Environment, Root: t.name, Rows: t.rows})
			rows += len(t.rows)
		}
	}
	if err := format.Write(s.out, out, style); err != nil {
		return unjudged(err)
	}
	switch {
	case len(out.Errors) > 0:
		return &exitError{code: exitUnjudged}
	case rows == 0:
		return unjudged(errors.New("nothing in force: " + side.nothing(f)))
	}
	return nil
}

// nothing says why there is no row.
func (s *side) nothing(f *effectiveFlags) string {
	switch {
	case s.dropped > 0:
		return fmt.Sprintf("no row of %d is about what --host, --namespace and --controller name", s.dropped)
	case s.objects == 0 && !f.behind.cluster:
		return "no Kubernetes object in what was read"
	default:
		return "no object here has a proxy serve a host; known are " + strings.Join(modelled(), ", ")
	}
}

// side is what was read of one tree, or of the cluster.
type side struct {
	source
	trees            []tree
	problems         []report.Problem
	objects, dropped int
	// engine and options are what it was read by.
	engine       *engine.Engine
	options      lint.Options
	environments []lint.Environment
}

// tree is one root with its rows. Its name is its folder as whoever asked would name it.
type tree struct {
	lint.Tree
	name string
	rows []effective.Row
}

// read reads what one side is made of, and answers.
func (f *effectiveFlags) read(ctx context.Context, from source, s streams) (*side, error) {
	models := effective.Models()
	f.behind.reading = effective.Kinds(models)
	e, options, err := f.prepareSide(ctx, from, s)
	if err != nil {
		return nil, err
	}
	options.Values = f.values
	memory.Keep(300) // facts, rows and positions are as good as all there is
	options.Exclude = slices.Concat(options.Exclude, f.exclude)
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
	if from.empty {
		return &side{source: from}, nil
	}
	var environments []lint.Environment
	if len(from.paths) > 0 {
		if environments, _, err = f.environments(from.paths); err != nil {
			return nil, err
		}
	}
	f.beside.join(&options, &from, environments)
	options.Given = from.paths
	var trees []lint.Tree
	var result *lint.Result
	if len(environments) == 0 {
		trees, result, err = lint.Trees(ctx, from.paths, e, effective.Kinds(models), options)
	} else {
		trees, result, err = lint.EnvironmentTrees(ctx, environments, e, effective.Kinds(models), options)
	}
	if err != nil {
		return nil, err
	}
	out := &side{source: from, objects: result.Objects, engine: e, options: options, environments: environments}
	for _, t := range trees {
		rows, err := unlessEnded(ctx, func() []effective.Row { return effective.Rows(t.Tree, models) })
		if err != nil {
			return nil, err
		}
		for i := range t.Objects {
			if !f.keepFacts {
				t.Objects[i].Facts = nil // they have told what they know, and are as large as all the rest
			}
		}
		out.trees = append(out.trees, tree{t, from.named(t.Root), rows})
	}
	for _, p := range result.Problems {
		out.problems = append(out.problems, report.Problem{File: from.named(p.At.File), Line: p.At.Line, Message: p.Message})
	}
	return out, nil
}

type besideFiles struct {
	files             []string
	environment, root string
}

// join has the files read, and says where they stand.
func (b besideFiles) join(o *lint.Options, from *source, environments []lint.Environment) {
	if len(b.files) == 0 {
		return
	}
	o.Joined = make(map[string]string, len(b.files))
	for _, file := range b.files {
		o.Joined[file] = b.root
	}
	if len(environments) == 0 {
		from.paths = slices.Concat(from.paths, b.files)
	}
	for i := range environments {
		if e := &environments[i]; e.Name == b.environment {
			e.Paths = slices.Concat(e.Paths, b.files)
		}
	}
}

// unlessEnded waits for what is computed without a context, unless the run is to end: then nobody waits for it, and it ends with the process.
func unlessEnded[T any](ctx context.Context, compute func() T) (T, error) {
	done := make(chan T, 1)
	go func() { done <- compute() }()
	select {
	case result := <-done:
		return result, nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// keep leaves out the rows that nobody asked for.
func (s *side) keep(wants func(*effective.Row) bool) {
	for i := range s.trees {
		t := &s.trees[i]
		kept := 0
		for j := range t.rows {
			if !wants(&t.rows[j]) {
				continue
			}
			if kept < j {
				t.rows[kept] = t.rows[j]
			}
			kept++
		}
		s.dropped += len(t.rows) - kept
		clear(t.rows[kept:])
		t.rows = t.rows[:kept]
	}
}

// wants reports whether a row is about what the flags name.
func (f *effectiveFlags) wants(r *effective.Row) bool {
	if len(f.controllers) > 0 && !slices.Contains(f.controllers, r.Controller) {
		return false
	}
	if len(f.hosts) > 0 && !slices.ContainsFunc(f.hosts, func(glob string) bool { return matchesHost(glob, r.Host) && r.Service == "" }) {
		return false
	}
	if len(f.scope.namespaces) == 0 {
		return true
	}
	for _, v := range r.Answers() {
		for _, by := range v.By {
			if slices.ContainsFunc(f.scope.namespaces, func(glob string) bool { return namespaceMatches(glob, by.Object.Namespace) }) {
				return true
			}
		}
	}
	return false
}

func namespaceMatches(glob, namespace string) bool {
	if glob == "unset" {
		return namespace == ""
	}
	return rule.Match(glob, namespace)
}

// matchesHost compares a host with a glob, or with itself: *.shop.test names that wildcard as well as what is below it.
func matchesHost(glob, host string) bool {
	matched, _ := path.Match(strings.ToLower(glob), strings.ToLower(host)) // the pattern was checked
	return matched
}

// place says where the fields stand that decided the answers of rows; nil means all rows.
func (s *side) place(ctx context.Context, wanted map[*effective.Row]bool) {
	for i := range s.trees {
		t := &s.trees[i]
		files := t.sources(wanted)
		parallel.Each(ctx, len(files), s.options.Workers, func(j int) {
			for _, sources := range files[j] {
				s.locate(t, sources)
			}
		})
	}
}

// locate says where the fields of one object stand, each of which is found once.
func (s *side) locate(t *tree, sources []*effective.Source) {
	found := make(map[field]kube.Position, usualFields)
	for _, by := range sources {
		if by.At != (kube.Position{}) {
			continue // another row has it too
		}
		key := field{first(by.Path), len(by.Path)}
		at, known := found[key]
		if !known {
			at = t.Locate(by.Object, by.Path)
			at.File = s.named(at.File)
			found[key] = at
		}
		by.At = at
	}
}

// usualFields are as many as decide what most objects have in force.
const usualFields = 8

// sources are what decided the answers of rows, by file and by object; nil means all rows.
func (t *tree) sources(wanted map[*effective.Row]bool) (files [][][]*effective.Source) {
	type at struct{ file, object int }
	objects, names := map[kube.ID]at{}, map[string]int{}
	var last *[]*effective.Source // answers of one row are mostly of one object
	add := func(by *effective.Source) {
		if last == nil || (*last)[0].Object != by.Object {
			where, known := objects[by.Object]
			if !known {
				name := t.File(by.Object)
				if where.file, known = names[name]; !known {
					where.file = len(files)
					names[name], files = where.file, append(files, nil)
				}
				where.object = len(files[where.file])
				objects[by.Object], files[where.file] = where, append(files[where.file], nil)
			}
			last = &files[where.file][where.object]
		}
		*last = append(*last, by)
	}
	for i := range t.rows {
		if wanted != nil && !wanted[&t.rows[i]] {
			continue
		}
		for _, v := range t.rows[i].Answers() {
			for k := range v.By {
				add(&v.By[k])
			}
			for k := range v.Conditions {
				add(&v.Conditions[k].Source)
			}
		}
	}
	return files
}

// field tells a path by where its steps are kept: writing out each of them would take longer than finding it.
type field struct {
	steps  *any
	length int
}

// first is where the steps of a path are kept.
func first(path kube.Path) *any {
	if len(path) == 0 {
		return nil
	}
	return &path[0]
}

// touched leaves out the hosts of the cluster that the files have nothing to do with.
func (s *side) touched() {
	for i := range s.trees {
		t := &s.trees[i]
		hosts := map[string]bool{}
		for j := range t.rows {
			if inFiles(&t.rows[j]) {
				hosts[t.rows[j].Service+" "+t.rows[j].Host] = true
			}
		}
		t.rows = slices.DeleteFunc(t.rows, func(r effective.Row) bool { return !hosts[r.Service+" "+r.Host] })
	}
}

// inFiles reports whether a field that stands in a file decides something of a row.
func inFiles(r *effective.Row) bool {
	for _, v := range r.Answers() {
		if slices.ContainsFunc(v.By, func(by effective.Source) bool { return by.At.File != "" }) {
			return true
		}
	}
	return false
}

var _ lint.Gatherer = (*engine.Engine)(nil)
