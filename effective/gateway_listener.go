package effective

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// gatewayListener is a listener of a Gateway or of a ListenerSet, as one controller has it.
type gatewayListener struct {
	proxy  *gatewayProxy
	owner  *Object
	index  int
	fields map[string]any

	name, protocol, host, mode string
	port                       int

	certificates, clientCAs []Reference
	// values are those of the connection: Transport to Protocols.
	values [aspects]Value
	// answer is what all requests get, where that is settled before any route is asked.
	answer Value
	// left: the controller leaves it out for routes, though its port is open for others (Kong).
	left   bool
	routes []gatewayAttachment
	// has are the routes, to look one up.
	has map[*gatewayRoute]bool
	// hosts that rows of routes are about.
	hosts map[string]bool
}

func newGatewayListener(p *gatewayProxy, owner *Object, index int, fields map[string]any) *gatewayListener {
	l := &gatewayListener{
		proxy: p, owner: owner, index: index, fields: fields, hosts: map[string]bool{}, has: map[*gatewayRoute]bool{},
		name: text(fields["name"]), protocol: text(fields["protocol"]), host: text(fields["hostname"]), port: gatewayNumber(fields["port"]),
	}
	if tls := gatewayMap(fields, "tls"); tls != nil {
		l.mode = cmp.Or(text(tls["mode"]), "Terminate")
	}
	return l
}

// source names a field of the listener.
func (l *gatewayListener) source(steps ...any) Source {
	return l.owner.Source(append([]any{"spec", "listeners", l.index}, steps...)...)
}

func (l *gatewayListener) secure() bool { return l.protocol == "HTTPS" || l.protocol == "TLS" }

func (l *gatewayListener) closed() bool { return l.values[Transport].Is == Closed }

// option reads one of tls.options.
func (l *gatewayListener) option(key string) string {
	value, _ := kube.Lookup(l.fields, kube.Path{"tls", "options", key})
	return text(value)
}

func (l *gatewayListener) close(by ...Source) {
	l.values = [aspects]Value{}
	l.values[Transport] = Answered(Closed, by...)
}

// kept leaves out the listener of a ListenerSet that its Gateway does not admit.
func (l *gatewayListener) kept(admitted, settled bool, parent *Object) {
	switch {
	case !admitted:
		l.close(parent.Source("spec", "allowedListeners").Saying("it takes no ListenerSet of this namespace; by default it takes none"))
	case !settled:
		l.values[Transport].Assumed = "the namespace of " + gatewayTitle(l.owner) + " has the labels that " + gatewayTitle(parent) + " selects"
	}
}

// connect answers for the connections of all listeners.
func (p *gatewayProxy) connect() {
	if p.by == nil {
		for _, l := range p.listeners {
			l.values[Transport] = Unsettled(p.unmodelled(), p.object.Source("spec", "gatewayClassName"))
		}
		return
	}
	p.conflicts()
	for _, l := range p.listeners {
		if !l.closed() {
			l.connect()
		}
	}
	for _, l := range p.listeners {
		if !l.closed() && l.protocol != "TCP" && l.protocol != "UDP" {
			p.byHost[gatewayPortHost{l.port, l.host}] = l
		}
	}
}

// unmodelled says why nothing is known of a Gateway.
func (p *gatewayProxy) unmodelled() string {
	if p.acting.Controller != "" {
		return "what " + p.acting.Controller + " makes of it, of which nothing is known here"
	}
	return cmp.Or(p.object.ControllerUnknown(), "which controller acts on it")
}

// serving is the open listener that connections for a host come to: the one with the narrowest host name.
func (p *gatewayProxy) serving(port int, host string) *gatewayListener {
	return narrowest(host, func(name string) *gatewayListener { return p.byHost[gatewayPortHost{port, name}] })
}

// narrowest is what is there for a host, or for the next wildcard above it that has something; "" is all hosts.
func narrowest[T any](host string, of func(name string) *T) *T {
	for _, name := range above(host) {
		if found := of(name); found != nil {
			return found
		}
	}
	return nil
}

