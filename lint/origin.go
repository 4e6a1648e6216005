package lint

import (
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/render"
)

// origin is what is known of where a rendered object comes from.
type origin struct {
	by      *rendering
	sources *sources
	object  kube.Object
	// template is the file of a chart's template. All else is a kustomization's.
	template string
	// stands is the file in which the object stands, source the document there; changes are made to it in order.
	stands  string
	source  *document
	changes []render.Change
	// configured is the kustomization that generates the object.
	configured string
}

// anotherCopy reports whether two documents come of different overlays, which a declared root may hold side by side.
func (d *document) anotherCopy(other *document) bool {
	return d.made != nil && other.made != nil && d.made.by != other.made.by
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// Locate says where a field stands in the text: of a rendered object, in the file that it comes from.
func (d *document) Locate(p kube.Path) kube.Position {
	switch {
	case d.made == nil:
		return d.Document.Locate(p)
	case d.made.template != "":
		return d.made.inTemplate(d.Document.Locate(p), d.SourceLine)
	default:
		return d.made.locate(p)
	}
}

// span is Locate, with the column after the last character of the field; 0 for what is rendered, which few findings ask for.
func (d *document) span(p kube.Path) (at kube.Position, end int) {
	if d.made != nil {
		return d.Locate(p), 0
	}
	at, after := d.Span(p)
	return at, after.Column
}

// locate follows a field to the text that gave it its value: the file of the object, else the patch, else the field of the
// kustomization that had it changed. What is not there at all is missed where the object stands.
func (m *origin) locate(p kube.Path) kube.Position {
	present, value := m.deepest(p)
	absent := len(present) < len(p)
	if m.source != nil {
		before, ok := m.before(present, value)
		if ok && (absent || same(before.value, value)) {
			return m.source.Document.Locate(before.path)
		}
	}
	if at, ok := m.inPatches(present, value); ok {
		return at
	}
	if m.source != nil {
		if before, ok := m.before(present, value); ok && !m.replaced(before.value, value) {
			return m.source.Document.Locate(before.path)
		}
	}
	if at, ok := m.inKustomization(present); ok {
		return at
	}
	switch {
	case m.source != nil:
		return m.source.Document.Locate(present)
	case m.stands != "":
		return kube.Position{File: m.stands, Line: 1, Column: 1}
	default:
		return kube.Position{File: m.by.file, Line: 1, Column: 1}
	}
}

// deepest is the longest part of a path that the object has, and the value there.
func (m *origin) deepest(p kube.Path) (kube.Path, any) {
	for n := len(p); n > 0; n-- {
		if value, ok := kube.Lookup(m.object.Fields, p[:n]); ok {
			return p[:n], value
		}
	}
	return nil, m.object.Fields
}

// place is a field of the object before it was changed.
type place struct {
	path  kube.Path
	value any
}

// before finds a field in the object as it stands in its file. Items of lists may have moved.
func (m *origin) before(p kube.Path, _ any) (place, bool) {
	var then, now any = m.source.Object.Fields, m.object.Fields
	var path kube.Path
	for _, step := range p {
		next, _ := kube.Lookup(asFields(now), kube.Path{"x", step})
		if index, ok := step.(int); ok {
			list, _ := then.([]any)
			if index >= len(list) || !same(list[index], next) {
				if moved := slices.IndexFunc(list, func(item any) bool { return same(item, next) }); moved >= 0 {
					step = moved
				}
			}
		}
		value, ok := kube.Lookup(asFields(then), kube.Path{"x", step})
		if !ok {
			return place{}, false
		}
		path = path.Append(step)
		then, now = value, next
	}
	return place{path, then}, true
}

// asFields lets kube.Lookup begin at any value.
func asFields(value any) map[string]any { return map[string]any{"x": value} }

// replaced reports whether a value is another one, rather than the old one under a prefix, in a namespace or with more in it.
func (m *origin) replaced(before, now any) bool {
	switch now := now.(type) {
	case string:
		then, ok := before.(string)
		return !ok || then == "" || !strings.Contains(now, then)
	case map[string]any, []any:
		return false
	}
	return true
}

// inPatches finds the patch that sets a field, in the kustomizations that changed the object; the last one wins.
func (m *origin) inPatches(p kube.Path, value any) (kube.Position, bool) {
	if len(p) == 0 {
		return kube.Position{}, false
	}
	for _, file := range m.kustomizations() {
		for _, d := range m.sources.text(file) {
			fields := asMap(d.Text())
			for _, list := range []string{"patchesJson6902", "patches", "patchesStrategicMerge"} {
				entries, _ := fields[list].([]any)
				for i, entry := range slices.Backward(entries) {
					if at, ok := m.inEntry(&d, kube.Path{list, i}, entry, p, value); ok {
						return at, true
					}
				}
			}
		}
	}
	return kube.Position{}, false
}

// inEntry finds a field in one entry of a kustomization's patches: in a file, or in the kustomization itself.
func (m *origin) inEntry(d *manifest.Document, at kube.Path, entry any, p kube.Path, value any) (kube.Position, bool) {
	name, _ := entry.(string)
	text := name
	if patch, ok := entry.(map[string]any); ok {
		if !m.isTarget(patch["target"]) {
			return kube.Position{}, false
		}
		name, _ = patch["path"].(string)
		text, _ = patch["patch"].(string)
		at = at.Append("patch")
	}
	if path, local := localPath(filepath.Dir(d.File), name); local {
		for _, patch := range m.sources.text(path) {
			if path, ok := m.inPatch(&patch, p, value); ok {
				return patch.Locate(path), true
			}
		}
	}
	for _, inline := range manifest.Read(d.File, []byte(text), manifest.Options{}) {
		if path, ok := m.inPatch(&inline, p, value); ok {
			return d.LocateIn(at, inline.Locate(path).Line), true
		}
	}
	return kube.Position{}, false
}

// isTarget reports whether a patch is meant for the object, as far as kinds and names tell.
func (m *origin) isTarget(target any) bool {
	fields, ok := target.(map[string]any)
	if !ok {
		return true
	}
	names := []string{m.object.ID.Name}
	if m.source != nil {
		names = append(names, m.source.Object.ID.Name)
	}
	matches := func(key string, values ...string) bool {
		pattern, _ := fields[key].(string)
		expression, err := regexp.Compile("^(?:" + pattern + ")$")
		return pattern == "" || err == nil && slices.ContainsFunc(values, expression.MatchString)
	}
	return matches("kind", m.object.ID.Kind) && matches("name", names...)
}

func asMap(text string) (fields map[string]any) {
	_ = yaml.Unmarshal([]byte(text), &fields) // whoever reads it has said what is wrong
	return fields
}

// kustomizations are those that changed the object, the last one first, and the one that was rendered.
func (m *origin) kustomizations() []string {
	var files []string
	for _, change := range slices.Backward(m.changes) {
		if !slices.Contains(files, change.File) {
			files = append(files, change.File)
		}
	}
	if !slices.Contains(files, m.by.file) {
		files = append(files, m.by.file)
	}
	return files
}

// inPatch finds a field in a patch: a strategic merge patch is a part of the object, a JSON patch a list of operations.
func (m *origin) inPatch(d *manifest.Document, p kube.Path, value any) (kube.Path, bool) {
	if d.Status == manifest.Object {
		id := d.Object.ID
		if id.Kind != m.object.ID.Kind || !strings.Contains(m.object.ID.Name, id.Name) {
			return nil, false
		}
		found, ok := kube.Lookup(d.Object.Fields, p)
		return p, ok && same(found, value)
	}
	var operations []struct {
		Path  string
		Value any
	}
	if d.Status != manifest.Foreign || yaml.Unmarshal([]byte(d.Text()), &operations) != nil {
		return nil, false
	}
	for i, operation := range slices.Backward(operations) {
		for n := len(p); n > 0; n-- {
			if operation.Path != p[:n].Pointer() && !appends(operation.Path, p[:n]) {
				continue
			}
			found, ok := kube.Lookup(asFields(numbers(operation.Value)), append(kube.Path{"x"}, p[n:]...))
			if ok && same(found, value) {
				return append(kube.Path{i, "value"}, p[n:]...), true
			}
		}
	}
	return nil, false
}

// appends reports whether an operation puts an item at the end of the list that a path leads into.
func appends(pointer string, p kube.Path) bool {
	list, ok := strings.CutSuffix(pointer, "/-")
	_, isItem := p[len(p)-1].(int)
	return ok && isItem && list == p[:len(p)-1].Pointer()
}

// numbers makes whole numbers of those that YAML read as others, as objects have them.
func numbers(value any) any {
	switch v := value.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = numbers(v[key])
		}
	}
	return value
}

