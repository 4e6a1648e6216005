package webhook

import (
	"context"
	"slices"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

const (
	// maxWitnesses bounds the reads before a denial: what rests on more is not confirmed, and so no ground for one.
	// A denial rests on one reference and its class as a rule; the most seen in the catalogue is a Gateway with eight listeners.
	maxWitnesses = 16
	// maxRounds bounds how often the verdict is asked for anew: what was read may show other references, whose targets are
	// then read too. A class found anew and a CA behind it take two.
	maxRounds = 3
	// maxGrants bounds the ReferenceGrants of one namespace that are read.
	maxGrants = 100
)

// confirmed reviews an object, and before a denial stands, reads from the API server what it rests on and reviews once
// more: caches lag, and a Secret applied a moment before its Ingress is not in them yet. Nobody is denied for what could not
// be read, or is more than is read.
func (d *Door) confirmed(ctx context.Context, r engine.Request, policy *Policy, outcome *Outcome) (rule.Decision, error) {
	base := r.Inventory
	seen := &sight{states: map[kube.ID]state{}, grants: map[string]bool{}, granted: needsGrants(policy, r.Object.ID)}
	for round := 0; ; round++ {
		recorder := inventory.Record(seen.over(base, policy))
		r.Inventory = recorder
		decision, err := policy.Reviewer.Review(ctx, r)
		if err != nil {
			return decision, err
		}
		if wanted := d.onDemand(recorder, seen); len(wanted) > 0 {
			outcome.LiveReads += len(wanted)
			d.look(ctx, seen, wanted, nil)
			continue
		}
		if !decision.Denied() {
			return decision, nil
		}
		witnesses, grants := unseen(decision, recorder.Asked(), r.Object.ID, seen)
		if round == maxRounds || len(witnesses) == 0 && len(grants) == 0 {
			outcome.Unconfirmed = lenient(&decision, func(f rule.Finding) bool { return seen.doubts(f, r.Object.ID) })
			return decision, nil
		}
		outcome.LiveReads += len(witnesses) + len(grants)
		d.look(ctx, seen, witnesses, grants)
	}
}

// onDemand lists what a review asked for and nobody watches: without these it would know nothing of them at all.
func (d *Door) onDemand(recorder *inventory.Recorder, seen *sight) []kube.ID {
	wanted := slices.DeleteFunc(recorder.Asked(), func(id kube.ID) bool {
		_, read := seen.states[id]
		return read || !d.world.OnDemand(id.GroupKind())
	})
	return wanted[:min(len(wanted), max(maxWitnesses-len(seen.states), 0))]
}

// needsGrants reports whether objects of a kind refer to other namespaces by leave of a ReferenceGrant.
func needsGrants(policy *Policy, id kube.ID) bool {
	return slices.ContainsFunc(policy.Reviewer.Providers().Kinds(id.GroupKind()), func(k *provider.Kind) bool {
		return slices.ContainsFunc(k.References, func(r provider.Reference) bool { return r.Namespace == provider.NamespaceGranted })
	})
}

// witnessesOf lists the objects that a finding speaks about.
func witnessesOf(f rule.Finding, own kube.ID) []kube.ID {
	var ids []kube.ID
	add := func(id kube.ID) {
		if id.Name != "" && id != own && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if f.Subject.Name != "" && f.Subject.Kind != "" && !f.Unknown {
		add(f.Subject)
	}
	for _, related := range f.Related {
		add(related.Object)
	}
	return ids
}

// unseen lists what a denial rests on and nobody has read yet: what its findings speak about, then everything else that
// was looked up on the way, which is classes, parents and other references.
func unseen(decision rule.Decision, asked []kube.ID, own kube.ID, seen *sight) (witnesses []kube.ID, grants []string) {
	room := func() bool { return len(seen.states)+len(seen.grants)+len(witnesses)+len(grants) < maxWitnesses }
	add := func(id kube.ID) {
		if _, read := seen.states[id]; !read && id != own && !slices.Contains(witnesses, id) && room() {
			witnesses = append(witnesses, id)
		}
	}
	for _, f := range decision.Findings {
		if f.Action != rule.Deny {
			continue
		}
		for _, id := range witnessesOf(f, own) {
			add(id)
		}
		// A target in another namespace may need a grant, and one may have come since.
		if target := f.Subject.Namespace; seen.wantsGrant(f, own) && !seen.grants[target] && !slices.Contains(grants, target) && room() {
			grants = append(grants, target)
		}
	}
	for _, id := range asked {
		add(id)
	}
	return witnesses, grants
}

// look reads witnesses and grants. One after the other: there are two of them as a rule, and a denial is in no hurry. An API
// server that stalls gets half of the time there is, so that the rest suffices to say that nothing could be confirmed.
func (d *Door) look(ctx context.Context, seen *sight, witnesses []kube.ID, grants []string) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	for _, id := range witnesses {
		obj, found, err := d.live.get(ctx, id)
		switch {
		case err != nil:
			// The verdict goes on resting on what the cache shows, and is then no ground for a denial: see doubts.
			seen.states[id] = failed
		case found:
			seen.states[id] = present
			seen.correction.Present = append(seen.correction.Present, obj)
		default:
			seen.states[id] = absent
			seen.correction.Absent = append(seen.correction.Absent, id)
		}
	}
	for _, namespace := range grants {
		seen.grants[namespace] = true
		list, err := d.live.list(ctx, referenceGrant, namespace, maxGrants)
		if err != nil {
			seen.ungranted = append(seen.ungranted, namespace)
			continue
		}
		// One that is in the cache and not here is gone.
		for _, entry := range seen.base.Kind(referenceGrant, namespace, kube.ID{}) {
			if id := entry.Object.ID; id.Namespace == namespace && !slices.ContainsFunc(list, func(o kube.Object) bool { return o.ID == id }) {
				seen.correction.Absent = append(seen.correction.Absent, id)
			}
		}
		seen.correction.Present = append(seen.correction.Present, list...)
	}
}

const referenceGrant = "ReferenceGrant.gateway.networking.k8s.io"

type state int

const (
	present state = iota
	absent
	failed
)

// sight is what was read from the API server for one request.
type sight struct {
	base       inventory.Reader
	states     map[kube.ID]state
	granted    bool            // the object refers to other namespaces by leave of grants
	grants     map[string]bool // namespaces whose grants were asked for
	ungranted  []string        // and not told
	correction inventory.Correction
}

// over lays what was read over the cache.
func (s *sight) over(base inventory.Reader, policy *Policy) inventory.Reader {
	s.base = base
	if len(s.states) == 0 && len(s.grants) == 0 {
		return base
	}
	return inventory.Correct(base, inventory.Options{Providers: policy.Reviewer.Providers()}, s.correction)
}

// doubts reports whether something that a finding rests on could not be read, or was not. A class or parent counts for
// every finding: another controller may act.
func (s *sight) doubts(f rule.Finding, own kube.ID) bool {
	if s.wantsGrant(f, own) && (!s.grants[f.Subject.Namespace] || slices.Contains(s.ungranted, f.Subject.Namespace)) {
		return true
	}
	for id, state := range s.states {
		if state == failed && !isData(id) {
			return true
		}
	}
	return slices.ContainsFunc(witnessesOf(f, own), func(id kube.ID) bool {
		state, read := s.states[id]
		return !read || state == failed
	})
}

// wantsGrant reports whether a grant could mend a finding.
func (s *sight) wantsGrant(f rule.Finding, own kube.ID) bool {
	return s.granted && f.Missing && f.Subject.Namespace != "" && f.Subject.Namespace != own.Namespace
}

func isData(id kube.ID) bool { return id.Group == "" }
