// Package lint is the door for files: it reads manifests, makes one inventory per root of them, has each object
// reviewed, and says at which line and column a finding stands. It judges nothing itself, prints nothing, and knows no
// flag and no format; cmd tells it what to read, report how to tell it.
package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/render"
	"github.com/tlsward/tlsward/rule"
)

// Reviewer judges objects; *engine.Engine is one.
type Reviewer interface {
	Review(ctx context.Context, r engine.Request) (rule.Decision, error)
	Judges(groupKind string) bool
	Providers() *provider.Set
}

// Options is what a run is told.
type Options struct {
	Reviewer Reviewer
	Now      time.Time
	// Complete, External: see inventory.Options.
	Complete []string
	External []inventory.External
	// Boundary is the folder, absolute, outside of which no file is read because a kustomization names it, and none is
	// written through a symbolic link. Without one, kustomizations are followed only within the paths given.
	Boundary string
	// Repository is the folder, absolute, of the Git repository that the files are in; "" where they are in none.
	Repository string
	// Roots are folders that are applied by themselves.
	Roots []string
	// Exclude names files that are no manifests, such as the config.
	Exclude []string
	// All has Secrets and ConfigMaps judged that nothing refers to.
	All bool
	// Exemptions are those that the reviewer applies; a run reports which of them are of no use.
	Exemptions *Exemptions
	// Values are files of values that charts are rendered with; the later ones win.
	Values []string
	// Progress, if set, is told how many of the kustomizations and charts are rendered.
	Progress func(done, all int)
	// Workers is the number of goroutines; 0 means one per processor. It changes no output.
	Workers int
	// ReadFile reads a path that manifest.Find returned; nil is manifest.ReadFile without standard input.
	ReadFile func(name string) ([]byte, error)
	// Phase, if set, is called as each phase begins: for measuring.
	Phase func(name string)
}

// Result is what a run found, in a stated order.
type Result struct {
	Findings   []rule.Finding
	Suppressed []rule.Suppressed
	Problems   []Problem
	Skipped    []Skipped
	Files      int
	Objects    int
	files      map[string]*file
	limits     *bounds
	// rendered holds the documents that findings in rendered objects were located in.
	rendered map[finding]*document
}

// Problem is something that could not be read or judged.
type Problem struct {
	At      kube.Position
	Message string
}

// Skipped is a document that holds no object to judge.
type Skipped struct {
	At     kube.Position
	Reason string
}

// maxFollowed bounds the rounds in which kustomizations name further files: deeper nesting is a loop or a mistake.
const maxFollowed = 16

// render renders the kustomizations and charts among the files, if there are any.
func (r *Result) render(ctx context.Context, files []*file, o Options) []*rendering {
	list := renderings(files)
	if len(list) == 0 {
		return nil
	}
	o.phase("render")
	s := newSources(r, files, o.relevant(), o)
	var left []*rendering
	for _, made := range list {
		if f := r.files[made.file]; !made.chart && f.isComponent() {
			r.Skipped = append(r.Skipped, Skipped{kube.Position{File: made.file}, "kustomize component that no kustomization here takes in"})
			made.err = &render.Refused{Reason: "it is a component"}
			r.leaveOut(r.files, made)
			continue
		}
		left = append(left, made)
	}
	s.render(ctx, left)
	if ctx.Err() == nil {
		r.apply(left, files, s)
	}
	return left
}

// Run lints the files and folders given; "-" is standard input.
func Run(ctx context.Context, paths []string, o Options) (*Result, error) {
	if o.ReadFile == nil {
		o.ReadFile = readFile
	}
	o.phase("find")
	found, problems := find(paths, o)
	result := &Result{files: map[string]*file{}}
	result.Problems = append(result.Problems, problems...)
	o.phase("read")
	files := readAll(ctx, found, o)
	limits := newBounds(o.Boundary, paths)
	result.limits = limits
	for range maxFollowed {
		more, outside := limits.follow(missing(files), files, o)
		result.Skipped = append(result.Skipped, outside...)
		if len(more) == 0 {
			break
		}
		files = append(files, limits.readFollowed(ctx, more, o)...)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b *file) int { return strings.Compare(a.name, b.name) })
	result.Files = len(files)
	for _, f := range files {
		result.files[f.name] = f
	}
	rendered := result.render(ctx, files, o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result.classify(files)
	o.phase("inventory")
	roots := divide(files, o.Roots, rendered)
	views := inventories(roots, o)
	o.phase("review")
	if err := result.review(ctx, roots, views, o); err != nil {
		return nil, err
	}
	o.phase("done")
	return result, nil
}

func (o Options) phase(name string) {
	if o.Phase != nil {
		o.Phase(name)
	}
}

