package effective

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// section is the name of the port of the Service; seen says whether its ports are in sight.
func (b *gatewayBackend) section() (name string, seen bool) {
	ports := gatewayList(b.ref.Object, "spec", "ports")
	for _, port := range ports {
		if gatewayNumber(port["port"]) == b.port {
			return text(port["name"]), true
		}
	}
	return "", len(ports) > 0
}

// service answers for a backend that is a Service.
func (b *gatewayBackend) service() {
	by := b.proxy.by
	section, seen := b.section()
	all, unknown := b.proxy.candidates("Service", b.ref.ID, section, seen)
	if by.name == "kong" {
		b.kong(all)
		return
	}
	if unknown != "" {
		b.values[Upstream] = Unsettled(unknown, gatewaySources(all)...)
		return
	}
	if by.name == "istio" {
		if done := b.besideRule(all); done {
			return
		}
	}
	b.policies(all)
	if b.policy == nil && !b.refused.Asked() && b.values[Upstream].Is == Plain && by.name == "kgateway" {
		b.byConfigPolicy()
	}
}

func gatewaySources(all []*gatewayPolicy) []Source {
	list := make([]Source, len(all))
	for i, c := range all {
		list[i] = c.by
	}
	return list
}

// candidates are the policies for a target that go before all others: those for its section, or those for the whole. Where only the
// Service would tell which those are, and it is not in sight, they are unknown.
func (p *gatewayProxy) candidates(kind string, id kube.ID, section string, seen bool) (all []*gatewayPolicy, unknown string) {
	var own, whole, other []*gatewayPolicy
	for _, c := range p.all.policies.get(kind, id.Namespace, id.Name) {
		if !p.readsPolicy(c.object) {
			continue
		}
		switch c.section {
		case "":
			whole = append(whole, c)
		case section:
			own = append(own, c)
		default:
			other = append(other, c)
		}
	}
	if p.by.name == "kong" {
		return append(append(own, whole...), other...), ""
	}
	if len(other) > 0 && !seen {
		return append(other, whole...), "whether the port of " + id.String() + " is section " + other[0].section + ": the Service is not in " + p.all.tree.Scope
	}
	if p.by.pooled {
		return append(own, whole...), ""
	}
	if len(own) > 0 {
		return own, ""
	}
	return whole, ""
}

// readsPolicy reports whether the controller reads the policy at all (see the rules gateway-api/backend-policy-version-unread and
// backend-policy-switched-off).
func (p *gatewayProxy) readsPolicy(o *Object) bool {
	if p.by.name != "istio" {
		return !p.by.withoutPolicies
	}
	off, _ := o.Annotation("istio.io/ignore-policy-attachment")
	return !strings.EqualFold(off, "true") && (!p.before(28) || o.Version == "v1alpha3")
}

// policies answers by the policy that is in force; of several, the older one, and where nobody knows which that is, what all of them
// say.
func (b *gatewayBackend) policies(all []*gatewayPolicy) {
	if len(all) == 0 {
		b.values[Upstream] = b.plain()
		if b.proxy.by.name == "traefik" && b.looksLikeTLS() {
			// pkg/provider/kubernetes/gateway/httproute.go, getHTTPServiceProtocol.
			b.values[Upstream] = Answered(TLS, b.by.Saying("Traefik calls port 443, and ports whose name or appProtocol is of https, by TLS"))
			b.values[Verification] = Unsettled("what the default serversTransport of Traefik says", b.by)
		}
		return
	}
	first := all[0]
	settled := true
	for _, c := range all[1:] {
		if c.object == first.object {
			continue
		}
		older, sure := gatewayOlder(first.object, c.object)
		settled = settled && sure
		if sure && older == c.object {
			first = c
		}
	}
	b.follow(first)
	if settled {
		return
	}
	for _, c := range all[1:] {
		other := &gatewayBackend{proxy: b.proxy, route: b.route, ref: b.ref, by: b.by, port: b.port}
		other.follow(c)
		if other.refused.Is != b.refused.Is || !gatewaySame(other.values, b.values) {
			b.refused, b.policy = Value{}, first
			b.values = [aspects]Value{}
			b.values[Upstream] = Unsettled("which of "+gatewayTitle(first.object)+" and "+gatewayTitle(c.object)+" is older: only that one is in force", gatewaySources(all)...)
			return
		}
	}
}

