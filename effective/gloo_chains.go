package effective

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// glooChain is a filter chain of the port with TLS: all VirtualServices whose sslConfig differ in sniDomains only share one
// (projects/gateway/pkg/translator/ssl_configuration.go, GroupVirtualServicesBySslConfig). Their routes are in all chains.
type glooChain struct {
	// first stands for all of them.
	first *Object
	// names are the sniDomains; nil stands for all, as soon as one VirtualService has none.
	names []string
	all   bool
	// refused says why Envoy does not take the chain.
	refused []Source
}

// glooChains are the chains by VirtualService, and by the name that clients ask for.
type glooChains struct {
	of     map[*Object]*glooChain
	byName map[string]*glooChain
	// own are the values by the fields of each VirtualService itself.
	own map[*Object][aspects]Value
	// domains are the VirtualServices with a domain, by port.
	domains map[gatewayPortHost][]*Object
}

// chains makes one chain of the VirtualServices with the same sslConfig.
func (g *gloo) chains() *glooChains {
	c := &glooChains{
		of: map[*Object]*glooChain{}, byName: map[string]*glooChain{}, own: map[*Object][aspects]Value{}, domains: map[gatewayPortHost][]*Object{},
	}
	same := map[string]*glooChain{}
	var list []*glooChain
	for _, o := range g.tree.Of(glooVirtualService) {
		tls := gatewayMap(o.Fields, "spec", "sslConfig")
		for _, domain := range glooDomains(o) {
			key := gatewayPortHost{glooPort(o), domain}
			if all := c.domains[key]; len(all) == 0 || all[len(all)-1] != o {
				c.domains[key] = append(all, o)
			}
		}
		if tls == nil {
			continue
		}
		var own [aspects]Value
		g.connect(o, tls, &own)
		c.own[o] = own
		compared := maps.Clone(tls)
		delete(compared, "sniDomains")
		compared["oneWayTls"], _ = g.oneWay(o, tls)
		key := fmt.Sprint(compared)
		chain := same[key]
		if chain == nil {
			chain = &glooChain{first: o}
			same[key] = chain
			list = append(list, chain)
		}
		c.of[o] = chain
		names := texts(tls["sniDomains"])
		chain.all = chain.all || len(names) == 0
		chain.names = append(chain.names, names...)
	}
	for _, chain := range list {
		if chain.all {
			chain.names = []string{""}
		}
		for _, name := range chain.names {
			name = strings.ToLower(name)
			other := c.byName[name]
			if other == nil || other == chain {
				c.byName[name] = chain
				continue
			}
			by := []Source{other.first.Source("spec", "sslConfig", "sniDomains"), chain.first.Source("spec", "sslConfig", "sniDomains")}
			other.refused, chain.refused = by, by
		}
	}
	return c
}

// serving is the chain that connections for a host come to, by the narrowest of its names; nil where there is none.
func (c *glooChains) serving(host string) *glooChain {
	return narrowest(strings.ToLower(host), func(name string) *glooChain { return c.byName[name] })
}

// hosts are those of a domain of a VirtualService by which connections come to it: its own names below the domain, or else the domain.
func (c *glooChains) hosts(o *Object, domain string) []string {
	var list []string
	for _, name := range c.of[o].names {
		if host, ok := gatewayMeets(domain, strings.ToLower(name)); ok && !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	if len(list) == 0 {
		return []string{domain}
	}
	return list
}

// glooDomains are the domains of a VirtualService; "" is all of them.
func glooDomains(o *Object) []string {
	domains, _ := o.Field("spec", "virtualHost", "domains")
	list := texts(domains)
	if len(list) == 0 {
		return []string{""}
	}
	for i, domain := range list {
		domain, _, _ = strings.Cut(strings.ToLower(domain), ":")
		list[i] = strings.TrimPrefix(domain, "*")
		if strings.HasPrefix(domain, "*.") {
			list[i] = domain
		}
	}
	return list
}

func glooPort(o *Object) int {
	if gatewayMap(o.Fields, "spec", "sslConfig") != nil {
		return 443
	}
	return 80
}

// contested answers for a domain that another VirtualService has on the port: Gloo refuses what the Gateway would be
// (projects/gateway/pkg/translator/virtual_service_translator.go, validateVirtualServiceDomains).
func (c *glooChains) contested(o *Object, domain string, values [aspects]Value) [aspects]Value {
	all := c.domains[gatewayPortHost{glooPort(o), domain}]
	if len(all) < 2 {
		return values
	}
	values = [aspects]Value{}
	values[Transport] = Unsettled("what was in force before: Gloo refuses a Gateway with two VirtualServices for one domain",
		all[0].Source("spec", "virtualHost", "domains"), all[1].Source("spec", "virtualHost", "domains"))
	return values
}

// values answers for connections for a host.
func (c *glooChains) values(o *Object, host string) [aspects]Value {
	var values [aspects]Value
	names := o.Source("spec", "sslConfig", "sniDomains")
	chain := c.serving(host)
	switch {
	case chain == nil:
		values[Transport] = Answered(Closed, names.Saying("the host is none of them"))
		return values
	case chain.refused != nil:
		values[Transport] = Unsettled("what was in force before: Envoy refuses a port with two sslConfigs for one name", chain.refused...)
		return values
	case chain == c.of[o]:
		return c.own[o]
	}
	values = c.own[chain.first]
	for _, aspect := range []Aspect{Transport, Clients} {
		if values[aspect].Asked() {
			values[aspect].By = append(slices.Clip(values[aspect].By), names.Saying("the host is none of them, and connections come to "+gatewayTitle(chain.first)))
		}
	}
	return values
}
