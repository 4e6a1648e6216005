package effective

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// gatewayRoute is an HTTPRoute, GRPCRoute or TLSRoute.
type gatewayRoute struct {
	object *Object
	hosts  []string
	rules  []map[string]any
	// backends are the references of its rules, by path.
	backends map[string]*Reference
}

// spec is where the requests of a route stand, or of what is told from another one as routes are.
func (r *gatewayRoute) spec() Source {
	switch r.object.ID.Kind {
	case "Gateway":
		return r.object.Source("spec", "servers")
	case "VirtualService":
		return r.object.Source("spec", "hosts")
	default:
		return r.object.Source("spec", "rules")
	}
}

// gatewayAttachment is a route on a listener, and what that rests on.
type gatewayAttachment struct {
	route   *gatewayRoute
	by      Source
	assumed string
	// named: the route names this listener, by its sectionName.
	named bool
}

// routes reads all routes, attaches them to their listeners, and notes which Services they lead to.
func (g *gateways) routes() []*gatewayRoute {
	var all []*gatewayRoute
	for _, kind := range []string{httpRouteKind, grpcRouteKind, tlsRouteKind} {
		for _, o := range g.tree.Of(kind) {
			r := &gatewayRoute{object: o, rules: gatewayList(o.Fields, "spec", "rules"), backends: map[string]*Reference{}}
			hosts, _ := o.Field("spec", "hostnames")
			if r.hosts = texts(hosts); len(r.hosts) == 0 {
				r.hosts = []string{""}
			}
			references := o.References("route-backend")
			for i := range references {
				ref := &references[i]
				r.backends[ref.Path.String()] = ref
				g.reached[ref.ID.GroupKind()+"/"+ref.ID.Namespace+"/"+ref.ID.Name] = true
			}
			for i, parent := range gatewayList(o.Fields, "spec", "parentRefs") {
				g.attachRoute(r, i, parent)
			}
			all = append(all, r)
		}
	}
	return all
}

func (g *gateways) attachRoute(r *gatewayRoute, index int, parent map[string]any) {
	namespace := cmp.Or(text(parent["namespace"]), r.object.ID.Namespace)
	section, port := text(parent["sectionName"]), gatewayNumber(parent["port"])
	for _, owner := range g.owners.get(cmp.Or(text(parent["kind"]), "Gateway"), namespace, text(parent["name"])) {
		for _, l := range owner.listeners {
			if section != "" && section != l.name || port != 0 && port != l.port || !l.fits(r.object.ID.Kind) {
				continue
			}
			allowed := gatewayMap(l.fields, "allowedRoutes", "namespaces")
			admitted, settled := g.admits(allowed, "Same", l.owner.ID.Namespace, r.object.ID.Namespace)
			if !admitted || l.has[r] {
				continue
			}
			l.has[r] = true
			a := gatewayAttachment{route: r, by: r.object.Source("spec", "parentRefs", index), named: section != ""}
			if !settled {
				a.assumed = "listener " + l.name + " of " + gatewayTitle(l.owner) + " admits the namespace of " + gatewayTitle(r.object)
			}
			l.routes = append(l.routes, a)
		}
	}
}

// fits reports whether the listener takes routes of a kind.
func (l *gatewayListener) fits(kind string) bool {
	switch {
	case kind == "TLSRoute" && l.protocol != "TLS", kind != "TLSRoute" && l.protocol != "HTTP" && l.protocol != "HTTPS":
		return false
	}
	kinds := gatewayList(l.fields, "allowedRoutes", "kinds")
	return len(kinds) == 0 || slices.ContainsFunc(kinds, func(k map[string]any) bool { return text(k["kind"]) == kind })
}

// gatewayTable collects the rows of a Gateway. Where several routes have the same requests, the older one counts.
type gatewayTable struct {
	rows  []Row
	by    []*gatewayRoute
	known map[string]int
}

// last is the row that was added last; nil where there is none.
func (t *gatewayTable) last() *Row {
	if len(t.rows) == 0 {
		return nil
	}
	return &t.rows[len(t.rows)-1]
}

