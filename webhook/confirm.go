package webhook

import (
	"context"
	"errors"
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
	// then read too. A class found anew, a CA behind it, and who might make that take three.
	maxRounds = 4
	// maxListed bounds the ReferenceGrants, or the producers of one kind, of a namespace that are read: half a megabyte. Where
	// there are more, what the cache shows of them is believed.
	maxListed = 200
)

// confirmed reviews an object, and before a denial stands, reads from the API server what it rests on and reviews once
// more: caches lag, and a Secret applied a moment before its Ingress is not in them yet. Nobody is denied for what could not
// be read, or is more than is read.
func (d *Door) confirmed(ctx context.Context, r engine.Request, policy *Policy, outcome *Outcome) (rule.Decision, error) {
	base := r.Inventory
	seen := newSight()
	seen.granted = needsGrants(policy, r.Object.ID)
	seen.makers = func(f rule.Finding) []listing { return d.makers(f, policy) }
	seen.decisive = policy.Reviewer.Providers().Decisive
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
		if !decision.Denied() || outcome.DryRun && pendable(decision) {
			return decision, nil
		}
		witnesses, lists := unseen(decision, readable(recorder.Asked(), policy), r.Object.ID, seen)
		if round >= maxRounds || len(witnesses) == 0 && len(lists) == 0 {
			outcome.Unconfirmed = lenient(&decision, func(f rule.Finding) bool { return seen.doubts(f, r.Object.ID) })
			return decision, nil
		}
		outcome.LiveReads += len(witnesses) + len(lists)
		if !d.live.fair(r.Object.ID.Namespace, len(witnesses)+len(lists)) {
			outcome.Unconfirmed = lenient(&decision, func(rule.Finding) bool { return true })
			return decision, nil
		}
		d.look(ctx, seen, witnesses, lists)
	}
}

