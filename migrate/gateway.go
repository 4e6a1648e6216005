package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
)

const (
	// maxListeners is how many a Gateway holds (gateway-api, apis/v1/gateway_types.go).
	maxListeners = 64
	// maxTargets is how many listeners a ClientTrafficPolicy names: of more its status tells in sum only (gateway,
	// api/v1alpha1/policy_helpers.go, PolicyConditionAggregated).
	maxTargets = 16
	// maxGranted is how many objects a ReferenceGrant names (gateway-api, apis/v1/referencegrant_types.go).
	maxGranted = 16
)

// gateway is a Gateway with its hosts: all of them agree in what a Gateway says once.
type gateway struct {
	id    kube.ID
	sites []*site
	// listeners are the names of those that it has.
	listeners map[string]bool
}

// together says which hosts may share a Gateway.
type together struct {
	namespace, proxy, clients, authority, certificate string
}

// home is the namespace of a host: that of the Ingress which has its certificate, or of the first.
func (s *site) home() string {
	if len(s.secure) > 0 {
		if by := decided(*s.secure[0].Value(effective.ServerCertificate)); by.Object.Kind == "Ingress" {
			return by.Object.Namespace
		}
	}
	if len(s.ingresses) > 0 {
		return s.ingresses[0].ID.Namespace
	}
	return ""
}

// divide puts hosts into Gateways.
func (p *plan) divide() {
	known := map[together]*gateway{}
	counted := map[*gateway]int{}
	for _, s := range p.sites {
		if s.refused() {
			continue
		}
		key := together{namespace: cmp.Or(p.o.Namespace, s.home()), proxy: strings.Join(kube.SortedKeys(s.proxies), " ")}
		if s.clientCertificate != nil {
			key.certificate = s.clientCertificate.String()
		}
		if !p.target.perListener && s.asksClients() {
			key.clients, key.authority = s.clients, authority(s)
		}
		g := known[key]
		// A host takes two listeners at most.
		if g == nil || counted[g]+2 > maxListeners {
			g = &gateway{id: p.unique(gatewayGroup, "Gateway", key.namespace, p.nameOf(s, key)), listeners: map[string]bool{}}
			known[key] = g
			p.groups = append(p.groups, g)
		}
		counted[g] += 2
		g.sites = append(g.sites, s)
		s.gateway = g
	}
}

// nameOf is what a Gateway is called: as the class of its Ingresses, which is what ingress2gateway calls it, with what sets it apart.
func (p *plan) nameOf(s *site, key together) string {
	name := dashed(p.o.Class)
	for proxy := range s.proxies {
		class, _, _ := strings.Cut(proxy, ",")
		name = cmp.Or(dashed(class), name)
	}
	name = cmp.Or(name, "gateway")
	if key.authority != "" {
		name += "-" + dashed(s.ca.ID.Name)
	}
	if key.clients != "" && key.clients != effective.Required {
		name += "-" + key.clients
	}
	if s.clientCertificate != nil {
		name += "-" + dashed(s.clientCertificate.Name)
	}
	return name
}

// listener names one of a host.
func (g *gateway) listener(host, what string) string {
	name := what
	if host != "" {
		name = hostPart(host) + "-" + what
	}
	name = shortened(name, maxName)
	for n := 2; g.listeners[name]; n++ {
		name = shortened(fmt.Sprintf("%s-%s-%d", hostPart(host), what, n), maxName)
	}
	g.listeners[name] = true
	return name
}

// writeGateway writes a Gateway with its listeners, policies and routes.
func (p *plan) writeGateway(g *gateway) {
	var listeners []any
	var written []*site
	asks := &asking{}
	for _, s := range g.sites {
		if s.refused() {
			continue
		}
		written = append(written, s)
		var parents parents
		if len(s.plain) > 0 {
			parents.plain = g.listener(s.host, "http")
			listeners = append(listeners, p.listen(g, s, parents.plain, plainPort, "HTTP", nil))
		}
		switch {
		case s.passed != nil:
			parents.passed = g.listener(s.host, "tls-passthrough")
			listeners = append(listeners, p.listen(g, s, parents.passed, securePort, "TLS", map[string]any{"mode": "Passthrough"}))
		case len(s.secure) > 0:
			parents.secure = g.listener(s.host, "https")
			listeners = append(listeners, p.listen(g, s, parents.secure, securePort, "HTTPS", p.terminate(g, s)))
			asks.add(s, parents.secure)
		}
		p.writeRoutes(g, s, parents)
	}
	if len(written) == 0 {
		return
	}
	p.gateways[strings.TrimPrefix(g.id.Namespace+"/"+g.id.Name, "/")] = true
	spec := map[string]any{"gatewayClassName": p.o.Class, "listeners": listeners}
	comment := p.frontend(g, written[0], spec)
	if own := written[0].clientCertificate; own != nil {
		tls, _ := spec["tls"].(map[string]any)
		if tls == nil {
			tls = map[string]any{}
			spec["tls"] = tls
		}
		tls["backend"] = map[string]any{"clientCertificateRef": p.secret(gatewayGroup, "Gateway", g.id.Namespace, *own)}
		comment = append(comment, "What it calls by TLS is shown the client certificate of "+own.String()+": a Gateway has one for all of its backends.")
	}
	p.add(g.id, "v1", spec, comment...)
	if p.target.perListener {
		p.writeClientPolicies(g, asks)
	}
	p.coalescing(written)
}

