package report

import (
	"bufio"
	"io"
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
// in a file name, a manifest or a rule's message cannot reach the terminal: the only ones there are come from put and link.
type printer struct {
	out   *bufio.Writer
	color bool
	links bool
	// width is where lines are wrapped, 0 if they are not: what goes to a file or a pipe is for other programs to wrap.
	width int
}

// newPrinter wraps for terminals of a width that leaves something to wrap into.
func newPrinter(w io.Writer, s Style) printer {
	const narrow = 40
	p := printer{out: bufio.NewWriter(w), color: s.Color, links: s.Links}
	if s.Width >= narrow {
		p.width = s.Width
	}
	return p
}

func (p printer) put(i ink, text string) {
	text = visible(text)
	if p.color && i != plain && text != "" {
		text = "\x1b[" + string(i) + "m" + text + "\x1b[0m"
	}
	p.out.WriteString(text)
}

// link is put for what leads to a page, on terminals that know OSC 8. An address that is none, or has what ends an escape
// sequence in it, is left out.
// https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
func (p printer) link(i ink, text, address string) {
	known := p.links && webLink(address) != "" && !strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c > '~' })
	if known {
		p.out.WriteString("\x1b]8;;" + address + "\x1b\\")
	}
	p.put(i, text)
	if known {
		p.out.WriteString("\x1b]8;;\x1b\\")
	}
}

func (p printer) end() { p.out.WriteByte('\n') }

// paragraph is text of several inks that is wrapped at blanks.
type paragraph struct {
	printer
	// column is where the next character stands, indent where lines after the first begin.
	column, indent int
	blank          bool
}

func (p *paragraph) add(i ink, text, address string) {
	text = visible(text)
	if p.width == 0 {
		p.link(i, text, address)
		return
	}
	line := ""
	for n, word := range strings.Split(text, " ") {
		if n > 0 {
			p.blank = true
		}
		if word == "" {
			continue
		}
		columns := totalColumns([]rune(word))
		switch {
		case p.blank && p.column > p.indent && p.column+1+columns > p.width:
			p.link(i, line, address)
			p.end()
			p.put(plain, strings.Repeat(" ", p.indent))
			line, p.column = "", p.indent
		case p.blank:
			line += " "
			p.column++
		}
		line += word
		p.column += columns
		p.blank = false
	}
	p.link(i, line, address)
}

// block writes text that may have several lines, those after the first indented, the first from a column on: a line break
// in a manifest must not let it write a line of this report.
func (p printer) block(text string, column, indent int) {
	for i, line := range strings.Split(withoutCommands(strings.TrimSpace(text)), "\n") {
		if i > 0 {
			p.put(plain, strings.Repeat(" ", indent))
			column = indent
		}
		wrapped := paragraph{printer: p, column: column, indent: indent}
		wrapped.add(plain, strings.TrimRight(line, " \r"), "")
		p.end()
	}
}

// visible replaces, one for one so that columns keep their numbers, every character that a terminal would act on rather
// than show: control characters by their pictures, format characters (bidirectional overrides make text read as what it
// is not) and broken UTF-8 by U+FFFD. Tabs stay.
func visible(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(visibleRune, s)
}

// isPlain reports whether a text is ASCII that shows as it is: nearly every one is.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c > '~') && c != '\t' {
			return false
		}
	}
	return true
}

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
