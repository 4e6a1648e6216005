package effective

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// Answers that name what Istio's own CA gives out.
const (
	meshCertificate = "certificate of the mesh"
	meshAuthority   = "CA of the mesh"
	istioMode       = "gateway.istio.io/tls-terminate-mode"
)

// before reports whether Istio is known to be of a release before 1.minor.
func (p *gatewayProxy) before(minor int) bool {
	_, rest, ok := strings.Cut(p.object.Setting("istio", "version").Value, ".")
	number, _, _ := strings.Cut(rest, ".")
	found, err := strconv.Atoi(number)
	return ok && err == nil && found < minor
}

// released reports whether the release of Istio is known at all.
func (p *gatewayProxy) released() bool { return p.object.Setting("istio", "version").Value != "" }

// meshCertificate answers for the modes in which Istio reads neither certificateRefs nor spec.tls.frontend (conversion.go, buildTLS).
func (l *gatewayListener) meshCertificate() bool {
	mode := l.option(istioMode)
	option := l.source("tls", "options", istioMode)
	switch mode {
	case "ISTIO_SIMPLE":
		l.values[Clients] = Answered(Off, option)
	case "ISTIO_MUTUAL":
		l.values[Clients] = Answered(Required, option)
		l.values[ClientCA] = Answered(meshAuthority, option)
	default:
		return false
	}
	l.values[ServerCertificate] = Answered(meshCertificate, option)
	return true
}

// istioCertificates leaves those that Istio shows: two at most, and where one of two is bad, the first only.
func (l *gatewayListener) istioCertificates(states []gatewayState, listed int) []gatewayState {
	if listed > 2 {
		l.close(l.source("tls", "certificateRefs").Saying("Istio takes two certificates at most, and leaves the listener out"))
		return nil
	}
	if len(states) == 2 && states[0].bad != "" && states[1].bad == "" {
		l.values[ServerCertificate] = Answered(meshCertificate, states[0].by.Saying(states[0].bad+", and Istio then takes neither"), states[1].by)
	}
	return states
}

// istioClients answers Clients by spec.tls.frontend and the mode among tls.options, which goes first.
func (l *gatewayListener) istioClients(v *gatewayValidation, off kube.Path) {
	p := l.proxy
	mode := l.option(istioMode)
	option := l.source("tls", "options", istioMode)
	asks := map[string]string{"MUTUAL": Required, "OPTIONAL_MUTUAL": Optional}[mode]
	if v != nil && off == nil {
		l.istioFrontend(v, asks, option)
		return
	}
	switch {
	case asks != "":
		l.istioSecret(asks, option)
	case off != nil:
		l.values[Clients] = Answered(Off, p.object.Source(off...).Saying("it replaces the default for the port, and has no validation"))
	case mode != "" && mode != "SIMPLE":
		l.values[Clients] = Answered(Off, option.Saying("Istio knows no such mode, and takes it for SIMPLE"))
	default:
		l.values[Clients] = Answered(Off)
	}
}

func (l *gatewayListener) istioFrontend(v *gatewayValidation, asks string, option Source) {
	p := l.proxy
	decisive := p.object.Source(v.path...)
	cas := p.gatewayCAs(v.path)
	if l.owner.ID.Namespace != p.object.ID.Namespace {
		for _, s := range cas {
			if ns, _ := p.object.Field(append(slices.Clone(s.ref.Path), "namespace")...); text(ns) == "" {
				l.istioBeside(s, decisive)
				return
			}
		}
	}
	answer, assumed := Required, ""
	if text(v.fields["mode"]) == "AllowInsecureFallback" && !p.before(31) {
		answer = Unverified
		decisive = p.object.Source(v.path.Append("mode")...)
		if !p.released() {
			assumed = "Istio is of release 1.31 or later; before, it does not read the mode, and certificates are required"
		}
	}
	if asks != "" {
		answer, assumed = asks, ""
		decisive = option
	}
	l.verifyBy(answer, decisive, cas, gatewayOnly)
	if !l.closed() {
		l.values[Clients] = l.values[Clients].Assuming(assumed)
	}
}