func (t *gatewayTable) add(r Row, by *gatewayRoute) {
	key := fmt.Sprintf("%s %d %s %s", r.Host, r.Port, r.Path, r.Match)
	i, ok := t.known[key]
	if !ok {
		t.known[key] = len(t.rows)
		t.rows, t.by = append(t.rows, r), append(t.by, by)
		return
	}
	before := t.by[i]
	if before == nil || by == nil || before.object == by.object {
		return
	}
	first, settled := gatewayOlder(before.object, by.object)
	if settled {
		if first == by.object {
			t.rows[i], t.by[i] = r, by
		}
		return
	}
	for _, a := range Aspects() {
		if mine, theirs := t.rows[i].Value(a), r.Value(a); mine.Is != theirs.Is || mine.Unknown != theirs.Unknown {
			t.rows[i].Set(a, Unsettled("which of "+gatewayTitle(before.object)+" and "+gatewayTitle(by.object)+" is older: that one has these requests",
				before.spec(), by.spec()))
		}
	}
}

func (p *gatewayProxy) rows(_ []*gatewayRoute) []Row {
	t := &gatewayTable{known: map[string]int{}}
	for _, l := range p.listeners {
		if l.protocol == "TCP" || l.protocol == "UDP" {
			continue
		}
		for _, a := range l.routes {
			for _, name := range a.route.hosts {
				if host, ok := gatewayMeets(l.host, name); ok {
					l.attached(t, a, host)
				}
			}
		}
	}
	if p.by != nil && p.by.name == "kong" {
		p.kongPlain(t)
	}
	for _, l := range p.listeners {
		if l.protocol == "TCP" || l.protocol == "UDP" || l.covered() {
			continue
		}
		r := p.row(l.host, l.port).with(&l.values, nil)
		if !l.closed() && l.answer.Asked() {
			r.Set(Answer, l.answer)
		}
		t.add(r, nil)
	}
	return t.rows
}

// attached adds the rows of a route for one of its hosts.
func (l *gatewayListener) attached(t *gatewayTable, a gatewayAttachment, host string) {
	p := l.proxy
	conn := l
	if other := p.byHost[gatewayPortHost{l.port, host}]; l.protocol == "HTTP" && other != nil && other != l && p.by.isolates(l, other, a.named) {
		return
	}
	if p.by != nil && (l.closed() || l.secure()) && l.values[Transport].Unknown == "" {
		conn = p.serving(l.port, host)
		switch {
		case conn == nil:
			l.row(t, host, l.values)
			return
		case conn == l:
		case conn.has[a.route]:
			// The other listener has the route too, and answers for it.
			l.hosts[host] = l.hosts[host] || host == l.host
			return
		case l.closed():
			values := conn.values
			values[Answer] = Answered("404", append(slices.Clone(l.values[Transport].By), a.by)...)
			l.row(t, host, values)
			return
		default:
			// Connections for the host come to a listener that does not have the route.
			return
		}
	}
	l.hosts[host] = true
	if conn.values[Transport].Unknown != "" {
		l.row(t, host, conn.values)
		return
	}
	values := conn.values
	values[Transport] = values[Transport].Assuming(a.assumed)
	if conn.left {
		values[Answer] = Answered("404", append(slices.Clone(conn.values[ServerCertificate].By), a.by)...)
		l.row(t, host, values)
		return
	}
	if conn.answer.Asked() {
		values[Answer] = conn.answer
		l.row(t, host, values)
		return
	}
	for i, rule := range a.route.rules {
		outcome := l.outcome(a.route, i, rule, values)
		if l.values[Transport].Is == Passthrough || a.route.object.ID.Kind == "TLSRoute" {
			l.row(t, host, outcome)
			continue
		}
		for _, m := range gatewayMatches(a.route.object.ID.Kind, rule) {
			r := p.row(host, l.port).with(&outcome, t.last())
			r.Path, r.Match = m.path, m.match
			t.add(r, a.route)
		}
	}
}

// isolates reports whether a host that is the name of another listener in plain HTTP is that one's alone: with Envoy Gateway it is
// (internal/gatewayapi/helpers.go, computeHosts), with NGINX Gateway Fabric if both are of one object and the route names its listener
// (internal/controller/state/graph/route_common.go, isolateHostnamesForParentRefs).
func (c *gatewayController) isolates(l, other *gatewayListener, named bool) bool {
	return c != nil && (c.name == "envoy-gateway" || c.name == "nginx-gateway-fabric" && named && l.owner == other.owner && other.host != "")
}

func (l *gatewayListener) row(t *gatewayTable, host string, values [aspects]Value) {
	l.hosts[host] = true
	t.add(l.proxy.row(host, l.port).with(&values, t.last()), nil)
}

