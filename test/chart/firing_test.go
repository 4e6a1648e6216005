package chart_test

import (
	"strings"
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
)

// scrapes are the series of a Prometheus that scrapes once a minute, for an hour and a half, as promtool writes them. Times are
// Unix times: the first scrape is at 0.
type scrapes string

// audited: there is an audit all the time.
const audited = "tlsward_audit_leader{pod=\"a\"} 1x90\n"

// firings are, for each alert, series at which it fires and series at which it is silent.
var firings = map[string]struct{ fires, silent []scrapes }{
	"TlswardDown": {
		fires:  []scrapes{``, `tlsward_inventory_synced{kind="Ingress", pod="a"} 1x30 _x60`},
		silent: []scrapes{`tlsward_inventory_synced{kind="Ingress", pod="a"} 0x90`, `tlsward_inventory_synced{kind="Ingress", pod="a"} 1x30 _x4 1x60`},
	},
	"TlswardErrors": {
		fires: []scrapes{`tlsward_admission_reviews_total{door="validate", kind="Ingress", result="error"} 0+1x90`},
		silent: []scrapes{
			`tlsward_admission_reviews_total{door="validate", kind="Ingress", result="denied"} 0+1x90`,
			`tlsward_admission_reviews_total{door="guard", kind="Secret", result="error"} 0+1x90`,
			`tlsward_admission_reviews_total{door="validate", kind="Ingress", result="error"} 0x30 1x60`,
		},
	},
	"TlswardGuardErrors": {
		fires: []scrapes{`tlsward_admission_reviews_total{door="guard", kind="Secret", result="error"} 0+1x90`},
		silent: []scrapes{
			`tlsward_admission_reviews_total{door="validate", kind="Ingress", result="error"} 0+1x90`,
			`tlsward_admission_reviews_total{door="guard", kind="Secret", result="warned"} 0+1x90`,
		},
	},
	"TlswardInventoryNotSynced": {
		fires:  []scrapes{"tlsward_inventory_synced{kind=\"Secret\", pod=\"a\"} 1x90\ntlsward_inventory_synced{kind=\"Secret\", pod=\"b\"} 0x90"},
		silent: []scrapes{`tlsward_inventory_synced{kind="Secret", pod="a"} 0x10 1x80`},
	},
	"TlswardSlow": {
		fires:  []scrapes{slow(50)},
		silent: []scrapes{slow(100)},
	},
	"TlswardDeniesController": {
		fires:  []scrapes{`tlsward_denials_total{namespace="shop", requester="controller", rule="r"} _x30 1x60`},
		silent: []scrapes{`tlsward_denials_total{namespace="shop", requester="user", rule="r"} 0+1x90`, `tlsward_denials_total{namespace="shop", requester="controller", rule="r"} 0x90`},
	},
	"TlswardWouldDeny": {
		fires:  []scrapes{`tlsward_would_deny_total{namespace="shop", rule="r"} _x30 1x60`},
		silent: []scrapes{`tlsward_would_deny_total{namespace="shop", rule="r"} 0x90`, `tlsward_denials_total{namespace="shop", requester="user", rule="r"} 0+1x90`},
	},
	"TlswardOverdue": {
		fires:  []scrapes{`tlsward_overdue_total{kind="Ingress"} _x30 1x60`},
		silent: []scrapes{`tlsward_overdue_total{kind="Ingress"} 0x90`},
	},
	"TlswardConfigInvalid": {
		fires:  []scrapes{"tlsward_config_valid{pod=\"a\"} 1x90\ntlsward_config_valid{pod=\"b\"} 0x90"},
		silent: []scrapes{`tlsward_config_valid{pod="a"} 0x3 1x80`},
	},
	"TlswardUncoveredKinds": {
		fires:  []scrapes{`tlsward_uncovered_kinds{pod="a"} 2x90`},
		silent: []scrapes{`tlsward_uncovered_kinds{pod="a"} 0x90`},
	},
	"TlswardServingCertificateEnds": { // the values of the test say 7 days
		fires:  []scrapes{`tlsward_serving_certificate_not_after_seconds{pod="a"} 600000x90`, `tlsward_serving_certificate_not_after_seconds{pod="a"} 600x90`},
		silent: []scrapes{`tlsward_serving_certificate_not_after_seconds{pod="a"} 700000x90`},
	},
	"TlswardReplicasDiffer": {
		fires: []scrapes{"tlsward_build_info{pod=\"a\", version=\"v1\", rulebook=\"v1.0\", config=\"c\"} 1x90\ntlsward_build_info{pod=\"b\", version=\"v1\", rulebook=\"v1.0\", config=\"d\"} 1x90"},
		silent: []scrapes{
			"tlsward_build_info{pod=\"a\", version=\"v1\", rulebook=\"v1.0\", config=\"c\"} 1x90\ntlsward_build_info{pod=\"b\", version=\"v1\", rulebook=\"v1.0\", config=\"c\"} 1x90",
			"tlsward_build_info{pod=\"a\", version=\"v1\", rulebook=\"v1.0\", config=\"c\"} 1x30 _x60\ntlsward_build_info{pod=\"b\", version=\"v2\", rulebook=\"v1.1\", config=\"c\"} _x20 1x70",
		},
	},
	"TlswardMemoryHigh": {
		fires: []scrapes{memory("process_resident_memory_bytes", 90) + memory("tlsward_memory_limit_bytes", 100)},
		silent: []scrapes{
			memory("process_resident_memory_bytes", 70) + memory("tlsward_memory_limit_bytes", 100),
			memory("process_resident_memory_bytes", 90), // without a limit
			memory("process_resident_memory_bytes", 90) + `tlsward_memory_limit_bytes{job="tlsward", instance="other", pod="other"} 10x90`,
		},
	},
	"TlswardNewFindings": { // the values of the test say 30 minutes
		fires: []scrapes{
			audited + `tlsward_audit_findings{action="deny", namespace="shop", rule="r", severity="error"} 2x40 3x50`,
			audited + `tlsward_audit_findings{action="deny", namespace="shop", rule="r", severity="error"} _x40 1x50`,
		},
		silent: []scrapes{
			audited + `tlsward_audit_findings{action="deny", namespace="shop", rule="r", severity="error"} 2x90`,
			audited + `tlsward_audit_findings{action="deny", namespace="shop", rule="r", severity="error"} 2x40 1x50`,
			audited + `tlsward_audit_findings{action="warn", namespace="shop", rule="r", severity="error"} 2x40 3x50`,
			audited + `tlsward_audit_findings{action="deny", namespace="shop", rule="r", severity="error"} 2x40 _x3 2x50`,                                      // the leader went
			"tlsward_audit_leader{pod=\"a\"} _x50 1x40\ntlsward_audit_findings{action=\"deny\", namespace=\"shop\", rule=\"r\", severity=\"error\"} _x50 2x40", // installed
		},
	},
	"TlswardFindings": {
		fires:  []scrapes{`tlsward_audit_findings{action="deny", namespace="shop", rule="r", severity="error"} 2x90`},
		silent: []scrapes{`tlsward_audit_findings{action="warn", namespace="shop", rule="r", severity="error"} 2x90`, `tlsward_audit_findings{action="deny", namespace="shop", rule="r", severity="error"} 2x50 _x40`},
	},
	"TlswardRenewalOverdue": {
		fires:  []scrapes{certificate("tlsward_certificate_renewal_overdue_seconds", "60+60x90")},
		silent: []scrapes{certificate("tlsward_certificate_not_after_seconds", "600x90"), certificate("tlsward_certificate_renewal_overdue_seconds", "60+60x10 _x70")},
	},
	"TlswardCertificateEnds": { // the values of the test say 2 days
		fires: []scrapes{
			certificate("tlsward_certificate_not_after_seconds", "170000x90") + certificate("tlsward_certificate_renewal_overdue_seconds", "60+60x90"),
			certificate("tlsward_ca_not_after_seconds", "600x90") + certificate("tlsward_certificate_renewal_overdue_seconds", "60+60x90"),
		},
		silent: []scrapes{
			certificate("tlsward_certificate_not_after_seconds", "170000x90"), // short-lived, and renewed in time
			certificate("tlsward_ca_not_after_seconds", "190000x90") + certificate("tlsward_certificate_renewal_overdue_seconds", "60+60x90"),
		},
	},
	"TlswardAuditNotLed": {
		fires:  []scrapes{"tlsward_audit_leader{pod=\"a\"} 0x90\ntlsward_audit_leader{pod=\"b\"} 0x90"},
		silent: []scrapes{``, "tlsward_audit_leader{pod=\"a\"} 0x90\ntlsward_audit_leader{pod=\"b\"} 1x90", "tlsward_audit_leader{pod=\"a\"} 1x30 0x60\ntlsward_audit_leader{pod=\"b\"} 0x33 1x60"},
	},
	"TlswardAuditBehind": {
		fires: []scrapes{
			"tlsward_audit_leader 1x90\ntlsward_audit_queue 5x90\ntlsward_audit_complete_timestamp_seconds 60x90",
			"tlsward_audit_leader 1x90\ntlsward_audit_queue 5x90",
		},
		silent: []scrapes{
			"tlsward_audit_leader 1x90\ntlsward_audit_queue 0x90\ntlsward_audit_complete_timestamp_seconds 60x90",   // nothing happens
			"tlsward_audit_leader 1x90\ntlsward_audit_queue 5x90\ntlsward_audit_complete_timestamp_seconds 0+60x90", // much happens
			"tlsward_audit_leader 1x90\ntlsward_audit_queue 5x10 0x80\ntlsward_audit_complete_timestamp_seconds _x10 600x80",
			``,
		},
	},
	"TlswardAuditFailing": {
		fires:  []scrapes{`tlsward_audit_failing 1x90`},
		silent: []scrapes{`tlsward_audit_failing 0x90`, `tlsward_audit_failing 1x5 0x80`},
	},
	"TlswardReportsNotWritten": {
		fires:  []scrapes{`tlsward_audit_reports_total{result="failed"} 0+12x90`},
		silent: []scrapes{`tlsward_audit_reports_total{result="written"} 0+12x90`, `tlsward_audit_reports_total{result="failed"} 3x90`, `tlsward_audit_reports_total{result="failed"} 0x30 1x60`},
	},
}

