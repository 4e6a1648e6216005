package lint

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/render"
	"github.com/tlsward/tlsward/rule"
)

// Scope says what a run reports. All of the tree is judged whatever it says: a reference must not be called missing because
// its target is out of scope.
type Scope struct {
	// Namespaces are globs; findings in objects of others are left out. "" matches an unset namespace. Empty means all.
	Namespaces []string
	// Changes, if set, has only findings reported that a change of the files may have to do with.
	Changes Changes
}

// all reports whether nothing is out of scope.
func (s *Scope) all() bool { return s == nil || len(s.Namespaces) == 0 && s.Changes == nil }

// Changes are the files that somebody changed, by their absolute paths without links; *revision.Changes is one.
type Changes interface {
	Changed(path string) bool
	// Before returns what a changed file held; false if it is new or nobody knows.
	Before(path string) (string, bool)
	// Gone returns what files held that are there no more.
	Gone() []string
	// Lost returns the paths of files that are there no more, or have another name now.
	Lost() []string
}

// scoping decides what of one run is in scope. Nil holds everything.
type scoping struct {
	Scope
	gather func(engine.Request) facts.Facts
	o      Options
	// reals are the real paths of files by their names.
	reals map[string]string
	// changed are the documents that are not as they were, ids the objects that are or were in such.
	changed map[*document]bool
	ids     map[kube.ID]bool
	// anywhere are the ids without their namespaces.
	anywhere map[kube.ID]bool
	// fewer are the changed files that hold fewer of an object than before, and no other changed file holds more.
	fewer map[string]bool
	// labels are the changed objects as messages name them.
	labels []string
	// rendered are the files of a rendering that changed and that all of its objects may come of.
	rendered map[*rendering][]string
	// lacking are the renderings of which something was taken away.
	lacking map[*rendering]bool
	// concerned notes the objects that refer to changed ones.
	concerned map[*document]bool
	// kept are, by root, the kinds and namespaces of which it held or promised an object before.
	kept map[*root]map[kube.ID]bool
	// had counts the objects that the changed files held.
	had map[kube.ID]int
	// keep says which of the suppressed findings, in their order, are in scope.
	keep []bool
}

// scope makes the scoping of a run. Without roots it can tell of remarks only, for which nothing is compared.
func (r *Result) scope(roots []*root, o Options) *scoping {
	if o.Scope.all() {
		return nil
	}
	s := &scoping{Scope: *o.Scope, o: o, reals: map[string]string{}}
	if s.Changes == nil {
		return s
	}
	if roots == nil {
		return s
	}
	s.changed, s.concerned = map[*document]bool{}, map[*document]bool{}
	s.ids, s.anywhere, s.fewer = map[kube.ID]bool{}, map[kube.ID]bool{}, map[string]bool{}
	s.rendered, s.lacking, s.kept = map[*rendering][]string{}, map[*rendering]bool{}, map[*root]map[kube.ID]bool{}
	if gatherer, ok := o.Reviewer.(interface {
		Facts(r engine.Request) facts.Facts
	}); ok {
		s.gather = gatherer.Facts
	}
	s.compare(r, roots)
	for id := range s.ids {
		s.labels = append(s.labels, id.String())
	}
	return s
}

// written tells documents apart by their text. A list is one: what changes in it, changes for all its items.
func written(d *manifest.Document) string { return d.Item.String() + "\x00" + d.Written() }

