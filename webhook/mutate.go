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
	seen := &sight{states: map[kube.ID]state{}, grants: map[string]bool{}}
	late := slices.DeleteFunc(recorder.Asked(), func(id kube.ID) bool {
		return !isData(id) || recorder.Get(inventory.Ref{To: id, From: q.Object.ID}).Presence != inventory.Absent
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

// same reports whether two objects have equal fields.
func same(a, b kube.Object) bool { return reflect.DeepEqual(a.Fields, b.Fields) }
