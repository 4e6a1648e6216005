package lint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/render"
)

// rendering is a kustomization or a chart, and what it makes.
type rendering struct {
	// dir is the folder as the files name it, file the kustomization or Chart.yaml in it.
	dir, file string
	chart     bool
	err       error
	// documents are the objects made; taken are the real paths of what was taken in.
	documents []*document
	taken     []string
	// problems are templates that make what is no object.
	problems []Problem
	// inPlace stands for what was taken in.
	inPlace *file
	// others counts the objects made of kinds that nobody reads.
	others int
	// missing are dependencies of a chart that are not there.
	missing []string
}

// isComponent reports whether a kustomization can only be a part of others.
func (f *file) isComponent() bool {
	return slices.ContainsFunc(f.documents, func(d *document) bool {
		return d.Object.ID.Group == kustomizationGroup && d.Object.ID.Kind == "Component"
	})
}

// renderings lists, in order, what is to be rendered: charts that are no part of another one, and kustomizations that no other
// one takes in.
func renderings(files []*file) (list []*rendering) {
	listed := map[string]bool{}
	charts := map[string]bool{}
	for _, f := range files {
		if f.kustomization != nil {
			for _, resource := range f.kustomization.resources {
				listed[resource] = true
			}
		}
		if f.isChart() {
			charts[filepath.Dir(f.name)] = true
		}
	}
	for _, f := range files {
		dir := filepath.Dir(f.name)
		switch {
		case f.kustomization != nil && !listed[dir]:
			list = append(list, &rendering{dir: dir, file: f.name})
		case f.isChart() && !vendored(dir, charts):
			list = append(list, &rendering{dir: dir, file: f.name, chart: true})
		}
	}
	return append(list, circles(files, list)...)
}

// circles adds, of kustomizations that take in one another, the first: nothing leads to them, and rendering says what is wrong.
func circles(files []*file, roots []*rendering) (list []*rendering) {
	byDir := map[string]*file{}
	for _, f := range files {
		if f.kustomization != nil {
			byDir[f.kustomization.dir] = f
		}
	}
	reached := map[*file]bool{}
	var visit func(f *file)
	visit = func(f *file) {
		if f == nil || reached[f] {
			return
		}
		reached[f] = true
		for _, resource := range f.kustomization.resources {
			visit(byDir[resource])
		}
	}
	for _, r := range roots {
		if !r.chart {
			visit(byDir[r.dir])
		}
	}
	for _, f := range files {
		if f.kustomization != nil && !reached[f] {
			list = append(list, &rendering{dir: filepath.Dir(f.name), file: f.name})
			visit(f)
		}
	}
	return list
}

// isChart reports whether a file is a Chart.yaml that could be read.
func (f *file) isChart() bool {
	return filepath.Base(f.name) == "Chart.yaml" && f.err == nil &&
		!slices.ContainsFunc(f.documents, func(d *document) bool { return d.Status != manifest.Foreign })
}

// vendored reports whether a chart stands in the charts folder of another one.
func vendored(dir string, charts map[string]bool) bool {
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		if filepath.Base(parent) == "charts" && charts[filepath.Dir(parent)] {
			return true
		}
		if parent == filepath.Dir(parent) {
			return false
		}
	}
}

// sources reads files for renderings and for locating what they made, by their names and by their real paths.
type sources struct {
	o        Options
	limits   *bounds
	relevant func(group, kind string) bool
	result   *Result

	// defined are the kinds that CRDs of the tree define.
	defined map[string]bool

	mu     sync.Mutex
	byReal map[string]string
	texts  map[string][]manifest.Document
}

// newSources notes the real path of every file. Links in folders are followed, those to single files are not: they are rare,
// and it would take a look at each file.
func newSources(result *Result, files []*file, relevant func(group, kind string) bool, o Options) *sources {
	s := &sources{o: o, limits: result.limits, relevant: relevant, result: result, byReal: map[string]string{}, texts: map[string][]manifest.Document{}}
	s.defined = definedKinds(files)
	dirs := map[string]string{}
	for _, f := range files {
		dir := filepath.Dir(f.name)
		known, ok := dirs[dir]
		if !ok {
			known, _ = real(dir)
			dirs[dir] = known
		}
		if known != "" && f.name != manifest.Stdin {
			s.byReal[filepath.Join(known, filepath.Base(f.name))] = f.name
		}
	}
	return s
}

