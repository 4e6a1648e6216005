package nginx

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
)

// batch is a controller with settings of its own, and the scenes that it serves.
type batch struct {
	name        string
	settings    string
	passthrough bool
}

// configMap has the settings, and the defaults of the release that the model is about, since the controller here has others.
func (b batch) configMap() string {
	settings := []string{b.settings}
	for name, value := range map[string]string{"allow-cross-namespace-resources": `"false"`, "annotations-risk-level": "High"} {
		if !strings.Contains(b.settings, name) {
			settings = append(settings, name+": "+value)
		}
	}
	return strings.TrimPrefix(strings.Join(settings, ", "), ", ")
}

func batches() []batch {
	return []batch{
		{name: "defaults"},
		{name: "location-only", settings: "proxy-ssl-location-only: \"true\""},
		{name: "crossing", settings: "allow-cross-namespace-resources: \"true\", ssl-redirect: \"false\""},
		{name: "forced", settings: "force-ssl-redirect: \"true\", no-tls-redirect-locations: \"/docs, /nothing\", ssl-protocols: TLSv1.3"},
		{name: "medium", settings: "annotations-risk-level: Medium"},
		{name: "passthrough", passthrough: true},
	}
}

// scenes of each batch.
const scenes = 60

// TestEffective holds every row of package effective against what the real controller makes of the same tree, and every location
// that the controller writes against the rows. Then nginx runs what the controller wrote, and clients knock at every host, port and
// path, without a certificate and with those of two CAs.
func TestEffective(t *testing.T) {
	if testing.Short() {
		t.Skip("builds ingress-nginx")
	}
	for i, b := range batches() {
		t.Run(b.name, func(t *testing.T) {
			now := time.Now()
			passing := 15
			if b.passthrough {
				passing = 60
			}
			tree := effectivetest.Ingresses(uint64(i+1), i*scenes, scenes, now, passing) //nolint:gosec // a small number
			tree += "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller, namespace: ingress-nginx, " +
				"labels: {app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller}}\ndata: {" + b.configMap() + "}\n"
			rows := effectivetest.Rows(t, map[string]string{"tree.yaml": tree, ".tlsward.yaml": config(tree, b)})
			r := ask(t, tree, b.passthrough)
			compare(t, rows, r)
			knock(t, rows, r, now)
		})
	}
}

// config says that all is in sight.
func config(tree string, b batch) string {
	var namespaces []string
	for _, line := range strings.Split(tree, "\n") {
		if namespace, found := strings.CutPrefix(line, "  namespace: "); found {
			namespaces = append(namespaces, strings.TrimRight(namespace, "ab")+"a", strings.TrimRight(namespace, "ab")+"b")
		}
	}
	slices.Sort(namespaces)
	return fmt.Sprintf("complete: [%s]\ncontrollers:\n  settings:\n    ingress-nginx: {enable-ssl-passthrough: %q}\n",
		strings.Join(slices.Compact(namespaces), ", "), fmt.Sprint(b.passthrough))
}

// tally counts what was compared.
type tally struct{ rows, values, refused int }

func compare(t *testing.T, rows []effective.Row, r *real) {
	t.Helper()
	var count tally
	told := map[string]bool{}
	for i := range rows {
		row := &rows[i]
		if row.Controller != "ingress-nginx" {
			t.Errorf("a row of %s", row.Controller)
			continue
		}
		told[key(row.Host, row.Path, row.Match == "Exact")] = true
		switch {
		case row.Path == "":
			passes(t, row, r)
			for _, l := range r.locations(row.Host) {
				told[key(l.host, bare(l), l.exact)] = true
			}
		case strings.Contains(row.Value(effective.Transport).Unknown, "refuses the Ingress"):
			// New ones, as here, are not served.
			count.refused++
			if l := find(r, row); l != nil {
				t.Errorf("%s:%d %s %s: it is refused, and leads to %s", row.Host, row.Port, row.Path, row.Match, l.service())
			}
			continue
		default:
			judge(t, row, r, &count)
		}
		count.rows++
	}
	for host := range r.blocks {
		if strings.HasPrefix(host, "~") {
			continue // no host, but a pattern
		}
		for _, l := range r.locations(host) {
			if !told[key(host, bare(l), l.exact)] && !told[key(host, bare(l), false)] {
				t.Errorf("%s %s leads to %s, and no row says so", host, l.path, l.service())
			}
		}
	}
	t.Logf("%d rows of %d hosts agree in %d answers; %d of Ingresses that are refused", count.rows, len(r.blocks), count.values, count.refused)
	if count.values < 1000 {
		t.Error("too little was compared")
	}
}

func key(host, path string, exact bool) string { return fmt.Sprint(host, " ", path, " ", exact) }

// bare is the path as Ingresses write it: of a Prefix the controller makes two locations, one with a slash at the end.
func bare(l location) string {
	if path := strings.TrimSuffix(l.path, "/"); path != "" {
		return path
	}
	return "/"
}

// find returns the location that a row is about; nil if there is none that leads to a Service.
func find(r *real, row *effective.Row) *location {
	for _, l := range r.locations(row.Host) {
		if row.Match == "Exact" && l.exact && l.path == row.Path ||
			row.Match != "Exact" && !l.exact && bare(l) == row.Path {
			return &l
		}
	}
	return nil
}

// judge compares a row with what the controller wrote.
func judge(t *testing.T, row *effective.Row, r *real, count *tally) {
	t.Helper()
	l := find(r, row)
	if l == nil {
		// A server that is denied has no locations; and the location / of a server without one leads nowhere.
		if server := r.blocks[row.Host]; argument(server, "return") == "403" || row.Value(effective.Backend).Is == "" && server != nil {
			l = &location{host: row.Host, path: row.Path}
			for _, d := range server {
				if d.is("location") && d.words[len(d.words)-1] == "/" {
					l.block = d.block
				}
			}
		} else {
			t.Errorf("%s:%d %s %s: the controller has no such location", row.Host, row.Port, row.Path, row.Match)
			return
		}
	}
	want := r.read(*l, row.Port)
	if want[effective.Answer] == effective.Served && l.service() == "" {
		want[effective.Answer] = "404"
		for _, aspect := range []effective.Aspect{effective.Backend, effective.Upstream, effective.Verification, effective.UpstreamName, effective.UpstreamCertificate} {
			delete(want, aspect)
		}
	}
	for _, aspect := range effective.Aspects() {
		got := row.Value(aspect)
		count.values++
		if got.Unknown != "" || got.Is != want[aspect] {
			t.Errorf("%s:%d %s %s: %s is %q %s, want %q; by %v", row.Host, row.Port, row.Path, row.Match, aspect, got.Is, got.Unknown, want[aspect], got.By)
		}
	}
}

// passes compares a row of a connection that is passed through with what the controller's TCP proxy is told.
func passes(t *testing.T, row *effective.Row, r *real) {
	t.Helper()
	for _, p := range r.Passthrough {
		if p.Host != row.Host {
			continue
		}
		want := ""
		if p.Service != "" {
			want = fmt.Sprintf("Service %s/%s:%s", p.Namespace, p.Service, p.Port)
		}
		if row.Value(effective.Transport).Is != effective.Passthrough || row.Value(effective.Backend).Is != want {
			t.Errorf("%s:443 is passed through to %q, and the row says %+v to %+v", p.Host, want, row.Value(effective.Transport), row.Value(effective.Backend))
		}
		return
	}
	t.Errorf("%s:443 is not passed through", row.Host)
}
