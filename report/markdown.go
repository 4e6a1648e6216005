package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// maxMarkdown bounds the report, in bytes: a comment on GitHub may have 65,536 characters, one on GitLab a million, a job
// summary 1 MiB. What does not fit is counted.
const maxMarkdown = 60_000

// writeMarkdown writes a summary for a job's page or a comment: the counts, then each finding that is denied or warned of,
// then notes and the rest by rule. The gravest come first, and what is left out for want of room is said.
func writeMarkdown(w io.Writer, r Run, _ Style) error {
	m := markdown{room: maxMarkdown}
	m.head(r)
	m.problems(r.Errors)
	findings := byGravity(r.Findings)
	notes := len(findings)
	for i, f := range findings {
		if f.Action > rule.Warn {
			notes = i
			break
		}
	}
	m.findings(r, findings[:notes])
	m.notes(r, findings[notes:])
	_, err := io.WriteString(w, m.b.String())
	return err
}

// markdown is a text that stops growing at its bound.
type markdown struct {
	b    strings.Builder
	room int
}

// add reports whether there was room.
func (m *markdown) add(text string) bool {
	const last = 200 // what is always left for saying that something is left out, and for closing a section
	if len(text)+last > m.room {
		return false
	}
	m.b.WriteString(text)
	m.room -= len(text)
	return true
}

// more says how many of a list there was no room for.
func (m *markdown) more(n int, noun string) {
	if n > 0 {
		text := fmt.Sprintf("\n… and %s more. The whole report is in the other formats.\n", plural(n, noun))
		m.b.WriteString(text)
		m.room -= len(text)
	}
}

func (m *markdown) head(r Run) {
	s := r.Summary
	class, verdict := s.verdict()
	sign := map[string]string{"deny": "❌", "warn": "⚠️", "clean": "✅"}[class]
	m.add("## tlsward: " + sign + " " + verdict + "\n\n")
	m.add("| Denied | Warnings | Notes | Not judged | Unreadable | Skipped | Suppressed | Objects | Files |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	m.add(fmt.Sprintf("| %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", s.Denied, s.Warned, s.Notes, s.Unknown, s.Errors, s.Skipped, s.Suppressed, s.Objects, s.Files))
	if n := r.fixable(); n > 0 {
		m.add("\n" + fmt.Sprintf("`tlsward lint --fix` mends %d of them.", n) + "\n")
	}
}

func (m *markdown) problems(list []Problem) {
	for i, p := range list {
		if i == 0 {
			m.add("\n### Could not be read\n\n")
		}
		if !m.add("- " + code(place(kube.Position{File: p.File, Line: p.Line})) + ": " + inline(p.Message) + "\n") {
			m.more(len(list)-i, "file")
			return
		}
	}
}

func (m *markdown) findings(r Run, list []rule.Finding) {
	for i, f := range list {
		if i == 0 {
			m.add("\n### Findings\n\n")
		}
		if !m.add(markdownFinding(r, f)) {
			m.more(len(list)-i, "finding")
			return
		}
	}
}

func markdownFinding(r Run, f rule.Finding) string {
	var b strings.Builder
	label, _ := labelOf(&f)
	fmt.Fprintf(&b, "- **%s**: %s %s<br>\n  ", label, inline(f.Headline()), ruleLink(r, f.Rule))
	if where := place(f.At); where != "" {
		b.WriteString(code(where) + ", ")
	}
	b.WriteString(code(about(f.Object, f.Path)) + "\n")
	for _, d := range details(&f) {
		fmt.Fprintf(&b, "  - %s: %s\n", d.Label, inline(d.Text))
	}
	return b.String()
}

// notes lists what only wants to be known by rule, folded: a first run can have thousands.
func (m *markdown) notes(r Run, list []rule.Finding) {
	if len(list) == 0 {
		return
	}
	slices.SortStableFunc(list, func(a, b rule.Finding) int { return cmp.Compare(a.Rule, b.Rule) })
	if !m.add(fmt.Sprintf("\n<details><summary>%s</summary>\n\n", plural(len(list), "note"))) {
		m.more(len(list), "note")
		return
	}
	for start := 0; start < len(list); {
		end := start
		for end < len(list) && list[end].Rule == list[start].Rule {
			end++
		}
		places := make([]string, 0, maxNames)
		for _, f := range list[start:min(end, start+maxNames)] {
			places = append(places, code(textOr(place(f.At), f.Object.String())))
		}
		text := fmt.Sprintf("- %s: %s, at %s", ruleLink(r, list[start].Rule), inline(list[start].Headline()), strings.Join(places, ", "))
		if more := end - start - len(places); more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		if !m.add(text + "\n") {
			m.more(len(list)-start, "note")
			break
		}
		start = end
	}
	m.b.WriteString("\n</details>\n")
}

func ruleLink(r Run, id string) string {
	if docs := webLink(r.docs(id)); docs != "" && !strings.ContainsAny(docs, "()<> \n") {
		return "[" + inline(id) + "](" + docs + ")"
	}
	return code(id)
}

// inline is text as it is, on one line: nothing of a manifest becomes a link, an image, a tag, a heading or a row, and
// nobody is mentioned. A comment within them keeps GitHub from taking @team and #1 for what they look like.
func inline(s string) string {
	s = visible(strings.Join(strings.Fields(s), " "))
	var b strings.Builder
	for _, c := range s {
		switch c {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '@', '#':
			b.WriteRune(c)
			b.WriteString("<!-- -->")
		case '\\', '`', '*', '_', '[', ']', '(', ')', '!', '|', '~', '$':
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	// Bare addresses are links too.
	return strings.NewReplacer("://", ":<!-- -->//", "www.", "www<!-- -->.").Replace(b.String())
}

// codeByEntities is code for text with the sign that ends a cell: within backquotes it would have to be escaped in a table, and must not be
// elsewhere. What might be Markdown is written as entities, which are not read again.
func codeByEntities(s string) string {
	var b strings.Builder
	b.WriteString("<code>")
	for _, c := range s {
		if c < 0x80 && c != ' ' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			fmt.Fprintf(&b, "&#%d;", c)
			continue
		}
		b.WriteRune(c)
	}
	b.WriteString("</code>")
	return b.String()
}

// code is text in a code span, whatever backquotes it has, that does not end the cell of a table.
func code(s string) string {
	s = visible(strings.Join(strings.Fields(s), " "))
	if s == "" {
		return ""
	}
	if strings.Contains(s, "|") {
		return codeByEntities(s)
	}
	longest, run := 0, 0
	for _, c := range s {
		run++
		if c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