// compare finds the documents that are not as they were, wherever in the changed files they stood, and the objects that were in
// them or are.
func (s *scoping) compare(r *Result, roots []*root) {
	before, now := map[string]int{}, map[string]int{}
	had, has := map[kube.ID]int{}, map[kube.ID]int{}
	s.had = had
	relevant := relevantKinds(s.o)
	was := map[kube.ID]map[string]bool{}
	// in are the objects that a changed file held.
	in := map[string][]kube.ID{}
	old := func(name, text string) {
		for _, d := range manifest.ReadText("", text, manifest.Options{Relevant: relevant}) {
			key := written(&d)
			before[key]++
			if d.Status == manifest.Object {
				if was[d.Object.ID] == nil {
					was[d.Object.ID] = map[string]bool{}
				}
				was[d.Object.ID][key] = true
				had[d.Object.ID]++
				in[name] = append(in[name], d.Object.ID)
			}
		}
	}
	for _, text := range s.Changes.Gone() {
		old("", text)
	}
	for _, name := range kube.SortedKeys(r.files) {
		f := r.files[name]
		if !s.changedFile(name) {
			continue
		}
		if text, known := s.Changes.Before(s.real(name)); known {
			if f.header > 0 {
				text = kustomizationHeader + text
			}
			old(s.real(name), text)
		}
		for _, d := range f.documents {
			now[written(&d.Document)]++
			has[d.Object.ID]++
		}
	}
	for _, name := range kube.SortedKeys(r.files) {
		if !s.changedFile(name) {
			continue
		}
		for _, d := range r.files[name].documents {
			key := written(&d.Document)
			delete(was[d.Object.ID], key)
			// One more of a text than there was: which of them is new cannot be told.
			if now[key] > before[key] {
				s.change(d)
			}
		}
	}
	for id, keys := range was {
		if len(keys) > 0 {
			s.changeID(id)
		}
	}
	for name, ids := range in {
		s.fewer[name] = slices.ContainsFunc(ids, func(id kube.ID) bool { return has[id] < had[id] })
	}
	for _, root := range roots {
		for _, d := range root.documents {
			if d.made != nil && s.madeOfChanged(d) {
				s.change(d)
			}
		}
	}
}

func (s *scoping) change(d *document) {
	s.changed[d] = true
	if d.Status == manifest.Object || d.Object.ID.Name != "" {
		s.changeID(d.Object.ID)
	}
}

func (s *scoping) changeID(id kube.ID) {
	s.ids[id] = true
	id.Namespace = ""
	s.anywhere[id] = true
}

// hasChanged reports whether an object is or was in a changed document. An unset namespace may be any: whoever applies it says which.
func (s *scoping) hasChanged(id kube.ID) bool {
	if s.ids[id] {
		return true
	}
	namespaced := id.Namespace != ""
	id.Namespace = ""
	if namespaced {
		return s.ids[id]
	}
	return s.anywhere[id]
}

func (s *scoping) real(name string) string {
	path, known := s.reals[name]
	if !known {
		path, _ = real(name)
		s.reals[name] = path
	}
	return path
}

func (s *scoping) changedFile(name string) bool {
	return name != manifest.Stdin && s.Changes.Changed(s.real(name))
}

// madeOfChanged reports whether a rendered object comes of something that changed: the document it was, what changes or generates
// it, a patch of it, or of a chart its template or what all templates may use.
func (s *scoping) madeOfChanged(d *document) bool {
	m := d.made
	if s.lacks(m) {
		return true
	}
	if m.template != "" {
		return s.changedFile(m.template) || s.sharedByTemplates(m)
	}
	if m.source != nil && s.changed[m.source] || m.source == nil && m.stands != "" && s.changedFile(m.stands) {
		return true
	}
	if m.configured != "" && s.changedFile(m.configured) {
		return true
	}
	return slices.ContainsFunc(s.kustomizations(m), func(file string) bool { return s.kustomizes(m, file) }) ||
		slices.ContainsFunc(m.kustomizations(), func(file string) bool { return s.patchChanged(m, file) })
}

// lacks reports whether something was taken away of what a rendering is made of. What that was in it (in which namespace, under which
// name, by which template) is not known any more, so that all of the rendering counts as changed.
func (s *scoping) lacks(m *origin) bool {
	made := m.by
	lacking, known := s.lacking[made]
	if !known {
		if made.chart {
			lacking = s.chartLacks(made)
		} else {
			lacking = slices.ContainsFunc(made.taken, func(path string) bool {
				return s.fewer[path] || isKustomizationFile(path) && s.saysLess(m, path)
			})
		}
		s.lacking[made] = lacking
	}
	return lacking
}

