package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/tlsward/tlsward/effective"
)

// writeEffectiveMarkdown writes a table for each host.
func writeEffectiveMarkdown(w io.Writer, e Effective, _ Style) error {
	m := markdown{room: maxMarkdown}
	m.add("## tlsward: what TLS is in force\n")
	m.problems(e.Errors)
	left := 0
	for i := range e.Trees {
		tree := &e.Trees[i]
		if title := treeTitle(tree.Environment, tree.Root); title != "" && len(e.Trees) > 1 && left == 0 {
			m.add("\n### " + inline(title) + "\n")
		}
		for _, s := range joinLost(sites(tree.Rows)) {
			if left > 0 || !m.add(siteMarkdown(&s)) {
				left++
			}
		}
	}
	m.more(left, "host")
	_, err := io.WriteString(w, m.b.String())
	return err
}

func siteMarkdown(s *site) string {
	var b strings.Builder
	b.WriteString("\n**" + code(s.name) + "**")
	if s.server != "" {
		b.WriteString(" (" + inline(s.server) + ")")
	}
	b.WriteString("\n\n| Requests | Question | Answer | Decided by |\n|---|---|---|---|\n")
	for _, port := range s.ports {
		for _, f := range port.folds {
			r := f.rows[0]
			requests := ""
			if r.Service == "" && port.port > 0 {
				requests = code(strings.TrimSpace(fmt.Sprintf(":%d %s", port.port, f.paths())))
			}
			line := func(a *answer) {
				b.WriteString("| " + requests + " | " + a.question + " | " + answerMarkdown(a) + " | " + code(where(a.decisive())) + " |\n")
				requests = ""
			}
			if a := transport(r); len(a.parts) > 0 {
				line(&a)
			}
			for a := range questions(r) {
				line(a)
			}
		}
	}
	return b.String()
}

func answerMarkdown(a *answer) string {
	text := inline(a.text())
	for _, p := range a.parts {
		switch {
		case p.note.unknown:
			text += "<br>" + inline(p.note.text)
		case p.note.text != "":
			text += "<br>assumed: " + inline(p.note.text)
		}
	}
	for _, s := range a.sources(false) {
		text += "<br>" + inline(s.Because)
	}
	return text
}

// verdictSign is read before any word is.
func verdictSign(v effective.Verdict) string {
	switch v {
	case effective.Weaker:
		return "❌"
	case effective.Unclear:
		return "❔"
	case effective.Stronger:
		return "✅"
	case effective.Different:
		return "⚠️"
	default:
		return "ℹ️"
	}
}

// writeEffectiveDiffMarkdown writes a table to be pasted into a pull request: worst first, each with its cause.
func writeEffectiveDiffMarkdown(w io.Writer, d EffectiveDiff, _ Style) error {
	m := markdown{room: maxMarkdown}
	list := sortedShifts(&d)
	sign := "✅"
	counts, _ := d.Changed()
	switch {
	case counts[effective.Weaker] > 0 || len(d.Errors) > 0:
		sign = "❌"
	case counts[effective.Unclear]+counts[effective.Different] > 0:
		sign = "⚠️"
	}
	m.add("## tlsward: " + sign + " what becomes of TLS\n\n")
	m.add("From " + code(d.Base) + " to " + code(d.Head) + ": " + inline(summaryOf(&d)) + ".\n")
	m.problems(d.Errors)
	if len(list) > 0 {
		m.add("\n| | Requests | What changes | Cause |\n|---|---|---|---|\n")
	}
	for i, s := range list {
		requests := code(s.about())
		if s.tree != "" {
			requests += "<br>" + inline(s.tree)
		}
		row := "| " + verdictSign(s.verdict) + " " + s.verdict.String() + " | " + requests + " | " + inline(s.change("→")) + " | " + s.causeMarkdown(d.Base) + " |\n"
		if !m.add(row) {
			m.more(len(list)-i, "change")
			break
		}
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

// maxCauses bounds what stands in one cell.
const maxCauses = 3

func (s *shift) causeMarkdown(base string) string {
	var parts []string
	for _, c := range s.causes[:min(len(s.causes), maxCauses)] {
		text := code(c.at)
		if c.field != c.at {
			text += ", " + code(c.field)
		}
		if c.because != "" {
			text += ": " + inline(c.because)
		}
		if c.before {
			text += " (" + code(base) + ")"
		}
		parts = append(parts, strings.TrimPrefix(text, ", "))
	}
	if more := len(s.causes) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "<br>")
}