// conflicts closes listeners that cannot be told apart on their port. Of one object neither is served, a Gateway goes before its
// ListenerSets, and of two sets the older one (gateway-api, apis/v1/gateway_types.go, listenerset_types.go).
func (p *gatewayProxy) conflicts() {
	ports := map[int][]*gatewayListener{}
	for _, l := range p.listeners {
		if !l.closed() && l.protocol != "UDP" {
			ports[l.port] = append(ports[l.port], l)
		}
	}
	for _, l := range p.listeners {
		on := ports[l.port]
		if len(on) < 2 || on[0] != l {
			continue
		}
		families := map[string]bool{}
		for _, each := range on {
			families[each.family()] = true
		}
		if len(families) > 1 {
			gatewayConflict(on, "another protocol has the port")
			continue
		}
		same := map[string][]*gatewayListener{}
		for _, each := range on {
			same[each.host] = append(same[each.host], each)
		}
		for _, host := range kube.SortedKeys(same) {
			if len(same[host]) > 1 {
				gatewayConflict(same[host], "another listener has the same port and host name")
			}
		}
	}
}

// family groups protocols that may share a port.
func (l *gatewayListener) family() string {
	if l.protocol == "HTTPS" {
		return "TLS"
	}
	return l.protocol
}

func gatewayConflict(all []*gatewayListener, why string) {
	first := all[0]
	var alone []*gatewayListener
	for _, l := range all {
		if l.owner == first.owner {
			alone = append(alone, l)
		}
	}
	if first.owner.ID.Kind != "Gateway" && len(alone) != len(all) {
		// Of ListenerSets only their ages tell.
		for _, l := range all {
			l.values[Transport] = Unsettled("which of the ListenerSets with this port and host name is older", l.source("name"))
		}
		return
	}
	for _, l := range all {
		if l.owner != first.owner || len(alone) > 1 {
			other := alone[0]
			if l == other {
				other = all[1]
			}
			l.close(l.source("port").Saying(why), other.source("port"))
		}
	}
}

// connect answers for the connections of a listener that takes part.
func (l *gatewayListener) connect() {
	if l.values[Transport].Unknown != "" {
		return
	}
	assumed := l.values[Transport].Assumed
	by := l.proxy.by
	switch {
	case l.protocol == "HTTP":
		l.values[Transport] = Answered(Plain, l.source("protocol"))
	case !l.secure():
		l.values[Transport] = Unsettled("what "+by.title+" makes of protocol "+l.protocol, l.source("protocol"))
	case l.mode == "":
		l.withoutTLS()
	case l.mode == "Passthrough":
		l.passes()
	default:
		l.values[Transport] = Answered(TLS, l.source("protocol"))
		l.terminate()
	}
	if by == nil || l.closed() {
		return
	}
	if l.proxy.acting.Certainty == Assumed {
		l.values[Transport] = l.values[Transport].Assuming(by.title + " acts: " + l.proxy.acting.Reason)
	}
	l.values[Transport] = l.values[Transport].Assuming(assumed)
}

// withoutTLS is a listener for TLS that says nothing of it (see the rule gateway-api/https-without-tls).
func (l *gatewayListener) withoutTLS() {
	switch l.proxy.by.name {
	case "envoy-gateway", "istio", "nginx-gateway-fabric", "traefik":
		l.close(l.source("protocol").Saying(l.proxy.by.title + " leaves out a listener of this protocol without tls"))
	default:
		l.values[Transport] = Unsettled("what "+l.proxy.by.title+" makes of a listener for TLS without tls", l.source("protocol"))
	}
}

func (l *gatewayListener) passes() {
	if l.proxy.by.name == "envoy-gateway" && len(gatewayList(l.fields, "tls", "certificateRefs")) > 0 {
		l.close(l.source("tls", "certificateRefs").Saying("Envoy Gateway leaves out a listener that passes TLS through and has certificates"))
		return
	}
	l.values[Transport] = Answered(Passthrough, l.source("tls", "mode"))
}

func (l *gatewayListener) terminate() {
	if l.proxy.by.name == "kgateway" && l.unknownOption() {
		return
	}
	l.values[Protocols] = l.protocolBounds()
	if l.proxy.by.name == "istio" && l.meshCertificate() {
		return
	}
	l.showCertificates()
	if l.closed() {
		return
	}
	l.askClients()
	if l.closed() {
		return
	}
	l.byExtensions()
}

