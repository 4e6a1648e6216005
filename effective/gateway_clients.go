package effective

import (
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// gatewayValidation is the part of spec.tls.frontend that holds for a port.
type gatewayValidation struct {
	fields map[string]any
	path   kube.Path
}

// validation returns what spec.tls.frontend has for a port. off is the entry of perPort that leaves it out, if one does.
func (p *gatewayProxy) validation(port int) (v *gatewayValidation, off kube.Path) {
	for i, entry := range gatewayList(p.object.Fields, "spec", "tls", "frontend", "perPort") {
		if gatewayNumber(entry["port"]) != port {
			continue
		}
		at := kube.Path{"spec", "tls", "frontend", "perPort", i}
		if fields := gatewayMap(entry, "tls", "validation"); fields != nil {
			return &gatewayValidation{fields, at.Append("tls", "validation")}, nil
		}
		off = at
	}
	at := kube.Path{"spec", "tls", "frontend", "default", "validation"}
	if fields := gatewayMap(p.object.Fields, at...); fields != nil {
		return &gatewayValidation{fields, at}, off
	}
	return nil, off
}

// askClients answers Clients and ClientCA as far as the Gateway itself says it.
func (l *gatewayListener) askClients() {
	p, by := l.proxy, l.proxy.by
	if gatewayMap(l.fields, "tls", "frontendValidation") != nil {
		l.values[Clients] = Unsettled("which release of the CRDs the cluster has: since 1.4 the field is not there, and clients are not asked",
			l.source("tls", "frontendValidation"))
		return
	}
	v, off := p.validation(l.port)
	frontend := p.object.Source("spec", "tls", "frontend")
	holds := l.protocol == "HTTPS" || by.frontendTLS
	switch {
	case by.name == "istio":
		l.istioClients(v, off)
		return
	case v == nil && off == nil:
		l.values[Clients] = Answered(Off)
		if gatewayMap(p.object.Fields, "spec", "tls", "frontend") != nil {
			l.values[Clients] = Answered(Off, frontend.Saying("it has no validation for this port"))
		}
		return
	case by.frontend == gatewayIgnores:
		l.values[Clients] = Answered(Off, frontend.Saying(by.title+" does not read it"))
		return
	case by.frontend == gatewayUntold:
		l.values[Clients] = Unsettled("whether "+by.title+" reads spec.tls.frontend", frontend)
		return
	case !holds:
		l.values[Clients] = Answered(Off, frontend.Saying("it holds for listeners of protocol HTTPS only"), l.source("protocol"))
		return
	case off != nil && by.frontendOff == gatewayUntold && v != nil:
		l.values[Clients] = Unsettled("whether an entry of perPort without validation switches the default off for "+by.title, p.object.Source(off...))
		return
	case off != nil && by.frontendOff != gatewayIgnores:
		l.values[Clients] = Answered(Off, p.object.Source(off...).Saying("it replaces the default for the port, and has no validation"))
		return
	case v == nil:
		l.values[Clients] = Answered(Off, p.object.Source(off...).Saying("it has no validation"))
		return
	}
	l.verify(v)
	if off != nil && !l.closed() {
		l.values[Clients].By = append(l.values[Clients].By, p.object.Source(off...).Saying(by.title+" passes over an entry without validation"))
	}
}

// verify answers for a validation that is in force.
func (l *gatewayListener) verify(v *gatewayValidation) {
	by := l.proxy.by
	answer := Required
	decisive := l.proxy.object.Source(v.path...)
	if text(v.fields["mode"]) == "AllowInsecureFallback" {
		answer = Unverified
		decisive = l.proxy.object.Source(v.path.Append("mode")...)
	}
	cas := l.proxy.gatewayCAs(v.path)
	if by.name == "nginx-gateway-fabric" && answer == Unverified {
		// nginx gets no CA at all then; bad references close the listener all the same.
		if _, bad := gatewayUsable(cas); len(bad) == len(cas) && len(cas) > 0 {
			l.close(bad...)
			return
		}
		l.values[Clients] = Answered(answer, decisive.Saying("ssl_verify_client optional_no_ca"))
		return
	}
	l.verifyBy(answer, decisive, cas, by.frontendCAs)
	if by.listenerDepth != "" && l.values[Clients].Is == Required {
		l.values[ClientDepth] = Answered(by.listenerDepth)
	}
}

// verifyBy answers Clients and ClientCA, or closes the listener where there is no CA to verify by.
func (l *gatewayListener) verifyBy(answer string, decisive Source, cas []gatewayState, several gatewayRefs) {
	good, bad := gatewayUsable(cas)
	none := len(good) == 0
	switch {
	case several == gatewayOnly && len(cas) > 1:
		l.close(decisive.Saying(l.proxy.by.title + " takes one CA only, and leaves the listener out"))
		return
	case none && answer == Unverified && l.proxy.by.name == "kgateway":
		l.values[Clients] = Answered(Off, append(bad, decisive.Saying("without a CA kgateway asks nobody in this mode"))...)
		return
	case none, several == gatewayEvery && len(bad) > 0:
		l.close(append(bad, decisive)...)
		return
	}
	l.values[Clients] = Answered(answer, decisive)
	l.values[ClientCA] = gatewayAuthorities(good, bad)
	if assumed := l.values[ClientCA].Assumed; assumed != "" {
		l.values[Clients] = l.values[Clients].Assuming(assumed)
	}
}

func gatewayUsable(cas []gatewayState) (good []gatewayState, bad []Source) {
	for _, s := range cas {
		if s.bad != "" {
			bad = append(bad, s.by.Saying(s.bad))
		} else {
			good = append(good, s)
		}
	}
	return good, bad
}

// gatewayAuthorities names CAs, with what of them is out of sight.
func gatewayAuthorities(good []gatewayState, bad []Source) Value {
	names := make([]string, len(good))
	var by []Source
	for i, s := range good {
		names[i] = s.ref.Label
		by = append(by, s.by)
	}
	for _, s := range good {
		if s.unseen == "" && s.ref.Presence == inventory.Present {
			by = append(by, s.ref.Target())
		}
	}
	v := Answered(strings.Join(names, ", "), append(by, bad...)...)
	for _, s := range good {
		v = v.Assuming(s.unseen)
	}
	return v
}

// gatewayCAs judges the client CAs under a path of the Gateway.
func (p *gatewayProxy) gatewayCAs(under kube.Path) []gatewayState {
	var list []gatewayState
	for i := range p.frontendCA {
		if r := &p.frontendCA[i]; len(r.Path) > len(under) && r.Path[:len(under)].Equal(under) {
			list = append(list, p.by.authority(p.object, r, "ConfigMap", "Secret", "ClusterTrustBundle"))
		}
	}
	return list
}

// authority judges a reference to a CA.
func (c *gatewayController) authority(o *Object, r *Reference, kinds ...string) gatewayState {
	s := gatewayFollow(o, r, kinds...)
	switch {
	case r.ID.Kind == "ClusterTrustBundle" && c.name != "envoy-gateway":
		s.bad = c.title + " reads no ClusterTrustBundle"
	case s.bad != "" || s.unseen != "" || r.ID.Kind == "ClusterTrustBundle":
		return s
	case r.KeyPresence == inventory.Absent && !c.otherKey(r):
		s.bad = r.Label + " has no ca.crt"
	case r.KeyPresence == inventory.Unknown && r.KeysOpen:
		s.unseen = "what is in " + r.Label + " is not in sight"
	case r.Content != nil && r.Content.Empty:
		s.bad = "ca.crt of " + r.Label + " is empty"
	case r.Content != nil && !r.Content.Opaque && len(r.Content.Certificates) == 0:
		s.bad = "ca.crt of " + r.Label + " holds no certificate"
	}
	return s
}

// otherKey reports whether the controller finds a CA under another entry than ca.crt.
func (c *gatewayController) otherKey(r *Reference) bool {
	if c.soleKey && len(r.Keys) == 1 {
		return true
	}
	return slices.ContainsFunc(c.caKeys, func(key string) bool { return slices.Contains(r.Keys, key) })
}

// byExtensions lets the controller's own policies say how clients are verified.
func (l *gatewayListener) byExtensions() {
	switch l.proxy.by.name {
	case "envoy-gateway":
		l.byClientPolicy()
	case "kgateway":
		l.byListenerPolicy()
	case "gloo-gateway":
		l.byGlooSecret()
	}
}

// byGlooSecret has clients asked by a ca.crt beside the listener's first certificate, unless an option says that only they ask.
func (l *gatewayListener) byGlooSecret() {
	oneWay := "gateway.gloo.solo.io/ssl/one-way-tls"
	for i := range l.certificates[:min(1, len(l.certificates))] {
		r := &l.certificates[i]
		if l.option(oneWay) == "true" {
			l.values[Clients] = Answered(Off, l.source("tls", "options", oneWay))
			return
		}
		switch r.Has("ca.crt") {
		case inventory.Present, inventory.Promised:
			by := Source{Object: r.ID, Path: kube.Path{"data", "ca.crt"}}
			l.values[Clients] = Answered(Required, by, l.owner.Source(r.Path...))
			l.values[ClientCA] = Answered(r.Label, by)
			return
		case inventory.Unknown:
			l.values[Clients] = Unsettled("whether "+r.Label+" holds ca.crt, for which clients are asked for certificates", l.owner.Source(r.Path...))
		case inventory.Absent:
		}
	}
}

// byListenerPolicy looks for a ListenerPolicy of kgateway that verifies clients, which replaces what the Gateway says. Its fields
// differ between releases.
func (l *gatewayListener) byListenerPolicy() {
	for _, o := range l.proxy.all.rules.get(listenerPolicyKind, l.owner.ID.Namespace, l.owner.ID.Name) {
		for i, target := range gatewayList(o.Fields, "spec", "targetRefs") {
			if text(target["name"]) != l.owner.ID.Name || text(target["kind"]) != l.owner.ID.Kind {
				continue
			}
			if section := text(target["sectionName"]); section != "" && section != l.name {
				continue
			}
			if gatewayMentions(o.Fields["spec"], "clientCertificateValidation", 0) {
				l.values[Clients] = Unsettled("what the release of kgateway makes of clientCertificateValidation", o.Source("spec", "targetRefs", i))
				l.values[ClientCA] = Value{}
			}
		}
	}
}

// gatewayMentions reports whether a field of some name is anywhere below a value; deeper than 8 nobody writes it.
func gatewayMentions(value any, name string, depth int) bool {
	fields, ok := value.(map[string]any)
	if !ok || depth > 8 {
		return false
	}
	if _, ok := fields[name]; ok {
		return true
	}
	for _, inner := range fields {
		if gatewayMentions(inner, name, depth+1) {
			return true
		}
	}
	return false
}
