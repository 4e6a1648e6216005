package effective

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// nginxServer is what holds for a host as a whole.
type nginxServer struct {
	host            *nginxHost
	mode, ca, depth Value
	certificate     Value
	// answers of the server block, before any location: by TLS, and in plain.
	secure, plain Value
	// upstreams are the Ingresses whose proxy-ssl-* may hold for the host, nil among them where it may be that none does.
	upstreams []*nginxIngress
	// inherits says why the one above cannot be told; assumed what it rests on that any is inherited.
	inherits, assumed string
	// called are the answers about backends that were found before.
	called map[upstreamOf]*[aspects - Upstream]Value
	// certified: Lua finds a certificate for the host, so that ssl-redirect works.
	certified []Source
	// uncertain says why that cannot be told of a further name of the host.
	uncertain string
}

func (s *nginxServer) answer(port int) Value {
	if port == 443 {
		return s.secure
	}
	return s.plain
}

func (n *nginx) server(h *nginxHost) *nginxServer {
	s := &nginxServer{host: h}
	clients := taken(h.clients)
	n.askClients(s, clients)
	s.certificate = n.certificate(h)
	s.certified = n.certified(h.name)
	s.upstreams, s.inherits = n.holders(clients, func(i *nginxIngress) *nginxSecret { return &i.upstreams }, "sets proxy-ssl-* for the host")
	if len(clients) > 0 {
		only := clients[0].setting("proxy-ssl-location-only")
		if only.Value == "true" {
			s.upstreams, s.inherits = []*nginxIngress{nil}, ""
		}
		s.assumed = only.Assuming(only.name)
	}
	for _, i := range s.upstreams {
		if i != nil && i.upstreams.state == secretCA {
			s.loads(i, &i.upstreams, "proxy-ssl-verify-depth")
		}
	}
	s.upstreams = representatives(s.upstreams)
	return s
}

// manyUpstreams are more Ingresses than any host has that people write.
const manyUpstreams = 16

// representatives leaves few of many Ingresses that may hold for a host, as each of its locations asks all of them. An answer copies a name,
// a Secret or a depth, or it does not: whoever differs from the first one in them stands for all that do, and are else alike.
func representatives(list []*nginxIngress) []*nginxIngress {
	if len(list) <= manyUpstreams {
		return list
	}
	type likeness struct {
		none                               bool
		state                              secretState
		pair                               inventory.Presence
		verifies, asks, named              bool
		otherSecret, otherName, otherDepth bool
	}
	first := list[0]
	depthOf := func(i *nginxIngress) string { depth, _, _ := i.verifyDepth("proxy-ssl-verify-depth"); return depth }
	seen := map[likeness]bool{}
	var kept []*nginxIngress
	for _, i := range list {
		like := likeness{none: i == nil}
		if i != nil {
			name := i.serverName()
			like = likeness{
				state: i.upstreams.state, pair: i.upstreams.pair, verifies: i.value("proxy-ssl-verify") == "on", asks: i.value("proxy-ssl-server-name") == "on",
				named: name != "", otherSecret: i.upstreams.label != first.upstreams.label, otherName: name != first.serverName(), otherDepth: depthOf(i) != depthOf(first),
			}
		}
		if !seen[like] {
			seen[like] = true
			kept = append(kept, i)
		}
	}
	return kept
}

// holders are the Ingresses whose setting may hold for the host: the first whose Secret has a CA; nil is among them where none may
// (getBackendServers: it is overwritten for as long as there is no CA file).
func (n *nginx) holders(rules []nginxRule, secret func(*nginxIngress) *nginxSecret, what string) (list []*nginxIngress, why string) {
	var certain, possible []nginxRule
	for _, rule := range rules {
		switch secret(rule.nginxIngress).state {
		case secretCA:
			certain = append(certain, rule)
			possible = append(possible, rule)
		case secretUnknown:
			possible = append(possible, rule)
			why = secret(rule.nginxIngress).why
		case secretNone, secretRefused, secretOpen:
		}
	}
	first := firsts(certain)
	// Whoever comes after one that has a CA for certain is out, and of many that say the same one is enough.
	seen := map[string]bool{}
	for _, rule := range possible {
		later := len(first) > 0 && first[0].older(rule.nginxIngress)
		if later || len(possible) > 1 && seen[rule.says()] {
			continue
		}
		if len(possible) > 1 {
			seen[rule.says()] = true
		}
		list = append(list, rule.nginxIngress)
	}
	if len(certain) == 0 {
		list = append(list, nil)
	}
	if why == "" && len(first) > 1 {
		why = rivals(what, first)
	}
	return list, why
}

