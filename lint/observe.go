package lint

import (
	"context"
	"slices"

	"github.com/tlsward/tlsward/engine"
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
}

// Observe reads a tree as Run does, and has every object shown to Options.Observe, but nothing judged.
func Observe(ctx context.Context, paths []string, o Options) (*Result, error) {
	o.Reviewer = lookers{o.Reviewer}
	return Run(ctx, paths, o)
}

// ObserveEnvironments is Observe for each environment by itself, as RunEnvironments takes them.
func ObserveEnvironments(ctx context.Context, environments []Environment, o Options) (*Result, error) {
	o.Reviewer = lookers{o.Reviewer}
	environments = slices.Clone(environments)
	for i, e := range environments {
		if e.Reviewer != nil {
			environments[i].Reviewer = lookers{e.Reviewer}
		}
	}
	return RunEnvironments(ctx, environments, o)
}

// lookers judge nothing.
type lookers struct{ Reviewer }

func (lookers) Judges(kube.Object) bool { return false }

func (lookers) Review(context.Context, engine.Request) (rule.Decision, error) {
	return rule.Decision{}, nil
}

// observe shows every object of every root to who takes stock.
func observe(ctx context.Context, roots []*root, views []inventory.Reader, o Options) error {
	reviewer := o.Reviewer
	if l, ok := reviewer.(lookers); ok {
		reviewer = l.Reviewer
	}
	var list []Observed
	for i, root := range roots {
		for _, d := range root.documents {
			if d.Status != manifest.Object || d.Object.ID.Name == "" {
				continue
			}
			list = append(list, Observed{
				Request: engine.Request{Object: d.stored, Inventory: views[i], Now: o.Now, Door: rule.DoorLint},
				At:      kube.Position{File: d.File, Line: d.Line}, Root: root.name, Environment: o.environment, Reviewer: reviewer,
			})
		}
	}
	o.each(ctx, "taking stock", len(list), func(i int) { o.Observe(i, list[i]) })
	return ctx.Err()
}
