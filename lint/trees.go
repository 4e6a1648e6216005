package lint

import (
	"context"
	"slices"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
)

// Gatherer is a Reviewer that also tells the facts that it judges by; *engine.Engine is one.
type Gatherer interface {
	Reviewer
	Facts(r engine.Request) facts.Facts
}

// Tree is what one root of the paths holds, for package effective.
type Tree struct {
	*effective.Tree
	// Root is the folder of a kustomization, a chart or a declared root; "" for what is in none of them.
	Root string
	// Locate says where a field of an object stands, of this root or another; the zero Position for what is in no file.
	Locate func(kube.ID, kube.Path) kube.Position
}

// Trees reads the files and folders given as Run does, and gathers facts about the objects of some kinds. It judges nothing: of the
// Result only what was read, skipped and could not be read is set. Roots without such objects are left out.
func Trees(ctx context.Context, paths []string, by Gatherer, kinds []string, o Options) ([]Tree, *Result, error) {
	o.Reviewer = by
	result, roots, views, err := stage(ctx, paths, &o)
	if err != nil {
		return nil, nil, err
	}
	o.phase("review")
	wanted := make(map[string]bool, len(kinds))
	for _, kind := range kinds {
		wanted[kind] = true
	}
	var trees []Tree
	for i, r := range roots {
		list := r.wanted(wanted)
		if len(list) == 0 {
			continue
		}
		objects := make([]effective.Object, len(list))
		o.each(ctx, judging, len(list), func(j int) {
			objects[j] = effective.Object{Object: list[j].stored, Facts: by.Facts(engine.Request{
				Object: list[j].stored, Inventory: views[i], Now: o.Now, Source: list[j].source,
			})}
		})
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		tree := Tree{Tree: effective.NewTree(objects, views[i], o.scope()), Locate: r.locator(roots, views[i])}
		if r.name != restName {
			tree.Root = r.name
		}
		trees = append(trees, tree)
	}
	return trees, result, nil
}

// scope completes "is not in ...", as the facts do.
func (o Options) scope() string {
	if o.Live != nil {
		return "this tree or the cluster"
	}
	return "this tree"
}

// wanted lists the documents with objects of some kinds, in order of identity; of several of one identity the last, which is what an
// apply of all of them leaves.
func (r *root) wanted(kinds map[string]bool) []*document {
	var list []*document
	for _, d := range r.documents {
		if d.Status == manifest.Object && !d.left && kinds[d.Object.ID.GroupKind()] && d.Object.ID.Name != "" {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b *document) int { return a.stored.ID.Compare(b.stored.ID) })
	kept := list[:0]
	for i, d := range list {
		if i+1 == len(list) || list[i+1].stored.ID != d.stored.ID {
			kept = append(kept, d)
		}
	}
	return kept
}

// locator finds fields of objects of a root, and of those of other roots that it refers to.
func (r *root) locator(roots []*root, view inventory.Reader) func(kube.ID, kube.Path) kube.Position {
	var index map[rootID]*document
	return func(id kube.ID, path kube.Path) kube.Position {
		if index == nil {
			index = relatedIndex(roots)
		}
		d := index[rootID{r.name, id}]
		if d == nil {
			if found := view.Get(inventory.Ref{To: id, From: id}); found.Entry != nil {
				d = index[rootID{found.Entry.Root, found.Entry.Object.ID}]
			}
		}
		if d == nil {
			return kube.Position{}
		}
		return d.Locate(path)
	}
}
