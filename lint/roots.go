package lint

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// A tree may hold one object many times: a base and its overlays, staging and prod. Each root has an inventory of its
// own, so that copies are never taken for peers.

// root is a set of documents that are applied together.
type root struct {
	// name is the folder, or Rest; messages show it.
	name string
	// isolated roots were declared in the config: nothing outside counts for them.
	isolated bool
	// partial roots hold less than what is applied: something renders, fetches or renames more. What is not in them may
	// well exist.
	partial   bool
	documents []*document
}

// Rest is the root of what belongs to no root in particular.
const Rest = "the rest of the tree"

// kustomization is what a kustomization.yaml says of other files. Paths are cleaned and relative as the files' are.
type kustomization struct {
	dir       string
	resources []string
	patches   map[string]bool
	partial   bool
	// changes: what it lists is not applied as it stands. changedKinds are the kinds of objects that it patches itself;
	// changesAll is set if there may be others.
	changes      bool
	changedKinds []string
	changesAll   bool
}

const kustomizationGroup = "kustomize.config.k8s.io"

func isKustomizationFile(name string) bool {
	switch filepath.Base(name) {
	case "kustomization.yaml", "kustomization.yml", "Kustomization":
		return true
	}
	return false
}

// kustomizationHeader is what kustomize itself assumes where a kustomization.yaml does not say it.
const kustomizationHeader = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"

// readKustomization returns what a kustomization.yaml lists; ok is false if the documents hold none.
func readKustomization(file string, documents []*document) (k kustomization, ok bool) {
	dir := filepath.Dir(file)
	k = kustomization{dir: dir, patches: map[string]bool{}}
	for _, d := range documents {
		if d.Status != manifest.Object || d.Object.ID.Group != kustomizationGroup {
			continue
		}
		ok = true
		fields := d.Object.Fields
		for _, key := range []string{"resources", "bases", "components"} {
			for _, s := range stringList(fields[key]) {
				if path, local := localPath(dir, s); local {
					k.resources = append(k.resources, path)
				} else {
					k.partial = true
				}
			}
		}
		k.noteChanges(fields)
		for _, key := range []string{"patches", "patchesJson6902", "patchesStrategicMerge", "components", "replacements", "transformers", "vars"} {
			k.changes = k.changes || fields[key] != nil
		}
		for _, key := range []string{"helmCharts", "helmChartInflationGenerator", "generators", "namePrefix", "nameSuffix"} {
			k.partial = k.partial || fields[key] != nil
		}
		for _, s := range stringList(fields["patchesStrategicMerge"]) {
			if path, local := localPath(dir, s); local {
				k.patches[path] = true
			}
		}
		for _, key := range []string{"patches", "patchesJson6902"} {
			list, _ := fields[key].([]any)
			for _, element := range list {
				patch, _ := element.(map[string]any)
				if s, _ := patch["path"].(string); s != "" {
					if path, local := localPath(dir, s); local {
						k.patches[path] = true
					}
				}
			}
		}
	}
	return k, ok
}

// noteChanges notes what kinds of objects a kustomization changes in more than names and labels. Files of patches are looked at
// by whoever has read them.
func (k *kustomization) noteChanges(fields map[string]any) {
	for _, key := range []string{"components", "transformers", "replacements", "vars", "configurations"} {
		k.changesAll = k.changesAll || fields[key] != nil
	}
	note := func(text string) {
		for _, d := range manifest.Read("", []byte(text), manifest.Options{}) {
			if d.Status == manifest.Object {
				k.changedKinds = append(k.changedKinds, d.Object.ID.Kind)
			}
		}
	}
	for _, s := range stringList(fields["patchesStrategicMerge"]) {
		note(s)
	}
	for _, key := range []string{"patches", "patchesJson6902"} {
		list, _ := fields[key].([]any)
		for _, element := range list {
			patch, _ := element.(map[string]any)
			target, targeted := patch["target"].(map[string]any)
			kind, _ := target["kind"].(string)
			k.changesAll = k.changesAll || targeted && kind == ""
			k.changedKinds = append(k.changedKinds, kind)
			text, _ := patch["patch"].(string)
			note(text)
		}
	}
}

