package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// The ports of ingress-nginx.
const (
	plainPort  = 80
	securePort = 443
)

// site is a host with all that its Ingresses make of it.
type site struct {
	host string
	// secure and plain are the rows of both ports, but for those that lead nowhere; passed stands in place of secure.
	secure, plain []*effective.Row
	passed        *effective.Row
	// ingresses have a part in it, in order of identity.
	ingresses []*effective.Object
	proxies   map[string]bool
	remarks   []Remark
	// stays: nobody asked for it to be written.
	stays bool

	// What holds for the connections of the host. Of clients the mode, and the Secret of their CA.
	clients           string
	ca                *effective.Reference
	revocation        bool
	certificate       *kube.ID
	certificateNames  []string
	least             string
	clientCertificate *kube.ID
	// leads are the Services of rows, and called how they are called.
	leads  map[*effective.Row][]lead
	called map[servicePort]call
	// missing: a Service that it leads to does not exist.
	missing bool
	// gateway is where it is written.
	gateway *gateway
}

func (s *site) refused() bool {
	return s.stays || slices.ContainsFunc(s.remarks, func(r Remark) bool { return r.Kind == LeftOut })
}

func (s *site) remark(kind Kind, at effective.Source, why string) {
	s.remarks = append(s.remarks, Remark{Kind: kind, Host: s.host, Source: at, Why: why})
}

// decided names the field that decided an answer; the zero Source where a default did.
func decided(v effective.Value) effective.Source {
	if len(v.By) == 0 {
		return effective.Source{}
	}
	return v.By[0]
}

// leaveOut refuses the host for an answer.
func (s *site) leaveOut(v effective.Value, why string) { s.remark(LeftOut, decided(v), why) }

// asksClients reports whether clients are asked for certificates.
func (s *site) asksClients() bool { return s.clients != "" && s.clients != effective.Off }

// sites groups the rows of the source by host.
func (p *plan) group(rows []effective.Row) {
	for i := range rows {
		r := &rows[i]
		s := p.bySite[r.Host]
		if s == nil {
			s = &site{host: r.Host, proxies: map[string]bool{}, leads: map[*effective.Row][]lead{}, called: map[servicePort]call{}}
			p.bySite[r.Host] = s
			p.sites = append(p.sites, s)
		}
		s.proxies[r.Proxy] = true
		switch {
		case r.Value(effective.Transport).Is == effective.Passthrough:
			s.passed = r
		case r.Port == securePort:
			s.secure = append(s.secure, r)
		default:
			s.plain = append(s.plain, r)
		}
	}
	for _, o := range p.tree.Of("Ingress.networking.k8s.io") {
		if o.Acts(Source).Certainty == effective.Untold {
			continue
		}
		for _, host := range p.hostsOf(o) {
			if s := p.bySite[host]; s != nil && !slices.Contains(s.ingresses, o) {
				s.ingresses = append(s.ingresses, o)
			}
		}
	}
	slices.SortFunc(p.sites, func(a, b *site) int { return strings.Compare(a.host, b.host) })
}

// hostsOf lists the hosts that an Ingress has a part in, further names of them included.
func (p *plan) hostsOf(o *effective.Object) []string {
	hosts := map[string]bool{}
	rules, _ := o.Field("spec", "rules")
	list, _ := rules.([]any)
	for _, element := range list {
		fields, _ := element.(map[string]any)
		host, _ := fields["host"].(string)
		hosts[host] = true
	}
	if len(list) == 0 {
		hosts[""] = true
	}
	alias, _ := o.Annotation(annotationPrefix + "server-alias")
	for name := range strings.SplitSeq(alias, ",") {
		if name = strings.TrimSpace(name); name != "" {
			hosts[name] = true
		}
	}
	return kube.SortedKeys(hosts)
}

