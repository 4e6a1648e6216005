package effective

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// systemRoots are the CAs that a proxy's image brings along.
const systemRoots = "system roots"

func kubePath(steps ...any) kube.Path { return steps }

// gatewayPolicy is a target of a BackendTLSPolicy.
type gatewayPolicy struct {
	object                     *Object
	by                         Source
	kind, name, section, shape string
}

// gatewayBackend is a backend of a rule, as its controller calls it.
type gatewayBackend struct {
	proxy *gatewayProxy
	route *Object
	ref   *Reference
	by    Source
	port  int
	// share is its part of the requests, "" if it has all.
	share string
	// refused is what its requests get where they do not reach it.
	refused Value
	values  [aspects]Value
	policy  *gatewayPolicy
}

// backendPolicy files a BackendTLSPolicy under what it names, in the shape of any version.
func (g *gateways) backendPolicy(o *Object) {
	targets := gatewayList(o.Fields, "spec", "targetRefs")
	at := func(i int) Source { return o.Source("spec", "targetRefs", i) }
	if one := gatewayMap(o.Fields, "spec", "targetRef"); one != nil {
		targets, at = []map[string]any{one}, func(int) Source { return o.Source("spec", "targetRef") }
	}
	for i, target := range targets {
		c := &gatewayPolicy{
			object: o, by: at(i), kind: cmp.Or(text(target["kind"]), "Service"), name: text(target["name"]), section: text(target["sectionName"]),
		}
		key := c.kind + "/" + c.name
		g.policies[key] = append(g.policies[key], c)
	}
}

// backends answers for the backends of a rule together: where they differ, the weakest answer, since some requests get that.
func (l *gatewayListener) backends(r *gatewayRoute, index int, refs []map[string]any, values *[aspects]Value) {
	var list []*gatewayBackend
	total := 0
	for i, fields := range refs {
		weight := 1
		if _, ok := fields["weight"]; ok {
			weight = gatewayNumber(fields["weight"])
		}
		if weight == 0 {
			continue
		}
		total += weight
		at := kube.Path{"spec", "rules", index, "backendRefs", i}
		b := l.backend(r, at, fields)
		b.share = fmt.Sprint(weight)
		list = append(list, b)
	}
	if len(list) == 0 {
		values[Answer] = Answered("500", r.object.Source("spec", "rules", index, "backendRefs").Saying("all weights are 0"))
		return
	}
	if l.proxy.by.name == "nginx-gateway-fabric" {
		if by := gatewayDiffer(list); by != nil {
			values[Answer] = Answered("500", by...)
			return
		}
	}
	gatewayTogetherAll(list, values, total)
}

// gatewayDiffer is NGINX Gateway Fabric's refusal of a rule whose backends have different policies (backend_refs.go,
// validateBackendTLSPolicyMatchingAllBackends); nil where it takes the rule.
func gatewayDiffer(list []*gatewayBackend) []Source {
	var first *gatewayPolicy
	for _, b := range list {
		if b.refused.Asked() {
			continue
		}
		if b.policy == nil {
			if first != nil {
				return []Source{b.by.Saying("it has no BackendTLSPolicy, and another backend of the rule has"), first.by}
			}
			continue
		}
		if first == nil {
			first = b.policy
			continue
		}
		if first.object != b.policy.object && first.compared() != b.policy.compared() {
			return []Source{b.policy.by.Saying("the policies of the backends of a rule differ"), first.by}
		}
	}
	return nil
}

// compared is what NGINX Gateway Fabric compares; of well-known CAs it compares pointers, so that two policies never agree.
func (c *gatewayPolicy) compared() string {
	refs, _ := c.object.Field("spec", "validation", "caCertificateRefs")
	if refs == nil {
		return gatewayTitle(c.object)
	}
	return fmt.Sprint(c.object.Text("spec", "validation", "hostname"), refs)
}

func gatewayTogetherAll(list []*gatewayBackend, values *[aspects]Value, total int) {
	var served []*gatewayBackend
	var lost []Source
	answers := map[string]bool{}
	for _, b := range list {
		if b.refused.Asked() {
			answers[cmp.Or(b.refused.Is, "?")] = true
			lost = append(lost, b.refused.By...)
			continue
		}
		served = append(served, b)
	}
	if len(served) == 0 {
		values[Answer] = list[0].refused
		if len(answers) > 1 {
			values[Answer] = Answered("5xx", lost...)
		}
		values[Backend] = gatewayNames(list, total)
		return
	}
	values[Answer] = Answered(Served)
	for _, s := range lost {
		values[Answer].By = append(values[Answer].By, s.Saying(cmp.Or(s.Because, "it cannot be used")+": its share of the requests fails"))
	}
	values[Backend] = gatewayNames(served, total)
	for a := Upstream; a < aspects; a++ {
		values[a] = gatewayWeakest(a, served)
	}
}

