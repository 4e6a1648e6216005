package report

import (
	"encoding/xml"
	"io"
)

// checkstyleReport is the format of Checkstyle, which has no schema: readers take what its XMLLogger writes.
// https://github.com/checkstyle/checkstyle/blob/master/src/main/java/com/puppycrawl/tools/checkstyle/XMLLogger.java
type checkstyleReport struct {
	XMLName xml.Name         `xml:"checkstyle"`
	Version string           `xml:"version,attr"`
	Files   []checkstyleFile `xml:"file"`
}

type checkstyleFile struct {
	Name   string            `xml:"name,attr"`
	Errors []checkstyleError `xml:"error"`
}

type checkstyleError struct {
	Line     int    `xml:"line,attr"`
	Column   int    `xml:"column,attr,omitempty"`
	Severity string `xml:"severity,attr"`
	Message  string `xml:"message,attr"`
	Source   string `xml:"source,attr"`
}

func writeCheckstyle(w io.Writer, r Run, _ Style) error {
	out := checkstyleReport{Version: "4.3"} // the format's, which readers compare with what they know
	index := map[string]int{}
	add := func(file string, e checkstyleError) {
		name := visible(slashed(file))
		i, known := index[name]
		if !known {
			i = len(out.Files)
			index[name] = i
			out.Files = append(out.Files, checkstyleFile{Name: name})
		}
		out.Files[i].Errors = append(out.Files[i].Errors, e)
	}
	for _, f := range r.Findings {
		add(textOr(f.At.File, objectName(f.Object)), checkstyleError{
			Line: f.At.Line, Column: f.At.Column, Severity: levelOf(f.Action, "info"),
			Message: visibleLines(paragraphs(&f, advice(&f))), Source: visible("tlsward." + f.Rule),
		})
	}
	for _, p := range r.Errors {
		add(p.File, checkstyleError{Line: p.Line, Severity: "error", Message: visibleLines(problemLine(p)), Source: "tlsward"})
	}
	return writeXML(w, out)
}
