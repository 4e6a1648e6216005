// Command dashboard writes the chart's Grafana dashboard, with Grafana's own types, to the file that it is given:
//
//	go run ./dashboard ../charts/tlsward/files/dashboard.json
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dashboard FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func write(file string) error {
	built, err := tlsward().Build()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(built, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// What queries have in common. Findings of none are no series: an audit that has judged everything makes them 0, and without one there is
// no number at all.
const (
	here      = `namespace=~"$namespace"`
	orNone    = ` or 0 * max(tlsward_audit_complete_timestamp_seconds)`
	ends      = `(tlsward_certificate_not_after_seconds{` + here + `} or tlsward_ca_not_after_seconds{` + here + `})`
	endOf     = `min by (namespace, kind, name, role, target) (` + ends + `)`
	overdue   = `max by (namespace, kind, name, role, target) (tlsward_certificate_renewal_overdue_seconds{` + here + `})`
	ours      = ` and on (job, instance) tlsward_config_valid`
	first     = `bottomk(50, (` + endOf + ` - time()) / ` + day + `)`
	noAudit   = "no audit"
	day       = "86400"
	daysLeft  = "suffix: d" // units.Days would make weeks and years of them
	judging   = `door!="guard"`
	guarding  = `door="guard"`
	ok        = "green"
	attention = "orange"
	wrong     = "red"
)

func tlsward() *dashboard.DashboardBuilder {
	return dashboard.NewDashboardBuilder("tlsward").
		Uid("tlsward").Tags([]string{"tlsward", "tls", "kubernetes"}).
		Description("TLS and mTLS at the edge: what is wrong, what ends, what is refused, and how tlsward fares.").
		Time("now-6h", "now").Refresh("1m").Tooltip(dashboard.DashboardCursorSyncCrosshair).Readonly().
		Link(dashboard.NewDashboardLinkBuilder("Manual").Type(dashboard.DashboardLinkTypeLink).TargetBlank(true).
			Url("https://github.com/tlsward/tlsward/blob/main/docs/monitoring.md")).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus")).
		WithVariable(dashboard.NewQueryVariableBuilder("namespace").Label("Namespace").Datasource(source()).
			Query(dashboard.StringOrMap{String: cog.ToPtr(`label_values({__name__=~"tlsward_(audit_findings|certificate_not_after_seconds|ca_not_after_seconds|denials_total|would_deny_total)"}, namespace)`)}).
			Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Multi(true).IncludeAll(true).AllValue(".*")).
		WithRow(dashboard.NewRowBuilder("What is wrong now")).
		WithPanel(number("Would be refused", "Findings of rules whose action is deny.", `sum(tlsward_audit_findings{action="deny", `+here+`})`+orNone, wrong, 1)).
		WithPanel(number("Warned of", "Findings of rules whose action is warn.", `sum(tlsward_audit_findings{action="warn", `+here+`})`+orNone, attention, 1)).
		WithPanel(number("Namespaces concerned", "With something that would be refused.", `count(sum by (namespace) (tlsward_audit_findings{action="deny", `+here+`}))`+orNone, wrong, 1)).
		WithPanel(number("Renewals overdue", "Certificates and CAs that should have been renewed.", `count(`+overdue+`)`+orNone, attention, 1)).
		WithPanel(lines("Findings", "By what the config makes of them.", units.Short, series(`sum by (action) (tlsward_audit_findings{action!="note", `+here+`})`, "{{action}}")).
			Span(8).Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)).FillOpacity(30).
			OverrideByName("deny", colour(wrong)).OverrideByName("warn", colour(attention))).
		WithPanel(bars("By rule", `topk(10, sum by (rule) (tlsward_audit_findings{action=~"deny|warn", `+here+`}))`, "{{rule}}")).
		WithPanel(bars("By namespace", `topk(10, sum by (namespace) (tlsward_audit_findings{action=~"deny|warn", `+here+`}))`, "{{namespace}}")).
		WithRow(dashboard.NewRowBuilder("What ends")).
		WithPanel(ending()).
		WithPanel(lines("The first to end", "Days left of the certificate or CA that ends first, by role.", daysLeft,
			series(`min by (role) (`+ends+` - time()) / `+day, "{{role}}")).
			// Days and years on one axis, and below 0 what has ended.
			ScaleDistribution(common.NewScaleDistributionConfigBuilder().Type(common.ScaleDistributionSymlog).Log(10).LinearThreshold(1)).
			FillOpacity(0).Span(8).Height(9)).
		WithRow(dashboard.NewRowBuilder("Admission")).
		WithPanel(lines("Answers", "By result.", units.RequestsPerSecond,
			series(`sum by (result) (rate(tlsward_admission_reviews_total{`+judging+`}[$__rate_interval]))`, "{{result}}")).
			Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)).FillOpacity(30).
			OverrideByName("allowed", colour(ok)).OverrideByName("denied", colour(wrong)).OverrideByName("would deny", colour(attention)).
			OverrideByName("error", colour("purple")).Span(8)).
		WithPanel(latency("How long they take", judging).Span(8)).
		WithPanel(lines("Without a verdict, or late", "Answers that are errors, that took more than a second, and objects that waited in vain for what they refer to.", units.RequestsPerSecond,
			series(`sum(rate(tlsward_admission_reviews_total{result="error"}[$__rate_interval])) or 0 * max(tlsward_config_valid)`, "error"),
			series(`sum(rate(tlsward_admission_duration_seconds_count[$__rate_interval])) - sum(rate(tlsward_admission_duration_seconds_bucket{le="1"}[$__rate_interval])) or 0 * max(tlsward_config_valid)`, "over a second"),
			series(`sum(rate(tlsward_overdue_total[$__rate_interval])) or 0 * max(tlsward_config_valid)`, "waited in vain")).AxisSoftMax(0.1).Span(8)).
		WithPanel(lines("Refused, or would be", "By rule, an hour of it.", units.Short,
			series(`topk(10, sum by (rule) (`+anHour("tlsward_denials_total{"+here+"}")+`))`, "refused: {{rule}}"),
			series(`topk(10, sum by (rule) (`+anHour("tlsward_would_deny_total{"+here+"}")+`))`, "would be: {{rule}}")).Span(24).Height(7)).
		WithRow(dashboard.NewRowBuilder("The guard")).
		WithPanel(lines("Changes of what others rest on", "By kind and result.", units.RequestsPerSecond,
			series(`sum by (kind, result) (rate(tlsward_admission_reviews_total{`+guarding+`}[$__rate_interval]))`, "{{kind}}: {{result}}")).Span(12)).
		WithPanel(latency("How long an answer takes", guarding).Span(12)).
		WithRow(dashboard.NewRowBuilder("Audit")).
		WithPanel(stat.NewPanelBuilder().Title("Leads").Datasource(source()).Span(4).Height(4).NoValue(noAudit).
			WithTarget(now(`tlsward_audit_leader == 1`, "{{pod}}")).
			TextMode(common.BigValueTextModeName).ColorMode(common.BigValueColorModeNone).GraphMode(common.BigValueGraphModeNone)).
		WithPanel(number("Without a verdict", "Objects whose last review failed.", `max(tlsward_audit_failing)`, wrong, 1).Span(4)).
		WithPanel(number("Objects", "That are audited.", `max(tlsward_audit_objects)`, ok, 0).Span(4).ColorMode(common.BigValueColorModeNone)).
		WithPanel(number("Since it was done", "Time since nothing was left to be judged; while the queue is empty it means nothing.",
			`time() - max(tlsward_audit_complete_timestamp_seconds) and max(tlsward_audit_queue) > 0 or 0 * max(tlsward_audit_complete_timestamp_seconds)`, wrong, 900).
			Unit(units.Seconds).Span(4)).
		WithPanel(number("Reports not written", "In the last hour.", `sum(`+anHour(`tlsward_audit_reports_total{result="failed"}`)+`)`+orNone, wrong, 1).Span(4)).
		WithPanel(number("Events dropped", "In the last hour, for their number: the reports have what they say.", `sum(`+anHour(`tlsward_audit_events_total{result="dropped"}`)+`)`+orNone, attention, 1).Span(4)).
		WithPanel(lines("Queue", "Objects that are to be judged.", units.Short, series(`max(tlsward_audit_queue)`, "waiting")).AxisSoftMax(10).Span(8)).
		WithPanel(lines("Reviews", "By second.", units.OpsPerSecond,
			series(`sum(rate(tlsward_audit_reviews_total[$__rate_interval]))`, "reviews"),
			series(`sum(rate(tlsward_audit_failures_total[$__rate_interval]))`, "without a verdict")).Span(8)).
		WithPanel(lines("Time to tell", "From a changed verdict until its report is written.", units.Seconds, quantiles("tlsward_audit_report_delay_seconds", "")...).Span(8)).
		WithRow(dashboard.NewRowBuilder("Inventory and process")).
		WithPanel(number("Replicas", "That can be scraped.", `count(tlsward_config_valid)`, ok, 0).Span(3).ColorMode(common.BigValueColorModeNone)).
		WithPanel(number("Kinds not in sight", "What rests on them is unknown.", `sum(1 - min by (kind) (tlsward_inventory_synced))`, wrong, 1).Span(3)).
		WithPanel(number("Own certificate", "Time left.", `min(tlsward_serving_certificate_not_after_seconds) - time()`, ok, 14*86400).Unit(units.Seconds).Span(3).Height(4).
			Thresholds(steps(dashboard.Threshold{Color: wrong}, above(14*86400, ok)))).
		WithPanel(stat.NewPanelBuilder().Title("Version, rulebook").Datasource(source()).Span(3).Height(4).
			WithTarget(now(`count by (version, rulebook) (tlsward_build_info)`, "{{version}}, {{rulebook}}")).
			TextMode(common.BigValueTextModeName).ColorMode(common.BigValueColorModeNone).GraphMode(common.BigValueGraphModeNone)).
		WithPanel(lines("Live reads", "At the API server before something is refused, by result.", units.OpsPerSecond,
			series(`sum by (result) (rate(tlsward_live_reads_total[$__rate_interval]))`, "{{result}}")).Span(12).Height(4)).
		WithPanel(lines("Objects held", "By kind, the ten largest.", units.Short, series(`topk(8, max by (kind) (tlsward_inventory_objects))`, "{{kind}}")).Span(12).
			Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementRight).ShowLegend(true))).
		WithPanel(lines("Memory", "By pod; past the limit it is killed.", units.BytesIEC,
			series(`process_resident_memory_bytes`+ours, "{{pod}}"), series(`min(tlsward_memory_limit_bytes)`, "limit")).
			OverrideByName("limit", colour(wrong))).
		WithPanel(lines("Processor", "By pod, in processors.", units.Short, series(`rate(process_cpu_seconds_total[$__rate_interval])`+ours, "{{pod}}")))
}

