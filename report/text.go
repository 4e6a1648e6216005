package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const (
	// maxNotes of one rule are shown: the first run on a real repository can find hundreds of defaults to write down.
	maxNotes = 5
	// maxNames of skipped documents are shown per reason: enough to see which sort of file it is.
	maxNames = 3
	// manyFindings, denied or warned of, are more than a screen or two: they are counted by rule, too.
	manyFindings = 25
	// maxTally is how many rules are counted: what is beyond the gravest is for another day.
	maxTally = 10
)

// writeText writes, in this order: what is denied or warned of, by position; notes, by rule and position; skipped
// documents, by reason; errors; the summary. The first line of each finding says it all, with the effect first and the
// place where editors look for it; the lines after it, never in the first column, show and explain.
func writeText(w io.Writer, r Run, s Style) error {
	p := newPrinter(w, s)
	var grave, notes []*rule.Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Action > rule.Warn {
			notes = append(notes, f)
		} else {
			grave = append(grave, f)
		}
	}
	slices.SortStableFunc(notes, func(a, b *rule.Finding) int { return cmp.Compare(a.Rule, b.Rule) })
	for _, f := range grave {
		full(p, r, f, s.Width)
		p.end()
	}
	compactNotes(p, r, notes)
	skipped(p, r.Skipped)
	problems(p, r.Errors)
	tally(p, r, grave)
	if all := append(grave, notes...); len(all) > 0 {
		p.put(dim, "more about a rule: tlsward rules "+all[0].Rule)
		p.end()
	}
	line := paragraph{printer: p, indent: 4}
	summary := r.Summary
	if r.Unwritten {
		summary.Fixed = 0
	}
	line.add(summaryInk(r.Summary), summaryLine(summary, r.fixable(), r.fixes(false)), "")
	p.end()
	return p.out.Flush()
}

func full(p printer, r Run, f *rule.Finding, width int) {
	label, i := labelOf(f)
	headline(p, r, f, label, i)
	gutter := strings.Repeat(" ", len(strconv.Itoa(f.At.Line))+2)
	if f.At.File != "" && f.Object.Kind != "" {
		p.put(blue, gutter[1:]+"-->")
		p.put(plain, " "+about(f.Object, f.Path))
		p.end()
	}
	if width > 0 {
		width -= len(gutter) + len("| ")
		width = max(width, minimumWidth)
	}
	if fr, ok := newFrame(r, f, width); ok {
		fr.print(p, f.At.Line, i)
	}
	for _, d := range details(f) {
		detail(p, gutter, d.Label+": ", d.Text)
	}
}

// compactNotes says no more than three lines about a note; they come sorted by rule.
func compactNotes(p printer, r Run, notes []*rule.Finding) {
	const gutter = "    "
	for start := 0; start < len(notes); {
		end := start
		for end < len(notes) && notes[end].Rule == notes[start].Rule {
			end++
		}
		shown := min(end, start+maxNotes)
		for n, f := range notes[start:shown] {
			label, i := labelOf(f)
			headline(p, r, f, label, i)
			if next := start + n + 1; next < shown && sameAdvice(f, notes[next]) {
				continue // said once, under the last of them
			}
			detail(p, gutter, "help: ", f.Remedy)
			detail(p, gutter, "note: ", aheadLine(f))
			assumed := ""
			if f.Assumed != "" {
				assumed = "assuming " + f.Assumed
			}
			switch {
			case f.Fix != nil && assumed != "":
				detail(p, gutter, fixLabel(*f.Fix)+": ", fixLine(*f.Fix)+", "+assumed)
			case f.Fix != nil:
				detail(p, gutter, fixLabel(*f.Fix)+": ", fixLine(*f.Fix))
			default:
				detail(p, gutter, "note: ", assumed)
			}
		}
		if more := end - shown; more > 0 {
			p.put(dim, fmt.Sprintf("... and %d more of %s (--output json lists all)", more, notes[start].Rule))
			p.end()
		}
		start = end
	}
	if len(notes) > 0 {
		p.end()
	}
}

