// Package effective answers what TLS is in force: for each host, port and path that a proxy serves, who is asked for a client
// certificate and against which CA, which certificate is shown, and how the backend is called; and for each of these answers
// which fields of which objects decided it. A finding says what is wrong, a row what is true.
//
// It composes what facts know of single objects into what a proxy makes of all of them together: merging, inheritance and what
// is silently dropped. There is a model for each controller, in a file of its own, with its sources.
package effective

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/parallel"
)

// Aspect is one of the questions that a row answers.
type Aspect int

// The aspects, in the order of reports. Answers are among the constants below, or names of objects, or numbers.
const (
	// Transport: Passthrough, TLS, Redirect, Plain, Closed.
	Transport Aspect = iota
	// Answer: what a client gets who comes as far as that: Served, or the status of a refusal, such as 403.
	Answer
	// Clients: Required, Optional, Unverified, Off.
	Clients
	// ClientCA: what a client's certificate must lead to.
	ClientCA
	// ClientDepth: how many intermediates there may be between a client's certificate and its trust anchor.
	ClientDepth
	// ServerCertificate: what clients are shown.
	ServerCertificate
	// Protocols: the versions of TLS that clients may speak, such as "TLSv1.2 TLSv1.3".
	Protocols
	// Backend: whom requests go to.
	Backend
	// Upstream: how the backend is called: TLS or Plain; Passthrough where the client itself speaks to it.
	Upstream
	// Verification: what is checked of the backend's certificate: Name, Chain, Off.
	Verification
	// UpstreamCA: what the backend's certificate must lead to.
	UpstreamCA
	// UpstreamName: the name that is asked for (SNI) and, with Name, verified.
	UpstreamName
	// UpstreamDepth is ClientDepth for the backend's certificate.
	UpstreamDepth
	// UpstreamCertificate: the client certificate that the proxy shows to the backend.
	UpstreamCertificate

	aspects
)

// String names an aspect to people.
func (a Aspect) String() string {
	return [...]string{
		"transport", "answer", "client certificate", "client CA", "client depth", "server certificate", "protocols", "backend",
		"upstream", "upstream verification", "upstream CA", "upstream name", "upstream depth", "upstream certificate",
	}[a]
}

// Aspects lists all aspects, in the order of reports.
func Aspects() []Aspect {
	list := make([]Aspect, aspects)
	for i := range list {
		list[i] = Aspect(i)
	}
	return list
}

// What an aspect may be. Of Clients, Unverified asks for a certificate and takes any. Of Verification, Chain does not look at
// the name. None is the answer of an aspect that names something where there is nothing, and where the question does not arise
// the zero Value stands.
const (
	Passthrough = "passthrough"
	TLS         = "TLS"
	Redirect    = "redirect"
	Plain       = "plain"

	Served = "served"

	Required   = "required"
	Optional   = "optional"
	Unverified = "unverified"
	Off        = "off"

	Name  = "chain and name"
	Chain = "chain"

	None = "none"
)

// Value is the answer to one question.
type Value struct {
	// Is is the answer. It is empty where the question does not arise, and where the answer is unknown.
	Is string
	// Unknown says what would settle it, where it is not known: "Secret shop/ca is not in this tree".
	Unknown string
	// Assumed says what the answer rests on beside what is in sight: "ingress-nginx's ConfigMap is not in this tree; by default
	// it redirects".
	Assumed string
	// By are the fields that decided it, the decisive one first. Empty where a default of the controller did.
	By []Source
	// Conditions are what the answer leaves out, for comparing it.
	Conditions []Condition

	// whole: the Conditions of a CA are all of its certificates. apart: what Is lists holds for some of the requests each.
	whole, apart bool
}

// Answered is a value that is known, with what decided it, the decisive field first.
func Answered(is string, by ...Source) Value { return Value{Is: is, By: by} }

// Unsettled is a value that is not known; what would settle it comes first, then what leads there.
func Unsettled(what string, by ...Source) Value { return Value{Unknown: what, By: by} }

// Assuming returns a value that rests on something out of sight. What it rests on already stays.
func (v Value) Assuming(what string) Value {
	switch {
	case what == "" || v.Assumed == what:
	case v.Assumed == "":
		v.Assumed = what
	default:
		v.Assumed += "; " + what
	}
	return v
}

// Asked reports whether the question arises at all.
func (v Value) Asked() bool { return v.Is != "" || v.Unknown != "" }

// equal reports whether two answers are the same in everything.
func (v *Value) equal(other *Value) bool {
	return v.Is == other.Is && v.Unknown == other.Unknown && v.Assumed == other.Assumed && v.whole == other.whole && v.apart == other.apart &&
		slices.EqualFunc(v.By, other.By, Source.equal) && len(v.Conditions)+len(other.Conditions) == 0
}

// Source is a field of an object.
type Source struct {
	Object kube.ID
	Path   kube.Path
	// Because says what the field does, where that cannot be read off it: "the Secret has no ca.crt, so that nothing is asked".
	Because string
	// At is where it stands in a file; the zero Position for what is in a cluster. Whoever reads files fills it in.
	At kube.Position
}

func (s Source) equal(other Source) bool {
	return s.Object == other.Object && s.Because == other.Because && s.At == other.At && s.Path.Equal(other.Path)
}

