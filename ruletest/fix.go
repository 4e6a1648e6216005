package ruletest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/rule"
)

// fix compares what fixing a bad scene gives with the fixed scene that stands beside it.
func (t *trial) fix(want *scene) {
	fixable := slices.ContainsFunc(t.result.Findings, func(f rule.Finding) bool {
		return f.Rule == t.definition.ID && f.Fix != nil && f.Fix.Safe
	})
	if t.definition.Default {
		for _, f := range t.result.Findings {
			if f.Rule == t.definition.ID && f.Fix != nil && !f.Fix.Safe {
				t.fail("%s:%d: %s is a default, and its fix is not safe", t.file, f.At.Line, f.Rule)
			}
		}
	}
	t.unsafe()
	if want == nil {
		if fixable {
			t.fail("%s: %s can be fixed here, and there is no fixed scene of it", t.file, t.definition.ID)
		}
		return
	}
	got, err := t.fixText(withoutWants(t.manifests))
	if err != nil {
		t.fail("%s: fix: %w", t.file, err)
		return
	}
	if expected := withoutWants(want.text); !bytes.Equal(withConfig(got), expected) {
		line, is, should := difference(withConfig(got), expected)
		t.fail("%s:%d: fixing %s does not lead here: want %q, got %q%s", want.file, line, t.file, should, is, diff(expected, withConfig(got)))
		return
	}
	again, err := t.fixText(got)
	switch {
	case err != nil:
		t.fail("%s: second fix: %w", want.file, err)
	case !bytes.Equal(got, again):
		line, is, was := difference(again, got)
		t.fail("%s:%d: fixing it once more changes %q to %q%s", want.file, line, was, is, diff(got, again))
	}
	if t.definition.Default {
		t.mutate(want)
	}
}

// unsafe makes the fixes of the rule that need a decision too: whoever takes it must get what the fix promises.
func (t *trial) unsafe() {
	isUnsafe := func(f rule.Finding) bool { return f.Rule == t.definition.ID && f.Fix != nil && !f.Fix.Safe }
	if !slices.ContainsFunc(t.result.Findings, isUnsafe) {
		return
	}
	if err := os.WriteFile(t.path, withoutWants(t.manifests), 0o600); err != nil {
		t.fail("%s: %w", t.file, err)
		return
	}
	_, fixes, err := lint.Fix(t.ctx, []string{t.path}, t.options, lint.FixOptions{Unsafe: true, Only: []string{t.definition.ID}})
	if err != nil {
		t.fail("%s: fix that needs a decision: %w", t.file, err)
		return
	}
	for _, problem := range fixes.Unfixed {
		t.fail("%s:%d: %s", t.file, problem.At.Line, problem.Message)
	}
}

// fixText runs lint's fix over a text.
func (t *trial) fixText(text []byte) ([]byte, error) {
	if err := os.WriteFile(t.path, text, 0o600); err != nil {
		return nil, err
	}
	if _, _, err := lint.Fix(t.ctx, []string{t.path}, t.options, lint.FixOptions{Write: true}); err != nil {
		return nil, err
	}
	return os.ReadFile(t.path)
}

// maxDiff bounds the lines of a difference that are shown: who sees that many has the wrong file, or another rule to write.
const maxDiff = 40

// diff shows all the lines in which two texts part, indented under the message that says where the first of them is.
func diff(before, after []byte) string {
	text := udiff.Unified("", "", string(before), string(after))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines = lines[min(2, len(lines)):]; len(lines) == 0 {
		return ""
	}
	if more := len(lines) - maxDiff; more > 0 {
		lines = append(lines[:maxDiff], fmt.Sprintf("and %d lines more", more))
	}
	return "\n    " + strings.Join(lines, "\n    ")
}

// difference returns the first line in which two texts part, in both.
func difference(a, b []byte) (line int, inA, inB string) {
	left, right := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	at := func(lines [][]byte, i int) string {
		if i < len(lines) {
			return string(lines[i])
		}
		return "(end of file)"
	}
	for line = 0; at(left, line) == at(right, line) && line < len(left); line++ {
	}
	return line + 1, at(left, line), at(right, line)
}

// mutate holds the edits that the mutating webhook would make against the fixed scene, and asks for more of them.
func (t *trial) mutate(want *scene) {
	objects, err := stored(t.manifests, t.options.Schemas)
	if errors.Is(err, errNotStored) {
		return
	}
	var wanted []kube.Object
	if err == nil {
		wanted, err = stored(want.manifests, t.options.Schemas)
	}
	if err != nil {
		t.fail("%s: as an API server reads it: %w", want.file, err)
		return
	}
	store := t.store(objects)
	for _, object := range objects {
		o := t.admission(object, store.Snapshot())
		if o.err != nil || len(o.decision.Edits) == 0 {
			continue
		}
		edited, err := kube.Apply(object, o.decision.Edits)
		if err != nil {
			t.fail("%s: the webhook's edits: %w", t.file, err)
			continue
		}
		i := slices.IndexFunc(wanted, func(w kube.Object) bool { return w.ID == object.ID })
		if i < 0 || !reflect.DeepEqual(wanted[i].Fields, edited.Fields) {
			t.fail("%s: %s is not what the webhook makes of %s: %s", want.file, object.ID, t.file, editsText(o.decision.Edits))
		}
		store.Put(edited)
		if more := t.admission(edited, store.Snapshot()); len(more.decision.Edits) > 0 {
			t.fail("%s: %s: the webhook's edits lead to more of them: %s", t.file, object.ID, editsText(more.decision.Edits))
		}
		store.Put(object)
	}
}
