// Package lint is the door for files: it reads manifests, makes one inventory per root of them, has each object
// reviewed, and says at which line and column a finding stands. It judges nothing itself, prints nothing, and knows no
// flag and no format; cmd tells it what to read, report how to tell it.
package lint

import (
	"context"
	"fmt"
	"path/filepath"
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
	"github.com/tlsward/tlsward/schema/crd"
)

// Reviewer judges objects; *engine.Engine is one.
type Reviewer interface {
	Review(ctx context.Context, r engine.Request) (rule.Decision, error)
	Judges(obj kube.Object) bool
	Providers() *provider.Set
	Rules() []rule.Definition
	Settings() rule.Settings
	// Suggest returns the rule id nearest to a misspelt one, "" if none is near.
	Suggest(id string) string
}

// Options is what a run is told.
type Options struct {
	Reviewer Reviewer
	Now      time.Time
	// Complete, External: see inventory.Options.
	Complete []string
	External []inventory.External
	// Live, if set, reads the cluster that stands behind the files; namespaces are those of their objects, in order. What is
	// complete is then told by the cluster, and Complete does not count.
	Live func(ctx context.Context, namespaces []string) (*inventory.Snapshot, error)
	// Boundary is the folder, absolute, outside of which no file is read because a kustomization names it or a symbolic link in a folder
	// leads there, and none is written. Without one, kustomizations are followed only within the paths given, and links anywhere.
	Boundary string
	// Repository is the folder, absolute, of the Git repository that the files are in; "" where they are in none.
	Repository string
	// Roots are folders that are applied by themselves.
	Roots []string
	// Joined names the root that a file stands in, wherever it lies; "" is Rest. It is for what is not yet where it is to be.
	Joined map[string]string
	// Exclude names files that are no manifests, such as the config; by whatever path they are found.
	Exclude []string
	// Rulebooks are folders whose scenes are no manifests of the tree: they are read only if a path that is given lies in one.
	Rulebooks []string
	// Schemas are the CRDs by which custom resources are read; nil: they are taken as they stand, for those that an API server
	// has stored. CRDs that the tree holds win over them.
	Schemas *crd.Set
	// All has Secrets and ConfigMaps judged that nothing refers to.
	All bool
	// Scope, if set, says which findings are reported; what is outside of it is judged all the same, as what else exists.
	Scope *Scope
	// Part says that environments are left out, or a part of one: what is not found may be found there.
	Part bool
	// Exemptions are those that the reviewer applies; a run reports which of them are of no use.
	Exemptions *Exemptions
	// Values are files of values that charts are rendered with; the later ones win.
	Values []string
	// Progress, if set, is told what is being done (reading, rendering, judging) and how much of it is, by any worker.
	Progress func(doing string, done, all int)
	// Workers is the number of goroutines; 0 means one per processor. It changes no output.
	Workers int
	// ReadFile reads a path that manifest.Find returned; nil is manifest.ReadFile without standard input.
	ReadFile func(name string) (string, error)
	// Given are further paths that the caller named: what a kustomization takes in from there may be fixed.
	Given []string
	// environment is the one that is judged, if there are several; what is in none of them is judged beside them.
	environment         string
	severalEnvironments bool
	// readBefore are the files, by the names they are found under, that other environments took in.
	readBefore map[string]*file
	// wantedKinds are read too, though no rule has to do with them.
	wantedKinds []string
	// Observe, if set, is shown every object, whether rules judge its kind or not, by any worker; index is the object's place in
	// the order of all.
	Observe func(index int, o Observed)
	// Phase, if set, is called as each phase begins: for measuring, and for whoever makes room for rendering.
	Phase func(name string)
}

// PhaseRender is the phase that only a tree with kustomizations or charts has.
const PhaseRender = "render"