// definedKinds are the kinds that CRDs among the documents define.
func definedKinds(files []*file) map[string]bool {
	kinds := map[string]bool{}
	for _, f := range files {
		for _, d := range f.documents {
			if d.Status != manifest.Object || d.Object.ID.GroupKind() != crdGroupKind {
				continue
			}
			group, _ := kube.Lookup(d.Object.Fields, kube.Path{"spec", "group"})
			kind, _ := kube.Lookup(d.Object.Fields, kube.Path{"spec", "names", "kind"})
			if group, ok := group.(string); ok {
				if kind, ok := kind.(string); ok {
					kinds[kube.GroupKind(group, kind)] = true
				}
			}
		}
	}
	return kinds
}

// judgedFiles are the files that are judged as they stand, and in the place of the others what was rendered, each rendering as
// if it were a file.
func judgedFiles(files []*file, rendered []*rendering) []*file {
	if len(rendered) == 0 {
		return files
	}
	var judged []*file
	for _, f := range files {
		if !f.taken {
			judged = append(judged, f)
		}
	}
	for _, made := range rendered {
		if made.err == nil {
			made.inPlace = &file{name: made.file, documents: made.documents}
			judged = append(judged, made.inPlace)
		}
	}
	return judged
}

// name is how a file is called in reports: as it was found, else from the folder of the rendering that takes it in.
func (s *sources) name(path, dir string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.byReal[path]; ok {
		return name
	}
	name := path
	if from, ok := real(dir); ok {
		if inside, err := filepath.Rel(from, path); err == nil {
			name = filepath.Join(dir, inside)
		}
	}
	s.byReal[path] = name
	return name
}

// files is what renderings may read: what the run may, as Fix would have it.
func (s *sources) files(dir string) render.Files {
	return render.Files{
		Read: func(path string) ([]byte, error) {
			text, err := s.o.ReadFile(s.name(path, dir))
			return []byte(text), err
		},
		May: func(path string) bool { return s.limits.inside(path) || s.limits.isGiven(path) },
	}
}

// file is a file by its name, read now if nobody needed it before.
func (s *sources) file(name string) *file {
	if f := s.result.files[name]; f != nil {
		return f
	}
	f := read(name, s.relevant, s.o)
	path, ok := real(name)
	f.followed = !ok || !s.limits.isGiven(path)
	s.result.files[name] = f
	return f
}

// text is a file as YAML, whatever it means.
func (s *sources) text(name string) []manifest.Document {
	if documents, ok := s.texts[name]; ok {
		return documents
	}
	var documents []manifest.Document
	if data, err := s.o.ReadFile(name); err == nil {
		documents = manifest.ReadText(name, data, manifest.Options{})
	}
	s.texts[name] = documents
	return documents
}

// render renders all there is, on all workers.
func (s *sources) render(ctx context.Context, list []*rendering) {
	s.o.each(ctx, inProcess, len(list), func(i int) {
		if r := list[i]; r.chart {
			s.chart(ctx, r)
		} else {
			s.kustomization(ctx, r)
		}
	})
}

func (s *sources) wanted(group, kind string) bool {
	groupKind := kube.GroupKind(group, kind)
	return s.relevant(group, kind) || s.defined[groupKind] || s.o.Reviewer.Providers().Incidental(groupKind)
}

// kustomization renders one and makes documents of its objects.
func (s *sources) kustomization(ctx context.Context, r *rendering) {
	made, err := render.Kustomize(ctx, r.dir, s.files(r.dir), func(group, kind string) bool {
		return s.wanted(group, kind) || s.o.Reviewer.Providers().Mentioned(kube.GroupKind(group, kind))
	})
	if err != nil {
		r.err = err
		return
	}
	// The kustomization itself counts as one, as it does where it is not rendered.
	r.taken, r.others = made.Taken, made.Others+1
	for _, object := range made.Objects {
		obj, ok := kube.FromFields(object.Fields)
		if !ok || s.idle(obj) {
			r.others++
			continue
		}
		d := manifest.Document{File: r.file, Line: 1, Status: manifest.Object, Object: obj}
		_, d.Encrypted = object.Fields["sops"].(map[string]any)
		m := &origin{by: r, sources: s, object: obj, configured: s.nameOr(object.Configured, r), stands: s.nameOr(object.File, r)}
		for _, change := range object.Changes {
			m.changes = append(m.changes, render.Change{File: s.name(change.File, r.dir), By: change.By})
		}
		r.documents = append(r.documents, newRendered(d, m, s.o))
	}
}

