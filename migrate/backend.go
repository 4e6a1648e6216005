package migrate

import (
	"cmp"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// policy is how all ports of a Service that hosts lead to are called, or some of them.
type policy struct {
	namespace, service string
	call               call
	// sections are names of ports; none for all of the Service.
	sections []string
}

// uses are the ports of each Service that hosts lead to, with how they are called, in order.
func (p *plan) uses() (order []kube.ID, uses map[kube.ID]map[servicePort]call, users map[kube.ID][]*site) {
	uses, users = map[kube.ID]map[servicePort]call{}, map[kube.ID][]*site{}
	for _, s := range p.sites {
		if s.refused() {
			continue
		}
		for to, c := range s.called {
			id := kube.ID{Kind: "Service", Namespace: to.namespace, Name: to.name}
			if uses[id] == nil {
				uses[id] = map[servicePort]call{}
				order = append(order, id)
			}
			uses[id][to] = c
			if !slices.Contains(users[id], s) {
				users[id] = append(users[id], s)
			}
		}
	}
	slices.SortFunc(order, kube.ID.Compare)
	return order, uses, users
}

// sections leaves out hosts whose Services want a policy for one port only, the name of which is not in sight.
func (p *plan) sections() {
	order, uses, users := p.uses()
	for _, id := range order {
		if _, missing := p.policiesOf(id, uses[id]); missing != 0 {
			for _, s := range users[id] {
				s.remark(LeftOut, s.first(), id.String()+" is called in different ways at its ports: a BackendTLSPolicy tells them apart by name, and that of "+
					servicePort{id.Namespace, id.Name, missing}.String()+" is not in sight")
			}
		}
	}
}

// policiesOf are the policies of a Service; missing is a port without a name that needs one.
func (p *plan) policiesOf(id kube.ID, uses map[servicePort]call) (list []policy, missing int) {
	ports := make([]servicePort, 0, len(uses))
	for to := range uses {
		ports = append(ports, to)
	}
	slices.SortFunc(ports, func(a, b servicePort) int { return cmp.Compare(a.port, b.port) })
	first := uses[ports[0]]
	if !slices.ContainsFunc(ports, func(to servicePort) bool { return !uses[to].same(first) }) {
		if first.tls {
			list = append(list, policy{namespace: id.Namespace, service: id.Name, call: first})
		}
		return list, 0
	}
	for _, to := range ports {
		c := uses[to]
		if !c.tls {
			continue
		}
		name := ""
		for _, port := range p.ports(to) {
			if port.number == to.port {
				name = port.name
			}
		}
		if name == "" {
			return nil, to.port
		}
		if i := slices.IndexFunc(list, func(known policy) bool { return known.call.same(c) }); i >= 0 {
			list[i].sections = append(list[i].sections, name)
			continue
		}
		list = append(list, policy{namespace: id.Namespace, service: id.Name, call: c, sections: []string{name}})
	}
	return list, 0
}

// direct reports whether a policy beside a Service may name the Secret with the CA itself.
func (p *plan) direct(c call, namespace string) bool {
	own := c.authority.ID.Namespace
	return p.target.backendSecret && (own == namespace || own == "" || namespace == "")
}

// copies leaves out hosts whose backends' CA has to be copied beside the Service, and is not in sight.
func (p *plan) copies() {
	for _, s := range p.sites {
		if s.refused() {
			continue
		}
		for _, to := range sortedPorts(s.called) {
			c := s.called[to]
			if !c.tls || p.direct(c, to.namespace) {
				continue
			}
			why := p.target.title + " reads the CA of a backend from a ConfigMap"
			if p.target.backendSecret {
				why = "a BackendTLSPolicy names a CA of its own namespace only"
			}
			if _, ok := p.certificates(c.authority.ID); !ok {
				s.remark(LeftOut, c.by, why+", and the certificates of "+c.authority.Label+" are not in sight to copy them")
				continue
			}
			s.remark(Step, c.by, why+": the certificates of "+c.authority.Label+" are copied, and whoever renews that Secret has to renew the copy")
		}
	}
}

func sortedPorts(called map[servicePort]call) []servicePort {
	list := make([]servicePort, 0, len(called))
	for to := range called {
		list = append(list, to)
	}
	slices.SortFunc(list, func(a, b servicePort) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name), cmp.Compare(a.port, b.port))
	})
	return list
}

// certificates are those in the ca.crt of a Secret, as PEM; of what else may stand there nothing is taken.
func (p *plan) certificates(id kube.ID) (text string, ok bool) {
	found := p.tree.Inventory.Get(inventory.Ref{To: id, From: id})
	if found.Entry == nil {
		return "", false
	}
	value, _ := kube.Lookup(found.Entry.Object().Fields, kube.Path{"data", "ca.crt"})
	encoded, _ := value.(string)
	rest, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			b.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
		}
	}
	return b.String(), b.Len() > 0
}

// writePolicies writes how the Services are called that hosts lead to.
func (p *plan) writePolicies() {
	order, uses, _ := p.uses()
	for _, id := range order {
		list, _ := p.policiesOf(id, uses[id])
		for i, policy := range list {
			name := policy.service + "-backend-tls"
			if len(list) > 1 && i < len(policy.sections) {
				name += "-" + policy.sections[0]
			}
			p.writePolicy(p.unique(gatewayGroup, "BackendTLSPolicy", policy.namespace, name), policy)
		}
	}
}

func (p *plan) writePolicy(id kube.ID, of policy) {
	var targets []any
	ref := map[string]any{"group": "", "kind": "Service", "name": of.service}
	for _, section := range of.sections {
		targets = append(targets, map[string]any{"group": "", "kind": "Service", "name": of.service, "sectionName": section})
	}
	if len(targets) == 0 {
		targets = []any{ref}
	}
	validation := map[string]any{"hostname": of.call.name, "caCertificateRefs": []any{p.authority(of)}}
	var comment []string
	if p.target.alternativeNames {
		validation["subjectAltNames"] = []any{map[string]any{"type": "Hostname", "hostname": of.call.name}}
		comment = append(comment, p.target.title+" compares the certificate with subjectAltNames only.")
	}
	p.add(id, "v1", map[string]any{"targetRefs": targets, "validation": validation}, comment...)
}

// authority is the reference to the CA of a policy; a copy is made where it cannot be the Secret itself.
func (p *plan) authority(of policy) map[string]any {
	from := of.call.authority.ID
	if p.direct(of.call, of.namespace) {
		return map[string]any{"group": "", "kind": "Secret", "name": from.Name}
	}
	key := kube.ID{Kind: from.Kind + " of " + from.Namespace, Namespace: of.namespace, Name: from.Name}
	if p.bundles[key] == "" {
		id := p.unique("", "ConfigMap", of.namespace, from.Name+"-ca")
		p.bundles[key] = id.Name
		text, _ := p.certificates(from)
		p.put(id, "v1", map[string]any{"data": map[string]any{"ca.crt": text}}, []string{"The certificates of " + from.String() + ", which are public. Keep them in step."})
	}
	return map[string]any{"group": "", "kind": "ConfigMap", "name": p.bundles[key]}
}
