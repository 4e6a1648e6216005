package effective

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// Kinds of Gateway API, and of what its controllers read beside it.
const (
	gatewayKind         = "Gateway.gateway.networking.k8s.io"
	gatewayClassKind    = "GatewayClass.gateway.networking.k8s.io"
	listenerSetKind     = "ListenerSet.gateway.networking.k8s.io"
	oldListenerSetKind  = "XListenerSet.gateway.networking.x-k8s.io"
	httpRouteKind       = "HTTPRoute.gateway.networking.k8s.io"
	grpcRouteKind       = "GRPCRoute.gateway.networking.k8s.io"
	tlsRouteKind        = "TLSRoute.gateway.networking.k8s.io"
	backendPolicyKind   = "BackendTLSPolicy.gateway.networking.k8s.io"
	clientPolicyKind    = "ClientTrafficPolicy.gateway.envoyproxy.io"
	envoyBackendKind    = "Backend.gateway.envoyproxy.io"
	envoyProxyKind      = "EnvoyProxy.gateway.envoyproxy.io"
	listenerPolicyKind  = "ListenerPolicy.gateway.kgateway.dev"
	backendConfigKind   = "BackendConfigPolicy.gateway.kgateway.dev"
	destinationRuleKind = "DestinationRule.networking.istio.io"
	kongPluginKind      = "KongPlugin.configuration.konghq.com"
	kongClusterPlugin   = "KongClusterPlugin.configuration.konghq.com"
	serviceKind         = "Service"
	namespaceKind       = "Namespace"
)

// Closed is the answer of Transport where connections come to nothing: the controller leaves the listener out.
const Closed = "no connection"

// gatewayModel knows Gateway API, as far as it says itself what a proxy does, and what each of its controllers makes of the rest.
// Sources are with gatewayControllers.
func gatewayModel() Model {
	return Model{
		Controllers: kube.SortedKeys(gatewayControllers()),
		Kinds: []string{
			gatewayKind, gatewayClassKind, listenerSetKind, oldListenerSetKind, httpRouteKind, grpcRouteKind, tlsRouteKind,
			backendPolicyKind, clientPolicyKind, envoyBackendKind, envoyProxyKind, listenerPolicyKind, backendConfigKind,
			destinationRuleKind, kongPluginKind, kongClusterPlugin, serviceKind, namespaceKind, ingressKind, kongFacadeKind,
			istioGatewayKind, virtualServiceKind,
		},
		Rows: func(t *Tree) []Row { return newGateways(t).rows() },
	}
}

// gateways is a tree as Gateway API has it. Objects are found by kind and name: where files set no namespace, it may be any.
type gateways struct {
	tree     *Tree
	proxies  []*gatewayProxy
	owners   gatewayIndex[*gatewayOwner]
	policies gatewayIndex[*gatewayPolicy]
	named    gatewayIndex[*Object]
	// rules are DestinationRules and BackendConfigPolicies, by the Service that they are for, and ListenerPolicies by what they are
	// for.
	rules gatewayIndex[*Object]
	// reached are the Services that routes in sight lead to, whoever serves these.
	reached map[string]bool
}

// gatewayIndex finds by kind, namespace and name.
type gatewayIndex[T any] struct{ exact, any map[string][]T }

func newGatewayIndex[T any]() gatewayIndex[T] {
	return gatewayIndex[T]{map[string][]T{}, map[string][]T{}}
}

func (x gatewayIndex[T]) add(kind, namespace, name string, value T) {
	x.exact[kind+"/"+namespace+"/"+name] = append(x.exact[kind+"/"+namespace+"/"+name], value)
	x.any[kind+"/"+name] = append(x.any[kind+"/"+name], value)
}

// get finds what may be meant: where a file sets no namespace, it may be any.
func (x gatewayIndex[T]) get(kind, namespace, name string) []T {
	if namespace == "" {
		return x.any[kind+"/"+name]
	}
	return append(slices.Clip(x.exact[kind+"/"+namespace+"/"+name]), x.exact[kind+"//"+name]...)
}

// gatewayProxy is a Gateway with all that it serves.
type gatewayProxy struct {
	object     *Object
	acting     Acting
	by         *gatewayController
	all        *gateways
	listeners  []*gatewayListener
	byHost     map[gatewayPortHost]*gatewayListener
	frontendCA []Reference
	clients    []*gatewayClientPolicy
	// from is the namespace of its pods, where Istio looks for what holds for them; "" where nothing tells.
	from string
}

type gatewayPortHost struct {
	port int
	host string
}

// gatewayOwner has listeners: a Gateway or a ListenerSet.
type gatewayOwner struct {
	object    *Object
	proxies   []*gatewayProxy
	listeners []*gatewayListener
}