// settle judges a host: what it takes to write it, and what does not survive.
func (s *site) settle(p *plan) {
	if len(s.proxies) > 1 {
		s.remark(LeftOut, effective.Source{}, "several installations serve it ("+strings.Join(kube.SortedKeys(s.proxies), "; ")+"): which of them is to be migrated?")
		return
	}
	if why := invalidHost(s.host); why != "" {
		s.remark(LeftOut, s.first(), "a Gateway takes no such host: "+why)
	}
	rows := slices.Concat(s.secure, s.plain)
	if s.passed != nil {
		rows = append(rows, s.passed)
	}
	if len(s.secure) > 0 {
		s.clients = s.secure[0].Value(effective.Clients).Is
	}
	// All that annotations keep it from is told at once.
	for _, o := range s.ingresses {
		s.annotations(p, o)
	}
	for _, r := range rows {
		s.known(p, r)
	}
	if s.refused() {
		return
	}
	s.reach()
	if s.refused() {
		return
	}
	s.connections(p)
	for _, r := range rows {
		s.path(r)
	}
	if !s.refused() {
		s.upstreams(p)
	}
}

// first is a field that stands for the host as a whole.
func (s *site) first() effective.Source {
	if len(s.ingresses) == 0 {
		return effective.Source{}
	}
	return s.ingresses[0].Source("spec", "rules")
}

// known refuses a row of which an answer is unknown. Which Secret has the certificate is known also where what it holds is not: a listener
// without a certificate is served to nobody.
func (s *site) known(p *plan, r *effective.Row) {
	for _, aspect := range effective.Aspects() {
		v := *r.Value(aspect)
		if v.Unknown == "" || aspect == effective.ServerCertificate && p.certificate(v) != nil {
			continue
		}
		s.leaveOut(v, aspect.String()+" is unknown: "+v.Unknown)
		return
	}
}

// certificate is the reference to a server certificate that an answer rests on; nil where there is none.
func (p *plan) certificate(v effective.Value) *effective.Reference {
	by := decided(v)
	if o := p.tree.Find(by.Object); o != nil {
		return o.Reference("server-certificate", by.Path)
	}
	return nil
}

// reach leaves out the rows that lead nowhere: what answers 404 needs no route, and whoever is refused otherwise has nothing to keep.
func (s *site) reach() {
	nowhere := func(r *effective.Row) bool { return r.Value(effective.Answer).Is == "404" }
	for _, r := range slices.Concat(s.secure, s.plain) {
		answer := *r.Value(effective.Answer)
		if answer.Is != "" && answer.Is != effective.Served && !nowhere(r) {
			why := "ingress-nginx serves nobody: it answers " + answer.Is
			if by := decided(answer); by.Because != "" {
				why += ", since " + by.Because
			}
			s.leaveOut(answer, why)
			return
		}
	}
	if s.passed != nil && s.passed.Value(effective.Answer).Is != effective.Served {
		s.leaveOut(*s.passed.Value(effective.Answer), "ingress-nginx serves nobody: "+s.passed.Value(effective.Answer).Is)
		return
	}
	s.secure, s.plain = slices.DeleteFunc(s.secure, nowhere), slices.DeleteFunc(s.plain, nowhere)
	redirected := func(r *effective.Row) bool { return r.Value(effective.Transport).Is == effective.Redirect }
	if s.passed == nil && len(s.secure) == 0 && !slices.ContainsFunc(s.plain, func(r *effective.Row) bool { return !redirected(r) }) {
		s.remark(LeftOut, s.first(), "it leads to no Service")
	}
}

// connections judges what holds for the host as a whole: clients, certificate, protocols.
func (s *site) connections(p *plan) {
	if len(s.secure) == 0 {
		return
	}
	r := s.secure[0]
	s.askClients(p, r)
	if !s.showCertificate(p, r) {
		return
	}
	s.protocols(p, *r.Value(effective.Protocols))
}

