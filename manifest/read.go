package manifest

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// Read returns the documents of a file in the order of the text, with lists unrolled: at least one, whatever the file
// holds. The name is how positions name the file; data is not kept.
func Read(name string, data []byte, o Options) []Document { return ReadText(name, string(data), o) }

// ReadText is Read of what is kept, since values of the documents are parts of it.
func ReadText(name, data string, o Options) []Document {
	if len(data) > MaxFileSize {
		return []Document{broken(name, "larger than 64 MiB: no manifest, or many that belong in files of their own")}
	}
	src, problem := newSource(name, data)
	if problem != "" {
		return []Document{broken(name, problem)}
	}
	r := reader{src: src, o: o, line: 1}
	r.unusualBreaks = hasLoneCR(src.text) || strings.Contains(src.text, "\u0085") ||
		strings.Contains(src.text, "\u2028") || strings.Contains(src.text, "\u2029")
	spans := splitJSON(src.text, split(src.text))
	r.docs = make([]Document, 0, len(spans))
	for i, sp := range spans {
		if r.document(i, sp); len(r.docs) > maxDocuments {
			// Listing what was read and calling the rest broken would be as good, but nobody means such a file to be read.
			return []Document{broken(name, fmt.Sprintf("more than %d documents", maxDocuments))}
		}
	}
	return r.docs
}

func broken(name, message string) Document {
	return Document{
		File: name, Line: 1, src: &source{name: name},
		Err: &Error{At: kube.Position{File: name}, Message: message},
	}
}

type reader struct {
	src *source
	// bare stands for src in documents that are not decoded, which then do not keep the text.
	bare *source
	o    Options
	docs []Document
	// line is the line of counted, an offset: lines are counted once, from document to document.
	line, counted int
	// unusualBreaks are line breaks that a scan for line feeds does not see.
	unusualBreaks bool
}

// document reads what is at sp and appends it.
func (r *reader) document(index int, sp span) {
	text := r.src.text
	d := Document{File: r.src.name, Index: index, src: r.src, at: sp}
	d.Line = r.lineAt(firstContent(text, sp))
	body := text[sp.body:sp.end]
	if apiVersion, kind, ok := r.outline(sp); ok && !r.wants(apiVersion, kind) && !strings.HasSuffix(kind, "List") {
		if r.bare == nil {
			r.bare = &source{name: r.src.name}
		}
		d.Status, d.Object, d.src = Irrelevant, bareObject(apiVersion, kind), r.bare
		r.docs = append(r.docs, d)
		return
	}
	problem := withTree(r.src, sp, func(t *tree) { r.decode(d, t) })
	if problem == nil {
		return
	}
	d.Err = r.src.fail(problem)
	if isTemplate(body) {
		d.Status = Template
	}
	r.docs = append(r.docs, d)
}

func (r *reader) outline(sp span) (apiVersion, kind string, ok bool) {
	if r.o.Relevant == nil || r.unusualBreaks || strings.IndexByte(r.src.text[sp.start:sp.body], '%') >= 0 {
		return "", "", false
	}
	return outline(r.src.text[sp.body:sp.end])
}

func (r *reader) wants(apiVersion, kind string) bool {
	if r.o.Relevant == nil {
		return true
	}
	return r.o.Relevant(bareObject(apiVersion, kind).ID.Group, kind)
}

// bareObject is what is known of an object that is not decoded.
func bareObject(apiVersion, kind string) kube.Object {
	group, version, grouped := strings.Cut(apiVersion, "/")
	if !grouped {
		group, version = "", apiVersion
	}
	return kube.Object{ID: kube.ID{Group: strings.Clone(group), Kind: strings.Clone(kind)}, Version: strings.Clone(version)}
}

// lineAt is the line of an offset that is not before the last one asked for.
func (r *reader) lineAt(offset int) int {
	if r.unusualBreaks {
		return r.src.lineOf(offset)
	}
	r.line += strings.Count(r.src.text[r.counted:offset], "\n")
	r.counted = offset
	return r.line
}

// firstContent is where the first line that is neither blank nor a comment has its first character; a document without
// one begins at its mark.
func firstContent(text string, sp span) int {
	for at := int(sp.body); at < int(sp.end); {
		line := text[at:sp.end]
		if i := strings.IndexAny(line, "\r\n"); i >= 0 {
			line = line[:i+1]
		}
		if !isComment(line) {
			return at + len(line) - len(strings.TrimLeft(line, " \t"))
		}
		at += len(line)
	}
	return max(int(sp.start), int(sp.body)-len("---"))
}

// isTemplate reports whether text that is no YAML looks like a Helm template.
func isTemplate(text string) bool {
	_, after, open := strings.Cut(text, "{{")
	return open && strings.Contains(after, "}}")
}

// decode turns the tree of one document into documents and appends them to r.
func (r *reader) decode(d Document, t *tree) {
	if len(t.nodes) == 0 {
		d.Status = Empty
		r.docs = append(r.docs, d)
		return
	}
	apiVersion, kind := rootString(t, "apiVersion"), rootString(t, "kind")
	if apiVersion != "" && kind != "" && !r.wants(apiVersion, kind) && !strings.HasSuffix(kind, "List") {
		d.Status, d.Object = Irrelevant, bareObject(apiVersion, kind)
		r.docs = append(r.docs, d)
		return
	}
	c := converter{t: t}
	value, err := c.value(0)
	if err != nil {
		var at *convertError
		d.Err = &Error{At: r.src.position(int(t.nodes[0].start)), Message: err.Error()}
		if errors.As(err, &at) {
			d.Err.At = r.src.position(int(t.nodes[at.node].start))
		}
		if isTemplate(r.src.text[d.at.body:d.at.end]) {
			d.Status = Template
		}
		r.docs = append(r.docs, d)
		return
	}
	first := len(r.docs)
	r.object(d, t, value)
	r.duplicates(t, first, c.dups)
}

