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

const (
	glooVirtualService = "VirtualService.gateway.solo.io"
	glooUpstreamKind   = "Upstream.gloo.solo.io"
	glooSettingsKind   = "Settings.gloo.solo.io"
	glooAnnotations    = "gloo.solo.io/sslService."
	glooUpstreamConfig = "gloo.solo.io/upstream_config"
)

// glooModel knows Gloo's own kinds: VirtualServices and the Upstreams that they lead to. Its sources are projects/gloo/pkg/utils/ssl.go,
// projects/gloo/pkg/translator/clusters.go and projects/gateway/pkg/translator/virtual_service_translator.go.
func glooModel() Model {
	return Model{
		Controllers: []string{"gloo"},
		Kinds:       []string{glooVirtualService, glooUpstreamKind, glooSettingsKind, serviceKind},
		Rows:        func(t *Tree) []Row { return newGloo(t).rows() },
	}
}

type gloo struct {
	tree  *Tree
	named gatewayIndex[*Object]
	// reached are Upstreams that a route leads to.
	reached map[kube.ID]bool
}

func newGloo(t *Tree) *gloo {
	g := &gloo{tree: t, named: newGatewayIndex[*Object](), reached: map[kube.ID]bool{}}
	if len(t.Of(glooVirtualService))+len(t.Of(glooUpstreamKind)) == 0 {
		return g
	}
	for _, kind := range []string{glooUpstreamKind, serviceKind} {
		for _, o := range t.Of(kind) {
			g.named.add(kind, o.ID.Namespace, o.ID.Name, o)
		}
	}
	return g
}

func (g *gloo) rows() []Row {
	t := &gatewayTable{known: map[string]int{}}
	chains := g.chains()
	for _, o := range g.tree.Of(glooVirtualService) {
		g.virtualService(t, o, chains)
	}
	rows := t.rows
	for _, o := range g.tree.Of(glooUpstreamKind) {
		if gatewayMap(o.Fields, "spec", "sslConfig") == nil || g.reached[o.ID] {
			continue
		}
		b := &gatewayBackend{ref: &Reference{ID: o.ID, Label: o.ID.String()}}
		g.upstream(b, o)
		row := Row{Controller: "gloo", Service: "Upstream " + strings.TrimPrefix(o.ID.Namespace+"/"+o.ID.Name, "/")}.with(&b.values, nil)
		if b.refused.Asked() {
			row.Set(Answer, b.refused)
		}
		rows = append(rows, row)
	}
	return rows
}

// virtualService adds the rows of one: with a sslConfig it is taken by Gateways with ssl, without one by the others.
func (g *gloo) virtualService(t *gatewayTable, o *Object, chains *glooChains) {
	for _, domain := range glooDomains(o) {
		if chains.of[o] == nil {
			var values [aspects]Value
			values[Transport] = Answered(Plain, o.Source("spec", "sslConfig").Saying("it has none"))
			g.host(t, o, domain, chains.contested(o, domain, values))
			continue
		}
		for _, host := range chains.hosts(o, domain) {
			g.host(t, o, host, chains.contested(o, domain, chains.values(o, host)))
		}
	}
}

// host adds the rows of one host.
func (g *gloo) host(t *gatewayTable, o *Object, host string, values [aspects]Value) {
	owner := &gatewayRoute{object: o}
	values[Transport] = values[Transport].Assuming("Gateways are those of Gloo's chart: port 443 with ssl, and port 80 without")
	row := Row{Controller: "gloo", Proxy: "gateway-proxy", Host: host, Port: glooPort(o)}.with(&values, nil)
	routes := gatewayList(o.Fields, "spec", "virtualHost", "routes")
	if values[Transport].Is == Closed || values[Transport].Unknown != "" || len(routes) == 0 {
		t.add(row, owner)
		return
	}
	var before []gatewayMatch
	for i, route := range routes {
		outcome := g.outcome(o, i, route, values)
		r := row.with(&outcome, &row)
		for _, m := range glooMatches(route) {
			r.Path, r.Match = m.path, m.match
			// The first that fits counts, not the longest.
			if !slices.ContainsFunc(before, m.shadowed) {
				t.add(r, owner)
			}
			before = append(before, m)
		}
	}
}