func (s *site) askClients(p *plan, r *effective.Row) {
	clients := *r.Value(effective.Clients)
	if !p.target.modes[s.clients] {
		s.leaveOut(clients, p.target.cannotAsk(s.clients))
		return
	}
	for _, condition := range clients.Conditions {
		if condition.Adding == effective.Unclear {
			s.remark(LeftOut, condition.Source, "nobody knows what the snippet does about clients")
		}
	}
	if s.clients == effective.Off {
		return
	}
	ca := *r.Value(effective.ClientCA)
	by := decided(ca)
	if s.clients == effective.Unverified {
		by = decided(clients)
	}
	if o := p.tree.Find(by.Object); o != nil {
		s.ca = o.Reference("client-ca", by.Path)
	}
	if s.ca == nil {
		s.leaveOut(ca, "which Secret holds the CA cannot be told")
		return
	}
	if s.clients == effective.Unverified {
		// Gateway API wants a CA all the same, and nothing is verified by it.
		return
	}
	s.revocation = s.ca.Has("ca.crl") == inventory.Present
	if s.revocation && !p.target.revocation {
		s.leaveOut(ca, s.ca.Label+" has a ca.crl, and "+p.target.title+" looks at no list of revoked certificates: whoever is on it would be let in")
	}
	depth := *r.Value(effective.ClientDepth)
	switch {
	case depth.Is == "" || depth.Is == p.target.depth:
	case p.target.depth == "":
		s.remark(Changed, decidedOr(depth, ca), "chains of clients were verified to depth "+depth.Is+", and "+p.target.title+
			" sets no bound: what bounds them is the bundle (leave in it the CAs only that issue to clients) and pathLenConstraint of the CAs")
	default:
		s.remark(Changed, decidedOr(depth, ca), "chains of clients were verified to depth "+depth.Is+", and "+p.target.title+" goes to "+p.target.depth+
			" always: what bounds them is the bundle, and pathLenConstraint of the CAs")
	}
	s.remark(Changed, by, "backends get no ssl-client-verify, ssl-client-subject-dn and ssl-client-issuer-dn any more; the routes remove what clients send under these names")
}

func decidedOr(v, other effective.Value) effective.Source {
	if len(v.By) > 0 {
		return v.By[0]
	}
	return decided(other)
}

// cannotAsk says why the controller cannot be told a mode.
func (t *target) cannotAsk(mode string) string {
	switch {
	case t.name == "kong":
		return "Kong's Gateways ask clients for no certificate: it is " + mode
	case mode == effective.Optional:
		return t.title + " cannot take clients without a certificate and refuse those whose certificate is not the CA's: with AllowInsecureFallback it lets in both"
	case mode == effective.Unverified:
		return "a certificate that nobody verifies protects nothing, and " + t.title + " is not asked for it: have it verified, or not asked for"
	default:
		return t.title + " cannot be told that client certificates are " + mode
	}
}

// showCertificate judges the server certificate; false where there is none and the host is served in plain text only.
func (s *site) showCertificate(p *plan, r *effective.Row) bool {
	certificate := *r.Value(effective.ServerCertificate)
	id, ok := effective.Named(certificate.Is)
	ref := p.certificate(certificate)
	if certificate.Unknown != "" && ref != nil {
		id, ok = ref.ID, true
		s.remark(Step, decided(certificate), ref.Label+" "+ref.State+": the listener serves nobody unless it is of type kubernetes.io/tls, and holds a certificate for the host")
	}
	if !ok || id.Kind != "Secret" {
		redirects := slices.ContainsFunc(s.plain, func(r *effective.Row) bool { return r.Value(effective.Transport).Is == effective.Redirect })
		if s.asksClients() || redirects || len(s.plain) == 0 {
			why := "it shows the " + certificate.Is + ", and a Gateway has none"
			if by := decided(certificate); by.Because != "" {
				why += ": " + by.Because
			}
			s.leaveOut(certificate, why)
			return false
		}
		s.remark(Changed, decided(certificate), "port 443 is not written: it showed the "+certificate.Is+", which no client trusts; port 80 is as it was")
		s.secure = nil
		return false
	}
	if id.Namespace == "" && len(s.ingresses) > 0 {
		id.Namespace = s.ingresses[0].ID.Namespace
	}
	s.certificate = &id
	if ref == nil {
		return true
	}
	if p.target.typed && ref.Type != "" && ref.Type != "kubernetes.io/tls" {
		s.leaveOut(certificate, ref.Label+" is of type "+ref.Type+", and "+p.target.title+" takes kubernetes.io/tls only: make it anew with that type, which cannot be changed")
	}
	if o := p.tree.Find(decided(certificate).Object); ref.Content != nil && len(ref.Content.Certificates) > 0 {
		names, _ := o.Certificate(ref.Content.Certificates[0])["dns_names"].([]any)
		for _, name := range names {
			if text, ok := name.(string); ok {
				s.certificateNames = append(s.certificateNames, text)
			}
		}
	}
	return true
}

