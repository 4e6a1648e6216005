package effective

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// istioMerged are the servers of all Gateways for the same pods, of which Istio makes one proxy (pilot/pkg/model/gateway.go,
// mergeGateways).
type istioMerged struct {
	// byHost are the servers with TLS that connections for a host come to.
	byHost map[gatewayPortHost]*istioServer
	// redirects are hosts in plain HTTP that a server sends to TLS: then all servers of the port do.
	redirects map[gatewayPortHost]Source
	// twice are names that two servers have for VirtualServices of different namespaces: Istio takes these for different ones.
	twice map[gatewayPortHost][]Source
}

// istioRivals is how a server fares among the others of its proxy.
type istioRivals struct {
	// dropped is the server for which Istio drops this one as a whole.
	dropped *istioServer
	// rivals are servers of which either this one is dropped, or they are: nobody knows which is older.
	rivals []*istioServer
}

// mergeIstio decides between servers for the same pods: the older one goes first, and of one object that which stands first.
func mergeIstio(servers []*istioServer) *istioMerged {
	m := &istioMerged{byHost: map[gatewayPortHost]*istioServer{}, redirects: map[gatewayPortHost]Source{}, twice: map[gatewayPortHost][]Source{}}
	ordered := slices.Clone(servers)
	slices.SortStableFunc(ordered, func(a, b *istioServer) int {
		switch older, sure := gatewayOlder(a.object, b.object); {
		case a.object == b.object || !sure:
			return 0
		case older == a.object:
			return -1
		default:
			return 1
		}
	})
	plain := istioPlain(ordered)
	places := map[istioPlace][]*istioServer{}
	for _, s := range ordered {
		before := map[*istioServer]bool{}
		contest := func(other *istioServer) {
			older, sure := gatewayOlder(other.object, s.object)
			switch {
			case s.dropped != nil || before[other]:
			case other.object == s.object && other.index < s.index, other.object != s.object && sure && older == other.object:
				s.dropped = other
			case other.object != s.object && !sure:
				before[other] = true
			}
		}
		if s.secure() {
			for _, other := range []*istioServer{plain[s.place(nil)], plain[s.place(s.object)]} {
				if other != nil {
					contest(other)
				}
			}
			for _, host := range s.hosts() {
				for _, other := range places[s.at(host)] {
					contest(other)
				}
			}
		}
		if s.dropped == nil {
			s.rival(before)
			m.take(places, s)
		}
	}
	return m
}

// istioMost is how many servers are told apart that contest one host: what more of them are for is unknown.
const istioMost = 32

// istioPlace is what only one server can have: a host on a port, or the port.
type istioPlace struct {
	port   int
	bind   string
	host   istioHost
	object *Object
}

func (s *istioServer) place(o *Object) istioPlace {
	return istioPlace{port: s.port, bind: text(s.fields["bind"]), object: o}
}

func (s *istioServer) at(host istioHost) istioPlace {
	place := s.place(nil)
	place.host = host
	return place
}

// istioPlain are the first servers without TLS on each port, of all and of each object: there is no TLS behind these.
func istioPlain(ordered []*istioServer) map[istioPlace]*istioServer {
	first := map[istioPlace]*istioServer{}
	for _, s := range ordered {
		for _, place := range []istioPlace{s.place(nil), s.place(s.object)} {
			if !s.secure() && first[place] == nil {
				first[place] = s
			}
		}
	}
	return first
}

// rival notes servers of which either this one is dropped, or they are. One for plain text is never.
func (s *istioServer) rival(before map[*istioServer]bool) {
	others := slices.SortedFunc(maps.Keys(before), func(a, b *istioServer) int {
		return cmp.Or(a.object.ID.Compare(b.object.ID), cmp.Compare(a.index, b.index))
	})
	for _, other := range others {
		if len(s.rivals) < istioMost {
			s.rivals = append(s.rivals, other)
		}
		if other.secure() && len(other.rivals) < istioMost {
			other.rivals = append(other.rivals, s)
		}
	}
}

// take lets a server have its hosts.
func (m *istioMerged) take(places map[istioPlace][]*istioServer, s *istioServer) {
	if s.secure() {
		for _, host := range s.hosts() {
			if at := s.at(host); len(places[at]) < istioMost {
				places[at] = append(places[at], s)
			}
		}
	}
	m.keep(s)
}

