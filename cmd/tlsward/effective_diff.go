package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/revision"
)

// source is where one side is read from: paths, or the cluster where there are none.
type source struct {
	label string
	paths []string
	// rev is the Git revision whose files are extracted below top; top then stands for the folder repository.
	rev, top, repository string
	// config is the one to read it by, where it is not looked for; past: what it names need not be there yet.
	config *config.Config
	past   bool
	// empty: none of its paths is there.
	empty bool
}

// named is how whoever asked would name a file.
func (s source) named(path string) string {
	if s.top == "" || path == "" {
		return path
	}
	inside, err := filepath.Rel(s.top, path)
	if err != nil || !filepath.IsLocal(inside) {
		return path
	}
	return relative(filepath.Join(s.repository, inside))
}

// prepareSide is prepare for one side of a comparison.
func (f *effectiveFlags) prepareSide(ctx context.Context, from source, s streams) (*engine.Engine, lint.Options, error) {
	f.given, f.past = from.config, from.past
	f.behind.alone = len(from.paths) == 0
	e, options, err := f.prepare(ctx, from.paths, s)
	if err != nil || options.Live == nil {
		return e, options, err
	}
	live := options.Live
	options.Live = func(ctx context.Context, namespaces []string) (*inventory.Snapshot, error) {
		if f.snapshot == nil {
			if f.snapshot, err = live(ctx, namespaces); err != nil {
				return nil, err
			}
		}
		return f.snapshot, nil
	}
	return e, options, nil
}

