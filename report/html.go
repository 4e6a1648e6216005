package report

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

var (
	//go:embed html.css
	htmlStyle string
	//go:embed html.tmpl
	htmlPage string
)

// htmlTemplate is parsed by the first run that writes HTML: no other pays for it.
var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"plural": plural,
		"count":  func(name string, n int, always bool) htmlCount { return htmlCount{name, n, always || n > 0} },
		"prose":  prose,
	}).Parse(htmlPage))
})

// maxHTML bounds each list of a page, of which the findings weigh most: at some 1.5 KiB each, a browser still opens and
// searches it at once.
const maxHTML = 20_000

// onPage is the part of a list that a page has room for, and how many are left out.
func onPage[T any](list []T) (shown []T, left int) {
	shown = list[:min(len(list), maxHTML)]
	return shown, len(list) - len(shown)
}

// The types below are what the template is given. Their strings are visible; the template escapes them for where they stand.
type htmlReport struct {
	Style          template.CSS
	Class, Verdict string
	Version        string
	Summary        Summary
	Fixable        int
	Findings       *htmlFindings
	Rules          []htmlRule
	Left           int
	Sections       []Section
	Errors         []htmlPlace
	ErrorsLeft     int
	Skipped        []htmlPlace
	SkippedLeft    int
	Project        string
}

type htmlCount struct {
	Name  string
	N     int
	Shown bool
}

type htmlRule struct {
	ID, Anchor, Title, Rationale, Docs string
	Places                             []int // indexes of findings
}

type htmlPlace struct{ Where, Text string }

// writeHTML writes a page in one file, that loads and runs nothing: styles are in it, and scripts there are none. Every
// finding is told once, under its object; the rules refer to it.
func writeHTML(w io.Writer, r Run, _ Style) error {
	findings, left := onPage(r.Findings)
	problems, problemsLeft := onPage(r.Errors)
	skipped, skippedLeft := onPage(r.Skipped)
	out := htmlReport{
		Style: template.CSS(htmlStyle), Version: visible(r.Version), Summary: r.Summary, Fixable: r.fixable(), // the style is ours
		Left: left, ErrorsLeft: problemsLeft, SkippedLeft: skippedLeft, Project: projectURL,
		Sections: r.Sections,
	}
	out.Class, out.Verdict = r.Summary.verdict()
	out.Findings, out.Rules = &htmlFindings{w: w, run: r, list: findings}, htmlRules(r, findings)
	for _, p := range problems {
		out.Errors = append(out.Errors, htmlPlace{visible(place(kube.Position{File: p.File, Line: p.Line})), visibleLines(p.Message)})
	}
	for _, s := range skipped {
		out.Skipped = append(out.Skipped, htmlPlace{visible(place(kube.Position{File: s.File, Line: s.Line})), visibleLines(s.Reason)})
	}
	return htmlTemplate().Execute(w, out)
}

// htmlRules are the rules that found something, by id.
func htmlRules(r Run, findings []rule.Finding) (rules []htmlRule) {
	byRule := map[string][]int{}
	for i := range findings {
		byRule[findings[i].Rule] = append(byRule[findings[i].Rule], i)
	}
	for _, id := range kube.SortedKeys(byRule) {
		told := htmlRule{ID: visible(id), Anchor: ruleAnchor(id), Docs: webLink(r.docs(id)), Places: byRule[id]}
		if d, ok := r.rule(id); ok {
			told.Title, told.Rationale = visible(d.Title), d.Rationale
		}
		rules = append(rules, told)
	}
	return rules
}

func htmlClass(f *rule.Finding) string {
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
func ruleAnchor(id string) string { return "rule-" + visible(strings.ReplaceAll(id, "/", ".")) }

// prose turns the little Markdown that rules are described in into HTML: paragraphs, lists, code and emphasis.
func prose(markdown string) template.HTML {
	var b strings.Builder
	for _, part := range strings.Split(visibleLines(markdown), "\n\n") {
		lines := strings.Split(strings.TrimSpace(part), "\n")
		if !strings.HasPrefix(lines[0], "- ") {
			b.WriteString("<p>")
			spans(&b, strings.Join(lines, "\n"))
			b.WriteString("</p>\n")
			continue
		}
		b.WriteString("<ul>\n<li>")
		for i, line := range lines {
			item, starts := strings.CutPrefix(line, "- ")
			switch {
			case starts && i > 0:
				b.WriteString("</li>\n<li>")
			case !starts:
				b.WriteString("\n")
			}
			spans(&b, item)
		}
		b.WriteString("</li>\n</ul>\n")
	}
	return template.HTML(b.String()) // every text in it is escaped by spans
}

// spans writes code and strong text; a mark without its partner is text.
func spans(b *strings.Builder, s string) {
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
			b.WriteString(template.HTMLEscapeString(s[:at+len(mark)]))
			s = s[at+len(mark):]
			continue
		}
		b.WriteString(template.HTMLEscapeString(s[:at]) + "<" + tag + ">" + template.HTMLEscapeString(inner) + "</" + tag + ">")
		s = rest
	}
	b.WriteString(template.HTMLEscapeString(s))
}