func stringList(value any) []string {
	list, _ := value.([]any)
	var out []string
	for _, element := range list {
		if s, ok := element.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// localPath resolves an entry of a kustomization; remote ones (URLs, git refs) and inline patches are not local.
func localPath(dir, s string) (string, bool) {
	if s == "" || strings.ContainsAny(s, "\n?") || strings.Contains(s, "://") || strings.HasPrefix(s, "git@") || filepath.IsAbs(s) {
		return "", false
	}
	return filepath.Join(dir, filepath.FromSlash(s)), true
}

// divide assigns documents to roots, in a stated order: declared roots and charts by folder, kustomizations by what they
// list, the rest to one root of its own. What was rendered stands in the place of what it was rendered from.
func divide(files []*file, declared []string, rendered []*rendering) []*root {
	byFile := map[string]*file{}
	for _, f := range files {
		byFile[f.name] = f
	}
	var roots []*root
	taken := map[*file]bool{}
	for _, f := range files {
		taken[f] = f.taken
	}
	place := func(r *root, f *file) {
		r.documents = append(r.documents, f.documents...)
		taken[f] = true
	}
	placed := map[*rendering]bool{}
	put := func(r *root, made *rendering) {
		r.documents = append(r.documents, made.documents...)
		placed[made] = true
	}
	// The deepest declared folder wins.
	dirs := slices.Clone(declared)
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	charts := chartDirs(files)
	for _, dir := range append(dirs, charts...) {
		r := &root{name: dir, isolated: slices.Contains(declared, dir), partial: slices.Contains(charts, dir)}
		for _, f := range files {
			if !taken[f] && within(dir, f.name) {
				place(r, f)
			}
		}
		for _, made := range rendered {
			if !placed[made] && (r.isolated && within(dir, made.dir) || made.chart && dir == made.dir) {
				put(r, made)
			}
		}
		if len(r.documents) > 0 {
			roots = append(roots, r)
		}
	}
	for _, made := range rendered {
		if placed[made] || len(made.documents) == 0 {
			continue
		}
		r := &root{name: made.dir}
		if slices.ContainsFunc(roots, func(other *root) bool { return other.name == r.name }) {
			r.name = made.file // a chart and a kustomization in one folder
		}
		put(r, made)
		roots = append(roots, r)
	}
	roots = append(roots, kustomizationRoots(files, byFile, taken)...)
	rest := &root{name: Rest}
	for _, f := range files {
		if !taken[f] {
			place(rest, f)
		}
	}
	if len(rest.documents) > 0 {
		roots = append(roots, rest)
	}
	slices.SortFunc(roots, func(a, b *root) int { return cmp.Compare(a.name, b.name) })
	return roots
}

func within(dir, name string) bool {
	return dir == "." && !filepath.IsAbs(name) && !strings.HasPrefix(name, "..") || name == dir || strings.HasPrefix(name, dir+string(filepath.Separator))
}

func chartDirs(files []*file) []string {
	var dirs []string
	for _, f := range files {
		if filepath.Base(f.name) == "Chart.yaml" {
			dirs = append(dirs, filepath.Dir(f.name))
		}
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return dirs
}

// kustomizationRoots makes a root of each kustomization that no other one lists. A base stands in the root of every
// overlay that uses it.
func kustomizationRoots(files []*file, byFile map[string]*file, taken map[*file]bool) []*root {
	byDir := map[string]*file{}
	listed := map[string]bool{}
	for _, f := range files {
		if f.kustomization != nil && !taken[f] {
			byDir[f.kustomization.dir] = f
			for _, resource := range f.kustomization.resources {
				listed[resource] = true
			}
		}
	}
	var roots []*root
	members := map[*file]bool{}
	for _, dir := range kube.SortedKeys(byDir) {
		if listed[dir] {
			continue
		}
		r := &root{name: dir}
		seen := map[*file]bool{}
		var visit func(f *file)
		visit = func(f *file) {
			if f == nil || seen[f] || taken[f] {
				return
			}
			seen[f] = true
			members[f] = true
			r.documents = append(r.documents, f.documents...)
			if f.kustomization == nil {
				return
			}
			r.partial = r.partial || f.kustomization.partial
			for _, resource := range f.kustomization.resources {
				r.partial = r.partial || (byFile[resource] == nil && byDir[resource] == nil)
				visit(byFile[resource])
				visit(byDir[resource])
			}
		}
		visit(byDir[dir])
		roots = append(roots, r)
	}
	for f := range members {
		taken[f] = true
	}
	return roots
}

// changedByKustomize reports the files whose objects some kustomization patches or replaces parts of, as far as can be told
// without rendering it: those that it lists, and those that these list.
func changedByKustomize(files []*file) map[*file]bool {
	byPath := map[string]*file{}
	for _, f := range files {
		byPath[f.name] = f
		if f.kustomization != nil {
			byPath[f.kustomization.dir] = f
		}
	}
	changed := map[*file]bool{}
	var visit func(f *file)
	visit = func(f *file) {
		if f == nil || changed[f] {
			return
		}
		changed[f] = true
		if f.kustomization != nil {
			for _, resource := range f.kustomization.resources {
				visit(byPath[resource])
			}
		}
	}
	for _, f := range files {
		if f.kustomization != nil && f.kustomization.changes {
			visit(f)
		}
	}
	return changed
}

// patched reports the files that some kustomization uses as a patch: parts of objects, not objects.
func patched(files []*file) map[string]bool {
	patches := map[string]bool{}
	for _, f := range files {
		if f.kustomization != nil {
			for name := range f.kustomization.patches {
				patches[name] = true
			}
		}
	}
	return patches
}

// missing lists what kustomizations use and nobody has read yet.
func missing(files []*file) []string {
	have := map[string]bool{}
	for _, f := range files {
		have[f.name] = true
		if f.kustomization != nil {
			have[f.kustomization.dir] = true
		}
	}
	var out []string
	for _, f := range files {
		if f.kustomization == nil {
			continue
		}
		for _, resource := range f.kustomization.resources {
			if !have[resource] {
				have[resource] = true
				out = append(out, resource)
			}
		}
	}
	return out
}

// sortFindings puts findings into the order of reports: file, line, column, rule, then what tells two of one rule apart.
func sortFindings(findings []rule.Finding) {
	slices.SortStableFunc(findings, func(a, b rule.Finding) int {
		if c := cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Rule, b.Rule)); c != 0 {
			return c // nearly always: what follows is dearer to tell
		}
		return cmp.Or(a.Object.Compare(b.Object), cmp.Compare(a.Path.String(), b.Path.String()), cmp.Compare(a.Message, b.Message))
	})
}
