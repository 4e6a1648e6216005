// Package audit is the door for what is in a cluster already: it judges every object of an inventory that follows a cluster, and
// judges anew what a change or the clock may have given another verdict. What was right when it was admitted drifts: a CA expires, a
// Secret loses its ca.crt, a grant is revoked.
//
// Nothing is judged at intervals. Each review notes what it asked of the inventory and when the clock alone would change its
// verdict; a change of the inventory names what it concerns, and whoever asked for that is judged again. It tells verdicts to
// whoever wants them, and knows no client, no report and no format.
package audit

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Reviewer is the part of the engine that an audit asks.
type Reviewer interface {
	Review(ctx context.Context, r engine.Request) (rule.Decision, error)
	JudgesEntry(entry *inventory.Entry) bool
}

// Options are what an audit needs.
type Options struct {
	// Store is the inventory. Nobody else may follow it.
	Store    *inventory.Store
	Reviewer Reviewer
	Now      func() time.Time
	// Ready is asked before anything is judged, until it returns nil; nil: at once. What is not in sight yet would be judged twice.
	Ready func() error
	// Tell is given every verdict that differs from the one before, by the audit's own goroutine, and is to be quick. The zero
	// Verdict stands for none: of an object that is new, or gone.
	Tell func(before, now Verdict)
}

const (
	// settle is how long changes are gathered before something is judged: an apply writes many objects at once, and each
	// snapshot has the next writes copy a part of the index.
	settle = 50 * time.Millisecond
	// batch bounds how many objects are judged by one snapshot, some 0.1 s of them: changes must not wait for all that is behind.
	batch = 256
	// maxChanges bounds the changes that wait to be looked at, at some 300 bytes. Past it everything is judged again, which
	// tells as much.
	maxChanges = 100_000
	// wakeAtLeast bounds how long is slept until a moment of the clock: timers do not see that the clock was set.
	wakeAtLeast = time.Minute
	readyEvery  = 100 * time.Millisecond
	// tryAgain is when an object without a verdict is judged once more: a review may have overrun on a busy machine.
	tryAgain = 5 * time.Minute
)

// Auditor judges what an inventory holds. Safe for concurrent use.
type Auditor struct {
	store *inventory.Store
	now   func() time.Time
	ready func() error
	tell  func(before, now Verdict)
	wake  chan struct{}

	// What others tell.
	noting   sync.Mutex
	changes  []inventory.Change
	again    bool
	reviewer Reviewer

	// What the audit's goroutine writes.
	mu      sync.RWMutex
	objects map[kube.ID]*object
	asking  map[inventory.Key][]*object
	clock   clock
	// urgent are to be judged because something has changed, backlog because nobody knows; an object may stand in both.
	urgent, backlog []*object
	stats           Stats
	// dropped are verdicts on objects that are gone, to be told of.
	dropped []Verdict
}

// object is one that is judged.
type object struct {
	entry   *inventory.Entry
	verdict Verdict
	asked   []inventory.Key
	turns   time.Time
	// place is where it stands in the clock, from 1; 0: nowhere.
	place       int
	due, urgent bool
	gone        bool
}

// Stats counts what an audit does.
type Stats struct {
	// Objects are judged or waiting to be.
	Objects int
	// Waiting are to be judged, for the first time or again.
	Waiting int
	// Reviews and Failures count since the start.
	Reviews, Failures int
	// Judged is when nothing was left to be judged for the last time; zero: never yet.
	Judged time.Time
}

// New returns an audit that does nothing until Run.
func New(o Options) *Auditor {
	if o.Tell == nil {
		o.Tell = func(_, _ Verdict) {}
	}
	if o.Ready == nil {
		o.Ready = func() error { return nil }
	}
	return &Auditor{store: o.Store, reviewer: o.Reviewer, now: o.Now, ready: o.Ready, tell: o.Tell, wake: make(chan struct{}, 1)}
}

// SetReviewer has everything judged by another rulebook or config.
func (a *Auditor) SetReviewer(r Reviewer) {
	a.noting.Lock()
	a.reviewer, a.again = r, true
	a.noting.Unlock()
	a.nudge()
}

// Stats says how far the audit is.
func (a *Auditor) Stats() Stats {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.stats
}

// Each calls f with every verdict, in no order, until it returns false.
func (a *Auditor) Each(f func(Verdict) bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, o := range a.objects {
		if !f(o.verdict) {
			return
		}
	}
}

