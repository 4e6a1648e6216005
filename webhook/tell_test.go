package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

// telling is a stage whose outcomes go to a Teller.
type telling struct {
	*stage
	log      *bytes.Buffer
	registry *prometheus.Registry
}

func openTelling(t *testing.T, level slog.Level, change ...func(*webhook.Policy)) telling {
	t.Helper()
	s := telling{stage: open(t, change...), log: &bytes.Buffer{}, registry: prometheus.NewPedanticRegistry()}
	teller := webhook.NewTeller(slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: level})))
	policy := webhook.Policy{Reviewer: shipped(), PendingGrace: time.Minute, LiveReads: 1000}
	for _, c := range change {
		c(&policy)
	}
	s.door = webhook.New(webhook.Options{World: s.cluster, Now: s.clock, Tell: teller.Tell, Overdue: teller.Overdue, Read: teller.Read})
	s.door.SetPolicy(policy)
	teller.Watch(s.door)
	for path, handler := range s.door.Handlers() {
		s.mux.Handle("/told"+path, handler)
	}
	s.registry.MustRegister(teller)
	return s
}

func (s telling) tell(r request) answer {
	s.t.Helper()
	if r.path == "" {
		r.path = "/validate"
	}
	r.path = "/told" + r.path
	return s.ask(r)
}

// metrics writes all metrics with their labels' values, which are in order of the labels' names.
func (s telling) metrics() string {
	s.t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	for _, family := range families {
		for _, m := range family.GetMetric() {
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			var labels []string
			for _, label := range m.GetLabel() {
				labels = append(labels, label.GetValue())
			}
			fmt.Fprintf(&b, "%s %s: %v\n", strings.TrimPrefix(family.GetName(), "tlsward_"), strings.Join(labels, ", "), value)
		}
	}
	return b.String()
}

// lines are the log's, since it was last asked.
func (s telling) lines() []map[string]any {
	s.t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(s.log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		for _, key := range regexp.MustCompile(`"(\w+)":`).FindAllStringSubmatch(strings.Split(line, `"findings"`)[0], -1) {
			if strings.Count(strings.Split(line, `"findings"`)[0], key[0]) > 1 {
				s.t.Errorf("key %s stands twice: %s", key[1], line)
			}
		}
		lines = append(lines, fields)
	}
	s.log.Reset()
	return lines
}

// TestMetrics goes through what can come of a request, and looks at all there is to count.
func TestMetrics(t *testing.T) {
	const controller = "system:serviceaccount:argocd:argocd-application-controller"
	s := openTelling(t, slog.LevelInfo)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep))
	broken := mtls("shop/api", "shop/missing", nginx("auth-tls-verify-depth", "-1"))
	by := func(r request, path, user string) request {
		r.path, r.user = path, user
		return r
	}
	s.tell(by(create(broken), "", "dev"))
	s.tell(by(create(broken), "/validate/enforce", controller))
	s.tell(by(create(broken), "/validate/warn", "dev"))
	s.tell(by(update(broken, broken), "", "dev"))
	s.tell(by(create(mtls("shop/api", "shop/ca")), "", "dev"))
	s.tell(by(create(mtls("shop/api", "shop/ca")), "/mutate", "dev"))
	s.tell(by(create(ingress("shop/api")), "/mutate", "dev"))
	dry := create(broken)
	dry.dryRun = true
	s.tell(dry)
	pending := mtls("shop/late", "shop/missing-2", marks[1].own...)
	s.serves("Certificate.cert-manager.io")
	s.tell(create(pending))
	const want = `admission_reviews_total mutate, Ingress, allowed: 1
admission_reviews_total mutate, Ingress, mutated: 1
admission_reviews_total validate, Ingress, allowed: 1
admission_reviews_total validate, Ingress, denied: 3
admission_reviews_total validate, Ingress, pending: 1
admission_reviews_total validate, Ingress, warned: 1
admission_reviews_total validate, Ingress, would deny: 1
denials_total shop, controller, ingress-nginx/client-ca-missing: 1
denials_total shop, controller, ingress-nginx/verify-depth-invalid: 1
denials_total shop, user, ingress-nginx/client-ca-missing: 1
denials_total shop, user, ingress-nginx/verify-depth-invalid: 1
live_reads_total absent: 2
live_reads_total found: 6
live_reads_total remembered: 3
pending Ingress.networking.k8s.io: 1
would_deny_total shop, ingress-nginx/client-ca-missing: 1
would_deny_total shop, ingress-nginx/verify-depth-invalid: 1
`
	if got := s.metrics(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// The grace is over: told once, with a line in the log.
	s.put(pending)
	s.lines()
	s.pass(2 * time.Minute)
	s.door.Look(t.Context())
	s.door.Look(t.Context())
	if got := s.metrics(); !strings.Contains(got, "overdue_total Ingress: 1\n") || strings.Contains(got, "\npending ") {
		t.Errorf("got %s", got)
	}
	lines := s.lines()
	if len(lines) != 1 || lines[0]["level"] != "WARN" || lines[0]["object"] != "Ingress shop/late" || !strings.Contains(fmt.Sprint(lines[0]["finding"]), "Secret shop/missing-2 does not exist") {
		t.Errorf("logged %v", lines)
	}
}