// rootString is a top-level field's string, or empty: enough to know whether the document is wanted.
func rootString(t *tree, name string) string {
	if t.nodes[0].shape != mapping {
		return ""
	}
	_, v := t.field(0, name)
	if v < 0 {
		return ""
	}
	n := &t.nodes[t.deref(v)]
	if n.shape != scalar {
		return ""
	}
	value, _ := jsonScalar(n)
	text, _ := value.(string)
	return text
}

// object judges a decoded document, or an item of a list, and appends what it finds.
func (r *reader) object(d Document, t *tree, value any) {
	fields, isMapping := value.(map[string]any)
	if value == nil {
		d.Status = Empty
		r.docs = append(r.docs, d)
		return
	}
	object, ok := kube.FromFields(fields)
	if !ok {
		r.docs = append(r.docs, r.foreign(d, fields, isMapping))
		return
	}
	if items, isList := fields["items"].([]any); isList && strings.HasSuffix(object.ID.Kind, "List") && len(d.Item) < 2*maxListDepth {
		r.items(d, t, object, items)
		return
	}
	if !r.wants(object.APIVersion(), object.ID.Kind) {
		d.Status, d.Object = Irrelevant, bareObject(object.APIVersion(), object.ID.Kind)
		r.docs = append(r.docs, d)
		return
	}
	d.Status, d.Object = Object, object
	for _, s := range [...]string{object.Version, object.ID.Group, object.ID.Kind, object.ID.Namespace, object.ID.Name} {
		if strings.Contains(s, "{{") {
			// Valid YAML by luck: the braces stand within quotes. Its other fields may well be literal braces, as in alert
			// rules, but nothing is really called so.
			d.Status, d.Object = Template, kube.Object{}
			d.Err = &Error{At: r.src.position(firstContent(r.src.text, d.at)), Message: "unrendered template: " + s}
		}
	}
	if _, encrypted := fields["sops"].(map[string]any); encrypted {
		d.Encrypted = true
	}
	r.docs = append(r.docs, d)
}

// foreign names a document that is no object after what it lacks.
func (r *reader) foreign(d Document, fields map[string]any, isMapping bool) Document {
	d.Status = Foreign
	message := "a list or a single value, want an object"
	if isMapping {
		message = "no kind"
		if kind, _ := fields["kind"].(string); kind != "" {
			message = "no apiVersion"
		} else if apiVersion, _ := fields["apiVersion"].(string); apiVersion == "" {
			message = "neither apiVersion nor kind"
			if isValuesName(d.File) {
				d.Status = Values
			}
		}
	}
	d.Err = &Error{At: kube.Position{File: d.File, Line: d.Line, Column: 1}, Message: message}
	return d
}

// isValuesName reports whether a file is named as Helm values are: values.yaml, values-prod.yaml, prod.values.yaml.
func isValuesName(file string) bool {
	base := strings.ToLower(filepath.Base(file))
	base = strings.TrimSuffix(base, filepath.Ext(base))
	return strings.HasPrefix(base, "values") || strings.HasSuffix(base, "values")
}

// items appends the items of a list as documents of their own. A typed list's items may leave out what the list's kind
// says, and get it here as from k8s.io/apimachinery.
func (r *reader) items(d Document, t *tree, list kube.Object, items []any) {
	if len(items) == 0 {
		d.Status = Empty
		r.docs = append(r.docs, d)
		return
	}
	itemKind := strings.TrimSuffix(list.ID.Kind, "List")
	node := -1
	if parent := locate(t, d.Item); parent >= 0 {
		if _, v := t.field(parent, "items"); v >= 0 {
			node = t.deref(v) + 1
		}
	}
	path := d.Item
	for i, item := range items {
		if len(r.docs) > maxDocuments {
			return
		}
		if fields, ok := item.(map[string]any); ok && itemKind != "" && fields["kind"] == nil && fields["apiVersion"] == nil {
			fields["kind"], fields["apiVersion"] = itemKind, list.APIVersion()
		}
		d.Item = path.Append("items", i)
		if node >= 0 {
			d.Line = r.src.lineOf(int(t.nodes[node].start))
			node = int(t.nodes[node].next)
		}
		r.object(d, t, item)
	}
}

// duplicates hands each duplicate key to the item it is in; one outside of all items goes to the first.
func (r *reader) duplicates(t *tree, first int, dups []duplicateAt) {
	if len(dups) == 0 {
		return
	}
	items := map[string]int{}
	for i := first; i < len(r.docs); i++ {
		items[r.docs[i].Item.String()] = i
	}
	for _, dup := range dups {
		owner, path := first, dup.path
		for n := 2; n < len(dup.path) && n <= 2*maxListDepth; n += 2 {
			if i, ok := items[dup.path[:n].String()]; ok {
				owner, path = i, dup.path[n:]
				break
			}
		}
		r.docs[owner].Duplicates = append(r.docs[owner].Duplicates, Duplicate{
			Path: path,
			At:   r.src.position(int(t.nodes[dup.at].start)), First: r.src.position(int(t.nodes[dup.first].start)),
		})
	}
}
