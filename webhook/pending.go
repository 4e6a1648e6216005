package webhook

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// wait turns denials for what is only late into warnings. Helm and Argo CD create an Ingress before the Certificate that
// makes its CA and never come to the second if the first is refused; Flux dry-runs a whole set before it applies any of it.
func (d *Door) wait(outcome *Outcome, policy *Policy, inv inventory.Reader) {
	if !outcome.Decision.Denied() {
		return
	}
	// A tool that renames an object of its own creates the new one before it deletes the old.
	own := owner(outcome.Object)
	lenient(&outcome.Decision, func(f rule.Finding) bool {
		return own != "" && len(f.Related) > 0 && !slices.ContainsFunc(f.Related, func(r rule.Related) bool {
			found := inv.Get(inventory.Ref{To: r.Object, From: outcome.Object.ID})
			return r.Object.Namespace != outcome.Object.ID.Namespace || found.Entry == nil || owner(found.Entry.Object()) != own
		})
	})
	if !outcome.Decision.Denied() {
		return
	}
	if !outcome.DryRun {
		switch {
		case outcome.Old != nil, policy.OnCreate == Deny:
			// An update that changes the reference to something absent breaks what works.
			return
		case d.takesDown(outcome, inv):
			return
		case policy.OnCreate == Auto && !marked(outcome.Question):
			return
		}
	}
	outcome.Pending = lenient(&outcome.Decision, func(f rule.Finding) bool {
		return f.Missing && (outcome.DryRun || policy.OnCreate == Pending || d.mayCome(f, policy))
	})
}

// mayCome reports whether something in this cluster could still make what a finding misses. A grant is applied like any
// other object; a Secret that no controller could make is applied before what refers to it, by all of these tools.
func (d *Door) mayCome(f rule.Finding, policy *Policy) bool {
	if f.Subject.Kind != "Secret" && f.Subject.Kind != "ConfigMap" {
		return true
	}
	if f.Subject.Namespace != f.Object.Namespace && needsGrants(policy, f.Object) {
		return true
	}
	for i := range policy.Reviewer.Providers().Providers {
		for _, producer := range policy.Reviewer.Providers().Providers[i].Producers {
			if producer.Makes == f.Subject.GroupKind() && !producer.ByProduct && !producer.File && d.world.Served(producer.Kind) {
				return true
			}
		}
	}
	return false
}

// takesDown reports whether the object shares a host or listener with somebody else's: ingress-nginx answers 403 for the
// whole host while a CA is missing, whoever else serves it.
func (d *Door) takesDown(outcome *Outcome, inv inventory.Reader) bool {
	own := owner(outcome.Object)
	return slices.ContainsFunc(outcome.Decision.Peers, func(id kube.ID) bool {
		found := inv.Get(inventory.Ref{To: id, From: outcome.Object.ID})
		if found.Entry == nil {
			return false
		}
		return id.Namespace != outcome.Object.ID.Namespace || own == "" || owner(found.Entry.Object()) != own
	})
}

// owner names the release or application that an object belongs to by its own marks; "" if it bears none.
func owner(obj kube.Object) string {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	if application, _, ok := strings.Cut(text(annotations, "argocd.argoproj.io/tracking-id"), ":"); ok {
		return "argocd " + application
	}
	if application := text(labels, "argocd.argoproj.io/instance"); application != "" {
		return "argocd " + application
	}
	if name := text(labels, "kustomize.toolkit.fluxcd.io/name"); name != "" {
		return "flux " + text(labels, "kustomize.toolkit.fluxcd.io/namespace") + "/" + name
	}
	if name := text(labels, "helm.toolkit.fluxcd.io/name"); name != "" {
		return "flux helm " + text(labels, "helm.toolkit.fluxcd.io/namespace") + "/" + name
	}
	if name := text(annotations, "meta.helm.sh/release-name"); name != "" {
		return "helm " + text(annotations, "meta.helm.sh/release-namespace") + "/" + name
	}
	// Argo CD's older way of tracking is this label alone, which others set too: together with them it names the same set.
	return text(labels, "app.kubernetes.io/instance")
}

// managers are the names under which tools that apply sets of objects manage fields.
var managers = []string{"helm", "argocd-controller", "argocd-application-controller", "kustomize-controller", "helm-controller"}