func gatewaySame(a, b [aspects]Value) bool {
	for i := range a {
		if a[i].Is != b[i].Is || a[i].Unknown != b[i].Unknown {
			return false
		}
	}
	return true
}

// looksLikeTLS reports whether the port of the Service is one that Traefik calls by TLS without being told.
func (b *gatewayBackend) looksLikeTLS() bool {
	for _, port := range gatewayList(b.ref.Object, "spec", "ports") {
		if gatewayNumber(port["port"]) == b.port {
			return b.port == 443 || strings.HasPrefix(text(port["name"]), "https") || text(port["appProtocol"]) == "https"
		}
	}
	return b.port == 443
}

// plain is a backend that no policy in sight is for.
func (b *gatewayBackend) plain() Value {
	v := Answered(Plain)
	id := b.ref.ID
	if !b.proxy.by.withoutPolicies && !b.proxy.all.tree.Inventory.Complete(backendPolicyKind, id.Namespace) {
		v = v.Assuming("no BackendTLSPolicy for " + b.ref.Label + " is in " + b.proxy.all.tree.Scope)
	}
	if b.proxy.by.name == "istio" {
		v = v.Assuming("its pods are not in the mesh, where Istio would call them by TLS of its own")
	}
	return v
}

// follow answers by a policy.
func (b *gatewayBackend) follow(c *gatewayPolicy) {
	by := b.proxy.by
	o := c.object
	b.policy = c
	at := kubePath("spec", "validation")
	validation := gatewayMap(o.Fields, at...)
	if validation == nil {
		// v1alpha2.
		at = kubePath("spec", "tls")
		validation = gatewayMap(o.Fields, at...)
	}
	field := func(name string) Source { return o.Source(at.Append(name)...) }
	if by.name == "cilium" && b.route.ID.Kind == "GRPCRoute" {
		b.values[Upstream] = Answered(Plain, c.by.Saying("Cilium sets up no TLS for backends of a GRPCRoute"))
		return
	}
	roots := cmp.Or(text(validation["wellKnownCACertificates"]), text(validation["wellKnownCACerts"]))
	switch {
	case roots == "":
		if !b.policyCAs(c) {
			return
		}
	case roots != "System" && (by.name == "envoy-gateway" || by.name == "nginx-gateway-fabric" || by.name == "kgateway"):
		b.refused = Answered(by.refusal, field("wellKnownCACertificates").Saying(by.title+" knows System only"))
		return
	case roots != "System" && by.policySystem == gatewayIgnores:
		b.values[Upstream] = Unsettled("what "+by.title+" makes of well-known CAs "+roots, field("wellKnownCACertificates"))
		return
	case by.policySystem == gatewayIgnores:
		b.values[Upstream] = Answered(Plain, field("wellKnownCACertificates").Saying(by.title+" sets up no TLS for it"))
		return
	default:
		b.values[UpstreamCA] = Answered(systemRoots, field("wellKnownCACertificates"))
	}
	b.values[Upstream] = Answered(TLS, c.by)
	b.names(validation, field)
	if by.policyDepth != "" {
		b.values[UpstreamDepth] = Answered(by.policyDepth)
	}
	b.values[UpstreamCertificate] = b.proxy.clientCertificate()
}

// names answers for the name that is asked for, and those that are compared with the certificate.
func (b *gatewayBackend) names(validation map[string]any, field func(string) Source) {
	by := b.proxy.by
	host := text(validation["hostname"])
	var names []string
	for _, san := range gatewayList(validation, "subjectAltNames") {
		names = append(names, cmp.Or(text(san["hostname"]), text(san["uri"])))
	}
	b.values[UpstreamName] = Answered(host, field("hostname")).among([]string{host})
	switch {
	case len(names) > 0 && by.policyNames == gatewayReads:
		b.values[UpstreamName] = Answered(gatewayNamed(host, names), field("subjectAltNames"), field("hostname")).among(names)
		b.values[Verification] = Answered(Name, field("subjectAltNames"))
	case by.policyHost == gatewayIgnores:
		b.values[UpstreamName].Conditions = nil
		b.values[Verification] = Answered(Chain, field("hostname").Saying(by.title+" compares no name with the certificate unless subjectAltNames has one"))
	case len(names) > 0:
		b.values[Verification] = Answered(Name, field("hostname"), field("subjectAltNames").Saying(by.title+" does not read it"))
	default:
		b.values[Verification] = Answered(Name, field("hostname"))
	}
}

