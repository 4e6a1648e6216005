package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/effective"
)

// TestWriteMigration: the gravest first, hosts that share a reason together, the proof, and nothing that a terminal acts on.
func TestWriteMigration(t *testing.T) {
	field := effectiveField("Ingress", "web", 8, "", "metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-match-cn")
	before := []effective.Row{effectiveRow("www.shop.test", 443, "/", guarded())}
	after := []effective.Row{effectiveRow("www.shop.test", 443, "/", open())}
	m := Migration{
		Groups: []MigrationGroup{
			{Title: "left out", Grave: true, Remarks: []MigrationRemark{{Hosts: []string{"a.shop.test", ""}, Field: field, Why: "two\nlines of \x1b[31m"}}},
			{Title: "changed"},
			{Title: "to do", Remarks: []MigrationRemark{{Why: "DNS has to follow"}}},
		},
		Diff:    EffectiveDiff{Base: "the Ingresses", Trees: []EffectiveDiffTree{{Difference: effective.Compare(before, after, nil)}}},
		Written: 1, LeftOut: 2, Objects: 4, To: "GatewayClass eg",
	}
	for name, test := range map[string]struct {
		change func(*Migration)
		want   []string
		not    []string
	}{
		"proved": {func(*Migration) {}, []string{
			"left out\n  a.shop.test, (any other host): two lines of ␛[31m\n    deploy/web.yaml:8: Ingress shop/web, metadata.annotations[",
			"to do\n  DNS has to follow\n\n", "what tlsward lint says of it\n", "weaker: www.shop.test:443 / client certificate: required (Secret shop/corp-ca) -> off\n",
			"1 host written to GatewayClass eg (4 objects), 2 left out; ",
		}, []string{"\nchanged\n", "\x1b", "nothing weaker"}},
		"nothing weaker": {func(m *Migration) { m.Diff.Trees = nil }, []string{"2 left out; nothing weaker\n"}, []string{"weaker: "}},
		"denied": {func(m *Migration) { m.Diff.Trees, m.Lint.Summary.Denied = nil, 1 }, []string{
			"nothing weaker, and 1 finding of lint\n",
		}, nil},
		"nothing": {func(m *Migration) { m.Written = 0 }, []string{"nothing written: 2 hosts left out\n"}, []string{"what tlsward"}},
	} {
		own := m
		test.change(&own)
		var b bytes.Buffer
		if err := WriteMigration(&b, own, Style{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, b.String())
			}
		}
		for _, not := range test.not {
			if strings.Contains(b.String(), not) {
				t.Errorf("%s: %q in\n%s", name, not, b.String())
			}
		}
	}
}
