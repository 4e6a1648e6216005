package effective

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

const (
	istioGatewayKind   = "Gateway.networking.istio.io"
	virtualServiceKind = "VirtualService.networking.istio.io"
)

// istioServer is a server of an Istio Gateway. Gateways with the same selector are for the same pods, and make one proxy
// (pilot/pkg/model/gateway.go, mergeGateways).
type istioServer struct {
	proxy  *gatewayProxy
	object *Object
	index  int
	fields map[string]any

	port           int
	protocol, mode string
	values         [aspects]Value
	// services are the VirtualServices of its Gateway.
	services []*istioService
	istioRivals
}

// istioService is a VirtualService that names a Gateway.
type istioService struct {
	object *Object
	hosts  []string
	by     Source
}

// istioRows answers for Istio's own Gateways, their VirtualServices and DestinationRules.
func (g *gateways) istioRows() []Row {
	objects := g.tree.Of(istioGatewayKind)
	if len(objects) == 0 {
		return nil
	}
	bound := newGatewayIndex[*istioService]()
	for _, o := range g.tree.Of(virtualServiceKind) {
		hosts, _ := o.Field("spec", "hosts")
		s := &istioService{object: o, hosts: istioNames(texts(hosts))}
		for _, r := range o.References("virtual-service-gateway") {
			s.by = o.Source(r.Path...)
			bound.add("Gateway", r.ID.Namespace, r.ID.Name, s)
		}
	}
	pods := newIstioPods(g.tree)
	tables := map[string]*gatewayTable{}
	servers, selectors := map[string][]*istioServer{}, map[string]map[string]any{}
	for _, o := range objects {
		p := &gatewayProxy{object: o, acting: o.Acts("istio"), by: gatewayControllers()["istio"], all: g, from: pods.of(o)}
		name := istioSelector(o)
		selectors[name] = gatewayMap(o.Fields, "spec", "selector")
		services := slices.DeleteFunc(slices.Clone(bound.get("Gateway", o.ID.Namespace, o.ID.Name)), func(s *istioService) bool { return !istioExported(s.object, p.from) })
		for i, fields := range gatewayList(o.Fields, "spec", "servers") {
			s := &istioServer{
				proxy: p, object: o, index: i, fields: fields, services: services,
				port: gatewayNumber(gatewayMap(fields, "port")["number"]), protocol: strings.ToUpper(text(gatewayMap(fields, "port")["protocol"])),
			}
			s.connect()
			servers[name] = append(servers[name], s)
		}
	}
	wider := istioSelectors{}
	for _, name := range kube.SortedKeys(servers) {
		wider.add(name, selectors[name])
	}
	for _, name := range kube.SortedKeys(servers) {
		tables[name] = &gatewayTable{known: map[string]int{}}
		all := slices.Clone(servers[name])
		for _, other := range wider.within(selectors[name]) {
			if other == name {
				continue
			}
			// Pods of a narrower selector are those of a wider one too, whose servers have rows of their own.
			for _, s := range servers[other] {
				beside := *s
				beside.istioRivals = istioRivals{}
				all = append(all, &beside)
			}
		}
		merged := mergeIstio(all)
		for _, s := range servers[name] {
			s.rows(tables[name], name, merged)
		}
	}
	var rows []Row
	for _, name := range kube.SortedKeys(tables) {
		rows = append(rows, tables[name].rows...)
	}
	return rows
}

// istioExported reports whether gateways in a namespace see an object, by its exportTo (pilot/pkg/model/push_context.go).
func istioExported(o *Object, namespace string) bool {
	list, _ := o.Field("spec", "exportTo")
	to := texts(list)
	return len(to) == 0 || namespace == "" || o.ID.Namespace == "" || slices.ContainsFunc(to, func(entry string) bool {
		return entry == "*" || entry == namespace || entry == "." && o.ID.Namespace == namespace
	})
}

// istioNames are hosts as they are compared: none stands for all.
func istioNames(hosts []string) []string {
	names := make([]string, len(hosts))
	for i, host := range hosts {
		names[i] = strings.ToLower(strings.TrimPrefix(host, "*"))
		if strings.HasPrefix(host, "*.") {
			names[i] = "*" + names[i]
		}
	}
	return names
}

