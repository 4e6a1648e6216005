package main

import (
	"strings"
	"unicode/utf8"

	"github.com/tlsward/tlsward/report"
)

// page writes what a rule says of itself for a terminal. Rationales are a little Markdown (paragraphs, lists, fences, bold, code);
// a library that renders all of Markdown, with its highlighter, would cost every start of the program.
type page struct {
	strings.Builder
	style report.Style
}

const (
	inkBold = "\x1b[1m"
	inkCode = "\x1b[36m"
	inkNone = "\x1b[0m"
)

// heading writes a title on a line of its own.
func (p *page) heading(text string) {
	text = report.Lines(text)
	if p.style.Color {
		text = inkBold + text + inkNone
	}
	p.WriteString(text + "\n")
}

// markdown writes paragraphs, folded where the terminal's width is known.
func (p *page) markdown(text string) {
	fenced := false
	var paragraph []string
	flush := func() {
		p.paragraph(paragraph)
		paragraph = nil
	}
	for _, line := range strings.Split(strings.TrimRight(report.Lines(text), "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			flush()
			fenced = !fenced
		case fenced:
			p.WriteString("    " + line + "\n")
		case trimmed == "":
			flush()
			p.WriteByte('\n')
		case strings.HasPrefix(trimmed, "- "):
			flush()
			paragraph = append(paragraph, line)
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
}

// paragraph writes its lines, or folds them anew to the terminal's width.
func (p *page) paragraph(lines []string) {
	if len(lines) == 0 {
		return
	}
	if p.style.Width == 0 {
		p.WriteString(p.inline(strings.Join(lines, "\n")) + "\n")
		return
	}
	indent := ""
	if strings.HasPrefix(strings.TrimSpace(lines[0]), "- ") {
		indent = "  "
	}
	column := 0
	var folded strings.Builder
	for i, word := range strings.Fields(strings.Join(lines, " ")) {
		switch width := utf8.RuneCountInString(word); {
		case i == 0:
			column = width
		case column+1+width > p.style.Width:
			folded.WriteString("\n" + indent)
			column = len(indent) + width
		default:
			folded.WriteByte(' ')
			column += 1 + width
		}
		folded.WriteString(word)
	}
	p.WriteString(p.inline(folded.String()) + "\n")
}

// inline shows bold text and code by colour, or leaves code in its marks.
func (p *page) inline(text string) string {
	if !p.style.Color {
		return strings.ReplaceAll(text, "**", "")
	}
	return between(between(text, "**", inkBold), "`", inkCode)
}

// between gives what stands between pairs of marks an ink. A mark without a second one stays.
func between(text, mark, ink string) string {
	var b strings.Builder
	for {
		before, rest, opened := strings.Cut(text, mark)
		inside, after, closed := strings.Cut(rest, mark)
		if !opened || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before + ink + inside + inkNone)
		text = after
	}
}
