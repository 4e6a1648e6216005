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

// SetEnds says of every finding where it ends, as far as that can be told. It is no part of Run, which does not tell it of what is
// rendered.
func (r *Result) SetEnds() {
	for _, list := range [][]rule.Finding{r.Findings, r.Suppressed} {
		for i := range list {
			if list[i].End == 0 {
				list[i].End = r.end(&list[i])
			}
		}
	}
}

func (r *Result) end(f *rule.Finding) int {
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
func (r *Result) document(f *rule.Finding) *document {
	if d := r.renderedIn(f); d != nil {
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

// renderedIn is the rendered document that a finding was located in, nil for what stands in a file.
func (r *Result) renderedIn(f *rule.Finding) *document {
	if len(r.rendered) == 0 {
		return nil
	}
	return r.rendered[identify(f)]
}

// named lists a file's documents that hold an object.
func (f *file) named(id kube.ID) []*document {
	f.indexed.Do(func() {
		f.byID = map[kube.ID][]*document{}
		for _, d := range f.documents {
			if d.Status == manifest.Object {
				f.byID[d.Object.ID] = append(f.byID[d.Object.ID], d)
			}
		}
	})
	return f.byID[id]
}

// SetFingerprints gives the findings of a result their fingerprints. It is no part of Run: most reports need none. What is
// rendered goes by the name it has in its text, so that it stays the same one when another overlay takes it in. What is suppressed is
// counted with the others, so that suppressing one of several that are alike changes none of them.
func (r *Result) SetFingerprints() {
	object := func(f *rule.Finding) (about kube.Object) {
		if d := r.document(f); d != nil && d.Status == manifest.Object {
			about = d.Object
		}
		if rendered := r.renderedIn(f); rendered != nil {
			about.Fields = rendered.Object.Fields
		}
		return about
	}
	if len(r.Suppressed) == 0 {
		sortFindings(r.Findings)
		rule.SetFingerprints(r.Findings, object)
		return
	}
	all := slices.Concat(r.Findings, r.Suppressed)
	sortFindings(all)
	rule.SetFingerprints(all, object)
	r.Findings, r.Suppressed = r.Findings[:0:len(r.Findings)], r.Suppressed[:0:len(r.Suppressed)]
	for i := range all {
		if all[i].Suppression == nil {
			r.Findings = append(r.Findings, all[i])
		} else {
			r.Suppressed = append(r.Suppressed, all[i])
		}
	}
}

// Replacement says what the fix of a finding changes in the text of its file, also where the fix needs a decision; false
// where it is no change of that file's text.
func (r *Result) Replacement(f rule.Finding) (manifest.Replacement, bool) {
	if f.Fix == nil {
		return manifest.Replacement{}, false
	}
	if rendered := r.renderedIn(&f); rendered != nil && rendered.made.unfixable(f.Fix.Edits) != "" {
		return manifest.Replacement{}, false
	}
	d := r.document(&f)
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
