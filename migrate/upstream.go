package migrate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// servicePort is a port of a Service.
type servicePort struct {
	namespace, name string
	port            int
}

func (sp servicePort) String() string {
	return fmt.Sprintf("%s:%d", kube.ID{Kind: "Service", Namespace: sp.namespace, Name: sp.name}, sp.port)
}

// lead is a Service with its share of the requests, in weights; 0 for all of them.
type lead struct {
	to     servicePort
	weight int
}

// call is how a Service is called: the zero value in plain text.
type call struct {
	tls      bool
	ca, name string
	// by is a field that says so.
	by effective.Source
	// authority is the CA.
	authority *effective.Reference
}

func (c call) same(other call) bool {
	return c.tls == other.tls && c.ca == other.ca && c.name == other.name
}

// upstreams judges what the rows of a host lead to, and how it is called.
func (s *site) upstreams(p *plan) {
	for _, r := range slices.Concat(s.secure, s.plain) {
		if r.Value(effective.Transport).Is != effective.Redirect {
			s.lead(p, r)
		}
	}
	if s.passed != nil {
		s.lead(p, s.passed)
		if !p.target.passthrough {
			s.leaveOut(*s.passed.Value(effective.Transport), p.target.title+" passes no TLS through")
		}
	}
	if !s.refused() {
		s.oneCertificate(p)
	}
}

// lead finds the Services of a row.
func (s *site) lead(p *plan, r *effective.Row) {
	v := *r.Value(effective.Backend)
	if len(v.By) == 0 {
		s.leaveOut(v, "path "+r.Path+" leads to no Service")
		return
	}
	main, ok := s.service(p, v.By[0])
	if !ok {
		return
	}
	c, ok := s.call(p, r)
	if !ok {
		return
	}
	leads := []lead{{to: main}}
	for _, by := range v.By[1:] {
		o := p.tree.Find(by.Object)
		if o == nil || !canary(o) {
			continue
		}
		if len(leads) > 1 {
			s.remark(LeftOut, by, "several canaries share path "+r.Path+", of which ingress-nginx takes one")
			return
		}
		weight, total := canaryWeight(o)
		to, ok := s.service(p, by)
		if !ok {
			return
		}
		if to.namespace != main.namespace {
			s.remark(LeftOut, by, "the canary is of another namespace")
			return
		}
		if weight > 0 {
			leads[0].weight = total - weight
			leads = append(leads, lead{to, weight})
		}
	}
	s.leads[r] = leads
	for _, l := range leads {
		if known, ok := s.called[l.to]; ok && !known.same(c) {
			s.remark(LeftOut, c.by, l.to.String()+" is called in several ways, and a BackendTLSPolicy holds for all that comes to it")
			return
		}
		s.called[l.to] = c
	}
}

func canary(o *effective.Object) bool {
	value, _ := o.Annotation(annotationPrefix + "canary")
	on, _ := strconv.ParseBool(value)
	return on
}

// canaryWeight reads a canary's share as ingress-nginx does (annotations/canary: what is no number counts as not set).
func canaryWeight(o *effective.Object) (weight, total int) {
	number := func(name string, standard int) int {
		value, _ := o.Annotation(annotationPrefix + name)
		if n, err := strconv.Atoi(value); err == nil && n >= 0 {
			return n
		}
		return standard
	}
	// The largest weight that a backendRef takes; shares stay as they are.
	const most = 1_000_000
	total = number("canary-weight-total", 100)
	if total == 0 || total > most {
		total = 100
	}
	return min(number("canary-weight", 0), total), total
}

// service is the Service that a field leads to, its port as a number.
func (s *site) service(p *plan, by effective.Source) (servicePort, bool) {
	b, ok := p.tree.Leads(by)
	if !ok {
		s.remark(LeftOut, by, "it leads to no port of a Service")
		return servicePort{}, false
	}
	to := servicePort{b.Namespace, b.Name, b.Port}
	id := kube.ID{Kind: "Service", Namespace: b.Namespace, Name: b.Name}
	if p.tree.Inventory.Get(inventory.Ref{To: id, From: by.Object}).Presence == inventory.Absent {
		s.missing = true
		s.remark(Step, by, id.String()+" does not exist: nobody is served by it, before or after")
	}
	if found := p.tree.Inventory.Get(inventory.Ref{To: id, From: by.Object}).Entry; found != nil {
		if kind, _ := kube.Lookup(found.Object().Fields, kube.Path{"spec", "type"}); kind == "ExternalName" {
			s.remark(LeftOut, by, id.String()+" is an ExternalName, which implementations of Gateway API need not serve, and some refuse (CVE-2021-25740)")
			return servicePort{}, false
		}
	}
	if b.PortName == "" {
		return to, true
	}
	for _, port := range p.ports(to) {
		if port.name == b.PortName {
			to.port = port.number
			return to, true
		}
	}
	s.remark(LeftOut, by, "an HTTPRoute takes ports by number, and which one "+b.PortName+" is, "+id.String()+" would say, which is not in "+p.tree.Scope)
	return to, false
}