func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

// anHour is how much a counter grew in an hour. It is born at 1, which increase alone does not see: what was not there before counts whole.
func anHour(counter string) string {
	return fmt.Sprintf(`(max_over_time(%[1]s[1h]) unless %[1]s offset 1h) or increase(%[1]s[1h])`, counter)
}

func series(query, legend string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Expr(query).LegendFormat(legend).Range()
}

func now(query, legend string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Expr(query).LegendFormat(legend).Instant()
}

// number is one that should be below a threshold, past which it has a colour.
func number(title, description, query, past string, threshold float64) *stat.PanelBuilder {
	return stat.NewPanelBuilder().Title(title).Description(description).Datasource(source()).Span(6).Height(4).
		WithTarget(now(query, title)).NoValue(noAudit).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		GraphMode(common.BigValueGraphModeNone).ColorMode(common.BigValueColorModeBackground).
		Thresholds(steps(dashboard.Threshold{Color: ok}, above(threshold, past)))
}

func lines(title, description, unit string, queries ...*prometheus.DataqueryBuilder) *timeseries.PanelBuilder {
	panel := timeseries.NewPanelBuilder().Title(title).Description(description).Datasource(source()).Span(6).Height(8).Unit(unit).
		AxisSoftMin(0).LineWidth(1.5).FillOpacity(8).ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for i, query := range queries {
		panel.WithTarget(query.RefId(string(rune('A' + i))))
	}
	return panel
}

