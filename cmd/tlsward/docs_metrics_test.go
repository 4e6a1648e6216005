package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tlsward/tlsward/audit/publish"
	"github.com/tlsward/tlsward/inventory/watch"
	"github.com/tlsward/tlsward/webhook"
)

// TestDocsMetrics: the manual lists the metrics that serve registers, with their labels, and no others. The alerts and the dashboard of
// the chart are held to that list.
func TestDocsMetrics(t *testing.T) {
	described := make(chan *prometheus.Desc, 100)
	for _, c := range []prometheus.Collector{
		webhook.NewTeller(slog.New(slog.DiscardHandler)), (*watch.Watcher)(nil), &server{}, publish.New(publish.Options{}).Collector(nil),
	} {
		c.Describe(described)
	}
	close(described)
	var want, got []string
	for d := range described {
		told := regexp.MustCompile(`fqName: "(\w+)".* variableLabels: \{(.*?)\}`).FindStringSubmatch(d.String())
		if told == nil {
			t.Fatalf("no name and labels in %s", d)
		}
		want = append(want, told[1]+" "+told[2])
	}
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "monitoring.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(tlsward_\\w+)` \\|(.*?)\\| ").FindAllStringSubmatch(string(guide), -1) {
		got = append(got, row[1]+" "+strings.NewReplacer("`", "", " ", "").Replace(row[2]))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("docs/monitoring.md lists\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
