package webhook

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Teller writes metrics and the log of outcomes: the one place where decisions are told to operators, with the names that
// requesters do not see.
type Teller struct {
	log       *slog.Logger
	reviews   *prometheus.CounterVec
	denials   *prometheus.CounterVec
	would     *prometheus.CounterVec
	spared    *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	liveReads *prometheus.CounterVec
	overdue   *prometheus.CounterVec
	pending   *prometheus.Desc
	door      func() map[string]int
	// namespaces and kinds bound the values of labels: they come from requests, and namespaces come and go.
	namespaces, kinds bounded
}

// bounded passes on a number of distinct values, and "other" for what comes after.
type bounded struct {
	most int
	mu   sync.Mutex
	seen map[string]bool
}

func (b *bounded) label(value string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen[value] {
		return value
	}
	if len(b.seen) >= b.most {
		return "other"
	}
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	b.seen[value] = true
	return value
}

// NewTeller returns a teller that logs to log.
func NewTeller(log *slog.Logger) *Teller {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	return &Teller{
		log:     log,
		reviews: counter("tlsward_admission_reviews_total", "Admission requests answered, by door, kind and result.", "door", "kind", "result"),
		denials: counter("tlsward_denials_total", "Requests refused, by rule, namespace and kind of requester.", "rule", "namespace", "requester"),
		would:   counter("tlsward_would_deny_total", "Requests admitted that would have been refused, were they enforced.", "rule", "namespace"),
		spared:  counter("tlsward_suppressed_total", "Findings that would have refused a request and were suppressed, by rule, namespace and what suppressed them: config or annotation.", "rule", "namespace", "kind"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tlsward_admission_duration_seconds", Help: "Time taken to answer an admission request.",
			// A review takes 0.2 ms, a denial with its live reads some 5 ms; the API server waits for 5 s.
			Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5},
		}, []string{"door"}),
		liveReads: counter("tlsward_live_reads_total", "Reads at the API server before denials, by result.", "result"),
		overdue:   counter("tlsward_overdue_total", "Objects admitted though a reference was missing, which still missed it when the grace was over.", "kind"),
		pending:   prometheus.NewDesc("tlsward_pending", "Objects admitted that wait for what they refer to.", []string{"kind"}, nil),
		door:      func() map[string]int { return nil },
		// A large cluster has some thousand namespaces, of which those with denials are few; judged kinds are a dozen.
		namespaces: bounded{most: 1000}, kinds: bounded{most: 100},
	}
}

// Watch has the teller count a door's pending objects.
func (t *Teller) Watch(d *Door) { t.door = d.Pending }

func (t *Teller) collectors() []prometheus.Collector {
	return []prometheus.Collector{t.reviews, t.denials, t.would, t.spared, t.duration, t.liveReads, t.overdue}
}

// Describe implements prometheus.Collector.
func (t *Teller) Describe(to chan<- *prometheus.Desc) {
	for _, c := range t.collectors() {
		c.Describe(to)
	}
	to <- t.pending
}

// Collect implements prometheus.Collector.
func (t *Teller) Collect(to chan<- prometheus.Metric) {
	for _, c := range t.collectors() {
		c.Collect(to)
	}
	counts := t.door()
	for _, kind := range kube.SortedKeys(counts) {
		to <- prometheus.MustNewConstMetric(t.pending, prometheus.GaugeValue, float64(counts[kind]), kind)
	}
}

// Read counts a live read.
func (t *Teller) Read(result string) { t.liveReads.WithLabelValues(result).Inc() }

// Took counts the time of an answer.
func (t *Teller) Took(door string, d time.Duration) {
	t.duration.WithLabelValues(door).Observe(d.Seconds())
}

