package effective

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Traefik's own kinds, in the group of today and in that of releases before 3.0.
var (
	traefikRouteKinds = []string{
		"IngressRoute.traefik.io", "IngressRouteTCP.traefik.io", "IngressRoute.traefik.containo.us", "IngressRouteTCP.traefik.containo.us",
	}
	traefikOptionKinds = []string{"TLSOption.traefik.io", "TLSOption.traefik.containo.us"}
)

// traefikRoutesModel says of which hosts Traefik's own kinds speak, and that nothing more is known of them: whoever reads the rows of a tree
// takes them for all that is served.
func traefikRoutesModel() Model {
	return Model{
		Controllers: []string{"traefik"}, Kinds: slices.Concat(traefikRouteKinds, traefikOptionKinds),
		Rows: func(t *Tree) []Row {
			type served struct {
				host string
				port int
			}
			var rows []Row
			known := map[served]int{}
			for _, kind := range traefikRouteKinds {
				for _, o := range t.Of(kind) {
					for i, route := range gatewayList(o.Fields, "spec", "routes") {
						by := o.Source("spec", "routes", i, "match")
						for _, host := range matchedHosts(text(route["match"])) {
							at := served{host, 80}
							if gatewayMap(o.Fields, "spec", "tls") != nil {
								at.port = 443
							}
							index, listed := known[at]
							if !listed {
								index = len(rows)
								known[at] = index
								row := Row{Controller: "traefik", Proxy: "its own kinds", Host: at.host, Port: at.port}
								row.Set(Transport, Unsettled("what Traefik makes of its own kinds IngressRoute, TLSOption and ServersTransport, which are not read; the port is that of its usual entry point", by))
								rows = append(rows, row)
							} else if v := rows[index].Value(Transport); len(v.By) < maxNamed {
								v.By = append(v.By, by)
							}
						}
					}
				}
			}
			return rows
		},
	}
}

type matchPatterns struct{ hosts, quoted *regexp.Regexp }

// In rules a host stands in backticks or quotes, since release 3 one in each Host, and before several (docs/content/routing/routers/index.md).
var matching = sync.OnceValue(func() matchPatterns {
	return matchPatterns{regexp.MustCompile(`\bHost(?:SNI)?\(([^)]*)\)`), regexp.MustCompile("[`\"]([^`\"]*)[`\"]")}
})

// maxMatched bounds the hosts of one rule.
const maxMatched = 100

// matchedHosts are the hosts that a rule names; "" where it names none, or all of them.
func matchedHosts(rule string) (hosts []string) {
	for _, group := range matching().hosts.FindAllStringSubmatch(rule, maxMatched) {
		for _, name := range matching().quoted.FindAllStringSubmatch(group[1], maxMatched) {
			host := strings.ToLower(name[1])
			if host == "*" {
				host = ""
			}
			if !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
	}
	if len(hosts) == 0 {
		return []string{""}
	}
	return hosts
}

// traefikDefault is the TLSOption that holds where no other one does: the one called default, in any namespace.
func traefikDefault(t *Tree) *Object {
	for _, kind := range traefikOptionKinds {
		for _, o := range t.Of(kind) {
			if o.ID.Name == "default" {
				return o
			}
		}
	}
	return nil
}
