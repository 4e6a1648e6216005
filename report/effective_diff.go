package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
)

// shift is what becomes of an answer, for all requests of which the same becomes for the same reason.
type shift struct {
	verdict  effective.Verdict
	question string
	was, is  string
	requests []*effective.Row
	causes   []cause
	tree     string
}

// cause is a field that decided an answer.
type cause struct {
	at, field, because string
	// before: it is the base's.
	before bool
}

// question names an aspect in a difference.
func question(a effective.Aspect) string {
	if a == effective.Verification {
		return "backend's certificate"
	}
	return a.String()
}

// shifts joins changes that are alike; in order.
func shifts(t *EffectiveDiffTree) (list []*shift) {
	known := map[string]*shift{}
	for i := range t.Changes {
		c := &t.Changes[i]
		s := newShift(c, t.Same)
		s.tree = treeTitle(t.Environment, t.Root)
		key := fmt.Sprintf("%d %q %q %q %+v", s.verdict, s.question, s.was, s.is, s.causes)
		if c.Verdict == effective.Appeared || c.Verdict == effective.Vanished {
			key += c.At.Host + c.At.Service
		}
		if same := known[key]; same != nil {
			same.requests = append(same.requests, c.At)
			continue
		}
		known[key] = s
		list = append(list, s)
	}
	return list
}

func newShift(c *effective.Change, same func(effective.Source) bool) *shift {
	s := &shift{verdict: c.Verdict, question: question(c.Aspect), requests: []*effective.Row{c.At}}
	s.was, s.is = sideText(c, c.Before), sideText(c, c.After)
	if authorityOf(c.Aspect, c.Before) == authorityOf(c.Aspect, c.After) {
		s.is = strings.TrimSuffix(s.is, authorityOf(c.Aspect, c.After)) // it was said
	}
	was, is := c.Was(), c.Is()
	if was.Is == is.Is {
		// The answer is the same, and what it leaves out is not.
		added, removed := effective.Changed(was, is)
		s.was, s.is = s.was+conditionText(removed), s.is+conditionText(added)
		was.By, is.By = nil, nil
		for _, condition := range added {
			s.causes = append(s.causes, newCause(&condition.Source, false))
		}
		for _, condition := range removed {
			s.causes = append(s.causes, newCause(&condition.Source, true))
		}
		s.causes = slices.CompactFunc(s.causes, func(a, b cause) bool { return a == b })
	}
	if same != nil {
		// Fields that are the same are no reason, unless there is no other one.
		left := slices.DeleteFunc(slices.Concat(was.By, is.By), same)
		if len(left) > 0 {
			other := func(by effective.Source) bool { return same(by) && by.Because == "" }
			was.By, is.By = slices.DeleteFunc(slices.Clone(was.By), other), slices.DeleteFunc(slices.Clone(is.By), other)
		}
	}
	for _, by := range is.By {
		s.causes = append(s.causes, newCause(&by, false))
	}
	// What decided before is a cause where it is not what decides now: it went, or lost against another.
	for _, by := range was.By {
		gone := !slices.ContainsFunc(is.By, func(other effective.Source) bool { return other.Object == by.Object && other.Path.Equal(by.Path) })
		if gone {
			s.causes = append(s.causes, newCause(&by, true))
		}
	}
	return s
}

// conditionText lists conditions that only one side has.
func conditionText(list []effective.Condition) string {
	const most = 3
	var text strings.Builder
	for i, c := range list {
		if i == most {
			fmt.Fprintf(&text, ", and %d more", len(list)-most)
			break
		}
		text.WriteString(map[bool]string{true: ", with ", false: ", "}[i == 0] + c.Text)
	}
	return text.String()
}

func newCause(by *effective.Source, before bool) cause {
	return cause{where(by), sourceText(*by), by.Because, before}
}

// sideText is an answer on one of the sides, with what it is by where that makes it understood.
func sideText(c *effective.Change, r *effective.Row) string {
	if r == nil {
		return notServed
	}
	v := r.Value(c.Aspect)
	if v.Unknown != "" {
		return "unknown (" + v.Unknown + ")"
	}
	if !v.Asked() {
		if c.Aspect == effective.Clients || c.Aspect == effective.Verification {
			return "left to the backend"
		}
		return effective.None
	}
	text := v.Is + authorityOf(c.Aspect, r)
	if r.Port != c.At.Port {
		text += fmt.Sprintf(" at port %d", r.Port)
	}
	if c.Verdict == effective.Appeared || c.Verdict == effective.Vanished {
		for a := range questions(r) {
			text += "; " + a.question + " " + a.text()
		}
	}
	return text
}

