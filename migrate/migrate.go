// Package migrate writes the objects of Gateway API that do what Ingresses of ingress-nginx do, as far as TLS goes. What these do is not
// read off their annotations: it comes from the rows of package effective, and what is written is held against them by whoever calls, so
// that no host is written that is weaker than it was.
//
// It fails closed: a host of which one answer is unknown, or cannot be said to the controller that is to serve it, is left out as a whole,
// and so is a wildcard that would take its requests. It refuses to know files, reports and rules.
package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
)

// Source is the controller whose Ingresses are read.
const Source = "ingress-nginx"

// Options say what is to be written.
type Options struct {
	// Class is the name of the GatewayClass, and Controller one of Controllers, which acts on it.
	Class, Controller string
	// Namespace is where all Gateways go; "" for that of the Ingresses of their hosts.
	Namespace string
	// Wants says which hosts are to be written; nil: all. The others stay where they are, and are not told of.
	Wants func(host string) bool
}

// Kind is what becomes of a part of the source. The zero value is the gravest.
type Kind int

// LeftOut: a host is not written. Dropped: it is written, without a setting that has no counterpart. Changed: another answer, and not a
// weaker one. Step: what remains to be done by hand.
const (
	LeftOut Kind = iota
	Dropped
	Changed
	Step
)

// Remark is something that does not survive as it was.
type Remark struct {
	Kind Kind
	// Host is the one concerned, as of a row; All: it is about all hosts, and Host says nothing.
	Host string
	All  bool
	// Source is the field that says what is lost; its object is empty where no field does.
	Source effective.Source
	Why    string
}

// Document is an object to be applied, with what there is to know about it.
type Document struct {
	Object  kube.Object
	Comment []string
}

// Result is what is to be applied in place of the Ingresses, and what is lost.
type Result struct {
	Documents []Document
	// Remarks come in order of kind, host and field.
	Remarks []Remark
	// Written and LeftOut are hosts, in order.
	Written, LeftOut []string
	// Difference is between the rows of the source and those of what is written, hosts that are left out aside.
	Difference effective.Difference
}

// Weaker reports whether something that is written is weaker than it was: it never is, unless Prove was of no use.
func (r *Result) Weaker() bool { return r.Difference.Count(effective.Weaker) > 0 }

// Survived reports whether everything is written.
func (r *Result) Survived() bool {
	return !slices.ContainsFunc(r.Remarks, func(r Remark) bool { return r.Kind == LeftOut || r.Kind == Dropped })
}

// Prove answers what is in force once documents are applied beside what the tree holds.
type Prove func([]Document) ([]effective.Row, error)

// Migrate writes what the rows of a tree say of Ingresses, and holds it against them: a host of which any answer becomes weaker, or one
// that protects something unknown, is left out, and the rest proved once more.
func Migrate(tree *effective.Tree, rows []effective.Row, o Options, prove Prove) (*Result, error) {
	target := targets()[o.Controller]
	if target == nil {
		return nil, fmt.Errorf("controller %s: want one of %s", o.Controller, strings.Join(Controllers(), ", "))
	}
	before := slices.DeleteFunc(slices.Clone(rows), func(r effective.Row) bool { return r.Controller != Source })
	refused := map[string]Remark{}
	for {
		p := newPlan(tree, before, o, target, refused)
		result := p.write()
		after, err := prove(result.Documents)
		if err != nil {
			return nil, err
		}
		others := p.disturbed(rows, after)
		after = p.served(after)
		d := effective.Compare(before, after, nil)
		found := p.unproved(&d, after)
		for host, remark := range others {
			found[host] = remark
		}
		if len(found) == 0 {
			d.Changes = slices.DeleteFunc(d.Changes, func(c effective.Change) bool {
				return c.Verdict == effective.Vanished && !slices.Contains(result.Written, c.At.Host)
			})
			result.Difference = d
			return result, nil
		}
		for host, remark := range found { // each round leaves out a host more, so that it ends
			refused[host] = remark
		}
	}
}

// disturbed are the hosts of which something written changes what holds for others, which are served otherwise already: a BackendTLSPolicy
// is for all that call a Service.
func (p *plan) disturbed(before, after []effective.Row) map[string]Remark {
	rest := func(rows []effective.Row) []effective.Row {
		return slices.DeleteFunc(slices.Clone(rows), func(r effective.Row) bool {
			return r.Controller == Source || r.Controller == p.target.name && p.gateways[r.Proxy]
		})
	}
	d := effective.Compare(rest(before), rest(after), nil)
	found := map[string]Remark{}
	for i := range d.Changes {
		c := &d.Changes[i]
		for _, s := range p.sites {
			if s.refused() || c.Before != nil && c.After != nil && !s.shares(c) {
				continue
			}
			found[s.host] = Remark{
				Kind: LeftOut, Host: s.host, Source: s.first(),
				Why: "what would be written changes what holds for " + titleOf(c.At.Host) + " already: " + c.Aspect.String() + " " + said(c.Was()) + " -> " + said(c.Is()),
			}
		}
	}
	return found
}