// frontend says how clients of a Gateway are verified, where it is the Gateway that says it.
func (p *plan) frontend(g *gateway, s *site, spec map[string]any) (comment []string) {
	if p.target.perListener || !s.asksClients() {
		return nil
	}
	validation := map[string]any{}
	if s.ca != nil {
		validation["caCertificateRefs"] = []any{p.secret(gatewayGroup, "Gateway", g.id.Namespace, s.ca.ID)}
	}
	if s.clients == effective.Unverified {
		validation["mode"] = "AllowInsecureFallback"
	}
	spec["tls"] = map[string]any{"frontend": map[string]any{"default": map[string]any{"validation": validation}}}
	return []string{
		"A Gateway verifies the clients of all of its listeners alike, so that hosts with another CA, or none, have another Gateway, and",
		"an address of their own.",
	}
}

// terminate is the tls of a listener that ends TLS.
func (p *plan) terminate(g *gateway, s *site) map[string]any {
	tls := map[string]any{
		"mode": "Terminate", "certificateRefs": []any{p.secret(gatewayGroup, "Gateway", g.id.Namespace, *s.certificate)},
	}
	options := map[string]any{}
	if s.least != "" && p.target.least != nil {
		key, value := p.target.least(s.least)
		options[key] = value
	}
	if s.clients == effective.Optional && p.target.optionalOption[0] != "" {
		options[p.target.optionalOption[0]] = p.target.optionalOption[1]
	}
	if len(options) > 0 {
		tls["options"] = options
	}
	return tls
}

// listen is a listener for a host. Routes of other namespaces are let in by name.
func (p *plan) listen(g *gateway, s *site, name string, port int, protocol string, tls map[string]any) map[string]any {
	l := map[string]any{"name": name, "port": int64(port), "protocol": protocol}
	if s.host != "" {
		l["hostname"] = s.host
	}
	if tls != nil {
		l["tls"] = tls
	}
	var namespaces []any
	for _, namespace := range s.namespaces() {
		namespaces = append(namespaces, namespace)
	}
	if len(namespaces) > 1 || len(namespaces) == 1 && namespaces[0] != g.id.Namespace {
		l["allowedRoutes"] = map[string]any{"namespaces": map[string]any{"from": "Selector", "selector": map[string]any{
			"matchExpressions": []any{map[string]any{"key": "kubernetes.io/metadata.name", "operator": "In", "values": namespaces}},
		}}}
	}
	return l
}

// namespaces are those of the Services that a host leads to.
func (s *site) namespaces() []string {
	found := map[string]bool{}
	for _, leads := range s.leads {
		for _, l := range leads {
			found[l.to.namespace] = true
		}
	}
	return kube.SortedKeys(found)
}

// asking are the listeners that ask clients for certificates, or bound the versions of TLS, by what they say.
type asking struct {
	order []string
	of    map[string][]string
	sites map[string]*site
}

func (a *asking) add(s *site, listener string) {
	if !s.asksClients() && s.least == "" {
		return
	}
	if a.of == nil {
		a.of, a.sites = map[string][]string{}, map[string]*site{}
	}
	key := fmt.Sprintf("%s %s %s %t", s.clients, authority(s), s.least, s.revocation)
	if a.of[key] == nil {
		a.order = append(a.order, key)
		a.sites[key] = s
	}
	a.of[key] = append(a.of[key], listener)
}

// writeClientPolicies writes the ClientTrafficPolicies of Envoy Gateway for listeners: one for a listener takes the place of any for its
// Gateway.
func (p *plan) writeClientPolicies(g *gateway, asks *asking) {
	for _, key := range asks.order {
		s := asks.sites[key]
		tls := map[string]any{}
		name := g.id.Name
		if s.least != "" {
			tls["minVersion"] = s.least
			name += "-tls-" + strings.ReplaceAll(s.least, ".", "-")
		}
		var comment []string
		if s.asksClients() {
			ca := []any{p.secret(envoyGroup, "ClientTrafficPolicy", g.id.Namespace, s.ca.ID)}
			validation := map[string]any{"caCertificateRefs": ca}
			switch s.clients {
			case effective.Unverified:
				validation = map[string]any{"mode": "Request"}
				name += "-unverified"
			case effective.Optional:
				validation["optional"] = true
				name += "-optional"
			}
			if s.revocation {
				validation["crl"] = map[string]any{"refs": ca}
			}
			tls["clientValidation"] = validation
			name += "-" + dashed(s.ca.ID.Name)
			comment = []string{
				"For these listeners only: spec.tls.frontend of the Gateway would ask the clients of all of its hosts.",
			}
		}
		for listeners := range slices.Chunk(asks.of[key], maxTargets) {
			targets := make([]any, len(listeners))
			for i, listener := range listeners {
				targets[i] = map[string]any{"group": gatewayGroup, "kind": "Gateway", "name": g.id.Name, "sectionName": listener}
			}
			id := p.unique(envoyGroup, "ClientTrafficPolicy", g.id.Namespace, name)
			p.add(id, "v1alpha1", map[string]any{"targetRefs": targets, "tls": tls}, comment...)
		}
	}
}

// coalescing warns of hosts of one Gateway whose clients are asked for different certificates, if one of their certificates is for both:
// browsers send requests for the one over a connection that they have for the other (RFC 9113, section 9.1.1).
func (p *plan) coalescing(sites []*site) {
	for _, s := range sites {
		if !s.asksClients() {
			continue
		}
		for _, other := range sites {
			if other == s || len(other.secure) == 0 || other.clients == s.clients && authority(other) == authority(s) {
				continue
			}
			if slices.ContainsFunc(other.certificateNames, func(name string) bool { return name == s.host || takes(name, s.host) }) {
				s.remark(Step, decided(*s.secure[0].Value(effective.ServerCertificate)), "the certificate of "+titleOf(other.host)+" is for "+s.host+" too, so that browsers may send requests over a connection of that host, where no such client certificate was asked for: "+
					"they are not to be answered there. Give both certificates of their own")
				break
			}
		}
	}
}
