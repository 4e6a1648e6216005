// Package webhook is the door for the API server: it turns an AdmissionReview into a Request, asks the engine, and turns
// the Decision into an answer. What it adds is what only this door can know: whether a denial still holds when one looks
// again, whether what is missing is merely late, and who may be told what. It decides first and tells afterwards: metrics,
// log and the answer itself read the same outcome.
package webhook

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// Mode says what is done with a denial. The zero value enforces: nobody's choice fails closed.
type Mode int

// Enforce refuses the object; Warn admits it with a warning and counts it; Off does not look at it.
const (
	Enforce Mode = iota
	Warn
	Off
)

// OnCreate says what is done about a new object whose reference leads to nothing yet.
type OnCreate int

// Auto denies, unless the object bears the marks of a tool that creates it before what it refers to. Deny and Pending do
// the one or the other always.
const (
	Auto OnCreate = iota
	Deny
	Pending
)

// Reviewer is the part of the engine that the door asks.
type Reviewer interface {
	Review(ctx context.Context, r engine.Request) (rule.Decision, error)
	Defaults(ctx context.Context, r engine.Request) (kube.Object, error)
	Providers() *provider.Set
}

// Policy is what an operator may change while the door is open.
type Policy struct {
	Reviewer  Reviewer
	Mode      Mode
	NoRatchet bool
	OnCreate  OnCreate
	// PendingGrace is how long a missing reference may be late.
	PendingGrace time.Duration
	// LiveReads is the number of reads a second that denials may cause at the API server; 0 is a default.
	LiveReads int
	Guard     Guard
}

// World is what the door sees of the cluster.
type World interface {
	// Snapshot is the inventory as it is now.
	Snapshot() inventory.Reader
	// Get reads one object from the API server itself.
	Get(ctx context.Context, id kube.ID) (obj kube.Object, found bool, err error)
	// List reads the objects of a kind in a namespace from the API server itself.
	List(ctx context.Context, groupKind, namespace string, limit int64) ([]kube.Object, error)
	// Served reports whether the cluster serves a kind.
	Served(groupKind string) bool
	// OnDemand reports whether objects of a kind are not in the inventory, and to be read one by one.
	OnDemand(groupKind string) bool
	// Referring lists, in order of identity, the objects that name another one in a reference (inventory.Snapshot.Referring).
	Referring(target kube.ID) []*inventory.Entry
}

// Door answers admission requests. Safe for concurrent use.
type Door struct {
	policy  atomic.Pointer[Policy]
	world   World
	live    *live
	now     func() time.Time
	tell    func(context.Context, Outcome)
	pending *tracker
}

// Options are what a door needs.
type Options struct {
	World World
	Now   func() time.Time
	// Tell is given every outcome, once it is decided.
	Tell func(context.Context, Outcome)
	// Overdue is told of an admitted object whose reference is still missing when the grace is over.
	Overdue func(ctx context.Context, obj kube.Object, findings []rule.Finding)
	// Read is told the result of each live read: found, absent, failed, refused for want of budget.
	Read func(result string)
}

// New returns a door that does not know its policy yet; SetPolicy tells.
func New(o Options) *Door {
	d := &Door{world: o.World, now: o.Now, tell: o.Tell}
	d.live = newLive(o.World, 0, o.Now, o.Read)
	d.pending = newTracker(d, o.Overdue)
	return d
}

// SetPolicy replaces the policy; reviews that have begun end under the old one.
func (d *Door) SetPolicy(p Policy) {
	d.live.limit(p.LiveReads)
	d.policy.Store(&p)
}

// Changed tells the door that an object of the cluster is another one than before.
func (d *Door) Changed(id kube.ID) { d.live.forget(id) }

// Pending counts, by kind, the admitted objects that wait for what they refer to.
func (d *Door) Pending() map[string]int { return d.pending.count() }

// Run judges pending objects again until ctx ends.
func (d *Door) Run(ctx context.Context) { d.pending.run(ctx) }

// Question is one admission request, decoded.
type Question struct {
	// ID tells requests apart in the log.
	ID     string
	Mode   *Mode // nil: the policy's
	Object kube.Object
	Old    *kube.Object
	// Deletion: Object, which is Old too, is to be deleted. Only the guard is asked about that.
	Deletion  bool
	DryRun    bool
	Requester string
	// Managers are the names under which the object's fields are managed.
	Managers []string
}

// Outcome is the verdict on a question, and all there is to tell about it.
type Outcome struct {
	Question
	Mode     Mode
	Decision rule.Decision
	// Denied: the request is refused. WouldDeny: it would be, were it not for the mode.
	Denied, WouldDeny bool
	// Pending are findings about what may still come.
	Pending []rule.Finding
	// Unconfirmed are findings that would deny, had it been possible to look again.
	Unconfirmed []rule.Finding
	LiveReads   int
	// Skipped: nobody looked at the object.
	Skipped bool
	// Guard: the question is what a change does to others; Decision holds what it does to them.
	Guard bool
	// Mutation: the mutating door was asked; Mutated: it changed something.
	Mutation, Mutated bool
	// Error: there is no verdict.
	Error error
}
