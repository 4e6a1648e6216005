package chart_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/tlsward/tlsward/test/chart/render"
)

// TestSeldom runs, in Prometheus' own engine, the queries for what happens seldom. Each pod has a series of its own and
// begins it at 1, so that increase alone sees no first time.
func TestSeldom(t *testing.T) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1000, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
	defer func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, text := range seldom(t) {
		window, err := model.ParseDuration(regexp.MustCompile(`\[(\w+)\]`).FindStringSubmatch(text)[1])
		if err != nil {
			t.Fatal(err)
		}
		// A scrape is a fifteenth of the window, which is from the 15th to the 30th.
		scrape := time.Duration(window) / 15
		for _, test := range []struct {
			name string
			want bool
			pod  pod
		}{
			{"nothing", false, pod{}},
			{"once, just now", true, pod{30: 1}},
			{"once, by a pod that is gone", true, pod{20: 1, 21: 1, 22: gone}},
			{"once, before the window", false, pod{}.scrapes(0, 30, 1)},
			{"by a pod gone before", false, pod{22: gone}.scrapes(0, 10, 1)},
			{"again, by a pod that knows it", true, pod{}.scrapes(0, 27, 1).scrapes(28, 30, 2)},
			{"again, after the pod began anew", true, pod{19: gone}.scrapes(0, 18, 5).scrapes(25, 30, 1)},
		} {
			t.Run(name+": "+test.name, func(t *testing.T) {
				query, err := engine.NewInstantQuery(t.Context(), test.pod.storage(t, scrape), nil, text, time.Unix(0, 0).Add(30*scrape))
				if err != nil {
					t.Fatal(err)
				}
				defer query.Close()
				found, err := query.Exec(t.Context()).Vector()
				if err != nil || (len(found) > 0) != test.want {
					t.Errorf("%s: found %v, error %v", text, found, err)
				}
				for _, sample := range found {
					if sample.Metric.Has("pod") {
						t.Errorf("%s: not summed over pods: %v", text, sample)
					}
				}
			})
		}
	}
}

// seldom are those queries, by where they stand.
func seldom(t *testing.T) map[string]string {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "install.md"))
	if err != nil {
		t.Fatal(err)
	}
	notes, err := render.Release{}.Notes(parse(t, ``))
	if err != nil {
		t.Fatal(err)
	}
	query := regexp.MustCompile(`(?s)sum by \(rule, namespace\) \(\n.*?\n *\) > 0\n`)
	queries := map[string]string{"install.md": query.FindString(string(guide)), "NOTES.txt": query.FindString(notes)}
	rule := one[*monitoringv1.PrometheusRule](t, decode(t, rendered(t, parse(t, matrix["monitoring"]))))
	for _, alert := range rule.Spec.Groups[0].Rules {
		if alert.Alert == "TlswardDeniesController" || alert.Alert == "TlswardOverdue" {
			queries[alert.Alert] = alert.Expr.String()
		}
	}
	if len(queries) != 4 || queries["install.md"] == "" || queries["NOTES.txt"] == "" {
		t.Fatalf("queries %q", queries)
	}
	return queries
}

// pod is what a pod's counter showed, by the number of the scrape.
type pod map[int]float64

// gone is what Prometheus notes where a series ends.
var gone = math.Float64frombits(value.StaleNaN)

func (p pod) scrapes(first, last int, shown float64) pod {
	for i := first; i <= last; i++ {
		p[i] = shown
	}
	return p
}

// storage holds the one series, whichever is asked for.
func (p pod) storage(t *testing.T, scrape time.Duration) storage.Queryable {
	t.Helper()
	chunk := chunkenc.NewXORChunk()
	appender, err := chunk.Appender()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 31 {
		if shown, ok := p[i]; ok {
			appender.Append(0, (time.Duration(i) * scrape).Milliseconds(), shown)
		}
	}
	entry := &storage.SeriesEntry{
		Lset:             labels.FromStrings("kind", "Ingress", "namespace", "shop", "pod", "p", "requester", "controller", "rule", "r"),
		SampleIteratorFn: func(chunkenc.Iterator) chunkenc.Iterator { return chunk.Iterator(nil) },
	}
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{
		SelectMockFunction: func(bool, *storage.SelectHints, ...*labels.Matcher) storage.SeriesSet {
			return &series{SeriesSet: storage.EmptySeriesSet(), one: entry}
		},
	}}
}

// series is a set of one.
type series struct {
	storage.SeriesSet
	one  storage.Series
	read bool
}

func (s *series) Next() bool {
	next := !s.read
	s.read = true
	return next
}

func (s *series) At() storage.Series { return s.one }