// istioSelector names the pods that a Gateway is for.
func istioSelector(o *Object) string {
	labels := gatewayMap(o.Fields, "spec", "selector")
	if len(labels) == 0 {
		return "all gateways"
	}
	var list []string
	for _, key := range kube.SortedKeys(labels) {
		list = append(list, key+"="+text(labels[key]))
	}
	return strings.Join(list, ",")
}

func (s *istioServer) secure() bool { return s.protocol == "HTTPS" || s.protocol == "TLS" }

func (s *istioServer) source(steps ...any) Source {
	return s.object.Source(append([]any{"spec", "servers", s.index}, steps...)...)
}

func (s *istioServer) close(by ...Source) {
	s.values = [aspects]Value{}
	s.values[Transport] = Answered(Closed, by...)
}

// connect answers for the connections to a server (pkg/config/validation/validation.go, pilot/pkg/networking/core/listener.go).
func (s *istioServer) connect() {
	tls := gatewayMap(s.fields, "tls")
	secure := s.secure()
	switch {
	case !secure && tls["httpsRedirect"] == true:
		s.values[Transport] = Answered(Redirect, s.source("tls", "httpsRedirect"))
		return
	case !secure && s.protocol != "TCP":
		s.values[Transport] = Answered(Plain, s.source("port", "protocol"))
		return
	case !secure:
		return
	case tls == nil:
		s.values[Transport] = Unsettled("what was in force before: Istio refuses a server of this protocol without tls", s.source("port", "protocol"))
		return
	}
	s.mode = cmp.Or(text(tls["mode"]), "PASSTHROUGH")
	mode := s.source("tls", "mode")
	if text(tls["mode"]) == "" {
		mode = s.source("tls").Saying("without a mode it is PASSTHROUGH")
	}
	switch s.mode {
	case "PASSTHROUGH", "AUTO_PASSTHROUGH":
		s.values[Transport] = Answered(Passthrough, mode)
		return
	case "ISTIO_MUTUAL":
		s.values[ServerCertificate] = Answered(meshCertificate, mode)
		s.values[Clients] = Answered(Required, mode)
		s.values[ClientCA] = Answered(meshAuthority, mode)
	case "SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL":
		s.certificate(tls)
		if s.values[Transport].Is != Closed {
			s.clients(tls, mode)
		}
	default:
		s.values[Transport] = Unsettled("what "+s.mode+" is", mode)
		return
	}
	if s.values[Transport].Is == Closed {
		return
	}
	s.values[Transport] = Answered(TLS, mode)
	s.values[Protocols] = s.versions(tls)
}

func (s *istioServer) versions(tls map[string]any) Value {
	version := func(field string) string {
		v := text(tls[field])
		if v == "TLS_AUTO" {
			return ""
		}
		return strings.ReplaceAll(strings.TrimPrefix(v, "TLSV"), "_", ".")
	}
	return gatewayVersions(version("minProtocolVersion"), version("maxProtocolVersion"), s.source("tls"))
}

// mine lists the references of a role that are this server's.
func (s *istioServer) mine(role string) []Reference {
	return slices.DeleteFunc(s.object.References(role), func(r Reference) bool { return len(r.Path) < 3 || r.Path[2] != s.index || !r.InForce })
}

// certificate answers ServerCertificate: from Secrets in the namespace of the gateway's pods, or from files. A Secret that does not
// come leaves the server's connections waiting (pilot/pkg/xds/sds.go).
func (s *istioServer) certificate(tls map[string]any) {
	refs := s.mine("gateway-credential")
	if len(refs) == 0 {
		switch file := text(tls["serverCertificate"]); {
		case file != "":
			s.values[ServerCertificate] = Answered("file "+file, s.source("tls", "serverCertificate"))
		default:
			s.values[ServerCertificate] = Unsettled("where the certificate comes from", s.source("tls"))
		}
		return
	}
	var good []gatewayState
	var bad []Source
	for i := range refs {
		state := gatewayFollow(s.object, &refs[i], "Secret")
		switch {
		case state.bad != "":
		case state.unseen == "" && refs[i].KeyPresence == inventory.Absent && !slices.Contains(refs[i].Keys, "cert"):
			state.bad = refs[i].Label + " has no " + refs[i].Key
		case refs[i].Pair != "" && refs[i].Pair != "match":
			state.bad = "tls.key of " + refs[i].Label + " does not belong to its certificate"
		}
		if state.bad != "" {
			bad = append(bad, state.by.Saying(state.bad))
			continue
		}
		good = append(good, state)
	}
	if len(bad) > 0 {
		s.close(bad...)
		return
	}
	s.values[ServerCertificate] = istioNamed(good)
}