// pendable reports whether all that denies is what may still come: in a dry run that is no denial, and worth no reading.
func pendable(decision rule.Decision) bool {
	return !slices.ContainsFunc(decision.Findings, func(f rule.Finding) bool { return f.Action == rule.Deny && !f.Missing })
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

// readable leaves out what nobody describes: an object may name any kind there is, and that it cannot be looked up bears on
// no finding about another.
func readable(asked []kube.ID, policy *Policy) []kube.ID {
	return slices.DeleteFunc(asked, func(id kube.ID) bool { return !policy.Reviewer.Providers().IsRelevant(id.GroupKind()) })
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
func unseen(decision rule.Decision, asked []kube.ID, own kube.ID, seen *sight) (witnesses []kube.ID, lists []listing) {
	room := func() bool { return len(seen.states)+len(seen.lists)+len(witnesses)+len(lists) < maxWitnesses }
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
		for _, l := range seen.listsFor(f, own) {
			if _, read := seen.lists[l]; !read && !slices.Contains(lists, l) && room() {
				lists = append(lists, l)
			}
		}
	}
	for _, id := range asked {
		add(id)
	}
	return witnesses, lists
}

// makers lists where what would make a missing object may have come to stand: a Certificate that was applied a moment ago
// is in no cache yet.
func (d *Door) makers(f rule.Finding, policy *Policy) []listing {
	var lists []listing
	for i := range policy.Reviewer.Providers().Providers {
		for _, producer := range policy.Reviewer.Providers().Providers[i].Producers {
			if producer.Makes != f.Subject.GroupKind() || producer.ByProduct || producer.Copy || producer.File || !d.world.Served(producer.Kind) {
				continue
			}
			if !producer.Everywhere {
				lists = append(lists, listing{producer.Kind, f.Subject.Namespace, ""})
				continue
			}
			// What is made everywhere is made by something without a namespace, of the same name (trust-manager's Bundle).
			lists = append(lists, listing{producer.Kind, "", f.Subject.Name})
		}
	}
	return lists
}

// look reads witnesses and lists. One after the other: there are two of them as a rule, and a denial is in no hurry. An API
// server that stalls gets half of the time there is, so that the rest suffices to say that nothing could be confirmed.
func (d *Door) look(ctx context.Context, seen *sight, witnesses []kube.ID, lists []listing) {
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
	for _, l := range lists {
		list, err := d.list(ctx, l)
		// Where there are more than are read, what the cache shows of them is believed.
		seen.lists[l] = err == nil || errors.Is(err, inventory.ErrTooMany)
		if err != nil {
			continue
		}
		// One that is in the cache and not here is gone.
		for _, entry := range seen.base.Kind(l.groupKind, l.namespace, kube.ID{}) {
			id := entry.ID
			if id.Namespace == l.namespace && l.name == "" && !slices.ContainsFunc(list, func(o kube.Object) bool { return o.ID == id }) {
				seen.correction.Absent = append(seen.correction.Absent, id)
			}
		}
		seen.correction.Present = append(seen.correction.Present, list...)
	}
}

func (d *Door) list(ctx context.Context, l listing) ([]kube.Object, error) {
	if l.name == "" {
		return d.live.list(ctx, l.groupKind, l.namespace, maxListed)
	}
	group, kind := kube.SplitGroupKind(l.groupKind)
	obj, found, err := d.live.get(ctx, kube.ID{Group: group, Kind: kind, Name: l.name})
	if !found {
		return nil, err
	}
	return []kube.Object{obj}, err
}

const referenceGrant = "ReferenceGrant.gateway.networking.k8s.io"

type state int

const (
	present state = iota
	absent
	failed
)

// listing is the objects of a kind in a namespace, or the one of a name that has none.
type listing struct{ groupKind, namespace, name string }

// sight is what was read from the API server for one request.
type sight struct {
	base    inventory.Reader
	states  map[kube.ID]state
	lists   map[listing]bool // whether it could be read
	granted bool             // the object refers to other namespaces by leave of grants
	// decisive reports whether objects of a kind tell who acts.
	decisive func(groupKind string) bool
	// makers lists what could make what a finding misses.
	makers     func(rule.Finding) []listing
	correction inventory.Correction
}

func newSight() *sight {
	return &sight{
		states: map[kube.ID]state{}, lists: map[listing]bool{},
		makers: func(rule.Finding) []listing { return nil }, decisive: func(string) bool { return false },
	}
}

// listsFor lists the lists that a finding rests on.
func (s *sight) listsFor(f rule.Finding, own kube.ID) []listing {
	switch {
	case !f.Missing:
		return nil
	// A target in another namespace may need a grant, and one may have come since.
	case s.granted && f.Subject.Namespace != "" && f.Subject.Namespace != own.Namespace:
		return append(s.makersOf(f), listing{referenceGrant, f.Subject.Namespace, ""})
	default:
		return s.makersOf(f)
	}
}

// makersOf waits until the object itself is known to be missing: as a rule it is only late.
func (s *sight) makersOf(f rule.Finding) []listing {
	if state, read := s.states[f.Subject]; !read || state != absent {
		return nil
	}
	return s.makers(f)
}

// over lays what was read over the cache.
func (s *sight) over(base inventory.Reader, policy *Policy) inventory.Reader {
	s.base = base
	if len(s.states) == 0 && len(s.lists) == 0 {
		return base
	}
	return inventory.Correct(base, inventory.Options{Providers: policy.Reviewer.Providers()}, s.correction)
}

// doubts reports whether something that a finding rests on could not be read, or was not. What tells who acts counts for
// every finding.
func (s *sight) doubts(f rule.Finding, own kube.ID) bool {
	if slices.ContainsFunc(s.listsFor(f, own), func(l listing) bool { return !s.lists[l] }) {
		return true
	}
	for id, state := range s.states {
		if state == failed && s.decisive(id.GroupKind()) {
			return true
		}
	}
	return slices.ContainsFunc(witnessesOf(f, own), func(id kube.ID) bool {
		state, read := s.states[id]
		return !read || state == failed
	})
}

func isData(id kube.ID) bool { return id.Group == "" }