// compare reads both sides, and says what becomes of the answers.
func (f *effectiveFlags) compare(ctx context.Context, args []string, s streams, format report.EffectiveFormat, style report.Style) error {
	base, head, err := f.sides(ctx, args)
	if err != nil {
		return unjudged(fmt.Errorf("--diff: %w", err))
	}
	dir, err := os.MkdirTemp("", "tlsward-")
	if err != nil {
		return unjudged(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for i, side := range []*source{&base, &head} {
		if err := side.extract(ctx, filepath.Join(dir, fmt.Sprint(i))); err != nil {
			return unjudged(fmt.Errorf("--diff: %w", err))
		}
	}
	now, err := f.read(ctx, head, s)
	if err != nil {
		return unjudged(err)
	}
	if base.rev != "" {
		// What is compared is what the manifests do. The config says what the world around them is like: that did not change.
		base.config, base.past = base.standing(head, f.loaded), true
	}
	was, err := f.read(ctx, base, s)
	if err != nil {
		return unjudged(err)
	}
	if was.objects+now.objects == 0 && !f.behind.cluster {
		return unjudged(errors.New("nothing to compare: no Kubernetes object in what was read"))
	}
	out := report.EffectiveDiff{Base: base.label, Head: head.label, Errors: now.problems}
	for _, p := range was.problems {
		p.Message += " (in " + base.label + ")"
		out.Errors = append(out.Errors, p)
	}
	changed := map[*effective.Row]bool{}
	compared := 0
	for _, pair := range pairs(was, now) {
		compared += len(pair.before.answers()) + len(pair.after.answers())
		d, err := unlessEnded(ctx, func() effective.Difference {
			return effective.Compare(pair.before.answers(), pair.after.answers(), f.wants)
		})
		if err != nil {
			return unjudged(err)
		}
		for i := range d.Changes {
			changed[d.Changes[i].Before], changed[d.Changes[i].After] = true, true
		}
		out.Trees = append(out.Trees, report.EffectiveDiffTree{
			Environment: pair.environment, Root: pair.root, Difference: d, Same: sameFields(pair.before, pair.after),
		})
	}
	if compared+was.dropped+now.dropped == 0 && len(out.Errors) == 0 && !f.behind.cluster {
		// That nothing changes where nothing was looked at is not to be said.
		return unjudged(errors.New("nothing to compare: " + now.nothing(f)))
	}
	was.place(ctx, changed)
	now.place(ctx, changed)
	if err := format.WriteDiff(s.out, out, style); err != nil {
		return unjudged(err)
	}
	return f.differ(&out)
}

// differ is the exit code of a comparison: 1 beats 2.
func (f *effectiveFlags) differ(d *report.EffectiveDiff) error {
	counts, _ := d.Changed()
	all := 0
	for _, n := range counts {
		all += n
	}
	switch {
	case f.failOn == "weaker" && counts[effective.Weaker] > 0, f.failOn == "any" && all > 0:
		return &exitError{code: exitDenied}
	case len(d.Errors) > 0:
		return &exitError{code: exitUnjudged}
	}
	return nil
}

// sides tells what is compared with what.
func (f *effectiveFlags) sides(ctx context.Context, args []string) (base, head source, err error) {
	if f.behind.cluster {
		paths := here(args)
		return source{label: "the cluster"}, source{label: "the cluster with " + strings.Join(paths, " "), paths: paths}, nil
	}
	if len(args) == 0 {
		return base, head, errors.New("want BASE, and HEAD if that is not the working tree: paths, or Git revisions")
	}
	if slices.Contains(args, manifest.Stdin) {
		return base, head, errors.New("standard input cannot be one of the sides: want files")
	}
	dir := "."
	if i := slices.IndexFunc(args, exists); i >= 0 {
		dir = startDir(args[i : i+1])
	}
	isPath, err := pathOrRevision(ctx, dir, args[0])
	if err != nil {
		return base, head, err
	}
	if isPath {
		if len(args) != 2 || !exists(args[1]) {
			return base, head, fmt.Errorf("%s is a path: want one other path to compare it with", args[0])
		}
		return source{label: args[0], paths: args[:1]}, source{label: args[1], paths: args[1:]}, nil
	}
	base = source{label: args[0], rev: args[0]}
	paths := args[1:]
	head.label = "the working tree"
	if len(paths) > 0 {
		if isPath, err = pathOrRevision(ctx, dir, paths[0]); err != nil {
			return base, head, err
		}
		if !isPath {
			head.label, head.rev, paths = paths[0], paths[0], paths[1:]
		}
	}
	paths = here(paths)
	base.paths, head.paths = paths, paths
	base.repository, err = revision.Repository(ctx, dir)
	head.repository = base.repository
	return base, head, err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// pathOrRevision tells which of the two is meant, as git does: what may be both is refused.
func pathOrRevision(ctx context.Context, dir, text string) (isPath bool, err error) {
	isPath = exists(text)
	if filepath.IsAbs(text) || strings.HasPrefix(text, ".") || strings.HasSuffix(text, "/") {
		if !isPath {
			return false, fmt.Errorf("%s: no such file or directory", text)
		}
		return true, nil
	}
	switch known := revision.Exists(ctx, dir, text); {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case known && isPath:
		return false, fmt.Errorf("%s is a path and a Git revision: write ./%s for the path, or refs/heads/%s for the branch", text, text, text)
	case !known && !isPath:
		return false, fmt.Errorf("%s: no such file or directory, and no such revision in this clone; a shallow one may lack it (git fetch)", text)
	}
	return isPath, nil
}

// standing is the config of the head as it is for the files of the base: what it names lies among them.
func (s source) standing(head source, loaded *config.Config) *config.Config {
	from := head.repository
	if head.top != "" {
		from = head.top
	}
	if inside, err := filepath.Rel(from, realPath(loaded.Dir)); loaded.File != "" && err == nil && filepath.IsLocal(inside) {
		moved := *loaded
		moved.Dir, moved.File = filepath.Join(s.top, inside), filepath.Join(s.top, inside, filepath.Base(loaded.File))
		return &moved
	}
	return loaded
}

// pair is what is compared: the same root of both sides.
type pair struct {
	environment, root string
	before, after     *tree
}

func (t *tree) answers() []effective.Row {
	if t == nil {
		return nil
	}
	return t.rows
}

// sameFields tells the fields that both trees hold alike.
func sameFields(before, after *tree) func(effective.Source) bool {
	if before == nil || after == nil {
		return nil
	}
	was, is := before.objects(), after.objects()
	return func(s effective.Source) bool {
		then, wasThere := was[s.Object]
		now, isThere := is[s.Object]
		if !wasThere || !isThere {
			return false
		}
		one, ok := kube.Lookup(then, s.Path)
		other, alsoOK := kube.Lookup(now, s.Path)
		return ok == alsoOK && reflect.DeepEqual(one, other)
	}
}

func (t *tree) objects() map[kube.ID]map[string]any {
	index := make(map[kube.ID]map[string]any, len(t.Objects))
	for i := range t.Objects {
		index[t.Objects[i].ID] = t.Objects[i].Fields
	}
	return index
}

// pairs finds the roots of both sides that are the same: of the same name, or the only ones.
func pairs(was, now *side) (list []pair) {
	single := len(was.trees) == 1 && (len(now.trees) == 1 || len(was.paths) == 0)
	type key struct{ environment, root string }
	before := map[key]*tree{}
	for i := range was.trees {
		t := &was.trees[i]
		before[key{t.Environment, was.within(t.name)}] = t
	}
	for i := range now.trees {
		t := &now.trees[i]
		k := key{t.Environment, now.within(t.name)}
		p := pair{environment: t.Environment, root: t.name, before: before[k], after: t}
		if single {
			p.before = &was.trees[0]
		} else {
			delete(before, k)
		}
		list = append(list, p)
	}
	if single && len(now.trees) > 0 {
		return list
	}
	for i := range was.trees {
		t := &was.trees[i]
		if before[key{t.Environment, was.within(t.name)}] != t {
			continue
		}
		if renamed := successor(t, list); renamed != nil {
			renamed.before = t
			continue
		}
		list = append(list, pair{environment: t.Environment, root: t.name, before: t})
	}
	return list
}

// successor finds the root that a root which is gone became: a new one of its environment that serves its hosts.
func successor(gone *tree, list []pair) (best *pair) {
	hosts := map[string]bool{}
	for i := range gone.rows {
		hosts[gone.rows[i].Host] = true
	}
	most := 0
	for i := range list {
		p := &list[i]
		if p.before != nil || p.after == nil || p.environment != gone.Environment {
			continue
		}
		shared := map[string]bool{}
		for j := range p.after.rows {
			if host := p.after.rows[j].Host; hosts[host] {
				shared[host] = true
			}
		}
		if len(shared) > most {
			best, most = p, len(shared)
		}
	}
	return best
}

// within is a root's name by which the other side has it too: of two trees, what it is called in its own.
func (s *side) within(name string) string {
	if name == "" || len(s.paths) == 0 {
		return name
	}
	if s.repository == "" {
		if inside, err := filepath.Rel(s.paths[0], name); err == nil && filepath.IsLocal(inside) {
			return inside
		}
	}
	return realPath(name)
}
