package effective

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/inventory"
)

const (
	kongDefaultCertificate = "Kong's default certificate"
	kongPrefix             = "konghq.com/"
)

// kongCertificate is the one that Kong shows for a listener: it takes one, and its default where that is bad
// (internal/dataplane/translator/translate_certs.go). A listener with a bad reference takes no routes (gateway_utils.go).
func (l *gatewayListener) kongCertificate(states []gatewayState, listed int) Value {
	for _, s := range states {
		if s.bad != "" {
			l.left = true
			return Answered(kongDefaultCertificate, s.by.Saying(s.bad))
		}
	}
	if listed > 1 {
		return Answered(kongDefaultCertificate, l.source("tls", "certificateRefs").Saying("Kong takes one certificate for a listener, and none of several"))
	}
	if len(states) == 0 {
		return Unsettled("what the reference names", l.source("tls", "certificateRefs"))
	}
	return Answered(states[0].ref.Label, states[0].by).Assuming(states[0].unseen)
}

// kongPlain adds what Kong answers in plain HTTP for routes of HTTPS listeners: it knows them by host and path on every port, and
// tells clients to come back with TLS (Kong, kong/runloop/handler.lua, https_redirect_status_code).
func (p *gatewayProxy) kongPlain(t *gatewayTable) {
	for _, l := range p.listeners {
		if l.protocol != "HTTP" || l.closed() || l.values[Transport].Unknown != "" {
			continue
		}
		for _, other := range p.listeners {
			if other.protocol != "HTTPS" || other.left || other.closed() {
				continue
			}
			for _, a := range other.routes {
				if !l.has[a.route] && !p.kongPlainToo(a.route) {
					l.kongUpgrade(t, other, a)
				}
			}
		}
	}
}

// kongPlainToo reports whether a route is for plain HTTP as well: one that names no section is for the protocols of all listeners.
func (p *gatewayProxy) kongPlainToo(r *gatewayRoute) bool {
	return slices.ContainsFunc(gatewayList(r.object.Fields, "spec", "parentRefs"), func(parent map[string]any) bool {
		section := text(parent["sectionName"])
		return text(parent["name"]) == p.object.ID.Name && slices.ContainsFunc(p.listeners, func(l *gatewayListener) bool {
			return l.protocol == "HTTP" && (section == "" || section == l.name)
		})
	})
}

func (l *gatewayListener) kongUpgrade(t *gatewayTable, of *gatewayListener, a gatewayAttachment) {
	values := l.values
	values[Answer] = Answered("426", a.by.Saying("Kong has the route for HTTPS only"))
	if status, _ := a.route.object.Annotation(kongPrefix + "https-redirect-status-code"); slices.Contains([]string{"301", "302", "307", "308"}, status) {
		values[Transport] = Answered(Redirect, a.route.object.Source("metadata", "annotations", kongPrefix+"https-redirect-status-code"))
		values[Answer] = Value{}
	}
	for _, name := range a.route.hosts {
		host, ok := gatewayMeets(of.host, name)
		if !ok {
			continue
		}
		l.hosts[host] = true
		for _, rule := range a.route.rules {
			for _, m := range gatewayMatches(a.route.object.ID.Kind, rule) {
				r := l.proxy.row(host, l.port).with(&values, t.last())
				r.Path, r.Match = m.path, m.match
				t.add(r, a.route)
			}
		}
	}
}