// authorityOf is what certificates are verified by, in brackets, where an aspect is about that.
func authorityOf(a effective.Aspect, r *effective.Row) string {
	of, ok := map[effective.Aspect]effective.Aspect{effective.Clients: effective.ClientCA, effective.Verification: effective.UpstreamCA}[a]
	if !ok || r == nil || r.Value(of).Is == "" || r.Value(of).Is == effective.None {
		return ""
	}
	return " (" + r.Value(of).Is + ")"
}

const notServed = "not served"

// about names the requests: a few hosts and ports, and of one of them a few paths.
func (s *shift) about() string {
	var names []string
	paths := map[string][]string{}
	for _, r := range s.requests {
		at := address(r)
		if _, known := paths[at]; !known {
			names = append(names, at)
		}
		if p := pathText(r); p != "" {
			paths[at] = append(paths[at], p)
		} else {
			paths[at] = slices.Clip(paths[at])
		}
	}
	if len(names) == 1 {
		if list := paths[names[0]]; len(list) > 0 {
			return names[0] + " " + some(slices.Compact(list), maxPaths, "path")
		}
		return names[0]
	}
	return some(names, maxPaths, "host")
}

// summaryOf counts, worst first.
func summaryOf(d *EffectiveDiff) string {
	counts, unchanged := d.Changed()
	var parts []string
	for v := effective.Weaker; v <= effective.Stronger; v++ {
		if n := counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	line := strings.Join(parts, ", ")
	if line == "" {
		line = "nothing changes"
	}
	if unchanged > 0 || len(parts) > 0 {
		line += "; " + plural(unchanged, "host") + " unchanged"
	}
	return line
}

func verdictInk(v effective.Verdict) ink {
	switch v {
	case effective.Weaker:
		return red
	case effective.Unclear:
		return yellow
	case effective.Stronger:
		return green
	default:
		return cyan
	}
}

// sortedShifts are those of all trees, worst first.
func sortedShifts(d *EffectiveDiff) (list []*shift) {
	for i := range d.Trees {
		of := shifts(&d.Trees[i])
		if len(d.Trees) == 1 {
			for _, s := range of {
				s.tree = ""
			}
		}
		list = append(list, of...)
	}
	slices.SortStableFunc(list, func(a, b *shift) int { return cmp.Compare(a.verdict, b.verdict) })
	return list
}

// writeEffectiveDiffText writes a line or two for each change, worst first, and the field that makes it below.
func writeEffectiveDiffText(w io.Writer, d EffectiveDiff, s Style) error {
	p := newPrinter(w, s)
	const indent = 4
	list := sortedShifts(&d)
	for _, s := range list {
		line := paragraph{printer: p, indent: indent}
		line.add(verdictInk(s.verdict), s.verdict.String(), "")
		line.add(plain, ": ", "")
		line.add(bold, s.about(), "")
		line.add(plain, " "+s.change("->"), "")
		if s.tree != "" {
			line.add(dim, " ["+s.tree+"]", "")
		}
		p.end()
		for _, c := range s.causes {
			p.put(plain, strings.Repeat(" ", indent))
			line := paragraph{printer: p, column: indent, indent: indent + 2}
			line.add(dim, c.text(d.Base), "")
			p.end()
		}
	}
	if len(list) > 0 {
		p.end()
	}
	problems(p, d.Errors)
	counts, _ := d.Changed()
	i := green
	switch {
	case counts[effective.Weaker] > 0 || len(d.Errors) > 0:
		i = red
	case counts[effective.Unclear] > 0:
		i = yellow
	case len(list) > 0:
		i = bold
	}
	summary := paragraph{printer: p, indent: indent}
	summary.add(i, summaryOf(&d), "")
	p.end()
	return p.out.Flush()
}

// change is the change in words.
func (s *shift) change(arrow string) string {
	switch s.verdict {
	case effective.Appeared:
		return "is served now: " + s.is
	case effective.Vanished:
		return "is served no more: " + s.was
	default:
		return s.question + ": " + s.was + " " + arrow + " " + s.is
	}
}

func (c cause) text(base string) string {
	text := c.field
	if c.at != "" && c.at != c.field {
		text = c.at + ": " + text
	}
	if c.because != "" {
		text += ": " + strings.Join(strings.Fields(c.because), " ")
	}
	if c.before {
		text += " (" + base + ")"
	}
	return text
}
