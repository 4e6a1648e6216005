package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Defaults returns an object as the mutating door would have it: with the fixes of the rules marked as defaults, each
// recorded in facts.DefaultedAnnotation, and without the recorded values whose cause is gone. A value that somebody has
// changed since is theirs. What Defaults returns, it returns unchanged when it is given that.
func (e *Engine) Defaults(ctx context.Context, r Request) (kube.Object, error) {
	bare, err := withoutDefaults(r.Object)
	if err != nil {
		return kube.Object{}, err
	}
	request := r
	request.Object, request.Old = bare, nil
	decision, err := e.judge(ctx, request)
	if err != nil {
		return kube.Object{}, err
	}
	set := map[string]any{}
	for _, edit := range e.defaults(decision) {
		// A default fills in what is not there; to rename or remove something is somebody's decision.
		if _, there := kube.Lookup(bare.Fields, edit.Path); edit.Op != kube.Set || there {
			continue
		}
		if bare, err = kube.Apply(bare, []kube.Edit{edit}); err != nil {
			return kube.Object{}, err
		}
		set[edit.Path.String()] = edit.Value
	}
	if len(set) == 0 {
		return bare, nil
	}
	record, err := json.Marshal(set)
	if err != nil {
		return kube.Object{}, fmt.Errorf("%s: %w", r.Object.ID, err)
	}
	return kube.Apply(bare, []kube.Edit{{
		Op: kube.Set, Path: kube.Path{"metadata", "annotations", facts.DefaultedAnnotation}, Value: string(record),
	}})
}

// defaults lists the edits of a decision that the mutating door makes. In a cluster the class of an object is in sight: what
// acts on one without is a guess, and a default for a controller that does not honour it is worse than none.
func (e *Engine) defaults(d rule.Decision) (edits []kube.Edit) {
	for _, f := range d.Findings {
		if e.rule(f.Rule).Default && f.Fix != nil && f.Assumed == "" {
			edits = append(edits, f.Fix.Edits...)
		}
	}
	return edits
}

// withoutDefaults takes away what tlsward has set, and its record.
func withoutDefaults(obj kube.Object) (kube.Object, error) {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if _, recorded := annotations[facts.DefaultedAnnotation]; !recorded {
		return obj, nil
	}
	ours := facts.Defaulted(obj)
	var edits []kube.Edit
	for _, at := range kube.SortedKeys(ours) {
		path, err := kube.ParsePath(at)
		if err != nil {
			return kube.Object{}, fmt.Errorf("%s: %w", obj.ID, err)
		}
		edits = append(edits, kube.Edit{Op: kube.Remove, Path: path})
	}
	edits = append(edits, kube.Edit{Op: kube.Remove, Path: kube.Path{"metadata", "annotations", facts.DefaultedAnnotation}})
	return kube.Apply(obj, edits)
}
