package effective

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// row makes one of "controller proxy host:port path match" and of its answers; one that begins with ? is unknown.
func row(t *testing.T, requests string, values map[Aspect]string) Row {
	t.Helper()
	fields := strings.Fields(requests)
	r := Row{Controller: fields[0], Proxy: fields[1], Match: "Prefix"}
	host, port, isHost := strings.Cut(fields[2], ":")
	if isHost {
		r.Host = strings.TrimPrefix(host, "any")
		if _, err := fmt.Sscan(port, &r.Port); err != nil {
			t.Fatal(err)
		}
	} else {
		r.Service = host
	}
	if len(fields) > 3 {
		r.Path = fields[3]
	}
	if len(fields) > 4 {
		r.Match = fields[4]
	}
	for a, is := range values {
		if why, unknown := strings.CutPrefix(is, "?"); unknown {
			r.Set(a, Unsettled(why))
		} else {
			r.Set(a, Answered(is))
		}
	}
	return r
}

// told writes a difference, a line for each change.
func told(d Difference) []string {
	var lines []string
	for i := range d.Changes {
		c := &d.Changes[i]
		at := c.At.Service
		if at == "" {
			at = fmt.Sprintf("%s:%d%s", c.At.Host, c.At.Port, c.At.Path)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s: %s%s > %s%s", c.Verdict, at, c.Aspect, c.Was().Is, c.Was().Unknown, c.Is().Is, c.Is().Unknown))
	}
	return lines
}

// TestCompareAnswers: what becomes of one answer.
func TestCompareAnswers(t *testing.T) {
	type values = map[Aspect]string
	for _, test := range []struct {
		name          string
		before, after values
		want          []string
	}{
		{"nothing", values{Transport: TLS, Clients: Required}, values{Transport: TLS, Clients: Required}, nil},
		{"clients optional", values{Clients: Required}, values{Clients: Optional}, []string{"weaker a.test:443/ client certificate: required > optional"}},
		{"clients unverified", values{Clients: Optional}, values{Clients: Unverified}, []string{"weaker a.test:443/ client certificate: optional > unverified"}},
		{"clients off", values{Clients: Unverified}, values{Clients: Off}, []string{"weaker a.test:443/ client certificate: unverified > off"}},
		{
			"clients asked, by a CA",
			values{Clients: Off},
			values{Clients: Required, ClientCA: "Secret a/ca", ClientDepth: "1"},
			[]string{"stronger a.test:443/ client certificate: off > required"},
		},
		{"another CA", values{ClientCA: "Secret a/one"}, values{ClientCA: "Secret a/two"}, []string{"different a.test:443/ client CA: Secret a/one > Secret a/two"}},
		{"deeper", values{ClientDepth: "1"}, values{ClientDepth: "9"}, []string{"weaker a.test:443/ client depth: 1 > 9"}},
		{"redirect gone", values{Transport: Redirect}, values{Transport: Plain}, []string{"weaker a.test:443/ transport: redirect > plain"}},
		{"TLS gone", values{Transport: TLS}, values{Transport: Plain}, []string{"weaker a.test:443/ transport: TLS > plain"}},
		{"redirect", values{Transport: Plain}, values{Transport: Redirect}, []string{"stronger a.test:443/ transport: plain > redirect"}},
		{
			"passed through",
			values{Transport: TLS, Clients: Required},
			values{Transport: Passthrough},
			[]string{"unknown a.test:443/ client certificate: required > ", "different a.test:443/ transport: TLS > passthrough"},
		},
		{"ends here", values{Transport: Passthrough}, values{Transport: TLS, Clients: Off}, []string{"different a.test:443/ transport: passthrough > TLS"}},
		{"name unchecked", values{Verification: Name}, values{Verification: Chain}, []string{"weaker a.test:443/ upstream verification: chain and name > chain"}},
		{
			"backend unchecked",
			values{Upstream: TLS, Verification: Chain, UpstreamCA: "Secret a/ca"},
			values{Upstream: TLS, Verification: Off},
			[]string{"weaker a.test:443/ upstream verification: chain > off"},
		},
		{
			"backend in plain text",
			values{Upstream: TLS, Verification: Name},
			values{Upstream: Plain},
			[]string{"weaker a.test:443/ upstream: TLS > plain"},
		},
		{"older protocol", values{Protocols: "TLSv1.2 TLSv1.3"}, values{Protocols: "TLSv1.1 TLSv1.2 TLSv1.3"}, []string{"weaker a.test:443/ protocols: TLSv1.2 TLSv1.3 > TLSv1.1 TLSv1.2 TLSv1.3"}},
		{"newer protocol", values{Protocols: "TLSv1.2 TLSv1.3"}, values{Protocols: "TLSv1.3"}, []string{"stronger a.test:443/ protocols: TLSv1.2 TLSv1.3 > TLSv1.3"}},
		{"newest protocol gone", values{Protocols: "TLSv1.2 TLSv1.3"}, values{Protocols: "TLSv1.2"}, []string{"different a.test:443/ protocols: TLSv1.2 TLSv1.3 > TLSv1.2"}},
		{"became unknown", values{Clients: Required}, values{Clients: "?Secret a/ca"}, []string{"unknown a.test:443/ client certificate: required > Secret a/ca"}},
		{"became known to be off", values{Transport: TLS, Clients: "?Secret a/ca"}, values{Transport: TLS, Clients: Off}, []string{"weaker a.test:443/ client certificate: Secret a/ca > off"}},
		{"became known to be on", values{Transport: TLS, Clients: "?Secret a/ca"}, values{Transport: TLS, Clients: Required}, []string{"unknown a.test:443/ client certificate: Secret a/ca > required"}},
		{"anything became known", values{Transport: "?why", Clients: "?why"}, values{Transport: Plain}, []string{"unknown a.test:443/ transport: why > plain"}},
		{"became known of a row of which nothing was", values{Clients: "?Secret a/ca", Transport: "?Secret a/ca"}, values{Clients: Off, Transport: "?Secret a/ca"}, []string{"unknown a.test:443/ client certificate: Secret a/ca > off"}},
		{"still unknown", values{Clients: "?Secret a/ca"}, values{Clients: "?Secret a/ca"}, nil},
		{
			"refuses everybody",
			values{Answer: Served, Clients: Required, Transport: TLS},
			values{Answer: "403", Clients: Off, Transport: TLS},
			[]string{"different a.test:443/ answer: served > 403", "different a.test:443/ client certificate: required > off"},
		},
		{"nobody connects any more", values{Transport: TLS, Clients: Required}, values{Transport: Closed}, []string{"different a.test:443/ transport: TLS > no connection"}},
		{"connections again", values{Transport: Closed}, values{Transport: TLS, Clients: Off}, []string{"different a.test:443/ transport: no connection > TLS"}},
		{"connections again, in plain text", values{Transport: Closed}, values{Transport: Plain}, []string{"weaker a.test:443/ transport: no connection > plain"}},
		{"serves everybody", values{Answer: "403", Clients: Off}, values{Answer: Served, Clients: Off}, []string{"weaker a.test:443/ answer: 403 > served"}},
		{
			"serves those who show a certificate",
			values{Answer: "403", Clients: Off},
			values{Answer: Served, Clients: Required},
			[]string{"different a.test:443/ answer: 403 > served", "stronger a.test:443/ client certificate: off > required"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			before, after := row(t, "x edge a.test:443 /", test.before), row(t, "x edge a.test:443 /", test.after)
			d := Compare([]Row{before}, []Row{after}, nil)
			if got := told(d); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if unchanged := len(test.want) == 0; unchanged != (d.Unchanged == 1) {
				t.Errorf("unchanged %d", d.Unchanged)
			}
		})
	}
}

// TestCompareRows: with which row one is compared.
func TestCompareRows(t *testing.T) {
	type rows = map[string]map[Aspect]string
	required, off := map[Aspect]string{Transport: TLS, Clients: Required}, map[Aspect]string{Transport: TLS, Clients: Off}
	plain := map[Aspect]string{Transport: Plain}
	for _, test := range []struct {
		name          string
		before, after rows
		want          []string
		unchanged     int
	}{
		{"new host", rows{}, rows{"x edge a.test:443 /": off, "x edge a.test:80 /": plain}, []string{"new a.test:80/ transport:  > plain", "new a.test:443/ transport:  > TLS"}, 0},
		{"gone host", rows{"x edge a.test:443 /": off, "x edge b.test:443 /": off}, rows{"x edge b.test:443 /": off}, []string{"gone a.test:443/ transport: TLS > "}, 1},
		{
			"new host below a wildcard that asks for certificates",
			rows{"x edge *.test:443 /": required},
			rows{"x edge *.test:443 /": required, "x edge a.test:443 /": off},
			[]string{"weaker a.test:443/ client certificate: required > off"},
			1,
		},
		{
			"new host in plain text below a wildcard with TLS only",
			rows{"x edge *.test:443 /": required},
			rows{"x edge *.test:443 /": required, "x edge a.test:80 /": plain},
			[]string{"weaker a.test:80/ transport:  > plain"},
			1,
		},
		{"plain text beside TLS", rows{"x edge a.test:443 /": off}, rows{"x edge a.test:443 /": off, "x edge a.test:80 /": plain}, []string{"weaker a.test:80/ transport:  > plain"}, 0},
		{
			"plain text in the place of TLS",
			rows{"x edge a.test:443 /": required},
			rows{"x edge a.test:80 /": plain},
			[]string{"weaker a.test:80/ transport: TLS > plain"},
			0,
		},
		{
			"new path that is open",
			rows{"x edge a.test:443 /": required},
			rows{"x edge a.test:443 /": required, "x edge a.test:443 /open": off},
			[]string{"weaker a.test:443/open client certificate: required > off"},
			0,
		},
		{
			"path that was closed falls to one that is open",
			rows{"x edge a.test:443 /": off, "x edge a.test:443 /admin": required},
			rows{"x edge a.test:443 /": off},
			[]string{"weaker a.test:443/admin client certificate: required > off"},
			0,
		},
		{"a path is no part of another by its letters", rows{"x edge a.test:443 /ad": required}, rows{"x edge a.test:443 /ad": required, "x edge a.test:443 /admin": off}, []string{"new a.test:443/admin transport:  > TLS"}, 0},
		{"an exact path covers itself only", rows{"x edge a.test:443 / Exact": required}, rows{"x edge a.test:443 / Exact": required, "x edge a.test:443 /b": off}, []string{"new a.test:443/b transport:  > TLS"}, 0},
		{"moved to another controller", rows{"x edge a.test:443 /": required}, rows{"y gate a.test:443 /": required}, nil, 1},
		{"moved, and open", rows{"x edge a.test:443 /": required}, rows{"y gate a.test:443 /": off}, []string{"weaker a.test:443/ client certificate: required > off"}, 0},
		{
			"a second way in that is open",
			rows{"x edge a.test:443 /": required},
			rows{"x edge a.test:443 /": required, "y gate a.test:443 /": off},
			[]string{"weaker a.test:443/ client certificate: required > off"},
			0,
		},
		{
			"a host of its own",
			rows{"x edge any:443 /": required},
			rows{"x edge any:443 /": required, "x edge a.test:443 /": off},
			[]string{"weaker a.test:443/ client certificate: required > off"},
			1,
		},
		{"a Service", rows{"x mesh shop/web": {Upstream: TLS}}, rows{"x mesh shop/web": {Upstream: Plain}}, []string{"weaker shop/web upstream: TLS > plain"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := func(of rows) (list []Row) {
				for requests, values := range of {
					list = append(list, row(t, requests, values))
				}
				return list
			}
			d := Compare(list(test.before), list(test.after), nil)
			if got := told(d); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if d.Unchanged != test.unchanged {
				t.Errorf("unchanged %d, want %d", d.Unchanged, test.unchanged)
			}
		})
	}
}

// TestCompareAbout: what nobody asked for still answers for what is.
func TestCompareAbout(t *testing.T) {
	wildcard := row(t, "x edge *.test:443 /", map[Aspect]string{Transport: TLS, Clients: Required})
	own := row(t, "x edge a.test:443 /", map[Aspect]string{Transport: TLS, Clients: Off})
	d := Compare([]Row{wildcard}, []Row{wildcard, own}, func(r *Row) bool { return r.Host == "a.test" })
	want := []string{"weaker a.test:443/ client certificate: required > off"}
	if got := told(d); !slices.Equal(got, want) || d.Unchanged != 0 {
		t.Errorf("got %q, %d unchanged", got, d.Unchanged)
	}
}

// A verdict that nobody set is the worst.
func TestVerdictZero(t *testing.T) {
	var c Change
	if c.Verdict != Weaker {
		t.Errorf("the zero verdict is %s", c.Verdict)
	}
}

// TestConditionalAuthorities: a bundle that grows trusts more.
func TestConditionalAuthorities(t *testing.T) {
	held := func(names ...string) []Row {
		r := row(t, "ingress-nginx nginx shop.test:443 /", map[Aspect]string{Transport: TLS, Answer: Served, Clients: Required, ClientCA: "Secret shop/ca"})
		for _, name := range names {
			ca := r.Value(ClientCA)
			ca.Conditions = append(ca.Conditions, Condition{Text: name, Adding: Weaker})
		}
		return []Row{r}
	}
	for _, test := range []struct {
		before, after []Row
		want          Verdict
	}{
		{held("a"), held("a", "b"), Weaker},
		{held("a", "b"), held("b"), Stronger},
		{held("a"), held("b"), Different},
	} {
		d := Compare(test.before, test.after, nil)
		if len(d.Changes) != 1 || d.Changes[0].Verdict != test.want || d.Changes[0].Aspect != ClientCA {
			t.Errorf("%v, want %s of the client CA", told(d), test.want)
		}
	}
	if d := Compare(held("a", "b"), held("b", "a"), nil); len(d.Changes) != 0 {
		t.Errorf("the order counts: %v", told(d))
	}
}

// TestCompareFurtherPort: a host that asks clients at each port is weaker for one that does not.
func TestCompareFurtherPort(t *testing.T) {
	at := func(port, clients string) Row {
		return row(t, "envoy-gateway edge shop.test:"+port+" /", map[Aspect]string{Transport: TLS, Answer: Served, Clients: clients})
	}
	for _, test := range []struct {
		name          string
		before, after []Row
		want          Verdict
	}{
		{"less is asked", []Row{at("443", Required)}, []Row{at("443", Required), at("8443", Off)}, Weaker},
		{"as much is asked", []Row{at("443", Required)}, []Row{at("443", Required), at("8443", Required)}, Appeared},
		{"nothing was asked at another port", []Row{at("443", Required), at("444", Off)}, []Row{at("443", Required), at("444", Off), at("8443", Off)}, Appeared},
	} {
		t.Run(test.name, func(t *testing.T) {
			if d := Compare(test.before, test.after, nil); len(d.Changes) != 1 || d.Changes[0].Verdict != test.want {
				t.Errorf("%v, want %s", told(d), test.want)
			}
		})
	}
}
