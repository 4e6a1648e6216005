package effective

import (
	"cmp"
	"slices"

	"github.com/tlsward/tlsward/inventory"
)

// gatewayClientPolicy is a target of a ClientTrafficPolicy of Envoy Gateway. One for a listener goes before one for its ListenerSet,
// and that before one for the Gateway; none is merged with another (internal/gatewayapi/clienttrafficpolicy.go).
type gatewayClientPolicy struct {
	object        *Object
	by            Source
	kind, section string
	owner         *Object
}

// clientPolicy attaches a ClientTrafficPolicy to the Gateways that it names.
func (g *gateways) clientPolicy(o *Object) {
	targets := gatewayList(o.Fields, "spec", "targetRefs")
	at := func(i int) Source { return o.Source("spec", "targetRefs", i) }
	if one := gatewayMap(o.Fields, "spec", "targetRef"); one != nil {
		targets, at = []map[string]any{one}, func(int) Source { return o.Source("spec", "targetRef") }
	}
	for i, target := range targets {
		kind := cmp.Or(text(target["kind"]), "Gateway")
		for _, owner := range g.owners.get(kind, o.ID.Namespace, text(target["name"])) {
			g.attach(owner, &gatewayClientPolicy{object: o, by: at(i), kind: kind, section: text(target["sectionName"]), owner: owner.object})
		}
	}
	for i, selector := range gatewayList(o.Fields, "spec", "targetSelectors") {
		kind := cmp.Or(text(selector["kind"]), "Gateway")
		for _, p := range g.proxies {
			labels := gatewayMap(p.object.Fields, "metadata", "labels")
			selected, _ := gatewaySelects(selector, labels, "", true)
			if kind == "Gateway" && selected && gatewayTogether(p.object.ID.Namespace, o.ID.Namespace) {
				p.clients = append(p.clients, &gatewayClientPolicy{object: o, by: o.Source("spec", "targetSelectors", i), kind: kind, owner: p.object})
			}
		}
	}
}

func (g *gateways) attach(owner *gatewayOwner, policy *gatewayClientPolicy) {
	for _, p := range owner.proxies {
		p.clients = append(p.clients, policy)
	}
}

// rank says how closely the policy is about a listener; 0 if it is not.
func (c *gatewayClientPolicy) rank(l *gatewayListener) int {
	own := c.owner.ID == l.owner.ID
	switch {
	case own && c.section != "" && c.section == l.name:
		return 3
	case c.section != "":
		return 0
	case own && c.kind != "Gateway":
		return 2
	case c.kind == "Gateway":
		return 1
	default:
		return 0
	}
}

// gatewayOlder says which of two objects is older; where only files tell of them, nobody knows.
func gatewayOlder(a, b *Object) (first *Object, settled bool) {
	mine, theirs := gatewayCreated(a), gatewayCreated(b)
	switch {
	case mine == "" || theirs == "":
		return a, false
	case mine < theirs:
		return a, true
	case theirs < mine:
		return b, true
	case a.ID.Compare(b.ID) <= 0:
		return a, true
	default:
		return b, true
	}
}