// unknownOption closes a listener of kgateway with an option under its prefix that it does not know
// (translator/sslutils/ssl_utils.go, ApplyTLSExtensionOptions).
func (l *gatewayListener) unknownOption() bool {
	known := []string{
		"alpn-protocols", "cipher-suites", "ecdh-curves", "signature-algorithms", "min-tls-version", "max-tls-version",
		"verify-subject-alt-names", "verify-certificate-hash",
	}
	for _, key := range kube.SortedKeys(gatewayMap(l.fields, "tls", "options")) {
		if name, own := strings.CutPrefix(key, "kgateway.dev/"); own && !slices.Contains(known, name) {
			l.close(l.source("tls", "options", key).Saying("kgateway knows no such option, and leaves the listener out"))
			return true
		}
	}
	return false
}

func (l *gatewayListener) protocolBounds() Value {
	by := l.proxy.by
	switch {
	case by.protocols == "":
		return Value{}
	case by.protocolOption != "" && l.option(by.protocolOption) != "":
		return Answered(strings.Join(strings.Fields(l.option(by.protocolOption)), " "), l.source("tls", "options", by.protocolOption))
	case by.name == "kgateway":
		least, most := l.option("kgateway.dev/min-tls-version"), l.option("kgateway.dev/max-tls-version")
		return gatewayVersions(least, most, l.source("tls", "options"))
	case by.name == "kong":
		return Answered(by.protocols).Assuming("Kong's ssl_protocols are its default")
	default:
		return Answered(by.protocols)
	}
}

// gatewayVersions lists the versions between two bounds, "1.2" or "" for the default of Envoy.
func gatewayVersions(least, most string, by Source) Value {
	if least == "" && most == "" {
		return Answered(envoyProtocols)
	}
	all := []string{"1.0", "1.1", "1.2", "1.3"}
	from, to := slices.Index(all, cmp.Or(least, "1.2")), slices.Index(all, cmp.Or(most, "1.3"))
	if from < 0 || to < from {
		return Unsettled("which versions are meant", by)
	}
	names := make([]string, 0, len(all))
	for _, version := range all[from : to+1] {
		names = append(names, "TLSv"+version)
	}
	return Answered(strings.Join(names, " "), by)
}

// gatewayState is what is known of a reference that a controller follows.
type gatewayState struct {
	ref *Reference
	by  Source
	// bad says why it cannot be used; "" where it can, or where that is not known: then unseen says what is out of sight.
	bad, unseen string
}

// gatewayFollow judges what holds for every reference: grant and presence.
func gatewayFollow(o *Object, r *Reference, kinds ...string) gatewayState {
	s := gatewayState{ref: r, by: o.Source(r.Path...)}
	switch {
	case len(kinds) > 0 && !slices.Contains(kinds, r.ID.Kind):
		s.bad = "nobody reads it from a " + r.ID.Kind
	case r.Grant == NotGranted:
		s.bad = r.Label + " " + r.State
	case !r.Grant.Permitted(), r.Presence == inventory.Unknown:
		s.unseen = r.Label + " " + r.State + "; all that it takes is assumed to be there"
	case r.Presence == inventory.Absent:
		s.bad = r.Label + " " + r.State
	}
	return s
}