func (s *sources) nameOr(path string, r *rendering) string {
	if path == "" {
		return ""
	}
	return s.name(path, r.dir)
}

// idle reports workloads that run no controller, and what mentions nothing where that alone would make it worth a look.
func (s *sources) idle(obj kube.Object) bool {
	providers := s.o.Reviewer.Providers()
	groupKind := obj.ID.GroupKind()
	switch {
	case s.relevant(obj.ID.Group, obj.ID.Kind) || s.defined[groupKind] || providers.Mentions(obj):
		return false
	case !providers.Incidental(groupKind):
		return providers.Mentioned(groupKind)
	}
	names := func(text string) bool { return mentions(obj.Fields, text) }
	installs := providers.Releases(groupKind) && slices.ContainsFunc(providers.Charts(), names)
	return !installs && !slices.ContainsFunc(providers.Programs(), names)
}

func mentions(value any, text string) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		return slices.ContainsFunc(v, func(child any) bool { return mentions(child, text) })
	case map[string]any:
		for _, child := range v {
			if mentions(child, text) {
				return true
			}
		}
	}
	return false
}

// chart renders one and reads what its templates make.
func (s *sources) chart(ctx context.Context, r *rendering) {
	var values []string
	for _, name := range s.o.Values {
		path, ok := real(name)
		if !ok {
			path = name
		}
		values = append(values, path)
	}
	files := s.files(r.dir)
	may := files.May
	files.May = func(path string) bool { return may(path) || slices.Contains(values, path) }
	made, err := render.Helm(ctx, r.dir, files, render.ChartOptions{Values: values, Now: s.o.Now})
	if err != nil {
		r.err = err
		return
	}
	r.taken, r.missing = made.Taken, made.Missing
	for _, template := range made.Templates {
		name := s.name(template.File, r.dir)
		mentioned := s.o.Reviewer.Providers().MentionedIn(func(word string) bool { return bytes.Contains(template.Text, []byte(word)) })
		relevant := func(group, kind string) bool { return s.wanted(group, kind) || mentioned[kube.GroupKind(group, kind)] }
		for _, d := range manifest.Read(name, template.Text, manifest.Options{Relevant: relevant}) {
			if d.Status == manifest.Object && s.idle(d.Object) {
				r.others++
				continue
			}
			switch d.Status {
			case manifest.Object:
				r.documents = append(r.documents, newRendered(d, &origin{by: r, sources: s, object: d.Object, template: name}, s.o))
			case manifest.Broken, manifest.Template, manifest.Foreign, manifest.Values:
				message := fmt.Sprintf("line %d of what this template renders to is no object: %s", max(d.Line, d.Err.At.Line), d.Err.Message)
				r.problems = append(r.problems, Problem{kube.Position{File: name}, message})
			case manifest.Irrelevant:
				r.others++
			case manifest.Empty:
			}
		}
	}
}

// newRendered makes of an object what newDocument makes of one in a file, but that a key in it is nobody's clear text: where it
// stands in a file of the repository, the generator or template took it from there.
func newRendered(d manifest.Document, m *origin, o Options) *document {
	o.Repository = ""
	doc := newDocument(d, o)
	// Of what nobody reviews, little is kept.
	m.object.Fields = doc.Object.Fields
	doc.made = m
	return doc
}

// takeSource finds where an object stands before it was changed, and takes over what only that text tells. It is called for
// one document after the other.
func (d *document) takeSource() {
	m := d.made
	if m.stands == "" {
		return
	}
	m.source = m.sources.file(m.stands).standsFor(m.object)
	if m.source == nil {
		d.File = m.stands
		return
	}
	d.File, d.Line = m.source.File, m.source.Line
	for _, kind := range []string{facts.DuplicateKey, facts.PrivateKey} {
		for _, defect := range m.source.source[kind] {
			if at, ok := kube.Lookup(m.object.Fields, defect.Path); ok {
				if before, _ := kube.Lookup(m.source.Object.Fields, defect.Path); same(at, before) {
					d.defect(kind, defect.Path, defect.Message)
				}
			}
		}
	}
}