// marked reports whether a tool that applies sets of objects, in an order of its own, made this one.
func marked(q Question) bool {
	metadata, _ := q.Object.Fields["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	for _, key := range []string{"argocd.argoproj.io/tracking-id", "meta.helm.sh/release-name"} {
		if _, ok := annotations[key]; ok {
			return true
		}
	}
	for _, key := range []string{"argocd.argoproj.io/instance", "kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"} {
		if _, ok := labels[key]; ok {
			return true
		}
	}
	return labels["app.kubernetes.io/managed-by"] == "Helm" ||
		slices.ContainsFunc(q.Managers, func(m string) bool { return slices.Contains(managers, m) })
}

// tracker judges pending objects again, until what they miss has come or their grace is over. It lives in memory, and
// forgets with a restart.
type tracker struct {
	door    *Door
	overdue func(context.Context, kube.Object, []rule.Finding)

	mu      sync.Mutex
	waiting map[kube.ID]*waiting
}

// waiting is one pending object.
type waiting struct {
	until, next time.Time
	pause       time.Duration
}

const (
	// maxPending bounds the objects that are watched: a cluster restored at once has a few thousand Ingresses. Further ones
	// are admitted with their warning and found by audit.
	maxPending = 10000
	// lookEvery is how often pending objects are judged again, at first; the pause doubles up to lookAtMost, so that ten
	// thousand of them do not keep a processor busy for hours.
	lookEvery  = 2 * time.Second
	lookAtMost = time.Minute
)

func newTracker(d *Door, overdue func(context.Context, kube.Object, []rule.Finding)) *tracker {
	return &tracker{door: d, overdue: overdue, waiting: map[kube.ID]*waiting{}}
}

func (t *tracker) add(id kube.ID, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.waiting[id]; !known && len(t.waiting) < maxPending {
		t.waiting[id] = &waiting{until: until, pause: lookEvery}
	}
}

func (t *tracker) count() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := map[string]int{}
	for id := range t.waiting {
		counts[id.GroupKind()]++
	}
	return counts
}

func (t *tracker) run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			t.look(ctx)
		}
	}
}

func (t *tracker) look(ctx context.Context) {
	now := t.door.now()
	t.mu.Lock()
	var due []kube.ID
	for id, w := range t.waiting {
		if !now.Before(w.next) || now.After(w.until) {
			due = append(due, id)
			w.pause = min(2*w.pause, lookAtMost)
			w.next = now.Add(w.pause)
		}
	}
	t.mu.Unlock()
	if len(due) == 0 {
		return
	}
	policy, inv := t.door.policy.Load(), t.door.world.Snapshot()
	for _, id := range due {
		obj, missing := t.missing(ctx, id, policy, inv)
		t.mu.Lock()
		late := now.After(t.waiting[id].until)
		if late || len(missing) == 0 {
			delete(t.waiting, id)
		}
		t.mu.Unlock()
		// What never came into the cache was refused by somebody else, or is gone.
		if late && len(missing) > 0 && obj.Fields != nil {
			t.overdue(ctx, obj, missing)
		}
	}
}

// missing judges a stored object again. One that is not in the cache may only be late there, so that it is kept until its
// grace is over.
func (t *tracker) missing(ctx context.Context, id kube.ID, policy *Policy, inv inventory.Reader) (kube.Object, []rule.Finding) {
	found := inv.Get(inventory.Ref{To: id, From: id})
	if found.Entry == nil {
		return kube.Object{}, []rule.Finding{{Object: id}}
	}
	request := engine.Request{Object: found.Entry.Object(), Inventory: inv, Now: t.door.now(), Door: rule.DoorAdmission, Tenant: true, SkipNotes: true}
	review := policy.Reviewer.Review
	if t.door.world.OnDemand("Secret") {
		// What nobody watches must be read to be known. The others can wait for the watch, and cost no reads.
		review = func(ctx context.Context, r engine.Request) (rule.Decision, error) {
			return t.door.confirmed(ctx, r, policy, &Outcome{})
		}
	}
	decision, err := review(ctx, request)
	if err != nil {
		// No verdict, and nothing to tell: as if it had not come yet.
		return kube.Object{}, []rule.Finding{{Object: id}}
	}
	return found.Entry.Object(), slices.DeleteFunc(decision.Findings, func(f rule.Finding) bool { return !f.Missing || f.Action != rule.Deny })
}
