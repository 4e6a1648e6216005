package webhook

import (
	"context"
	"fmt"
	"slices"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// Validate judges one object. An error is no verdict.
func (d *Door) Validate(ctx context.Context, q Question) (Outcome, error) {
	policy := d.policy.Load()
	if policy == nil {
		return Outcome{Question: q}, fmt.Errorf("%s: no policy is loaded yet", q.Object.ID)
	}
	outcome, err := d.decide(ctx, q, policy)
	if err != nil {
		return outcome, err
	}
	if len(outcome.Pending) > 0 && !q.DryRun && !outcome.Denied {
		d.pending.add(q.Object.ID, d.now().Add(policy.PendingGrace))
	}
	d.tell(ctx, outcome)
	return outcome, nil
}

func (d *Door) decide(ctx context.Context, q Question, policy *Policy) (Outcome, error) {
	outcome := Outcome{Question: q, Mode: policy.Mode}
	if q.Mode != nil {
		outcome.Mode = *q.Mode
	}
	if outcome.Mode == Off {
		outcome.Skipped = true
		return outcome, nil
	}
	request := engine.Request{
		Object: q.Object, Old: q.Old, NoRatchet: policy.NoRatchet,
		Inventory: d.world.Snapshot(), Now: d.now(), Door: rule.DoorAdmission, Tenant: true,
	}
	var err error
	if outcome.Decision, err = d.confirmed(ctx, request, policy, &outcome); err != nil {
		return outcome, err
	}
	d.wait(&outcome, policy, request.Inventory)
	outcome.WouldDeny = outcome.Decision.Denied()
	outcome.Denied = outcome.WouldDeny && outcome.Mode == Enforce
	return outcome, nil
}

// lenient takes findings out of the ground for a denial: they become warnings. It returns them as they are then.
func lenient(decision *rule.Decision, which func(rule.Finding) bool) []rule.Finding {
	var spared []rule.Finding
	decision.Findings = slices.Clone(decision.Findings)
	for i, f := range decision.Findings {
		if f.Action == rule.Deny && which(f) {
			decision.Findings[i].Action = rule.Warn
			spared = append(spared, decision.Findings[i])
		}
	}
	return spared
}
