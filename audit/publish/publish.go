// Package publish tells a cluster what an audit found: as a PolicyReport in each namespace, as Events on the objects, as metrics. It
// is called by who serves, in the replica that leads. It judges nothing, and what it cannot write it tries again; nothing waits for it.
package publish

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// Client writes reports.
type Client interface {
	List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error
	Apply(ctx context.Context, obj runtime.ApplyConfiguration, options ...client.ApplyOption) error
	Delete(ctx context.Context, obj client.Object, options ...client.DeleteOption) error
	RESTMapper() meta.RESTMapper
}

// Recorder writes Events, some time.
type Recorder interface {
	Eventf(regarding, related runtime.Object, kind, reason, action, note string, args ...any)
}

// Options are what a publisher needs.
type Options struct {
	Auditor *audit.Auditor
	Client  Client
	Events  Recorder
	Log     *slog.Logger
}

const (
	// gather is how long changes of verdicts are gathered: one Secret may change those of many objects of a namespace.
	gather = 200 * time.Millisecond
	// writesPerSecond and burst bound what is asked of the API server: a CA for all namespaces may expire at once.
	writesPerSecond, burst = 10, 50
	// eventsPerSecond and eventsBurst bound Events, which others have to read and etcd to keep for an hour. What is beyond them is
	// in the reports.
	eventsPerSecond, eventsBurst = 5, 100
	// retryAfter is when a write that failed is tried again.
	retryAfter = 5 * time.Second
	// lookAgain is when is looked whether a kind of report has been installed; each fifth time, reports are compared by their hashes
	// with what they should be: somebody may have deleted one.
	lookAgain    = time.Minute
	compareEvery = 5
	// maxEvents bounds the Events that wait, past what will be sent at all.
	maxEvents = 1000
	// settledEvery is how often is looked whether everything was judged once.
	settledEvery = 100 * time.Millisecond
)

// Publisher writes what an audit finds. Safe for concurrent use.
type Publisher struct {
	Options
	writes, events *rate.Limiter
	wake           chan struct{}
	counts         counts
	// veiled are findings that were told, by objects of which something cannot be judged since. Run's goroutine has them to itself.
	veiled map[kube.ID][]audit.Finding

	mu     sync.Mutex
	spaces map[string]*space
	// settled: everything was judged once, so that what differs from now on has changed.
	settled bool
	leading bool
	queue   []change
}

// space is a namespace, or "" for what has none.
type space struct {
	// objects are those about which there is something to say.
	objects map[kube.ID]audit.Verdict
	dirty   bool
	// since is when the first verdict changed that the report does not tell yet; zero if there is none.
	since time.Time
	// written is the hash of the report that stands in the cluster; "" if there is none.
	written string
	retry   time.Time
}

// change is a verdict that has become another.
type change struct{ before, now audit.Verdict }

// New returns a publisher that does nothing until Run; its Tell is audit.Options.Tell.
func New(o Options) *Publisher {
	return &Publisher{
		Options: o, wake: make(chan struct{}, 1), spaces: map[string]*space{}, counts: newCounts(),
		writes: rate.NewLimiter(writesPerSecond, burst), events: rate.NewLimiter(eventsPerSecond, eventsBurst),
	}
}

// Tell takes a verdict over.
func (p *Publisher) Tell(before, now audit.Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := now.Object
	if id.Kind == "" {
		id = before.Object
	}
	s, knew := p.spaces[id.Namespace], false
	said := len(now.Findings) > 0 || now.Error != ""
	if said {
		s = p.space(id.Namespace)
		s.objects[id] = now
	} else if s != nil {
		_, knew = s.objects[id]
		delete(s.objects, id)
	}
	if said || knew {
		s.dirty = true
		if p.settled && s.since.IsZero() {
			s.since = time.Now() //nolint:forbidigo // a delay, not a verdict
		}
	}
	if p.settled {
		p.enqueue(change{before, now})
	}
	p.nudge()
}

// enqueue has Events sent about a change; of too many nobody would read.
func (p *Publisher) enqueue(c change) {
	if len(p.queue) < maxEvents {
		p.queue = append(p.queue, c)
		return
	}
	p.counts.events.WithLabelValues("dropped").Inc()
}

func (p *Publisher) space(namespace string) *space {
	s := p.spaces[namespace]
	if s == nil {
		s = &space{objects: map[kube.ID]audit.Verdict{}}
		p.spaces[namespace] = s
	}
	return s
}

