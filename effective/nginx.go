package effective

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

const (
	nginxController = "ingress-nginx"
	nginxPrefix     = "nginx.ingress.kubernetes.io/"
	ingressKind     = "Ingress.networking.k8s.io"
)

// nginxModel is ingress-nginx as of controller v1.15.1: which Ingress makes which part of a server block (internal/ingress/controller/
// controller.go, createServers and getBackendServers), what becomes of that in rootfs/etc/nginx/template/nginx.tmpl, and what Lua
// adds: certificates and the redirect (rootfs/etc/nginx/lua/certificate.lua and lua_ingress.lua).
func nginxModel() Model {
	return Model{Controllers: []string{nginxController}, Kinds: []string{ingressKind}, Rows: nginxRows}
}

// otherPrefix says what is not known where the controller reads annotations under another prefix, or may; "" where what is read here counts.
func otherPrefix(p ingressProxy) (unknown string, by []Source) {
	s := p.objects[0].Setting(nginxController, "annotations-prefix")
	if s.By != nil {
		by = []Source{*s.By}
	}
	switch {
	case s.Differ:
		return "under which prefix ingress-nginx reads annotations: " + s.Reason, by
	case s.Open, s.Value == "", s.Value+"/" == nginxPrefix:
		return "", nil // of an installation that is out of sight nothing is said for what hardly anybody sets
	default:
		return "what annotations say under " + s.Value + "/, which ingress-nginx reads instead of " + nginxPrefix, by
	}
}

func nginxRows(t *Tree) []Row {
	var rows []Row
	for _, proxy := range proxies(t, nginxController) {
		more := newNginx(t, proxy).rows()
		if unknown, by := otherPrefix(proxy); unknown != "" {
			var values [aspects]Value
			for aspect := range values {
				values[aspect] = Unsettled(unknown, by...)
			}
			for i := range more {
				more[i] = more[i].with(&values, &more[0])
			}
		}
		if len(rows) == 0 {
			rows = more
		} else {
			rows = append(rows, more...)
		}
	}
	return rows
}

// ingressProxy is what one installation of a controller serves.
type ingressProxy struct {
	name    string
	objects []*Object
}

// proxies tells installations apart by the classes of Ingresses, as facts tell peers apart: classes of one spec.controller are served
// together, and an Ingress without a class by the only installation there is.
func proxies(t *Tree, controller string) []ingressProxy {
	byClass := map[string][]*Object{}
	for _, o := range t.Of(ingressKind) {
		if o.Acts(controller).Certainty != Untold {
			byClass[o.Class()] = append(byClass[o.Class()], o)
		}
	}
	// By the controller that class objects name; "" where none is in sight, so that each class stays on its own.
	together := map[string][]string{}
	for _, class := range kube.SortedKeys(byClass) {
		name := "class " + class
		found := t.Inventory.Get(inventory.Ref{To: kube.ID{Group: "networking.k8s.io", Kind: "IngressClass", Name: class}, Cluster: true})
		if class != "" && found.Entry != nil {
			if value, ok := kube.Lookup(found.Entry.Object().Fields, kube.Path{"spec", "controller"}); ok && text(value) != "" {
				name = text(value)
			}
		}
		together[name] = append(together[name], class)
	}
	if unclassed := together["class "]; unclassed != nil && len(together) == 2 {
		delete(together, "class ")
		for name := range together {
			together[name] = append(unclassed, together[name]...)
		}
	}
	var list []ingressProxy
	for _, name := range kube.SortedKeys(together) {
		p := ingressProxy{name: strings.TrimPrefix(strings.Join(together[name], ", "), ", ")}
		for _, class := range together[name] {
			p.objects = append(p.objects, byClass[class]...)
		}
		list = append(list, p)
	}
	return list
}

// nginx is one installation, and what it makes of the Ingresses that it serves.
type nginx struct {
	tree  *Tree
	proxy string
	hosts map[string]*nginxHost
	// frozen are the fields for which nginx refuses the configuration as a whole.
	frozen []Source
	// names are those of the certificates that hosts are pinned to, by Secret.
	naming sync.Mutex
	names  map[string][]string
}