// standsFor finds the document of a file that became an object: of the same kind, with its name or a part of it.
func (f *file) standsFor(obj kube.Object) (best *document) {
	const inNamespace, named, part = 3, 2, 1
	most := 0
	for _, d := range f.documents {
		id := d.Object.ID
		if d.Status != manifest.Object && d.Status != manifest.Foreign || id.Group != obj.ID.Group || id.Kind != obj.ID.Kind {
			continue
		}
		score := 0
		switch {
		case id.Name == obj.ID.Name && id.Namespace == obj.ID.Namespace:
			score = inNamespace << 16
		case id.Name == obj.ID.Name:
			score = named << 16
		case strings.Contains(obj.ID.Name, id.Name):
			score = part<<16 + len(id.Name)
		}
		if score > most {
			best, most = d, score
		}
	}
	return best
}

// apply puts what was rendered in the place of what it was rendered from, and says what was not.
func (r *Result) apply(list []*rendering, files []*file, s *sources) {
	byName := map[string]*file{}
	for _, f := range files {
		byName[f.name] = f
	}
	for _, made := range list {
		at := kube.Position{File: made.file}
		var refused *render.Refused
		what, by := "kustomization", "kustomize"
		if made.chart {
			what, by = "chart", "Helm"
		}
		switch {
		case made.err == nil:
			for _, path := range made.taken {
				if f := byName[s.name(path, made.dir)]; f != nil {
					f.taken, f.template = true, f.template || made.chart
				}
			}
			for _, d := range made.documents {
				d.takeSource()
			}
			r.Objects += len(made.documents) + made.others
			r.Problems = append(r.Problems, made.problems...)
			for _, name := range made.missing {
				r.Skipped = append(r.Skipped, Skipped{at, "chart of which charts/ does not hold a dependency (" + name + ", not judged)"})
			}
		case errors.As(made.err, &refused):
			r.Skipped = append(r.Skipped, Skipped{at, what + " that is not rendered, since " + refused.Reason})
		default:
			r.Problems = append(r.Problems, Problem{at, "not judged, since " + by + " cannot render it: " + made.err.Error()})
		}
	}
	for _, made := range list {
		if made.err != nil && !made.chart {
			r.leaveOut(byName, made)
		}
	}
}

// leaveOut takes from the files of a kustomization that was not rendered those objects that it would change: judged as they
// stand, they would be judged as nobody applies them.
func (r *Result) leaveOut(byName map[string]*file, made *rendering) {
	dirs := map[string]*file{}
	for _, f := range byName {
		if f.kustomization != nil {
			dirs[f.kustomization.dir] = f
		}
	}
	var refused *render.Refused
	members := map[*file]bool{}
	changed := map[string]bool{}
	every := !errors.As(made.err, &refused)
	var visit func(f *file)
	visit = func(f *file) {
		if f == nil || members[f] {
			return
		}
		members[f] = true
		if f.kustomization == nil {
			return
		}
		every = every || f.kustomization.changesAll
		for _, kind := range f.kustomization.changedKinds {
			changed[kind] = true
		}
		for name := range f.kustomization.patches {
			if patch := byName[name]; patch != nil {
				for _, d := range patch.documents {
					changed[d.Object.ID.Kind] = true
				}
			}
		}
		for _, name := range f.kustomization.resources {
			visit(byName[name])
			visit(dirs[name])
		}
	}
	visit(byName[made.file])
	for _, f := range slices.SortedFunc(maps.Keys(members), func(a, b *file) int { return strings.Compare(a.name, b.name) }) {
		if f.taken || f.kustomization != nil {
			continue
		}
		for _, d := range f.documents {
			if d.Status == manifest.Object && (every || changed[d.Object.ID.Kind]) {
				d.Status = manifest.Foreign
				d.left = true
				r.Skipped = append(r.Skipped, Skipped{kube.Position{File: f.name, Line: d.Line}, "object of a kustomization that is not rendered, and might change it"})
			}
		}
	}
}
