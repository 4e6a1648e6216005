package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Section is a part of the HTML report that another package draws.
type Section struct {
	// ID is the anchor of the section, Title its heading.
	ID, Title string
	// Write writes the section's HTML or SVG. What it writes is taken as it is: it must escape what comes from manifests,
	// load nothing and run nothing, which the page's content security policy also forbids.
	Write func(io.Writer) error
}

//go:embed html.css
var htmlStyle string

// maxHTML bounds the findings of a page: at some 1.5 KiB each, a browser still opens and searches it at once.
const maxHTML = 20_000

// writeHTML writes a page in one file, that loads and runs nothing: styles are in it, and scripts there are none. Every
// finding is told once, under its object; the rules refer to it.
func writeHTML(w io.Writer, r Run, _ Style) error {
	p := page{out: bufio.NewWriter(w), r: r}
	findings := r.Findings
	if len(findings) > maxHTML {
		findings = findings[:maxHTML]
	}
	p.head()
	p.byObject(findings)
	p.left(len(r.Findings) - len(findings))
	p.byRule(findings)
	for _, s := range r.Sections {
		p.print("<section aria-labelledby=%q>\n<h2 id=%q>%s</h2>\n", s.ID, s.ID, s.Title)
		if err := p.out.Flush(); err != nil {
			return err
		}
		if err := s.Write(p.out); err != nil {
			return fmt.Errorf("html report: %s: %w", s.Title, err)
		}
		p.raw("</section>\n")
	}
	p.problems()
	p.skipped()
	p.foot()
	return p.out.Flush()
}

// page writes HTML. raw takes what is ours; everything else goes through text or the arguments of print, which escape it.
type page struct {
	out *bufio.Writer
	r   Run
}

func (p page) raw(s string) { p.out.WriteString(s) }

func (p page) text(s string) { p.out.WriteString(escaped(s)) }

// print formats strings and numbers, the strings escaped: %s in text, %q in an attribute with its quotes.
func (p page) print(format string, arguments ...any) {
	safe := make([]any, len(arguments))
	for i, a := range arguments {
		if s, ok := a.(string); ok {
			a = attribute(escaped(s))
		}
		safe[i] = a
	}
	_, _ = fmt.Fprintf(p.out, format, safe...) // the writer keeps its first error for Flush
}

// attribute is text that has been escaped; as %q it stands between plain quotes, which none of its characters end.
type attribute string

// Format writes it as it is, or between quotes.
func (a attribute) Format(s fmt.State, verb rune) {
	text := string(a)
	if verb == 'q' {
		text = `"` + text + `"`
	}
	_, _ = io.WriteString(s, text) // likewise
}

func escaped(s string) string { return html.EscapeString(visibleLines(s)) }

