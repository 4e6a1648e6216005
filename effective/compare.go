package effective

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Verdict is what a change makes of an answer. The zero value is the worst, so that nobody's choice fails closed.
type Verdict int

// Weaker lets in, or leaves unchecked, what was not before, or may not have been: the worst answer is weaker than one that is unknown.
// Unclear: it is not known on one of the sides. Different: another answer,
// and neither can be said to be the weaker one. Appeared and Vanished are of rows that have nothing to be compared with.
const (
	Weaker Verdict = iota
	Unclear
	Different
	Appeared
	Vanished
	Stronger

	same
)

func (v Verdict) String() string {
	return [...]string{"weaker", "unknown", "different", "new", "gone", "stronger", "unchanged"}[v]
}

// Change is one answer that is another one than before.
type Change struct {
	Verdict Verdict
	// Aspect is Transport where a row appeared or vanished.
	Aspect Aspect
	// Before and After are the rows that are compared; nil where there is none. After may be a row that stands for more requests than
	// Before: the one that serves them now.
	Before, After *Row
	// At tells which requests it is about: the narrower of both rows.
	At *Row
}

// Was and Is are the answers; the zero Value where there is no row, or the question does not arise.
func (c *Change) Was() Value { return c.Before.value(c.Aspect) }

// Is is Was for the other side.
func (c *Change) Is() Value { return c.After.value(c.Aspect) }

func (r *Row) value(a Aspect) Value {
	if r == nil {
		return Value{}
	}
	return *r.Value(a)
}

// Difference is what two sets of rows differ in.
type Difference struct {
	// Changes come worst first, then in order of rows and aspects.
	Changes []Change
	// Unchanged counts the hosts, and Services, of which no answer is another one.
	Unchanged int
}

// Count counts the changes of one verdict.
func (d *Difference) Count(v Verdict) (n int) {
	for i := range d.Changes {
		if d.Changes[i].Verdict == v {
			n++
		}
	}
	return n
}

// Compare tells what becomes of each answer. A row is compared with the one that answered the same requests before: its own, or that of
// another proxy which is gone, or the nearest one that stood for more (a shorter path, a wildcard above the host). A row of a host that
// nobody served before is new, and nothing is weaker for it. About, if it is not nil, says which rows are compared; the others still
// answer for them.
func Compare(before, after []Row, about func(*Row) bool) Difference {
	if about == nil {
		about = func(*Row) bool { return true }
	}
	was, is := newCovering(before), newCovering(after)
	var d Difference
	touched, all := map[string]bool{}, map[string]bool{}
	note := func(changes []Change) {
		for _, c := range changes {
			touched[c.At.subject()] = true
		}
		d.Changes = append(d.Changes, changes...)
	}
	moved := map[*Row]bool{}
	for i := range after {
		row := &after[i]
		if !about(row) {
			continue
		}
		all[row.subject()] = true
		base := was.exact[row.key()]
		if base == nil {
			base = was.elsewhere(row, is)
		}
		if base == nil {
			base = was.nearest(row)
		} else {
			moved[base] = true
		}
		switch {
		case base != nil:
			note(answers(base, row, row))
		case row.opens(was) && was.replaced(row, is) != nil:
			base = was.replaced(row, is)
			moved[base] = true
			note(answers(base, row, row))
		case row.opens(was):
			note([]Change{{Verdict: Weaker, Aspect: Transport, After: row, At: row}})
		case was.asked(row) != nil:
			note([]Change{{Verdict: Weaker, Aspect: Clients, Before: was.asked(row), After: row, At: row}})
		default:
			note([]Change{{Verdict: Appeared, Aspect: Transport, After: row, At: row}})
		}
	}
	for i := range before {
		row := &before[i]
		if !about(row) {
			continue
		}
		all[row.subject()] = true
		if moved[row] || is.exact[row.key()] != nil {
			continue
		}
		if now := is.nearest(row); now != nil {
			note(answers(row, now, row))
		} else {
			note([]Change{{Verdict: Vanished, Aspect: Transport, Before: row, At: row}})
		}
	}
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), a.At.compareRequests(b.At), cmp.Compare(a.Aspect, b.Aspect))
	})
	d.Unchanged = len(all) - len(touched)
	return d
}

// answers compares two rows aspect by aspect. Nothing is weaker where nobody was served, or is: that is for Answer to tell.
func answers(before, after, at *Row) (changes []Change) {
	for _, aspect := range Aspects() {
		verdict := compare(aspect, before, after)
		opened := aspect == Transport && before.Value(Transport).Is == Closed
		if verdict == Weaker && aspect != Answer && !opened && (before.refuses() || after.refuses()) {
			verdict = Different
		}
		if verdict != same {
			changes = append(changes, Change{verdict, aspect, before, after, at})
		}
	}
	return changes
}

// refuses reports whether the proxy turns everybody away.
func (r *Row) refuses() bool {
	is := r.Value(Answer).Is
	return is != "" && is != Served || r.Value(Transport).Is == Closed
}

