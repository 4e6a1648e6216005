package report

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
)

// Effective is what TLS is in force.
type Effective struct {
	Trees  []EffectiveTree
	Errors []Problem
	// Sources has the text name every field that decided an answer.
	Sources bool
	// Workers is the number of goroutines; 0 means one per processor. It changes no output.
	Workers int
}

// EffectiveTree are the rows of what is applied together.
type EffectiveTree struct {
	// Environment and Root are "" where there is one only.
	Environment, Root string
	Rows              []effective.Row
}

// EffectiveDiff is what becomes of the answers of one side on another.
type EffectiveDiff struct {
	// Base and Head are how whoever asked named the sides.
	Base, Head string
	Trees      []EffectiveDiffTree
	Errors     []Problem
}

// EffectiveDiffTree is EffectiveTree for a difference.
type EffectiveDiffTree struct {
	Environment, Root string
	effective.Difference
	// Same, if set, reports whether a field is the same on both sides, so that it is not why anything changes.
	Same func(effective.Source) bool
}

// EffectiveFormat is one way to write what is in force, or what becomes of it.
type EffectiveFormat struct {
	Name, Help string
	Write      func(io.Writer, Effective, Style) error
	WriteDiff  func(io.Writer, EffectiveDiff, Style) error
}

// EffectiveFormats returns every format, the default one first.
func EffectiveFormats() []EffectiveFormat {
	return []EffectiveFormat{
		{"text", "for people: by host, with what is unknown and what would settle it", writeEffectiveText, writeEffectiveDiffText},
		{"json", "for programs: everything, as docs/schemas/effective.json describes it", writeEffectiveJSON, writeEffectiveDiffJSON},
		{"markdown", "for the summary of a job or a comment: bounded in length", writeEffectiveMarkdown, writeEffectiveDiffMarkdown},
	}
}

// Changed counts the changes of all trees by verdict, and the hosts without one.
func (d *EffectiveDiff) Changed() (counts map[effective.Verdict]int, unchanged int) {
	counts = map[effective.Verdict]int{}
	for i := range d.Trees {
		for _, c := range d.Trees[i].Changes {
			counts[c.Verdict]++
		}
		unchanged += d.Trees[i].Unchanged
	}
	return counts, unchanged
}

// treeTitle names a tree among several.
func treeTitle(environment, root string) string {
	switch {
	case environment != "" && root != "":
		return "environment " + environment + ", " + root
	case environment != "":
		return "environment " + environment
	default:
		return root
	}
}

// server names who answers: the controller, and which of its proxies.
func server(r *effective.Row) string {
	switch {
	case r.Controller == "" && r.Proxy != "":
		return "unknown controller, " + r.Proxy
	case r.Proxy == "" || r.Proxy == r.Controller:
		return r.Controller
	default:
		return r.Controller + ", " + r.Proxy
	}
}

func sameServer(a, b *effective.Row) bool {
	return a.Controller == b.Controller && a.Proxy == b.Proxy || server(a) == server(b)
}

// address is host and port of a row.
func address(r *effective.Row) string {
	if r.Service != "" {
		return "Service " + r.Service
	}
	host := r.Host
	if host == "" {
		host = anyHost
	}
	return fmt.Sprintf("%s:%d", host, r.Port)
}

const anyHost = "(any other host)"

// pathText is the path of a row, with how it is compared where that is not the usual way.
func pathText(r *effective.Row) string {
	switch r.Match {
	case "Exact":
		return "= " + r.Path
	case "RegularExpression":
		return "~ " + r.Path
	default:
		return r.Path
	}
}

// answer is what is said of a question of a row: one or several values in a sentence, and what decided it.
type answer struct {
	question string
	parts    []answerPart
	values   []*effective.Value
}

// answerPart is a piece of a sentence; one of a value that is unknown or assumed is marked.
type answerPart struct {
	text string
	ink  ink
	note note
}

// note is what a mark leads to: what would settle an answer that is unknown, or what one rests on.
type note struct {
	text    string
	unknown bool
}

// decisive is the field that decided an answer before all others; nil where a default did.
func (a *answer) decisive() *effective.Source {
	for _, v := range a.values {
		if len(v.By) > 0 {
			return &v.By[0]
		}
	}
	return nil
}

// sources are all fields that decided an answer, each once; or those of which it is said what they do.
func (a *answer) sources(all bool) (list []*effective.Source) {
	for _, v := range a.values {
		for i := range v.By {
			s := &v.By[i]
			if (all || s.Because != "") && !slices.ContainsFunc(list, func(other *effective.Source) bool {
				return other.Object == s.Object && other.Because == s.Because && other.Path.Equal(s.Path)
			}) {
				list = append(list, s)
			}
		}
	}
	return list
}