// Row is what a proxy does with the requests for one host, port and path.
type Row struct {
	// Controller is the name of a controller of provider.yaml, and Proxy tells its installations apart: an IngressClass, a
	// Gateway.
	Controller, Proxy string
	// Host is "" for requests for any host that has no row of its own, and "*.shop.test" for a wildcard.
	Host string
	Port int
	// Path is "" where the row stands for the connection as a whole, before any path is known. Match says how it is compared, in
	// the terms of its kind: Prefix, Exact, RegularExpression, ImplementationSpecific.
	Path, Match string
	// Service is set, and Host, Port and Path are not, where a policy holds for a Service whoever leads to it.
	Service string
	// values are nil where the question does not arise. Rows share what they have in common: of a host with many paths that is nearly all.
	values [aspects]*Value
}

// notAsked is the answer where the question does not arise.
var notAsked Value

// Value is the answer to one question, the zero Value where it does not arise. Other rows may have it too: whoever changes it calls Set.
func (r *Row) Value(a Aspect) *Value {
	if v := r.values[a]; v != nil {
		return v
	}
	return &notAsked
}

// Answers goes through the questions that arise.
func (r *Row) Answers() iter.Seq2[Aspect, *Value] {
	return func(yield func(Aspect, *Value) bool) {
		for a, v := range r.values {
			if v != nil && !yield(Aspect(a), v) {
				return
			}
		}
	}
}

// Set gives another answer to a question.
func (r *Row) Set(a Aspect, v Value) { r.values[a] = &v }

// with returns the row with these answers, those that another row has as well shared with it.
func (r Row) with(values *[aspects]Value, other *Row) Row {
	for a := range values {
		switch v := &values[a]; {
		case !v.Asked():
			r.values[a] = nil
		case other != nil && other.values[a] != nil && other.values[a].equal(v):
			r.values[a] = other.values[a]
		default:
			r.Set(Aspect(a), *v)
		}
	}
	return r
}

// Unknown says why nothing at all is known of a row, where that has one reason; "" where something is.
func (r *Row) Unknown() string {
	why := r.Value(Transport).Unknown
	for _, v := range r.Answers() {
		if v.Unknown != why {
			return ""
		}
	}
	return why
}

// Object is an object with its facts.
type Object struct {
	kube.Object
	Facts facts.Facts
}

// Tree is what is applied together: what all proxies of a cluster, or of one overlay of a tree of files, are made of.
type Tree struct {
	// Objects are those that a Model reads, in order of identity.
	Objects   []Object
	Inventory inventory.Reader
	// Scope completes "is not in ...".
	Scope string
	// Workers is the number of goroutines that compose rows; 0 means one per processor. It changes no row.
	Workers int

	kinds map[string][]*Object
}

// NewTree makes a tree of objects in any order.
func NewTree(objects []Object, reader inventory.Reader, scope string) *Tree {
	t := &Tree{Objects: objects, Inventory: reader, Scope: scope, kinds: map[string][]*Object{}}
	slices.SortStableFunc(t.Objects, func(a, b Object) int { return a.ID.Compare(b.ID) })
	for i := range t.Objects {
		groupKind := t.Objects[i].ID.GroupKind()
		t.kinds[groupKind] = append(t.kinds[groupKind], &t.Objects[i])
	}
	return t
}

// each calls do for 0 to n-1 on all workers.
func (t *Tree) each(n int, do func(i int)) { parallel.Each(context.Background(), n, t.Workers, do) }

// Of lists the objects of a kind, "Kind.group", in order of identity.
func (t *Tree) Of(groupKind string) []*Object { return t.kinds[groupKind] }

// Model knows what a controller makes of a tree.
type Model struct {
	// Controllers are the names, as of provider.yaml, of those it speaks for; Kinds the kinds that it reads, as "Kind.group".
	Controllers, Kinds []string
	// Rows need not be in order.
	Rows func(*Tree) []Row
}

// Kinds lists what models read, each kind once, in order.
func Kinds(models []Model) []string {
	var kinds []string
	for _, m := range models {
		kinds = append(kinds, m.Kinds...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Rows answers for a tree, in order of controller, proxy, host, port, path, Service.
func Rows(t *Tree, models []Model) []Row {
	var rows []Row
	for _, m := range models {
		if more := m.Rows(t); len(rows) == 0 {
			rows = more
		} else {
			rows = append(rows, more...)
		}
	}
	rows = ordered(rows)
	conditions(t, rows)
	return rows
}

// ordered sorts rows. They are large, so that each is moved once at most.
func ordered(rows []Row) []Row {
	compare := func(a, b *Row) int { return a.compare(b) }
	list := make([]*Row, len(rows))
	for i := range rows {
		list[i] = &rows[i]
	}
	if slices.IsSortedFunc(list, compare) {
		return rows
	}
	slices.SortStableFunc(list, compare)
	sorted := make([]Row, len(rows))
	for i, r := range list {
		sorted[i] = *r
	}
	return sorted
}

func (r *Row) compare(other *Row) int {
	return cmp.Or(
		cmp.Compare(r.Controller, other.Controller), cmp.Compare(r.Proxy, other.Proxy), cmp.Compare(r.Host, other.Host),
		cmp.Compare(r.Port, other.Port), cmp.Compare(r.Path, other.Path), cmp.Compare(r.Match, other.Match), cmp.Compare(r.Service, other.Service),
	)
}
