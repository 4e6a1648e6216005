package manifest

import (
	"errors"
	"slices"

	"github.com/tlsward/tlsward/kube"
)

// DocumentEdits are the edits of one document of a file, named as Read names it: by its index and, in a list, its item.
type DocumentEdits struct {
	Index int
	Item  kube.Path
	Edits []kube.Edit
}

// Apply returns the text of a file with edits made to any of its documents, in the order given. Only the bytes that an edit
// is about change: comments, indentation, quotes, line endings and the end of the file stay. What was changed is then read
// again, and every document must mean exactly what the edits say. Where that is not so, or an edit cannot be made cleanly
// (in what aliases share or a merge key brings in, say), there is an *Error and nothing is changed.
//
// Set writes an equal value over nothing, and Remove of what is absent changes nothing, so that two rules may want the same.
func Apply(name string, data []byte, edits []DocumentEdits) ([]byte, error) {
	src, problem := newSource(name, string(data))
	if problem != "" {
		return nil, fileError(name, "%s", problem)
	}
	return apply(src, edits)
}

func apply(src *source, edits []DocumentEdits) ([]byte, error) {
	if src.recoded {
		return nil, fileError(src.name, "UTF-16 text is not edited; save the file as UTF-8")
	}
	spans := splitJSON(src.text, split(src.text))
	chunks := make([]string, len(spans))
	for i, sp := range spans {
		chunks[i] = src.text[sp.start:sp.tail]
	}
	for _, edit := range edits {
		if edit.Index < 0 || edit.Index >= len(spans) {
			return nil, fileError(src.name, "no document %d to edit", edit.Index)
		}
		e := editor{src: src, at: spans[edit.Index]}
		edited, err := e.document(chunks[edit.Index], edit)
		if err != nil {
			return nil, err
		}
		chunks[edit.Index] = edited
	}
	text := join(src.text, spans, chunks)
	if err := sameDocuments(src.name, text, chunks); err != nil {
		return nil, err
	}
	return []byte(text), nil
}

// join puts the documents back between what stands between them.
func join(text string, spans []span, chunks []string) string {
	out := make([]byte, 0, len(text)+256)
	at := 0
	for i, sp := range spans {
		out = append(out, text[at:sp.start]...)
		out = append(out, chunks[i]...)
		at = int(sp.tail)
	}
	return string(append(out, text[at:]...))
}

// sameDocuments holds that a file's documents are exactly the given ones: no edit has made two documents of one.
func sameDocuments(name, text string, chunks []string) error {
	spans := splitJSON(text, split(text))
	if len(spans) != len(chunks) {
		return fileError(name, "the edits would make %d documents of %d", len(spans), len(chunks))
	}
	for i, sp := range spans {
		if text[sp.start:sp.tail] != chunks[i] {
			return fileError(name, "the edits would move the border of document %d", i)
		}
	}
	return nil
}

// editor changes one document.
type editor struct {
	src *source
	at  span
	// text is the document's own text, p its parser and t its tree: new after every edit.
	text string
	p    *parser
	t    *tree
}

// document makes the edits of one document in its text.
func (e *editor) document(text string, edits DocumentEdits) (string, error) {
	e.p = parsers.Get().(*parser)
	defer parsers.Put(e.p)
	e.text = text
	value, err := e.parse()
	if err != nil {
		return "", e.refuse(edits.Item, err)
	}
	for _, edit := range edits.Edits {
		path := append(slices.Clone(edits.Item), edit.Path...)
		full := kube.Edit{Op: edit.Op, Path: path, Value: normal(edit.Value)}
		want, err := kube.ApplyTo(value, full)
		if err != nil {
			return "", e.refuse(path, err)
		}
		if equal(want, value) {
			continue
		}
		changes, err := e.changes(full)
		if err != nil {
			return "", e.refuse(path, err)
		}
		e.text = splice(e.text, changes)
		if value, err = e.parse(); err != nil || !equal(want, value) {
			return "", e.refuse(path, errors.New("cannot be changed without changing something else; edit it by hand"))
		}
	}
	return e.text, nil
}

// parse reads the document's text, which only our own parser can do: edits need to know where things end.
func (e *editor) parse() (any, error) {
	spans := split(e.text)
	if len(spans) != 1 {
		return nil, errors.New("no longer one document")
	}
	if !e.p.parse(e.text, spans[0]) || len(e.p.nodes) == 0 {
		return nil, errors.New("written in a way that is not edited; edit it by hand")
	}
	e.t = &e.p.tree
	c := converter{t: e.t}
	return c.value(0)
}

func (e *editor) refuse(path kube.Path, err error) error {
	at := firstContent(e.src.text, e.at)
	_ = withTree(e.src, e.at, func(t *tree) {
		if key, value, _ := walk(t, 0, path); value >= 0 {
			at, _ = pointed(t, key, value)
		}
	})
	message := err.Error()
	if len(path) > 0 {
		message = path.String() + ": " + message
	}
	return &Error{At: e.src.position(at), Message: message, cause: err}
}

// normal brings a value into the shape that Read gives: whole numbers are int64.
func normal(value any) any {
	switch v := value.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case float64:
		if f, err := jsonFloat(v); err == nil {
			return f
		}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = normal(v[i])
		}
		return list
	case map[string]any:
		fields := make(map[string]any, len(v))
		for key := range v {
			fields[key] = normal(v[key])
		}
		return fields
	}
	return value
}

// change replaces the bytes from one offset to another.
type change struct {
	from, to int
	text     string
}

// splice makes changes that do not overlap; of two at one offset the first comes first.
func splice(text string, changes []change) string {
	slices.Reverse(changes)
	slices.SortStableFunc(changes, func(a, b change) int { return b.from - a.from })
	for _, c := range changes {
		text = text[:c.from] + c.text + text[c.to:]
	}
	return text
}