// Run judges until the context ends, and begins anew each time it is called: who leads a group of replicas calls it.
func (a *Auditor) Run(ctx context.Context) error {
	if !a.await(ctx) {
		return nil
	}
	a.begin()
	// Who does not lead any more tells nothing, and keeps nothing.
	defer a.begin()
	a.store.Follow(a.note)
	defer a.store.Follow(nil)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		a.take(ctx)
		if a.judge(ctx) {
			continue // more is waiting
		}
		timer.Reset(a.pause())
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			continue
		case <-a.wake:
		}
		timer.Reset(settle)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
	}
}

// await reports whether the inventory became ready before the context ended.
func (a *Auditor) await(ctx context.Context) bool {
	ticker := time.NewTicker(readyEvery)
	defer ticker.Stop()
	for a.ready() != nil {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
	}
	return ctx.Err() == nil
}

func (a *Auditor) begin() {
	a.noting.Lock()
	a.changes, a.again = nil, true
	a.noting.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects, a.asking, a.clock = map[kube.ID]*object{}, map[inventory.Key][]*object{}, nil
	a.urgent, a.backlog, a.stats = nil, nil, Stats{}
}

// note is told by the store, which is locked.
func (a *Auditor) note(change inventory.Change) {
	a.noting.Lock()
	if len(a.changes) < maxChanges {
		a.changes = append(a.changes, change)
	} else {
		a.changes, a.again = nil, true
	}
	a.noting.Unlock()
	a.nudge()
}

func (a *Auditor) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *Auditor) policy() Reviewer {
	a.noting.Lock()
	defer a.noting.Unlock()
	return a.reviewer
}

// take finds out what is to be judged.
func (a *Auditor) take(ctx context.Context) {
	a.noting.Lock()
	changes, again, reviewer := a.changes, a.again, a.reviewer
	a.changes, a.again = nil, false
	a.noting.Unlock()
	if again && ctx.Err() == nil {
		a.takeAll(reviewer)
	}
	a.takeChanges(changes, reviewer)
	for _, verdict := range a.dropped {
		a.tell(verdict, Verdict{})
	}
	a.dropped = nil
}

func (a *Auditor) takeChanges(changes []inventory.Change, reviewer Reviewer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, change := range changes {
		if change.ID.Kind != "" {
			a.takeObject(change.ID, change.Entry, reviewer, true)
		}
		for _, key := range change.Keys {
			for _, o := range a.asking[key] {
				a.queue(o, true)
			}
		}
	}
	for now := a.now(); ; {
		o := a.clock.turned(now)
		if o == nil {
			break
		}
		a.queue(o, true)
	}
	a.count()
}

// takeAll has everything judged, whatever is known of it.
func (a *Auditor) takeAll(reviewer Reviewer) {
	entries := a.store.Snapshot().Entries()
	a.mu.Lock()
	defer a.mu.Unlock()
	here := make(map[kube.ID]bool, len(entries))
	for _, entry := range entries {
		here[entry.ID] = true
		a.takeObject(entry.ID, entry, reviewer, false)
	}
	for id := range a.objects {
		if !here[id] {
			a.takeObject(id, nil, reviewer, false)
		}
	}
}

// takeObject notes an object as it is now; nil: it is gone.
func (a *Auditor) takeObject(id kube.ID, entry *inventory.Entry, reviewer Reviewer, urgent bool) {
	o := a.objects[id]
	if entry == nil || !a.store.Whole(entry) || !reviewer.JudgesEntry(entry) {
		if o != nil {
			a.drop(o)
		}
		return
	}
	if o == nil {
		o = &object{}
		a.objects[id] = o
	}
	o.entry = entry
	a.queue(o, urgent)
}

func (a *Auditor) queue(o *object, urgent bool) {
	switch {
	case o.gone:
	case urgent && !o.urgent:
		o.due, o.urgent = true, true
		a.urgent = append(a.urgent, o)
	case !urgent && !o.due:
		o.due = true
		a.backlog = append(a.backlog, o)
	}
}

func (a *Auditor) drop(o *object) {
	delete(a.objects, o.entry.ID)
	a.ask(o, nil)
	a.clock.set(o, time.Time{})
	o.gone, o.due = true, false
	if o.verdict.Object.Kind != "" {
		a.dropped = append(a.dropped, o.verdict)
	}
}

