package lint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/aymanbagabas/go-udiff"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/rule"
)

// FixOptions say which fixes are made.
type FixOptions struct {
	// Write replaces the files; without it, Fixes has what would become of them.
	Write bool
	// Unsafe makes those fixes too that need a decision.
	Unsafe bool
	// Only are globs over ids of the rules whose fixes are made; none means all.
	Only []string
}

// selects reports whether fixes of a rule are made.
func (o FixOptions) selects(ruleID string) bool {
	return len(o.Only) == 0 || slices.ContainsFunc(o.Only, func(glob string) bool { return rule.Match(glob, ruleID) })
}

// Fixes is what Fix made of the files.
type Fixes struct {
	// Count is the number of fixes made; those in a file that could not be written are not counted.
	Count int
	// Written: as FixOptions.Write says.
	Written bool
	// Rules counts them by rule.
	Rules map[string]int
	// Unfixed are the fixes that were wanted and not made, each with the reason. The finding stands all the same.
	Unfixed []Problem
	// Unsafe, Unselected and Suppressed count the fixes that nobody wanted: those that need a decision, those of rules not
	// among FixOptions.Only, and those of what is suppressed.
	Unsafe, Unselected, Suppressed int
	// before and after hold the files that changed, counts the fixes made in each, by rule.
	before, after map[string][]byte
	counts        map[string]map[string]int
	// refused are fixes that could not be made, with the reason.
	refused map[fixed]string
	// left are the files that somebody else changed, or that cannot be read any more.
	left map[string]bool
}

// Files lists, in order, the files that changed.
func (f *Fixes) Files() []string { return kube.SortedKeys(f.after) }

// Diff shows the changes in the form that patch and git apply read.
func (f *Fixes) Diff() string {
	var b bytes.Buffer
	for _, name := range f.Files() {
		slashed := filepath.ToSlash(name)
		b.WriteString(udiff.Unified("a/"+slashed, "b/"+slashed, string(f.before[name]), string(f.after[name])))
	}
	return b.String()
}

// maxRounds bounds how often files are judged again after fixes: a fix may uncover another, but a chain of more is two
// rules undoing each other.
const maxRounds = 8

// fixed identifies a fix, so that none is tried twice.
type fixed struct {
	file, rule, path, item string
	index                  int
	object                 kube.ID
}

// Fix makes the fixes of what is found, judges the result again until nothing more can be fixed, and returns that
// last result. Files are replaced each as a whole or not at all; one that somebody else changed
// meanwhile is left alone, and said to be.
func Fix(ctx context.Context, paths []string, o Options, f FixOptions) (*Result, *Fixes, error) {
	return fix(o, f, func(o Options) (*Result, error) { return Run(ctx, paths, o) })
}

func fix(o Options, f FixOptions, run func(Options) (*Result, error)) (*Result, *Fixes, error) {
	fixes := &Fixes{
		Written: f.Write, Rules: map[string]int{}, before: map[string][]byte{}, after: map[string][]byte{}, counts: map[string]map[string]int{},
		left: map[string]bool{}, refused: map[fixed]string{},
	}
	read := o.ReadFile
	if read == nil {
		read = readFile
	}
	o.ReadFile = func(name string) (string, error) {
		if data, ok := fixes.after[name]; ok {
			return string(data), nil
		}
		return read(name)
	}
	tried := map[fixed]bool{}
	var failed []Problem
	result, err := run(o)
	for range maxRounds {
		if err != nil {
			return nil, nil, err
		}
		made, problems := fixes.round(result, f, tried, read)
		failed = append(failed, problems...)
		if made == 0 {
			break
		}
		result, err = run(o)
	}
	if err != nil {
		return nil, nil, err
	}
	if f.Write {
		if problems := fixes.write(); len(problems) > 0 {
			// What was not written is still as it was, and has to be judged so.
			failed = append(failed, problems...)
			if result, err = run(o); err != nil {
				return nil, nil, err
			}
		}
	}
	result.Problems = append(result.Problems, failed...)
	fixes.conclude(result, f, tried)
	return result, fixes, nil
}

// conclude counts the fixes made, and says of every other why it was not.
func (f *Fixes) conclude(result *Result, o FixOptions, tried map[fixed]bool) {
	for _, rules := range f.counts {
		for id, count := range rules {
			f.Count += count
			f.Rules[id] += count
		}
	}
	for _, finding := range result.Suppressed {
		if finding.Fix != nil {
			f.Suppressed++
		}
	}
	said := map[fixed]bool{}
	for _, finding := range result.Findings {
		switch {
		case finding.Fix == nil:
			continue
		case !o.selects(finding.Rule):
			f.Unselected++
			continue
		case !finding.Fix.Safe && !o.Unsafe:
			f.Unsafe++
			continue
		}
		key := identityOf(finding, result.document(&finding))
		why, refused := f.refused[key]
		switch {
		case said[key] || f.left[finding.At.File]:
			continue
		case refused:
		case tried[key]:
			why = "it was, and is found again: another fix undoes it"
		default:
			why = "another fix changes the same field, or where it stands is not certain"
		}
		said[key] = true
		f.Unfixed = append(f.Unfixed, Problem{finding.At, finding.Rule + ": not fixed: " + why})
	}
	slices.SortStableFunc(f.Unfixed, func(a, b Problem) int { return a.At.Compare(b.At) })
}

// identityOf is the identity of a finding's fix, with the document it is to be made in, or nil.
func identityOf(f rule.Finding, d *document) fixed {
	key := fixed{file: f.At.File, rule: f.Rule, path: f.Path.String(), object: f.Object}
	if d != nil {
		key.item, key.index = d.Item.String(), d.Index
	}
	return key
}