func (i *nginxIngress) sayings() string {
	var b strings.Builder
	for _, name := range []string{
		"auth-tls-secret", "auth-tls-verify-client", "auth-tls-verify-depth", "auth-tls-match-cn",
		"proxy-ssl-secret", "proxy-ssl-verify", "proxy-ssl-verify-depth", "proxy-ssl-name", "proxy-ssl-server-name",
	} {
		value, there := i.annotation(name)
		fmt.Fprintf(&b, "%t %q ", there, value)
	}
	return b.String()
}

// loads notes what nginx refuses of a CA that goes into the configuration.
func (s *nginxServer) loads(i *nginxIngress, ca *nginxSecret, depth string) {
	if ca.unloadable {
		s.host.frozen = append(s.host.frozen, ca.by.Saying("nginx cannot load the ca.crt of "+ca.label))
	}
	if _, by, ok := i.verifyDepth(depth); !ok {
		s.host.frozen = append(s.host.frozen, by[0].Saying("nginx refuses a number below 0"))
	}
}

// askClients answers what is asked of clients, and what they get who do not give it.
func (n *nginx) askClients(s *nginxServer, rules []nginxRule) {
	holders, why := n.holders(rules, func(i *nginxIngress) *nginxSecret { return &i.clients }, "sets auth-tls-* for the host")
	s.secure, s.plain = Answered(Served), Answered(Served)
	var unsettled *nginxSecret
	for _, rule := range rules {
		secret := &rule.clients
		switch {
		case secret.state == secretRefused:
			// Of any Ingress, and before anything is asked: the template writes either this or the rest of the server.
			denied := Answered("403", secret.by.Saying(secret.why+", so that the whole host is denied")).Assuming(secret.assumed)
			s.secure, s.plain, s.mode = denied, denied, Answered(Off, denied.By...).Assuming(secret.assumed)
			return
		case secret.state == secretUnknown && unsettled == nil:
			unsettled = secret
		}
	}
	if unsettled != nil {
		s.secure = Unsettled(unsettled.why, unsettled.by)
		s.plain = s.secure
	}
	modes, cas, depths := make([]Value, 0, len(holders)), make([]Value, 0, len(holders)), make([]Value, 0, len(holders))
	var secure, plain []Value
	for _, i := range holders {
		var o clientOutcome
		if i == nil {
			o = askedNothing(rules)
		} else {
			o = asked(i)
			if i.clients.state == secretCA {
				s.loads(i, &i.clients, "auth-tls-verify-depth")
			}
		}
		modes, cas, depths = append(modes, o.mode), append(cas, o.ca), append(depths, o.depth)
		secure, plain = append(secure, o.secure...), append(plain, o.plain...)
	}
	because := func() string { return why }
	s.mode, s.ca, s.depth = agreed(modes, because), agreed(cas, because), agreed(depths, because)
	if unsettled == nil {
		s.secure, s.plain = agreed(secure, because), agreed(plain, because)
	}
}

// clientOutcome is what is asked of clients if one Ingress holds for the host, or none.
type clientOutcome struct {
	mode, ca, depth Value
	secure, plain   []Value
}

func asked(i *nginxIngress) clientOutcome {
	secret := &i.clients
	o := clientOutcome{secure: []Value{Answered(Served)}, plain: []Value{Answered(Served)}}
	mode, by := i.verifyClient()
	sources := append([]Source{secret.by}, by...)
	if mode == "off" {
		o.mode = Answered(Off, append(by, secret.by)...)
	} else {
		is := map[string]string{"on": Required, "optional": Optional, "optional_no_ca": Unverified}[mode]
		pattern, matches := i.matchCN()
		if matches {
			sources = append(sources, i.source("auth-tls-match-cn").Saying("only whose subject matches "+pattern+" is let in"))
			if is == Optional {
				is = Required
			}
		}
		o.mode = Answered(is, sources...)
		o.ca = Answered(secret.label, secret.by)
		depth, depthBy, ok := i.verifyDepth("auth-tls-verify-depth")
		if ok {
			o.depth = Answered(depth, depthBy...)
		}
		if is == Unverified {
			o.ca, o.depth = Answered(None, by...), Value{}
		}
	}
	o.mode, o.ca = o.mode.Assuming(secret.assumed), assumingAsked(o.ca, secret.assumed)
	if pattern, matches := i.matchCN(); matches && !matchesNobody(pattern) {
		refused := Answered("403", i.source("auth-tls-match-cn").Saying("in plain nobody has a subject"))
		o.plain = []Value{refused}
		if mode == "off" {
			o.secure = []Value{refused}
		}
	}
	if secret.state == secretUnknown {
		o.settle(secret)
	}
	return o
}

// settle makes unknown what rests on a Secret that is out of sight. That nothing is asked stays.
func (o *clientOutcome) settle(secret *nginxSecret) {
	unsettled := Unsettled(secret.why, secret.by)
	if o.mode.Is == Off {
		return
	}
	o.mode = unsettled
	if o.ca.Asked() {
		o.ca = unsettled
	}
	if o.depth.Asked() {
		o.depth = unsettled
	}
}

