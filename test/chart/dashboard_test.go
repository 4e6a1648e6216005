package chart_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
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
			List []struct{ Name, Type string }
		}
	}
	if err := json.Unmarshal([]byte(found.Data["tlsward.json"]), &dashboard); err != nil {
		t.Fatal(err)
	}
	if dashboard.UID != "tlsward" || len(dashboard.Templating.List) != 2 {
		t.Errorf("got %q with %+v", dashboard.UID, dashboard.Templating.List)
	}
	promql := parser.NewParser(parser.Options{})
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
			checkQuery(t, promql, panel.Title, query)
			expression, err := promql.ParseExpr(query)
			if err != nil {
				t.Fatal(err)
			}
			labels := slices.Concat(slices.Collect(maps.Values(selected(expression)))...)
			for _, named := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
				if !slices.Contains(labels, named[1]) {
					t.Errorf("%q: its legend names %s, which %s has not", panel.Title, named[1], target.Expr)
				}
			}
		}
	}
	if queries < 30 {
		t.Errorf("%d queries", queries)
	}
}
