package effective

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

const traefikController = "traefik-nginx"

// traefikModel is Traefik's provider for annotations of ingress-nginx, as of v3.7.9: pkg/provider/kubernetes/ingress-nginx/build.go and
// translator.go, and what pkg/server/aggregator.go makes of routers that disagree.
func traefikModel() Model {
	return Model{Controllers: []string{traefikController}, Kinds: slices.Concat([]string{ingressKind}, traefikOptionKinds), Rows: traefikRows}
}

func traefikRows(t *Tree) []Row {
	var rows []Row
	for _, proxy := range proxies(t, traefikController) {
		m := &traefik{defaults: traefikDefault(t), proxy: proxy.name, hosts: map[string]*traefikHost{}, certificates: map[string][]Value{}}
		for _, o := range proxy.objects {
			m.serve(m.read(o))
		}
		for _, name := range kube.SortedKeys(m.hosts) {
			rows = append(rows, m.rows(m.hosts[name])...)
		}
	}
	return rows
}

type traefik struct {
	proxy string
	// defaults is the TLSOption that is in force where no Ingress brings its own; nil where none is in sight.
	defaults *Object
	hosts    map[string]*traefikHost
	// certificates are those that spec.tls of any Ingress brings into the one store there is, by the names that they are for.
	certificates map[string][]Value
}

// traefikHost are the routers of a host.
type traefikHost struct {
	name        string
	paths       map[nginxPath][]nginxRule
	passthrough []nginxRule
	// routed are the Ingresses that have routers with TLS; known are those among them, for one that has many rules of the host.
	routed []*nginxIngress
	known  map[*nginxIngress]bool
	// clients and authority are what is asked of clients, once answered is set.
	clients, authority Value
	answered           bool
}

// read judges an Ingress. What Traefik skips has refused set; an unknown Secret is in the states of clients and upstreams.
func (m *traefik) read(o *Object) *nginxIngress {
	i := &nginxIngress{object: o, acts: o.Acts(traefikController), rules: readRules(o)}
	i.canary, i.passthrough = i.isTrue("canary"), i.isTrue("ssl-passthrough")
	m.load(i)
	if i.passthrough || i.canary {
		return i
	}
	if scheme := i.scheme(); scheme == "https" {
		if value, _ := i.annotation("proxy-ssl-secret"); value != "" {
			i.upstreams = i.traefikSecret("proxy-ssl-secret", "upstream-ca", value)
		}
	}
	if value, there := i.annotation("auth-tls-secret"); there {
		i.clients = i.traefikSecret("auth-tls-secret", "client-ca", value)
		if i.clients.state == secretOpen {
			i.clients.state = secretRefused
		}
	}
	for _, s := range []nginxSecret{i.upstreams, i.clients} {
		if s.state == secretRefused {
			source := s.by.Saying(s.why + ", so that Traefik skips the Ingress")
			i.refused = &source
		}
	}
	return i
}

// isTrue reads a boolean as annotations.go does: anything but true is false.
func (i *nginxIngress) isTrue(name string) bool {
	value, _ := i.annotation(name)
	return strings.EqualFold(value, "true")
}

// scheme is parseBackendProtocol in convert.go.
func (i *nginxIngress) scheme() string {
	value, _ := i.annotation("backend-protocol")
	switch strings.ToUpper(value) {
	case "HTTPS", "GRPCS":
		return "https"
	case "GRPC":
		return "h2c"
	default:
		return "http"
	}
}

