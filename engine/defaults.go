package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

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
	request.Object, request.Old, request.defaults, request.Referred = bare, nil, true, nil
	decision, err := e.judge(ctx, request)
	if err != nil {
		return kube.Object{}, err
	}
	plain, set := bare, map[string]any{}
	for _, edit := range e.defaults(decision) {
		// A default fills in what is not there; to rename or remove something is somebody's decision.
		if _, there := kube.Lookup(bare.Fields, edit.Path); edit.Op != kube.Set || there {
			continue
		}
		with, err := apply(bare, edit)
		if err != nil {
			// Mutation comes before validation: an object in which there is no place for it is refused there.
			continue
		}
		bare, set[edit.Path.String()] = with, edit.Value
	}
	if len(set) == 0 {
		return bare, nil
	}
	record, err := json.Marshal(set)
	if err != nil {
		return kube.Object{}, fmt.Errorf("%s: %w", r.Object.ID, err)
	}
	changed, err := apply(bare, kube.Edit{Op: kube.Set, Path: kube.Path{"metadata", "annotations", facts.DefaultedAnnotation}, Value: string(record)})
	if err != nil {
		return plain, nil //nolint:nilerr // no place for the record, and so none for what it would hold
	}
	// What the record does not tell from somebody's own value would stay for ever.
	if told := facts.Defaulted(changed); len(told) != len(set) {
		return kube.Object{}, fmt.Errorf("%s: %s: want few and short defaults, each a text, true or false", r.Object.ID, strings.Join(kube.SortedKeys(set), ", "))
	}
	return changed, nil
}

// apply is kube.Apply for an object whose namespace and name may stand in the request alone.
func apply(obj kube.Object, edits ...kube.Edit) (kube.Object, error) {
	edited, err := kube.Apply(obj, edits)
	edited.ID = obj.ID
	return edited, err
}

// spare turns denials for what tlsward itself has set into warnings. The record of it stands in the object, where anybody may
// write it: a rule other than that which sets a value is held back only where it is the very value that would be set now, or
// else a record of auth-tls-secret would be a way round every rule about it.
func (e *Engine) spare(ctx context.Context, r Request, findings []rule.Finding) error {
	ours := facts.Defaulted(r.Object)
	if len(ours) == 0 {
		return nil
	}
	var would map[string]any
	for i := range findings {
		f := &findings[i]
		at := f.Path.String()
		value, recorded := ours[at]
		if !recorded {
			continue
		}
		if f.Action == rule.Deny && !e.rule(f.Rule).Default {
			if would == nil {
				var err error
				if would, err = e.would(ctx, r); err != nil {
					return err
				}
			}
			if would[at] != value {
				continue
			}
		}
		f.Defaulted, f.Action = true, max(f.Action, rule.Warn)
	}
	return nil
}

// would lists, by path, the values that Defaults would set.
func (e *Engine) would(ctx context.Context, r Request) (map[string]any, error) {
	var err error
	if r.Object, err = withoutDefaults(r.Object); err != nil {
		return nil, err
	}
	r.defaults, r.Overran, r.Referred = true, nil, nil // fewer rules are asked
	decision, err := e.judge(ctx, r)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for _, edit := range e.defaults(decision) {
		values[edit.Path.String()] = edit.Value
	}
	return values, nil
}

// defaults lists the edits of a decision that the mutating door makes. In a cluster the class of an object is in sight: what
// acts on one without is a guess, and a default for a controller that does not honour it is worse than none.
func (e *Engine) defaults(d rule.Decision) (edits []kube.Edit) {
	for _, f := range d.Findings {
		if e.rule(f.Rule).Default && f.Fix != nil && f.Assumed == "" && f.Ahead.IsZero() {
			edits = append(edits, f.Fix.Edits...)
		}
	}
	return edits
}

// withoutDefaults takes away what tlsward has set, and its record.
func withoutDefaults(obj kube.Object) (kube.Object, error) {
	edits, err := RemoveDefaults(obj)
	if err != nil || len(edits) == 0 {
		return obj, err
	}
	return apply(obj, edits...)
}

// RemoveDefaults lists the edits that take away what tlsward has set in an object, and its record. There are none where it has set
// nothing; a value that somebody has changed since is theirs, and stays.
func RemoveDefaults(obj kube.Object) ([]kube.Edit, error) {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if _, recorded := annotations[facts.DefaultedAnnotation]; !recorded {
		return nil, nil
	}
	ours := facts.Defaulted(obj)
	var edits []kube.Edit
	for _, at := range kube.SortedKeys(ours) {
		path, err := kube.ParsePath(at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", obj.ID, err)
		}
		// No object is one without its kind, whatever somebody wrote into the record.
		if len(path) > 1 {
			edits = append(edits, kube.Edit{Op: kube.Remove, Path: path})
		}
	}
	return append(edits, kube.Edit{Op: kube.Remove, Path: kube.Path{"metadata", "annotations", facts.DefaultedAnnotation}}), nil
}