// inventories makes one inventory per root, each with a view of the others.
func inventories(roots []*root, o Options) []inventory.Reader {
	cache := pki.NewCache(inventory.DefaultCertificates)
	stores := make([]*inventory.Store, len(roots))
	var open []*inventory.Store
	for i, r := range roots {
		stores[i] = fill(r, inventory.Options{
			Providers: o.Reviewer.Providers(), Complete: o.Complete, External: o.External, Root: r.name, Certificates: cache,
			OneNamespace: r.name != restName, Partial: r.partial,
		})
		if !r.isolated {
			open = append(open, stores[i])
		}
	}
	tree := inventory.NewTree(open)
	views := make([]inventory.Reader, len(roots))
	for i, r := range roots {
		if r.isolated {
			views[i] = stores[i].Snapshot()
		} else {
			views[i] = tree.Root(r.name)
		}
	}
	return views
}

// fill puts a root's objects into a store, and notes which of them stand there twice.
func fill(r *root, options inventory.Options) *inventory.Store {
	store := inventory.New(options)
	first := map[kube.ID]*document{}
	for _, d := range r.documents {
		if d.Status != manifest.Object || (d.Object.ID.Name == "" && d.Object.ID.Group != kustomizationGroup) {
			continue
		}
		store.Add(d.stored)
		if d.Object.ID.Name == "" {
			continue
		}
		if other, twice := first[d.Object.ID]; twice && other != d {
			noteDuplicate(d, other)
		} else {
			first[d.Object.ID] = d
		}
	}
	return store
}

func noteDuplicate(d, first *document) {
	for _, known := range d.source[facts.DuplicateObject] {
		if known.Path.Equal(kube.Path{"metadata", "name"}) {
			return
		}
	}
	d.defect(facts.DuplicateObject, kube.Path{"metadata", "name"},
		fmt.Sprintf("%s stands in %s:%d too", d.Object.ID, first.File, first.Line))
}

// job is one object to review in one root.
type job struct {
	document *document
	self     bool
	view     inventory.Reader
	root     *root
}

// review judges every object of every root on all workers and joins the verdicts in order.
func (r *Result) review(ctx context.Context, roots []*root, views []inventory.Reader, o Options) error {
	var jobs []job
	for i, root := range roots {
		for _, d := range root.documents {
			if d.Status != manifest.Object {
				continue
			}
			self := o.All && d.Object.ID.Group == "" && (d.Object.ID.Kind == "Secret" || d.Object.ID.Kind == "ConfigMap")
			if self || len(d.source) > 0 || o.Reviewer.Judges(d.Object.ID.GroupKind()) {
				jobs = append(jobs, job{d, self, views[i], root})
			}
		}
	}
	decisions := make([]rule.Decision, len(jobs))
	errs := make([]error, len(jobs))
	parallel(ctx, len(jobs), o.Workers, func(i int) {
		decisions[i], errs[i] = o.Reviewer.Review(ctx, engine.Request{
			Object: jobs[i].document.stored, Inventory: jobs[i].view, Now: o.Now, Door: rule.DoorLint, Source: jobs[i].document.source,
			Self: jobs[i].self,
		})
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	index := sync.OnceValue(func() map[rootID]*document { return relatedIndex(roots) })
	said := overlays{}
	for i, j := range jobs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if errs[i] != nil {
			r.Problems = append(r.Problems, Problem{kube.Position{File: j.document.File, Line: j.document.Line}, "not judged: " + errs[i].Error()})
			continue
		}
		for _, f := range decisions[i].Findings {
			f, d := locate(f, j, index)
			r.Findings = append(r.Findings, f)
			said.note(f, d, j.root)
		}
		for _, s := range decisions[i].Suppressed {
			s.Finding, _ = locate(s.Finding, j, index)
			r.Suppressed = append(r.Suppressed, s)
		}
	}
	if o.Exemptions != nil {
		if err := r.judgeExemptions(ctx, o); err != nil {
			return err
		}
	}
	sortFindings(r.Findings)
	r.Findings = sayOnce(said.merge(r.Findings))
	r.rendered = said.documents()
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return a.At.Compare(b.At) })
	r.Problems = slices.Compact(r.Problems)
	return nil
}

// parallel calls f for 0 to n-1 on some workers, or for some of them if ctx ends before.
func parallel(ctx context.Context, n, workers int, f func(i int)) {
	workers = min(workersOr(workers), n)
	if workers <= 1 {
		for i := 0; i < n && ctx.Err() == nil; i++ {
			f(i)
		}
		return
	}
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := range next {
				if ctx.Err() != nil {
					return
				}
				f(i)
			}
		})
	}
	wait.Wait()
}