func (p *Publisher) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run audits and writes until the context ends, beginning anew each time: whoever leads calls it.
func (p *Publisher) Run(ctx context.Context) error {
	p.mu.Lock()
	p.spaces, p.settled, p.leading, p.queue = map[string]*space{}, false, true, nil
	p.mu.Unlock()
	p.veiled = map[kube.ID][]audit.Finding{}
	var running sync.WaitGroup
	defer func() {
		running.Wait()
		p.mu.Lock()
		p.spaces, p.queue = map[string]*space{}, nil // who does not lead keeps nothing
		p.mu.Unlock()
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		p.mu.Lock()
		p.leading = false
		p.mu.Unlock()
	}()
	running.Go(func() {
		if err := p.Auditor.Run(ctx); err != nil {
			p.Log.Error("audit has ended", "error", err)
		}
		cancel()
	})
	if !p.await(ctx) {
		return nil
	}
	var w writer
	p.look(ctx, &w, true)
	again, looks := time.NewTicker(lookAgain), 0
	defer again.Stop()
	retry := time.NewTicker(retryAfter)
	defer retry.Stop()
	for {
		p.tellEvents()
		p.write(ctx, &w)
		if w.doubted {
			p.look(ctx, &w, false)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-retry.C:
			if w.unsure {
				p.look(ctx, &w, false)
			}
		case <-again.C:
			if looks++; w.api == nil || looks%compareEvery == 0 {
				p.look(ctx, &w, false)
			}
		case <-p.wake:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(gather):
			}
		}
	}
}

// await reports whether everything was judged once before the context ended: until then a report would lose what it said.
func (p *Publisher) await(ctx context.Context) bool {
	ticker := time.NewTicker(settledEvery)
	defer ticker.Stop()
	for p.Auditor.Stats().Judged.IsZero() {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
	}
	return ctx.Err() == nil
}

// writer is by which kind reports are written.
type writer struct {
	api *api
	// said: it was logged that there is none.
	said bool
	// unsure: which there is could not be asked.
	unsure bool
	// doubted: something was not found by which it is written.
	doubted bool
}

// look finds out which kind of report is served, and which reports there are. The first time, what they do not say and is found now has
// appeared while nobody looked.
func (p *Publisher) look(ctx context.Context, w *writer, first bool) {
	told, written := map[heard]bool{}, map[string]string{}
	found, err := p.served(ctx, written)
	w.unsure, w.doubted = err != nil, false
	if err != nil {
		if ctx.Err() == nil {
			p.Log.Warn("which reports the cluster serves is not known", "error", err)
		}
		found = w.api
	}
	known := found != nil && err == nil
	switch {
	case found == nil && !w.said && err == nil:
		w.said = true
		p.Log.Info("no kind of report is installed: what the audit finds is told by metrics and Events", "want", "wgpolicyk8s.io/v1alpha2 or openreports.io/v1alpha1")
	case found != nil && found != w.api:
		w.said = false
		p.Log.Info("reports are written", "kind", found.kind, "group", found.group)
	}
	if known && first {
		if err := p.recall(ctx, found, told, written); err != nil {
			p.Log.Warn("reports cannot be read", "error", err)
			known = false
		}
	}
	if known && found != w.api {
		into := told
		if !first {
			into = nil
		}
		p.clear(ctx, found, into)
	}
	other := found != w.api
	w.api = found
	p.mu.Lock()
	defer p.mu.Unlock()
	if known {
		p.nudge()
		for namespace, hash := range written {
			p.space(namespace).written = hash
		}
		for namespace, s := range p.spaces {
			if written[namespace] == "" {
				s.written = ""
			}
			s.dirty = true // what is as it should be is not written
			if other {
				s.retry = time.Time{} // what was not taken was of another kind
			}
		}
	}
	if !first {
		return
	}
	p.settled = true
	if !known {
		return // nobody knows what is new
	}
	for _, s := range p.spaces {
		for _, v := range s.objects {
			p.enqueue(change{before(v, told), v})
		}
	}
}

// served finds the kind of report that is preferred of those that are served, and by namespace which reports there are. That a kind
// can be listed tells that it is served: the mapper remembers what was there once.
func (p *Publisher) served(ctx context.Context, written map[string]string) (*api, error) {
	for i := range apis {
		a := &apis[i]
		_, err := p.Client.RESTMapper().RESTMapping(schema.GroupKind{Group: a.group, Kind: a.kind}, a.version)
		if err == nil {
			clear(written)
			err = p.recall(ctx, a, nil, written)
		}
		if !notServed(err) {
			return a, err
		}
	}
	return nil, nil
}

func notServed(err error) bool { return meta.IsNoMatchError(err) || apierrors.IsNotFound(err) }