// Tell counts and logs an outcome.
func (t *Teller) Tell(ctx context.Context, o Outcome) {
	door := o.door()
	result := o.result()
	t.reviews.WithLabelValues(door, t.kinds.label(o.Object.ID.Kind), result).Inc()
	spared := o.spared()
	// Of a dry run nothing comes: neither a denial nor what would have been one.
	if !o.DryRun {
		for _, f := range spared {
			t.spared.WithLabelValues(f.Rule, t.namespaces.label(o.Object.ID.Namespace), f.By).Inc()
		}
		for _, id := range o.rules(func(f rule.Finding) bool { return f.Action == rule.Deny }) {
			switch {
			case o.Denied:
				t.denials.WithLabelValues(id, t.namespaces.label(o.Object.ID.Namespace), requester(o.Requester)).Inc()
			case o.WouldDeny:
				t.would.WithLabelValues(id, t.namespaces.label(o.Object.ID.Namespace)).Inc()
			}
		}
		for _, id := range o.rules(func(f rule.Finding) bool { return !f.EnforceFrom.IsZero() }) {
			t.would.WithLabelValues(id, t.namespaces.label(o.Object.ID.Namespace)).Inc()
		}
	}
	level := slog.LevelDebug
	switch {
	case o.Error != nil:
		level = slog.LevelError
	case o.Denied || o.WouldDeny || len(o.Pending) > 0 || len(o.Unconfirmed) > 0 || len(spared) > 0 || o.cites():
		level = slog.LevelInfo
	}
	if !t.log.Enabled(ctx, level) {
		return
	}
	attributes := []slog.Attr{
		slog.String("decision", o.decisionID()), slog.String("uid", o.ID), slog.String("door", door), slog.String("result", result),
		slog.String("object", o.Object.ID.String()), slog.String("group", o.Object.ID.Group), slog.String("requester", o.Requester),
		slog.Bool("dryRun", o.DryRun), slog.Int("liveReads", o.LiveReads),
	}
	if o.Error != nil {
		attributes = append(attributes, slog.String("error", o.Error.Error()))
	}
	var findings []toldFinding
	for _, f := range worst(o.Decision.Findings) {
		if f.Action <= rule.Warn {
			findings = append(findings, tellFinding(f))
		}
	}
	attributes = append(attributes, slog.Any("findings", findings))
	if len(spared) > 0 {
		attributes = append(attributes, slog.Any("suppressed", spared))
	}
	t.log.LogAttrs(ctx, level, "admission", attributes...)
}

// toldFinding names everything that has to do with a finding, whatever namespace it is in: the log is the operators'.
type toldFinding struct {
	Rule     string   `json:"rule"`
	Action   string   `json:"action"`
	Path     string   `json:"path"`
	Message  string   `json:"message"`
	Related  []string `json:"related,omitempty"`
	Existing bool     `json:"existing,omitempty"`
	// By is what left the finding out of the verdict, with the reason somebody gave.
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// spared lists, in the order of a reader, what would have refused the request and is suppressed.
func (o Outcome) spared() []toldFinding {
	var told []toldFinding
	for _, f := range worst(o.Decision.Suppressed) {
		if f.Action == rule.Deny {
			finding := tellFinding(f)
			finding.By, finding.Reason = string(f.Suppression.Kind), clip(f.Suppression.Reason, maxWarning)
			told = append(told, finding)
		}
	}
	return told
}

func tellFinding(f rule.Finding) toldFinding {
	told := toldFinding{Rule: f.Rule, Action: f.Action.String(), Path: f.Path.String(), Message: f.Headline(), Existing: f.Existing}
	for _, r := range f.Related {
		told.Related = append(told.Related, r.Object.String())
	}
	return told
}

// Overdue tells of an object that still misses what it refers to.
func (t *Teller) Overdue(ctx context.Context, obj kube.Object, findings []rule.Finding) {
	t.overdue.WithLabelValues(obj.ID.Kind).Inc()
	for _, f := range findings {
		t.log.LogAttrs(ctx, slog.LevelWarn, "still missing when the grace was over", slog.String("object", obj.ID.String()), slog.Any("finding", tellFinding(f)))
	}
}

func (o Outcome) door() string {
	switch {
	case o.Mutation:
		return "mutate"
	case o.Guard:
		return "guard"
	default:
		return "validate"
	}
}

func (o Outcome) result() string {
	switch {
	case o.Error != nil:
		return "error"
	case o.Mutated:
		return "mutated"
	case o.Denied:
		return "denied"
	case o.WouldDeny:
		return "would deny"
	case len(o.Pending) > 0:
		return "pending"
	case len(o.Unconfirmed) > 0:
		return "unconfirmed"
	case slices.ContainsFunc(o.Decision.Findings, func(f rule.Finding) bool { return f.Action == rule.Warn }):
		return "warned"
	default:
		return "allowed"
	}
}

// rules lists the rules of some findings, each once.
func (o Outcome) rules(which func(rule.Finding) bool) []string {
	var ids []string
	for _, f := range o.Decision.Findings {
		if which(f) && !slices.Contains(ids, f.Rule) {
			ids = append(ids, f.Rule)
		}
	}
	return ids
}

// requester tells service accounts from people: a controller that is refused is an outage of its own, and worth an alert.
func requester(name string) string {
	if strings.HasPrefix(name, "system:serviceaccount:") {
		return "controller"
	}
	return "user"
}
