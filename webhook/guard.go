package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	admissionv1 "k8s.io/api/admission/v1"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Guard says what is done about a change of a Secret, ConfigMap, ReferenceGrant or Service that breaks what others say of
// it. The zero value does nothing: such objects are not to be judged unless somebody asks for it.
type Guard int

// GuardOff does not look; GuardWarn admits with a warning; GuardDeny refuses what breaks something, as far as the mode enforces.
const (
	GuardOff Guard = iota
	GuardWarn
	GuardDeny
)

// GuardAnnotation set to "off" on an object keeps the guard away from it: for whoever knows better.
const GuardAnnotation = "tlsward.dev/guard"

const (
	// maxReferrers bounds the objects that are judged anew for one change: each costs two reviews of 0.1 ms at most, and the API
	// server waits. A CA with more is the cluster's own, and the first fifty tell enough.
	maxReferrers = 50
	// maxHarmed bounds those that are found to be hit: more are no news, and the API server waits.
	maxHarmed = 10
	// maxGuardReads bounds the objects that are read before something is said, beside the namespace and an owner.
	maxGuardReads = maxWitnesses - 2
)

// guarding answers a request about what others refer to.
func (d *Door) guarding(ctx context.Context, q Question) admission.Response {
	outcome, err := d.Guard(ctx, q)
	if err != nil {
		d.tell(ctx, Outcome{Question: q.bare(), Mode: outcome.Mode, Guard: true, Error: err})
		return admission.Allowed("").WithWarnings("tlsward could not judge this: " + clip(err.Error(), 200))
	}
	return outcome.response()
}

// guardQuestion reads a request for the guard. look is false for what it leaves alone: creations, subresources, and objects
// that are on their way out already or that somebody has taken out of its care.
func guardQuestion(req *request) (q Question, look bool, err error) {
	if req.SubResource != "" || req.Operation != admissionv1.Update && req.Operation != admissionv1.Delete || req.OldObject == nil {
		return q, false, nil
	}
	q = Question{ID: string(req.UID), DryRun: req.DryRun != nil && *req.DryRun, Requester: req.UserInfo.Username}
	old, err := object(req.OldObject, req)
	if err != nil {
		return q, false, err
	}
	q.Old, q.Object, q.Deletion = &old, old, req.Operation == admissionv1.Delete
	if !q.Deletion {
		if q.Object, err = object(req.Object, req); err != nil {
			return q, false, err
		}
	}
	return q, !leaving(old) && !waived(old) && !waived(q.Object), nil
}

// leaving reports whether an object is being deleted.
func leaving(obj kube.Object) bool {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	return metadata["deletionTimestamp"] != nil
}

func waived(obj kube.Object) bool {
	value, _ := kube.Lookup(obj.Fields, kube.Path{"metadata", "annotations", GuardAnnotation})
	return value == "off"
}

// bare is the question without what its objects hold: a Secret's values go no further than the verdict needs them.
func (q Question) bare() Question {
	q.Object.Fields, q.Old = nil, nil
	return q
}

// Guard judges a change of what others refer to: each of them is judged by the same rules on the inventory as it is and as it
// would be. An error is no verdict.
func (d *Door) Guard(ctx context.Context, q Question) (Outcome, error) {
	outcome := Outcome{Question: q.bare(), Guard: true}
	policy := d.policy.Load()
	if policy == nil {
		return outcome, fmt.Errorf("%s: no policy is loaded yet", q.Object.ID)
	}
	outcome.Mode = policy.Mode
	if q.Mode != nil {
		outcome.Mode = *q.Mode
	}
	if policy.Guard == GuardOff || outcome.Mode == Off {
		outcome.Skipped = true
		d.tell(ctx, outcome)
		return outcome, nil
	}
	c := d.change(q, policy)
	var err error
	if outcome.Decision.Findings, err = c.judge(ctx, &outcome); err != nil {
		return outcome, err
	}
	if policy.Guard == GuardWarn {
		for i := range outcome.Decision.Findings {
			outcome.Decision.Findings[i].Action = rule.Warn
		}
	}
	outcome.WouldDeny = outcome.Decision.Denied()
	outcome.Denied = outcome.WouldDeny && outcome.Mode == Enforce
	d.tell(ctx, outcome)
	return outcome, nil
}

// change is what a request makes of an object, and who refers to that.
type change struct {
	door   *Door
	policy *Policy
	Question
	before, after inventory.Reader
	referrers     []*inventory.Entry
	// more counts the referrers that are not looked at.
	more int
	// doubtful: it may be part of something that nobody is to get in the way of.
	doubtful bool
}