// TestErrorsAreCounted: what has no verdict, and what a read came to.
func TestErrorsAreCounted(t *testing.T) {
	s := openTelling(t, slog.LevelInfo, func(p *webhook.Policy) { p.Reviewer = broken{err: errors.New("no verdict")} })
	for _, path := range []string{"/validate", "/validate/warn", "/mutate"} {
		r := create(mtls("shop/api", "shop/ca"))
		r.path = path
		s.tell(r)
	}
	if got := s.metrics(); got != "admission_reviews_total mutate, Ingress, error: 1\nadmission_reviews_total validate, Ingress, error: 2\n" {
		t.Errorf("got %s", got)
	}
	for _, line := range s.lines() {
		if line["level"] != "ERROR" || line["error"] != "no verdict" || line["decision"] != "1c2d3e4f" {
			t.Errorf("logged %v", line)
		}
	}
	s = openTelling(t, slog.LevelInfo)
	s.put(nginxClass())
	s.fails = func(string) error { return errors.New("refused") }
	s.tell(create(mtls("shop/api", "shop/ca")))
	if got := s.metrics(); !strings.Contains(got, "live_reads_total failed: 2\n") || !strings.Contains(got, "validate, Ingress, unconfirmed: 1\n") {
		t.Errorf("got %s", got)
	}
}

// TestEnforceFromIsCounted: a rule that will deny is counted as one that would, so that the metric says what the day will bring.
func TestEnforceFromIsCounted(t *testing.T) {
	e := engineWith(rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"ingress-nginx/client-ca-missing"}, Action: rule.Deny, EnforceFrom: noon.AddDate(0, 1, 0)}}})
	s := openTelling(t, slog.LevelInfo, func(p *webhook.Policy) { p.Reviewer = e })
	s.put(nginxClass())
	s.tell(create(mtls("shop/api", "shop/ca")))
	if got := s.metrics(); !strings.Contains(got, "would_deny_total shop, ingress-nginx/client-ca-missing: 1\n") || strings.Contains(got, "denials_total") {
		t.Errorf("got %s", got)
	}
}

// TestDecisionInTheLog: by the decision that the requester is told, an operator finds whom it was about.
func TestDecisionInTheLog(t *testing.T) {
	older := created(noon.Add(-time.Hour))
	mine := mtls("shop/api", "shop/ca", hosts("pay.test"), created(noon))
	for name, test := range map[string]struct {
		request request
		change  func(*webhook.Policy)
		cited   func(answer) string
	}{
		"a denial": {request: create(mine), cited: answer.message},
		"a denial that is none in this mode": {
			request: create(mine), change: func(p *webhook.Policy) { p.Mode = webhook.Warn },
			cited: func(a answer) string { return strings.Join(a.Warnings, "\n") },
		},
		"as before": {request: update(mine, mine), cited: func(a answer) string { return strings.Join(a.Warnings, "\n") }},
	} {
		t.Run(name, func(t *testing.T) {
			if test.change == nil {
				test.change = func(*webhook.Policy) {}
			}
			s := openTelling(t, slog.LevelInfo, test.change)
			s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow), mtls("bank/payments", "bank/ca", hosts("pay.test"), older))
			test.request.uid = "feed0001-aaaa-bbbb-cccc-dddddddddddd"
			text := test.cited(s.tell(test.request))
			cited := regexp.MustCompile(`an Ingress in another namespace[\s\S]*decision (\w+)`).FindStringSubmatch(text)
			if cited == nil || cited[1] != "feed0001" || strings.Contains(text, "payments") {
				t.Fatalf("told %s", text)
			}
			lines := s.lines()
			if len(lines) != 1 || lines[0]["decision"] != cited[1] || !strings.Contains(fmt.Sprint(lines[0]["findings"]), "Ingress bank/payments") {
				t.Errorf("logged %v", lines)
			}
		})
	}
}

// TestLog: every finding of a decision is in its line, and what came of nothing is not logged but for debugging.
func TestLog(t *testing.T) {
	s := openTelling(t, slog.LevelInfo)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep))
	s.tell(create(mtls("shop/api", "shop/missing", nginx("auth-tls-verify-depth", "-1"))))
	lines := s.lines()
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	findings, _ := lines[0]["findings"].([]any)
	if len(findings) != 2 || lines[0]["result"] != "denied" || lines[0]["door"] != "validate" || lines[0]["liveReads"] != 2.0 {
		t.Errorf("logged %v", lines[0])
	}
	s.tell(create(mtls("shop/api", "shop/ca")))
	s.tell(create(mtls("shop/api", "shop/ca", nginx("auth-tls-verify-depth", "11"))))
	r := create(mtls("shop/api", "shop/ca"))
	r.path = "/mutate"
	s.tell(r)
	if lines := s.lines(); len(lines) != 0 {
		t.Errorf("logged %v", lines)
	}
	s = openTelling(t, slog.LevelDebug)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep))
	s.tell(create(mtls("shop/api", "shop/ca")))
	if lines := s.lines(); len(lines) != 1 || lines[0]["result"] != "allowed" {
		t.Errorf("logged %v", lines)
	}
}

// TestManyWarningsAreInTheLog: "12 more, see decision in its log" is no empty word.
func TestManyWarningsAreInTheLog(t *testing.T) {
	var findings says
	for i := range 50 {
		findings = append(findings, rule.Finding{Rule: "acme/a", Action: rule.Warn, Message: fmt.Sprint(i, strings.Repeat("x", 200)), Path: kube.Path{"spec"}})
	}
	s := openTelling(t, slog.LevelInfo, func(p *webhook.Policy) { p.Reviewer = findings })
	a := s.tell(create(ingress("shop/api")))
	if !strings.Contains(a.Warnings[len(a.Warnings)-1], "more, see decision 1c2d3e4f in its log") {
		t.Fatalf("warnings %q", a.Warnings)
	}
	lines := s.lines()
	if len(lines) != 1 || lines[0]["decision"] != "1c2d3e4f" || len(lines[0]["findings"].([]any)) != 50 {
		t.Errorf("%d lines", len(lines))
	}
}