// byClientPolicy lets the ClientTrafficPolicy that is in force say how clients are verified: it takes the place of what the Gateway
// says.
func (l *gatewayListener) byClientPolicy() {
	best := 0
	var all []*gatewayClientPolicy
	for _, c := range l.proxy.clients {
		switch rank := c.rank(l); {
		case rank == 0 || rank < best:
		case rank > best:
			best, all = rank, []*gatewayClientPolicy{c}
		case !slices.ContainsFunc(all, func(other *gatewayClientPolicy) bool { return other.object == c.object }):
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		if !l.proxy.all.tree.Inventory.Complete(clientPolicyKind, l.proxy.object.ID.Namespace) {
			l.values[Clients] = l.values[Clients].Assuming("no ClientTrafficPolicy for " + gatewayTitle(l.proxy.object) + " is in " + l.proxy.all.tree.Scope)
		}
		return
	}
	first := all[0]
	for _, c := range all[1:] {
		older, settled := gatewayOlder(first.object, c.object)
		if !settled {
			what := "which of " + gatewayTitle(first.object) + " and " + gatewayTitle(c.object) + " is older: only that one is in force"
			l.values[Clients] = Unsettled(what, first.by, c.by)
			l.values[ClientCA], l.values[Protocols] = Value{}, Unsettled(what, first.by, c.by)
			return
		}
		if older == c.object {
			first = c
		}
	}
	l.follow(first)
}

func (l *gatewayListener) follow(c *gatewayClientPolicy) {
	o := c.object
	tls := gatewayMap(o.Fields, "spec", "tls")
	least, most := gatewayAuto(tls["minVersion"]), gatewayAuto(tls["maxVersion"])
	if least != "" || most != "" {
		l.values[Protocols] = gatewayVersions(least, most, o.Source("spec", "tls"))
	}
	validation := gatewayMap(tls, "clientValidation")
	if validation == nil {
		if v := l.values[Clients]; v.Is == Off && outranked(l.proxy.clients, c, l) {
			v.By = append(v.By, c.by.Saying("it takes the place of the policy for the whole, and has no clientValidation"))
			l.values[Clients] = v
		}
		return
	}
	field := o.Source("spec", "tls", "clientValidation")
	mode := text(validation["mode"])
	if mode == "" {
		mode = "RequireAndVerify"
		if validation["optional"] == true {
			mode, field = "VerifyIfGiven", o.Source("spec", "tls", "clientValidation", "optional")
		}
	} else {
		field = o.Source("spec", "tls", "clientValidation", "mode")
	}
	answer, verifies := Required, true
	switch mode {
	case "VerifyIfGiven":
		answer = Optional
	case "Request", "RequireAny":
		answer, verifies = Unverified, false
	}
	var cas []gatewayState
	for _, role := range []string{"client-traffic-ca", "client-traffic-revocation"} {
		for _, r := range o.References(role) {
			s := l.proxy.by.clientAuthority(o, &r)
			if s.bad != "" {
				l.refuse(field, s.by.Saying(s.bad))
				return
			}
			if role == "client-traffic-ca" {
				cas = append(cas, s)
			}
		}
	}
	if verifies && len(cas) == 0 {
		l.refuse(field.Saying("it verifies, and names no CA"))
		return
	}
	l.values[Clients] = Answered(answer, field, c.by)
	l.values[ClientCA] = Value{}
	if len(cas) > 0 && verifies {
		l.values[ClientCA] = gatewayAuthorities(cas, nil)
		l.values[Clients] = l.values[Clients].Assuming(l.values[ClientCA].Assumed)
	}
}

// outranked reports whether another policy, for more than this one is for, would verify clients of the listener.
func outranked(all []*gatewayClientPolicy, c *gatewayClientPolicy, l *gatewayListener) bool {
	return slices.ContainsFunc(all, func(other *gatewayClientPolicy) bool {
		rank := other.rank(l)
		return rank > 0 && rank < c.rank(l) && gatewayMap(other.object.Fields, "spec", "tls", "clientValidation") != nil
	})
}

// refuse is a policy that Envoy Gateway cannot follow: requests get 500, and connections that are no HTTP nothing.
func (l *gatewayListener) refuse(by ...Source) {
	l.values[Clients], l.values[ClientCA] = Value{}, Value{}
	if l.protocol == "TLS" {
		l.close(by...)
		return
	}
	l.answer = Answered("500", by...)
}

// clientAuthority judges a CA, or a revocation list, of a ClientTrafficPolicy: from the key that is read, or a sole other one.
func (c *gatewayController) clientAuthority(o *Object, r *Reference) gatewayState {
	s := gatewayFollow(o, r, "ConfigMap", "Secret", "ClusterTrustBundle")
	if s.bad == "" && s.unseen == "" && r.KeyPresence == inventory.Absent && len(r.Keys) != 1 {
		s.bad = r.Label + " has no " + r.Key
	}
	if s.bad == "" && r.Content != nil && r.Role == "client-traffic-ca" && !r.Content.Opaque && len(r.Content.Certificates) == 0 {
		s.bad = r.Key + " of " + r.Label + " holds no certificate"
	}
	return s
}

// gatewayAuto is a version of TLS in a policy; "" where it is left to the proxy.
func gatewayAuto(value any) string {
	if value == "Auto" {
		return ""
	}
	return text(value)
}

// mergeEnvoy makes one proxy of all Gateways of a class whose EnvoyProxy says so: connections come to the listener with the narrowest
// host name, of whatever Gateway, and of two with the same one is left out (internal/gatewayapi/validate.go,
// validateConflictedMergedListeners).
func (g *gateways) mergeEnvoy() {
	classes := map[*Object]map[gatewayPortHost]*gatewayListener{}
	for _, p := range g.proxies {
		if p.by == nil || p.by.name != "envoy-gateway" {
			continue
		}
		class := g.find(gatewayClassKind, "", p.object.Text("spec", "gatewayClassName"))
		if class == nil {
			continue
		}
		ref := gatewayMap(class.Fields, "spec", "parametersRef")
		if o := g.find(envoyProxyKind, text(ref["namespace"]), text(ref["name"])); ref == nil || o == nil || gatewayMap(o.Fields, "spec")["mergeGateways"] != true {
			continue
		}
		if classes[class] == nil {
			classes[class] = map[gatewayPortHost]*gatewayListener{}
		}
		merged := classes[class]
		for _, l := range p.listeners {
			key := gatewayPortHost{l.port, l.host}
			if p.byHost[key] != l {
				continue
			}
			other := merged[key]
			if other == nil {
				merged[key] = l
				continue
			}
			for _, each := range []*gatewayListener{l, other} {
				each.values = [aspects]Value{}
				each.values[Transport] = Unsettled("which of "+gatewayTitle(other.proxy.object)+" and "+gatewayTitle(p.object)+" goes first: they are merged, and only one has the port and host name",
					other.source("port"), l.source("port"))
			}
		}
		p.byHost = merged
	}
}

// envoyProxy is the EnvoyProxy of a Gateway: its own, or that of its class. Where the class is not in sight, it may name one.
func (p *gatewayProxy) envoyProxy() (o *Object, unseen string) {
	if ref := gatewayMap(p.object.Fields, "spec", "infrastructure", "parametersRef"); ref != nil {
		o = p.all.find(envoyProxyKind, p.object.ID.Namespace, text(ref["name"]))
		if o == nil {
			unseen = "EnvoyProxy " + text(ref["name"]) + " is not in " + p.all.tree.Scope
		}
		return o, unseen
	}
	class := p.all.find(gatewayClassKind, "", p.object.Text("spec", "gatewayClassName"))
	if class == nil {
		return nil, "GatewayClass " + p.object.Text("spec", "gatewayClassName") + " is not in " + p.all.tree.Scope + ", and names no EnvoyProxy with a client certificate"
	}
	ref := gatewayMap(class.Fields, "spec", "parametersRef")
	if ref == nil {
		return nil, ""
	}
	if o = p.all.find(envoyProxyKind, text(ref["namespace"]), text(ref["name"])); o == nil {
		unseen = "EnvoyProxy " + text(ref["namespace"]) + "/" + text(ref["name"]) + " is not in " + p.all.tree.Scope
	}
	return o, unseen
}