// chartLacks reports whether files are gone from the folder of a chart, or from one beside it that it takes in.
func (s *scoping) chartLacks(made *rendering) bool {
	return slices.ContainsFunc(s.Changes.Lost(), func(lost string) bool {
		return filepath.Ext(lost) != ".md" && slices.ContainsFunc(made.taken, func(path string) bool {
			return filepath.Base(path) == "Chart.yaml" && within(filepath.Dir(path), lost)
		})
	})
}

// saysLess reports whether something was taken out of a kustomization.
func (s *scoping) saysLess(m *origin, path string) bool {
	text, known := s.Changes.Before(path)
	if !known {
		return false
	}
	before, now := asMap(text), map[string]any{}
	for _, d := range m.sources.text(m.sources.name(path, m.by.dir)) {
		now = asMap(d.Text())
	}
	for key, was := range before {
		is, left := now[key]
		if !left {
			return true
		}
		then, entries := listed(was), listed(is)
		switch key {
		case "resources", "bases", "components", "secretGenerator", "configMapGenerator", "generators":
			if slices.ContainsFunc(then, func(entry string) bool { return !slices.Contains(entries, entry) }) {
				return true
			}
		default:
			if len(entries) < len(then) {
				return true
			}
		}
	}
	return false
}

// listed are the entries of a list in a kustomization: files and folders, or generators by their names.
func listed(value any) (entries []string) {
	list, _ := value.([]any)
	for _, element := range list {
		name, isText := element.(string)
		if path, local := localPath("", name); local {
			name = path
		}
		if fields, ok := element.(map[string]any); ok && !isText {
			generated, _ := fields["name"].(string)
			namespace, _ := fields["namespace"].(string)
			name = namespace + "/" + generated
		}
		entries = append(entries, name)
	}
	return entries
}

// kustomizations are those of a rendering that changed, bases' included.
func (s *scoping) kustomizations(m *origin) []string {
	changed, known := s.rendered[m.by]
	if !known {
		for _, path := range m.by.taken {
			if isKustomizationFile(path) && s.Changes.Changed(path) {
				changed = append(changed, m.sources.name(path, m.by.dir))
			}
		}
		s.rendered[m.by] = changed
	}
	return changed
}

// kustomizes reports whether a kustomization that changed has to do with an object: what it does to objects is another thing than
// before, or the object was not in it before.
func (s *scoping) kustomizes(m *origin, file string) bool {
	text, known := s.Changes.Before(s.real(file))
	if !known {
		return true
	}
	before, now := asMap(text), map[string]any{}
	for _, d := range m.sources.text(file) {
		now = asMap(d.Text())
	}
	for _, key := range []string{"resources", "bases"} {
		for _, entry := range stringList(now[key]) {
			path, local := localPath(filepath.Dir(file), entry)
			if local && !slices.Contains(stringList(before[key]), entry) && within(path, m.stands) {
				return true
			}
		}
		delete(before, key)
		delete(now, key)
	}
	changes := slices.ContainsFunc(m.changes, func(c render.Change) bool { return c.File == file })
	return (changes || file == m.by.file) && !reflect.DeepEqual(before, now)
}

// patchChanged reports whether a file changed by which a kustomization patches an object.
func (s *scoping) patchChanged(m *origin, kustomization string) bool {
	for _, d := range m.sources.text(kustomization) {
		fields := asMap(d.Text())
		for _, list := range []string{"patches", "patchesJson6902", "patchesStrategicMerge"} {
			entries, _ := fields[list].([]any)
			for _, entry := range entries {
				name, _ := entry.(string)
				if patch, ok := entry.(map[string]any); ok {
					if !m.isTarget(patch["target"]) {
						continue
					}
					name, _ = patch["path"].(string)
				}
				if path, local := localPath(filepath.Dir(kustomization), name); local && s.changedFile(path) && s.patches(m, path) {
					return true
				}
			}
		}
	}
	return false
}