// catchAll is the server for hosts that have none.
const catchAll = ""

// nginxHost is a server block.
type nginxHost struct {
	name string
	// main are the rules of Ingresses that are no canaries: they make the server. clients are those whose auth-tls-* and proxy-ssl-*
	// count for it, canaries among them.
	main, clients []nginxRule
	// refused are those of Ingresses that the controller does not take.
	refused []nginxRule
	// paths are the locations, by path and whether only that path is meant.
	paths map[nginxPath][]nginxRule
	// canaries are further Services of them.
	canaries map[nginxPath][]nginxRule
	// pinned is the certificate that the first Ingress with a spec.tls gives it, whatever comes of it; the zero Value where none has one.
	pinned Value
	// aliases are further names of it.
	aliases map[string][]nginxRule
	// frozen is what it adds to the installation's.
	frozen []Source
	// byHand is what serverSnippet returned; nil before it was asked.
	byHand handwriting
}

type nginxPath struct {
	path  string
	exact bool
}

// nginxRule is an entry of spec.rules, or one of its paths.
type nginxRule struct {
	*nginxIngress
	at kube.Path
	// pathType is as it is written; backend what serves the path.
	pathType string
	backend  string
	port     any
}

// serves names what serves a path.
func (r *nginxRule) serves() string {
	return fmt.Sprintf("%s:%v", kube.ID{Kind: "Service", Namespace: r.object.ID.Namespace, Name: r.backend}, r.port)
}

func newNginx(t *Tree, p ingressProxy) *nginx {
	n := &nginx{tree: t, proxy: p.name, hosts: map[string]*nginxHost{}, names: map[string][]string{}}
	ingresses := make([]*nginxIngress, len(p.objects))
	t.each(len(ingresses), func(i int) { ingresses[i] = readNginx(p.objects[i]) })
	// Servers first: a canary's rules go to the catch-all server where nobody else makes theirs.
	for _, ingress := range ingresses {
		n.serve(ingress)
	}
	for _, ingress := range ingresses {
		if ingress.refused == nil {
			n.configure(ingress)
		}
	}
	return n
}

func (n *nginx) host(name string) *nginxHost {
	h := n.hosts[name]
	if h == nil {
		h = &nginxHost{name: name, paths: map[nginxPath][]nginxRule{}, canaries: map[nginxPath][]nginxRule{}}
		n.hosts[name] = h
	}
	return h
}

// serve adds what an Ingress has served.
func (n *nginx) serve(i *nginxIngress) {
	rules := i.rules
	if i.canary {
		return
	}
	if len(rules) == 0 {
		if service, port, at := i.defaultBackend(); service != "" {
			// It comes before any rule without a host: createServers fills in the catch-all location, and getBackendServers finds it taken.
			n.host(catchAll).paths[nginxPath{path: "/"}] = append(n.host(catchAll).paths[nginxPath{path: "/"}],
				nginxRule{nginxIngress: i, at: at, pathType: "Prefix", backend: service, port: port})
		}
		return
	}
	for _, rule := range rules {
		h := n.host(rule.host)
		h.main = append(h.main, nginxRule{nginxIngress: i, at: rule.at})
		if i.refused != nil {
			h.refused = append(h.refused, nginxRule{nginxIngress: i, at: rule.at})
		}
		for _, p := range rule.paths {
			key := nginxPath{cmp.Or(p.path, "/"), p.pathType == "Exact"}
			h.paths[key] = append(h.paths[key], nginxRule{nginxIngress: i, at: p.at, pathType: p.pathType, backend: p.service, port: p.port})
		}
	}
}