// wish is a fix that is to be made.
type wish struct {
	finding rule.Finding
	key     fixed
	edits   manifest.DocumentEdits
}

// round makes every wanted fix of a result that does not touch what another one of the round changed. Safe ones come first.
func (f *Fixes) round(result *Result, o FixOptions, tried map[fixed]bool, read func(string) (string, error)) (made int, problems []Problem) {
	touched := map[string]bool{}
	wishes := map[string][]wish{}
	for _, safe := range []bool{true, false} {
		for _, finding := range result.Findings {
			if finding.Fix == nil || finding.Fix.Safe != safe || !safe && !o.Unsafe || !o.selects(finding.Rule) {
				continue
			}
			if w, ok := f.wish(result, finding, tried, touched); ok {
				wishes[finding.At.File] = append(wishes[finding.At.File], w)
			}
		}
	}
	for _, name := range kube.SortedKeys(wishes) {
		n, err := f.file(name, result.files[name].documents[0].Text(), wishes[name], read)
		if err != nil {
			f.left[name] = true
			problems = append(problems, Problem{kube.Position{File: name}, "not fixed: " + reason(err)})
		}
		made += n
	}
	return made, problems
}

// wish says how a fix is made in its file, if it is to be made in this round.
func (f *Fixes) wish(result *Result, finding rule.Finding, tried map[fixed]bool, touched map[string]bool) (w wish, ok bool) {
	d := result.document(&finding)
	key := identityOf(finding, d)
	if made := result.rendered[identify(&finding)]; made != nil {
		if reason := made.made.unfixable(finding.Fix.Edits); reason != "" {
			f.refused[key] = reason
			return w, false
		}
	}
	if d == nil || tried[key] || f.left[key.file] || overlaps(d, finding, touched) {
		return w, false
	}
	tried[key] = true
	if reason := result.limits.unwritable(result.files[finding.At.File]); reason != "" {
		f.refused[key] = reason
		return w, false
	}
	if same, err := kube.Apply(d.Object, finding.Fix.Edits); err == nil && reflect.DeepEqual(same.Fields, d.Object.Fields) {
		return w, false
	}
	return wish{finding, key, manifest.DocumentEdits{Index: d.Index, Item: d.Item, Edits: finding.Fix.Edits}}, true
}

var errChanged = errors.New("the file changed while it was judged")

// file makes the fixes of one file, whose text was judged. An error is about the file, not about a fix.
func (f *Fixes) file(name, judged string, wishes []wish, read func(string) (string, error)) (made int, err error) {
	data, again := f.after[name]
	if !again {
		text, err := read(name)
		if err != nil {
			return 0, err
		}
		data = []byte(text)
		if text != judged {
			// Of UTF-16 another text was judged than is in the file, and it is not edited at all.
			if _, err := manifest.Apply(name, data, nil); err != nil {
				for _, w := range wishes {
					f.refused[w.key] = reason(err)
				}
				return 0, nil
			}
			return 0, errChanged
		}
	}
	edited, done := f.apply(name, data, wishes)
	if len(done) == 0 {
		return 0, nil
	}
	if !again {
		f.before[name] = data
	}
	f.after[name] = edited
	if f.counts[name] == nil {
		f.counts[name] = map[string]int{}
	}
	for _, w := range done {
		f.counts[name][w.finding.Rule]++
	}
	return len(done), nil
}

// apply makes fixes at once. If that is refused it makes those of either half, so that one refusal loses no other fix and
// thousands of fixes do not write the file thousands of times.
func (f *Fixes) apply(name string, data []byte, wishes []wish) (edited []byte, made []wish) {
	edits := make([]manifest.DocumentEdits, len(wishes))
	for i, w := range wishes {
		edits[i] = w.edits
	}
	edited, err := manifest.Apply(name, data, edits)
	switch half := len(wishes) / 2; {
	case err == nil:
		return edited, wishes
	case half == 0:
		f.refused[wishes[0].key] = reason(err)
		return data, nil
	default:
		data, first := f.apply(name, data, wishes[:half])
		data, second := f.apply(name, data, wishes[half:])
		return data, slices.Concat(first, second)
	}
}

// overlaps reports whether an earlier fix of the round changed one of the fields, and marks them otherwise.
func overlaps(d *document, finding rule.Finding, touched map[string]bool) bool {
	var keys []string
	for _, edit := range finding.Fix.Edits {
		keys = append(keys, fmt.Sprintf("%s#%d%s:%s", d.File, d.Index, d.Item, edit.Path))
	}
	for _, key := range keys {
		if touched[key] {
			return true
		}
	}
	for _, key := range keys {
		touched[key] = true
	}
	return false
}

// write replaces the files that changed, and forgets the changes of those that cannot be.
func (f *Fixes) write() (problems []Problem) {
	for _, name := range f.Files() {
		if err := replace(name, f.before[name], f.after[name]); err != nil {
			problems = append(problems, Problem{kube.Position{File: name}, "not written: " + reason(err)})
			delete(f.before, name)
			delete(f.after, name)
			delete(f.counts, name)
		}
	}
	return problems
}

// replace puts a new file in the place of an old one in one step. Through a symbolic link, the file behind it is meant.
func replace(name string, before, after []byte) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	now, err := manifest.ReadFile(target, nil)
	if err != nil {
		return err
	}
	if now != string(before) {
		return errChanged
	}
	return outfile.Write(target, after)
}
