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
	object              *Object
	by                  Source
	kind, name, section string
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
		g.policies.add(c.kind, o.ID.Namespace, c.name, c)
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
	switch l.proxy.by.name {
	case "nginx-gateway-fabric":
		if by := gatewayDiffer(list); by != nil {
			values[Answer] = Answered("500", by...)
			return
		}
	case "kong":
		if by := kongDiffer(list); by != nil {
			values[Answer] = Answered("404", by...)
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

// gatewayRanks are the answers of an aspect that compare, the weakest first; nil where they do not.
func gatewayRanks(a Aspect) []string {
	switch a {
	case Upstream:
		return []string{Plain, TLS, Passthrough}
	case Verification:
		return []string{Off, Chain, Name}
	default:
		return nil
	}
}

// gatewayWeakest joins what backends answer. Unknown goes before what is known, but for the weakest of all.
func gatewayWeakest(a Aspect, list []*gatewayBackend) Value {
	// Who is called without TLS has no part in the questions about it.
	list = slices.DeleteFunc(slices.Clone(list), func(b *gatewayBackend) bool { return !b.values[a].Asked() })
	if len(list) == 0 {
		return Value{}
	}
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
	if ranks := gatewayRanks(a); ranks != nil {
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
	v.Is, v.apart = strings.Join(names, ", "), true
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
	case b.ref.Missing():
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

// byConfigPolicy looks for a BackendConfigPolicy of kgateway with tls, where no BackendTLSPolicy is.
func (b *gatewayBackend) byConfigPolicy() {
	for _, o := range b.proxy.all.rules.get(backendConfigKind, b.ref.ID.Namespace, b.ref.ID.Name) {
		tls := gatewayMap(o.Fields, "spec", "tls")
		if tls == nil {
			continue
		}
		field := func(name string) Source { return o.Source("spec", "tls", name) }
		b.values[Upstream] = Answered(TLS, o.Source("spec", "tls"))
		names := texts(tls["verifySubjectAltNames"])
		switch {
		case tls["insecureSkipVerify"] == true:
			b.values[Verification] = Answered(Off, field("insecureSkipVerify"))
		case text(tls["wellKnownCACertificates"]) == "" && gatewayMap(tls, "secretRef") == nil && gatewayMap(tls, "files") == nil && gatewayMap(tls, "tlsFiles") == nil:
			b.values[Verification] = Unsettled("the release of kgateway: one that names no CA is verified by system roots in the newest, and not at all before", o.Source("spec", "tls"))
		case slices.ContainsFunc(o.References("kgateway-backend-ca"), func(r Reference) bool { return r.KeyPresence == inventory.Absent }):
			b.values[Verification] = Answered(Off, field("secretRef").Saying("the Secret has no ca.crt"))
		case len(names) > 0:
			b.values[Verification] = Answered(Name, field("verifySubjectAltNames"))
		default:
			b.values[Verification] = Answered(Chain, o.Source("spec", "tls").Saying("it has no verifySubjectAltNames"))
		}
		b.values[UpstreamName] = Answered(gatewayNamed(cmp.Or(text(tls["sni"]), None), names), field("sni"))
		if len(names) > 0 {
			b.values[UpstreamName] = Answered(b.values[UpstreamName].Is, field("verifySubjectAltNames"), field("sni")).among(names)
		}
		if b.values[Verification].Is == Off {
			return
		}
		if text(tls["wellKnownCACertificates"]) != "" {
			b.values[UpstreamCA] = Answered(systemRoots, field("wellKnownCACertificates"))
		}
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
			// What is shown to the backend is the Gateway's, and not the Service's.
			b.values[UpstreamCertificate] = Value{}
			row := Row{Controller: only.by.name, Service: strings.TrimPrefix(id.Namespace+"/"+id.Name, "/")}.with(&b.values, nil)
			if b.refused.Asked() {
				row.Set(Answer, b.refused)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// configured answers for Services with a BackendConfigPolicy of kgateway that nothing in sight leads to, and no BackendTLSPolicy is
// for.
func (g *gateways) configured() []Row {
	var rows []Row
	p := &gatewayProxy{by: gatewayControllers()["kgateway"], all: g}
	for _, o := range g.tree.Of(backendConfigKind) {
		for i, target := range gatewayList(o.Fields, "spec", "targetRefs") {
			id := kube.ID{Kind: "Service", Namespace: o.ID.Namespace, Name: text(target["name"])}
			all, _ := p.candidates("Service", id, "", true)
			if g.reached["Service/"+id.Namespace+"/"+id.Name] || len(all) > 0 || cmp.Or(text(target["kind"]), "Service") != "Service" {
				continue
			}
			b := &gatewayBackend{proxy: p, route: o, ref: &Reference{ID: id, Label: id.String()}, by: o.Source("spec", "targetRefs", i)}
			b.byConfigPolicy()
			if b.values[Upstream].Asked() {
				rows = append(rows, Row{Controller: "kgateway", Service: strings.TrimPrefix(id.Namespace+"/"+id.Name, "/")}.with(&b.values, nil))
			}
		}
	}
	return rows
}
