package lint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aymanbagabas/go-udiff"
	"github.com/google/renameio/v2"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// Fixes is what Fix made of the files.
type Fixes struct {
	// Count is the number of fixes made.
	Count int
	// before and after hold the files that changed.
	before, after map[string][]byte
}

// Files lists, in order, the files that changed.
func (f *Fixes) Files() []string { return kube.SortedKeys(f.after) }

// Content returns a changed file as it is, or would be, written.
func (f *Fixes) Content(name string) []byte { return f.after[name] }

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
	file, rule, path string
	object           kube.ID
}

// Fix makes the safe fixes of what is found, judges the result again until nothing more can be fixed, and returns that
// last result. With write the files are replaced, each as a whole or not at all; a file that somebody else changed
// meanwhile is left alone, and said to be.
func Fix(ctx context.Context, paths []string, o Options, write bool) (*Result, *Fixes, error) {
	fixes := &Fixes{before: map[string][]byte{}, after: map[string][]byte{}}
	read := o.ReadFile
	if read == nil {
		read = readFile
	}
	o.ReadFile = func(name string) ([]byte, error) {
		if data, ok := fixes.after[name]; ok {
			return data, nil
		}
		return read(name)
	}
	tried := map[fixed]bool{}
	var refused []Problem
	result, err := Run(ctx, paths, o)
	for range maxRounds {
		if err != nil {
			return nil, nil, err
		}
		made, problems := fixes.round(result, tried)
		refused = append(refused, problems...)
		if made == 0 {
			break
		}
		result, err = Run(ctx, paths, o)
	}
	if err != nil {
		return nil, nil, err
	}
	result.Problems = append(result.Problems, refused...)
	if write {
		result.Problems = append(result.Problems, fixes.write()...)
	}
	return result, fixes, nil
}

// round makes every safe fix of a result that does not touch what another one of the round changed.
func (f *Fixes) round(result *Result, tried map[fixed]bool) (made int, problems []Problem) {
	touched := map[string]bool{}
	for _, finding := range result.Findings {
		if finding.Fix == nil || !finding.Fix.Safe {
			continue
		}
		key := fixed{finding.At.File, finding.Rule, finding.Path.String(), finding.Object}
		d := result.document(finding)
		if d == nil || tried[key] || overlaps(d, finding, touched) {
			continue
		}
		tried[key] = true
		name := finding.At.File
		data, ok := f.after[name]
		if !ok {
			data = []byte(d.Text())
		}
		edited, err := manifest.Apply(name, data, []manifest.DocumentEdits{{Index: d.Index, Item: d.Item, Edits: finding.Fix.Edits}})
		if err != nil {
			problems = append(problems, Problem{finding.At, fmt.Sprintf("%s: not fixed: %v", finding.Rule, err)})
			continue
		}
		if bytes.Equal(edited, data) {
			continue
		}
		if !ok {
			f.before[name] = data
		}
		f.after[name] = edited
		made++
	}
	f.Count += made
	return made, problems
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

func (f *Fixes) write() (problems []Problem) {
	for _, name := range f.Files() {
		if err := replace(name, f.before[name], f.after[name]); err != nil {
			problems = append(problems, Problem{kube.Position{File: name}, "not written: " + err.Error()})
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
	now, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, before) {
		return errors.New("the file changed while it was judged")
	}
	return renameio.WriteFile(target, after, 0o644, renameio.WithExistingPermissions())
}