// latency draws how long answers of some doors take.
func latency(title, doors string) *timeseries.PanelBuilder {
	return lines(title, "The median, and the slowest in a hundred.", units.Seconds, quantiles("tlsward_admission_duration_seconds", doors)...)
}

func quantiles(histogram, selector string) []*prometheus.DataqueryBuilder {
	by := "le"
	legend := ""
	if selector != "" {
		by, legend = "door, le", "{{door}} "
	}
	query := func(q string) string {
		return fmt.Sprintf(`histogram_quantile(%s, sum by (%s) (rate(%s_bucket{%s}[$__rate_interval])))`, q, by, histogram, selector)
	}
	return []*prometheus.DataqueryBuilder{series(query("0.5"), legend+"median"), series(query("0.99"), legend+"99%")}
}

func bars(title, query, legend string) *bargauge.PanelBuilder {
	return bargauge.NewPanelBuilder().Title(title).Datasource(source()).Span(8).Height(8).Min(0).NoValue("nothing").
		WithTarget(now(query, legend)).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		Orientation(common.VizOrientationHorizontal).DisplayMode(common.BarGaugeDisplayModeBasic).NamePlacement(common.BarGaugeNamePlacementTop).
		Thresholds(steps(dashboard.Threshold{Color: attention}))
}

