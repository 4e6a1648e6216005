package lint

import (
	"slices"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// Source returns a line of a file that was read, for reports.
func (r *Result) Source(name string, line int) (string, bool) {
	f := r.files[name]
	if f == nil || len(f.documents) == 0 {
		return "", false
	}
	return f.documents[0].SourceLine(line + f.header), true
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
	if d := r.rendered[identify(f)]; d != nil {
		return d.made.source
	}
	file := r.files[f.At.File]
	if file == nil {
		return nil
	}
	same := file.named(f.Object)
	if len(same) == 1 {
		return same[0]
	}
	// Of several, the last that begins before the position; or, where an anchor is meant, any.
	after, _ := slices.BinarySearchFunc(same, f.At.Line+1, func(d *document, line int) int { return d.Line - line })
	if after > 0 && same[after-1].Locate(f.Path) == f.At {
		return same[after-1]
	}
	for _, d := range same {
		if d.Locate(f.Path) == f.At {
			return d
		}
	}
	return nil
}

// named lists a file's documents that hold an object.
func (f *file) named(id kube.ID) []*document {
	if f.byID == nil {
		f.byID = map[kube.ID][]*document{}
		for _, d := range f.documents {
			if d.Status == manifest.Object {
				f.byID[d.Object.ID] = append(f.byID[d.Object.ID], d)
			}
		}
	}
	return f.byID[id]
}

// SetFingerprints gives the findings of a result their fingerprints. It is no part of Run: most reports need none. What is
// rendered goes by the name it has in its text, so that it stays the same one when another overlay takes it in. What is suppressed is
// counted with the others, so that suppressing one of several that are alike changes none of them.
func (r *Result) SetFingerprints() {
	all := slices.Concat(r.Findings, r.Suppressed)
	sortFindings(all)
	rule.SetFingerprints(all, func(f rule.Finding) kube.Object {
		var about kube.Object
		d := r.document(f)
		if d != nil && d.Status == manifest.Object {
			about = d.Object
		}
		if rendered := r.rendered[identify(f)]; rendered != nil {
			about.Fields = rendered.Object.Fields
		}
		return about
	})
	r.Findings, r.Suppressed = nil, nil
	for _, f := range all {
		if f.Suppression == nil {
			r.Findings = append(r.Findings, f)
		} else {
			r.Suppressed = append(r.Suppressed, f)
		}
	}
}
