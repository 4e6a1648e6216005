package lint

import (
	"cmp"
	"context"
	"slices"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// Observed is an object of a tree with the inventory that it is seen in.
type Observed struct {
	engine.Request
	// At is the document's first line, in the file that it stands in.
	At kube.Position
	// Root is the folder of what is applied together, or Rest. Environment is the one of the config that is read, if any.
	Root, Environment string
	// Reviewer is that of the environment, or of the options.
	Reviewer Reviewer
	// References are those of the object, as facts.References lists them, where Reviewed: its review has gathered them. Nobody else has.
	References []facts.Referred
	Reviewed   bool
}

// Observe reads a tree as Run does, and has every object shown to Options.Observe. It judges nothing: of the Result only what was read,
// skipped and could not be read is set.
func Observe(ctx context.Context, paths []string, o Options) (*Result, error) {
	s, err := readStage(ctx, paths, &o)
	if err != nil {
		return nil, err
	}
	o.phase("observe")
	list := s.observed(o)
	o.each(ctx, takingStock, len(list), func(i int) { o.Observe(i, list[i]) })
	return s.result, ctx.Err()
}

// takingStock is what Options.Progress is told.
const takingStock = "taking stock"

// ObserveEnvironments is Observe for each environment by itself, as RunEnvironments takes them.
func ObserveEnvironments(ctx context.Context, environments []Environment, o Options) (*Result, error) {
	return eachEnvironment(environments, o, func(e Environment, own Options) (*Result, error) { return Observe(ctx, e.Paths, own) })
}

// eachEnvironment has each environment looked at by itself, and joins what was read. What has no name comes last, without the files
// that an environment has read.
func eachEnvironment(environments []Environment, o Options, look func(Environment, Options) (*Result, error)) (*Result, error) {
	joined := &Result{files: map[string]*file{}}
	given := slices.Clone(o.Given)
	for _, e := range environments {
		given = append(given, e.Paths...)
	}
	for _, e := range environments {
		own := o
		own.environment, own.Values, own.Given = e.Name, slices.Concat(e.Values, o.Values), given
		if e.Reviewer != nil {
			own.Reviewer = e.Reviewer
		}
		if e.Name == "" {
			own.readBefore = joined.files
		}
		result, err := look(e, own)
		if err != nil {
			return nil, err
		}
		for name, f := range result.files {
			joined.files[name] = f
		}
		joined.Problems = append(joined.Problems, result.Problems...)
		joined.Skipped = append(joined.Skipped, result.Skipped...)
		joined.Objects += result.Objects
	}
	joined.Files = len(joined.files)
	slices.SortStableFunc(joined.Problems, func(a, b Problem) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Message, b.Message)) })
	joined.Problems = slices.Compact(joined.Problems)
	return joined, nil
}

// observed lists every object of every root, for who takes stock.
func (s *stage) observed(o Options) []Observed {
	var list []Observed
	for i, root := range s.roots {
		for _, d := range root.documents {
			if d.observable() {
				list = append(list, observed(d, root, s.views[i], o))
			}
		}
	}
	return list
}

func (d *document) observable() bool { return d.Status == manifest.Object && d.Object.ID.Name != "" }

func observed(d *document, r *root, view inventory.Reader, o Options) Observed {
	return Observed{
		Request: engine.Request{Object: d.stored, Inventory: view, Now: o.Now, Door: rule.DoorLint},
		At:      kube.Position{File: d.File, Line: d.Line}, Root: r.name, Environment: o.environment, Reviewer: o.Reviewer,
	}
}

// observing shows objects to Options.Observe as they are reviewed, and those that nobody reviews besides.
type observing struct {
	Options
	// shown counts the objects so far, unreviewed are those of them that no review shows.
	shown      int
	unreviewed []unreviewed
}

type unreviewed struct {
	index int
	Observed
}

// referred is engine.Request.Referred for a document that is to be reviewed; nil where nobody takes stock.
func (b *observing) referred(d *document, r *root, view inventory.Reader, reviewed, self bool) func([]facts.Referred) {
	if b.Observe == nil || !d.observable() {
		return nil
	}
	index := b.shown
	b.shown++
	if !reviewed {
		b.unreviewed = append(b.unreviewed, unreviewed{index, observed(d, r, view, b.Options)})
		return nil
	}
	return func(references []facts.Referred) {
		seen := observed(d, r, view, b.Options)
		seen.References, seen.Reviewed, seen.Self = references, true, self
		b.Observe(index, seen)
	}
}

func (b *observing) rest(ctx context.Context) {
	if len(b.unreviewed) > 0 {
		b.each(ctx, takingStock, len(b.unreviewed), func(i int) { b.Observe(b.unreviewed[i].index, b.unreviewed[i].Observed) })
	}
}