func (a *answer) text() string {
	var b strings.Builder
	for _, p := range a.parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// columns is how wide an answer is, without marks.
func (a *answer) columns() (n int) {
	for i := range a.parts {
		n += Columns(a.parts[i].text)
	}
	return n
}

func (a *answer) add(v *effective.Value, before string, in ink) {
	if !v.Asked() {
		return
	}
	p := answerPart{text: before + v.Is, ink: in}
	if v.Unknown != "" {
		p.text, p.note, p.ink = before+"unknown", note{v.Unknown, true}, cyan
	} else if v.Assumed != "" {
		p.note.text = v.Assumed
	}
	a.parts, a.values = append(a.parts, p), append(a.values, v)
}

// inkOf colours what is good or bad by itself. That clients show no certificate is neither.
func inkOf(a effective.Aspect, is string) ink {
	switch {
	case a == effective.Transport && is == effective.Plain, a == effective.Verification && is == effective.Off:
		return red
	case a == effective.Transport && is == effective.Closed, a == effective.Clients && (is == effective.Unverified || is == effective.Optional), a == effective.Verification && is == effective.Chain,
		a == effective.Upstream && is == effective.Plain:
		return yellow
	case a == effective.Clients && is == effective.Required, a == effective.Verification && is == effective.Name,
		a == effective.Transport && (is == effective.TLS || is == effective.Redirect), a == effective.Upstream && is == effective.TLS:
		return green
	default:
		return plain
	}
}

// transport is what is said of the connection; nothing of a Service, to which many lead.
func transport(r *effective.Row) answer {
	a := answer{question: "transport"}
	if r.Service != "" {
		return a
	}
	v := r.Value(effective.Transport)
	a.add(v, "", inkOf(effective.Transport, v.Is))
	return a
}

// sentences are the questions of a row, each with what qualifies its answer.
var sentences = []struct {
	question string
	main     effective.Aspect
	details  []detailOf
}{
	{"client certificate", effective.Clients, []detailOf{{effective.ClientCA, ", by "}, {effective.ClientDepth, ", depth "}}},
	{"server certificate", effective.ServerCertificate, nil},
	{"protocols", effective.Protocols, nil},
	{"answer", effective.Answer, nil},
	{"backend", effective.Backend, []detailOf{{effective.Upstream, ", "}}},
	{"upstream", effective.Upstream, nil},
	{
		"backend's certificate", effective.Verification,
		[]detailOf{{effective.UpstreamCA, ", by "}, {effective.UpstreamDepth, ", depth "}, {effective.UpstreamName, ", name "}},
	},
	{"shown to the backend", effective.UpstreamCertificate, nil},
}

type detailOf struct {
	aspect effective.Aspect
	before string
}

// told reports whether an answer is told by itself: not that somebody is served, nor how a backend is called that is named, nor that nothing
// is shown to it.
func told(r *effective.Row, a effective.Aspect) bool {
	v := r.Value(a)
	switch {
	case !v.Asked():
		return false
	case a == effective.Answer:
		return v.Is != effective.Served
	case a == effective.Upstream:
		return !r.Value(effective.Backend).Asked()
	default:
		return a != effective.UpstreamCertificate || v.Is != effective.None
	}
}

// questions goes through the aspects of a row as sentences. Of a row of which nothing is known, the transport says so for all. What it
// hands out is good until the next one.
func questions(r *effective.Row) iter.Seq[*answer] {
	return func(yield func(*answer) bool) {
		if r.Unknown() != "" {
			return
		}
		const most = 4 // an answer and its details
		a := answer{parts: make([]answerPart, 0, most), values: make([]*effective.Value, 0, most)}
		for i := range sentences {
			s := &sentences[i]
			if !told(r, s.main) {
				continue
			}
			v := r.Value(s.main)
			a.question, a.parts, a.values = s.question, a.parts[:0], a.values[:0]
			a.add(v, "", inkOf(s.main, v.Is))
			for _, d := range s.details {
				detail := r.Value(d.aspect)
				if detail.Is == effective.None || detail.Unknown != "" && detail.Unknown == v.Unknown {
					continue // there is nothing to tell, or it was told
				}
				a.add(detail, d.before, inkOf(d.aspect, detail.Is))
			}
			if !yield(&a) {
				return
			}
		}
	}
}

// fold joins rows of one host, port and proxy that differ in their path only; in order.
type fold struct {
	rows []*effective.Row
}

// folds groups rows, which come in order.
func folds(rows []*effective.Row) (list []fold) {
	if len(rows) == 1 {
		return []fold{{rows}}
	}
	known, seed := map[uint64][]int{}, maphash.MakeSeed()
	for _, r := range rows {
		sum := foldSum(r, seed)
		i := slices.IndexFunc(known[sum], func(i int) bool { return alike(list[i].rows[0], r) })
		if i >= 0 {
			of := &list[known[sum][i]]
			of.rows = append(of.rows, r)
			continue
		}
		known[sum] = append(known[sum], len(list))
		list = append(list, fold{[]*effective.Row{r}})
	}
	return list
}

// alike reports whether rows are told together: for one reason nothing is known of either, or they give the same answers, which objects of
// the same name decide.
func alike(a, b *effective.Row) bool {
	if why := a.Unknown(); why != "" || b.Unknown() != "" {
		return why == b.Unknown()
	}
	for _, aspect := range effective.Aspects() {
		v, w := a.Value(aspect), b.Value(aspect)
		if v == w {
			continue
		}
		if v.Is != w.Is || v.Unknown != w.Unknown || v.Assumed != w.Assumed || len(v.By) > 0 != (len(w.By) > 0) || len(v.By) > 0 && v.By[0].Object != w.By[0].Object {
			return false
		}
	}
	return true
}

// foldSum is the same for rows that are alike.
func foldSum(r *effective.Row, seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	if why := r.Unknown(); why != "" {
		h.WriteString(why)
		return h.Sum64()
	}
	for _, v := range r.Answers() {
		h.WriteString(v.Is)
		h.WriteString(v.Unknown)
		h.WriteString(v.Assumed)
		if len(v.By) > 0 {
			h.WriteString(v.By[0].Object.Name)
		}
	}
	return h.Sum64()
}

// maxPaths bounds the paths that are named where many have the same answers.
const maxPaths = 3

func (f fold) paths() string {
	names := make([]string, len(f.rows))
	for i, r := range f.rows {
		names[i] = pathText(r)
	}
	// Rules for one path may differ in headers.
	return some(slices.Compact(names), maxPaths, "path")
}

// some names the first of a list, and counts the others.
func some(names []string, most int, noun string) string {
	if more := len(names) - most; more > 1 { // "and 1 more" would take the room of a name
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more %ss", more, noun)
	}
	return strings.Join(names, ", ")
}

// site is everything that is said of one host, or of one Service.
type site struct {
	name, server string
	ports        []sitePort
}

type sitePort struct {
	port  int
	folds []fold
}

// sites groups the rows of a tree by host, then by proxy and port; Services come last.
func sites(rows []effective.Row) (list []site) {
	ordered := make([]*effective.Row, len(rows))
	for i := range rows {
		ordered[i] = &rows[i]
	}
	slices.SortStableFunc(ordered, func(a, b *effective.Row) int {
		if order := cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(hostOrder(a.Host), hostOrder(b.Host))); order != 0 {
			return order
		}
		if !sameServer(a, b) {
			return cmp.Compare(server(a), server(b))
		}
		return cmp.Or(cmp.Compare(b.Port, a.Port), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Match, b.Match))
	})
	for start := 0; start < len(ordered); {
		first := ordered[start]
		end := start
		for end < len(ordered) && ordered[end].Host == first.Host && ordered[end].Service == first.Service && sameServer(ordered[end], first) {
			end++
		}
		s := site{name: cmp.Or(first.Host, anyHost), server: server(first)}
		if first.Service != "" {
			s.name = "Service " + first.Service
		}
		for from := start; from < end; {
			to := from
			for to < end && ordered[to].Port == ordered[from].Port {
				to++
			}
			s.ports = append(s.ports, sitePort{ordered[from].Port, folds(ordered[from:to])})
			from = to
		}
		list = append(list, s)
		start = end
	}
	return list
}

