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
	"github.com/google/renameio/v2"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// Fixes is what Fix made of the files.
type Fixes struct {
	// Count is the number of fixes made; those in a file that could not be written are not counted.
	Count int
	// Unfixed are the safe fixes that were not made, each with the reason. The finding stands all the same.
	Unfixed []Problem
	// before and after hold the files that changed, counts the fixes made in each.
	before, after map[string][]byte
	counts        map[string]int
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

// Fix makes the safe fixes of what is found, judges the result again until nothing more can be fixed, and returns that
// last result. With write the files are replaced, each as a whole or not at all; a file that somebody else changed
// meanwhile is left alone, and said to be.
func Fix(ctx context.Context, paths []string, o Options, write bool) (*Result, *Fixes, error) {
	return fix(o, write, func(o Options) (*Result, error) { return Run(ctx, paths, o) })
}

func fix(o Options, write bool, run func(Options) (*Result, error)) (*Result, *Fixes, error) {
	fixes := &Fixes{before: map[string][]byte{}, after: map[string][]byte{}, counts: map[string]int{}, left: map[string]bool{}}
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
		made, problems := fixes.round(result, tried, read)
		failed = append(failed, problems...)
		if made == 0 {
			break
		}
		result, err = run(o)
	}
	if err != nil {
		return nil, nil, err
	}
	if write {
		if problems := fixes.write(); len(problems) > 0 {
			// What was not written is still as it was, and has to be judged so.
			failed = append(failed, problems...)
			if result, err = run(o); err != nil {
				return nil, nil, err
			}
		}
	}
	result.Problems = append(result.Problems, failed...)
	for _, count := range fixes.counts {
		fixes.Count += count
	}
	slices.SortStableFunc(fixes.Unfixed, func(a, b Problem) int { return a.At.Compare(b.At) })
	return result, fixes, nil
}

// wish is a fix that is to be made.
type wish struct {
	finding rule.Finding
	edits   manifest.DocumentEdits
}

// round makes every safe fix of a result that does not touch what another one of the round changed.
func (f *Fixes) round(result *Result, tried map[fixed]bool, read func(string) (string, error)) (made int, problems []Problem) {
	touched := map[string]bool{}
	wishes := map[string][]wish{}
	for _, finding := range result.Findings {
		if finding.Fix == nil || !finding.Fix.Safe {
			continue
		}
		d := result.document(finding)
		if made := result.rendered[identify(finding)]; made != nil {
			if reason := made.made.unfixable(finding.Fix.Edits); reason != "" {
				key := fixed{file: finding.At.File, rule: finding.Rule, path: finding.Path.String(), object: finding.Object}
				if !tried[key] {
					tried[key] = true
					f.refuse(finding, reason)
				}
				continue
			}
		}
		if d == nil {
			continue
		}
		key := fixed{finding.At.File, finding.Rule, finding.Path.String(), d.Item.String(), d.Index, finding.Object}
		if tried[key] || f.left[key.file] || overlaps(d, finding, touched) {
			continue
		}
		tried[key] = true
		if reason := result.limits.unwritable(result.files[finding.At.File]); reason != "" {
			f.refuse(finding, reason)
			continue
		}
		if same, err := kube.Apply(d.Object, finding.Fix.Edits); err == nil && reflect.DeepEqual(same.Fields, d.Object.Fields) {
			continue
		}
		edits := manifest.DocumentEdits{Index: d.Index, Item: d.Item, Edits: finding.Fix.Edits}
		wishes[finding.At.File] = append(wishes[finding.At.File], wish{finding, edits})
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
					f.refuse(w.finding, reason(err))
				}
				return 0, nil
			}
			return 0, errChanged
		}
	}
	edited, made := f.apply(name, data, wishes)
	if made == 0 {
		return 0, nil
	}
	if !again {
		f.before[name] = data
	}
	f.after[name] = edited
	f.counts[name] += made
	return made, nil
}

// apply makes fixes at once. If that is refused it makes those of either half, so that one refusal loses no other fix and
// thousands of fixes do not write the file thousands of times.
func (f *Fixes) apply(name string, data []byte, wishes []wish) (edited []byte, made int) {
	edits := make([]manifest.DocumentEdits, len(wishes))
	for i, w := range wishes {
		edits[i] = w.edits
	}
	edited, err := manifest.Apply(name, data, edits)
	switch half := len(wishes) / 2; {
	case err == nil:
		return edited, len(wishes)
	case half == 0:
		f.refuse(wishes[0].finding, reason(err))
		return data, 0
	default:
		data, first := f.apply(name, data, wishes[:half])
		data, second := f.apply(name, data, wishes[half:])
		return data, first + second
	}
}

func (f *Fixes) refuse(finding rule.Finding, reason string) {
	f.Unfixed = append(f.Unfixed, Problem{finding.At, finding.Rule + ": not fixed: " + reason})
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
	return renameio.WriteFile(target, after, 0o644, renameio.WithExistingPermissions())
}
