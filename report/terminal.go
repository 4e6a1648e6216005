package report

import (
	"io"

	"github.com/tlsward/tlsward/kube"
)

// Terminal is how other packages write text as the text format does: what it is given is made visible first, and lines are
// wrapped where the width is known.
type Terminal struct {
	p     printer
	width int
	at    int // column
}

// Ink is a colour, or another way to stand out.
type Ink = ink

// The inks.
const (
	InkPlain  = plain
	InkBold   = bold
	InkDim    = dim
	InkRed    = red
	InkYellow = yellow
	InkCyan   = cyan
)

// NewTerminal writes to w in a style. Flush it at the end.
func NewTerminal(w io.Writer, s Style) *Terminal {
	p := newPrinter(w, s)
	return &Terminal{p: p, width: p.width}
}

// Width is where lines are wrapped, in columns; 0 if they are not.
func (t *Terminal) Width() int { return t.width }

// Put writes text as it is.
func (t *Terminal) Put(i Ink, text string) {
	t.p.put(i, text)
	t.at += Columns(text)
}

// Wrap writes text and goes on in a new line, from a column on, where it would run over the width.
func (t *Terminal) Wrap(i Ink, text string, indent int) {
	wrapped := paragraph{printer: t.p, column: t.at, indent: indent}
	wrapped.add(i, text, "")
	t.at = wrapped.column
}

// End ends a line.
func (t *Terminal) End() {
	t.p.end()
	t.at = 0
}

// Flush writes what is left.
func (t *Terminal) Flush() error { return t.p.out.Flush() }

// Columns is how many columns of a terminal a text takes.
func Columns(text string) (n int) {
	for _, c := range visible(text) {
		n += columns(c)
	}
	return n
}

// Visible is text of one line with everything that a terminal would act upon replaced by what shows it.
func Visible(text string) string { return visible(text) }

// WritableJSON escapes what cannot be seen in the strings of encoded JSON, as the json format does.
func WritableJSON(encoded []byte) []byte { return escapeInvisible(encoded) }

// Place writes a position as editors read it.
func Place(at kube.Position) string { return place(at) }
