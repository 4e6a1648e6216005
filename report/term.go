package report

import (
	"bufio"
	"strings"
	"unicode"
)

// ink is an ANSI "select graphic rendition" parameter; "" leaves text as it is.
type ink string

const (
	plain  ink = ""
	bold   ink = "1"
	dim    ink = "2"
	red    ink = "1;31"
	green  ink = "1;32"
	yellow ink = "1;33"
	blue   ink = "1;34"
	cyan   ink = "1;36"
)

// printer is the only way to the output of the text format. Whatever passes is made visible first, so an escape sequence
// in a file name, a manifest or a rule's message cannot reach the terminal: the only ones there are come from put.
type printer struct {
	out   *bufio.Writer
	color bool
}

func (p printer) put(i ink, text string) {
	text = visible(text)
	if p.color && i != plain && text != "" {
		text = "\x1b[" + string(i) + "m" + text + "\x1b[0m"
	}
	p.out.WriteString(text)
}

func (p printer) end() { p.out.WriteByte('\n') }

// block writes text that may have several lines, those after the first indented: a line break in a manifest must not
// let it write a line of this report.
func (p printer) block(text string, indent int) {
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if i > 0 {
			p.put(plain, strings.Repeat(" ", indent))
		}
		p.put(plain, strings.TrimRight(line, " \r"))
		p.end()
	}
}

// Plain is text for a terminal by another way than a report, as an error message: visible, with its lines after the first
// indented.
func Plain(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = visible(strings.TrimRight(line, " \r"))
	}
	return strings.Join(lines, "\n    ")
}

// visible replaces, one for one so that columns keep their numbers, every character that a terminal would act on rather
// than show: control characters by their pictures, format characters (bidirectional overrides make text read as what it
// is not) and broken UTF-8 by U+FFFD. Tabs stay.
func visible(s string) string { return strings.Map(visibleRune, s) }

func visibleRune(c rune) rune {
	switch {
	case c == '\t':
		return c
	case c < 0x20:
		return 0x2400 + c // U+2400 SYMBOL FOR NULL and following
	case c == 0x7f:
		return 0x2421 // SYMBOL FOR DELETE
	case !unicode.IsGraphic(c):
		return unicode.ReplacementChar
	}
	return c
}

// tabWidth is the most columns a tab can take with the stops terminals have: a line counted with it never runs over.
const tabWidth = 8

// wide holds the blocks in which all but a few characters have East Asian width W or F (UAX #11), emoji included.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1},
		{0x2e80, 0x303e, 1},
		{0x3041, 0xa4cf, 1},
		{0xa960, 0xa97f, 1},
		{0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1},
		{0xfe30, 0xfe6f, 1},
		{0xff01, 0xff60, 1},
		{0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{{0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1f9ff, 1}, {0x20000, 0x3fffd, 1}},
}

// columns is how many columns of a terminal a visible character takes.
func columns(c rune) int {
	switch {
	case c == '\t':
		return tabWidth
	case c < 0x300:
		return 1
	case unicode.In(c, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, c):
		return 2
	}
	return 1
}

func totalColumns(text []rune) int {
	n := 0
	for _, c := range text {
		n += columns(c)
	}
	return n
}
