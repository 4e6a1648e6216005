package chart_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	corev1 "k8s.io/api/core/v1"
)

// TestDashboard holds the queries of the dashboard, and the labels that their legends name, to the metrics that exist: a panel on a misspelt
// metric is empty, as one where nothing is wrong may be.
func TestDashboard(t *testing.T) {
	var found *corev1.ConfigMap
	for _, object := range decode(t, rendered(t, parse(t, matrix["monitoring"]))) {
		if configMap, ok := object.(*corev1.ConfigMap); ok && configMap.Data["tlsward.json"] != "" {
			found = configMap
		}
	}
	if found == nil || found.Labels["grafana_dashboard"] != "tls" || found.Annotations["grafana_folder"] != "TLS" {
		t.Fatalf("got %+v", found)
	}
	var dashboard struct {
		UID    string
		Panels []struct {
			Type, Title string
			GridPos     struct{ X, W int }
			Datasource  struct{ UID string }
			Targets     []struct{ Expr, LegendFormat string }
		}
		Templating struct {
			List []struct {
				Name  string
				Query string
			}
		}
	}
	if err := json.Unmarshal([]byte(found.Data["tlsward.json"]), &dashboard); err != nil {
		t.Fatal(err)
	}
	if dashboard.UID != "tlsward" || len(dashboard.Templating.List) != 2 {
		t.Errorf("got %q with %+v", dashboard.UID, dashboard.Templating.List)
	}
	queryParser := parser.NewParser(parser.Options{})
	for _, variable := range dashboard.Templating.List {
		if selector, ok := strings.CutPrefix(variable.Query, "label_values("); ok {
			checkVariable(t, queryParser, strings.TrimSuffix(selector, ")"))
		}
	}
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	storage := promqltest.LoadedStorage(t, everything())
	variables := strings.NewReplacer("$__rate_interval", "5m", "$namespace", ".*")
	legend := regexp.MustCompile(`{{(\w+)}}`)
	queries := 0
	for _, panel := range dashboard.Panels {
		if panel.Type != "row" && (len(panel.Targets) == 0 || panel.Datasource.UID != "${datasource}" || panel.Title == "") {
			t.Errorf("%q asks nothing", panel.Title)
		}
		if panel.GridPos.X+panel.GridPos.W > 24 {
			t.Errorf("%q does not fit", panel.Title)
		}
		for _, target := range panel.Targets {
			queries++
			query := variables.Replace(target.Expr)
			if strings.Contains(query, "$") {
				t.Errorf("%q: an unknown variable in %s", panel.Title, target.Expr)
			}
			checkQuery(t, queryParser, panel.Title, query)
			results, err := rules.EngineQueryFunc(engine, storage)(t.Context(), query, time.Unix(0, 0).Add(2*time.Hour))
			if err != nil || !slices.ContainsFunc(results, func(s promql.Sample) bool { return s.F != 0 }) {
				t.Errorf("%q: %v: nothing from %s", panel.Title, err, target.Expr)
			}
			for _, named := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
				if slices.ContainsFunc(results, func(s promql.Sample) bool { return !s.Metric.Has(named[1]) }) {
					t.Errorf("%q: its legend names %s, which a result of %s has not", panel.Title, named[1], target.Expr)
				}
			}
		}
	}
	if queries < 30 {
		t.Errorf("%d queries", queries)
	}
}

// everything are series of every metric that exists, with the values of labels that queries ask for: there no panel is empty, or 0.
func everything() string {
	values := map[string][]string{
		"door": {"guard", "validate"}, "action": {"deny", "warn"}, "result": {"denied", "dropped", "error", "failed"}, "le": {"0.25", "1", "+Inf"},
	}
	lines := []string{"load 1m"}
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		series := []string{""}
		for _, label := range slices.Compact(slices.Sorted(slices.Values(metrics[name]))) {
			asked, ok := values[label]
			if !ok {
				asked = []string{"x"}
			}
			var next []string
			for _, before := range series {
				for _, value := range asked {
					next = append(next, before+label+"=\""+value+"\", ")
				}
			}
			series = next
		}
		for _, labels := range series {
			step := "1"
			switch {
			case name == "tlsward_audit_leader":
				step = "0"
			case strings.HasSuffix(name, "_count") || strings.Contains(labels, `le="+Inf"`): // some take long
				step = "2"
			}
			lines = append(lines, name+"{"+labels+"} 1+"+step+"x150")
		}
	}
	return strings.Join(lines, "\n  ")
}

// checkVariable holds the metrics and the label whose values a variable offers to those that exist.
func checkVariable(t *testing.T, queries parser.Parser, text string) {
	t.Helper()
	at := strings.LastIndex(text, ", ")
	expression, err := queries.ParseExpr(text[:at])
	if err != nil {
		t.Fatal(err)
	}
	named := expression.(*parser.VectorSelector).LabelMatchers[0]
	found := 0
	for name, labels := range metrics {
		if named.Name == model.MetricNameLabel && named.Matches(name) {
			found++
			if !slices.Contains(labels, text[at+2:]) {
				t.Errorf("%s has no label %s", name, text[at+2:])
			}
		}
	}
	if want := 1 + strings.Count(named.Value, "|"); found != want {
		t.Errorf("%d metrics of %s, want %d", found, named.Value, want)
	}
}
