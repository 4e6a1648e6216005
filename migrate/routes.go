package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
)

const (
	// maxRules, maxMatches and maxAllMatches bound an HTTPRoute (gateway-api, apis/v1/httproute_types.go); the last is of all rules together.
	maxRules      = 16
	maxMatches    = 64
	maxAllMatches = 128
)

// parents are the listeners of a host by name; "" for those that it has not.
type parents struct{ plain, secure, passed string }

// routeRule is a rule of an HTTPRoute before it has its shape: where rows lead that have the same answers.
type routeRule struct {
	rows     []*effective.Row
	leads    []lead
	redirect bool
}

// route is an HTTPRoute of a host in one namespace.
type route struct {
	namespace, suffix string
	// sections are the listeners that it is for.
	sections    []string
	rules       []routeRule
	annotations map[string]any
}

// writeRoutes writes the routes of a host: in each namespace that it leads to its own.
func (p *plan) writeRoutes(g *gateway, s *site, at parents) {
	byNamespace := func(rows []*effective.Row) map[string][]*effective.Row {
		list := map[string][]*effective.Row{}
		for _, r := range rows {
			if leads := s.leads[r]; len(leads) > 0 {
				list[leads[0].to.namespace] = append(list[leads[0].to.namespace], r)
			}
		}
		return list
	}
	if s.passed != nil {
		p.writePassed(g, s, at.passed)
	}
	if at.secure != "" && p.target.upgrade != "" {
		p.writeUpgraded(g, s, at, byNamespace)
		return
	}
	secure, plain := byNamespace(s.secure), byNamespace(s.plain)
	if at.secure != "" && s.alike() {
		for _, namespace := range kube.SortedKeys(secure) {
			p.writeRoute(g, s, route{namespace: namespace, sections: []string{at.plain, at.secure}, rules: s.rules(secure[namespace])})
		}
		return
	}
	for _, namespace := range kube.SortedKeys(secure) {
		p.writeRoute(g, s, route{namespace: namespace, sections: []string{at.secure}, rules: s.rules(secure[namespace])})
	}
	suffix := "-http"
	if at.secure == "" && at.passed == "" {
		suffix = ""
	}
	var redirected []*effective.Row
	for _, r := range s.plain {
		if r.Value(effective.Transport).Is == effective.Redirect {
			redirected = append(redirected, r)
		}
	}
	if len(redirected) > 0 {
		home := s.home()
		if len(secure) > 0 && secure[home] == nil {
			home = kube.SortedKeys(secure)[0]
		} else if at.passed != "" {
			home = s.leads[s.passed][0].to.namespace
		}
		rules := append([]routeRule{{rows: redirected, redirect: true}}, s.rules(plain[home])...)
		delete(plain, home)
		p.writeRoute(g, s, route{namespace: home, suffix: suffix, sections: []string{at.plain}, rules: rules})
	}
	for _, namespace := range kube.SortedKeys(plain) {
		p.writeRoute(g, s, route{namespace: namespace, suffix: suffix, sections: []string{at.plain}, rules: s.rules(plain[namespace])})
	}
}

// alike reports whether the host answers the same on both ports.
func (s *site) alike() bool {
	if len(s.plain) != len(s.secure) || len(s.plain) == 0 {
		return false
	}
	for i, r := range s.plain {
		other := s.secure[i]
		if s.leads[r] == nil || r.Path != other.Path || r.Match != other.Match || !slices.Equal(s.leads[r], s.leads[other]) {
			return false
		}
	}
	return true
}

// rules joins rows that lead to the same Services.
func (s *site) rules(rows []*effective.Row) (list []routeRule) {
	for _, r := range rows {
		i := slices.IndexFunc(list, func(rule routeRule) bool {
			return slices.Equal(rule.leads, s.leads[r]) && len(rule.rows) < maxMatches
		})
		if i < 0 {
			list = append(list, routeRule{leads: s.leads[r]})
			i = len(list) - 1
		}
		list[i].rows = append(list[i].rows, r)
	}
	return list
}

// routeName is what ingress2gateway calls the route of a host (pkg/i2gw/providers/common/utils.go, RouteName).
func (s *site) routeName(namespace string) string {
	for _, o := range s.ingresses {
		if o.ID.Namespace == namespace && !canary(o) {
			return o.ID.Name + "-" + hostPart(s.host)
		}
	}
	return hostPart(s.host)
}

