package lint

import (
	"context"
	"slices"
	"sync"
	"time"

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

// Tree is what one root of the paths holds, for package effective; with a cluster behind the files, what that holds beside it too.
type Tree struct {
	*effective.Tree
	// Environment is the config's, "" where there is none. Root is the folder of a kustomization, a chart or a declared root; "" for what
	// is in none of them.
	Environment, Root string
	// Locate says where a field of an object stands, of this root or another; the zero Position for what is in no file.
	Locate func(kube.ID, kube.Path) kube.Position
	// File names the file that an object was read from, "" where there is none. Several may locate at once; who locates many does it file by
	// file and object by object, since of each file one document is at hand.
	File func(kube.ID) string
}

// Trees reads the files and folders given as Run does, and gathers facts about the objects of some kinds. It judges nothing: of the
// Result only what was read, skipped and could not be read is set. Roots without such objects are left out. Of a cluster without files
// there is one tree.
func Trees(ctx context.Context, paths []string, by Gatherer, kinds []string, o Options) ([]Tree, *Result, error) {
	o.Reviewer, o.wantedKinds = by, kinds
	s, err := readStage(ctx, paths, &o)
	if err != nil {
		return nil, nil, err
	}
	o.phase("review")
	wanted := make(map[string]bool, len(kinds))
	for _, kind := range kinds {
		wanted[kind] = true
	}
	if len(s.roots) == 0 && s.cluster != nil {
		s.roots, s.views = []*root{{name: Rest}}, []inventory.Reader{s.cluster}
	}
	var trees []Tree
	for i, r := range s.roots {
		list := r.wanted(wanted, s.views[i], o.Now)
		if len(list) == 0 && len(r.documents) > 0 {
			continue
		}
		if s.cluster != nil {
			list = append(list, r.beside(list, s.cluster.All(wanted), s.views[i], o.Now)...)
		}
		objects := make([]effective.Object, len(list))
		o.each(ctx, judging, len(list), func(j int) {
			objects[j] = effective.Object{Object: list[j].Object, Facts: by.Facts(list[j])}
		})
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		find := r.finder(s.roots, s.views[i])
		tree := Tree{Tree: effective.NewTree(objects, s.views[i], o.scope(len(paths) > 0)), Locate: find.locate, File: find.file}
		tree.Workers = o.Workers
		if r.name != Rest {
			tree.Root = r.name
		}
		trees = append(trees, tree)
	}
	return trees, s.result, nil
}

// EnvironmentTrees is Trees for each environment by itself. What has no name comes last, without the files that an environment has read.
func EnvironmentTrees(ctx context.Context, environments []Environment, by Gatherer, kinds []string, o Options) ([]Tree, *Result, error) {
	var all []Tree
	joined, err := eachEnvironment(environments, o, func(e Environment, own Options) (*Result, error) {
		gatherer := by
		if other, ok := e.Reviewer.(Gatherer); ok {
			gatherer = other
		}
		trees, result, err := Trees(ctx, e.Paths, gatherer, kinds, own)
		for i := range trees {
			trees[i].Environment = e.Name
		}
		all = append(all, trees...)
		return result, err
	})
	if err != nil {
		return nil, nil, err
	}
	return all, joined, nil
}

// scope completes "is not in ...", as the facts do.
func (o Options) scope(files bool) string {
	switch {
	case o.Live == nil:
		return "this tree"
	case files:
		return "this tree or the cluster"
	default:
		return "this cluster"
	}
}

// wanted lists the objects of some kinds, in order of identity; of several of one identity the last, which is what an apply of all of
// them leaves.
func (r *root) wanted(kinds map[string]bool, view inventory.Reader, now time.Time) []engine.Request {
	list := make([]engine.Request, 0, len(r.documents))
	for _, d := range r.documents {
		if d.Status == manifest.Object && kinds[d.stored.ID.GroupKind()] && d.stored.ID.Name != "" {
			list = append(list, engine.Request{Object: d.stored, Inventory: view, Source: d.source, Now: now})
		}
	}
	slices.SortStableFunc(list, func(a, b engine.Request) int { return a.Object.ID.Compare(b.Object.ID) })
	kept := list[:0]
	for i, request := range list {
		if i+1 == len(list) || list[i+1].Object.ID != request.Object.ID {
			kept = append(kept, request)
		}
	}
	return kept
}

// beside lists the objects of a cluster that stay as they are when the files are applied.
func (r *root) beside(files []engine.Request, live []*inventory.Entry, view inventory.Reader, now time.Time) []engine.Request {
	replaced := make(map[kube.ID]bool, len(files))
	for _, request := range files {
		replaced[request.Object.ID] = true // one without a namespace, that of any
	}
	list := make([]engine.Request, 0, len(live))
	for _, entry := range live {
		id := entry.ID
		if replaced[id] || replaced[kube.ID{Group: id.Group, Kind: id.Kind, Name: id.Name}] {
			continue
		}
		list = append(list, engine.Request{Object: entry.Object(), Inventory: view, Now: now})
	}
	return list
}

// finder finds objects of a root, and those of other roots that it refers to, in their files.
type finder struct {
	root  string
	index func() map[rootID]*document
	view  inventory.Reader
}

func (r *root) finder(roots []*root, view inventory.Reader) finder {
	return finder{r.name, sync.OnceValue(func() map[rootID]*document { return relatedIndex(roots) }), view}
}

func (f finder) document(id kube.ID) *document {
	index := f.index()
	if d := index[rootID{f.root, id}]; d != nil {
		return d
	}
	if found := f.view.Get(inventory.Ref{To: id, From: id}); found.Entry != nil {
		return index[rootID{found.Entry.Root, found.Entry.ID}]
	}
	return nil
}

func (f finder) locate(id kube.ID, path kube.Path) kube.Position {
	d := f.document(id)
	if d == nil {
		return kube.Position{}
	}
	return d.Locate(d.written(path))
}

func (f finder) file(id kube.ID) string {
	if d := f.document(id); d != nil {
		return d.File
	}
	return ""
}

// written is the path of an entry of a Secret or ConfigMap as its file has it: under stringData or binaryData where it stands there.
func (d *document) written(path kube.Path) kube.Path {
	beside, ok := map[string]string{"Secret": "stringData", "ConfigMap": "binaryData"}[d.stored.ID.Kind]
	if !ok || d.stored.ID.Group != "" || len(path) < 2 || path[0] != "data" {
		return path
	}
	text := append(kube.Path{beside}, path[1:]...)
	if _, ok := kube.Lookup(d.Object.Fields, text); ok {
		return text
	}
	return path
}