// patches reports whether a file of patches can be about an object: a JSON patch is about whatever its target is.
func (s *scoping) patches(m *origin, file string) bool {
	documents := m.sources.text(file)
	return !slices.ContainsFunc(documents, func(d manifest.Document) bool { return d.Status == manifest.Object }) ||
		slices.ContainsFunc(documents, func(d manifest.Document) bool {
			return d.Object.ID.Kind == m.object.ID.Kind && strings.Contains(m.object.ID.Name, d.Object.ID.Name)
		})
}

// sharedByTemplates reports whether something changed that any template of a chart may use: values, helpers, other files of it.
func (s *scoping) sharedByTemplates(m *origin) bool {
	changed, known := s.rendered[m.by]
	if !known {
		for _, name := range s.o.Values {
			if s.changedFile(name) {
				changed = append(changed, name)
			}
		}
		for _, path := range m.by.taken {
			template := strings.Contains(filepath.ToSlash(path), "/templates/") && filepath.Ext(path) != ".tpl"
			if !template && filepath.Ext(path) != ".md" && s.Changes.Changed(path) {
				changed = append(changed, path)
			}
		}
		s.rendered[m.by] = changed
	}
	return len(changed) > 0
}

// holds reports whether a finding is in scope; d is the document that it stands in.
func (s *scoping) holds(f rule.Finding, d *document, j job) bool {
	if s == nil {
		return true
	}
	if !s.in(f.Object) && !s.in(j.document.Object.ID) {
		return false
	}
	if s.Changes == nil || s.changed[d] || s.changed[j.document] || s.hasChanged(f.Object) || s.hasChanged(f.Subject) {
		return true
	}
	if slices.ContainsFunc(f.Related, func(r rule.Related) bool { return s.hasChanged(r.Object) }) {
		return true
	}
	return s.neighbours(j)
}

// in reports whether an object is in one of the namespaces.
func (s *scoping) in(id kube.ID) bool {
	return len(s.Namespaces) == 0 || slices.ContainsFunc(s.Namespaces, func(glob string) bool { return rule.Match(glob, id.Namespace) })
}

// neighbours reports whether an object refers to a changed one, shares something with one, or is judged by what one says.
func (s *scoping) neighbours(j job) bool {
	if known, ok := s.concerned[j.document]; ok || s.gather == nil {
		return known
	}
	document := s.gather(engine.Request{
		Object: j.document.stored, Inventory: j.view, Now: s.o.Now, Door: rule.DoorLint, Source: j.document.source, Self: j.self,
	})
	concerned := s.named(document["refs"], j) || s.named(document["peers"], j) || s.told(document["settings"]) || s.told(document["controllers"]) ||
		s.class(document["class"])
	s.concerned[j.document] = concerned
	return concerned
}

// named reports whether lists of objects hold a changed one, or one into whose namespace a changed grant permits references.
func (s *scoping) named(lists any, j job) bool {
	byName, _ := lists.(map[string]any)
	for _, list := range byName {
		entries, _ := list.([]any)
		for _, entry := range entries {
			fields, _ := entry.(map[string]any)
			text := func(name string) string { value, _ := fields[name].(string); return value }
			id := kube.ID{Group: text("group"), Kind: text("kind"), Namespace: text("namespace"), Name: text("name")}
			if s.hasChanged(id) || s.produced(fields["producer"]) || s.evident(fields, id, j) {
				return true
			}
			if grant := text("grant"); grant != "" && grant != "not-needed" && s.grantChanged(id.Namespace) {
				return true
			}
		}
	}
	return false
}

// produced reports whether what makes the target of a reference has changed.
func (s *scoping) produced(producer any) bool {
	fields, _ := producer.(map[string]any)
	label, _ := fields["label"].(string)
	return label != "" && slices.Contains(s.labels, label)
}

// evident reports whether a target is taken to be missing for what has changed: for something like it, or for objects of its kind in its
// namespace where there were none.
func (s *scoping) evident(fields map[string]any, id kube.ID, j job) bool {
	evidence, _ := fields["evidence"].(string)
	if evidence == string(inventory.EvidenceNear) {
		near, _ := fields["near"].([]any)
		return slices.ContainsFunc(near, s.told)
	}
	if evidence != string(inventory.EvidenceSiblings) {
		return false
	}
	kept, known := s.kept[j.root]
	if !known {
		kept = s.keeps(j.root)
		s.kept[j.root] = kept
	}
	return !kept[kube.ID{Group: id.Group, Kind: id.Kind, Namespace: id.Namespace}]
}