func (p page) head() {
	s := p.r.Summary
	class, verdict := "clean", "Nothing would be denied"
	switch {
	case s.Denied > 0:
		class, verdict = "deny", fmt.Sprintf("%d would be denied", s.Denied)
	case s.Errors > 0:
		class, verdict = "deny", "Not everything could be judged"
	case s.Objects == 0:
		class, verdict = "warn", "Nothing to judge"
	case s.Warned > 0 || s.Unknown > 0:
		class = "warn"
	}
	p.raw(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
`)
	p.print("<title>tlsward: %s</title>\n<style>\n", verdict)
	p.raw(htmlStyle)
	p.raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#objects\">To the findings</a>\n<header>\n<h1>tlsward report</h1>\n")
	p.print("<p class=\"verdict %s\">%s</p>\n<dl class=\"counts\">\n", class, verdict)
	for _, count := range []struct {
		name   string
		n      int
		always bool
	}{
		{"Denied", s.Denied, true},
		{"Warnings", s.Warned, true},
		{"Notes", s.Notes, true},
		{"Not judged", s.Unknown, true},
		{"Unreadable", s.Errors, false},
		{"Suppressed", s.Suppressed, false},
		{"Fixed", s.Fixed, false},
		{"Fixable", p.r.fixable(), false},
		{"Skipped", s.Skipped, false},
		{"Objects", s.Objects, true},
		{"Files", s.Files, true},
	} {
		if count.n > 0 || count.always {
			p.print("<div><dt>%s</dt><dd>%d</dd></div>\n", count.name, count.n)
		}
	}
	p.raw("</dl>\n<nav aria-label=\"Parts of this report\"><ul>\n<li><a href=\"#objects\">By object</a></li>\n<li><a href=\"#rules\">By rule</a></li>\n")
	for _, section := range p.r.Sections {
		p.print("<li><a href=%q>%s</a></li>\n", "#"+section.ID, section.Title)
	}
	if len(p.r.Errors) > 0 {
		p.raw("<li><a href=\"#unreadable\">Unreadable</a></li>\n")
	}
	if len(p.r.Skipped) > 0 {
		p.raw("<li><a href=\"#skipped\">Skipped</a></li>\n")
	}
	p.raw("</ul></nav>\n<fieldset><legend>Show</legend>\n")
	for _, c := range []struct{ class, name string }{{"deny", "Denied"}, {"warn", "Warnings"}, {"note", "Notes"}, {"unknown", "Not judged"}} {
		p.print("<label><input type=\"checkbox\" id=%q checked> %s</label>\n", "show-"+c.class, c.name)
	}
	p.raw("</fieldset>\n</header>\n<main>\n")
}

// byObject tells every finding under its object, objects in the order in which they are first found.
func (p page) byObject(findings []rule.Finding) {
	p.raw("<section aria-labelledby=\"objects\">\n<h2 id=\"objects\">By object</h2>\n")
	if len(findings) == 0 {
		p.raw("<p>No findings.</p>\n")
	}
	byObject := map[kube.ID][]int{}
	var order []kube.ID
	for i, f := range findings {
		if byObject[f.Object] == nil {
			order = append(order, f.Object)
		}
		byObject[f.Object] = append(byObject[f.Object], i)
	}
	for _, id := range order {
		p.print("<div class=\"object\">\n<h3>%s</h3>\n", textOr(id.String(), "No object"))
		for _, i := range byObject[id] {
			p.finding(i, findings[i])
		}
		p.raw("</div>\n")
	}
	p.raw("</section>\n")
}

func (p page) finding(i int, f rule.Finding) {
	label, _ := labelOf(f)
	p.print("<article class=\"finding %s\" id=\"finding-%d\">\n<h4><span class=\"label\">%s</span>%s</h4>\n<p class=\"where\">", htmlClass(f), i+1, label, f.Headline())
	if where := place(f.At); where != "" {
		p.print("<code>%s</code> · ", where)
	}
	if len(f.Path) > 0 {
		p.print("<code>%s</code> · ", f.Path.String())
	}
	p.print("<a href=%q>%s</a></p>\n", "#"+ruleAnchor(f.Rule), f.Rule)
	if fr, ok := newFrame(p.r, f, 0); ok {
		line := []rune(fr.text)
		to := min(fr.to, len(line))
		p.print("<pre><span class=\"number\">%d</span>", f.At.Line)
		if fr.cutLeft {
			p.raw("…")
		}
		// Nothing is trimmed here: indentation is part of the source.
		p.raw(html.EscapeString(string(line[:min(fr.from, to)])) + "<mark>" + html.EscapeString(string(line[min(fr.from, to):to])) + "</mark>" + html.EscapeString(string(line[to:])))
		if fr.cutRight {
			p.raw("…")
		}
		p.raw("</pre>\n")
	}
	if list := details(f); len(list) > 0 {
		p.raw("<dl class=\"more\">\n")
		for _, d := range list {
			p.print("<dt>%s</dt><dd>%s</dd>\n", d.label, d.text)
		}
		p.raw("</dl>\n")
	}
	p.raw("</article>\n")
}

func (p page) left(n int) {
	if n > 0 {
		p.print("<p>%s more: the page would be too long. The other formats have all.</p>\n", plural(n, "finding"))
	}
}

func (p page) byRule(findings []rule.Finding) {
	p.raw("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">By rule</h2>\n")
	byRule := map[string][]int{}
	for i, f := range findings {
		byRule[f.Rule] = append(byRule[f.Rule], i)
	}
	if len(byRule) == 0 {
		p.raw("<p>No rule found anything.</p>\n")
	}
	for _, id := range kube.SortedKeys(byRule) {
		d, known := p.r.rule(id)
		p.print("<article class=\"rule\" id=%q>\n<h3>%s", ruleAnchor(id), id)
		if known && d.Title != "" {
			p.print(": %s", d.Title)
		}
		p.raw("</h3>\n")
		if known {
			p.prose(d.Rationale)
		}
		p.raw("<ul class=\"places\">\n")
		for _, i := range byRule[id] {
			f := findings[i]
			label, _ := labelOf(f)
			p.print("<li><a href=\"#finding-%d\">%s</a> (%s)</li>\n", i+1, textOr(place(f.At), about(f.Object, f.Path)), label)
		}
		p.raw("</ul>\n")
		if docs := webLink(p.r.docs(id)); docs != "" {
			p.print("<p><a href=%q>The page of this rule</a></p>\n", docs)
		}
		p.raw("</article>\n")
	}
	p.raw("</section>\n")
}

func (p page) problems() {
	if len(p.r.Errors) == 0 {
		return
	}
	p.raw("<section aria-labelledby=\"unreadable\">\n<h2 id=\"unreadable\">Unreadable</h2>\n<table>\n<thead><tr><th scope=\"col\">Place</th><th scope=\"col\">Cause</th></tr></thead>\n<tbody>\n")
	for _, problem := range p.r.Errors {
		p.print("<tr><td><code>%s</code></td><td>%s</td></tr>\n", place(kube.Position{File: problem.File, Line: problem.Line}), problem.Message)
	}
	p.raw("</tbody>\n</table>\n</section>\n")
}

func (p page) skipped() {
	if len(p.r.Skipped) == 0 {
		return
	}
	p.raw("<section aria-labelledby=\"skipped\">\n<h2 id=\"skipped\">Skipped</h2>\n<table>\n<thead><tr><th scope=\"col\">Place</th><th scope=\"col\">Reason</th></tr></thead>\n<tbody>\n")
	for _, s := range p.r.Skipped {
		p.print("<tr><td><code>%s</code></td><td>%s</td></tr>\n", place(kube.Position{File: s.File, Line: s.Line}), s.Reason)
	}
	p.raw("</tbody>\n</table>\n</section>\n")
}

func (p page) foot() {
	p.raw("</main>\n<footer>\n<p>Written by <a href=\"" + projectURL + "\">tlsward</a>")
	p.text(strings.TrimRight(" "+p.r.Version, " "))
	p.raw(".</p>\n</footer>\n</body>\n</html>\n")
}

func htmlClass(f rule.Finding) string {
	switch {
	case f.Action == rule.Deny:
		return "deny"
	case f.Unknown:
		return "unknown"
	case f.Action == rule.Warn:
		return "warn"
	default:
		return "note"
	}
}

// ruleAnchor is an id of the page: a rule's own has a slash, which is none too good in one.
func ruleAnchor(id string) string { return "rule-" + strings.ReplaceAll(id, "/", ".") }

// webLink is a link that a page may have, or "": a rulebook must not smuggle a javascript: address in.
func webLink(link string) string {
	if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
		return link
	}
	return ""
}

// prose writes the little Markdown that rules are described in: paragraphs, lists, code and emphasis.
func (p page) prose(markdown string) {
	for _, part := range strings.Split(strings.TrimSpace(markdown), "\n\n") {
		lines := strings.Split(strings.TrimSpace(part), "\n")
		if !strings.HasPrefix(lines[0], "- ") {
			p.raw("<p>")
			p.spans(strings.Join(lines, "\n"))
			p.raw("</p>\n")
			continue
		}
		p.raw("<ul>\n<li>")
		for i, line := range lines {
			item, starts := strings.CutPrefix(line, "- ")
			switch {
			case starts && i > 0:
				p.raw("</li>\n<li>")
			case !starts:
				p.raw("\n")
			}
			p.spans(item)
		}
		p.raw("</li>\n</ul>\n")
	}
}

// spans writes code and strong text; a mark without its partner is text.
func (p page) spans(s string) {
	for s != "" {
		at := strings.IndexAny(s, "`*")
		if at < 0 {
			break
		}
		mark, tag := "`", "code"
		if strings.HasPrefix(s[at:], "**") {
			mark, tag = "**", "strong"
		} else if s[at] == '*' {
			mark, tag = "*", "em"
		}
		inner, rest, closed := strings.Cut(s[at+len(mark):], mark)
		if !closed || inner == "" {
			p.plain(s[:at+len(mark)])
			s = s[at+len(mark):]
			continue
		}
		p.plain(s[:at])
		p.raw("<" + tag + ">")
		p.plain(inner)
		p.raw("</" + tag + ">")
		s = rest
	}
	p.plain(s)
}

// plain is text with the blanks around it, which tell words apart.
func (p page) plain(s string) {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	p.raw(html.EscapeString(strings.Join(lines, "\n")))
}