// traefikSecret judges as certificateBlocks does, and its callers.
func (i *nginxIngress) traefikSecret(annotation, role, value string) nginxSecret {
	s := nginxSecret{by: i.source(annotation), label: "Secret " + value, state: secretRefused}
	namespace, name, found := strings.Cut(value, "/")
	if !found || namespace == "" || name == "" || strings.Contains(name, "/") {
		s.why = "it is not the namespace and the name of a Secret"
		return s
	}
	if namespace != i.object.ID.Namespace && i.object.ID.Namespace != "" {
		s.why, s.assumed = "Secrets of other namespaces are refused", "allowCrossNamespaceResources is off, as it is by default"
		return s
	}
	ref := i.object.Reference(role, s.by.Path)
	if ref == nil {
		s.state, s.why = secretUnknown, "what "+s.label+" holds is not in sight"
		return s
	}
	s.label = ref.Label
	s.pair = both(ref.Has("tls.crt"), ref.Has("tls.key"))
	empty := ref.Content != nil && ref.Content.Empty
	switch {
	case ref.Presence == inventory.Absent:
		s.why = ref.Label + " " + ref.State
	case ref.Presence == inventory.Unknown:
		s.state, s.why = secretUnknown, ref.Label+" "+ref.State
	case ref.KeyPresence == inventory.Unknown:
		s.state, s.why = secretUnknown, "whether "+ref.Label+" has a ca.crt"
	case empty || ref.Pair == "empty":
		s.why = "an entry of " + ref.Label + " is empty"
	case ref.KeyPresence == inventory.Absent && s.pair == inventory.Absent:
		s.why = ref.Label + " has neither a ca.crt nor a key pair"
	case ref.KeyPresence == inventory.Absent:
		s.state, s.why = secretOpen, ref.Label+" has no ca.crt"
	case ref.Content != nil && ref.Content.Go == "refused" && len(ref.Content.Certificates) == 0:
		s.state, s.why = secretUnknown, "what Traefik makes of the ca.crt of "+ref.Label+", which holds no certificate"
	default:
		s.state = secretCA
	}
	if ref.Presence == inventory.Promised || ref.KeyPresence == inventory.Promised {
		s.assumed = ref.Label + " will be as it is promised"
	}
	return s
}

// load takes the certificates of spec.tls (loadCertificates), up to the first Secret that has none.
func (m *traefik) load(i *nginxIngress) {
	if i.canary {
		return
	}
	for _, ref := range i.object.References("server-certificate") {
		by := i.object.Source(ref.Path...)
		switch {
		case ref.Presence == inventory.Absent || both(ref.Has("tls.crt"), ref.Has("tls.key")) == inventory.Absent:
			return
		case ref.Presence == inventory.Unknown:
			m.shown(i.listedHosts(ref.Path), Unsettled(ref.Label+" "+ref.State, by))
		case ref.Content == nil || ref.Content.Opaque || len(ref.Content.Certificates) == 0:
			m.shown(i.listedHosts(ref.Path), Answered(ref.ID.String(), by).Assuming("the certificate of "+ref.Label+", which is not in sight, is for the hosts beside it"))
		default:
			m.shown(texts(i.object.Certificate(ref.Content.Certificates[0])["dns_names"]), Answered(ref.ID.String(), by))
		}
	}
}

func (m *traefik) shown(names []string, v Value) {
	for _, name := range names {
		m.certificates[strings.ToLower(name)] = append(m.certificates[strings.ToLower(name)], v)
	}
}

// listedHosts are those beside a Secret in spec.tls.
func (i *nginxIngress) listedHosts(secretName kube.Path) []string {
	entry, _ := i.object.Field(secretName[:len(secretName)-1]...)
	fields, _ := entry.(map[string]any)
	return texts(fields["hosts"])
}

func (m *traefik) host(name string) *traefikHost {
	h := m.hosts[name]
	if h == nil {
		h = &traefikHost{name: name, paths: map[nginxPath][]nginxRule{}, known: map[*nginxIngress]bool{}}
		m.hosts[name] = h
	}
	return h
}

func (m *traefik) serve(i *nginxIngress) {
	if i.canary {
		return
	}
	service, port, at := i.defaultBackend()
	fallback := nginxRule{nginxIngress: i, at: at, pathType: "Prefix", backend: service, port: port}
	if len(i.rules) == 0 && service != "" {
		h := m.host(catchAll)
		h.paths[nginxPath{path: "/"}] = append(h.paths[nginxPath{path: "/"}], fallback)
	}
	for _, rule := range i.rules {
		h := m.host(rule.host)
		if i.passthrough {
			m.pass(h, i, rule, fallback)
			continue
		}
		rooted := false
		for _, p := range rule.paths {
			key := nginxPath{cmp.Or(p.path, "/"), p.pathType == "Exact"}
			rooted = rooted || key == nginxPath{path: "/"}
			h.paths[key] = append(h.paths[key], nginxRule{nginxIngress: i, at: p.at, pathType: p.pathType, backend: p.service, port: p.port})
		}
		if service != "" && !rooted {
			h.paths[nginxPath{path: "/"}] = append(h.paths[nginxPath{path: "/"}], fallback)
		}
		if (len(rule.paths) > 0 || service != "") && !h.known[i] && i.refused == nil {
			h.routed, h.known[i] = append(h.routed, i), true
		}
	}
}