// joinLost puts hosts of one proxy of which nothing is known, for one reason, into one site at the end.
func joinLost(list []site) []site {
	type key struct{ server, why string }
	joined := map[key][]*site{}
	var order []key
	var kept []site
	for i := range list {
		s := &list[i]
		why := s.ports[0].folds[0].rows[0].Unknown()
		alike := why != "" && !slices.ContainsFunc(s.ports, func(p sitePort) bool {
			return len(p.folds) > 1 || p.folds[0].rows[0].Unknown() != why
		})
		if !alike {
			kept = append(kept, *s)
			continue
		}
		k := key{s.server, why}
		if joined[k] == nil {
			order = append(order, k)
		}
		joined[k] = append(joined[k], s)
	}
	for _, k := range order {
		of := joined[k]
		s := *of[0]
		if len(of) > 1 {
			names := make([]string, len(of))
			for i := range of {
				names[i] = of[i].name
			}
			s.name = some(names, maxNames, "host")
			s.ports = []sitePort{{0, s.ports[0].folds}}
		}
		kept = append(kept, s)
	}
	return kept
}

// hostOrder puts wildcards after the hosts below them, and what stands for all others last.
func hostOrder(host string) string {
	if host == "" {
		return "\xff"
	}
	return host
}

// sourceText names a field: "Ingress shop/web, metadata.annotations[...]".
func sourceText(s effective.Source) string { return about(s.Object, s.Path) }

// where is the place of a field, or its object where it stands in no file.
func where(s *effective.Source) string {
	switch {
	case s == nil:
		return ""
	case s.At != (kube.Position{}):
		return place(kube.Position{File: s.At.File, Line: s.At.Line})
	default:
		return s.Object.String()
	}
}