// configure adds an Ingress to the hosts whose clients and backends its annotations are about. A rule without paths is skipped there,
// unless it is the catch-all's.
func (n *nginx) configure(i *nginxIngress) {
	for _, rule := range i.rules {
		if i.canary && !rule.http && len(n.hosts) > 0 {
			// mergeAlternativeBackends reads rule.HTTP.Paths of what has no HTTP.
			n.frozen = append(n.frozen, i.object.Source(rule.at...).Saying("ingress-nginx crashes at a canary's rule without http"))
		}
		if !rule.http && rule.host != catchAll {
			continue
		}
		h := n.hosts[rule.host]
		if h == nil {
			h = n.host(catchAll)
		}
		h.clients = append(h.clients, nginxRule{nginxIngress: i, at: rule.at})
		if !i.canary {
			continue
		}
		for _, p := range rule.paths {
			key := nginxPath{cmp.Or(p.path, "/"), p.pathType == "Exact"}
			h.canaries[key] = append(h.canaries[key], nginxRule{nginxIngress: i, at: p.at, backend: p.service, port: p.port})
		}
	}
}

// rows answers for each host and path, on both ports.
func (n *nginx) rows() []Row {
	hosts := make([]*nginxHost, 0, len(n.hosts))
	for _, name := range kube.SortedKeys(n.hosts) {
		hosts = append(hosts, n.hosts[name])
	}
	n.tree.each(len(hosts), func(i int) {
		hosts[i].pinned, hosts[i].aliases = n.pin(hosts[i].name, taken(hosts[i].main)), n.aliases(hosts[i])
	})
	// Of servers of one name nginx takes the first, and they are written in order of their hosts. Of their certificates Lua takes the
	// last.
	first, last := map[string]*nginxHost{}, map[string]*nginxHost{}
	for _, h := range hosts {
		for alias := range h.aliases {
			last[alias] = h
			if first[alias] == nil {
				first[alias] = h
			}
		}
	}
	byHost := make([][]Row, len(hosts))
	n.tree.each(len(hosts), func(i int) {
		hosts[i].repeated()
		byHost[i] = n.hostRows(hosts[i], first, last)
	})
	for _, h := range hosts {
		n.frozen = append(n.frozen, h.frozen...)
	}
	rows := slices.Concat(byHost...)
	if len(n.frozen) == 0 {
		return rows
	}
	frozen := slices.MinFunc(n.frozen, func(a, b Source) int {
		return cmp.Or(a.Object.Compare(b.Object), cmp.Compare(a.Path.String(), b.Path.String()))
	})
	refused := Unsettled("nginx refuses the configuration as a whole, and ingress-nginx goes on with the one it loaded before, for all hosts", frozen)
	for i := range rows {
		for aspect := range rows[i].Answers() {
			rows[i].values[aspect] = &refused
		}
	}
	return rows
}

// maxFurther bounds the rows of a host's further names: each name has as many as the host has paths, and some thousands of both are a file that
// was made to stop whoever reads it.
const maxFurther = 10_000

// like refers to the rows of a host by a further name of it.
func (n *nginx) like(h *nginxHost, name string, rules []nginxRule) (rows []Row) {
	for _, port := range []int{80, 443} {
		row := Row{Controller: nginxController, Proxy: n.proxy, Host: name, Port: port, Path: "/", Match: "Prefix"}
		row.Set(Transport, Unsettled("it is a further name of "+h.name+", which has too many to say it of each", rules[0].source("server-alias")))
		rows = append(rows, row)
	}
	return rows
}

