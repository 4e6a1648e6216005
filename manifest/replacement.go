package manifest

import (
	"unicode/utf8"

	"github.com/tlsward/tlsward/kube"
)

// Replacement is what edits do to the text of a file: what stands from one position up to another gives way to Text.
type Replacement struct {
	From, To kube.Position
	Text     string
}

// maxReplaced bounds the text of a document that is edited for Replace, in bytes. The document is parsed for every edit: a
// List of ten thousand objects would be parsed as often as it has findings.
const maxReplaced = 128 << 10

// Replace says what edits of this document, or this item of a list, change in its file, with the care and the refusals of
// Apply. It is for telling, and changes nothing.
func (d *Document) Replace(edits []kube.Edit) (Replacement, error) {
	if d.src == nil || d.src.text == "" || d.src.recoded {
		return Replacement{}, fileError(d.File, "its text is not edited")
	}
	before := d.src.text[d.at.start:d.at.tail]
	if len(before) > maxReplaced {
		return Replacement{}, fileError(d.File, "its text is too long to be edited for a report")
	}
	e := editor{src: d.src, at: d.at}
	after, err := e.document(before, DocumentEdits{Index: d.Index, Item: d.Item, Edits: edits})
	if err != nil {
		return Replacement{}, err
	}
	from, to, text := difference(before, after)
	start := int(d.at.start)
	return Replacement{d.src.position(start + from), d.src.position(start + to), text}, nil
}

// difference is the one part in which two texts differ, of whole characters: before[from:to] became text.
func difference(before, after string) (from, to int, text string) {
	for from < len(before) && from < len(after) && before[from] == after[from] {
		from++
	}
	for from > 0 && (!boundary(before, from) || !boundary(after, from)) {
		from--
	}
	tail := 0
	for tail < len(before)-from && tail < len(after)-from && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	for tail > 0 && (!boundary(before, len(before)-tail) || !boundary(after, len(after)-tail)) {
		tail--
	}
	return from, len(before) - tail, after[from : len(after)-tail]
}

// boundary reports whether a character begins at an offset; the two of a line break are one.
func boundary(text string, at int) bool {
	if at == len(text) {
		return true
	}
	return utf8.RuneStart(text[at]) && (at == 0 || text[at] != '\n' || text[at-1] != '\r')
}