type namedPort struct {
	name   string
	number int
}

// ports are those of a Service that is in sight.
func (p *plan) ports(of servicePort) (list []namedPort) {
	id := kube.ID{Kind: "Service", Namespace: of.namespace, Name: of.name}
	found := p.tree.Inventory.Get(inventory.Ref{To: id, From: id})
	if found.Entry == nil {
		return nil
	}
	field, _ := kube.Lookup(found.Entry.Object().Fields, kube.Path{"spec", "ports"})
	ports, _ := field.([]any)
	for _, element := range ports {
		fields, _ := element.(map[string]any)
		name, _ := fields["name"].(string)
		number, _ := fields["port"].(int64)
		list = append(list, namedPort{name, int(number)})
	}
	return list
}

// call judges how the backend of a row is called.
func (s *site) call(p *plan, r *effective.Row) (c call, ok bool) {
	upstream := *r.Value(effective.Upstream)
	c.by = decidedOr(upstream, *r.Value(effective.Backend))
	if upstream.Is != effective.TLS {
		return c, true
	}
	verification, ca, name := *r.Value(effective.Verification), *r.Value(effective.UpstreamCA), *r.Value(effective.UpstreamName)
	c.tls = true
	switch {
	case !p.target.backends:
		s.leaveOut(upstream, "the backend is called by TLS: "+p.target.backendsWhy)
		return c, false
	case verification.Is != effective.Name:
		s.leaveOut(verificationOr(verification, upstream), "the backend's certificate is not verified, and a BackendTLSPolicy always verifies it: have ingress-nginx verify it first (proxy-ssl-secret, proxy-ssl-verify, proxy-ssl-name)")
		return c, false
	case invalidHost(name.Is) != "" || strings.HasPrefix(name.Is, "*") || name.Is == "" || name.Is == effective.None:
		s.leaveOut(verificationOr(name, verification), "the backend's certificate is compared with "+name.Is+", which is no host name that a BackendTLSPolicy takes")
		return c, false
	}
	by := decided(ca)
	if o := p.tree.Find(by.Object); o != nil {
		c.authority = o.Reference("upstream-ca", by.Path)
	}
	if c.authority == nil {
		s.leaveOut(ca, "which Secret holds the backend's CA cannot be told")
		return c, false
	}
	c.ca, c.name = ca.Is, name.Is
	if depth := *r.Value(effective.UpstreamDepth); depth.Is != "" && len(depth.By) > 0 {
		s.remark(Changed, decided(depth), "the backend's chain was verified to depth "+depth.Is+", which a BackendTLSPolicy cannot say: what bounds it is the bundle")
	}
	return c, true
}

func verificationOr(v, other effective.Value) effective.Value {
	if len(v.By) > 0 {
		return v
	}
	return other
}

// oneCertificate judges what the proxy shows to backends: a Gateway has one certificate for all that it calls by TLS.
func (s *site) oneCertificate(p *plan) {
	var first *effective.Row
	for _, r := range slices.Concat(s.secure, s.plain) {
		if s.leads[r] == nil || r.Value(effective.Upstream).Is != effective.TLS {
			continue
		}
		v := *r.Value(effective.UpstreamCertificate)
		if first != nil && first.Value(effective.UpstreamCertificate).Is != v.Is {
			s.leaveOut(v, "backends of the host are shown different client certificates, and a Gateway shows one to all of them")
			return
		}
		first = r
	}
	if first == nil {
		return
	}
	v := *first.Value(effective.UpstreamCertificate)
	id, ok := effective.Named(v.Is)
	switch {
	case !ok:
	case !p.target.clientCertificate:
		s.leaveOut(v, "backends are shown the client certificate of "+v.Is+", and "+p.target.title+" shows them none of a Gateway's")
	default:
		s.clientCertificate = &id
	}
}

// conflicts leaves out hosts that want one Service called in different ways.
func (p *plan) conflicts() {
	users := map[servicePort][]*site{}
	for _, s := range p.sites {
		if s.refused() {
			continue
		}
		for to := range s.called {
			users[to] = append(users[to], s)
		}
	}
	for to, sites := range users {
		for _, s := range sites[1:] {
			if s.called[to].same(sites[0].called[to]) {
				continue
			}
			for _, each := range sites {
				each.remark(LeftOut, each.called[to].by, to.String()+" is called in several ways by several hosts ("+names(sites)+"), and a BackendTLSPolicy holds for all that comes to it")
			}
			break
		}
	}
}

// names lists a few hosts.
func names(sites []*site) string {
	const most = 4
	list := make([]string, 0, len(sites))
	for _, s := range sites {
		list = append(list, titleOf(s.host))
	}
	slices.Sort(list)
	if more := len(list) - most; more > 0 {
		list = append(list[:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}