// istioBeside is a client CA of the Gateway for a listener of a ListenerSet: Istio looks for it beside the set, where facts of the
// Gateway have not looked.
func (l *gatewayListener) istioBeside(s gatewayState, decisive Source) {
	id := s.ref.ID
	id.Namespace = l.owner.ID.Namespace
	found := l.proxy.all.tree.Inventory.Get(inventory.Ref{To: id, From: l.owner.ID})
	if found.Presence == inventory.Absent {
		l.close(s.by.Saying(id.String()+" does not exist: Istio looks for the client CA in the namespace of the ListenerSet"), decisive)
		return
	}
	l.values[Clients] = Answered(Required, decisive)
	l.values[ClientCA] = Answered(id.String(), s.by.Saying("Istio looks for it in the namespace of the ListenerSet"))
	if found.Presence == inventory.Unknown {
		assumed := id.String() + " is not in " + l.proxy.all.tree.Scope + ", and is taken to be there"
		l.values[Clients], l.values[ClientCA] = l.values[Clients].Assuming(assumed), l.values[ClientCA].Assuming(assumed)
	}
}

// istioSecret takes the CA from the Secret of the first certificate, or from one of its name with -cacert behind it. Where neither
// has one, the listener never becomes ready (pilot/pkg/credentials/kube/secrets.go).
func (l *gatewayListener) istioSecret(asks string, option Source) {
	if len(l.clientCAs) == 0 {
		l.values[Clients] = Unsettled("what is in the Secret of the first certificate", option)
		return
	}
	r := &l.clientCAs[0]
	s := gatewayFollow(l.owner, r, "Secret")
	switch {
	case s.bad != "" || s.unseen == "" && r.KeyPresence == inventory.Absent && !slices.Contains(r.Keys, "cacert"):
		l.close(option, s.by.Saying(cmp.Or(s.bad, r.Label+" holds neither ca.crt nor cacert")))
	default:
		if s.unseen == "" && r.KeyPresence == inventory.Unknown {
			s.unseen = "whether " + r.Label + " holds a CA is not in sight"
		}
		l.values[Clients] = Answered(asks, option).Assuming(s.unseen)
		l.values[ClientCA] = Answered(r.Label, s.by).Assuming(s.unseen)
	}
}

