package effective

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
)

// redirect answers whether a request in plain is sent to HTTPS (lua_ingress.lua, redirect_to_https).
func (n *nginx) redirect(h *nginxHost, server *nginxServer, maker nginxRule, key nginxPath) Value {
	exempt := maker.setting("no-tls-redirect-locations")
	for prefix := range strings.SplitSeq(exempt.Value, ",") {
		if prefix = strings.Trim(prefix, " "); prefix != "" && strings.HasPrefix(key.path, prefix) {
			return exempt.decided(Plain, exempt.name)
		}
	}
	force, forceBy := maker.switched("force-ssl-redirect")
	if force.Is == "true" {
		return forwarded(maker, Answered(Redirect, forceBy...).Assuming(force.Assumed))
	}
	on, by := maker.switched("ssl-redirect")
	switch {
	case on.Is != "true":
		return Answered(Plain, append(by, forceBy...)...).Assuming(on.Assumed).Assuming(force.Assumed)
	case server.uncertain != "":
		return Unsettled(server.uncertain, by...)
	case len(server.certified) == 0:
		because := "no Ingress of " + h.name + " has a spec.tls, and only then ssl-redirect does something"
		if h.name == catchAll {
			because = "ssl-redirect does nothing for hosts without a certificate of their own"
		}
		return Answered(Plain, maker.object.Source(maker.at...).Saying(because)).Assuming(force.Assumed)
	default:
		return forwarded(maker, Answered(Redirect, append(by, server.certified...)...).Assuming(on.Assumed))
	}
}

// forwarded says of a redirect that clients may talk themselves past it.
func forwarded(maker nginxRule, v Value) Value {
	s := maker.setting("use-forwarded-headers")
	if s.Value != "true" {
		return v
	}
	if s.By != nil {
		v.Conditions = []Condition{{Text: s.name + " " + s.Value, Source: *s.By, Adding: Weaker}}
		v.By = append(v.By, s.By.Saying("who sends X-Forwarded-Proto: https is not redirected"))
	}
	return v.Assuming("no client can send X-Forwarded-Proto, which use-forwarded-headers has ingress-nginx believe")
}

// switched reads an option that the annotation switches, or else the ConfigMap.
func (i *nginxIngress) switched(name string) (Value, []Source) {
	if on, ok := i.boolean(name); ok {
		by := []Source{i.source(name)}
		return Answered(fmt.Sprint(on)), by
	}
	v := i.configured(name)
	return v, slices.Clip(v.By)
}

// upstream answers how the backend of a location is called.
func (n *nginx) upstream(v *[aspects]Value, server *nginxServer, maker nginxRule, port int) {
	if maker.backend == "" {
		return
	}
	v[Backend] = Answered(maker.serves(), maker.object.Source(maker.at...))
	known := server.called[upstreamOf{maker.nginxIngress, port == 443}]
	if known == nil {
		known = &[aspects - Upstream]Value{}
		n.calls(v, server, maker, port)
		copy(known[:], v[Upstream:])
		if server.called == nil {
			server.called = map[upstreamOf]*[aspects - Upstream]Value{}
		}
		server.called[upstreamOf{maker.nginxIngress, port == 443}] = known
	}
	copy(v[Upstream:], known[:])
}

// upstreamOf is what the answers about a backend rest on, for all paths of a host: the Ingress and, for AUTO_HTTP, whether clients came by
// TLS.
type upstreamOf struct {
	ingress *nginxIngress
	secure  bool
}

// calls answers how an Ingress has its backends called.
func (n *nginx) calls(v *[aspects]Value, server *nginxServer, maker nginxRule, port int) {
	protocol, by := maker.protocol()
	switch {
	case protocol == "HTTPS" || protocol == "AUTO_HTTP" && port == 443:
		v[Upstream] = Answered(TLS, by...)
	case protocol == "GRPCS":
		// The template writes proxy_ssl_* only, which grpc_pass does not read.
		v[Upstream] = Answered(TLS, by...)
		v[Verification] = Answered(Off, by[0].Saying("of gRPC nothing is verified, whatever proxy-ssl-* says"))
		v[UpstreamName], v[UpstreamCertificate] = Answered(None), Answered(None)
		return
	default:
		v[Upstream] = Answered(Plain, by...)
		return
	}
	own := &maker.upstreams
	if own.state == secretUnknown {
		unsettled := Unsettled(own.why, own.by)
		v[Verification], v[UpstreamCA], v[UpstreamName], v[UpstreamDepth], v[UpstreamCertificate] = unsettled, unsettled, unsettled, unsettled, unsettled
		return
	}
	if own.state == secretCA {
		server.loads(maker.nginxIngress, own, "proxy-ssl-verify-depth")
	}
	var outcomes [aspects][]Value
	for _, host := range server.upstreams {
		values := called(maker.nginxIngress, host)
		for aspect := Verification; aspect < aspects; aspect++ {
			value := values[aspect]
			if host != nil && host != maker.nginxIngress && value.Asked() {
				value = value.Assuming(server.assumed)
			}
			outcomes[aspect] = append(outcomes[aspect], value)
		}
	}
	if len(server.upstreams) == 0 {
		values := called(maker.nginxIngress, nil)
		copy(v[Verification:], values[Verification:])
		return
	}
	for aspect := Verification; aspect < aspects; aspect++ {
		v[aspect] = agreed(outcomes[aspect], func() string { return server.inherits })
	}
}