// before is the part of a verdict that was told already.
func before(v audit.Verdict, told map[heard]bool) audit.Verdict {
	known := audit.Verdict{Object: v.Object, Version: v.Version, UID: v.UID}
	cut := told[truncated(v.Object.Namespace)] // nobody knows what else was told
	for _, f := range v.Findings {
		if cut || told[heard{v.Object, f.Rule, f.Path}] {
			known.Findings = append(known.Findings, f)
		}
	}
	return known
}

// tellEvents sends Events about what has appeared and what is mended.
func (p *Publisher) tellEvents() {
	p.mu.Lock()
	queue := p.queue
	p.queue = nil
	p.mu.Unlock()
	for _, c := range queue {
		switch {
		case c.now.Object.Kind == "":
			delete(p.veiled, c.before.Object) // it is gone, and with it whoever would read
		case c.now.Error == "":
			p.tellChange(c)
		}
	}
}

func (p *Publisher) tellChange(c change) {
	id, veiled := c.now.Object, p.veiled[c.now.Object]
	delete(p.veiled, id)
	known := slices.Concat(c.before.Findings, veiled)
	blind, sighted := false, false
	for _, f := range missing(c.now.Findings, known) {
		blind = blind || f.Unknown
		p.event(c.now, f, corev1.EventTypeWarning, reasonOf(f))
	}
	mended := missing(known, c.now.Findings)
	for _, f := range mended {
		sighted = sighted || f.Unknown
	}
	for _, f := range mended {
		// What is not seen any more is not mended, and no news when it is seen again.
		if blind || !sighted && slices.Contains(veiled, f) {
			if !f.Unknown {
				p.veiled[id] = append(p.veiled[id], f)
			}
			continue
		}
		p.event(c.now, f, corev1.EventTypeNormal, reasonOf(f)+"Resolved")
	}
}

// reasonOf is an Event's.
func reasonOf(f audit.Finding) string {
	if f.Unknown {
		return "PolicyNotJudged"
	}
	return "PolicyViolation"
}

// missing lists the errors among some findings that others do not have, and what could not be judged. What they say may change, as
// numbers in it do.
func missing(these, those []audit.Finding) (list []audit.Finding) {
	for _, f := range these {
		same := func(g audit.Finding) bool { return g.Rule == f.Rule && g.Path == f.Path }
		if (f.Severity == rule.Error || f.Unknown) && !slices.ContainsFunc(those, same) && !slices.ContainsFunc(list, same) {
			list = append(list, f)
		}
	}
	return list
}

// maxNote is the API server's bound of 1 KiB, less what stands around the message.
const maxNote = 900

func (p *Publisher) event(v audit.Verdict, f audit.Finding, kind, reason string) {
	if !p.events.Allow() {
		p.counts.events.WithLabelValues("dropped").Inc()
		return
	}
	message := report.Lines(f.Message)
	if len(message) > maxNote {
		message = strings.ToValidUTF8(message[:maxNote], "")
	}
	regarding := &unstructured.Unstructured{}
	regarding.SetAPIVersion(kube.Object{ID: v.Object, Version: v.Version}.APIVersion())
	regarding.SetKind(v.Object.Kind)
	regarding.SetNamespace(v.Object.Namespace)
	regarding.SetName(v.Object.Name)
	regarding.SetUID(uid(v.UID))
	format := "%s (%s)"
	if kind == corev1.EventTypeNormal {
		format = "no longer: %s (%s)"
	}
	p.Events.Eventf(regarding, nil, kind, reason, "Audit", format, message, f.Rule)
	p.counts.events.WithLabelValues("sent").Inc()
}

// write brings the reports up to date that are not.
func (p *Publisher) write(ctx context.Context, w *writer) {
	for _, namespace := range p.due() {
		p.mu.Lock()
		s := p.spaces[namespace]
		verdicts := slices.Collect(maps.Values(s.objects))
		written, since := s.written, s.since
		s.dirty, s.since = false, time.Time{}
		p.mu.Unlock()
		hash := ""
		var object *unstructured.Unstructured
		if w.api != nil {
			object, hash = w.api.report(namespace, verdicts)
		}
		var err error
		told := w.api != nil && hash != written
		if told {
			if err := p.writes.Wait(ctx); err != nil {
				return
			}
			err = p.put(ctx, w.api, namespace, object)
			result := "written"
			if err != nil {
				result = "failed"
			}
			p.counts.reports.WithLabelValues(result).Inc()
			p.wrote(ctx, w, namespace, err)
		}
		p.mu.Lock()
		switch {
		case err != nil:
			pause := retryAfter / 2 // so that it is over by the next time, or the one after that
			if gone(err) {
				pause = lookAgain
			}
			if !since.IsZero() {
				s.since = since
			}
			s.dirty, s.retry = true, time.Now().Add(pause) //nolint:forbidigo // a pause, not a verdict
		default:
			s.written, s.retry = hash, time.Time{}
			if told && !since.IsZero() {
				p.counts.delay.Observe(time.Since(since).Seconds())
			}
			if hash == "" && len(s.objects) == 0 {
				delete(p.spaces, namespace) // namespaces come and go
			}
		}
		p.mu.Unlock()
		// Of many reports the last is written long after the first.
		p.tellEvents()
	}
}