// opens reports whether a row serves in plain text where the host, or a wildcard above it, was served, but not at this port.
func (r *Row) opens(was covering) bool {
	if r.Value(Transport).Is != Plain || r.refuses() || r.Host == "" {
		return false
	}
	return slices.ContainsFunc(above(r.Host), func(host string) bool { return host != "" && len(was.hosts[host]) > 0 })
}

// asked finds a row of a host that asks clients for more than a new one of it does, at another port: none of the host asked for as little.
func (c covering) asked(row *Row) (least *Row) {
	now, ok := rank(Clients, row.Value(Clients).Is)
	if !ok || row.refuses() || row.Service != "" || row.Host == "" {
		return nil
	}
	for _, r := range c.hosts[row.Host] {
		was, known := rank(Clients, r.Value(Clients).Is)
		switch {
		case r.Value(Clients).Asked() && (!known || was <= now):
			return nil
		case known && least == nil && !r.refuses() && r.covers(row):
			least = r
		}
	}
	return least
}

func (r *Row) subject() string {
	if r.Service != "" {
		return "Service " + r.Service
	}
	return r.Host
}

func (r *Row) compareRequests(other *Row) int {
	return cmp.Or(
		cmp.Compare(r.subject(), other.subject()), cmp.Compare(r.Port, other.Port), cmp.Compare(r.Path, other.Path), r.compare(other),
	)
}

// rowKey tells a row apart from all others of its tree.
type rowKey struct {
	controller, proxy string
	requests
}

// requests are what a row answers, whoever serves them.
type requests struct {
	host, path, service string
	port                int
	exact               bool
}

func (r *Row) key() rowKey { return rowKey{r.Controller, r.Proxy, r.requests()} }

func (r *Row) requests() requests {
	return requests{r.Host, r.Path, r.Service, r.Port, r.Match == "Exact"}
}

// covering finds the row that answers given requests.
type covering struct {
	exact map[rowKey]*Row
	same  map[requests][]*Row
	hosts map[string][]*Row
}

func newCovering(rows []Row) covering {
	c := covering{map[rowKey]*Row{}, map[requests][]*Row{}, map[string][]*Row{}}
	for i := range rows {
		r := &rows[i]
		c.exact[r.key()] = r
		c.same[r.requests()] = append(c.same[r.requests()], r)
		if r.Service == "" {
			c.hosts[r.Host] = append(c.hosts[r.Host], r)
		}
	}
	return c
}

// elsewhere finds the row of the same requests at a proxy that serves them no more.
func (c covering) elsewhere(row *Row, now covering) *Row {
	for _, r := range c.same[row.requests()] {
		if now.exact[r.key()] == nil {
			return r
		}
	}
	return nil
}

// replaced finds the row of a host that another one, at another port, takes the place of: nobody serves it now.
func (c covering) replaced(row *Row, now covering) *Row {
	for _, r := range c.hosts[row.Host] {
		if r.Controller == row.Controller && r.Proxy == row.Proxy && r.Path == row.Path && now.exact[r.key()] == nil {
			return r
		}
	}
	return nil
}