// protocol is backend-protocol as the controller reads it (annotations/backendprotocol): what it does not know is HTTP.
func (i *nginxIngress) protocol() (string, []Source) {
	value, there := i.annotation("backend-protocol")
	if !there || value == "" {
		return "HTTP", nil
	}
	name := strings.ToUpper(strings.TrimSpace(value))
	by := []Source{i.source("backend-protocol")}
	if !slices.Contains([]string{"AUTO_HTTP", "HTTP", "HTTPS", "GRPC", "GRPCS", "FCGI"}, name) {
		by[0].Because = "ingress-nginx takes it for HTTP"
		return "HTTP", by
	}
	return name, by
}

// called answers how the Ingress of a location has its backend called, if another one's settings hold for the host: each directive
// that the location does not have, it inherits (nginx.tmpl).
func called(own, host *nginxIngress) [aspects]Value {
	var v [aspects]Value
	if host != nil && host.upstreams.state == secretUnknown && own.upstreams.state != secretCA {
		unsettled := Unsettled(host.upstreams.why, host.upstreams.by)
		v[Verification], v[UpstreamCA], v[UpstreamName], v[UpstreamDepth], v[UpstreamCertificate] = unsettled, unsettled, unsettled, unsettled, unsettled
		return v
	}
	trusting := own
	if own.upstreams.state != secretCA {
		trusting = host
	}
	verifies := trusting != nil && trusting.value("proxy-ssl-verify") == "on"
	switch {
	case trusting == nil:
		v[Verification] = Answered(Off, own.inert()...)
	case !verifies:
		by := []Source{trusting.upstreams.by}
		if value, there := trusting.annotation("proxy-ssl-verify"); there {
			by = []Source{trusting.source("proxy-ssl-verify")}
			if value != "off" {
				by[0].Because = "ingress-nginx takes it for off"
			}
		}
		v[Verification] = Answered(Off, by...).Assuming(trusting.upstreams.assumed)
	default:
		v[Verification] = Answered(Name, trusting.source("proxy-ssl-verify"), trusting.upstreams.by).Assuming(trusting.upstreams.assumed)
		v[UpstreamCA] = Answered(trusting.upstreams.label, trusting.upstreams.by).Assuming(trusting.upstreams.assumed)
		if depth, by, ok := trusting.verifyDepth("proxy-ssl-verify-depth"); ok {
			v[UpstreamDepth] = Answered(depth, by...)
		}
	}
	v[UpstreamName] = name(own, host, verifies)
	v[UpstreamCertificate] = Answered(None)
	for _, i := range []*nginxIngress{own, host} {
		if i == nil || i.upstreams.state != secretCA || i.upstreams.pair == inventory.Absent {
			continue
		}
		if i.upstreams.pair == inventory.Unknown {
			v[UpstreamCertificate] = Unsettled("whether "+i.upstreams.label+" has a key pair", i.upstreams.by)
		} else {
			v[UpstreamCertificate] = Answered(i.upstreams.label, i.upstreams.by).Assuming(i.upstreams.assumed)
		}
		break
	}
	return v
}

// inert are the settings for backends of an Ingress that verifies nothing, with why they do nothing.
func (i *nginxIngress) inert() []Source {
	if i.upstreams.state == secretOpen {
		return []Source{i.upstreams.by.Saying(i.upstreams.why + ", so that nothing is verified")}
	}
	if i.value("proxy-ssl-verify") == "on" {
		return []Source{i.source("proxy-ssl-verify").Saying("without proxy-ssl-secret it does nothing")}
	}
	return nil
}

// nginxUpstream is what nginx asks for, and compares with, where no proxy-ssl-name is set: $proxy_host.
const nginxUpstream = "upstream_balancer"

// serverName is proxy-ssl-name; "" where the controller takes it for none.
func (i *nginxIngress) serverName() string {
	if name := i.value("proxy-ssl-name"); patterns().alias.MatchString(name) {
		return name
	}
	return ""
}

func name(own, host *nginxIngress, verifies bool) Value {
	is, asks := "", false
	var by []Source
	ownName, hostName := own.serverName(), ""
	if host != nil {
		hostName = host.serverName()
	}
	// A location with a Secret has its own proxy_ssl_server_name, of the host it is written beside proxy_ssl_name only.
	mine := own.upstreams.state == secretCA || own.upstreams.state == secretOpen
	switch {
	case mine && ownName != "":
		is, by = ownName, []Source{own.source("proxy-ssl-name")}
	case hostName != "":
		is, by = hostName, []Source{host.source("proxy-ssl-name")}
	}
	switch {
	case mine:
		asks = own.value("proxy-ssl-server-name") == "on"
	case hostName != "":
		asks = host.value("proxy-ssl-server-name") == "on"
	}
	switch {
	case !asks && !verifies:
		return Answered(None)
	case is == "":
		return Answered(nginxUpstream, own.source("proxy-ssl-name").Saying("it names nothing"))
	case !asks:
		by[0].Because = "it is compared, and not asked for: proxy-ssl-server-name is not on"
	}
	return Answered(is, by...)
}