func assumingAsked(v Value, what string) Value {
	if !v.Asked() {
		return v
	}
	return v.Assuming(what)
}

// askedNothing is what holds where no Secret has a CA: nothing is asked, but auth-tls-match-cn of the last Ingress stays.
func askedNothing(rules []nginxRule) clientOutcome {
	o := clientOutcome{mode: Answered(Off), secure: []Value{Answered(Served)}, plain: []Value{Answered(Served)}}
	for at, rule := range rules {
		mode := rule.value("auth-tls-verify-client")
		switch {
		case at > 0 && rules[at-1].nginxIngress == rule.nginxIngress:
		case rule.clients.state == secretOpen:
			o.mode.By = append(o.mode.By, rule.clients.by.Saying(rule.clients.why+", so that nothing is asked"))
		case rule.clients.state == secretNone && mode != "" && mode != "off":
			o.mode.By = append(o.mode.By, rule.source("auth-tls-verify-client").Saying("without auth-tls-secret it does nothing"))
		}
		o.mode.By = o.mode.By[:min(len(o.mode.By), maxNamed)]
	}
	secure, plain := []Value{}, []Value{}
	for _, rule := range lasts(rules) {
		answer := Answered(Served)
		if pattern, matches := rule.matchCN(); matches && rule.clients.state == secretOpen && !matchesNobody(pattern) {
			answer = Answered("403", rule.source("auth-tls-match-cn").Saying("nobody is asked, so that nobody has a subject"))
		}
		secure, plain = append(secure, answer), append(plain, answer)
	}
	if len(secure) > 0 {
		o.secure, o.plain = secure, plain
	}
	return o
}

// verifyClient is the mode as the controller reads it: what it does not know is on.
func (i *nginxIngress) verifyClient() (mode string, by []Source) {
	value := i.value("auth-tls-verify-client")
	if value == "" {
		return "on", nil
	}
	if !patterns().mode.MatchString(value) {
		return "on", []Source{i.source("auth-tls-verify-client").Saying("ingress-nginx takes it for on")}
	}
	return value, []Source{i.source("auth-tls-verify-client")}
}

// matchCN is auth-tls-match-cn, which is read once there is a Secret.
func (i *nginxIngress) matchCN() (pattern string, ok bool) {
	pattern = i.value("auth-tls-match-cn")
	return pattern, pattern != "" && i.clients.state != secretNone && i.clients.state != secretRefused
}

// matchesNobody reports whether a pattern for subjects lets in those who have none.
func matchesNobody(pattern string) bool {
	matches, err := matcher(pattern)
	return err == nil && matches("")
}

// certified are the fields by which Lua finds a certificate for a host: its own, or that of the wildcard host above it. To the
// catch-all server no name leads.
func (n *nginx) certified(host string) []Source {
	for _, name := range []string{host, parentHost(host)} {
		h := n.hosts[name]
		if h == nil || name == catchAll {
			continue
		}
		for _, rule := range taken(h.main) {
			if list, _ := rule.object.Field("spec", "tls"); listed(list) {
				return []Source{rule.object.Source("spec", "tls")}
			}
		}
	}
	return nil
}

func listed(value any) bool {
	list, _ := value.([]any)
	return len(list) > 0
}

// parentHost is the wildcard host above a host; of a wildcard that is itself (certificate.lua, get_pem_cert_uid).
func parentHost(host string) string {
	_, rest, found := strings.Cut(host, ".")
	if !found {
		return host
	}
	return "*." + rest
}

// defaultCertificate is what clients see where no Secret is of use.
const defaultCertificate = "default certificate of ingress-nginx"

func (n *nginx) defaultCertificate(i *nginxIngress, by ...Source) Value {
	flag := i.setting("default-ssl-certificate")
	if flag.Value == "" {
		return Answered(defaultCertificate, by...).Assuming(flag.assuming("--default-ssl-certificate is not set"))
	}
	v := Answered("Secret "+flag.Value, by...).Assuming(flag.Assuming(flag.name))
	if flag.By != nil {
		v.By = append(v.By, *flag.By)
	}
	return v
}

// assuming is what to say of a setting that is not known.
func (s Setting) assuming(what string) string {
	if s.Certainty == Known {
		return ""
	}
	return what + ": " + s.Reason
}

// certificate is what clients of a host are shown.
func (n *nginx) certificate(h *nginxHost) Value {
	rules := taken(h.main)
	if len(rules) == 0 {
		for _, list := range [][]nginxRule{h.clients, h.main, h.paths[nginxPath{path: "/"}]} {
			if len(list) > 0 {
				return n.defaultCertificate(list[0].nginxIngress)
			}
		}
		return Value{}
	}
	if h.name == catchAll {
		return n.defaultCertificate(rules[0].nginxIngress)
	}
	if h.pinned.Asked() {
		return h.pinned
	}
	return n.inherited(h, h.name)
}