// pass adds a router of TCP, for the path / of the same Ingress.
func (m *traefik) pass(h *traefikHost, i *nginxIngress, rule ingressRule, fallback nginxRule) {
	if h.name == catchAll {
		return
	}
	for _, p := range rule.paths {
		if p.path == "/" {
			h.passthrough = append(h.passthrough, nginxRule{nginxIngress: i, at: p.at, backend: p.service, port: p.port})
			return
		}
	}
	if !rule.http && fallback.backend != "" {
		h.passthrough = append(h.passthrough, fallback)
	}
}

func (m *traefik) rows(h *traefikHost) []Row {
	var rows []Row
	if len(h.passthrough) > 0 {
		var values [aspects]Value
		var backends []Value
		for _, rule := range h.passthrough {
			backends = append(backends, Answered(rule.serves(), rule.object.Source(rule.at...)))
		}
		by := h.passthrough[0].source("ssl-passthrough")
		values[Transport], values[Answer], values[Upstream] = Answered(Passthrough, by), Answered(Served), Answered(Passthrough, by)
		values[Backend] = agreed(backends, func() string { return undecided(h.passthrough) })
		rows = append(rows, Row{Controller: traefikController, Proxy: m.proxy, Host: h.name, Port: 443}.with(&values, nil))
	}
	certificate := m.certificate(h.name)
	for key, makers := range h.paths {
		for _, port := range []int{80, 443} {
			// A router of TCP that passes through comes before those of HTTP.
			if port == 443 && len(h.passthrough) > 0 {
				continue
			}
			rows = append(rows, m.row(h, key, makers, port, certificate))
		}
	}
	return rows
}

