package chart_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// metrics are what tlsward serve exports, with their labels, as docs/monitoring.md lists them. TestDocsMetrics of cmd/tlsward holds the
// page to the program.
var metrics = listed()

// ofTheProcess are metrics of Prometheus' client library, and ofTheScrape labels that whoever scrapes adds.
var (
	ofTheProcess = []string{"process_resident_memory_bytes", "process_cpu_seconds_total"}
	ofTheScrape  = []string{"job", "instance", "pod"}
)

func listed() map[string][]string {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "monitoring.md"))
	if err != nil {
		panic(err)
	}
	metrics := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(tlsward_\\w+)` \\|(.*?)\\| (.*) \\|$").FindAllStringSubmatch(string(guide), -1) {
		labels := slices.Concat(ofTheScrape, regexp.MustCompile(`\w+`).FindAllString(row[2], -1))
		if strings.HasSuffix(row[3], "a histogram") {
			for _, suffix := range []string{"_count", "_sum"} {
				metrics[row[1]+suffix] = labels
			}
			metrics[row[1]+"_bucket"] = append(labels, "le")
			continue
		}
		metrics[row[1]] = labels
	}
	for _, name := range ofTheProcess {
		metrics[name] = ofTheScrape
	}
	return metrics
}

// TestAlerts reads the alerts with Prometheus' own parser, templates of the annotations included, and holds the metrics and
// labels they use against those that exist: an alert on a misspelt metric never fires.
func TestAlerts(t *testing.T) {
	rule := one[*monitoringv1.PrometheusRule](t, decode(t, rendered(t, parse(t, matrix["monitoring"]))))
	text, err := yaml.Marshal(rule.Spec)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "monitoring.md"))
	if err != nil {
		t.Fatal(err)
	}
	guide := string(page)
	promql := parser.NewParser(parser.Options{})
	if _, errs := rulefmt.Parse(text, false, model.UTF8Validation, promql, nil); len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, alert := range rule.Spec.Groups[0].Rules {
		if !strings.HasPrefix(alert.Alert, "Tlsward") || alert.Labels["severity"] == "" || alert.Annotations["summary"] == "" || alert.Annotations["description"] == "" {
			t.Errorf("alert %q: no severity, summary or description", alert.Alert)
		}
		anchor := strings.ToLower(alert.Alert)
		if want := "https://wiki.example/tlsward#" + anchor; alert.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url %s, want %s", alert.Alert, alert.Annotations["runbook_url"], want)
		}
		if !strings.Contains(guide, "\n### "+alert.Alert+"\n\n**What it means.** ") {
			t.Errorf("docs/monitoring.md has no runbook of %s", alert.Alert)
		}
		checkQuery(t, promql, alert.Alert, alert.Expr.String())
	}
	if runbooks := strings.Count(guide, "\n### Tlsward"); runbooks != len(rule.Spec.Groups[0].Rules) {
		t.Errorf("docs/monitoring.md has %d runbooks, and there are %d alerts", runbooks, len(rule.Spec.Groups[0].Rules))
	}
}

// checkQuery holds a query to the metrics and labels that exist.
func checkQuery(t *testing.T, promql parser.Parser, name, query string) {
	t.Helper()
	expression, err := promql.ParseExpr(query)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch node := node.(type) {
		case *parser.VectorSelector:
			labels, ok := metrics[node.Name]
			if !ok {
				t.Errorf("%s: metric %s does not exist", name, node.Name)
			}
			for _, matcher := range node.LabelMatchers {
				if matcher.Name != model.MetricNameLabel && !slices.Contains(labels, matcher.Name) {
					t.Errorf("%s: %s has no label %s", name, node.Name, matcher.Name)
				}
			}
		case *parser.AggregateExpr:
			for _, label := range node.Grouping {
				if !slices.ContainsFunc(slices.Collect(maps.Values(selected(node))), func(labels []string) bool { return slices.Contains(labels, label) }) {
					t.Errorf("%s: sums by %s, which nothing in it has", name, label)
				}
			}
		}
		return nil
	})
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