// kongGates matches the feature gates with which Kong reads BackendTLSPolicies, as the rule kong/policies-switched-off does.
var kongGates = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|,) *GatewayAlpha *= *(1|t|T|TRUE|true|True) *(,|$)`)
})

// kongReads says whether Kong reads BackendTLSPolicies: "" where it does, else what it is not told by.
func (p *gatewayProxy) kongReads() (reads bool, unknown string) {
	gates := p.object.Setting("kong", "feature-gates")
	if gates.Certainty != Known {
		return false, "whether Kong's feature gate GatewayAlpha is on, without which it reads no BackendTLSPolicy: controllers.settings.kong.feature-gates of the config says so"
	}
	return kongGates().MatchString(gates.Value), ""
}

// Booleans and protocols as Kong's controller reads them (internal/annotations, internal/util/protocol.go; lib/kong.rego).
func kongTrue(value string) bool {
	return slices.Contains([]string{"1", "t", "T", "TRUE", "true", "True"}, value)
}

// byAnnotations answers for a backend by the annotations of its Service.
func (b *gatewayBackend) byAnnotations(o *Object) {
	key := func(name string) (string, Source) {
		value, _ := o.Annotation(kongPrefix + name)
		return value, o.Source("metadata", "annotations", kongPrefix+name)
	}
	protocol, by := key("protocol")
	if !slices.Contains([]string{"https", "tls", "grpcs", "wss"}, protocol) {
		b.values[Upstream] = Answered(Plain)
		if protocol != "" {
			b.values[Upstream].By = []Source{by}
		}
		return
	}
	b.values[Upstream] = Answered(TLS, by)
	verify, verifyBy := key("tls-verify")
	if (protocol == "grpcs" || protocol == "wss") && verify != "" {
		b.values = [aspects]Value{}
		b.values[Upstream] = Unsettled("what was in force before: Kong takes no tls-verify for "+protocol+", and refuses its whole configuration", by, verifyBy)
		return
	}
	b.kongClientCertificate(o)
	if !kongTrue(verify) {
		b.values[Verification] = Answered(Off)
		if verify != "" {
			b.values[Verification].By = []Source{verifyBy}
		}
		return
	}
	b.values[Verification] = Answered(Name, verifyBy)
	b.kongAuthorities(o, nil)
	header, headerBy := key("host-header")
	b.kongName(header, headerBy)
	depth, depthBy := key("tls-verify-depth")
	b.values[UpstreamDepth] = Answered("1")
	if kongWhole(depth) {
		b.values[UpstreamDepth] = Answered(strings.TrimPrefix(depth, "+"), depthBy)
	}
}

// kongWhole reports whether a depth is one that Kong takes, 0 to 64; what is no number counts as not set.
func kongWhole(depth string) bool {
	return depth != "" && len(depth) <= 3 && strings.Trim(depth, "0123456789") == ""
}

// kongName is the name that is asked for and verified: that of the client's request, unless the route is told not to keep it
// (Kong, kong/templates/nginx_kong.lua; the controller sets preserve_host).
func (b *gatewayBackend) kongName(header string, by Source) {
	keep, _ := b.route.Annotation(kongPrefix + "preserve-host")
	if strings.EqualFold(keep, "false") && header != "" {
		b.values[UpstreamName] = Answered(header, by)
		return
	}
	b.values[UpstreamName] = Answered("host of the request")
	if header != "" {
		b.values[UpstreamName].By = []Source{by.Saying("it does nothing: the route keeps the host of the client")}
	}
}

// kongAuthorities are the CAs of the Service's annotations, and those of a policy beside them.
func (b *gatewayBackend) kongAuthorities(o *Object, policy []gatewayState) {
	var good []gatewayState
	var bad []Source
	if o != nil {
		for _, r := range o.References("kong-ca") {
			policy = append(policy, b.kongAuthority(o, &r))
		}
	}
	for _, s := range policy {
		if s.bad != "" {
			bad = append(bad, s.by.Saying(s.bad))
			continue
		}
		good = append(good, s)
	}
	if len(good) == 0 && len(bad) == 0 {
		b.values[UpstreamCA] = Answered(systemRoots).Assuming("Kong's lua_ssl_trusted_certificate is its default")
		return
	}
	if len(good) == 0 {
		b.values[UpstreamCA] = Answered(None, bad...)
		return
	}
	b.values[UpstreamCA] = gatewayAuthorities(good, bad)
}

// kongAuthority judges a CA as Kong loads it: by a label, and under an id.
func (b *gatewayBackend) kongAuthority(o *Object, r *Reference) gatewayState {
	s := gatewayFollow(o, r, "Secret", "ConfigMap")
	labels, _ := r.Facts["labels"].(map[string]any)
	switch {
	case s.bad != "" || s.unseen != "":
	case r.Presence == inventory.Present && labels["konghq.com/ca-cert"] != "true":
		s.bad = r.Label + " lacks the label konghq.com/ca-cert"
	case r.Presence == inventory.Present && r.Has("id") == inventory.Absent:
		s.bad = r.Label + " has no id"
	case r.KeyPresence == inventory.Absent && r.Has("cert") == inventory.Absent:
		s.bad = r.Label + " has neither cert nor ca.crt"
	}
	return s
}

func (b *gatewayBackend) kongClientCertificate(o *Object) {
	b.values[UpstreamCertificate] = Answered(None)
	if o == nil {
		return
	}
	for _, r := range o.References("kong-client-certificate") {
		s := (*gatewayListener)(nil).pair(o, &r)
		b.values[UpstreamCertificate] = Answered(r.Label, s.by).Assuming(s.unseen)
		if s.bad != "" {
			b.values[UpstreamCertificate] = Answered(None, s.by.Saying(s.bad))
		}
	}
}

// byKongPolicy answers for a backend by the BackendTLSPolicy that holds for its Service, with what the annotations add.
func (b *gatewayBackend) byKongPolicy(c *gatewayPolicy, service *Object, cas []gatewayState) {
	o := c.object
	validation := kubePath("spec", "validation")
	b.values[Upstream] = Answered(TLS, c.by)
	b.values[Verification] = Answered(Name, o.Source(validation.Append("caCertificateRefs")...))
	b.kongAuthorities(service, cas)
	b.kongName(o.Text("spec", "validation", "hostname"), o.Source(validation.Append("hostname")...))
	b.kongClientCertificate(service)
	depth := cmp.Or(o.Text("spec", "options", "tls-verify-depth"))
	switch {
	case kongWhole(depth):
		b.values[UpstreamDepth] = Answered(depth, o.Source("spec", "options", "tls-verify-depth"))
	default:
		b.values[UpstreamDepth] = Answered("1")
		if service != nil {
			if own, _ := service.Annotation(kongPrefix + "tls-verify-depth"); kongWhole(own) {
				b.values[UpstreamDepth] = Answered(own, service.Source("metadata", "annotations", kongPrefix+"tls-verify-depth"))
			}
		}
	}
}

// kongDiffer is Kong's refusal of a rule whose Services are annotated in different ways (ingressrules.go,
// collectInconsistentAnnotations); nil where it takes the rule. It calls all of them in one way then: a policy of one holds for all.
func kongDiffer(list []*gatewayBackend) []Source {
	var first, covered *gatewayBackend
	for _, b := range list {
		if b.policy != nil && covered == nil {
			covered = b
		}
		if b.refused.Asked() || b.ref.Object == nil {
			continue
		}
		if first == nil {
			first = b
			continue
		}
		mine, theirs := gatewayMap(first.ref.Object, "metadata", "annotations"), gatewayMap(b.ref.Object, "metadata", "annotations")
		if !maps.EqualFunc(mine, theirs, func(x, y any) bool { return x == y }) {
			return []Source{b.by.Saying("Kong leaves out a rule whose Services differ in annotations of " + strings.TrimSuffix(kongPrefix, "/")), first.by}
		}
	}
	if covered == nil {
		return nil
	}
	for _, b := range list {
		if b.policy == nil && !b.refused.Asked() {
			b.values = covered.values
			b.values[Upstream].By = append(slices.Clip(b.values[Upstream].By), covered.by.Saying("Kong calls all Services of a rule in one way"))
		}
	}
	return nil
}

// kong answers for a Service as Kong calls it.
func (b *gatewayBackend) kong(all []*gatewayPolicy) {
	service := b.proxy.all.find(serviceKind, b.ref.ID.Namespace, b.ref.ID.Name)
	policies := map[*Object]bool{}
	for _, c := range all {
		policies[c.object] = true
	}
	why := "Kong does not take the policy"
	if len(all) > 0 {
		reads, unknown := b.proxy.kongReads()
		if !reads {
			why = "Kong reads no BackendTLSPolicy without the gate GatewayAlpha"
		}
		switch {
		case unknown != "":
			b.values[Upstream] = Unsettled(unknown, gatewaySources(all)...)
			return
		case !reads, len(policies) > 1, !b.kongAccepts(all[0].object):
			// Kong takes the policy out, and goes by the annotations alone.
		default:
			b.policy = all[0]
			states := b.proxy.by.policyStates(all[0].object)
			for _, s := range states {
				if s.unseen != "" {
					b.values[Upstream] = Unsettled(s.ref.Label+" "+s.ref.State+": without it Kong takes the policy out, and goes unencrypted", s.by)
					return
				}
			}
			for i := range states {
				for _, r := range all[0].object.References("kong-policy-ca") {
					if r.Path.Equal(states[i].ref.Path) {
						states[i] = b.kongAuthority(all[0].object, &r)
					}
				}
			}
			b.byKongPolicy(all[0], service, states)
			if all[0].object.Version != "v1alpha3" {
				b.values[Upstream] = b.values[Upstream].Assuming("the CRDs serve BackendTLSPolicies as v1alpha3 too, the only version that Kong reads")
			}
			return
		}
	}
	if service == nil {
		if b.ref.Presence == inventory.Present && b.ref.Object != nil {
			b.values[Upstream] = b.plain()
			return
		}
		b.values[Upstream] = Unsettled("how "+b.ref.Label+" is annotated: it is not in "+b.proxy.all.tree.Scope, b.by)
		return
	}
	b.byAnnotations(service)
	switch {
	case len(policies) > 1 && why == "Kong does not take the policy":
		b.values[Upstream].By = append(b.values[Upstream].By, all[0].by.Saying("Kong takes out all policies of a Service that has several"))
	case len(all) > 0:
		b.values[Upstream].By = append(b.values[Upstream].By, all[0].by.Saying(why))
	case b.values[Upstream].Is == Plain:
		b.values[Upstream] = b.values[Upstream].Assuming(b.plain().Assumed)
	}
}

// kongAccepts reports whether Kong takes a policy (backendtlspolicy_utils.go, validateBackendTLSPolicy).
func (b *gatewayBackend) kongAccepts(o *Object) bool {
	validation := gatewayMap(o.Fields, "spec", "validation")
	if len(gatewayList(validation, "subjectAltNames")) > 0 || text(validation["wellKnownCACertificates"]) != "" {
		return false
	}
	for _, r := range o.References("backend-ca") {
		if s := gatewayFollow(o, &r, "ConfigMap", "Secret"); s.bad != "" {
			return false
		}
	}
	return true
}