// undecided says that several routers have one rule.
func undecided(rules []nginxRule) string {
	names := make([]string, 0, len(rules))
	for _, rule := range rules {
		names = append(names, rule.object.ID.String())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return strings.Join(names[:min(len(names), maxNamed)], ", ") + " have the same rule, and which of them Traefik takes is not written anywhere"
}

func (m *traefik) row(h *traefikHost, key nginxPath, makers []nginxRule, port int, certificate Value) Row {
	row := Row{Controller: traefikController, Proxy: m.proxy, Host: h.name, Port: port, Path: key.path, Match: cmp.Or(makers[0].pathType, "Prefix")}
	serving := taken(makers)
	var values [aspects]Value
	if len(serving) == 0 {
		values[Transport] = Answered(map[int]string{80: Plain, 443: TLS}[port])
		values[Answer] = Answered("404", *makers[0].refused)
		for _, s := range []nginxSecret{makers[0].clients, makers[0].upstreams} {
			if s.state == secretRefused {
				values[Answer] = values[Answer].Assuming(s.assumed)
			}
		}
		return row.with(&values, nil)
	}
	var outcomes [aspects][]Value
	for _, maker := range serving {
		for aspect, value := range m.location(h, maker, port, certificate) {
			outcomes[aspect] = append(outcomes[aspect], value)
		}
	}
	for aspect := range outcomes {
		values[aspect] = agreed(outcomes[aspect], func() string { return undecided(serving) })
	}
	return row.with(&values, nil)
}

func (m *traefik) location(h *traefikHost, maker nginxRule, port int, certificate Value) [aspects]Value {
	var v [aspects]Value
	v[Answer] = Answered(Served)
	for _, s := range []nginxSecret{maker.clients, maker.upstreams} {
		if s.state == secretUnknown {
			v[Answer] = Unsettled(s.why, s.by)
		}
	}
	if port == 80 {
		v[Transport] = maker.traefikRedirect()
		if v[Transport].Is == Redirect {
			v[Answer] = Value{}
			return v
		}
	} else {
		v[Transport] = Answered(TLS)
		m.ask(&v, h, maker)
		v[ServerCertificate] = certificate
		v[Protocols] = Answered("TLSv1.2 TLSv1.3").Assuming("Traefik's default TLS options are as they come")
		if m.defaults != nil && v[Clients].Is == Off {
			v[Clients], v[Protocols] = m.byDefault(v[Clients]), m.byDefault(v[Protocols])
		}
	}
	if maker.acts.Certainty == Assumed {
		v[Transport] = v[Transport].Assuming("Traefik serves it: " + maker.acts.Reason)
	}
	v[Backend] = Answered(maker.serves(), maker.object.Source(maker.at...))
	maker.traefikUpstream(&v)
	return v
}

// traefikRedirect is buildSSLRedirect: by the Ingress's own spec.tls.
func (i *nginxIngress) traefikRedirect() Value {
	if i.isTrue("force-ssl-redirect") {
		return Answered(Redirect, i.source("force-ssl-redirect"))
	}
	value, there := i.annotation("ssl-redirect")
	list, _ := i.object.Field("spec", "tls")
	switch {
	case !listed(list):
		return Answered(Plain, i.object.Source("spec").Saying("it has no tls, and only then ssl-redirect does something"))
	case there && !strings.EqualFold(value, "true"):
		return Answered(Plain, i.source("ssl-redirect").Saying("Traefik takes all but true for false"))
	default:
		return Answered(Redirect, i.object.Source("spec", "tls"))
	}
}

// ask answers what is asked of clients. Routers of one host that do not share their TLS options get the default ones, which ask nothing
// (aggregator.go, resolveHTTPTLSOptions); options are named after their Ingress, so that two Ingresses never share theirs.
func (m *traefik) ask(v *[aspects]Value, h *traefikHost, maker nginxRule) {
	if h.name == catchAll {
		v[Clients] = Answered(Off)
		if maker.clients.state != secretNone {
			v[Clients].By = []Source{maker.clients.by.Saying("the rule has no host, by which TLS options are found")}
		}
		return
	}
	if !h.answered {
		h.clients, h.authority = m.askAll(h)
		h.answered = true
	}
	v[Clients], v[ClientCA] = h.clients, h.authority
}

// byDefault is an answer that the default TLS options give.
func (m *traefik) byDefault(v Value) Value {
	by := m.defaults.Source("spec")
	return Unsettled("what "+m.defaults.ID.String()+" says, which Traefik takes where no other TLS options are in force: it is not read", slices.Concat([]Source{by}, v.By)...)
}

// askAll answers Clients and ClientCA for all routers of a host.
func (m *traefik) askAll(h *traefikHost) (clients, authority Value) {
	asking, doubtful := map[*nginxIngress]bool{}, []*nginxIngress{}
	certain := 0
	for _, i := range h.routed {
		if i.clients.state == secretCA || i.clients.state == secretUnknown {
			asking[i] = true
		}
		if i.clients.state == secretUnknown || i.upstreams.state == secretUnknown {
			doubtful = append(doubtful, i)
		} else {
			certain++
		}
	}
	switch {
	case len(asking) == 0:
		return Answered(Off), Value{}
	case certain > 1 && m.disagree(h.routed), certain == len(h.routed) && certain > 1:
		clients = Answered(Off)
		for _, i := range h.routed {
			if asking[i] && len(clients.By) < maxNamed {
				clients.By = append(clients.By, i.clients.by.Saying("routers of the host have other TLS options too, and Traefik takes the default ones for all"))
			}
		}
		return clients, authority
	case len(doubtful) > 0:
		s := doubtful[0].clients
		if s.state != secretUnknown {
			s = doubtful[0].upstreams
		}
		unsettled := Unsettled(s.why, s.by)
		return unsettled, unsettled
	}
	i := h.routed[0]
	by := []Source{i.clients.by}
	mode, there := i.annotation("auth-tls-verify-client")
	if there {
		by = append(by, i.source("auth-tls-verify-client"))
	}
	is := map[string]string{"off": Off, "optional": Optional, "optional_no_ca": Unverified}[mode]
	clients = Answered(cmp.Or(is, Required), by...).Assuming(i.clients.assumed)
	switch is {
	case Off:
	case Unverified:
		authority = Answered(None, by...)
	default:
		authority = Answered(i.clients.label, i.clients.by).Assuming(i.clients.assumed)
	}
	return clients, authority
}

// disagree reports whether two Ingresses that are certain to be routed have different TLS options.
func (m *traefik) disagree(routed []*nginxIngress) bool {
	settled, asks := 0, false
	for _, i := range routed {
		if i.clients.state != secretUnknown && i.upstreams.state != secretUnknown {
			settled++
			asks = asks || i.clients.state == secretCA
		}
	}
	return settled > 1 && asks
}

// defaultOfTraefik is what clients see whose host no certificate is for.
const defaultOfTraefik = "default certificate of Traefik"

// certificate is found by the name that clients ask for, among all that there are, whichever Ingress they come from.
func (m *traefik) certificate(host string) Value {
	if host == catchAll {
		return Answered(defaultOfTraefik).Assuming("no certificate of another provider is for the name")
	}
	values := m.certificates[host]
	if parent := parentHost(host); parent != host {
		values = append(slices.Clip(values), m.certificates[parent]...)
	}
	if len(values) == 0 {
		return Answered(defaultOfTraefik).Assuming("no certificate of another provider is for " + host)
	}
	return agreed(values, func() string {
		return "several certificates are for " + host + ", and which of them Traefik takes is not written anywhere"
	})
}

// traefikUpstream is buildServersTransport.
func (i *nginxIngress) traefikUpstream(v *[aspects]Value) {
	var by []Source
	if _, there := i.annotation("backend-protocol"); there {
		by = append(by, i.source("backend-protocol"))
	}
	if i.scheme() != "https" {
		v[Upstream] = Answered(Plain, by...)
		return
	}
	v[Upstream] = Answered(TLS, by...)
	if i.upstreams.state == secretUnknown {
		unsettled := Unsettled(i.upstreams.why, i.upstreams.by)
		v[UpstreamCA], v[UpstreamCertificate] = unsettled, unsettled
	}
	verify, _ := i.annotation("proxy-ssl-verify")
	verifies := strings.EqualFold(verify, "on")
	name, named := i.annotation("proxy-ssl-name")
	source := i.source("proxy-ssl-name")
	if !named {
		name, named = i.annotation("proxy-ssl-server-name")
		source = i.source("proxy-ssl-server-name").Saying("Traefik takes it for the name")
	}
	switch {
	case named && name != "":
		v[UpstreamName] = Answered(name, source)
	case verifies:
		v[UpstreamName] = Answered("address of the pod")
	default:
		v[UpstreamName] = Answered(None)
	}
	v[Verification] = Answered(Off)
	if verifies {
		v[Verification] = Answered(Name, i.source("proxy-ssl-verify"))
		if i.upstreams.state == secretCA {
			v[UpstreamCA] = Answered(i.upstreams.label, i.upstreams.by).Assuming(i.upstreams.assumed)
		} else if !v[UpstreamCA].Asked() {
			v[UpstreamCA] = Answered(systemRoots)
		}
	} else {
		v[UpstreamCA] = Value{}
	}
	switch {
	case v[UpstreamCertificate].Asked():
	case i.upstreams.state != secretNone && i.upstreams.pair == inventory.Unknown:
		v[UpstreamCertificate] = Unsettled("whether "+i.upstreams.label+" has a key pair", i.upstreams.by)
	case i.upstreams.state != secretNone && i.upstreams.pair != inventory.Absent:
		v[UpstreamCertificate] = Answered(i.upstreams.label, i.upstreams.by).Assuming(i.upstreams.assumed)
	default:
		v[UpstreamCertificate] = Answered(None)
	}
}