// wrote tells of a write that failed.
func (p *Publisher) wrote(ctx context.Context, w *writer, namespace string, err error) {
	switch {
	case err == nil || ctx.Err() != nil:
	case notServed(err):
		w.doubted = true // of the kind of report or the namespace, one is gone
	case gone(err):
		p.Log.Debug("no report is written in a namespace that ends", "namespace", namespace)
	default:
		p.Log.Warn("a report is not written, and is tried again", "namespace", namespace, "error", err)
	}
}

// gone reports whether an error says that the namespace ends or is gone, or the kind of report is.
func gone(err error) bool {
	return notServed(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}

func (p *Publisher) put(ctx context.Context, a *api, namespace string, object *unstructured.Unstructured) error {
	if object != nil {
		return p.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(owner), client.ForceOwnership)
	}
	return client.IgnoreNotFound(p.Client.Delete(ctx, a.named(namespace)))
}

// due lists, in order, the namespaces whose reports may have to be written.
func (p *Publisher) due() (namespaces []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for namespace, s := range p.spaces {
		if s.dirty && !time.Now().Before(s.retry) { //nolint:forbidigo // a pause, not a verdict
			namespaces = append(namespaces, namespace)
		}
	}
	slices.Sort(namespaces)
	return namespaces
}

// recall reads the reports that stand in the cluster: by namespace which they are, and, unless it is nil, what they told.
func (p *Publisher) recall(ctx context.Context, a *api, told map[heard]bool, written map[string]string) error {
	for _, kind := range []string{a.kind, a.clusterKind} {
		kind := schema.GroupVersionKind{Group: a.group, Version: a.version, Kind: kind + "List"}
		token := ""
		for {
			next, err := p.page(ctx, kind, token, told, written)
			if notServed(err) && kind.Kind == a.clusterKind+"List" {
				break // of the two, who installs only the other wants only that
			}
			if err != nil {
				return fmt.Errorf("%s: %w", kind.Kind, err)
			}
			if token = next; token == "" {
				break
			}
		}
	}
	return nil
}

func (p *Publisher) page(ctx context.Context, kind schema.GroupVersionKind, token string, told map[heard]bool, written map[string]string) (next string, err error) {
	options := []client.ListOption{client.MatchingLabels(labels), client.Continue(token)}
	if told == nil {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind)
		err := p.Client.List(ctx, list, append(options, client.Limit(pageOfNames))...)
		for i := range list.Items {
			note(&list.Items[i], written)
		}
		return list.GetContinue(), err
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind)
	err = p.Client.List(ctx, list, append(options, client.Limit(pageOfReports))...)
	for i := range list.Items {
		if note(&list.Items[i], written) {
			heardIn(&list.Items[i], told)
		}
	}
	return list.GetContinue(), err
}

// note notes which report stands in a namespace, if it is one of ours.
func note(item client.Object, written map[string]string) bool {
	if item.GetName() != reportName {
		return false
	}
	written[item.GetNamespace()] = cmp.Or(item.GetAnnotations()[hashAnnotation], "unknown")
	return true
}

// pageOfReports bounds the reports in one page, each of up to a MiB, and pageOfNames those of which only the metadata come.
const pageOfReports, pageOfNames = 20, 500

// clear deletes our reports of every other kind: nobody would bring them up to date. What they told is noted, unless told is nil.
func (p *Publisher) clear(ctx context.Context, keep *api, told map[heard]bool) {
	for i := range apis {
		old := &apis[i]
		if _, err := p.Client.RESTMapper().RESTMapping(schema.GroupKind{Group: old.group, Kind: old.kind}, old.version); old == keep || err != nil {
			continue
		}
		written := map[string]string{}
		err := p.recall(ctx, old, told, written)
		if notServed(err) {
			continue
		}
		for _, namespace := range slices.Sorted(maps.Keys(written)) {
			if err == nil {
				if err = p.writes.Wait(ctx); err == nil {
					err = p.put(ctx, old, namespace, nil)
				}
			}
		}
		if err != nil && ctx.Err() == nil {
			p.Log.Warn("old reports are not deleted", "kind", old.kind, "group", old.group, "error", err)
		}
	}
}