// gatewayMatch is which requests a rule has.
type gatewayMatch struct{ path, match string }

func gatewayMatches(kind string, rule map[string]any) []gatewayMatch {
	matches := gatewayList(rule, "matches")
	if len(matches) == 0 {
		return []gatewayMatch{{"/", "Prefix"}}
	}
	list := make([]gatewayMatch, 0, len(matches))
	for _, m := range matches {
		var one gatewayMatch
		if kind == "GRPCRoute" {
			one = gatewayMethod(gatewayMap(m, "method"))
		} else {
			path := gatewayMap(m, "path")
			one = gatewayMatch{cmp.Or(text(path["value"]), "/"), strings.TrimPrefix(cmp.Or(text(path["type"]), "PathPrefix"), "Path")}
		}
		var beside []string
		if method := text(m["method"]); method != "" {
			beside = append(beside, "method "+method)
		}
		for _, what := range []string{"headers", "queryParams"} {
			for _, entry := range gatewayList(m, what) {
				beside = append(beside, strings.TrimSuffix(what, "s")+" "+text(entry["name"])+"="+text(entry["value"]))
			}
		}
		if len(beside) > 0 {
			one.match += " with " + strings.Join(beside, ", ")
		}
		list = append(list, one)
	}
	return list
}

// gatewayMethod is the path of a method of gRPC.
func gatewayMethod(method map[string]any) gatewayMatch {
	service, name := text(method["service"]), text(method["method"])
	switch {
	case method["type"] == "RegularExpression":
		return gatewayMatch{"/" + cmp.Or(service, ".+") + "/" + cmp.Or(name, ".+"), "RegularExpression"}
	case service != "" && name != "":
		return gatewayMatch{"/" + service + "/" + name, "Exact"}
	case service != "":
		return gatewayMatch{"/" + service + "/", "Prefix"}
	case name != "":
		return gatewayMatch{"/.+/" + name, "RegularExpression"}
	default:
		return gatewayMatch{"/", "Prefix"}
	}
}

// outcome answers for the requests of a rule, on a connection of these values.
func (l *gatewayListener) outcome(r *gatewayRoute, index int, rule map[string]any, values [aspects]Value) [aspects]Value {
	by := l.proxy.by
	extended := false
	var plugins []kongNamed
	for i, filter := range gatewayList(rule, "filters") {
		at := r.object.Source("spec", "rules", index, "filters", i)
		switch text(filter["type"]) {
		case "RequestRedirect":
			return l.redirected(r.object, kube.Path{"spec", "rules", index, "filters", i, "requestRedirect"}, gatewayMap(filter, "requestRedirect"), values)
		case "ExtensionRef":
			extended = true
			if by.name == "kong" {
				plugins = append(plugins, l.kongFind(r.object, text(gatewayMap(filter, "extensionRef")["name"]), at))
			}
		}
	}
	refs := gatewayList(rule, "backendRefs")
	if by.name == "kong" {
		var services []*Object
		for _, ref := range refs {
			if o := l.proxy.all.find(serviceKind, cmp.Or(text(ref["namespace"]), r.object.ID.Namespace), text(ref["name"])); o != nil {
				services = append(services, o)
			}
		}
		l.kongPlugins(r.object, plugins, services, &values)
	}
	if len(refs) == 0 {
		at := r.object.Source("spec", "rules", index)
		values[Answer] = Answered("500", at.Saying("it has no backendRefs"))
		if extended {
			values[Answer] = Unsettled("what the filter answers", r.object.Source("spec", "rules", index, "filters"))
		}
		return values
	}
	l.backends(r, index, refs, &values)
	return values
}

// redirected is a rule that sends clients elsewhere.
func (l *gatewayListener) redirected(o *Object, at kube.Path, redirect map[string]any, values [aspects]Value) [aspects]Value {
	status := gatewayNumber(redirect["statusCode"])
	if l.protocol == "HTTP" && strings.EqualFold(text(redirect["scheme"]), "https") {
		values[Transport] = Value{Is: Redirect, Assumed: values[Transport].Assumed, By: []Source{o.Source(at.Append("scheme")...)}}
		return values
	}
	values[Answer] = Answered(fmt.Sprint(cmp.Or(status, 302)), o.Source(at...))
	return values
}