// hostRows are the rows of a host and of its further names.
func (n *nginx) hostRows(h *nginxHost, aliased, certified map[string]*nginxHost) []Row {
	keys := make([]nginxPath, 0, len(h.paths)+1)
	for key := range h.paths {
		keys = append(keys, key)
	}
	if _, rooted := h.paths[nginxPath{path: "/"}]; !rooted && fallsBack(h) {
		keys = append(keys, nginxPath{path: "/"})
	}
	slices.SortFunc(keys, func(a, b nginxPath) int {
		return cmp.Or(cmp.Compare(a.path, b.path), compareBool(a.exact, b.exact))
	})
	server := n.server(h)
	names := []string{h.name}
	for _, alias := range kube.SortedKeys(h.aliases) {
		if aliased[alias] == h {
			names = append(names, alias)
		}
	}
	rows := make([]Row, 0, 2*len(names)*len(keys))
	for _, name := range names {
		if name != h.name && (len(names)-1)*len(keys) > maxFurther {
			rows = append(rows, n.like(h, name, h.aliases[name])...)
			continue
		}
		passed, instead, known := false, Row{}, server
		if name == h.name {
			instead, passed = n.passthrough(h)
		} else {
			known = n.named(certified[name], server, name)
		}
		var before *Row
		for _, port := range []int{80, 443} {
			if passed && port == 443 {
				rows = append(rows, instead)
				continue
			}
			for _, key := range keys {
				values, match := n.answer(h, known, key, port)
				if name != h.name {
					alias(&values, h.aliases[name])
				}
				row := Row{Controller: nginxController, Proxy: n.proxy, Host: name, Port: port, Path: key.path, Match: match}
				rows = append(rows, row.with(&values, before))
				before = &rows[len(rows)-1]
			}
		}
	}
	return rows
}

// repeated notes paths that nginx refuses as duplicates. getBackendServers looks for a path among the locations there are, and gives up at
// the first of another type: what comes after one Exact and one Prefix is added, whether it is there already or not. The location
// "/" is a Prefix from the beginning.
func (h *nginxHost) repeated() {
	for key, exact := range h.paths {
		if !key.exact {
			continue
		}
		exact, prefix := taken(exact), taken(h.paths[nginxPath{path: key.path}])
		of := exact
		switch {
		case key.path == "/":
		case len(prefix) == 0 || len(exact) == 0:
			continue
		case len(exact) < 2, len(prefix) > 1 && exact[0].older(prefix[0].nginxIngress):
			of = prefix
		}
		if len(of) > 1 {
			h.frozen = append(h.frozen, of[1].object.Source(of[1].at...).Saying("the location "+key.path+" is there twice"))
		}
	}
}