// ending lists what ends first, with who rests on it.
func ending() *table.PanelBuilder {
	return table.NewPanelBuilder().Title("Certificates and CAs, by what is left").Datasource(source()).Span(16).Height(9).NoValue(noAudit).
		Description("The fifty that end first, each with the object that rests on it. Overdue is what should have been renewed.").
		WithTarget(now(first, "").Format(prometheus.PromQueryFormatTable).RefId("A")).
		WithTarget(now(overdue+` / `+day+` and `+first, "").Format(prometheus.PromQueryFormatTable).RefId("B")).
		WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true},
			"indexByName":   map[string]int{"Value #A": 0, "Value #B": 1, "target": 2, "role": 3, "kind": 4, "namespace": 5, "name": 6},
			"renameByName": map[string]string{
				"Value #A": "Left", "Value #B": "Overdue", "target": "What ends", "role": "As", "kind": "Of", "namespace": "In", "name": "Named",
			},
		}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "sortBy", Options: map[string]any{"sort": []any{map[string]any{"field": "Left"}}}}).
		OverrideByName("Left", []dashboard.DynamicConfigValue{
			{Id: "unit", Value: daysLeft},
			{Id: "decimals", Value: 1},
			{Id: "custom.width", Value: 80},
			{Id: "custom.cellOptions", Value: map[string]any{"type": "color-background", "mode": "basic"}},
			{Id: "thresholds", Value: map[string]any{"mode": "absolute", "steps": []any{
				map[string]any{"color": wrong, "value": nil},
				map[string]any{"color": attention, "value": 7},
				map[string]any{"color": "yellow", "value": 30},
				map[string]any{"color": ok, "value": 60},
			}}},
		}).
		OverrideByName("Overdue", []dashboard.DynamicConfigValue{
			{Id: "unit", Value: daysLeft}, {Id: "decimals", Value: 1}, {Id: "custom.width", Value: 80}, {Id: "noValue", Value: ""},
		}).
		OverrideByName("As", width(150)).OverrideByName("Of", width(225)).OverrideByName("In", width(100)).OverrideByName("Named", width(115))
}

func colour(name string) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "color", Value: map[string]any{"mode": "fixed", "fixedColor": name}}}
}

func width(pixels int) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "custom.width", Value: pixels}}
}

func steps(all ...dashboard.Threshold) *dashboard.ThresholdsConfigBuilder {
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(all)
}

func above(value float64, color string) dashboard.Threshold {
	return dashboard.Threshold{Value: &value, Color: color}
}