func glooMatches(route map[string]any) []gatewayMatch {
	var list []gatewayMatch
	for _, m := range gatewayList(route, "matchers") {
		one := gatewayMatch{"/", "Prefix"}
		switch {
		case text(m["exact"]) != "":
			one = gatewayMatch{text(m["exact"]), "Exact"}
		case text(m["regex"]) != "":
			one = gatewayMatch{text(m["regex"]), "RegularExpression"}
		case text(m["prefix"]) != "":
			one.path = text(m["prefix"])
		}
		var beside []string
		for _, what := range []string{"headers", "queryParameters"} {
			for _, entry := range gatewayList(m, what) {
				beside = append(beside, strings.TrimSuffix(what, "s")+" "+text(entry["name"]))
			}
		}
		beside = append(beside, texts(m["methods"])...)
		if len(beside) > 0 {
			one.match += " with " + strings.Join(beside, ", ")
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		return []gatewayMatch{{"/", "Prefix"}}
	}
	return list
}

// glooSecret judges a secretRef: without a namespace it leads nowhere, and of another type than kubernetes.io/tls it is no TLS secret.
func glooSecret(o *Object, r *Reference, at kube.Path) gatewayState {
	s := gatewayFollow(o, r, "Secret")
	namespace, _ := o.Field(at.Append("namespace")...)
	switch {
	case text(namespace) == "" && o.ID.Kind != "Service":
		s.bad = "it has no namespace, and Gloo does not take that of the " + o.ID.Kind
	case s.bad != "" || s.unseen != "":
	case r.Type == "Opaque" && slices.Contains(r.Keys, "tls"):
		// projects/gloo/api/v1/secret.proto: all of it stands as YAML under tls.
		s.unseen = r.Label + " is in Gloo's own format; all that it takes is assumed to be there"
	case r.Type != "" && r.Type != "kubernetes.io/tls":
		s.bad = r.Label + " is of type " + r.Type + ", and Gloo takes kubernetes.io/tls only"
	case r.Pair != "" && r.Pair != "match" && r.Pair != "empty":
		s.bad = "tls.key of " + r.Label + " does not belong to its certificate"
	}
	return s
}

// connect answers for connections by a sslConfig.
func (g *gloo) connect(o *Object, tls map[string]any, values *[aspects]Value) {
	field := func(steps ...any) Source { return o.Source(append([]any{"spec", "sslConfig"}, steps...)...) }
	closed := func(by ...Source) {
		*values = [aspects]Value{}
		values[Transport] = Answered(Closed, by...)
	}
	values[Transport] = Answered(TLS, field())
	values[Protocols] = glooVersions(tls, field("parameters"))
	switch {
	case gatewayMap(tls, "sds") != nil:
		values[ServerCertificate] = Answered("SDS "+text(gatewayMap(tls, "sds")["certificatesSecretName"]), field("sds"))
		values[Clients] = Unsettled("what the SDS server delivers", field("sds"))
		return
	case gatewayMap(tls, "sslFiles") != nil:
		closed(field("sslFiles").Saying("Gloo reads the paths as if they were certificates, and leaves the TLS out"))
		return
	}
	refs := o.References("gloo-certificate")
	if len(refs) == 0 {
		closed(field().Saying("it names no certificate"))
		return
	}
	state := glooSecret(o, &refs[0], kubePath("spec", "sslConfig", "secretRef"))
	if state.bad != "" {
		closed(state.by.Saying(state.bad))
		return
	}
	values[ServerCertificate] = Answered(refs[0].Label, state.by).Assuming(state.unseen)
	if one, by := g.oneWay(o, tls); one {
		values[Clients] = Answered(Off, by)
		return
	}
	switch refs[0].Has("ca.crt") {
	case inventory.Present, inventory.Promised:
		by := Source{Object: refs[0].ID, Path: kube.Path{"data", "ca.crt"}}
		values[Clients] = Answered(Required, by, state.by)
		values[ClientCA] = Answered(refs[0].Label, by)
	case inventory.Unknown:
		values[Clients] = Unsettled("whether "+refs[0].Label+" holds ca.crt, for which clients are asked for certificates", state.by)
	case inventory.Absent:
		if len(texts(tls["verifySubjectAltName"])) > 0 {
			closed(field("verifySubjectAltName").Saying("there is no CA, and Gloo refuses names without one"))
			return
		}
		values[Clients] = Answered(Off, state.by.Saying("the Secret has no ca.crt"))
	}
}

// oneWay says whether clients are not asked whatever the Secret holds; Settings say it for all that do not.
func (g *gloo) oneWay(o *Object, tls map[string]any) (bool, Source) {
	if own, ok := tls["oneWayTls"].(bool); ok {
		return own, o.Source("spec", "sslConfig", "oneWayTls")
	}
	for _, settings := range g.tree.Of(glooSettingsKind) {
		if value, _ := settings.Field("spec", "gateway", "virtualServiceOptions", "oneWayTls"); value == true {
			return true, settings.Source("spec", "gateway", "virtualServiceOptions", "oneWayTls")
		}
	}
	return false, Source{}
}

func glooVersions(tls map[string]any, by Source) Value {
	version := func(field string) string {
		v := text(gatewayMap(tls, "parameters")[field])
		if v == "TLS_AUTO" {
			return ""
		}
		return strings.ReplaceAll(strings.TrimPrefix(v, "TLSv"), "_", ".")
	}
	return gatewayVersions(version("minimumProtocolVersion"), version("maximumProtocolVersion"), by)
}

// outcome answers for a route.
func (g *gloo) outcome(o *Object, index int, route map[string]any, values [aspects]Value) [aspects]Value {
	at := kube.Path{"spec", "virtualHost", "routes", index}
	field := func(steps ...any) Source { return o.Source(at.Append(steps...)...) }
	if redirect := gatewayMap(route, "redirectAction"); redirect != nil {
		if values[Transport].Is == Plain && redirect["httpsRedirect"] == true {
			values[Transport] = Value{Is: Redirect, Assumed: values[Transport].Assumed, By: []Source{field("redirectAction", "httpsRedirect")}}
			return values
		}
		values[Answer] = Answered("301", field("redirectAction"))
		return values
	}
	if direct := gatewayMap(route, "directResponseAction"); direct != nil {
		values[Answer] = Answered(fmt.Sprint(gatewayNumber(direct["status"])), field("directResponseAction"))
		return values
	}
	action := gatewayMap(route, "routeAction")
	var list []*gatewayBackend
	total := 0
	if single := gatewayMap(action, "single"); single != nil {
		list = append(list, g.destination(o, at.Append("routeAction", "single"), single))
		total = 1
	}
	for i, part := range gatewayList(action, "multi", "destinations") {
		b := g.destination(o, at.Append("routeAction", "multi", "destinations", i, "destination"), gatewayMap(part, "destination"))
		weight := gatewayNumber(part["weight"])
		b.share = fmt.Sprint(weight)
		total += weight
		list = append(list, b)
	}
	if len(list) == 0 {
		values[Answer] = Unsettled("what answers: a delegate, or an action of another kind", field())
		return values
	}
	gatewayTogetherAll(list, &values, total)
	return values
}

// destination answers for an Upstream or a Service.
func (g *gloo) destination(o *Object, at kube.Path, fields map[string]any) *gatewayBackend {
	b := &gatewayBackend{route: o, by: o.Source(at...), share: "1"}
	kind, ref := glooUpstreamKind, gatewayMap(fields, "upstream")
	id := kube.ID{Group: "gloo.solo.io", Kind: "Upstream"}
	if service := gatewayMap(fields, "kube"); service != nil {
		kind, ref = serviceKind, gatewayMap(service, "ref")
		id = kube.ID{Kind: "Service"}
		b.port = gatewayNumber(service["port"])
	}
	id.Namespace, id.Name = cmp.Or(text(ref["namespace"]), o.ID.Namespace), text(ref["name"])
	b.ref = &Reference{ID: id, Label: id.String(), Grant: NotNeeded}
	found := g.named.get(kind, id.Namespace, id.Name)
	if len(found) == 0 {
		b.values[Upstream] = Unsettled("what is in "+id.String()+": it is not in "+g.tree.Scope, b.by)
		return b
	}
	g.reached[found[0].ID] = true
	if kind == serviceKind {
		g.service(b, found[0])
	} else {
		g.upstream(b, found[0])
	}
	return b
}

// service is called by TLS where an annotation names a Secret for it or for its port, or files
// (projects/gloo/pkg/plugins/kubernetes/serviceconverter/use_ssl_annotation_converter.go).
func (g *gloo) service(b *gatewayBackend, o *Object) {
	read := func(name string) (string, Source) {
		value, _ := o.Annotation(glooAnnotations + name)
		if port, rest, scoped := strings.Cut(value, ":"); scoped {
			value = ""
			if port == fmt.Sprint(b.port) {
				value = rest
			}
		}
		return value, o.Source("metadata", "annotations", glooAnnotations+name)
	}
	if config, _ := o.Annotation(glooUpstreamConfig); strings.Contains(config, "sslConfig") {
		b.values[Upstream] = Unsettled("what the sslConfig in the annotation comes to", o.Source("metadata", "annotations", glooUpstreamConfig))
		return
	}
	secret, by := read("secret")
	oneWay, _ := read("oneWayTls")
	if secret != "" {
		off, _ := strconv.ParseBool(oneWay)
		tls := map[string]any{"oneWayTls": off}
		b.values[Upstream] = Answered(TLS, by)
		b.values[UpstreamName] = Answered(None)
		g.trust(b, o, tls, by, kubePath("metadata", "annotations", glooAnnotations+"secret"))
		return
	}
	for _, name := range []string{"tlsCert", "tlsKey", "rootCa"} {
		if file, by := read(name); file != "" && name == "rootCa" {
			b.values[Upstream] = Answered(TLS, by)
			b.values[UpstreamName] = Answered(None)
			b.values[UpstreamCA] = Answered("file "+file, by)
			b.values[Verification] = Answered(Chain, by)
			return
		} else if file != "" {
			b.refused = Answered("503", by.Saying("Gloo reads the paths as if they were certificates"))
			return
		}
	}
	b.values[Upstream] = Answered(Plain)
}

// upstream is called as its sslConfig says; without one, static hosts on port 443 are called by TLS, and nothing is verified.
func (g *gloo) upstream(b *gatewayBackend, o *Object) {
	tls := gatewayMap(o.Fields, "spec", "sslConfig")
	by := o.Source("spec", "sslConfig")
	if tls == nil {
		b.values[Upstream] = Answered(Plain)
		static := gatewayMap(o.Fields, "spec", "static")
		useTLS, said := static["useTls"].(bool)
		for i, host := range gatewayList(static, "hosts") {
			if useTLS || !said && gatewayNumber(host["port"]) == 443 {
				b.values[Upstream] = Answered(TLS, o.Source("spec", "static", "hosts", i, "port"))
				b.values[Verification] = Answered(Off, o.Source("spec").Saying("it has no sslConfig with a CA"))
			}
		}
		return
	}
	b.values[Upstream] = Answered(TLS, by)
	b.values[UpstreamName] = Answered(cmp.Or(text(tls["sni"]), None), o.Source("spec", "sslConfig", "sni"))
	switch {
	case gatewayMap(tls, "secretRef") != nil:
		g.trust(b, o, tls, by, kubePath("spec", "sslConfig", "secretRef"))
	case gatewayMap(tls, "sds") != nil:
		b.values[Verification] = Unsettled("what the SDS server delivers", o.Source("spec", "sslConfig", "sds"))
	case text(gatewayMap(tls, "sslFiles")["rootCa"]) != "" && text(gatewayMap(tls, "sslFiles")["tlsCert"]) == "":
		b.values[UpstreamCA] = Answered("file "+text(gatewayMap(tls, "sslFiles")["rootCa"]), o.Source("spec", "sslConfig", "sslFiles", "rootCa"))
		g.names(b, o, tls)
	case gatewayMap(tls, "sslFiles") != nil:
		b.refused = Answered("503", o.Source("spec", "sslConfig", "sslFiles").Saying("Gloo reads the paths as if they were certificates"))
	default:
		b.values[Verification] = Answered(Off, by.Saying("it names no CA"))
	}
}

// trust answers by the Secret that is named. A missing one has Gloo go unencrypted, as long as Settings say warnMissingTlsSecret, as
// the chart does.
func (g *gloo) trust(b *gatewayBackend, o *Object, tls map[string]any, by Source, at kube.Path) {
	refs := o.References("gloo-backend-ca")
	if len(refs) == 0 {
		b.values[Verification] = Unsettled("what the reference names", by)
		return
	}
	r := &refs[0]
	s := glooSecret(o, r, at)
	switch {
	case s.bad != "" && r.Presence == inventory.Present && r.Type != "" && !strings.HasPrefix(s.bad, "it has no namespace"):
		b.refused = Answered("503", s.by.Saying(s.bad))
		return
	case s.bad != "":
		b.values = [aspects]Value{}
		b.values[Upstream] = Answered(Plain, s.by.Saying(s.bad)).Assuming("Settings of Gloo say warnMissingTlsSecret, as its chart does")
		return
	case s.unseen != "":
		b.values = [aspects]Value{}
		b.values[Upstream] = Unsettled(r.Label+" "+r.State+": without it Gloo goes unencrypted", s.by)
		return
	}
	switch r.Has("ca.crt") {
	case inventory.Present, inventory.Promised:
		b.values[UpstreamCA] = Answered(r.Label, s.by, r.Target())
		g.names(b, o, tls)
	case inventory.Unknown:
		b.values[Verification] = Unsettled("whether "+r.Label+" holds ca.crt", s.by)
	case inventory.Absent:
		b.values[Verification] = Answered(Off, s.by.Saying("the Secret has no ca.crt"))
	}
	b.values[UpstreamCertificate] = Answered(None)
	if r.Has("tls.crt") == inventory.Present && tls["oneWayTls"] != true {
		b.values[UpstreamCertificate] = Answered(r.Label, s.by)
	}
}

// names answers for the names that the backend may show: Gloo compares none of its own accord.
func (g *gloo) names(b *gatewayBackend, o *Object, tls map[string]any) {
	names := texts(tls["verifySubjectAltName"])
	if len(names) == 0 {
		b.values[Verification] = Answered(Chain, b.values[Upstream].By...)
		return
	}
	by := o.Source("spec", "sslConfig", "verifySubjectAltName")
	b.values[Verification] = Answered(Name, by)
	b.values[UpstreamName] = Answered(gatewayNamed(cmp.Or(text(tls["sni"]), None), names), by).among(names)
}
