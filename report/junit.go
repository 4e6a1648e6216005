package report

import (
	"encoding/xml"
	"io"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// The elements and attributes are those of Jenkins' schema, which others read too. It has a file for a suite, and none for a
// test: pytest writes one there by default, and reports of it are refused.
// https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
type junitReport struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	File     string      `xml:"file,attr,omitempty"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Skipped   *junitMessage `xml:"skipped"`
	Error     *junitMessage `xml:"error"`
	Failure   *junitMessage `xml:"failure"`
	Output    string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite for each file and a test for each finding. What fails the run fails its test; what could not
// be judged is a skipped one; what is warned of or noted passes, and says so in its output. A run without findings has one
// test that passes, since there are services that take a report without tests for a failure.
func writeJUnit(w io.Writer, r Run, _ Style) error {
	out := junitReport{Name: "tlsward"}
	index := map[string]int{}
	add := func(file string, c junitCase) {
		file = visible(slashed(file))
		name := textOr(file, "tlsward")
		i, known := index[name]
		if !known {
			i = len(out.Suites)
			index[name] = i
			out.Suites = append(out.Suites, junitSuite{Name: name, File: file})
		}
		s := &out.Suites[i]
		s.Cases = append(s.Cases, c)
		s.Tests++
		out.Tests++
		switch {
		case c.Error != nil:
			s.Errors++
			out.Errors++
		case c.Failure != nil:
			s.Failures++
			out.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	for _, f := range r.Findings {
		add(f.At.File, junitFinding(f))
	}
	for _, p := range r.Errors {
		add(p.File, junitCase{
			Name: "readable", Classname: "tlsward",
			Error: &junitMessage{
				Message: visible(p.Message), Type: "unreadable",
				Text: visibleLines(place(kube.Position{File: p.File, Line: p.Line}) + ": " + p.Message),
			},
		})
	}
	if len(out.Suites) == 0 {
		add("", junitCase{Name: summaryLine(r.Summary, 0, 0), Classname: "tlsward"})
	}
	return writeXML(w, out)
}

func junitFinding(f rule.Finding) junitCase {
	c := junitCase{Name: visible(about(f.Object, f.Path)), Classname: visible(f.Rule)}
	where := place(f.At)
	if where != "" {
		where += ": "
	}
	text := visibleLines(where + paragraphs(&f, details(&f)))
	switch {
	case f.Action == rule.Deny:
		c.Failure = &junitMessage{visible(f.Headline()), f.Severity.String(), text}
	case f.Unknown:
		c.Skipped = &junitMessage{Message: visible("not judged: " + f.Headline()), Text: text}
	default:
		label, _ := labelOf(&f)
		c.Output = label + ": " + text
	}
	return c
}
