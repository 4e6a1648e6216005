package lint

import (
	"os"
	"path/filepath"
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

// Replacement says what the fix of a finding changes in the text of its file, also where the fix needs a decision; false
// where it is no change of that file's text.
func (r *Result) Replacement(f rule.Finding) (manifest.Replacement, bool) {
	if f.Fix == nil {
		return manifest.Replacement{}, false
	}
	if rendered := r.rendered[identify(f)]; rendered != nil && rendered.made.unfixable(f.Fix.Edits) != "" {
		return manifest.Replacement{}, false
	}
	d := r.document(f)
	if d == nil || r.files[f.At.File].header > 0 {
		return manifest.Replacement{}, false
	}
	made, err := d.Replace(f.Fix.Edits)
	return made, err == nil && made != manifest.Replacement{From: made.From, To: made.From}
}

// Judged reports whether the run would have found what a rule finds in a file, if it were still there: whether the rule was asked, the
// file was read, or is gone from the folders given, all of that is reported, and nothing was left unread on which it could rest.
func (r *Result) Judged(ruleID, file string, o Options) bool {
	if len(r.Problems) > 0 || o.Part || !o.Scope.all() || !r.asked(ruleID, o) {
		return false
	}
	if f, read := r.files[file]; read || file == "" {
		return file == "" || !f.followed // another overlay of the same base may find more in it
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	if _, err := os.Lstat(absolute); err != nil {
		return os.IsNotExist(err) && r.limits.isGiven(absolute)
	}
	if r.absolute == nil {
		r.absolute = make(map[string]bool, len(r.files))
		for name, f := range r.files {
			if f.followed {
				continue
			}
			if path, err := filepath.Abs(name); err == nil {
				r.absolute[path] = true
			}
		}
	}
	return r.absolute[absolute]
}

// asked reports whether a rule was to find something; of one that no longer exists, nothing is found any more either.
func (r *Result) asked(ruleID string, o Options) bool {
	settings := o.Reviewer.Settings()
	for _, d := range o.Reviewer.Rules() {
		if d.ID == ruleID {
			return settings.Selects(ruleID) && !settings.Off(d)
		}
	}
	return true
}

// Suppress replaces the findings by those that still count, and adds the others to what is suppressed.
func (r *Result) Suppress(left, suppressed []rule.Finding) {
	r.Findings = left
	r.Suppressed = append(r.Suppressed, suppressed...)
	sortFindings(r.Suppressed)
}