// inherited is the certificate of a name that has none of its own: that of the wildcard host above it, or the default one.
func (n *nginx) inherited(h *nginxHost, name string) Value {
	if parent := n.hosts[parentHost(name)]; parent != nil && parent.name != name && parent.pinned.Asked() {
		return parent.pinned
	}
	return n.defaultCertificate(taken(h.main)[0].nginxIngress)
}

// pin is the certificate that rules give a host.
func (n *nginx) pin(host string, rules []nginxRule) Value {
	var with []nginxRule
	for _, rule := range rules {
		if list, _ := rule.object.Field("spec", "tls"); listed(list) {
			with = append(with, rule)
		}
	}
	first := firsts(with)
	if len(first) == 0 {
		return Value{}
	}
	values := make([]Value, len(first))
	for i, rule := range first {
		values[i] = n.tlsOf(rule.nginxIngress, host)
	}
	return agreed(values, func() string { return rivals("decides the certificate", first) })
}

// tlsOf is the certificate that an Ingress gives a host by its spec.tls (extractTLSSecretName, and createServers).
func (n *nginx) tlsOf(i *nginxIngress, host string) Value {
	field, _ := i.object.Field("spec", "tls")
	entries, _ := field.([]any)
	for index, element := range entries {
		entry, _ := element.(map[string]any)
		for _, name := range texts(entry["hosts"]) {
			if !strings.EqualFold(name, host) {
				continue
			}
			if text(entry["secretName"]) == "" {
				return n.defaultCertificate(i, i.object.Source("spec", "tls", index).Saying("it names the host, and no Secret"))
			}
			return n.shown(i, host, index)
		}
	}
	for index, element := range entries {
		entry, _ := element.(map[string]any)
		if text(entry["secretName"]) == "" {
			continue
		}
		if v := n.shown(i, host, index); v.Unknown != "" || v.Is == secretName(i, entry) {
			return v
		}
	}
	return n.defaultCertificate(i, i.object.Source("spec", "tls").Saying("no entry names the host, and no certificate is for it"))
}

func secretName(i *nginxIngress, entry map[string]any) string {
	return kube.ID{Kind: "Secret", Namespace: i.object.ID.Namespace, Name: text(entry["secretName"])}.String()
}

// shown is the certificate of an entry's Secret, or the default one where that is not for the host.
func (n *nginx) shown(i *nginxIngress, host string, index int) Value {
	at := kube.Path{"spec", "tls", index, "secretName"}
	by := i.object.Source(at...)
	ref := i.object.Reference("server-certificate", at)
	switch {
	case ref == nil:
		return Unsettled("what the Secret holds is not in sight", by)
	case ref.Presence == inventory.Unknown:
		return Unsettled(ref.Label+" "+ref.State, by)
	case ref.Presence == inventory.Absent:
		return n.defaultCertificate(i, by.Saying(ref.Label+" "+ref.State))
	}
	if why, broken := brokenPair(ref.Pair); broken {
		return n.defaultCertificate(i, by.Saying(why))
	}
	v := Answered(ref.ID.String(), by)
	switch both(ref.Has("tls.crt"), ref.Has("tls.key")) {
	case inventory.Absent:
		return n.defaultCertificate(i, by.Saying(ref.Label+" has no key pair"))
	case inventory.Unknown:
		return Unsettled("whether "+ref.Label+" has a key pair", by)
	case inventory.Promised:
		v = v.Assuming(ref.Label + " will be as it is promised")
	case inventory.Present:
	}
	if ref.Content == nil || ref.Content.Opaque || len(ref.Content.Certificates) == 0 {
		return v.Assuming("the certificate of " + ref.Label + ", which is not in sight, is for " + host)
	}
	leaf := i.object.Certificate(ref.Content.Certificates[0])
	names := certificateNames(leaf)
	n.naming.Lock()
	n.names[v.Is] = names
	n.naming.Unlock()
	if !covers(names, host) {
		return n.defaultCertificate(i, by.Saying("the certificate of "+ref.Label+" is not for "+host))
	}
	return v
}

// certificateNames are the alternative names of a certificate, and beside them its common name, which ingress-nginx still looks at.
func certificateNames(certificate map[string]any) []string {
	names := texts(certificate["dns_names"])
	for _, part := range strings.Split(text(certificate["subject"]), ",") {
		if name, found := strings.CutPrefix(strings.TrimSpace(part), "CN="); found {
			names = append(names, name)
		}
	}
	return names
}

func covers(names []string, host string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.EqualFold(name, host) || strings.HasPrefix(name, "*.") && !strings.HasPrefix(host, "*") && strings.EqualFold(name, parentHost(host))
	})
}
