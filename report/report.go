// Package report writes what a run found: as text for people, as JSON for programs. It answers one question, how a run
// is told, for every door that has a reader; cmd chooses the format and hands over a finished Run. It refuses to know
// files, terminals and the environment: source lines come from the Run, colour and width from the Style, and no format
// changes a verdict, an exit code or a count. A format is one file and one row of the table below.
package report

import (
	"cmp"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Run is everything a format may tell. Call Arrange once it is filled in. Several formats may be written at once: what it asks by
// functions must bear that.
type Run struct {
	Summary  Summary
	Findings []rule.Finding
	// Suppressed are findings that do not count, each with its Suppression.
	Suppressed []rule.Finding
	// Errors are documents that could not be read or judged; they are no findings, and no format hides them.
	Errors []Problem
	// Unwritten: Summary.Fixed counts what would be fixed, which a text for people does not call fixed.
	Unwritten bool
	// Skipped are documents that hold no Kubernetes object: counted and named, without weight for the exit code.
	Skipped []Skipped
	// Source gives the text of a line, counted from 1, without which a finding is shown without its code frame. It may
	// be nil.
	Source func(file string, line int) (text string, ok bool)
	// Docs tells where to read more about a rule. Nil means the page's place in the repository.
	Docs func(rule string) string
	// Rule gives what a rule says of itself. It may be nil.
	Rule func(id string) (rule.Definition, bool)
	// Replacement gives what the fix of a finding changes in its file, where it is a change of text. It may be nil.
	Replacement func(rule.Finding) (Replacement, bool)
	// Version is that of the program.
	Version string
	// Sections are further parts of the HTML report, after the findings.
	Sections []Section
}

// Section is a part of the HTML report that another package draws.
type Section struct {
	// ID is the anchor of the section, Title its heading.
	ID, Title string
	// Body is taken as it is, so that it has escaped what comes from manifests. It loads nothing and runs nothing, which the
	// page's content security policy forbids as well.
	Body template.HTML
}

// Replacement is a part of a file and what is to stand there.
type Replacement struct {
	From, To kube.Position // To is after the last character that goes
	Text     string
}

// Summary counts a run. Findings is the sum of Denied, Warned, Notes and Unknown: every finding is counted once.
type Summary struct {
	Files    int `json:"files"`
	Objects  int `json:"objects"`
	Findings int `json:"findings"`
	Denied   int `json:"denied"`
	Warned   int `json:"warned"`
	Notes    int `json:"notes"`
	// Unknown counts the findings that say something could not be judged, but for those an operator chose to deny.
	Unknown    int `json:"unknown"`
	Skipped    int `json:"skipped"`
	Suppressed int `json:"suppressed"`
	// Baseline counts those of Suppressed that a baseline lists.
	Baseline int `json:"baseline"`
	Fixed    int `json:"fixed"`
	Errors   int `json:"errors"`
}

// verdict is the headline of a report, and its class: deny, warn or clean.
func (s Summary) verdict() (class, text string) {
	switch {
	case s.Denied > 0:
		return "deny", fmt.Sprintf("%d would be denied", s.Denied)
	case s.Errors > 0:
		return "deny", "Not everything could be judged"
	case s.Objects == 0:
		return "warn", "Nothing to judge"
	case s.Warned > 0 || s.Unknown > 0:
		return "warn", "Nothing would be denied"
	}
	return "clean", "Nothing would be denied"
}

// Problem is a document that could not be read or judged. Line is 0 where the trouble is with the whole file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// Skipped is a document that holds no Kubernetes object: a values file, a template nobody rendered.
type Skipped struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// Style is how text looks. The zero value is that of a pipe.
type Style struct {
	Color bool
	// Width is the terminal's, in columns; 0 means that nobody knows it.
	Width int
	// Links has what names a page lead to it, for terminals that know OSC 8.
	Links bool
}

// Format is one way to write a run.
type Format struct {
	Name string
	// Help says in one line what it is for.
	Help  string
	Write func(io.Writer, Run, Style) error
	// Fingerprints: it tells those of the findings, which the door has to set.
	Fingerprints bool
	// Sections: it shows those of the run, which cost something to make.
	Sections bool
}

// formats is the only list of formats: flag, help and completion read it.
var formats = []Format{
	{Name: "text", Help: "for people: each finding with its line of source, what happens and how to mend it", Write: writeText},
	{Name: "json", Help: "for programs: everything, as docs/schemas/report.json describes it", Write: writeJSON, Fingerprints: true},
	{Name: "jsonl", Help: "for programs that read line by line: each finding as json has it", Write: writeJSONLines, Fingerprints: true},
	{Name: "sarif", Help: "for code scanning: SARIF 2.1.0, with rules, regions and fixes", Write: writeSARIF, Fingerprints: true},
	{Name: "github", Help: "for GitHub Actions: annotations of the change, in the log", Write: writeGitHub},
	{Name: "gitlab", Help: "for GitLab: the code quality report", Write: writeGitLab, Fingerprints: true},
	{Name: "junit", Help: "for what reads test results: JUnit XML, a failure for each denial", Write: writeJUnit},
	{Name: "checkstyle", Help: "for what reads linters: Checkstyle XML", Write: writeCheckstyle},
	{Name: "markdown", Help: "for the summary of a job or a comment: bounded in length", Write: writeMarkdown},
	{Name: "policyreport", Help: "for dashboards in a cluster: PolicyReports (wgpolicyk8s.io/v1alpha2), as YAML", Write: writePolicyReports, Fingerprints: true},
	{Name: "html", Help: "for reading in a browser: one page by object and by rule, without scripts", Write: writeHTML, Sections: true},
}

// Formats returns every format, the default one first.
func Formats() []Format { return slices.Clone(formats) }

// Lookup returns the format of that name among some.
func Lookup(formats []Format, name string) (Format, error) {
	names := make([]string, len(formats))
	for i, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	meant := ""
	if near, ok := kube.Near(name, names); ok {
		meant = "did you mean " + near + "? "
	}
	return Format{}, fmt.Errorf("%s: no such format; %swant one of %s", name, meant, strings.Join(names, ", "))
}

// Arrange puts every list in the order in which all formats tell it (file, line, column, rule) and fills in the part of
// the summary that the lists decide. Files, Objects, Suppressed and Fixed stay as the door counted them.
func (r *Run) Arrange() {
	slices.SortStableFunc(r.Findings, compareFindings)
	slices.SortStableFunc(r.Suppressed, compareFindings)
	slices.SortStableFunc(r.Errors, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	slices.SortStableFunc(r.Skipped, func(a, b Skipped) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	s := &r.Summary
	s.Findings, s.Errors, s.Skipped = len(r.Findings), len(r.Errors), len(r.Skipped)
	s.Denied, s.Warned, s.Notes, s.Unknown = 0, 0, 0, 0
	for _, f := range r.Findings {
		switch {
		case f.Action == rule.Deny:
			s.Denied++
		case f.Unknown:
			s.Unknown++
		case f.Action == rule.Warn:
			s.Warned++
		default:
			s.Notes++
		}
	}
}

// compareFindings falls back on the object and the wording, so that no sort depends on the order of review, which for
// objects of a cluster, all without a position, is anybody's.
func compareFindings(a, b rule.Finding) int {
	if c := cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Rule, b.Rule)); c != 0 {
		return c // nearly always: what follows is dearer to tell
	}
	return cmp.Or(
		a.Object.Compare(b.Object), cmp.Compare(a.Path.String(), b.Path.String()), cmp.Compare(a.Headline(), b.Headline()),
	)
}

// byGravity are the findings with what is denied first, otherwise as they were.
func byGravity(findings []rule.Finding) []rule.Finding {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b rule.Finding) int { return cmp.Compare(a.Action, b.Action) })
	return sorted
}

func (r Run) docs(id string) string {
	if r.Docs != nil {
		return r.Docs(id)
	}
	return rule.Definition{ID: id}.Docs()
}

func (r Run) rule(id string) (rule.Definition, bool) {
	if r.Rule == nil {
		return rule.Definition{}, false
	}
	return r.Rule(id)
}

// fixable counts the findings that --fix mends.
func (r Run) fixable() int { return r.fixes(true) }

// fixes counts the findings with a fix that is safe, or is not: those --fix mends only if it is told to.
func (r Run) fixes(safe bool) int {
	n := 0
	for _, f := range r.Findings {
		if f.Fix != nil && f.Fix.Safe == safe {
			n++
		}
	}
	return n
}

// place writes a position as editors read it, leaving out what is not known.
func place(at kube.Position) string {
	switch {
	case at.Line == 0:
		return at.File
	case at.Column == 0:
		return at.File + ":" + strconv.Itoa(at.Line)
	default:
		return at.File + ":" + strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Column)
	}
}
