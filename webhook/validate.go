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
		Inventory: d.world.Snapshot(), Now: d.now(), Door: rule.DoorAdmission, Tenant: true, SkipNotes: true,
		Overran: &engine.Overran{},
	}
	var err error
	if outcome.Decision, err = d.confirmed(ctx, request, policy, &outcome); err != nil {
		return outcome, err
	}
	if outcome.Decision.SelfPromised && !outcome.Decision.Denied() && !q.DryRun {
		if err = d.distrust(ctx, request, policy, &outcome); err != nil {
			return outcome, err
		}
	}
	d.wait(&outcome, policy, request.Inventory)
	outcome.WouldDeny = outcome.Decision.Denied()
	outcome.Denied = outcome.WouldDeny && outcome.Mode == Enforce
	return outcome, nil
}

// distrust denies an object that vouches for its own reference while it shares a host with somebody else. cert-manager makes
// the Secret that an Ingress asks for by its annotation, but only some issuers put a CA into it, and until one is there the
// whole host is closed. Whoever has the host to themselves may take that chance.
func (d *Door) distrust(ctx context.Context, request engine.Request, policy *Policy, outcome *Outcome) error {
	request.Sure = true
	sure := *outcome
	var err error
	if sure.Decision, err = d.confirmed(ctx, request, policy, &sure); err != nil {
		return err
	}
	outcome.LiveReads = sure.LiveReads
	if sure.Decision.Denied() && d.takesDown(&sure, request.Inventory) {
		*outcome = sure
	}
	return nil
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