// tally counts findings by rule where there are many, the most frequent first, and says how to begin with what is new.
func tally(p printer, r Run, findings []*rule.Finding) {
	if len(findings) < manyFindings {
		return
	}
	type row struct {
		rule  string
		label string
		ink   ink
		n     int
	}
	var rows []row
	places := map[string]int{}
	for _, f := range findings {
		label, i := labelOf(f)
		key := f.Rule + " " + label
		at, met := places[key]
		if !met {
			at = len(rows)
			places[key], rows = at, append(rows, row{rule: f.Rule, label: label, ink: i})
		}
		rows[at].n++
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.rule, b.rule), cmp.Compare(a.label, b.label))
	})
	p.put(bold, "by rule:")
	p.end()
	for _, row := range rows[:min(len(rows), maxTally)] {
		p.put(plain, fmt.Sprintf("%6d ", row.n))
		p.put(row.ink, fmt.Sprintf("%-10s ", row.label))
		p.put(plain, row.rule)
		p.end()
	}
	if more := len(rows) - maxTally; more > 0 {
		p.put(dim, "   ... and "+plural(more, "more rule"))
		p.end()
	}
	if r.Summary.Denied > 0 && r.Summary.Baseline == 0 {
		p.put(dim, "to fail for what is new only: tlsward lint --baseline tlsward-baseline.json --write-baseline")
		p.end()
	}
	p.end()
}

func sameAdvice(a, b *rule.Finding) bool {
	if (a.Fix == nil) != (b.Fix == nil) || a.Fix != nil && fixLine(*a.Fix) != fixLine(*b.Fix) {
		return false
	}
	return a.Remedy == b.Remedy && a.Assumed == b.Assumed && a.Ahead == b.Ahead
}

// labelOf names what a finding means to the run. What could not be judged is never called by the name of what was.
func labelOf(f *rule.Finding) (label string, i ink) {
	switch {
	case f.Action == rule.Deny:
		return "error", red
	case f.Unknown && f.Action == rule.Warn:
		return "not judged", yellow
	case f.Unknown:
		return "not judged", cyan
	case f.Action == rule.Warn:
		return "warning", yellow
	default:
		return "note", cyan
	}
}

func headline(p printer, r Run, f *rule.Finding, label string, i ink) {
	const indent = 4
	where := place(f.At)
	if f.At.File == "" {
		where = about(f.Object, f.Path)
	}
	page := ""
	if p.links {
		page = r.docs(f.Rule)
	}
	line := paragraph{printer: p, indent: indent}
	line.add(bold, where+": ", "")
	line.add(i, label, "")
	line.add(bold, ": "+f.Headline(), "")
	line.add(plain, " ", "")
	line.add(dim, "["+f.Rule+"]", page)
	p.end()
}

// detail writes one "= help: ..." line, or nothing where there is nothing to say.
func detail(p printer, gutter, label, text string) {
	if text == "" {
		return
	}
	p.put(blue, gutter+"= ")
	p.put(bold, label)
	indent := len(gutter) + len("= ") + len(label)
	p.block(text, indent, indent)
}

func fixLabel(f rule.Fix) string {
	if f.Safe {
		return "fix available"
	}
	return "possible fix"
}

func fixLine(f rule.Fix) string {
	if f.Safe {
		return f.Title + " (--fix)"
	}
	return f.Title + " (needs a decision: --fix --unsafe-fixes)"
}

