package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// impact is what comes of another rulebook.
type impact struct {
	From   string         `json:"from"`
	To     string         `json:"to"`
	Denied []impactChange `json:"denied"` // is denied, and was not
	Warned []impactChange `json:"warned"` // is warned of, and was not reported or a note
	Noted  []impactChange `json:"noted"`  // is a note, and was not reported
	Eased  []impactChange `json:"eased"`  // was denied, warned of or noted, and is less than that
	// Unjudged is what could not be: of it nobody knows what would be denied.
	Unjudged []string `json:"unjudged"`
}

// impactChange is a finding of which something else comes. Before and After are deny, warn, note, or none.
type impactChange struct {
	Rule    string `json:"rule"`
	Title   string `json:"title"`
	History string `json:"history,omitempty"` // what the other version changed about the rule
	Object  string `json:"object"`
	Path    string `json:"path"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
	Before  string `json:"before"`
	After   string `json:"after"`

	finding *rule.Finding
}

// compareSides pairs the findings of two rulebooks on the same objects: by rule, object and place, and of several there the gravest with
// the gravest. Words do not count: they change with a rule that finds the same.
func compareSides(before, after *judged) *impact {
	out := &impact{Denied: []impactChange{}, Warned: []impactChange{}, Noted: []impactChange{}, Eased: []impactChange{}, Unjudged: []string{}}
	was, is := placed(before.findings), placed(after.findings)
	keys := make([]string, 0, len(was)+len(is))
	for key := range was {
		keys = append(keys, key)
	}
	for key := range is {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		old, now := was[key], is[key]
		for i := range max(len(old), len(now)) {
			var a, b *rule.Finding
			if i < len(old) {
				a = old[i]
			}
			if i < len(now) {
				b = now[i]
			}
			out.add(a, b, after.rules, before.rules)
		}
	}
	for _, list := range [][]impactChange{out.Denied, out.Warned, out.Noted, out.Eased} {
		slices.SortStableFunc(list, func(a, b impactChange) int {
			return cmp.Or(cmp.Compare(a.Rule, b.Rule), a.finding.At.Compare(b.finding.At), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Path, b.Path))
		})
	}
	return out
}

func placed(findings []rule.Finding) map[string][]*rule.Finding {
	places := map[string][]*rule.Finding{}
	for i := range findings {
		f := &findings[i]
		key := strings.Join([]string{f.Rule, f.Object.GroupKind(), f.Object.String(), f.Path.String(), report.Place(f.At)}, "\x00")
		places[key] = append(places[key], f)
	}
	for _, list := range places {
		slices.SortStableFunc(list, func(a, b *rule.Finding) int { return cmp.Compare(a.Action, b.Action) })
	}
	return places
}

func (i *impact) add(was, is *rule.Finding, rules, old map[string]rule.Definition) {
	before, after := rule.Off, rule.Off
	f := is
	if was != nil {
		before = was.Action
	}
	if is != nil {
		after = is.Action
	} else {
		f = was
	}
	d, known := rules[f.Rule]
	if !known {
		d = old[f.Rule]
	}
	change := impactChange{
		Rule: f.Rule, Title: d.Title, Object: f.Object.String(), Path: f.Path.String(), File: f.At.File, Line: f.At.Line, Message: f.Headline(),
		Before: actionText(before), After: actionText(after), finding: f,
	}
	if was != nil && !was.Ahead.IsZero() {
		change.History = historyText(d, was.Ahead)
	}
	switch {
	case after > before:
		i.Eased = append(i.Eased, change)
	case after == before:
	case after == rule.Deny:
		i.Denied = append(i.Denied, change)
	case after == rule.Warn:
		i.Warned = append(i.Warned, change)
	default:
		i.Noted = append(i.Noted, change)
	}
}

func actionText(a rule.Action) string {
	if a == rule.Off {
		return "none"
	}
	return a.String()
}

// historyText says what a version changed about a rule.
func historyText(d rule.Definition, version rule.Version) string {
	for _, c := range d.History {
		if c.Version != version {
			continue
		}
		text := string(c.Effect) + " in " + version.String()
		if c.What != "" {
			text += ": " + c.What
		}
		return text
	}
	return ""
}

func (i *impact) write(w io.Writer, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(i)
	}
	return outfile.Buffered(w, i.text)
}

// maxImpact of one rule are listed: the JSON has all, and a rollout is planned by rule.
const maxImpact = 10

func (i *impact) text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "rulebook %s -> %s\n", i.From, i.To)
	for _, part := range []struct {
		title string
		list  []impactChange
	}{{"newly denied", i.Denied}, {"newly warned of", i.Warned}, {"newly noted", i.Noted}, {"eased", i.Eased}} {
		if len(part.list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s: %s\n", part.title, count(len(part.list), "finding"))
		for start := 0; start < len(part.list); {
			end := start
			for end < len(part.list) && part.list[end].Rule == part.list[start].Rule {
				end++
			}
			writeImpactRule(&b, part.list[start:end])
			start = end
		}
	}
	scope := ""
	if len(i.Unjudged) > 0 {
		scope = " in what could be judged"
	}
	if len(i.Denied)+len(i.Warned)+len(i.Noted)+len(i.Eased) == 0 {
		b.WriteString("\nnothing changes" + scope + "\n")
	} else if len(i.Denied) == 0 {
		b.WriteString("\nnothing is newly denied" + scope + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeImpactRule(b *strings.Builder, list []impactChange) {
	fmt.Fprintf(b, "  %s: %s (%s)\n", cell(list[0].Rule), cell(list[0].Title), count(len(list), "finding"))
	if list[0].History != "" {
		fmt.Fprintf(b, "    %s\n", cell(list[0].History))
	}
	for _, c := range list[:min(len(list), maxImpact)] {
		where := cell(c.Object)
		if c.File != "" {
			where = cell(report.Place(c.finding.At)) + ": " + where
		}
		fmt.Fprintf(b, "    %s: %s (%s -> %s)\n", where, cell(c.Message), c.Before, c.After)
	}
	if more := len(list) - maxImpact; more > 0 {
		fmt.Fprintf(b, "    ... and %d more (--output json lists all)\n", more)
	}
}