// keeps tells of which kinds, in which namespaces, what is not new in a root holds or promises objects.
func (s *scoping) keeps(r *root) map[kube.ID]bool {
	kept := map[kube.ID]bool{}
	add := func(id kube.ID) { kept[kube.ID{Group: id.Group, Kind: id.Kind, Namespace: id.Namespace}] = true }
	for _, d := range r.documents {
		if d.Status != manifest.Object || s.changed[d] && s.had[d.Object.ID] == 0 {
			continue
		}
		add(d.stored.ID)
		for _, promise := range inventory.Promises(s.o.Reviewer.Providers(), d.stored) {
			if !promise.Everywhere && !promise.ByProduct {
				add(promise.Made)
			}
		}
	}
	return kept
}

func (s *scoping) grantChanged(namespace string) bool {
	for id := range s.ids {
		if id.Kind == "ReferenceGrant" && (id.Namespace == namespace || id.Namespace == "" || namespace == "") {
			return true
		}
	}
	return false
}

// told reports whether a reason names a changed object: the ConfigMap of a controller, its workload, a class.
func (s *scoping) told(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			if s.told(inner) {
				return true
			}
		}
	case string:
		return slices.ContainsFunc(s.labels, func(label string) bool { return strings.Contains(value, label) })
	}
	return false
}

func (s *scoping) class(value any) bool {
	name, _ := value.(string)
	return name != "" && (s.ids[kube.ID{Group: "networking.k8s.io", Kind: "IngressClass", Name: name}] ||
		s.ids[kube.ID{Group: "gateway.networking.k8s.io", Kind: "GatewayClass", Name: name}])
}

// suppressed notes whether a suppressed finding is in scope, in the order of Result.Suppressed.
func (s *scoping) suppressed(f rule.Finding, d *document, j job) {
	if s != nil {
		s.keep = append(s.keep, s.holds(f, d, j))
	}
}

// remarks leaves out those about what has not changed, or is in another namespace.
func (s *scoping) remarks(r *Result, list []remark) []remark {
	if s == nil {
		return list
	}
	return slices.DeleteFunc(list, func(about remark) bool {
		// A config is in no namespace, not even in the unset one.
		outside := !s.in(about.about.ID) || len(s.Namespaces) > 0 && about.about.ID.Kind == "Config" || s.Changes != nil && !s.changedFile(about.at.File)
		if outside {
			r.Outside++
		}
		return outside
	})
}

// narrow leaves out what is suppressed outside of the scope, and what is no finding in an object: documents that cannot be read and
// those that are none, by their files. That something was not judged stays, wherever it stands: a change elsewhere may be the cause.
func (s *scoping) narrow(r *Result) {
	if s == nil {
		return
	}
	kept := r.Suppressed[:0]
	for i, suppressed := range r.Suppressed {
		if i >= len(s.keep) || s.keep[i] {
			kept = append(kept, suppressed)
		}
	}
	r.Suppressed = kept
	if s.Changes == nil {
		return
	}
	r.Problems = slices.DeleteFunc(r.Problems, func(p Problem) bool {
		outside := r.files[p.At.File].unreadable(p) && !s.changedFile(p.At.File)
		if outside {
			r.Outside++
		}
		return outside
	})
	r.Skipped = slices.DeleteFunc(r.Skipped, func(p Skipped) bool { return !s.changedFile(p.At.File) })
}

// unreadable reports whether a problem is that the file itself, or a document of it, cannot be read.
func (f *file) unreadable(p Problem) bool {
	if f == nil {
		return false
	}
	return f.err != nil && p.Message == reason(f.err) || slices.ContainsFunc(f.documents, func(d *document) bool {
		return d.Status == manifest.Broken && d.Err != nil && p.Message == d.Err.Message
	})
}