// istioNamed names Secrets and what of them is out of sight.
func istioNamed(states []gatewayState) Value {
	names := make([]string, len(states))
	var v Value
	for i, state := range states {
		names[i] = state.ref.Label
		v.By = append(v.By, state.by)
		v = v.Assuming(state.unseen)
	}
	v.Is = strings.Join(names, ", ")
	return v
}

// clients answers Clients and ClientCA.
func (s *istioServer) clients(tls map[string]any, mode Source) {
	if s.mode == "SIMPLE" {
		s.values[Clients] = Answered(Off, mode)
		return
	}
	answer := Required
	if s.mode == "OPTIONAL_MUTUAL" {
		answer = Optional
	}
	s.values[Clients] = Answered(answer, mode)
	refs := s.mine("gateway-client-ca")
	if len(refs) == 0 {
		if file := text(tls["caCertificates"]); file != "" {
			s.values[ClientCA] = Answered("file "+file, s.source("tls", "caCertificates"))
			return
		}
		s.values[ClientCA] = Unsettled("where the client CA comes from", s.source("tls"))
		return
	}
	state := gatewayFollow(s.object, &refs[0])
	if state.bad == "" && state.unseen == "" && refs[0].KeyPresence == inventory.Absent {
		state.bad = refs[0].Label + " holds neither ca.crt nor cacert"
	}
	if state.bad != "" {
		s.close(state.by.Saying(state.bad), mode)
		return
	}
	s.values[ClientCA] = istioNamed([]gatewayState{state})
	s.values[Clients] = s.values[Clients].Assuming(state.unseen)
}

// rows adds those of all hosts of the server.
func (s *istioServer) rows(t *gatewayTable, proxy string, merged *istioMerged) {
	if !s.values[Transport].Asked() {
		return
	}
	owner := &gatewayRoute{object: s.object}
	for _, entry := range s.hosts() {
		own, found := *s, false
		host := entry.name
		own.values = merged.contested(s, entry)
		if s.dropped != nil {
			if merged.serving(s.port, host) != nil || !s.dropped.secure() {
				continue
			}
			own.close(s.source("hosts").Saying(gatewayTitle(s.dropped.object)+" has one of them on the port, and Istio drops the server"), s.dropped.source("hosts"))
			found = true
			t.add(Row{Controller: "istio", Proxy: proxy, Host: host, Port: s.port}.with(&own.values, t.last()), owner)
		}
		for _, service := range s.services {
			for _, name := range service.hosts {
				both, ok := gatewayMeets(host, name)
				if s.dropped != nil || !ok || !entry.admits(service.object) || !merged.takes(s, both) {
					continue
				}
				found = found || both == host || !s.secure()
				one := own
				one.redirect(merged, both)
				one.routes(t, proxy, both, service)
			}
		}
		if !found {
			own.redirect(merged, host)
			t.add(Row{Controller: "istio", Proxy: proxy, Host: host, Port: s.port}.with(&own.values, t.last()), owner)
		}
	}
}

// redirect sends a host to TLS where another server of the port does (pilot/pkg/networking/core/gateway.go,
// buildGatewayHTTPRouteConfig).
func (s *istioServer) redirect(merged *istioMerged, host string) {
	if by, ok := merged.redirects[gatewayPortHost{s.port, host}]; ok && s.values[Transport].Is == Plain {
		s.values[Transport] = Answered(Redirect, by)
	}
}