func (m *istioMerged) keep(s *istioServer) {
	for _, entry := range s.hosts() {
		key := gatewayPortHost{s.port, entry.name}
		for _, name := range s.passed(entry) {
			if narrow := (gatewayPortHost{s.port, name}); m.byHost[narrow] == nil {
				m.byHost[narrow] = s
			}
		}
		switch {
		case s.secure() && m.byHost[key] == nil:
			m.byHost[key] = s
		case s.secure() && m.byHost[key] != s && !slices.Contains(s.rivals, m.byHost[key]) && text(s.fields["bind"]) == text(m.byHost[key].fields["bind"]):
			m.twice[key] = []Source{m.byHost[key].source("hosts"), s.source("hosts")}
		case s.values[Transport].Is == Redirect:
			by := s.values[Transport].By[0]
			m.redirects[key] = by
			for _, service := range s.services {
				for _, name := range service.hosts {
					if both, ok := gatewayMeets(entry.name, name); ok && entry.admits(service.object) {
						m.redirects[gatewayPortHost{s.port, both}] = by
					}
				}
			}
		}
	}
}

// passed are the names for which routes of tls pass connections on, of which each is a filter chain of its own
// (pilot/pkg/networking/core/gateway.go, buildGatewayNetworkFiltersFromTLSRoutes).
func (s *istioServer) passed(entry istioHost) []string {
	if s.mode != "PASSTHROUGH" {
		return nil
	}
	var list []string
	for _, service := range s.services {
		meets := slices.ContainsFunc(service.hosts, func(host string) bool {
			_, ok := gatewayMeets(entry.name, host)
			return ok
		})
		if !meets || !entry.admits(service.object) {
			continue
		}
		for _, rule := range gatewayList(service.object.Fields, "spec", "tls") {
			for _, match := range gatewayList(rule, "match") {
				if s.named(service.object, texts(match["gateways"])) {
					list = append(list, istioNames(texts(match["sniHosts"]))...)
				}
			}
		}
	}
	return list
}

// serving is the server that connections for a host come to, by the narrowest of its names; nil where there is none.
func (m *istioMerged) serving(port int, host string) *istioServer {
	return narrowest(host, func(name string) *istioServer { return m.byHost[gatewayPortHost{port, name}] })
}

// takes reports whether connections for a host come to this server, or may.
func (m *istioMerged) takes(s *istioServer, host string) bool {
	if !s.secure() {
		return true
	}
	serving := m.serving(s.port, host)
	return serving == s || slices.Contains(s.rivals, serving)
}

// contested are the values of a server for one of its hosts, where others may have it in its place.
func (m *istioMerged) contested(s *istioServer, host istioHost) [aspects]Value {
	values := s.values
	if by := m.twice[gatewayPortHost{s.port, host.name}]; by != nil && s.secure() {
		values = [aspects]Value{}
		values[Transport] = Unsettled("what was in force before: Envoy refuses a port with two servers for one name", by...)
		return values
	}
	for _, other := range s.rivals {
		why := "which of " + gatewayTitle(s.object) + " and " + gatewayTitle(other.object) + " is older"
		by := []Source{s.source("hosts"), other.source("hosts")}
		if other.object.ID.Compare(s.object.ID) < 0 {
			why = "which of " + gatewayTitle(other.object) + " and " + gatewayTitle(s.object) + " is older"
			slices.Reverse(by)
		}
		if !slices.Contains(other.hosts(), host) || len(s.rivals) == istioMost {
			values[Transport] = Unsettled(why+": the server of the younger one is dropped as a whole", by...)
			continue
		}
		for a := range values {
			if values[a].Unknown == "" && values[a].Is != other.values[a].Is {
				values[a] = Unsettled(why+": its server has the host", by...)
			}
		}
	}
	if values[Transport].Unknown != "" {
		transport := values[Transport]
		values = [aspects]Value{}
		values[Transport] = transport
	}
	return values
}

// istioHost is an entry of the hosts of a server: the namespace that VirtualServices may come from, and the name.
type istioHost struct{ namespace, name string }

func (s *istioServer) hosts() []istioHost {
	entries, _ := kube.Lookup(s.fields, kube.Path{"hosts"})
	var list []istioHost
	for _, entry := range texts(entries) {
		namespace, name, scoped := strings.Cut(entry, "/")
		switch {
		case !scoped:
			namespace, name = "*", entry
		case namespace == ".":
			namespace = s.object.ID.Namespace
		}
		if name == "*" {
			name = ""
		}
		list = append(list, istioHost{namespace, strings.ToLower(name)})
	}
	return list
}

// admits reports whether a VirtualService may have routes for the host.
func (h istioHost) admits(service *Object) bool {
	return h.namespace == "*" || gatewayTogether(h.namespace, service.ID.Namespace)
}