// shares reports whether a host calls a Service of a row that changes, or the row names none.
func (s *site) shares(c *effective.Change) bool {
	backends := c.Before.Value(effective.Backend).Is + ", " + c.After.Value(effective.Backend).Is
	if backends == ", " {
		return true
	}
	for _, leads := range s.leads {
		for _, l := range leads {
			if strings.Contains(backends, kube.ID{Kind: "Service", Namespace: l.to.namespace, Name: l.to.name}.String()+":") {
				return true
			}
		}
	}
	return false
}

// served are the rows of what is written.
func (p *plan) served(after []effective.Row) []effective.Row {
	return slices.DeleteFunc(slices.Clone(after), func(r effective.Row) bool {
		return r.Controller != p.target.name || !p.gateways[r.Proxy]
	})
}

// protects are the aspects of which a host's proof is not to be unknown.
func protects(a effective.Aspect) bool {
	switch a {
	case effective.Transport, effective.Answer, effective.Clients, effective.ClientCA, effective.Upstream, effective.Verification, effective.UpstreamCA:
		return true
	default:
		return false
	}
}

// unproved are the hosts that are written and must not be.
func (p *plan) unproved(d *effective.Difference, after []effective.Row) map[string]Remark {
	found := p.unread(after)
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.After == nil {
			continue
		}
		site := p.bySite[c.After.Host]
		if site == nil || site.refused() || found[site.host].Why != "" {
			continue
		}
		was, is := c.Was(), c.Is()
		remark := Remark{Kind: LeftOut, Host: site.host}
		switch {
		case c.Verdict == effective.Weaker:
			remark.Why = "it would be weaker: "
		case c.Verdict == effective.Unclear && protects(c.Aspect):
			remark.Why = "nobody knows whether it would be weaker: "
		case c.Aspect == effective.Transport && is.Is == effective.Closed, c.Aspect == effective.Answer && was.Is == effective.Served && !site.missing:
			remark.Why = "it would not be served any more: "
			if len(is.By) > 0 && is.By[0].Because != "" {
				remark.Why += is.By[0].Because + "; "
			}
		case c.Verdict == effective.Stronger && protects(c.Aspect) && was.Is != is.Is:
			// Something in sight says so, which is not ours: a policy for the Service, or for all of a kind.
			remark.Why = "it would be another: "
		default:
			continue
		}
		remark.Why += c.Aspect.String() + " of " + titleOf(c.At.Host) + ": " + said(was) + " -> " + said(is)
		if len(was.By) > 0 {
			remark.Source = was.By[0]
		}
		found[site.host] = remark
	}
	return found
}

// unread are the hosts that are written, and of which nothing is known to be served: nothing is compared for them, and nothing proved.
func (p *plan) unread(after []effective.Row) map[string]Remark {
	type address struct {
		host string
		port int
	}
	served := map[address]bool{}
	for i := range after {
		served[address{after[i].Host, after[i].Port}] = true
	}
	found := map[string]Remark{}
	for _, s := range p.sites {
		if s.refused() {
			continue
		}
		lacks := len(s.plain) > 0 && !served[address{s.host, plainPort}] ||
			(len(s.secure) > 0 || s.passed != nil) && !served[address{s.host, securePort}]
		if lacks {
			found[s.host] = Remark{Kind: LeftOut, Host: s.host, Source: s.first(), Why: "what would be written is not known to be served by " + p.target.title + ", so that nothing is proved"}
		}
	}
	return found
}

func said(v effective.Value) string {
	switch {
	case v.Unknown != "":
		return "unknown (" + v.Unknown + ")"
	case v.Is == "":
		return effective.None
	default:
		return v.Is
	}
}

// titleOf names a host to people.
func titleOf(host string) string { return cmp.Or(host, "all hosts without an Ingress of their own") }

// sortRemarks puts them in order, each once.
func sortRemarks(list []Remark) []Remark {
	slices.SortStableFunc(list, func(a, b Remark) int {
		return cmp.Or(
			cmp.Compare(a.Kind, b.Kind), compareBool(a.All, b.All), cmp.Compare(a.Host, b.Host), a.Source.Object.Compare(b.Source.Object),
			cmp.Compare(a.Source.Path.String(), b.Source.Path.String()), cmp.Compare(a.Why, b.Why),
		)
	})
	return slices.CompactFunc(list, func(a, b Remark) bool {
		return a.Kind == b.Kind && a.Host == b.Host && a.All == b.All && a.Why == b.Why && a.Source.Object == b.Source.Object && a.Source.Path.Equal(b.Source.Path)
	})
}

// compareBool has what is not come before what is.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
