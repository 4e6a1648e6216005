package effective

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

const (
	kongFacadeKind = "KongServiceFacade.incubator.ingress-controller.konghq.com"
)

// kongIngresses are the Ingresses of Kong in a tree. Routes are for plain HTTP and HTTPS unless konghq.com/protocols says otherwise
// (internal/dataplane/translator/subtranslator/ingress.go, ingressRouteProtocols), certificates are for the hosts that spec.tls lists
// (translate_certs.go), and backends are called by the annotations of their Services (ingressrules.go).
type kongIngresses struct {
	all *gateways
	// shown are the certificates of hosts: that of the oldest Ingress counts.
	shown map[string][]kongShown
	// routed are Services that an HTTPRoute leads to: without one Kong reads no BackendTLSPolicy for them.
	routed map[string]bool
}

type kongShown struct {
	ingress *Object
	ref     *Reference
	by      Source
}

// kongRows answers for Ingresses of Kong.
func (g *gateways) kongRows() []Row {
	k := &kongIngresses{all: g, shown: map[string][]kongShown{}, routed: map[string]bool{}}
	var list []*Object
	for _, o := range g.tree.Of(ingressKind) {
		if o.Acts("kong").Certainty != Untold {
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		return nil
	}
	for key := range g.reached {
		k.routed[key] = true
	}
	for _, o := range list {
		k.certificates(o)
	}
	tables := map[string]*gatewayTable{}
	for _, o := range list {
		class := cmp.Or(o.Class(), "kong")
		if tables[class] == nil {
			tables[class] = &gatewayTable{known: map[string]int{}}
		}
		k.ingress(tables[class], o, class)
	}
	var rows []Row
	for _, class := range kube.SortedKeys(tables) {
		rows = append(rows, tables[class].rows...)
	}
	return rows
}

// certificates notes which Secret an Ingress names for which hosts. An entry without hosts is passed over.
func (k *kongIngresses) certificates(o *Object) {
	for _, r := range o.References("server-certificate") {
		if len(r.Path) < 3 {
			continue
		}
		hosts, _ := o.Field("spec", "tls", r.Path[2], "hosts")
		for _, host := range texts(hosts) {
			k.shown[host] = append(k.shown[host], kongShown{o, &r, o.Source(r.Path...)})
		}
	}
}

// certificate is what clients are shown who ask for a host.
func (k *kongIngresses) certificate(host string) Value {
	all := k.shown[host]
	if len(all) == 0 && !strings.HasPrefix(host, "*.") {
		if _, parent, ok := strings.Cut(host, "."); ok {
			all = k.shown["*."+parent]
		}
	}
	if len(all) == 0 {
		v := Answered(kongDefaultCertificate)
		return v.Assuming("no Ingress out of sight has a certificate for the host")
	}
	first := all[0]
	for _, other := range all[1:] {
		if other.ref.ID == first.ref.ID {
			continue
		}
		older, settled := gatewayOlder(first.ingress, other.ingress)
		if !settled {
			return Unsettled("which of "+gatewayTitle(first.ingress)+" and "+gatewayTitle(other.ingress)+" is older: its certificate is shown for the host", first.by, other.by)
		}
		if older == other.ingress {
			first = other
		}
	}
	s := (*gatewayListener)(nil).pair(first.ingress, first.ref)
	if s.bad != "" {
		return Answered(kongDefaultCertificate, s.by.Saying(s.bad))
	}
	return Answered(first.ref.Label, s.by).Assuming(s.unseen)
}

// ingress adds the rows of one Ingress: for the ports of Kong's proxy, plain and of TLS.
func (k *kongIngresses) ingress(t *gatewayTable, o *Object, class string) {
	controllers := gatewayControllers()
	p := &gatewayProxy{object: o, acting: o.Acts("kong"), by: controllers["kong"], all: k.all}
	owner := &gatewayRoute{object: o}
	one := func(host, path, match string, b *gatewayBackend) {
		for _, port := range []int{80, 443} {
			values := k.values(p, o, host, port, b)
			t.add(Row{Controller: "kong", Proxy: class, Host: host, Port: port, Path: path, Match: match}.with(&values, t.last()), owner)
		}
	}
	for i, rule := range gatewayList(o.Fields, "spec", "rules") {
		for j, path := range gatewayList(rule, "http", "paths") {
			at := kube.Path{"spec", "rules", i, "http", "paths", j, "backend"}
			one(text(rule["host"]), cmp.Or(text(path["path"]), "/"), cmp.Or(text(path["pathType"]), "ImplementationSpecific"), k.backend(p, o, at, gatewayMap(path, "backend")))
		}
	}
	if backend := gatewayMap(o.Fields, "spec", "defaultBackend"); backend != nil {
		one("", "/", "Prefix", k.backend(p, o, kubePath("spec", "defaultBackend"), backend))
	}
}

// protocols are those that the routes of an Ingress are for; an unknown one among them leaves the list out.
func kongProtocols(o *Object) (plain, secure bool, by []Source) {
	key := kongPrefix + "protocols"
	value, ok := o.Annotation(key)
	if !ok || strings.TrimSpace(value) == "" {
		return true, true, nil
	}
	for name := range strings.SplitSeq(value, ",") {
		switch strings.TrimSpace(name) {
		case "http", "grpc", "ws", "tcp", "udp":
			plain = true
		case "https", "grpcs", "wss", "tls", "tls_passthrough":
			secure = true
		default:
			return true, true, []Source{o.Source("metadata", "annotations", key).Saying("Kong knows no protocol " + strings.TrimSpace(name) + ", and then none of the list counts")}
		}
	}
	return plain, secure, []Source{o.Source("metadata", "annotations", key)}
}

func (k *kongIngresses) values(p *gatewayProxy, o *Object, host string, port int, b *gatewayBackend) [aspects]Value {
	var values [aspects]Value
	plain, secure, by := kongProtocols(o)
	ports := "Kong's proxy listens on ports 80 and 443"
	if port == 80 {
		values[Transport] = Answered(Plain, by...).Assuming(ports)
		if !plain {
			status := kongPrefix + "https-redirect-status-code"
			code, _ := o.Annotation(status)
			if slices.Contains([]string{"301", "302", "307", "308"}, code) {
				values[Transport] = Answered(Redirect, append(by, o.Source("metadata", "annotations", status))...).Assuming(ports)
				return values
			}
			values[Answer] = Answered("426", by...)
			return values
		}
	} else {
		values[Transport] = Answered(TLS).Assuming(ports)
		values[ServerCertificate] = k.certificate(host)
		values[Protocols] = Answered(envoyProtocols).Assuming("Kong's ssl_protocols are its default")
		values[Clients] = Answered(Off)
		l := &gatewayListener{proxy: p, owner: o, protocol: "HTTPS"}
		l.kongPlugins(o, nil, k.services(b), &values)
		if !secure {
			values[Answer] = Answered("404", by...)
			return values
		}
	}
	if p.acting.Certainty == Assumed {
		values[Transport] = values[Transport].Assuming("Kong acts: " + p.acting.Reason)
	}
	gatewayTogetherAll([]*gatewayBackend{b}, &values, 1)
	return values
}

// backend answers for a Service, or a facade in front of one.
func (k *kongIngresses) backend(p *gatewayProxy, o *Object, at kube.Path, fields map[string]any) *gatewayBackend {
	b := &gatewayBackend{proxy: p, route: o, by: o.Source(at...), share: "1"}
	if resource := gatewayMap(fields, "resource"); resource != nil {
		k.facade(b, text(resource["name"]))
		return b
	}
	service := gatewayMap(fields, "service")
	b.by = o.Source(at.Append("service")...)
	b.port = gatewayNumber(gatewayMap(service, "port")["number"])
	if r := o.Reference("kong-backend", at.Append("service")); r != nil {
		b.ref = r
	} else {
		id := kube.ID{Kind: "Service", Namespace: o.ID.Namespace, Name: text(service["name"])}
		found := p.all.tree.Inventory.Get(inventory.Ref{To: id, From: o.ID})
		b.ref = &Reference{ID: id, Label: id.String(), Grant: NotNeeded, Presence: found.Presence}
	}
	if b.ref.Missing() {
		b.refused = Answered("503", b.by.Saying(b.ref.Label+" "+cmp.Or(b.ref.State, "does not exist")))
		return b
	}
	key := "Service/" + b.ref.ID.Namespace + "/" + b.ref.ID.Name
	k.all.reached[key] = true
	all, _ := p.candidates("Service", b.ref.ID, "", true)
	if k.routed[key] {
		b.kong(all)
		return b
	}
	b.kong(nil)
	for _, c := range all {
		b.values[Upstream].By = append(b.values[Upstream].By, c.by.Saying("it does nothing: Kong reads a policy where an HTTPRoute leads to the Service"))
	}
	return b
}

// facade is a KongServiceFacade, whose annotations go before those of its Service (ingressrules.go,
// resolveKubernetesServiceForBackend).
func (k *kongIngresses) facade(b *gatewayBackend, name string) {
	id := kube.ID{Group: "incubator.ingress-controller.konghq.com", Kind: "KongServiceFacade", Namespace: b.route.ID.Namespace, Name: name}
	b.ref = &Reference{ID: id, Label: id.String(), Grant: NotNeeded}
	facade := k.all.find(kongFacadeKind, id.Namespace, name)
	if facade == nil {
		b.values[Upstream] = Unsettled("what is in "+id.String()+": it is not in "+k.all.tree.Scope, b.by)
		return
	}
	if service := k.all.find(serviceKind, id.Namespace, facade.Text("spec", "backendRef", "name")); service != nil {
		for _, key := range kube.SortedKeys(gatewayMap(service.Fields, "metadata", "annotations")) {
			if own, _ := facade.Annotation(key); own == "" && strings.HasPrefix(key, kongPrefix) {
				b.values[Upstream] = Unsettled("what Kong makes of "+id.String()+" together with annotations of "+gatewayTitle(service), b.by)
				return
			}
		}
	}
	b.byAnnotations(facade)
}

// services are those behind a backend whose annotations Kong reads, a facade in place of its Service.
func (k *kongIngresses) services(b *gatewayBackend) []*Object {
	id := b.ref.ID
	facade := k.all.find(kongFacadeKind, id.Namespace, id.Name)
	service := k.all.find(serviceKind, id.Namespace, id.Name)
	if id.Kind == "KongServiceFacade" && facade != nil {
		if named, _ := facade.Annotation(kongPrefix + "plugins"); named != "" {
			return []*Object{facade}
		}
		service = k.all.find(serviceKind, id.Namespace, facade.Text("spec", "backendRef", "name"))
	}
	if service == nil {
		return nil
	}
	return []*Object{service}
}

// kongServices answers for Services whose annotations have Kong call them by TLS, and that nothing in sight leads to.
func (g *gateways) kongServices() []Row {
	var rows []Row
	p := &gatewayProxy{by: gatewayControllers()["kong"], all: g}
	for _, o := range g.tree.Of(serviceKind) {
		if protocol, _ := o.Annotation(kongPrefix + "protocol"); protocol == "" || g.reached["Service/"+o.ID.Namespace+"/"+o.ID.Name] {
			continue
		}
		b := &gatewayBackend{proxy: p, route: o, ref: &Reference{ID: o.ID, Label: o.ID.String()}}
		b.byAnnotations(o)
		// The route says which name is asked for.
		b.values[UpstreamName] = Value{}
		rows = append(rows, Row{Controller: "kong", Service: strings.TrimPrefix(o.ID.Namespace+"/"+o.ID.Name, "/")}.with(&b.values, nil))
	}
	return rows
}