func gatewayNames(list []*gatewayBackend, total int) Value {
	names := make([]string, len(list))
	var by []Source
	for i, b := range list {
		names[i] = b.label()
		if len(list) > 1 {
			names[i] += " (" + b.share + " of " + fmt.Sprint(total) + ")"
		}
		by = append(by, b.by)
	}
	v := Answered(strings.Join(names, ", "), by...)
	for _, b := range list {
		if b.ref != nil && !b.ref.Grant.Permitted() && b.ref.Grant != NotGranted {
			v = v.Assuming(b.ref.Label + " " + b.ref.State)
		}
	}
	return v
}

func (b *gatewayBackend) label() string {
	if b.port == 0 {
		return b.ref.Label
	}
	return fmt.Sprintf("%s:%d", b.ref.Label, b.port)
}

// gatewayRanks are the answers that compare, the weakest first.
var gatewayRanks = map[Aspect][]string{Upstream: {Plain, TLS, Passthrough}, Verification: {Off, Chain, Name}}

// gatewayWeakest joins what backends answer. Unknown goes before what is known, but for the weakest of all.
func gatewayWeakest(a Aspect, list []*gatewayBackend) Value {
	first := list[0].values[a]
	same := true
	for _, b := range list[1:] {
		same = same && b.values[a].Is == first.Is && b.values[a].Unknown == first.Unknown
	}
	if same {
		for _, b := range list[1:] {
			for _, s := range b.values[a].By {
				if !slices.ContainsFunc(first.By, func(own Source) bool { return own.Object == s.Object && own.Path.Equal(s.Path) }) {
					first.By = append(slices.Clip(first.By), s)
				}
			}
			first = first.Assuming(b.values[a].Assumed)
		}
		return first
	}
	if ranks := gatewayRanks[a]; ranks != nil {
		worst := slices.MinFunc(list, func(x, y *gatewayBackend) int {
			return cmp.Compare(gatewayRank(ranks, x.values[a]), gatewayRank(ranks, y.values[a]))
		})
		v := worst.values[a]
		v.By = append([]Source{worst.by.Saying("this is so for " + worst.label() + "; other backends of the rule have it better")}, v.By...)
		return v
	}
	var names []string
	var v Value
	for _, b := range list {
		mine := b.values[a]
		if mine.Unknown != "" {
			return mine
		}
		if mine.Is != "" && !slices.Contains(names, mine.Is) {
			names = append(names, mine.Is)
		}
		v.By = append(v.By, mine.By...)
		v = v.Assuming(mine.Assumed)
	}
	v.Is = strings.Join(names, ", ")
	return v
}

func gatewayRank(ranks []string, v Value) int {
	if v.Unknown != "" {
		// Behind the weakest.
		return 1
	}
	if i := slices.Index(ranks, v.Is); i >= 0 {
		return 2 * i
	}
	return 2 * len(ranks)
}

// backend answers for one backend.
func (l *gatewayListener) backend(r *gatewayRoute, at kube.Path, fields map[string]any) *gatewayBackend {
	by := l.proxy.by
	b := &gatewayBackend{proxy: l.proxy, route: r.object, ref: r.backends[at.String()], by: r.object.Source(at...), port: gatewayNumber(fields["port"])}
	if b.ref == nil {
		// Past the bound of the facts, or malformed.
		id := kube.ID{
			Group: text(fields["group"]), Kind: cmp.Or(text(fields["kind"]), "Service"),
			Namespace: cmp.Or(text(fields["namespace"]), r.object.ID.Namespace), Name: text(fields["name"]),
		}
		b.ref = &Reference{ID: id, Label: id.String(), Grant: NotNeeded, State: "is past what is read of a route"}
	}
	switch {
	case b.ref.Grant == NotGranted:
		b.refused = Answered("500", b.by.Saying(b.ref.Label+" "+b.ref.State))
		return b
	case b.ref.Presence == inventory.Absent:
		b.refused = Answered(by.missing, b.by.Saying(b.ref.Label+" "+b.ref.State))
		return b
	}
	if l.values[Transport].Is == Passthrough {
		b.values[Upstream] = Answered(Passthrough, l.values[Transport].By...)
		return b
	}
	switch {
	case b.ref.ID.Kind == "Service" && b.ref.ID.Group == "":
		b.service()
	case b.ref.ID.GroupKind() == envoyBackendKind && by.name == "envoy-gateway":
		b.envoyBackend()
	default:
		b.values[Upstream] = Unsettled("what "+by.title+" makes of "+b.ref.Label, b.by)
	}
	return b
}

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
	for _, c := range p.all.policies[kind+"/"+id.Name] {
		if !gatewayTogether(c.object.ID.Namespace, id.Namespace) || !p.readsPolicy(c.object) {
			continue
		}
		switch {
		case c.section == "":
			whole = append(whole, c)
		case c.section == section:
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
		return true
	}
	off, _ := o.Annotation("istio.io/ignore-policy-attachment")
	return !strings.EqualFold(off, "true") && !(p.before(28) && o.Version != "v1alpha3")
}

