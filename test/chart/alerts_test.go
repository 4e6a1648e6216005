package chart_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// metrics are what tlsward serve exports, with their labels.
var metrics = map[string][]string{
	"tlsward_admission_reviews_total":               {"door", "kind", "result"},
	"tlsward_admission_duration_seconds_bucket":     {"door", "le"},
	"tlsward_would_deny_total":                      {"namespace", "rule"},
	"tlsward_denials_total":                         {"namespace", "requester", "rule"},
	"tlsward_suppressed_total":                      {"kind", "namespace", "rule"},
	"tlsward_inventory_synced":                      {"kind"},
	"tlsward_live_reads_total":                      {"result"},
	"tlsward_pending":                               {"kind"},
	"tlsward_overdue_total":                         {"kind"},
	"tlsward_config_valid":                          nil,
	"tlsward_uncovered_kinds":                       nil,
	"tlsward_serving_certificate_not_after_seconds": nil,
}

// TestAlerts reads the alerts with Prometheus' own parser, templates of the annotations included, and holds the metrics and
// labels they use against those that exist: an alert on a misspelt metric never fires.
func TestAlerts(t *testing.T) {
	rule := one[*monitoringv1.PrometheusRule](t, decode(t, rendered(t, parse(t, matrix["monitoring"]))))
	text, err := yaml.Marshal(rule.Spec)
	if err != nil {
		t.Fatal(err)
	}
	promql := parser.NewParser(parser.Options{})
	if _, errs := rulefmt.Parse(text, false, model.UTF8Validation, promql, nil); len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, alert := range rule.Spec.Groups[0].Rules {
		if !strings.HasPrefix(alert.Alert, "Tlsward") || alert.Labels["severity"] == "" || alert.Annotations["summary"] == "" || alert.Annotations["description"] == "" {
			t.Errorf("alert %q: no severity, summary or description", alert.Alert)
		}
		expression, err := promql.ParseExpr(alert.Expr.String())
		if err != nil {
			t.Fatal(err)
		}
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			switch node := node.(type) {
			case *parser.VectorSelector:
				labels, ok := metrics[node.Name]
				if !ok {
					t.Errorf("%s: metric %s does not exist", alert.Alert, node.Name)
				}
				for _, matcher := range node.LabelMatchers {
					if matcher.Name != model.MetricNameLabel && !slices.Contains(labels, matcher.Name) {
						t.Errorf("%s: %s has no label %s", alert.Alert, node.Name, matcher.Name)
					}
				}
			case *parser.AggregateExpr:
				for _, label := range node.Grouping {
					if !slices.ContainsFunc(slices.Collect(maps.Values(selected(node))), func(labels []string) bool { return slices.Contains(labels, label) }) {
						t.Errorf("%s: sums by %s, which nothing in it has", alert.Alert, label)
					}
				}
			}
			return nil
		})
	}
}

// selected are the metrics in an expression.
func selected(node parser.Node) map[string][]string {
	found := map[string][]string{}
	parser.Inspect(node, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			found[selector.Name] = metrics[selector.Name]
		}
		return nil
	})
	return found
}

// TestServiceMonitorKeepsLabels: the namespace in our metrics is that of the object judged.
func TestServiceMonitorKeepsLabels(t *testing.T) {
	monitor := one[*monitoringv1.ServiceMonitor](t, decode(t, rendered(t, parse(t, matrix["monitoring"]))))
	if endpoint := monitor.Spec.Endpoints[0]; !endpoint.HonorLabels || endpoint.Port != "metrics" {
		t.Errorf("endpoint %+v", endpoint)
	}
}