// fieldsOf are the fields of a kustomization that configure a transformer.
var fieldsOf = map[string][]string{
	"NamespaceTransformer": {"namespace"}, "PrefixTransformer": {"namePrefix"}, "SuffixTransformer": {"nameSuffix"},
	"AnnotationsTransformer": {"commonAnnotations"}, "LabelTransformer": {"labels", "commonLabels"},
	"PatchTransformer": {"patches"}, "PatchStrategicMergeTransformer": {"patchesStrategicMerge"},
	"PatchJson6902Transformer": {"patchesJson6902"}, "ReplacementTransformer": {"replacements"},
	"ReplicaCountTransformer": {"replicas"}, "ImageTagTransformer": {"images"},
}

// inKustomization finds the field of a kustomization that had a field changed, or that generates the object.
func (m *origin) inKustomization(p kube.Path) (kube.Position, bool) {
	if m.configured != "" {
		return m.generator(), true
	}
	if len(p) == 0 {
		return kube.Position{}, false
	}
	for _, change := range slices.Backward(m.changes) {
		if !mayChange(change.By, p) {
			continue
		}
		for _, d := range m.sources.text(change.File) {
			fields := asMap(d.Text())
			for _, name := range fieldsOf[change.By] {
				if _, ok := fields[name]; ok {
					return d.Locate(kube.Path{name}), true
				}
			}
		}
		return kube.Position{File: change.File, Line: 1, Column: 1}, true
	}
	return kube.Position{}, false
}