func (d *Door) change(q Question, policy *Policy) *change {
	c := &change{door: d, policy: policy, Question: q, referrers: d.world.Referring(q.Object.ID)}
	if len(c.referrers) == 0 {
		return c
	}
	if len(c.referrers) > maxReferrers {
		// Those of the own namespace first: they can be named.
		slices.SortStableFunc(c.referrers, func(a, b *inventory.Entry) int {
			return cmp.Compare(foreignTo(a.ID, q.Object.ID), foreignTo(b.ID, q.Object.ID))
		})
		c.more = len(c.referrers) - maxReferrers
		c.referrers = c.referrers[:maxReferrers]
	}
	base, options := d.world.Snapshot(), inventory.Options{Providers: policy.Reviewer.Providers()}
	// The request shows what the object held, however Secrets are read and however late the cache is.
	c.before = inventory.Correct(base, options, inventory.Correction{Present: []kube.Object{*q.Old}})
	if q.Deletion {
		c.after = inventory.Correct(base, options, inventory.Correction{Absent: []kube.ID{q.Object.ID}})
	} else {
		c.after = inventory.Correct(base, options, inventory.Correction{Present: []kube.Object{q.Object}})
	}
	return c
}

// foreignTo is 1 for an object of another namespace, so that it comes after those of the own one.
func foreignTo(id, own kube.ID) int {
	if id.Namespace == own.Namespace {
		return 0
	}
	return 1
}

// harm is what a change does to one object that refers to what is changed.
type harm struct {
	referrer kube.Object
	findings []rule.Finding
}

// judge looks for who is hit, some at a time, until it is sure of one or has asked all.
func (c *change) judge(ctx context.Context, outcome *Outcome) ([]rule.Finding, error) {
	replaced, left, spared := c.replaced(), c.referrers, false
	var sure []harm
	for asked := false; len(sure) == 0 && len(left) > 0; asked = true {
		var broken []harm
		var err error
		if broken, left, err = c.broken(ctx, left); err != nil {
			return nil, err
		}
		if !asked && len(broken)+len(replaced) > 0 {
			var certain bool
			spared, certain = c.door.spares(ctx, c.Question, outcome)
			c.doubtful = !certain
		}
		if spared {
			return nil, nil
		}
		if sure, err = c.confirmed(ctx, broken, outcome); err != nil {
			return nil, err
		}
	}
	c.more += len(left)
	return append(c.findings(sure), replaced...), nil
}

// broken lists the first of some referrers that are hit, and those that it has not come to.
func (c *change) broken(ctx context.Context, referrers []*inventory.Entry) (broken []harm, left []*inventory.Entry, err error) {
	for len(referrers) > 0 {
		some := referrers[:min(len(referrers), maxHarmed)]
		found, err := c.harmed(ctx, some)
		if err != nil {
			return nil, nil, err
		}
		for i, findings := range found {
			if len(findings) == 0 {
				continue
			}
			if broken = append(broken, harm{some[i].Object(), findings}); len(broken) == maxHarmed {
				return broken, referrers[i+1:], nil
			}
		}
		referrers = referrers[len(some):]
	}
	return broken, nil, nil
}

// harmed is harms of each of some referrers, on all processors: the API server waits.
func (c *change) harmed(ctx context.Context, referrers []*inventory.Entry) ([][]rule.Finding, error) {
	found, errs := make([][]rule.Finding, len(referrers)), make([]error, len(referrers))
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < len(referrers); i = int(next.Add(1)) - 1 {
			if !leaving(referrers[i].Object()) {
				found[i], errs[i] = c.safely(ctx, referrers[i].Object())
			}
		}
	}
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(referrers)) - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
	return found, errors.Join(errs...)
}

// safely is harms with a panic as an error: what a server recovers from in its own goroutine ends the process in another.
func (c *change) safely(ctx context.Context, referrer kube.Object) (findings []rule.Finding, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", referrer.ID, p)
		}
	}()
	return c.harms(ctx, referrer)
}

// harms lists what the rules say of a referrer after the change and did not say before. They are said of the state, not of who
// asks: what the requester may not know is left out when they are told.
func (c *change) harms(ctx context.Context, referrer kube.Object) ([]rule.Finding, error) {
	review := func(inv inventory.Reader) ([]rule.Finding, error) {
		decision, err := c.policy.Reviewer.Review(ctx, engine.Request{
			Object: referrer, Inventory: inv, Now: c.door.now(), Tenant: true, SkipNotes: true,
			// Of a live object, what is in force counts: rules that are silent at admission, since a target may come after what refers
			// to it, are not silent about one that goes.
			Door:    rule.DoorAudit,
			Overran: &engine.Overran{},
		})
		return decision.Findings, err
	}
	after, err := review(c.after)
	if err != nil {
		return nil, err
	}
	after = slices.DeleteFunc(slices.Clone(after), func(f rule.Finding) bool {
		return f.Unknown || f.Action > rule.Warn || f.Severity != rule.Error && f.Subject != c.Object.ID
	})
	if len(after) == 0 {
		return nil, nil // as a rule, and then what was before need not be asked
	}
	before, err := review(c.before)
	if err != nil {
		return nil, err
	}
	var harms []rule.Finding
	for _, f := range after {
		if slices.ContainsFunc(before, func(b rule.Finding) bool { return b.Rule == f.Rule && b.Path.Equal(f.Path) }) {
			continue
		}
		// What fails already fails no more for it.
		was := slices.ContainsFunc(before, func(b rule.Finding) bool {
			return b.Severity == rule.Error && !b.Unknown && b.Subject == f.Subject && b.Path.Equal(f.Path)
		})
		if was {
			f.Action = rule.Warn
		}
		harms = append(harms, f)
	}
	return harms, nil
}
