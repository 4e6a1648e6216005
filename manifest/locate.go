package manifest

import (
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// locate returns the node at a path from the root, or -1.
func locate(t *tree, p kube.Path) int {
	_, v, rest := walk(t, 0, p)
	if len(rest) > 0 {
		return -1
	}
	return v
}

// walk follows a path from node i as far as it leads: the last node it reaches, its key (-1 for the root and for items of
// sequences), and what is left of the path.
func walk(t *tree, i int, p kube.Path) (key, value int, rest kube.Path) {
	key, value = -1, i
	if len(t.nodes) == 0 {
		return -1, -1, p
	}
	for n, s := range p {
		at := t.deref(value)
		k, v := -1, -1
		switch s := s.(type) {
		case string:
			if t.nodes[at].shape == mapping {
				k, v = t.field(at, s)
			}
		case int:
			if t.nodes[at].shape == sequence && s >= 0 {
				v = t.child(at, s)
			}
		}
		if v < 0 {
			return key, value, p[n:]
		}
		key, value = k, v
	}
	return key, value, nil
}

// Locate is where a field stands in the file: at its value if that is a plain or quoted scalar, at its key if the value is
// a mapping, a sequence, a block scalar or nothing, and at the item for an element of a list. What an alias or a merge key
// brings in stands where it is anchored. For a field that is absent it is the nearest ancestor that exists, at worst the
// beginning of the document or of the list item.
func (d *Document) Locate(p kube.Path) kube.Position {
	start, _ := d.Span(p)
	return start
}

// Span is what Locate points at, from its first character to just after its last on the same line.
func (d *Document) Span(p kube.Path) (start, end kube.Position) {
	t := d.tree()
	if len(t.nodes) == 0 {
		return d.begin()
	}
	key, value, _ := walk(t, 0, append(d.Item[:len(d.Item):len(d.Item)], p...))
	from, to := pointed(t, key, value)
	return d.src.position(from), d.src.position(d.spanEnd(t, from, to))
}

// LocateIn is the place of one line, counted from 1, of the scalar at a path: of the third line of a PEM bundle, say.
// Where lines of the value are not told apart in the text it is Locate.
func (d *Document) LocateIn(p kube.Path, line int) kube.Position {
	t := d.tree()
	if len(t.nodes) == 0 {
		return d.Locate(p)
	}
	_, value, rest := walk(t, 0, append(d.Item[:len(d.Item):len(d.Item)], p...))
	if value < 0 || len(rest) > 0 {
		return d.Locate(p)
	}
	n, text := &t.nodes[t.deref(value)], d.src.text[:d.at.end]
	switch {
	case n.shape == scalar && n.style == literal:
		lines := 1 + strings.Count(strings.TrimRight(n.value, "\n"), "\n")
		return d.src.position(literalLine(text, int(n.start), min(line, lines)))
	case n.shape == scalar && n.style == double:
		return d.src.position(escapedLine(text, int(n.start), line))
	}
	return d.Locate(p)
}

// literalLine is where the n-th line of the literal scalar whose indicator is at start has its first character.
func literalLine(text string, start, n int) int {
	at := start
	for range max(n, 1) {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return start
		}
		at += i + 1
	}
	for at < len(text) && text[at] == ' ' {
		at++
	}
	return at
}

// escapedLine is where the n-th line of the double quoted scalar at start begins, if escapes part its lines; the last
// line for an n beyond it.
func escapedLine(text string, start, n int) int {
	at := start
	for i := start + 1; i < len(text) && n > 1 && text[i] != '"'; i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if i+1 < len(text) && text[i] == 'n' && text[i+1] != '"' {
			at = i + 1
			n--
		}
	}
	return at
}

// SourceLine is the text of a line of the document's file, without its line break, for a report that quotes it.
func (d *Document) SourceLine(line int) string {
	if d.src == nil {
		return ""
	}
	return d.src.line(line)
}

// Text is the whole file that the document is in, as it was read; of a file in UTF-16, what it means in UTF-8.
func (d *Document) Text() string { return d.src.text }

// Written is the part of the file that the document is, without the marks around it; items of a list share their list's.
func (d *Document) Written() string {
	if d.src == nil || d.at.end <= d.at.body {
		return ""
	}
	return strings.TrimSpace(d.src.text[d.at.body:d.at.end])
}

// tree parses the document again; the tree is empty where there is nothing to parse.
func (d *Document) tree() *tree {
	if d.src == nil || d.src.text == "" || d.Status == Broken && d.Object.Fields == nil {
		return &tree{}
	}
	return d.src.tree(d.at)
}

// begin is the place of a document that has no fields.
func (d *Document) begin() (start, end kube.Position) {
	at := kube.Position{File: d.File, Line: max(d.Line, 1), Column: 1}
	return at, at
}

// pointed is the part of the text that stands for a field.
func pointed(t *tree, key, value int) (from, to int) {
	target := &t.nodes[t.deref(value)]
	written := &t.nodes[value]
	inline := target.shape == scalar && target.style != literal && target.style != folded
	if key >= 0 && (!inline || target.start == target.end && target.tag == "" && target.style == plain && target.value == "") {
		k := &t.nodes[t.deref(key)]
		return int(k.start), int(k.end)
	}
	if target != written && inline {
		return int(target.start), int(target.end)
	}
	return int(written.start), int(written.end)
}

// spanEnd cuts a span at the end of its line. Trees of the library do not know ends: there it is the end of the word, or
// of the quotes.
func (d *Document) spanEnd(t *tree, from, to int) int {
	text := d.src.text[from:d.at.end]
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i]
	}
	if t.exact && to > from {
		text = text[:min(len(text), to-from)]
	} else if i := wordEnd(text); i >= 0 {
		text = text[:i]
	}
	return from + len(strings.TrimRight(text, " \t"))
}

func wordEnd(text string) int {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		if i := strings.IndexByte(text[1:], text[0]); i >= 0 {
			return i + 2
		}
	}
	for i := range len(text) {
		if c := text[i]; c == ' ' && i+1 < len(text) && text[i+1] == '#' || c == ':' && (i+1 == len(text) || text[i+1] == ' ') {
			return i
		}
	}
	return -1
}
