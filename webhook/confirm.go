package webhook

import (
	"context"
	"slices"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const (
	// maxWitnesses bounds the objects that are read before a denial: one that rests on more is not confirmed, and so none.
	// A denial rests on one reference and its class as a rule; the most seen in the catalogue is a Gateway with eight listeners.
	maxWitnesses = 16
	// maxRounds bounds how often the verdict is asked for anew: what was read may show other references, whose targets are
	// then read too. A class found anew and a CA behind it take two.
	maxRounds = 3
	// maxGrants bounds the ReferenceGrants of one namespace that are read.
	maxGrants = 100
)

// confirmed reviews an object, and before a denial stands, reads from the API server what it rests on and reviews once
// more: caches lag, and a Secret applied a moment before its Ingress is not in them yet. What cannot be read is unknown,
// and nobody is denied for it.
func (d *Door) confirmed(ctx context.Context, r engine.Request, policy *Policy, outcome *Outcome) (rule.Decision, error) {
	base := r.Inventory
	seen := &sight{states: map[kube.ID]state{}, grants: map[string]bool{}}
	for range maxRounds {
		recorder := inventory.Record(seen.over(base, policy))
		r.Inventory = recorder
		decision, err := policy.Reviewer.Review(ctx, r)
		if err != nil || !decision.Denied() {
			return decision, err
		}
		witnesses, grants := d.unseen(decision, recorder.Asked(), r.Object.ID, seen)
		if len(witnesses) == 0 && len(grants) == 0 {
			outcome.Unconfirmed = lenient(&decision, func(f rule.Finding) bool { return seen.failed(f) })
			return decision, nil
		}
		outcome.LiveReads += len(witnesses) + len(grants)
		d.look(ctx, seen, witnesses, grants)
	}
	r.Inventory = seen.over(base, policy)
	decision, err := policy.Reviewer.Review(ctx, r)
	if err != nil {
		return decision, err
	}
	outcome.Unconfirmed = lenient(&decision, func(f rule.Finding) bool { return seen.failed(f) || !seen.all(witnessesOf(f, r.Object.ID)) })
	return decision, nil
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
func (d *Door) unseen(decision rule.Decision, asked []kube.ID, own kube.ID, seen *sight) (witnesses []kube.ID, grants []string) {
	add := func(id kube.ID) {
		if _, read := seen.states[id]; !read && id != own && !slices.Contains(witnesses, id) && len(seen.states)+len(witnesses) < maxWitnesses {
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
		if target := f.Subject.Namespace; f.Missing && target != "" && target != own.Namespace && !seen.grants[target] && !slices.Contains(grants, target) {
			grants = append(grants, target)
		}
	}
	for _, id := range asked {
		add(id)
	}
	return witnesses, grants
}

// look reads witnesses and grants. One after the other: there are two of them as a rule, and a denial is in no hurry.
func (d *Door) look(ctx context.Context, seen *sight, witnesses []kube.ID, grants []string) {
	for _, id := range witnesses {
		obj, found, err := d.live.get(ctx, id)
		switch {
		case err != nil:
			seen.states[id] = failed
			seen.correction.Unknown = append(seen.correction.Unknown, id)
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

// failed reports whether something that a finding may rest on could not be read. A class or parent counts for every
// finding: another controller may act.
func (s *sight) failed(f rule.Finding) bool {
	if slices.Contains(s.ungranted, f.Subject.Namespace) {
		return true
	}
	for id, state := range s.states {
		if state == failed && (id == f.Subject || !isData(id) || slices.ContainsFunc(f.Related, func(r rule.Related) bool { return r.Object == id })) {
			return true
		}
	}
	return false
}

func isData(id kube.ID) bool { return id.Group == "" }

func (s *sight) all(ids []kube.ID) bool {
	return !slices.ContainsFunc(ids, func(id kube.ID) bool { _, read := s.states[id]; return !read })
}