// pair judges a reference to a certificate and its key.
func (l *gatewayListener) pair(o *Object, r *Reference) gatewayState {
	s := gatewayFollow(o, r, "Secret")
	if s.bad != "" || s.unseen != "" {
		return s
	}
	switch {
	case l != nil && l.proxy.by.name == "envoy-gateway" && r.Type == "gateway.envoyproxy.io/sds":
		s.unseen = r.Label + " leads to a service that hands the certificate to Envoy"
	case r.KeyPresence == inventory.Absent && (l == nil || l.proxy.by.name != "istio" || !slices.Contains(r.Keys, "cert")):
		s.bad = r.Label + " has no tls.crt"
	case r.KeyPresence != inventory.Absent && r.Has("tls.key") == inventory.Absent:
		s.bad = r.Label + " has no tls.key"
	case r.Content != nil && r.Content.Empty:
		s.bad = "tls.crt of " + r.Label + " is empty"
	case r.Content != nil && !r.Content.Opaque && len(r.Content.Certificates) == 0:
		s.bad = "tls.crt of " + r.Label + " holds no certificate"
	case r.Pair != "" && r.Pair != "match":
		s.bad = "tls.key of " + r.Label + " does not belong to its certificate"
	case l != nil && l.proxy.by.name == "envoy-gateway" && r.Type != "" && r.Type != "kubernetes.io/tls" && !strings.HasPrefix(r.Type, "gateway.envoyproxy.io/"):
		s.bad = r.Label + " is of type " + r.Type + ", and Envoy Gateway takes kubernetes.io/tls only"
	case l != nil && l.proxy.by.name == "envoy-gateway" && gatewayExpired(o, r):
		s.bad = r.Label + " holds a certificate that has expired, and Envoy Gateway takes none such"
	}
	return s
}

// gatewayExpired reports whether one of the certificates that a reference leads to is over.
func gatewayExpired(o *Object, r *Reference) bool {
	if r.Content == nil {
		return false
	}
	return slices.ContainsFunc(r.Content.Certificates, func(hash string) bool {
		until := text(o.Certificate(hash)["not_after"])
		return until != "" && until < text(o.Facts["now"])
	})
}

// showCertificates answers ServerCertificate, and closes a listener that has none to show.
func (l *gatewayListener) showCertificates() {
	by := l.proxy.by
	states := make([]gatewayState, len(l.certificates))
	for i := range l.certificates {
		states[i] = l.pair(l.owner, &l.certificates[i])
	}
	listed := len(gatewayList(l.fields, "tls", "certificateRefs"))
	if listed == 0 {
		l.withoutCertificate()
		return
	}
	if by.name == "kong" {
		l.values[ServerCertificate] = l.kongCertificate(states, listed)
		return
	}
	if by.name == "istio" {
		states = l.istioCertificates(states, listed)
		if l.closed() || l.values[ServerCertificate].Asked() {
			return
		}
	}
	var names, unseen []string
	var sources, bad []Source
	for _, s := range states {
		switch {
		case s.bad != "":
			bad = append(bad, s.by.Saying(s.bad))
			continue
		case s.unseen != "":
			unseen = append(unseen, s.unseen)
		}
		names = append(names, s.ref.Label)
		sources = append(sources, s.by)
	}
	switch {
	case len(bad) > 0 && by.certificates != gatewayReads:
		l.values[ServerCertificate] = Unsettled("what "+by.title+" makes of a certificate that it cannot use", bad...)
		l.values[Transport] = Unsettled("whether "+by.title+" serves a listener with a certificate that it cannot use", bad...)
	case len(names) == 0 || listed > len(states) && len(states) == 0:
		if len(bad) == 0 {
			bad = append(bad, l.source("tls", "certificateRefs"))
		}
		l.close(bad...)
	default:
		v := Answered(strings.Join(names, ", "), append(sources, bad...)...)
		for _, u := range unseen {
			v = v.Assuming(u)
		}
		l.values[ServerCertificate] = v
	}
}

// withoutCertificate is a listener that names none (see the rule gateway-api/listener-without-certificate).
func (l *gatewayListener) withoutCertificate() {
	switch by := l.proxy.by; by.name {
	case "envoy-gateway", "nginx-gateway-fabric", "traefik":
		l.close(l.source("tls").Saying(by.title + " leaves out a listener without certificateRefs"))
	case "kong":
		l.values[ServerCertificate] = Answered(kongDefaultCertificate, l.source("tls"))
	default:
		l.values[ServerCertificate] = Unsettled("what "+by.title+" shows for a listener without certificateRefs", l.source("tls"))
	}
}

// covered reports whether rows of routes say all that there is to say of the listener: of plain HTTP nothing is left once a route
// is there, and of TLS what clients meet who ask for another host.
func (l *gatewayListener) covered() bool {
	return l.hosts[l.host] || l.protocol == "HTTP" && len(l.hosts) > 0 && !l.closed()
}