// count brings the numbers up to date.
func (a *Auditor) count() {
	waiting := 0
	for _, list := range [][]*object{a.urgent, a.backlog} {
		for _, o := range list {
			if o.due {
				waiting++
			}
		}
	}
	a.stats.Objects, a.stats.Waiting = len(a.objects), waiting
	if waiting == 0 {
		a.stats.Judged = a.now()
	}
}

// pause is how long nothing is to be done, as far as is known.
func (a *Auditor) pause() time.Duration {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if len(a.clock) == 0 {
		return wakeAtLeast
	}
	return max(0, min(a.clock[0].turns.Sub(a.now()), wakeAtLeast))
}

// judge judges for a while what is waiting, what has changed first, and reports whether more is.
func (a *Auditor) judge(ctx context.Context) bool {
	if len(a.urgent)+len(a.backlog) == 0 {
		return false
	}
	reviewer, snapshot := a.policy(), a.store.Snapshot()
	for range batch {
		o := a.next()
		if o == nil {
			break
		}
		trace := snapshot.Traced()
		now := a.now()
		decision, err := review(ctx, reviewer, request(o.entry.Object(), trace, now))
		if ctx.Err() != nil {
			return false
		}
		a.decided(o, decision, err, trace.Asked(), now)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count()
	return a.stats.Waiting > 0 && ctx.Err() == nil
}

// next takes what is to be judged from its queue; nil if there is nothing.
func (a *Auditor) next() *object {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, queue := range []*[]*object{&a.urgent, &a.backlog} {
		for len(*queue) > 0 {
			o := (*queue)[0]
			(*queue)[0] = nil
			*queue = (*queue)[1:]
			if o.due {
				o.due, o.urgent = false, false
				return o
			}
		}
		*queue = nil
	}
	return nil
}

// request is what an audit asks the engine about an object. Whoever owns it reads what comes of it, and may know of his own namespace
// only; what belongs to no namespace is read by those who run the cluster.
func request(obj kube.Object, inv inventory.Reader, now time.Time) engine.Request {
	return engine.Request{Object: obj, Inventory: inv, Now: now, Door: rule.DoorAudit, Tenant: obj.ID.Namespace != "", Clock: true}
}

// review is the engine's, with a panic as an error: the process answers admission requests too.
func review(ctx context.Context, reviewer Reviewer, r engine.Request) (decision rule.Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", r.Object.ID, p)
		}
	}()
	return reviewer.Review(ctx, r)
}

// decided takes a verdict over.
func (a *Auditor) decided(o *object, decision rule.Decision, err error, asked []inventory.Key, now time.Time) {
	verdict := verdictOf(o.entry.Object(), decision)
	if err != nil {
		// No verdict: what was known of the object is the best that is.
		verdict.Findings, verdict.Certificates, verdict.Error = o.verdict.Findings, o.verdict.Certificates, err.Error()
	}
	turns := turning(decision.Turns, now)
	a.mu.Lock()
	before := o.verdict
	a.stats.Reviews++
	if err != nil {
		a.stats.Failures++
		turns = now.Add(tryAgain)
	}
	o.verdict = verdict
	a.ask(o, asked)
	a.clock.set(o, turns)
	a.mu.Unlock()
	if !before.Equal(verdict) {
		a.tell(before, verdict)
	}
}

// turning is never now: a moment that has just passed is judged already.
func turning(moment, now time.Time) time.Time {
	if !moment.IsZero() && !moment.After(now) {
		return now.Add(time.Minute)
	}
	return moment
}

// ask notes what a review asked, and forgets what the one before did.
func (a *Auditor) ask(o *object, asked []inventory.Key) {
	if slices.Equal(o.asked, asked) {
		return
	}
	for _, key := range o.asked {
		if _, still := slices.BinarySearch(asked, key); still {
			continue
		}
		list := a.asking[key]
		i := slices.Index(list, o)
		list[i] = list[len(list)-1]
		list[len(list)-1] = nil
		if list = list[:len(list)-1]; len(list) == 0 {
			delete(a.asking, key)
		} else {
			a.asking[key] = list
		}
	}
	for _, key := range asked {
		if _, before := slices.BinarySearch(o.asked, key); !before {
			a.asking[key] = append(a.asking[key], o)
		}
	}
	o.asked = slices.Clip(asked)
}