func newGateways(t *Tree) *gateways {
	g := &gateways{
		tree: t, owners: newGatewayIndex[*gatewayOwner](), policies: newGatewayIndex[*gatewayPolicy](), named: newGatewayIndex[*Object](),
		rules: newGatewayIndex[*Object](), reached: map[string]bool{},
	}
	for _, kind := range []string{
		gatewayClassKind, envoyBackendKind, envoyProxyKind, kongPluginKind, kongClusterPlugin, kongFacadeKind, serviceKind, namespaceKind,
	} {
		for _, o := range t.Of(kind) {
			g.named.add(kind, o.ID.Namespace, o.ID.Name, o)
		}
	}
	for _, o := range t.Of(gatewayKind) {
		g.gateway(o)
	}
	for _, kind := range []string{listenerSetKind, oldListenerSetKind} {
		for _, o := range t.Of(kind) {
			g.listenerSet(o)
		}
	}
	for _, o := range t.Of(clientPolicyKind) {
		g.clientPolicy(o)
	}
	for _, o := range t.Of(backendPolicyKind) {
		g.backendPolicy(o)
	}
	for _, o := range t.Of(destinationRuleKind) {
		for _, r := range o.References("destination") {
			g.rules.add(destinationRuleKind, r.ID.Namespace, r.ID.Name, o)
		}
	}
	for _, kind := range []string{backendConfigKind, listenerPolicyKind} {
		for _, o := range t.Of(kind) {
			for _, target := range gatewayList(o.Fields, "spec", "targetRefs") {
				g.rules.add(kind, o.ID.Namespace, text(target["name"]), o)
			}
		}
	}
	for _, p := range g.proxies {
		p.connect()
	}
	g.mergeEnvoy()
	return g
}

// find returns the object of a kind and name in a namespace; nil where none, or more than one, may be it.
func (g *gateways) find(kind, namespace, name string) *Object {
	found := g.named.get(kind, namespace, name)
	switch {
	case len(found) == 1, len(found) > 1 && found[0].ID.Namespace == namespace:
		return found[0]
	default:
		return nil
	}
}

// gatewayTogether reports whether two namespaces are the same, or one of them is not set.
func gatewayTogether(a, b string) bool { return a == b || a == "" || b == "" }

func (g *gateways) gateway(o *Object) {
	p := &gatewayProxy{object: o, all: g, from: o.ID.Namespace, byHost: map[gatewayPortHost]*gatewayListener{}, frontendCA: o.References("frontend-ca")}
	owner := &gatewayOwner{object: o}
	controllers := gatewayControllers()
	for _, acting := range o.Controllers() {
		one := *p
		one.acting, one.by = acting, controllers[acting.Controller]
		one.byHost = map[gatewayPortHost]*gatewayListener{}
		one.add(o, owner)
		g.proxies = append(g.proxies, &one)
		owner.proxies = append(owner.proxies, &one)
	}
	if len(o.Controllers()) == 0 {
		p.add(o, owner)
		g.proxies = append(g.proxies, p)
		owner.proxies = append(owner.proxies, p)
	}
	g.owners.add("Gateway", o.ID.Namespace, o.ID.Name, owner)
}

func (g *gateways) listenerSet(o *Object) {
	owner := &gatewayOwner{object: o}
	g.owners.add(o.ID.Kind, o.ID.Namespace, o.ID.Name, owner)
	parent, _ := o.Field("spec", "parentRef")
	fields, _ := parent.(map[string]any)
	namespace := cmp.Or(text(fields["namespace"]), o.ID.Namespace)
	if kind := text(fields["kind"]); kind != "" && kind != "Gateway" {
		return
	}
	for _, parent := range g.owners.get("Gateway", namespace, text(fields["name"])) {
		allowed, _ := parent.object.Field("spec", "allowedListeners", "namespaces")
		admitted, settled := g.admits(allowed, "None", parent.object.ID.Namespace, o.ID.Namespace)
		for _, p := range parent.proxies {
			if p.by != nil && !p.by.listenerSets {
				continue
			}
			from := len(p.listeners)
			p.add(o, owner)
			for _, l := range p.listeners[from:] {
				l.kept(admitted, settled, parent.object)
			}
		}
		owner.proxies = append(owner.proxies, parent.proxies...)
	}
}

func (p *gatewayProxy) add(o *Object, owner *gatewayOwner) {
	certificates := o.References("listener-certificate")
	clientCAs := o.References("listener-client-ca")
	for i, fields := range gatewayList(o.Fields, "spec", "listeners") {
		l := newGatewayListener(p, o, i, fields)
		for _, r := range certificates {
			if r.Path[2] == i {
				l.certificates = append(l.certificates, r)
			}
		}
		for _, r := range clientCAs {
			if r.Path[2] == i {
				l.clientCAs = append(l.clientCAs, r)
			}
		}
		p.listeners = append(p.listeners, l)
		owner.listeners = append(owner.listeners, l)
	}
}