// passthrough answers for a host whose connections go to the backend as they are: a row in place of all paths on 443. Where it is not
// known whether the controller does that, the row says so.
func (n *nginx) passthrough(h *nginxHost) (Row, bool) {
	row := Row{Controller: nginxController, Proxy: n.proxy, Host: h.name, Port: 443}
	var values [aspects]Value
	var by []Source
	var asking *nginxIngress
	for _, rule := range taken(h.main) {
		if rule.passthrough && len(by) < maxNamed {
			by = append(by, rule.source("ssl-passthrough"))
			asking = rule.nginxIngress
		}
	}
	if asking == nil || h.name == catchAll || strings.HasPrefix(h.name, "*") {
		return row, false
	}
	flag := asking.setting("enable-ssl-passthrough")
	if flag.Value == "false" && flag.Certainty == Known {
		return row, false
	}
	if flag.Value != "true" || flag.Open {
		values[Transport] = Unsettled("whether ingress-nginx runs with --enable-ssl-passthrough, by default not: "+flag.Reason, by...)
		for _, aspect := range []Aspect{Answer, Clients, ServerCertificate, Backend, Upstream} {
			values[aspect] = values[Transport]
		}
		return row.with(&values, nil), true
	}
	values[Transport] = Answered(Passthrough, by...).Assuming(flag.Assuming(flag.name))
	makers := taken(h.paths[nginxPath{path: "/"}])
	if len(makers) == 0 {
		makers = fallbacks(taken(h.main))
	}
	first := firsts(makers)
	var answers, backends []Value
	for _, maker := range first {
		if maker.backend == "" || len(h.paths[nginxPath{path: "/"}]) == 0 {
			answers = append(answers, Answered("connection closed", maker.object.Source(maker.at...).Saying("passthrough leads to the Service of the path /, and no Ingress has it")))
			backends = append(backends, Value{})
			continue
		}
		answers = append(answers, Answered(Served))
		backends = append(backends, Answered(maker.serves(), maker.object.Source(maker.at...)))
	}
	why := func() string { return rivals("makes the path /", first) }
	values[Answer], values[Backend] = agreed(answers, why), agreed(backends, why)
	if values[Answer].Is == Served {
		values[Upstream] = Answered(Passthrough, by...)
	}
	return row.with(&values, nil), true
}

// aliases are further names of a host, each with the Ingresses that may give it: the first that has any. Patterns are no hosts, and a
// name that has a server of its own is left out.
func (n *nginx) aliases(h *nginxHost) map[string][]nginxRule {
	var with []nginxRule
	for _, rule := range taken(h.main) {
		if rule.value("server-alias") != "" {
			with = append(with, rule)
		}
	}
	names := map[string][]nginxRule{}
	for _, rule := range firsts(with) {
		for _, alias := range strings.Split(rule.value("server-alias"), ",") {
			alias = strings.TrimSpace(alias)
			server := n.hosts[alias]
			if alias == "" || strings.HasPrefix(alias, "~") || server != nil && len(server.main) > 0 {
				continue
			}
			names[alias] = append(names[alias], rule)
		}
	}
	if len(firsts(with)) > 1 {
		for alias := range names {
			names[alias] = append(names[alias], nginxRule{})
		}
	}
	return names
}

// named is a server as a further name of it has it. Lua knows the host's certificate by that name only if it is for it
// (controller/nginx.go, configureCertificates).
func (n *nginx) named(h *nginxHost, server *nginxServer, alias string) *nginxServer {
	s := *server
	own := h.pinned
	names, read := n.names[own.Is]
	switch {
	case own.Unknown != "" || own.Asked() && !read && own.Is != defaultCertificate:
		s.uncertain = "whether the certificate of " + h.name + " is for " + alias
		s.certificate = Unsettled(s.uncertain, own.By...)
	case read && covers(names, alias):
		s.certificate = own
	default:
		s.certificate, s.certified = n.inherited(h, alias), n.certified(alias)
	}
	return &s
}

// alias adds to the answers for a further name of a host where the name comes from.
func alias(v *[aspects]Value, rules []nginxRule) {
	if last := rules[len(rules)-1]; last.nginxIngress == nil {
		rules = rules[:len(rules)-1]
		*v = [aspects]Value{Transport: Unsettled(rivals("decides server-alias", rules), rules[0].source("server-alias"))}
		return
	}
	v[Transport].By = append(slices.Clip(v[Transport].By), rules[0].source("server-alias"))
}