// mayChange reports whether a transformer changes such fields.
func mayChange(by string, p kube.Path) bool {
	metadata := p[0] == "metadata" && len(p) > 1
	switch by {
	case "NamespaceTransformer":
		return p[len(p)-1] == "namespace"
	case "PrefixTransformer", "SuffixTransformer":
		return metadata && p[1] == "name"
	case "AnnotationsTransformer":
		return metadata && p[1] == "annotations"
	case "LabelTransformer":
		return slices.Contains(p, any("labels")) || slices.Contains(p, any("selector")) || slices.Contains(p, any("matchLabels"))
	case "ReplicaCountTransformer":
		return p[len(p)-1] == "replicas"
	case "ImageTagTransformer":
		return p[len(p)-1] == "image"
	}
	return true
}

// generator is the entry of a kustomization that generates the object.
func (m *origin) generator() kube.Position {
	at := kube.Position{File: m.configured, Line: 1, Column: 1}
	for _, d := range m.sources.text(m.configured) {
		fields := asMap(d.Text())
		best := 0
		for _, list := range []string{"secretGenerator", "configMapGenerator"} {
			entries, _ := fields[list].([]any)
			for i, entry := range entries {
				args, _ := entry.(map[string]any)
				name, _ := args["name"].(string)
				isSecret := list == "secretGenerator"
				if isSecret == (m.object.ID.Kind == "Secret") && len(name) > best && strings.Contains(m.object.ID.Name, name) {
					best, at = len(name), d.Locate(kube.Path{list, i, "name"})
				}
			}
		}
	}
	return at
}

// inTemplate finds the line of a template that became a line of its output: the same line, or the only one with the same key;
// else it is the template as a whole.
func (m *origin) inTemplate(rendered kube.Position, lineOf func(int) string) kube.Position {
	line := lineOf(rendered.Line)
	text := strings.TrimSpace(line)
	whole := kube.Position{File: rendered.File, Line: 1, Column: 1}
	f := m.sources.file(m.template)
	if text == "" || f == nil || len(f.documents) == 0 || filepath.Ext(m.template) == ".tgz" {
		return whole
	}
	lines := strings.Split(f.documents[0].Text(), "\n")
	key, _, isKey := strings.Cut(text, ": ")
	for _, match := range []func(string) bool{
		func(candidate string) bool { return candidate == text },
		func(candidate string) bool { return isKey && strings.HasPrefix(candidate, key+": ") },
	} {
		found := -1
		count := 0
		for i := range lines {
			if match(strings.TrimSpace(lines[i])) {
				found, count = i, count+1
			}
		}
		if count == 1 {
			indent := len(lines[found]) - len(strings.TrimLeft(lines[found], " \t"))
			shift := rendered.Column - 1 - (len(line) - len(strings.TrimLeft(line, " \t")))
			return kube.Position{File: rendered.File, Line: found + 1, Column: indent + max(shift, 0) + 1}
		}
	}
	return whole
}

// unfixable says why edits of a rendered object are none of its source; "" if they are.
func (m *origin) unfixable(edits []kube.Edit) string {
	if m.template != "" {
		return "a chart's template makes it"
	}
	if m.source == nil {
		return "a kustomization makes it"
	}
	if same(m.source.Object.Fields, m.object.Fields) {
		return ""
	}
	for _, edit := range edits {
		now, is := kube.Lookup(m.object.Fields, edit.Path)
		before, was := kube.Lookup(m.source.Object.Fields, edit.Path)
		if !is || !was || !same(now, before) {
			return "a kustomization changes the object that stands in " + m.source.File
		}
	}
	return ""
}