// policies answers by the policy that is in force; of several, the older one, and where nobody knows which that is, what all of them
// say.
func (b *gatewayBackend) policies(all []*gatewayPolicy) {
	if len(all) == 0 {
		b.values[Upstream] = b.plain()
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

// plain is a backend that no policy in sight is for.
func (b *gatewayBackend) plain() Value {
	v := Answered(Plain)
	id := b.ref.ID
	if !b.proxy.all.tree.Inventory.Complete(backendPolicyKind, id.Namespace) {
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
	b.values[UpstreamName] = Answered(host, field("hostname"))
	switch {
	case len(names) > 0 && by.policyNames == gatewayReads:
		b.values[UpstreamName] = Answered(gatewayNamed(host, names), field("subjectAltNames"), field("hostname"))
		b.values[Verification] = Answered(Name, field("subjectAltNames"))
	case by.policyHost == gatewayIgnores:
		b.values[Verification] = Answered(Chain, field("hostname").Saying(by.title+" compares no name with the certificate unless subjectAltNames has one"))
	case len(names) > 0:
		b.values[Verification] = Answered(Name, field("hostname"), field("subjectAltNames").Saying(by.title+" does not read it"))
	default:
		b.values[Verification] = Answered(Name, field("hostname"))
	}
}

// gatewayNamed is an SNI with the names that are verified in its place.
func gatewayNamed(sni string, names []string) string {
	if len(names) == 1 && names[0] == sni {
		return sni
	}
	return strings.TrimSpace(sni + " (certificate for " + strings.Join(names, " or ") + ")")
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
	case gatewayUntold:
		return Unsettled("whether "+p.by.title+" shows the Gateway's client certificate", p.object.Source(at...))
	case gatewayIgnores:
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

// kong answers for a Service as Kong calls it.
func (b *gatewayBackend) kong(all []*gatewayPolicy) {
	service := b.proxy.all.find(serviceKind, b.ref.ID.Namespace, b.ref.ID.Name)
	policies := map[*Object]bool{}
	for _, c := range all {
		policies[c.object] = true
	}
	if len(all) > 0 {
		reads, unknown := b.proxy.kongReads()
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
					b.values[Upstream] = Unsettled(s.unseen+": without it Kong takes the policy out, and goes unencrypted", s.by)
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
	case len(policies) > 1:
		b.values[Upstream].By = append(b.values[Upstream].By, all[0].by.Saying("Kong takes out all policies of a Service that has several"))
	case len(all) > 0:
		b.values[Upstream].By = append(b.values[Upstream].By, all[0].by.Saying("Kong does not take the policy"))
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

// besideRule answers where a DestinationRule says how a Service of Istio is called; false where policies do.
func (b *gatewayBackend) besideRule(all []*gatewayPolicy) bool {
	o := b.proxy.destinationRule(b.ref.ID.Namespace, b.ref.ID.Name)
	if o == nil {
		return false
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

// byConfigPolicy looks for a BackendConfigPolicy of kgateway with tls, where no BackendTLSPolicy is.
func (b *gatewayBackend) byConfigPolicy() {
	for _, o := range b.proxy.all.rules[backendConfigKind+"/"+b.ref.ID.Name] {
		tls := gatewayMap(o.Fields, "spec", "tls")
		if tls == nil || !gatewayTogether(o.ID.Namespace, b.ref.ID.Namespace) {
			continue
		}
		field := func(name string) Source { return o.Source("spec", "tls", name) }
		b.values[Upstream] = Answered(TLS, o.Source("spec", "tls"))
		names := texts(tls["verifySubjectAltNames"])
		switch {
		case tls["insecureSkipVerify"] == true:
			b.values[Verification] = Answered(Off, field("insecureSkipVerify"))
		case text(tls["wellKnownCACertificates"]) == "" && gatewayMap(tls, "secretRef") == nil && gatewayMap(tls, "files") == nil:
			b.values[Verification] = Answered(Off, o.Source("spec", "tls").Saying("it names no CA"))
		case len(names) > 0:
			b.values[Verification] = Answered(Name, field("verifySubjectAltNames"))
		default:
			b.values[Verification] = Answered(Chain, o.Source("spec", "tls").Saying("it has no verifySubjectAltNames"))
		}
		b.values[UpstreamName] = Answered(cmp.Or(gatewayNamed(text(tls["sni"]), names), None), field("sni"))
		for _, r := range o.References("kgateway-backend-ca") {
			b.values[UpstreamCA] = Answered(r.Label, o.Source(r.Path...)).Assuming(gatewayFollow(o, &r).unseen)
		}
		return
	}
}

// envoyBackend answers for a Backend of Envoy Gateway, whose BackendTLSPolicy goes before what it says itself
// (backendtlspolicy.go, applyBackendTLSSetting). A section of it is the number of a port.
func (b *gatewayBackend) envoyBackend() {
	o := b.proxy.all.find(envoyBackendKind, b.ref.ID.Namespace, b.ref.ID.Name)
	if o == nil {
		b.values[Upstream] = Unsettled("what is in "+b.ref.Label+": it is not in "+b.proxy.all.tree.Scope, b.by)
		return
	}
	all, _ := b.proxy.candidates("Backend", b.ref.ID, fmt.Sprint(b.port), true)
	tls := gatewayMap(o.Fields, "spec", "tls")
	own := &gatewayBackend{proxy: b.proxy, route: b.route, ref: b.ref, by: b.by, port: b.port}
	field := func(name string) Source { return o.Source("spec", "tls", name) }
	if tls != nil {
		own.values[Upstream] = Answered(TLS, o.Source("spec", "tls"))
		own.values[UpstreamName] = Answered(cmp.Or(text(tls["sni"]), None), field("sni"))
		own.ownTrust(o, tls, field)
	}
	if len(all) > 0 {
		b.policies(all)
		if tls["insecureSkipVerify"] == true && b.values[Upstream].Is == TLS {
			b.values[Verification] = Answered(Off, field("insecureSkipVerify"))
		}
	} else {
		b.values, b.refused = own.values, own.refused
		if tls == nil {
			b.values[Upstream] = b.plain()
		}
	}
	if b.values[Upstream].Is != TLS {
		return
	}
	b.values[UpstreamCertificate] = b.proxy.clientCertificate()
	for _, r := range o.References("backend-client-certificate") {
		b.values[UpstreamCertificate] = Answered(r.Label, o.Source(r.Path...)).Assuming(gatewayFollow(o, &r).unseen)
	}
}

// ownTrust is how a Backend of Envoy Gateway itself has its certificate verified.
func (b *gatewayBackend) ownTrust(o *Object, tls map[string]any, field func(string) Source) {
	switch {
	case tls["insecureSkipVerify"] == true:
		b.values[Verification] = Answered(Off, field("insecureSkipVerify"))
		return
	case text(tls["wellKnownCACertificates"]) == "System":
		b.values[UpstreamCA] = Answered(systemRoots, field("wellKnownCACertificates"))
	default:
		var states []gatewayState
		for _, r := range o.References("backend-trust") {
			states = append(states, b.proxy.by.authority(o, &r, b.proxy.by.policyCAKinds...))
		}
		good, bad := gatewayUsable(states)
		if len(good) == 0 || len(bad) > 0 {
			b.refused = Answered("500", append(bad, o.Source("spec", "tls").Saying("without a CA requests fail"))...)
			return
		}
		b.values[UpstreamCA] = gatewayAuthorities(good, nil)
	}
	b.values[Verification] = Answered(Name, field("sni"))
	if text(tls["sni"]) == "" {
		b.values[Verification] = Answered(Chain, o.Source("spec", "tls").Saying("it has no sni to compare the certificate with"))
	}
}

// services answers for Services with a policy that no route in sight leads to.
func (g *gateways) services() []Row {
	var rows []Row
	var only *gatewayProxy
	for _, p := range g.proxies {
		if p.by != nil && (only == nil || only.by == p.by) {
			only = p
		} else if p.by != nil {
			only = nil
			break
		}
	}
	if only == nil {
		return nil
	}
	done := map[string]bool{}
	for _, o := range g.tree.Of(backendPolicyKind) {
		for _, r := range o.References("policy-target") {
			id := r.ID
			key := id.GroupKind() + "/" + id.Namespace + "/" + id.Name
			if g.reached[key] || done[key] || id.GroupKind() != serviceKind || only.by.name == "kong" {
				continue
			}
			done[key] = true
			b := &gatewayBackend{proxy: only, route: o, ref: &r, by: o.Source(r.Path...)}
			all, unknown := only.candidates("Service", id, "", true)
			if unknown != "" || len(all) == 0 {
				continue
			}
			b.policies(all)
			row := Row{Controller: only.by.name, Service: strings.TrimPrefix(id.Namespace+"/"+id.Name, "/"), Values: b.values}
			if b.refused.Asked() {
				row.Values[Answer] = b.refused
			}
			rows = append(rows, row)
		}
	}
	return rows
}
