package publish

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// counts are what a publisher does, since the process started.
type counts struct {
	reports, events *prometheus.CounterVec
	delay           prometheus.Histogram
}

func newCounts() counts {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"result"})
	}
	return counts{
		reports: counter("tlsward_audit_reports_total", "Reports written or deleted, by result: written or failed."),
		events:  counter("tlsward_audit_events_total", "Events about findings that appeared or were mended, by result: sent, or dropped for their number."),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tlsward_audit_report_delay_seconds", Help: "Time from a verdict that has become another until the report says so.",
			// Changes are gathered for 0.2 s, and the writes of a burst wait for each other.
			Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300},
		}),
	}
}

const (
	// maxSeries bounds the series of findings and of certificates each: past some ten thousand, who scrapes suffers more than an
	// operator learns. Of findings what is beyond is counted in namespace "other"; of certificates those that end last are left out.
	maxSeries = 10_000
	other     = "other"
)

var (
	certificateLabels = []string{"namespace", "kind", "name", "role", "target", "key"}

	leadingMetric  = prometheus.NewDesc("tlsward_audit_leader", "1 in the replica that audits. The others have none of the metrics of the audit.", nil, nil)
	findingsMetric = prometheus.NewDesc("tlsward_audit_findings", "What is wrong in the cluster now, by rule, severity, action and namespace.",
		[]string{"rule", "severity", "action", "namespace"}, nil)
	objectsMetric  = prometheus.NewDesc("tlsward_audit_objects", "Objects that are audited.", nil, nil)
	queueMetric    = prometheus.NewDesc("tlsward_audit_queue", "Objects that are to be judged, for the first time or again.", nil, nil)
	reviewsMetric  = prometheus.NewDesc("tlsward_audit_reviews_total", "Objects judged, since this replica leads.", nil, nil)
	failuresMetric = prometheus.NewDesc("tlsward_audit_failures_total", "Reviews that came to no verdict, since this replica leads.", nil, nil)
	failingMetric  = prometheus.NewDesc("tlsward_audit_failing", "Objects whose last review came to no verdict.", nil, nil)
	judgedMetric   = prometheus.NewDesc("tlsward_audit_complete_timestamp_seconds", "When nothing was left to be judged for the last time, in Unix time.", nil, nil)
	expiryMetric   = prometheus.NewDesc("tlsward_certificate_not_after_seconds",
		"End of the certificate that an object shows, by the reference that leads to it, in Unix time.", certificateLabels, nil)
	caExpiryMetric = prometheus.NewDesc("tlsward_ca_not_after_seconds",
		"End of the CA that an object trusts, of several the last, by the reference that leads to it, in Unix time.", certificateLabels, nil)
	overdueMetric = prometheus.NewDesc("tlsward_certificate_renewal_overdue_seconds",
		"For how long a certificate or CA should have been renewed; there is none for what is not overdue.", certificateLabels, nil)
)

// Describe implements prometheus.Collector.
func (p *Publisher) Describe(to chan<- *prometheus.Desc) {
	p.counts.reports.Describe(to)
	p.counts.events.Describe(to)
	p.counts.delay.Describe(to)
	for _, d := range []*prometheus.Desc{
		leadingMetric, findingsMetric, objectsMetric, queueMetric, reviewsMetric, failuresMetric, failingMetric, judgedMetric, expiryMetric, caExpiryMetric, overdueMetric,
	} {
		to <- d
	}
}

// Collector returns the metrics as of a clock.
func (p *Publisher) Collector(now func() time.Time) prometheus.Collector { return collector{p, now} }

type collector struct {
	*Publisher
	now func() time.Time
}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	c.counts.reports.Collect(to)
	c.counts.events.Collect(to)
	c.counts.delay.Collect(to)
	c.mu.Lock()
	leading, settled := c.leading, c.settled
	c.mu.Unlock()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	if !leading {
		gauge(leadingMetric, 0)
		return
	}
	gauge(leadingMetric, 1)
	stats := c.Auditor.Stats()
	gauge(objectsMetric, float64(stats.Objects))
	gauge(queueMetric, float64(stats.Waiting))
	to <- prometheus.MustNewConstMetric(reviewsMetric, prometheus.CounterValue, float64(stats.Reviews))
	to <- prometheus.MustNewConstMetric(failuresMetric, prometheus.CounterValue, float64(stats.Failures))
	if !settled {
		return // half of what there is would look like a mending
	}
	gauge(judgedMetric, float64(stats.Judged.Unix()))
	findings, failing := map[labelled]int{}, 0
	var ends []end
	c.Auditor.Each(func(v audit.Verdict) bool {
		if v.Error != "" {
			failing++
		}
		for _, f := range v.Findings {
			findings[labelled{f.Rule, f.Severity, f.Action, v.Object.Namespace}]++
		}
		for _, certificate := range v.Certificates {
			ends = append(ends, end{v.Object, certificate})
		}
		return true
	})
	gauge(failingMetric, float64(failing))
	for key, n := range merged(findings) {
		gauge(findingsMetric, float64(n), key.rule, key.severity.String(), key.action.String(), key.namespace)
	}
	now := c.now()
	for _, e := range soonest(ends) {
		labels := e.labels()
		metric := expiryMetric
		if e.CA {
			metric = caExpiryMetric
		}
		gauge(metric, float64(e.NotAfter.Unix()), labels...)
		if late := now.Sub(e.Due); late > 0 {
			gauge(overdueMetric, late.Truncate(time.Second).Seconds(), labels...)
		}
	}
}

type labelled struct {
	rule      string
	severity  rule.Severity
	action    rule.Action
	namespace string
}

// merged bounds the series of findings.
func merged(findings map[labelled]int) map[labelled]int {
	if len(findings) <= maxSeries {
		return findings
	}
	all := make([]labelled, 0, len(findings))
	for key := range findings {
		all = append(all, key)
	}
	slices.SortFunc(all, func(a, b labelled) int {
		return cmp.Or(cmp.Compare(a.action, b.action), strings.Compare(a.namespace, b.namespace), strings.Compare(a.rule, b.rule), cmp.Compare(a.severity, b.severity))
	})
	kept := make(map[labelled]int, maxSeries)
	for i, key := range all {
		n := findings[key]
		if i >= maxSeries {
			key.namespace = other
		}
		kept[key] += n
	}
	return kept
}

// end is when what a reference leads to ends.
type end struct {
	object kube.ID
	rule.Certificate
}

func (e end) labels() []string {
	return []string{e.object.Namespace, e.object.GroupKind(), e.object.Name, e.Role, e.Target.String(), e.Key}
}

// soonest keeps of several references with the same labels the one that ends first, and of too many those that end first.
func soonest(ends []end) []end {
	slices.SortFunc(ends, func(a, b end) int {
		return cmp.Or(a.NotAfter.Compare(b.NotAfter), a.object.Compare(b.object), strings.Compare(a.Role, b.Role), a.Target.Compare(b.Target), strings.Compare(a.Key, b.Key))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(ends, func(e end) bool {
		key := strings.Join(e.labels(), "\x00")
		again := seen[key] || len(seen) >= maxSeries
		seen[key] = seen[key] || !again
		return again
	})
}