// destinationRules are the rules that gateways of Istio follow for a Service: of the first namespace that has one, their own, that of
// the Service, or Istio's root. Where they are in the root themselves, it comes last (pilot/pkg/model/push_context.go,
// destinationRule). One with a workloadSelector is for sidecars.
func (p *gatewayProxy) destinationRules(namespace, name string) []*Object {
	const root = "istio-system"
	order := []string{namespace, root}
	if p.from != root {
		order = slices.Insert(order, 0, cmp.Or(p.from, p.object.ID.Namespace))
	}
	for _, in := range order {
		var list []*Object
		for _, o := range p.all.rules.get(destinationRuleKind, namespace, name) {
			if o.ID.Namespace == in && gatewayMap(o.Fields, "spec", "workloadSelector") == nil && istioExported(o, p.from) {
				list = append(list, o)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// destinationRule is the one of the rules for a Service whose trafficPolicy counts: that of the oldest which has one
// (pilot/pkg/model/destination_rule.go, mergeDestinationRule). other is one that may be older, and says something else for the port.
func (p *gatewayProxy) destinationRule(namespace, name string, port int) (o, other *Object) {
	for _, rule := range p.destinationRules(namespace, name) {
		if o == nil {
			o = rule
			continue
		}
		has, own := gatewayMap(rule.Fields, "spec", "trafficPolicy") != nil, gatewayMap(o.Fields, "spec", "trafficPolicy") != nil
		older, settled := gatewayOlder(o, rule)
		switch {
		case !has:
		case !own, settled && older == rule:
			o = rule
		case !settled:
			mine, _ := ruleTLS(o, port)
			theirs, _ := ruleTLS(rule, port)
			if fmt.Sprint(mine) != fmt.Sprint(theirs) {
				other = rule
			}
		}
	}
	return o, other
}

// ruleTLS is the tls of a DestinationRule that holds for a port: an entry for the port replaces all that is for the whole.
func ruleTLS(o *Object, port int) (fields map[string]any, at kube.Path) {
	at = kube.Path{"spec", "trafficPolicy"}
	for i, entry := range gatewayList(o.Fields, "spec", "trafficPolicy", "portLevelSettings") {
		if gatewayNumber(gatewayMap(entry, "port")["number"]) == port {
			at = at.Append("portLevelSettings", i)
			break
		}
	}
	return gatewayMap(o.Fields, at.Append("tls")...), at.Append("tls")
}

// istioCredential names what a credentialName leads to: in the namespace of the gateway that calls, unless it is written.
func istioCredential(credential string, by Source) Value {
	kind := "Secret "
	scheme, name, ok := strings.Cut(credential, "://")
	if !ok {
		name = credential
	}
	if scheme == "configmap" {
		kind = "ConfigMap "
	}
	v := Answered(kind+name, by)
	if !strings.Contains(name, "/") {
		v = v.Assuming(kind + name + " is in the namespace of the gateway's pods")
	}
	return v
}

// byRule answers for a backend by a DestinationRule.
func (b *gatewayBackend) byRule(o *Object, fields map[string]any, at kube.Path) {
	field := func(names ...any) Source { return o.Source(at.Append(names...)...) }
	mode := text(fields["mode"])
	switch mode {
	case "DISABLE", "":
		b.values[Upstream] = Answered(Plain, field("mode"))
		return
	case "ISTIO_MUTUAL":
		b.values[Upstream] = Answered(TLS, field("mode"))
		b.values[Verification] = Answered(Chain, field("mode"))
		b.values[UpstreamCA] = Answered(meshAuthority, field("mode"))
		b.values[UpstreamCertificate] = Answered(meshCertificate, field("mode"))
		return
	}
	b.values[Upstream] = Answered(TLS, field("mode"))
	names := texts(fields["subjectAltNames"])
	sni := text(fields["sni"])
	b.values[UpstreamName] = Answered(cmp.Or(sni, "host of the request"), field("sni"))
	switch {
	case fields["insecureSkipVerify"] == true:
		b.values[Verification] = Answered(Off, field("insecureSkipVerify"))
	case len(names) > 0:
		b.values[Verification] = Answered(Name, field("subjectAltNames"))
		b.values[UpstreamName] = Answered(gatewayNamed(cmp.Or(sni, "host of the request"), names), field("subjectAltNames")).among(names)
	case sni != "":
		b.values[Verification] = Answered(Chain, field("sni").Saying("Istio compares no name with the certificate where an SNI is set, and no subjectAltNames"))
	default:
		b.values[Verification] = Answered(Name, field("mode"))
	}
	b.values[UpstreamCertificate] = Answered(None)
	switch credential, file := text(fields["credentialName"]), text(fields["caCertificates"]); {
	case credential != "":
		named := istioCredential(credential, field("credentialName"))
		b.values[UpstreamCA] = named
		if mode == "MUTUAL" {
			b.values[UpstreamCertificate] = named
		}
	case file != "":
		b.values[UpstreamCA] = Answered("file "+file, field("caCertificates"))
	default:
		b.values[UpstreamCA] = Answered(systemRoots, field("mode").Saying("no CA is named"))
	}
	if mode == "MUTUAL" && text(fields["clientCertificate"]) != "" {
		b.values[UpstreamCertificate] = Answered("file "+text(fields["clientCertificate"]), field("clientCertificate"))
	}
}

// besideRule answers where a DestinationRule says how a Service of Istio is called; false where policies do.
func (b *gatewayBackend) besideRule(all []*gatewayPolicy) bool {
	o, other := b.proxy.destinationRule(b.ref.ID.Namespace, b.ref.ID.Name, b.port)
	if o == nil {
		return false
	}
	if other != nil {
		b.values[Upstream] = Unsettled("which of "+gatewayTitle(o)+" and "+gatewayTitle(other)+" is older: its trafficPolicy holds",
			o.Source("spec", "trafficPolicy"), other.Source("spec", "trafficPolicy"))
		return true
	}
	fields, at := ruleTLS(o, b.port)
	switch {
	case len(all) == 0:
		if text(fields["mode"]) == "" {
			return false
		}
		b.byRule(o, fields, at)
	case gatewayMap(o.Fields, "spec", "trafficPolicy") == nil:
		return false
	case !b.proxy.released():
		b.values[Upstream] = Unsettled("the release of Istio: since 1.31 tls of a DestinationRule goes before a BackendTLSPolicy, and before, the older of the two holds as a whole",
			o.Source("spec", "trafficPolicy"), all[0].by)
	case b.proxy.before(31):
		older, settled := gatewayOlder(o, all[0].object)
		switch {
		case !settled:
			b.values[Upstream] = Unsettled("which of "+gatewayTitle(o)+" and "+gatewayTitle(all[0].object)+" is older: that one holds as a whole", o.Source("spec", "trafficPolicy"), all[0].by)
		case older == o && text(fields["mode"]) == "":
			b.values[Upstream] = Answered(Plain, o.Source("spec", "trafficPolicy").Saying("it is older than the policy, and has no tls"), all[0].by)
		case older == o:
			b.byRule(o, fields, at)
		default:
			return false
		}
	case text(fields["mode"]) == "":
		return false
	default:
		b.byRule(o, fields, at)
	}
	return true
}
