package lint

import (
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// Source returns a line of a file that was read, for reports.
func (r *Result) Source(name string, line int) (string, bool) {
	f := r.files[name]
	if f == nil || len(f.documents) == 0 {
		return "", false
	}
	return f.documents[0].SourceLine(line), true
}

// End returns the column after the last character that a finding is about, on its line; 0 if that cannot be told.
func (r *Result) End(f rule.Finding) int {
	d := r.document(f)
	if d == nil {
		return 0
	}
	start, end := d.Span(f.Path)
	if start != f.At || end.Line != start.Line {
		return 0
	}
	return end.Column
}

// document finds the document a finding is about.
func (r *Result) document(f rule.Finding) *document {
	file := r.files[f.At.File]
	if file == nil {
		return nil
	}
	for _, d := range file.documents {
		if d.Status == manifest.Object && d.Object.ID == f.Object && d.Locate(f.Path) == f.At {
			return d
		}
	}
	return nil
}
