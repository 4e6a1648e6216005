package webhook

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Mutate returns the object with its defaults. Only an enforcing door writes: whoever rolls out with warnings expects that
// nothing changes but what is said.
func (d *Door) Mutate(ctx context.Context, q Question) (kube.Object, error) {
	policy := d.policy.Load()
	if policy == nil {
		return kube.Object{}, fmt.Errorf("%s: no policy is loaded yet", q.Object.ID)
	}
	mode := policy.Mode
	if q.Mode != nil {
		mode = *q.Mode
	}
	if mode != Enforce {
		return q.Object, nil
	}
	recorder := inventory.Record(d.world.Snapshot())
	request := engine.Request{Object: q.Object, Inventory: recorder, Now: d.now(), Door: rule.DoorAdmission, Tenant: true}
	changed, err := policy.Reviewer.Defaults(ctx, request)
	if err != nil {
		return kube.Object{}, err
	}
	// A bundle that came a moment ago is not in the cache yet, and the depth depends on it.
	seen := newSight()
	late := slices.DeleteFunc(recorder.Asked(), func(id kube.ID) bool {
		presence := recorder.Get(inventory.Ref{To: id, From: q.Object.ID}).Presence
		return !isData(id) || presence != inventory.Absent && (presence != inventory.Unknown || !d.world.OnDemand(id.GroupKind()))
	})
	if len(late) == 0 || len(late) > maxWitnesses {
		return changed, nil
	}
	base := seen.over(recorder.Reader, policy)
	d.look(ctx, seen, late, nil)
	if len(seen.correction.Present) == 0 {
		return changed, nil
	}
	request.Inventory = seen.over(base, policy)
	return policy.Reviewer.Defaults(ctx, request)
}

// operation is one of a JSON Patch (RFC 6902). To add a field that is there replaces it.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value *any   `json:"value,omitempty"`
}

// diff lists, in order of the keys, what makes one value of another that differs from it. What it does not name stays as it was sent, to the last digit
// of its numbers; a list that differs is replaced as a whole.
func diff(at kube.Path, from, to any) []operation {
	old, wasMapping := from.(map[string]any)
	fields, isMapping := to.(map[string]any)
	if !wasMapping || !isMapping {
		return []operation{{Op: "add", Path: at.Pointer(), Value: &to}}
	}
	var operations []operation
	for _, key := range kube.SortedKeys(old) {
		if _, there := fields[key]; !there {
			operations = append(operations, operation{Op: "remove", Path: at.Append(key).Pointer()})
		}
	}
	for _, key := range kube.SortedKeys(fields) {
		value := fields[key]
		before, there := old[key]
		switch {
		case !there:
			operations = append(operations, operation{Op: "add", Path: at.Append(key).Pointer(), Value: &value})
		case !reflect.DeepEqual(before, value):
			operations = append(operations, diff(at.Append(key), before, value)...)
		}
	}
	return operations
}