// nearest finds the row that stands for the requests of another one among others: of the same proxy if there is one.
func (c covering) nearest(row *Row) *Row {
	if row.Service != "" {
		return nil
	}
	var best *Row
	for _, host := range above(row.Host) {
		for _, r := range c.hosts[host] {
			if r.Port == row.Port && r.covers(row) && (best == nil || r.nearer(best, row)) {
				best = r
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// covers reports whether a row of the same host, or one above it, stands for what another one does.
func (r *Row) covers(other *Row) bool {
	switch {
	case r.Path == "" || r.Path == other.Path && r.Match != "Exact":
		return true
	case r.Match == "Exact" || r.Match == "RegularExpression" || other.Match == "RegularExpression":
		return r.Path == other.Path && r.Match == other.Match
	default:
		return strings.HasPrefix(other.Path, strings.TrimSuffix(r.Path, "/")+"/")
	}
}

// nearer prefers the own proxy, then the longer path.
func (r *Row) nearer(than, row *Row) bool {
	own := func(x *Row) bool { return x.Controller == row.Controller && x.Proxy == row.Proxy }
	if own(r) != own(than) {
		return own(r)
	}
	return len(r.Path) > len(than.Path)
}

// above lists a host and the wildcards that take its requests where it has no row, the nearest first.
func above(host string) []string {
	list := []string{host}
	rest := strings.TrimPrefix(host, "*.")
	for {
		_, parent, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		list, rest = append(list, "*."+parent), parent
	}
	if host != "" {
		list = append(list, "")
	}
	return list
}

// order lists the answers of an aspect, the worst first; nil where none is better than another.
func order(a Aspect) [][]string {
	switch a {
	case Transport:
		return [][]string{{Plain}, {Redirect}, {TLS, Passthrough}}
	case Clients:
		return [][]string{{Off}, {Unverified}, {Optional}, {Required}}
	case Upstream:
		return [][]string{{Plain}, {TLS, Passthrough}}
	case Verification:
		return [][]string{{Off}, {Chain}, {Name}}
	default:
		return nil
	}
}

// rank is how good an answer is; false where its aspect has no order, or the order does not know it.
func rank(a Aspect, is string) (int, bool) {
	i := slices.IndexFunc(order(a), func(answers []string) bool { return slices.Contains(answers, is) })
	return i, i >= 0
}

// worst reports whether no answer of an aspect is worse.
func worst(a Aspect, is string) bool {
	n, ordered := rank(a, is)
	return ordered && n == 0
}

// compare says what becomes of one answer.
func compare(a Aspect, before, after *Row) Verdict {
	was, is := *before.Value(a), *after.Value(a)
	switch {
	case a == UpstreamName && was.Is != "" && was.Is == is.Is && (len(was.Conditions) == 0 || len(is.Conditions) == 0):
		return same // whether it is verified at all is for Verification to tell
	case was.Is == is.Is && was.Unknown == is.Unknown:
		v, _ := conditional(was, is)
		if v != Weaker && was.whole != is.whole {
			return Unclear // which certificates are trusted is in sight on one of the sides only
		}
		return v
	case was.Unknown != "" && worst(a, is.Is) && before.Unknown() == "":
		return Weaker // than whatever it was, or as bad
	case was.Unknown != "" && is.Asked() || is.Unknown != "" && was.Asked():
		return Unclear
	case !was.Asked() || !is.Asked():
		return unasked(a, before, after)
	case a == Protocols:
		return protocols(was.Is, is.Is)
	case a == ClientDepth || a == UpstreamDepth:
		if before.Controller != after.Controller {
			return Different // another proxy has a bound of its own, which seldom can be set; the CA is the same
		}
		return depths(was.Is, is.Is)
	case a == ClientCA || a == UpstreamCA:
		return trust(was, is)
	case a == UpstreamName && len(was.Conditions) > 0 && len(is.Conditions) > 0:
		if v, changed := conditional(was, is); changed {
			return v
		}
		return Different
	case a == Answer:
		return refusals(was.Is, is.Is, after)
	case a == Transport && was.Is == Closed && is.Is == Plain:
		return Weaker
	}
	old, ordered := rank(a, was.Is)
	now, alsoOrdered := rank(a, is.Is)
	switch {
	case !ordered || !alsoOrdered || old == now:
		return Different
	case now < old:
		return Weaker
	}
	if v, also := conditional(was, is); also && v != Stronger {
		return Different
	}
	return Stronger
}

// unasked compares where a question does not arise on one of the sides. Most follow from another answer, which is compared itself: no
// name is verified where nothing is. But whoever asks clients no more because the backend may do it is not known to ask them still.
func unasked(a Aspect, before, after *Row) Verdict {
	was := *before.Value(a)
	switch {
	case !was.Asked() || was.Is == Off:
		return same
	case a == Clients && after.Value(Transport).Is == Passthrough, a == Verification && after.Value(Upstream).Is == Passthrough:
		return Unclear
	default:
		return same
	}
}

// protocols compares lists of versions: the oldest is what an attacker asks for.
func protocols(was, is string) Verdict {
	old, now := strings.Fields(was), strings.Fields(is)
	if len(old) == 0 || len(now) == 0 {
		return Different
	}
	switch oldest := cmp.Compare(slices.Min(now), slices.Min(old)); {
	case oldest < 0:
		return Weaker
	case oldest > 0:
		return Stronger
	default:
		return Different
	}
}

// depths compares how long chains may be: whoever takes longer ones takes certificates that were not taken before.
func depths(was, is string) Verdict {
	old, err := strconv.Atoi(was)
	now, alsoErr := strconv.Atoi(is)
	switch {
	case err != nil || alsoErr != nil || old == now:
		return Different
	case now > old:
		return Weaker
	default:
		return Stronger
	}
}

// trust compares what certificates must lead to, where it is called otherwise: who trusts all that was trusted, and more, is weaker. The
// system's roots are more than any CA that was named.
func trust(was, is Value) Verdict {
	old, now := strings.Split(was.Is, ", "), strings.Split(is.Is, ", ")
	system := slices.Contains(old, systemRoots)
	switch {
	case was.apart || is.apart || was.Is == None || is.Is == None:
		return Different
	case system != slices.Contains(now, systemRoots):
		if system {
			return Stronger
		}
		return Weaker
	case contains(now, old):
		return Weaker
	case contains(old, now):
		return Stronger
	case !was.whole || !is.whole:
		return Different
	}
	if v, changed := conditional(was, is); changed {
		return v
	}
	return Different
}

// contains reports whether a list has all entries of another one.
func contains(list, others []string) bool {
	return !slices.ContainsFunc(others, func(other string) bool { return !slices.Contains(list, other) })
}

// refusals compares what clients get. Who refuses everybody is not weaker for serving those who show a certificate.
func refusals(was, is string, after *Row) Verdict {
	if was != Served && is == Served && after.Value(Clients).Is != Required {
		return Weaker
	}
	return Different
}