// admits says whether "namespaces" of allowedRoutes or allowedListeners lets in objects of a namespace, and whether that is settled.
// It is what lib/gateway.rego has of it, and knows the labels of Namespaces in sight besides.
func (g *gateways) admits(namespaces any, standard, own, other string) (admitted, settled bool) {
	fields, _ := namespaces.(map[string]any)
	switch cmp.Or(text(fields["from"]), standard) {
	case "All":
		return true, true
	case "Same":
		return gatewayTogether(own, other), own != "" && other != "" || own == other
	case "Selector":
		selector, _ := fields["selector"].(map[string]any)
		labels := map[string]any{}
		seen := false
		if o := g.find(namespaceKind, "", other); o != nil && other != "" {
			held, _ := o.Field("metadata", "labels")
			labels, _ = held.(map[string]any)
			seen = true
		}
		return gatewaySelects(selector, labels, other, seen)
	default:
		return false, true
	}
}

// gatewaySelects says whether a label selector takes a namespace with these labels; without all of them in sight, only its name can
// tell.
func gatewaySelects(selector, labels map[string]any, name string, seen bool) (selected, settled bool) {
	value := func(key string) (string, bool, bool) {
		if key == "kubernetes.io/metadata.name" {
			return name, true, name != ""
		}
		v, ok := labels[key].(string)
		return v, ok, seen
	}
	selected, settled = true, true
	match := func(key string, is func(v string, ok bool) bool) {
		v, ok, sure := value(key)
		switch {
		case !sure:
			settled = false
		case !is(v, ok):
			selected = false
		}
	}
	wanted, _ := selector["matchLabels"].(map[string]any)
	for _, key := range kube.SortedKeys(wanted) {
		match(key, func(v string, ok bool) bool { return ok && v == text(wanted[key]) })
	}
	expressions, _ := selector["matchExpressions"].([]any)
	for _, element := range expressions {
		e, _ := element.(map[string]any)
		values := texts(e["values"])
		match(text(e["key"]), func(v string, ok bool) bool {
			switch text(e["operator"]) {
			case "In":
				return ok && slices.Contains(values, v)
			case "NotIn":
				return !ok || !slices.Contains(values, v)
			case "Exists":
				return ok
			default:
				return !ok
			}
		})
	}
	if !selected {
		// One that does not match is enough.
		return false, true
	}
	return true, settled
}

// gatewayList reads a list of objects.
func gatewayList(fields map[string]any, steps ...any) []map[string]any {
	value, _ := kube.Lookup(fields, steps)
	list, _ := value.([]any)
	out := make([]map[string]any, len(list))
	for i, element := range list {
		out[i], _ = element.(map[string]any)
	}
	return out
}

// gatewayMap reads an object; nil where there is none.
func gatewayMap(fields map[string]any, steps ...any) map[string]any {
	value, _ := kube.Lookup(fields, steps)
	m, _ := value.(map[string]any)
	return m
}

// gatewayNumber reads a whole number; 0 where there is none.
func gatewayNumber(value any) int {
	switch n := value.(type) {
	case int64:
		return int(n)
	case float64:
		return int(n)
	case int:
		return n
	default:
		return 0
	}
}

// gatewayMeets reports whether host names of listeners or routes have names in common, and the narrower of the two. None stands for
// all, and unlike in a certificate, a wildcard for any number of labels (gateway-api, apis/v1/gateway_types.go, Hostname).
func gatewayMeets(a, b string) (string, bool) {
	switch {
	case a == b || b == "":
		return a, true
	case a == "":
		return b, true
	case strings.HasPrefix(a, "*.") && strings.HasSuffix(b, a[1:]):
		return b, true
	case strings.HasPrefix(b, "*.") && strings.HasSuffix(a, b[1:]):
		return a, true
	default:
		return "", false
	}
}

// gatewayTitle names an object as messages do.
func gatewayTitle(o *Object) string { return o.ID.String() }

// created is when the object was made; "" where only files tell of it.
func gatewayCreated(o *Object) string { return o.Text("metadata", "creationTimestamp") }

func (p *gatewayProxy) name() string {
	if p.object.ID.Namespace == "" {
		return p.object.ID.Name
	}
	return p.object.ID.Namespace + "/" + p.object.ID.Name
}

func (p *gatewayProxy) row(host string, port int) Row {
	return Row{Controller: p.acting.Controller, Proxy: p.name(), Host: host, Port: port}
}

// rows answers for all Gateways, and for Services with policies that no route in sight leads to.
func (g *gateways) rows() []Row {
	routes := g.routes()
	var rows []Row
	for _, p := range g.proxies {
		rows = append(rows, p.rows(routes)...)
	}
	rows = append(rows, g.istioRows()...)
	rows = append(rows, g.kongRows()...)
	rows = append(rows, g.kongServices()...)
	rows = append(rows, g.configured()...)
	return append(rows, g.services()...)
}