// routes adds the rows of a VirtualService for a host.
func (s *istioServer) routes(t *gatewayTable, proxy, host string, service *istioService) {
	owner := &gatewayRoute{object: service.object}
	row := Row{Controller: "istio", Proxy: proxy, Host: host, Port: s.port}.with(&s.values, t.last())
	is := s.values[Transport].Is
	if is == Closed || is == Redirect || is == "" || s.values[Transport].Unknown != "" {
		t.add(row, owner)
		return
	}
	section := "http"
	switch {
	case is == Passthrough:
		section = "tls"
	case s.protocol == "TLS":
		// createGatewayTCPFilterChainOpts: what is in the connection is not looked at.
		section = "tcp"
	}
	list := gatewayList(service.object.Fields, "spec", section)
	if len(list) == 0 {
		row.Set(Answer, Unsettled("what answers: "+gatewayTitle(service.object)+" has no routes of "+section, service.by))
		t.add(row, owner)
		return
	}
	var before []gatewayMatch
	for i, rule := range list {
		values := s.outcome(service.object, kube.Path{"spec", section, i}, rule)
		for _, m := range s.matches(service.object, rule) {
			r := row.with(&values, t.last())
			if section == "http" {
				r.Path, r.Match = m.path, m.match
			} else if section == "tls" && !istioSNI(rule, host) {
				continue
			}
			// The first that fits counts, not the longest.
			if !slices.ContainsFunc(before, m.shadowed) {
				t.add(r, owner)
			}
			before = append(before, m)
		}
	}
}

// shadowed reports whether all requests of a match are those of another one, which stands before it.
func (m gatewayMatch) shadowed(by gatewayMatch) bool {
	kind, _, _ := strings.Cut(m.match, " with ")
	return by.match == "Prefix" && (by.path == "/" || kind != "RegularExpression" && strings.HasPrefix(m.path, by.path)) && m != by
}

// istioSNI reports whether a route of TLS is for a host.
func istioSNI(rule map[string]any, host string) bool {
	matches := gatewayList(rule, "match")
	return len(matches) == 0 || slices.ContainsFunc(matches, func(m map[string]any) bool {
		return slices.ContainsFunc(texts(m["sniHosts"]), func(name string) bool {
			_, ok := gatewayMeets(strings.TrimPrefix(name, "*"), host)
			return name == "*" || name == host || ok && strings.HasPrefix(name, "*.")
		})
	})
}

// matches are the paths that a route is for, on the port and for the Gateway of the server.
func (s *istioServer) matches(service *Object, rule map[string]any) []gatewayMatch {
	matches := gatewayList(rule, "match")
	if len(matches) == 0 {
		return []gatewayMatch{{"/", "Prefix"}}
	}
	var list []gatewayMatch
	for _, m := range matches {
		if number := gatewayNumber(m["port"]); number != 0 && number != s.port || !s.named(service, texts(m["gateways"])) {
			continue
		}
		one := gatewayMatch{"/", "Prefix"}
		uri := gatewayMap(m, "uri")
		switch {
		case text(uri["exact"]) != "":
			one = gatewayMatch{text(uri["exact"]), "Exact"}
		case text(uri["prefix"]) != "":
			one.path = text(uri["prefix"])
		case text(uri["regex"]) != "":
			one = gatewayMatch{text(uri["regex"]), "RegularExpression"}
		}
		var beside []string
		for _, what := range []string{"headers", "queryParams", "withoutHeaders", "sourceLabels"} {
			for _, key := range kube.SortedKeys(gatewayMap(m, what)) {
				beside = append(beside, what+" "+key)
			}
		}
		if gatewayMap(m, "method") != nil {
			beside = append(beside, "method "+text(cmp.Or(gatewayMap(m, "method")["exact"], gatewayMap(m, "method")["prefix"], gatewayMap(m, "method")["regex"])))
		}
		if len(beside) > 0 {
			one.match += " with " + strings.Join(beside, ", ")
		}
		list = append(list, one)
	}
	return list
}

// named reports whether the Gateway of the server is among those that a match is for (sourceMatchHTTP).
func (s *istioServer) named(service *Object, gateways []string) bool {
	return len(gateways) == 0 || slices.ContainsFunc(gateways, func(gateway string) bool {
		namespace, name, ok := strings.Cut(gateway, "/")
		if !ok {
			namespace, name = service.ID.Namespace, gateway
		}
		return name == s.object.ID.Name && gatewayTogether(namespace, s.object.ID.Namespace)
	})
}