// gatewayNamed is an SNI with the names that are verified in its place.
func gatewayNamed(sni string, names []string) string {
	if len(names) == 0 || len(names) == 1 && names[0] == sni {
		return sni
	}
	return strings.TrimSpace(sni + " (certificate for " + strings.Join(names, " or ") + ")")
}

// among notes the names of which a certificate must have one, for comparing.
func (v Value) among(names []string) Value {
	v.Conditions = nil
	for _, name := range names {
		v.Conditions = append(v.Conditions, Condition{Text: name, Source: v.By[0], Adding: Weaker})
	}
	return v
}

// policyCAs answers for the CAs of a policy; false where the controller refuses it for these.
func (b *gatewayBackend) policyCAs(c *gatewayPolicy) bool {
	by := b.proxy.by
	states := by.policyStates(c.object)
	if by.policyCAs == gatewayFirst && len(states) > 1 {
		states = states[:1]
	}
	good, bad := gatewayUsable(states)
	refuse := len(good) == 0 || by.policyCAs != gatewayRest && len(bad) > 0
	if by.policyCAs == gatewayOnly && len(states) > 1 {
		refuse = true
		bad = append(bad, c.object.Source("spec", "validation", "caCertificateRefs").Saying(by.title+" takes one CA only"))
	}
	if refuse {
		b.refused = Answered(by.refusal, append(bad, c.by)...)
		return false
	}
	b.values[UpstreamCA] = gatewayAuthorities(good, bad)
	return true
}

// policyStates judges the CAs of a policy.
func (c *gatewayController) policyStates(o *Object) []gatewayState {
	refs := o.References("backend-ca")
	states := make([]gatewayState, len(refs))
	for i := range refs {
		r := &refs[i]
		if !slices.Contains(c.policyCAKinds, r.ID.Kind) {
			states[i] = gatewayState{ref: r, by: o.Source(r.Path...), bad: c.title + " reads no CA from a " + r.ID.Kind}
			continue
		}
		states[i] = c.authority(o, r)
	}
	return states
}

// clientCertificate is what the Gateway shows to backends that it calls by TLS.
func (p *gatewayProxy) clientCertificate() Value {
	at := kubePath("spec", "tls", "backend", "clientCertificateRef")
	refs := p.object.References("gateway-client-certificate")
	i := slices.IndexFunc(refs, func(r Reference) bool { return r.Path.Equal(at) })
	if i < 0 {
		if p.by.name == "envoy-gateway" {
			return p.envoyCertificate()
		}
		return Answered(None)
	}
	switch p.by.clientCertificate {
	case gatewayReads:
	case gatewayUntold:
		return Unsettled("whether this release of "+p.by.title+" shows the Gateway's client certificate", p.object.Source(at...))
	case gatewayIgnores, gatewayRefuses:
		return Answered(None, p.object.Source(at...).Saying(p.by.title+" does not show it"))
	}
	r := &refs[i]
	s := (*gatewayListener)(nil).pair(p.object, r)
	if s.bad != "" {
		return Answered(None, s.by.Saying(s.bad))
	}
	return Answered(r.Label, s.by).Assuming(s.unseen)
}

// envoyCertificate is that of the EnvoyProxy, where the Gateway itself names none.
func (p *gatewayProxy) envoyCertificate() Value {
	o, unseen := p.envoyProxy()
	if o != nil {
		for _, r := range o.References("backend-client-certificate") {
			if s := (*gatewayListener)(nil).pair(o, &r); s.bad == "" {
				return Answered(r.Label, s.by).Assuming(s.unseen)
			}
		}
	}
	return Answered(None).Assuming(unseen)
}