// slow is of a door of which so many answers in a hundred take up to 0.25 s, and the others up to 5 s.
func slow(percent int) scrapes {
	line := `tlsward_admission_duration_seconds_bucket{door="validate", le="LE"} 0+Nx90` + "\n"
	fast := strings.NewReplacer("LE", "0.25", "N", model.SampleValue(percent).String()).Replace(line)
	return scrapes(fast + strings.NewReplacer("LE", "5", "N", "100").Replace(line) + strings.NewReplacer("LE", "+Inf", "N", "100").Replace(line))
}

func memory(name string, bytes int) scrapes {
	return scrapes(name + `{job="tlsward", instance="10.0.0.1:8080", pod="a"} ` + model.SampleValue(bytes).String() + "x90\n")
}

func certificate(name, values string) scrapes {
	return scrapes(name + `{namespace="shop", kind="Ingress", name="web", role="certificate", target="Secret shop/web", key="tls.crt"} ` + values + "\n")
}

// TestFiring runs each alert in Prometheus' own engine, each minute of an hour and a half, on series at which it is to fire and on
// such at which it is not.
func TestFiring(t *testing.T) {
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	alerts := alerts(t)
	for _, alert := range alerts {
		cases, ok := firings[alert.Alert]
		if !ok || len(cases.fires) == 0 || len(cases.silent) == 0 {
			t.Errorf("%s: no series at which it fires, or none at which it is silent", alert.Alert)
		}
		for want, all := range map[bool][]scrapes{true: cases.fires, false: cases.silent} {
			for _, series := range all {
				if fired := fires(t, engine, alert, series); fired != want {
					t.Errorf("%s: fired: %t, want %t, at\n%s", alert.Alert, fired, want, series)
				}
			}
		}
	}
	if len(firings) != len(alerts) {
		t.Errorf("series for %d alerts, and there are %d", len(firings), len(alerts))
	}
}