// protocols keeps a lower bound that is above the controller's own, TLS 1.2 with all of them.
func (s *site) protocols(p *plan, v effective.Value) {
	versions := strings.Fields(v.Is)
	if len(versions) == 0 {
		return
	}
	switch least := slices.Min(versions); {
	case least == "TLSv1.3":
		if p.target.perListener || p.target.least != nil {
			s.least = "1.3"
		} else {
			s.leaveOut(v, "clients may speak TLS 1.3 only, and a Gateway of "+p.target.title+" speaks TLS 1.2 too")
		}
	case least != "TLSv1.2":
		s.remark(Changed, decided(v), "versions before TLS 1.2 are spoken no more")
	}
}

// path judges the path of a row.
func (s *site) path(r *effective.Row) {
	if r.Path == "" {
		return
	}
	if why := invalidPath(r.Path); why != "" {
		s.leaveOut(*r.Value(effective.Transport), fmt.Sprintf("an HTTPRoute takes no path %q: %s", r.Path, why))
	}
	switch r.Match {
	case "Exact", "Prefix":
	case "ImplementationSpecific":
		if r.Path != "/" && r.Port == securePort {
			s.remark(Changed, decided(*r.Value(effective.Backend)), "path "+r.Path+" takes whole segments only: "+strings.TrimSuffix(r.Path, "/")+"-other, which ingress-nginx led there too, is another path")
		}
	default:
		s.leaveOut(*r.Value(effective.Backend), "paths compared as "+r.Match+" are not written")
	}
}

// invalidHost says why a listener takes no host name (gateway-api, apis/v1/shared_types.go, Hostname).
func invalidHost(host string) string {
	if host == "" {
		return ""
	}
	name := strings.TrimPrefix(host, "*.")
	if len(host) > 253 {
		return "it is longer than 253 characters"
	}
	numeric := true
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "it is no DNS name in small letters"
		}
		numeric = numeric && strings.Trim(label, "0123456789") == ""
	}
	if numeric {
		return "it is an address"
	}
	return ""
}

// invalidPath says why a match takes no path (gateway-api, apis/v1/httproute_types.go, the rules of HTTPPathMatch).
func invalidPath(path string) string {
	switch {
	case !strings.HasPrefix(path, "/"):
		return "it does not begin with /"
	case len(path) > 1024:
		return "it is longer than 1024 characters"
	}
	for _, part := range []string{"//", "/./", "/../", "%2f", "%2F", "#"} {
		if strings.Contains(path, part) {
			return "it has " + part + " in it"
		}
	}
	if strings.HasSuffix(path, "/..") || strings.HasSuffix(path, "/.") {
		return "it ends in a dot segment"
	}
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/%"
	if strings.Trim(path, allowed) != "" || strings.ContainsFunc(path, func(r rune) bool { return !strings.ContainsRune(allowed, r) }) {
		return "it has a character in it that a path has not"
	}
	return ""
}