// Result is what a run found, in a stated order.
type Result struct {
	Findings   []rule.Finding
	Suppressed []rule.Finding // each with its Suppression
	Problems   []Problem
	Skipped    []Skipped
	Files      int
	Objects    int
	// Outside counts the findings that Options.Scope leaves out, and the problems with documents that cannot be read.
	Outside  int
	files    map[string]*file
	absolute map[string]bool // absolute paths of the files, once asked for
	limits   *bounds
	// remarks are those about comments and annotations of one of several environments, which are said once all are judged.
	remarks []remark
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
	o.phase(PhaseRender)
	s := newSources(r, files, relevantKinds(o), o)
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
	s, err := readStage(ctx, paths, &o)
	if err != nil {
		return nil, err
	}
	o.phase("review")
	if err := s.result.review(ctx, s.roots, s.views, o); err != nil {
		return nil, err
	}
	o.phase("done")
	return s.result, nil
}

// stage is what was read: all but the verdicts.
type stage struct {
	result *Result
	roots  []*root
	// views are the inventories of the roots, cluster what lies behind them, if anything does.
	views   []inventory.Reader
	cluster *inventory.Snapshot
}

// readStage finds, reads and renders, and divides what is applied into roots, each with its inventory.
func readStage(ctx context.Context, paths []string, o *Options) (*stage, error) {
	if o.ReadFile == nil {
		o.ReadFile = readFile
	}
	o.phase("find")
	limits := newBounds(o.Boundary, slices.Concat(paths, o.Given))
	found, outside, problems := find(paths, limits, *o)
	result := &Result{files: map[string]*file{}, limits: limits, Skipped: outside}
	result.Problems = append(result.Problems, problems...)
	o.phase("read")
	files := readAll(ctx, found, *o)
	named := make(map[string]bool, len(paths))
	for _, path := range paths {
		named[filepath.Clean(path)] = true
	}
	for _, f := range files {
		f.stray = f.stray && !named[filepath.Clean(f.name)]
	}
	for range maxFollowed {
		more, outside := limits.follow(missing(files), files, *o)
		result.Skipped = append(result.Skipped, outside...)
		if len(more) == 0 {
			break
		}
		files = append(files, limits.readFollowed(ctx, more, *o)...)
	}
	slices.SortFunc(files, func(a, b *file) int { return strings.Compare(a.name, b.name) })
	for _, f := range files {
		result.files[f.name] = f
	}
	rendered := result.render(ctx, files, *o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	judged := judgedFiles(files, rendered)
	o.phase("schemas")
	result.customResources(ctx, judged, *o)
	for _, made := range rendered {
		if made.inPlace != nil {
			made.documents = made.inPlace.documents // without CRDs
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result.Files = len(files)
	result.classify(files)
	var cluster *inventory.Snapshot
	if o.Live != nil {
		o.phase("cluster")
		var err error
		if cluster, err = o.live(ctx, judged); err != nil {
			return nil, err
		}
	}
	o.phase("inventory")
	roots := divide(files, o.Roots, rendered)
	if len(o.Joined) > 0 {
		roots = join(roots, files, o.Joined)
	}
	return &stage{result, roots, inventories(roots, cluster, *o), cluster}, nil
}

func (o Options) phase(name string) {
	if o.Phase != nil {
		o.Phase(name)
	}
}

// live reads the cluster, and dates the objects that it holds already.
func (o Options) live(ctx context.Context, files []*file) (*inventory.Snapshot, error) {
	named := map[string]bool{}
	for _, f := range files {
		for _, d := range f.documents {
			if d.Status == manifest.Object && d.Object.ID.Namespace != "" {
				named[d.Object.ID.Namespace] = true
			}
		}
	}
	cluster, err := o.Live(ctx, kube.SortedKeys(named))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		for _, d := range f.documents {
			if d.Status == manifest.Object {
				d.stored = cluster.Dated(d.stored)
			}
		}
	}
	return cluster, nil
}

// inventories makes one inventory per root, each with a view of the others, over the cluster if there is one.
func inventories(roots []*root, cluster *inventory.Snapshot, o Options) []inventory.Reader {
	if cluster != nil {
		o.Complete = nil
	}
	cache := pki.NewCache(inventory.DefaultCertificates)
	stores := make([]*inventory.Store, len(roots))
	var open []*inventory.Store
	for i, r := range roots {
		stores[i] = fill(r, inventory.Options{
			Providers: o.Reviewer.Providers(), Complete: o.Complete, External: o.External, Root: r.name, Certificates: cache,
			OneNamespace: r.name != Rest, Partial: r.partial,
		})
		if !r.isolated {
			open = append(open, stores[i])
		}
	}
	tree := inventory.NewTree(open)
	views := make([]inventory.Reader, len(roots))
	for i, r := range roots {
		var view inventory.Files = stores[i].Snapshot()
		if !r.isolated {
			view = tree.Root(r.name)
		}
		views[i] = view
		if cluster != nil {
			views[i] = inventory.Behind(view, cluster)
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
		if other, twice := first[d.Object.ID]; twice && other != d && !d.anotherCopy(other) {
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
	referred func([]facts.Referred)
}

// review judges every object of every root on all workers and joins the verdicts in order.
func (r *Result) review(ctx context.Context, roots []*root, views []inventory.Reader, o Options) error {
	var jobs []job
	stock := observing{Options: o}
	for i, root := range roots {
		for _, d := range root.documents {
			if d.Status != manifest.Object {
				continue
			}
			self := o.All && d.Object.ID.Group == "" && (d.Object.ID.Kind == "Secret" || d.Object.ID.Kind == "ConfigMap")
			reviewed := self || len(d.source) > 0 || o.Reviewer.Judges(d.Object)
			referred := stock.referred(d, root, views[i], reviewed, self)
			if reviewed {
				jobs = append(jobs, job{d, self, views[i], root, referred})
			}
		}
	}
	decisions := make([]rule.Decision, len(jobs))
	errs := make([]error, len(jobs))
	o.each(ctx, judging, len(jobs), func(i int) {
		decisions[i], errs[i] = o.Reviewer.Review(ctx, engine.Request{
			Object: jobs[i].document.stored, Inventory: jobs[i].view, Now: o.Now, Door: rule.DoorLint, Source: jobs[i].document.source,
			Self: jobs[i].self, Referred: jobs[i].referred,
		})
	})
	stock.rest(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	index := sync.OnceValue(func() map[rootID]*document { return relatedIndex(roots) })
	said, suppressions := overlays{}, newSuppressions(r, o)
	scope := r.scope(roots, o)
	for i, j := range jobs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if errs[i] != nil {
			r.Problems = append(r.Problems, Problem{kube.Position{File: j.document.File, Line: j.document.Line}, "not judged: " + errs[i].Error()})
			continue
		}
		suppressions.note(j.document, &decisions[i])
		for _, list := range [][]rule.Finding{decisions[i].Findings, decisions[i].Suppressed} {
			for _, f := range list {
				f, d := locate(f, j, index)
				suppressions.apply(&f, d)
				switch {
				case f.Suppression != nil:
					r.Suppressed = append(r.Suppressed, f)
					scope.suppressed(f, d, j)
				case scope.holds(f, d, j):
					r.Findings = append(r.Findings, f)
				default:
					r.Outside++
					continue
				}
				said.note(f, d, j.root)
			}
		}
	}
	for _, root := range roots {
		for _, d := range root.documents {
			if d.Status == manifest.Object {
				suppressions.note(d, nil)
			}
		}
	}
	remarks := suppressions.remarks()
	if o.severalEnvironments {
		r.remarks, remarks = remarks, nil
	}
	if err := r.say(ctx, o, "Suppression", scope.remarks(r, remarks)); err != nil {
		return err
	}
	if o.Exemptions != nil {
		if err := r.say(ctx, o, "Config", scope.remarks(r, o.Exemptions.remarks(r.Suppressed, o.Now))); err != nil {
			return err
		}
	}
	scope.narrow(r)
	for _, list := range []*[]rule.Finding{&r.Findings, &r.Suppressed} {
		sortFindings(*list)
		*list = sayOnce(said.merge(*list, o.environment != ""))
	}
	r.rendered = said.documents()
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return a.At.Compare(b.At) })
	r.Problems = slices.Compact(r.Problems)
	return nil
}