func relatedLine(r rule.Related) string {
	var parts []string
	for _, part := range []string{place(r.At), about(r.Object, r.Path), r.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

func about(id kube.ID, path kube.Path) string {
	switch {
	case id.Kind == "":
		return path.String()
	case len(path) == 0:
		return id.String()
	default:
		return id.String() + ", " + path.String()
	}
}

func skipped(p printer, list []Skipped) {
	names := map[string][]string{}
	for _, s := range list {
		at := kube.Position{File: s.File, Line: s.Line}
		if s.Line == 1 {
			at.Line = 0 // the whole file, more often than not
		}
		names[s.Reason] = append(names[s.Reason], place(at))
	}
	reasons := kube.SortedKeys(names)
	slices.SortStableFunc(reasons, func(a, b string) int { return cmp.Compare(len(names[b]), len(names[a])) })
	for _, reason := range reasons {
		shown := names[reason]
		line := plural(len(shown), "document") + ", " + reason + ": "
		if more := len(shown) - maxNames; more > 1 { // "and 1 more" would take the room of a name
			line += strings.Join(shown[:maxNames], ", ") + fmt.Sprintf(" and %d more", more)
		} else {
			line += strings.Join(shown, ", ")
		}
		p.put(bold, "skipped: ")
		p.block(line, len("skipped: "), len("skipped: "))
	}
	if len(reasons) > 0 {
		p.end()
	}
}

func problems(p printer, list []Problem) {
	const indent = 4
	for _, problem := range list {
		where := ""
		if problem.File != "" {
			where = place(kube.Position{File: problem.File, Line: problem.Line}) + ": "
			p.put(bold, where)
		}
		p.put(red, "cannot read")
		p.put(plain, ": ")
		p.block(problem.Message, totalColumns([]rune(visible(where)))+len("cannot read: "), indent)
	}
	if len(list) > 0 {
		p.end()
	}
}

// summaryLine tells apart what a glance must not confuse: no findings, nothing judged, and what nobody could judge.
func summaryLine(s Summary, safe, unsafe int) string {
	var found, aside []string
	add := func(list *[]string, n int, text string) {
		if n > 0 {
			*list = append(*list, text)
		}
	}
	add(&found, s.Denied, fmt.Sprintf("%d denied", s.Denied))
	add(&found, s.Warned, plural(s.Warned, "warning"))
	add(&found, s.Notes, plural(s.Notes, "note"))
	scope := plural(s.Objects, "object")
	if s.Files > 0 {
		scope += ", " + plural(s.Files, "file")
	}
	line := strings.Join(found, ", ") + " in " + scope
	switch {
	case len(found) == 0 && s.Objects == 0 && s.Files == 0:
		line = "nothing to judge"
	case len(found) == 0 && s.Objects == 0:
		line = "nothing to judge in " + plural(s.Files, "file")
	case len(found) == 0 && s.Unknown > 0:
		line = "nothing denied in " + scope
	case len(found) == 0:
		line = "no findings in " + scope
	}
	add(&aside, s.Unknown, fmt.Sprintf("%d not judged", s.Unknown))
	add(&aside, s.Errors, fmt.Sprintf("%d unreadable", s.Errors))
	add(&aside, s.Skipped, fmt.Sprintf("%d skipped", s.Skipped))
	add(&aside, s.Suppressed-s.Baseline, fmt.Sprintf("%d suppressed", s.Suppressed-s.Baseline))
	add(&aside, s.Baseline, fmt.Sprintf("%d in the baseline", s.Baseline))
	add(&aside, s.Fixed, fmt.Sprintf("%d fixed", s.Fixed))
	add(&aside, safe, fmt.Sprintf("%d fixable with --fix", safe))
	if safe > 0 {
		add(&aside, unsafe, fmt.Sprintf("%d more with --unsafe-fixes", unsafe))
	} else {
		add(&aside, unsafe, fmt.Sprintf("%d fixable with --fix --unsafe-fixes", unsafe))
	}
	return strings.Join(append([]string{line}, aside...), "; ")
}

// summaryInk is green only for a run in which everything was judged and nothing found.
func summaryInk(s Summary) ink {
	switch {
	case s.Denied > 0 || s.Errors > 0:
		return red
	case s.Warned > 0 || s.Unknown > 0 || s.Objects == 0:
		return yellow
	case s.Notes > 0 || s.Skipped > 0:
		return bold
	default:
		return green
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// enforceFrom is when a warning becomes a denial: a day, or an instant where it is not the beginning of one.
func enforceFrom(f *rule.Finding) string {
	at := f.EnforceFrom.UTC()
	if at.Equal(at.Truncate(24 * time.Hour)) {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.RFC3339)
}