// outcome answers for the requests of a route.
func (s *istioServer) outcome(o *Object, at kube.Path, rule map[string]any) [aspects]Value {
	values := s.values
	switch {
	case gatewayMap(rule, "redirect") != nil:
		redirect := gatewayMap(rule, "redirect")
		if s.values[Transport].Is == Plain && text(redirect["scheme"]) == "https" {
			values[Transport] = Answered(Redirect, o.Source(at.Append("redirect", "scheme")...))
			return values
		}
		values[Answer] = Answered(fmt.Sprint(cmp.Or(gatewayNumber(redirect["redirectCode"]), 301)), o.Source(at.Append("redirect")...))
		return values
	case gatewayMap(rule, "directResponse") != nil:
		values[Answer] = Answered(fmt.Sprint(gatewayNumber(gatewayMap(rule, "directResponse")["status"])), o.Source(at.Append("directResponse")...))
		return values
	case gatewayMap(rule, "delegate") != nil:
		values[Answer] = Unsettled("what the VirtualService that it delegates to answers", o.Source(at.Append("delegate")...))
		return values
	}
	var list []*gatewayBackend
	total := 0
	refs := gatewayList(rule, "route")
	for i, fields := range refs {
		weight := 1
		if _, ok := fields["weight"]; ok {
			weight = gatewayNumber(fields["weight"])
		}
		if weight == 0 && len(refs) > 1 {
			continue
		}
		total += weight
		b := s.backend(o, at.Append("route", i, "destination"), gatewayMap(fields, "destination"))
		b.share = fmt.Sprint(weight)
		list = append(list, b)
	}
	if len(list) == 0 {
		values[Answer] = Unsettled("what answers: the route has no destination", o.Source(at...))
		return values
	}
	gatewayTogetherAll(list, &values, total)
	return values
}

// backend answers for a destination.
func (s *istioServer) backend(o *Object, at kube.Path, destination map[string]any) *gatewayBackend {
	host := text(destination["host"])
	b := &gatewayBackend{proxy: s.proxy, route: o, by: o.Source(at...), port: gatewayNumber(gatewayMap(destination, "port")["number"])}
	id := kube.ID{Kind: "Service", Namespace: o.ID.Namespace, Name: host}
	if name, rest, ok := strings.Cut(host, "."); ok {
		namespace, tail, _ := strings.Cut(rest, ".")
		if tail != "svc" && !strings.HasPrefix(tail, "svc.") {
			b.ref = &Reference{ID: kube.ID{Name: host}, Label: host, Grant: NotNeeded}
			b.values[Upstream] = Unsettled("how "+host+" is called, which is no Service of the cluster", b.by)
			if s.values[Transport].Is == Passthrough {
				b.values[Upstream] = Answered(Passthrough, s.values[Transport].By...)
			}
			return b
		}
		id.Name, id.Namespace = name, namespace
	}
	s.proxy.all.reached["Service/"+id.Namespace+"/"+id.Name] = true
	found := s.proxy.all.tree.Inventory.Get(inventory.Ref{To: id, From: o.ID})
	b.ref = &Reference{ID: id, Label: id.String(), Grant: NotNeeded, Presence: found.Presence}
	if found.Entry != nil {
		b.ref.Object = found.Entry.Object().Fields
	}
	switch {
	case s.values[Transport].Is == Passthrough:
		b.values[Upstream] = Answered(Passthrough, s.values[Transport].By...)
	case text(destination["subset"]) != "" && b.bySubset(text(destination["subset"])):
	default:
		b.service()
	}
	return b
}

// bySubset answers where the subset of a DestinationRule has tls of its own, which replaces that of the rule. Rules for one host add up
// their subsets.
func (b *gatewayBackend) bySubset(name string) bool {
	for _, o := range b.proxy.destinationRules(b.ref.ID.Namespace, b.ref.ID.Name) {
		for i, subset := range gatewayList(o.Fields, "spec", "subsets") {
			if fields := gatewayMap(subset, "trafficPolicy", "tls"); text(subset["name"]) == name && fields != nil {
				b.byRule(o, fields, kube.Path{"spec", "subsets", i, "trafficPolicy", "tls"})
				return true
			}
		}
	}
	return false
}