// fallsBack reports whether the location "/", which every server has, leads somewhere, or is all that there is.
func fallsBack(h *nginxHost) bool {
	if h.name == catchAll {
		return len(h.paths) == 0
	}
	for _, rule := range h.main {
		if service, _, _ := rule.defaultBackend(); service != "" {
			return true
		}
	}
	return len(h.paths) == 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// answer answers for a path. Where it is not known which of several Ingresses makes the location, what they agree about is.
func (n *nginx) answer(h *nginxHost, server *nginxServer, key nginxPath, port int) (v [aspects]Value, match string) {
	makers := h.paths[key]
	switch {
	case len(makers) == 0 && len(h.main) == 0:
		// Nobody has the catch-all server for a location, but what a canary says of clients is in force there.
		makers = fallbacks(h.clients)
	case len(makers) == 0:
		makers = fallbacks(h.main)
	case h.name == catchAll && key == (nginxPath{path: "/"}):
		makers = defaultsFirst(makers)
	}
	if len(taken(makers)) == 0 && key == (nginxPath{path: "/"}) {
		// The server has that location all the same.
		if others := fallbacks(taken(h.main)); slices.ContainsFunc(others, func(r nginxRule) bool { return r.backend != "" }) {
			makers = others
		}
	}
	first := firsts(taken(makers))
	if len(first) == 0 {
		// All that would serve it are refused.
		for _, aspect := range []Aspect{Transport, Answer, Clients, Backend, Upstream} {
			v[aspect] = Unsettled("ingress-nginx refuses the Ingress: one that is new is not served, one that was changed goes on as it was", *makers[0].refused)
		}
		return v, cmp.Or(makers[0].pathType, "Prefix")
	}
	if len(first) == 1 {
		n.location(&v, h, server, first[0], key, port)
		first[0].snippets().overwrite(&v)
	} else {
		var outcomes [aspects][]Value
		for _, maker := range first {
			var values [aspects]Value
			n.location(&values, h, server, maker, key, port)
			maker.snippets().overwrite(&values)
			for aspect := range values {
				outcomes[aspect] = append(outcomes[aspect], values[aspect])
			}
		}
		for aspect := range outcomes {
			v[aspect] = agreed(outcomes[aspect], func() string { return rivals("makes the path", first) })
		}
	}
	h.serverSnippet().overwrite(&v)
	v[Transport].rest(absence(makers))
	v[Clients].rest(absence(h.refused))
	v[ServerCertificate].rest(absence(h.refused))
	return v, cmp.Or(first[0].pathType, "Prefix")
}

// rest adds what an answer rests on, if the question arises.
func (v *Value) rest(assumed string) {
	if assumed != "" && v.Asked() {
		*v = v.Assuming(assumed)
	}
}

// absence says what rests on Ingresses that the controller refuses, and that it may have taken before.
func absence(rules []nginxRule) string {
	for _, rule := range rules {
		if rule.refused != nil {
			return rule.object.ID.String() + ", which ingress-nginx refuses, was not there before"
		}
	}
	return ""
}

// fallbacks are the rules that may have made the server, with the backend that its location "/" leads to.
func fallbacks(main []nginxRule) []nginxRule {
	list := make([]nginxRule, len(main))
	for i, rule := range main {
		list[i] = nginxRule{nginxIngress: rule.nginxIngress, at: rule.at}
		if service, port, at := rule.defaultBackend(); service != "" {
			list[i].backend, list[i].port, list[i].at = service, port, at
		}
	}
	return list
}

// defaultsFirst keeps the Ingresses that are nothing but a default backend, where there are any.
func defaultsFirst(makers []nginxRule) []nginxRule {
	var defaults []nginxRule
	for _, maker := range taken(makers) {
		if len(maker.rules) == 0 {
			defaults = append(defaults, maker)
		}
	}
	if len(defaults) > 0 {
		return defaults
	}
	return makers
}

// location answers for a location that an Ingress makes.
func (n *nginx) location(v *[aspects]Value, h *nginxHost, server *nginxServer, maker nginxRule, key nginxPath, port int) {
	answer := server.answer(port)
	if port == 443 {
		v[Transport] = Answered(TLS)
		v[Clients], v[ClientCA], v[ClientDepth] = server.mode, server.ca, server.depth
		v[ServerCertificate] = server.certificate
		v[Protocols] = maker.configured("ssl-protocols")
		if h.name == catchAll && maker.setting("ssl-reject-handshake").Value == "true" {
			s := maker.setting("ssl-reject-handshake")
			answer = s.decided("handshake refused", "ssl-reject-handshake")
		}
	} else {
		v[Transport] = n.redirect(h, server, maker, key)
	}
	if maker.acts.Certainty == Assumed {
		v[Transport] = v[Transport].Assuming(nginxController + " serves it: " + maker.acts.Reason)
	}
	denied := maker.denied()
	if answer.Is == Served && denied.Asked() {
		answer = denied
	}
	if maker.backend == "" && answer.Is == Served {
		answer = Answered("404", maker.object.Source(maker.at...).Saying("no path of the host is /, and no default backend")).Assuming("--default-backend-service is not set")
	}
	if v[Transport].Is == Redirect && answer.Is != "403" && answer.Is != "503" {
		if answer.Unknown != "" {
			v[Transport] = v[Transport].Assuming("requests are not denied: " + answer.Unknown)
		}
		return
	}
	if answer.Is == "403" || answer.Is == "503" {
		if port == 80 {
			// Both are said before Lua redirects.
			v[Transport].Is, v[Transport].By, v[Transport].Unknown = Plain, nil, ""
		}
	}
	v[Answer] = answer
	if answer.Is == Served || answer.Unknown != "" {
		n.upstream(v, server, maker, port)
		for _, canary := range h.canaries[key] {
			if v[Backend].Is != "" && len(v[Backend].By) < maxNamed {
				v[Backend].By = append(v[Backend].By, canary.object.Source(canary.at...).Saying("a part of the requests goes to "+canary.serves()))
			}
		}
	}
}