// alerts are the chart's.
func alerts(t *testing.T) []monitoringv1.Rule {
	t.Helper()
	return one[*monitoringv1.PrometheusRule](t, decode(t, rendered(t, parse(t, matrix["monitoring"])))).Spec.Groups[0].Rules
}

func fires(t *testing.T, engine *promql.Engine, alert monitoringv1.Rule, series scrapes) (fired bool) {
	t.Helper()
	storage := promqltest.LoadedStorage(t, "load 1m\n  "+strings.ReplaceAll(strings.TrimSpace(string(series)), "\n", "\n  "))
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(alert.Expr.String())
	if err != nil {
		t.Fatal(err)
	}
	var hold model.Duration
	if alert.For != nil {
		if hold, err = model.ParseDuration(string(*alert.For)); err != nil {
			t.Fatal(err)
		}
	}
	r := rules.NewAlertingRule(alert.Alert, expression, time.Duration(hold), 0, labels.FromMap(alert.Labels), labels.FromMap(alert.Annotations), labels.EmptyLabels(), "", true, promslog.NewNopLogger())
	for minute := range 91 {
		now := time.Unix(0, 0).Add(time.Duration(minute) * time.Minute)
		if _, err := r.Eval(t.Context(), 0, now, rules.EngineQueryFunc(engine, storage), nil, 0); err != nil {
			t.Fatal(err)
		}
		for _, active := range r.ActiveAlerts() {
			fired = fired || active.State == rules.StateFiring
			active.Annotations.Range(func(l labels.Label) {
				if strings.Contains(l.Value, "<error expanding template") || strings.Contains(l.Value, "<no value>") || strings.Contains(l.Value, " in -") {
					t.Errorf("%s: %s: %s", alert.Alert, l.Name, l.Value)
				}
			})
		}
	}
	return fired
}