// writeUpgraded writes the routes of a host for a controller that takes a route for HTTPS as one for both ports, and tells who comes to
// the other what an annotation says.
func (p *plan) writeUpgraded(g *gateway, s *site, at parents, byNamespace func([]*effective.Row) map[string][]*effective.Row) {
	redirects := func(r *effective.Row) bool {
		return slices.ContainsFunc(s.plain, func(other *effective.Row) bool {
			return other.Path == r.Path && other.Match == r.Match && other.Value(effective.Transport).Is == effective.Redirect
		})
	}
	upgraded := byNamespace(slices.DeleteFunc(slices.Clone(s.secure), func(r *effective.Row) bool { return !redirects(r) }))
	both := byNamespace(slices.DeleteFunc(slices.Clone(s.secure), redirects))
	for _, namespace := range kube.SortedKeys(upgraded) {
		p.writeRoute(g, s, route{
			namespace: namespace, sections: []string{at.secure}, rules: s.rules(upgraded[namespace]), annotations: map[string]any{p.target.upgrade: "308"},
		})
	}
	for _, namespace := range kube.SortedKeys(both) {
		r := route{namespace: namespace, sections: []string{at.secure}, rules: s.rules(both[namespace])}
		if len(upgraded) > 0 {
			r.suffix = "-http"
		}
		if at.plain != "" {
			r.sections = []string{at.plain, at.secure}
		}
		p.writeRoute(g, s, r)
	}
}

func (p *plan) writeRoute(g *gateway, s *site, of route) {
	namespace := of.namespace
	var parts [][]any
	matches := maxAllMatches
	for _, rule := range of.rules {
		p.redirects = p.redirects || rule.redirect
		for rows := range slices.Chunk(rule.rows, maxMatches) {
			if last := len(parts) - 1; last < 0 || len(parts[last]) == maxRules || matches+len(rows) > maxAllMatches {
				parts, matches = append(parts, nil), 0
			}
			matches += len(rows)
			parts[len(parts)-1] = append(parts[len(parts)-1], s.rule(rule, rows))
		}
	}
	var refs []any
	for _, section := range of.sections {
		ref := map[string]any{"group": gatewayGroup, "kind": "Gateway", "name": g.id.Name, "sectionName": section}
		if g.id.Namespace != namespace && g.id.Namespace != "" {
			ref["namespace"] = g.id.Namespace
		}
		refs = append(refs, ref)
	}
	for _, part := range parts {
		spec := map[string]any{"parentRefs": refs, "rules": part}
		if s.host != "" {
			spec["hostnames"] = []any{s.host}
		}
		id := p.unique(gatewayGroup, "HTTPRoute", namespace, s.routeName(namespace)+of.suffix)
		p.add(id, "v1", spec)
		if metadata, ok := p.documents[len(p.documents)-1].Object.Fields["metadata"].(map[string]any); ok && of.annotations != nil {
			metadata["annotations"] = of.annotations
		}
	}
}

// rule is a rule in the shape of an HTTPRoute.
func (s *site) rule(of routeRule, rows []*effective.Row) map[string]any {
	rule := map[string]any{}
	matches := make([]any, len(rows))
	for i, r := range rows {
		kind := "PathPrefix"
		if r.Match == "Exact" {
			kind = "Exact"
		}
		matches[i] = map[string]any{"path": map[string]any{"type": kind, "value": r.Path}}
	}
	rule["matches"] = matches
	switch {
	case of.redirect:
		// 301 is the only status that all implementations take beside 302.
		rule["filters"] = []any{map[string]any{"type": "RequestRedirect", "requestRedirect": map[string]any{"scheme": "https", "statusCode": int64(301)}}}
		return rule
	case s.asksClients():
		// ingress-nginx writes over what clients send under these names (nginx.tmpl), and backends believe them.
		rule["filters"] = []any{map[string]any{"type": "RequestHeaderModifier", "requestHeaderModifier": map[string]any{
			"remove": []any{"ssl-client-cert", "ssl-client-issuer-dn", "ssl-client-subject-dn", "ssl-client-verify"},
		}}}
	}
	rule["backendRefs"] = backendRefs(of.leads)
	return rule
}

func backendRefs(leads []lead) []any {
	refs := make([]any, len(leads))
	for i, l := range leads {
		ref := map[string]any{"group": "", "kind": "Service", "name": l.to.name, "port": int64(l.to.port)}
		if len(leads) > 1 {
			ref["weight"] = int64(l.weight)
		}
		refs[i] = ref
	}
	return refs
}

// writePassed writes the route of a host whose TLS the backend ends.
func (p *plan) writePassed(g *gateway, s *site, section string) {
	leads := s.leads[s.passed]
	namespace := leads[0].to.namespace
	ref := map[string]any{"group": gatewayGroup, "kind": "Gateway", "name": g.id.Name, "sectionName": section}
	if g.id.Namespace != namespace && g.id.Namespace != "" {
		ref["namespace"] = g.id.Namespace
	}
	id := p.unique(gatewayGroup, "TLSRoute", namespace, s.routeName(namespace)+"-tls-passthrough")
	p.add(id, "v1", map[string]any{
		"parentRefs": []any{ref}, "hostnames": []any{s.host}, "rules": []any{map[string]any{"backendRefs": backendRefs(leads)}},
	}, fmt.Sprintf("The backend of %s ends TLS, and asks for client certificates if it likes.", strings.TrimSpace(s.host)))
}
