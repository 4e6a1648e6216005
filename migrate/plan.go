package migrate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
)

const (
	gatewayGroup = "gateway.networking.k8s.io"
	envoyGroup   = "gateway.envoyproxy.io"
)

// plan is what is to be written, and for which hosts.
type plan struct {
	tree   *effective.Tree
	o      Options
	target *target
	fates  map[string]fate
	sites  []*site
	bySite map[string]*site
	groups []*gateway
	// gateways are those that are written, as the rows of package effective call them.
	gateways map[string]bool
	taken    map[kube.ID]bool
	// existing are the names of objects in sight, by what they have in common.
	existing  map[kube.ID]map[string]bool
	documents []Document
	grants    map[grantor]map[string]bool
	bundles   map[kube.ID]string
	// general are remarks about all hosts.
	general []Remark
	// redirects: some route redirects.
	redirects bool
}

// newPlan judges every host. Those of refused are left out for the reasons given.
func newPlan(tree *effective.Tree, rows []effective.Row, o Options, t *target, refused map[string]Remark) *plan {
	p := &plan{
		tree: tree, o: o, target: t, fates: fates(), bySite: map[string]*site{}, gateways: map[string]bool{}, taken: map[kube.ID]bool{}, existing: map[kube.ID]map[string]bool{},
		grants: map[grantor]map[string]bool{}, bundles: map[kube.ID]string{},
	}
	p.group(rows)
	for _, s := range p.sites {
		if p.o.Wants != nil && !p.o.Wants(s.host) {
			s.stays = true
			continue
		}
		if remark, ok := refused[s.host]; ok {
			s.remarks = append(s.remarks, remark)
			continue
		}
		s.settle(p)
	}
	p.settings()
	p.conflicts()
	p.sections()
	p.copies()
	p.divide()
	p.covered()
	return p
}

// covered leaves out what would take the requests of a host that is left out, or that asks its clients for more at another Gateway: whoever
// connects to the one names the host of the other.
func (p *plan) covered() {
	ordered := slices.Clone(p.sites)
	// The narrower hosts first: what is left out for them may be covered itself.
	slices.SortStableFunc(ordered, func(a, b *site) int { return breadth(a.host) - breadth(b.host) })
	for _, s := range ordered {
		if s.refused() || !wide(s.host) {
			continue
		}
		for _, other := range p.sites {
			if other == s || !takes(s.host, other.host) {
				continue
			}
			switch {
			case other.refused():
				s.remark(LeftOut, s.first(), "it would take the requests of "+titleOf(other.host)+", which is not written")
			case other.gateway == s.gateway && other.asksClients() && (other.clients != s.clients || authority(other) != authority(s)) && shared(s, other) != "":
				s.remark(LeftOut, s.first(), "it leads to "+shared(s, other)+", as "+titleOf(other.host)+" does: who connects for a host of it, without the client certificate of "+
					titleOf(other.host)+", may still name that host in the request, which ingress-nginx refuses")
			case other.gateway != s.gateway && (other.clients != s.clients || authority(other) != authority(s)):
				s.remark(LeftOut, s.first(), "its Gateway would take requests of "+titleOf(other.host)+" too, for whoever sends them to its address, and asks for another client certificate, or none")
			default:
				continue
			}
			break
		}
	}
}

// shared names a Service that two hosts lead to; "" where there is none.
func shared(a, b *site) string {
	for _, to := range sortedPorts(a.called) {
		for other := range b.called {
			if other.namespace == to.namespace && other.name == to.name {
				return kube.ID{Kind: "Service", Namespace: to.namespace, Name: to.name}.String()
			}
		}
	}
	return ""
}

func authority(s *site) string {
	if s.ca == nil {
		return ""
	}
	return s.ca.Label
}

func wide(host string) bool { return host == "" || strings.HasPrefix(host, "*.") }

// breadth orders hosts, the narrowest first.
func breadth(host string) int {
	switch {
	case host == "":
		return 1000 // more than a name has letters
	case wide(host):
		return 500 - len(host)
	default:
		return 0
	}
}

// takes reports whether requests of a host come to a wider one where it has no listener.
func takes(wide, host string) bool {
	return wide == "" && host != "" || strings.HasPrefix(wide, "*.") && strings.HasSuffix(host, wide[1:])
}

// hostPart is the part of names that stands for a host, as ingress2gateway has it (pkg/i2gw/providers/common/utils.go, NameFromHost).
func hostPart(host string) string {
	if host == "" {
		return "all-hosts"
	}
	return strings.TrimLeft(dashed(host), "-")
}

// dashed has a dash for each run of what names do not take, dots among them: names of files are made of it too.
func dashed(text string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(text) {
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		switch {
		case letter:
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}

const (
	// maxName is what the API server takes as a name of these kinds (RFC 1123, DNS subdomain).
	maxName = 253
	// maxGatewayName leaves room for the class behind it: controllers name Services after a Gateway, and write its name into a label, and
	// both end at 63.
	maxGatewayName = 40
)

// unique returns a name that nothing else has: neither what is written, nor what is in sight.
func (p *plan) unique(group, kind, namespace, name string) kube.ID {
	id := kube.ID{Group: group, Kind: kind, Namespace: namespace}
	name = cmp.Or(dashed(name), strings.ToLower(kind))
	most := maxName
	if kind == "Gateway" {
		most = maxGatewayName
	}
	for n := 1; ; n++ {
		id.Name = shortened(name, most)
		if n > 1 {
			id.Name = shortened(fmt.Sprintf("%s-%d", name, n), most)
		}
		if !p.taken[id] && !p.there(id) {
			p.taken[id] = true
			return id
		}
	}
}

// there reports whether an object is in sight. To look it up one by one would have each looked for among all that are called alike.
func (p *plan) there(id kube.ID) bool {
	of := kube.ID{Group: id.Group, Kind: id.Kind, Namespace: id.Namespace}
	known, ok := p.existing[of]
	if !ok {
		known = map[string]bool{}
		for _, entry := range p.tree.Inventory.Kind(id.GroupKind(), id.Namespace, id) {
			known[entry.ID.Name] = true
		}
		p.existing[of] = known
	}
	return known[id.Name]
}

// shortened keeps a name within what the API server takes; two that begin alike stay two.
func shortened(name string, most int) string {
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(name[:most-9], "-.") + "-" + hex.EncodeToString(sum[:4])
}

// add adds an object.
func (p *plan) add(id kube.ID, version string, spec map[string]any, comment ...string) {
	p.put(id, version, map[string]any{"spec": spec}, comment)
}

func (p *plan) put(id kube.ID, version string, fields map[string]any, comment []string) {
	api := version
	if id.Group != "" {
		api = id.Group + "/" + version
	}
	metadata := map[string]any{"name": id.Name}
	if id.Namespace != "" {
		metadata["namespace"] = id.Namespace
	}
	fields["apiVersion"], fields["kind"], fields["metadata"] = api, id.Kind, metadata
	p.documents = append(p.documents, Document{kube.Object{ID: id, Version: version, Fields: fields}, comment})
}

// grantor is who may refer, and to which namespace.
type grantor struct{ group, kind, from, to string }

// grant has a reference to a Secret of another namespace allowed, and returns the reference.
func (p *plan) secret(group, kind, from string, to kube.ID) map[string]any {
	ref := map[string]any{"group": "", "kind": "Secret", "name": to.Name}
	if to.Namespace == "" || to.Namespace == from {
		return ref
	}
	ref["namespace"] = to.Namespace
	if from != "" {
		key := grantor{group, kind, from, to.Namespace}
		if p.grants[key] == nil {
			p.grants[key] = map[string]bool{}
		}
		p.grants[key][to.Name] = true
	}
	return ref
}

// write writes the hosts that are not left out.
func (p *plan) write() *Result {
	r := &Result{}
	for _, g := range p.groups {
		p.writeGateway(g)
	}
	p.writePolicies()
	p.writeGrants()
	for _, s := range p.sites {
		if s.stays {
			continue
		}
		if s.refused() {
			r.LeftOut = append(r.LeftOut, s.host)
			// What is left out is not changed as well.
			s.remarks = slices.DeleteFunc(s.remarks, func(r Remark) bool { return r.Kind != LeftOut })
		} else {
			r.Written = append(r.Written, s.host)
		}
		r.Remarks = append(r.Remarks, s.remarks...)
	}
	if len(r.Written) > 0 {
		r.Remarks = append(r.Remarks, p.steps()...)
	}
	r.Remarks = sortRemarks(r.Remarks)
	r.Documents = p.documents
	slices.SortStableFunc(r.Documents, func(a, b Document) int { return kindOrder(a.Object.ID.Kind) - kindOrder(b.Object.ID.Kind) })
	return r
}

// kindOrder is the order in which objects are read best: what has an address, what is served there, what it calls, what allows it.
func kindOrder(kind string) int { return slices.Index(Kinds(), strings.ToLower(kind)) }

// Kinds are all that is written, in small letters.
func Kinds() []string {
	return []string{"gateway", "clienttrafficpolicy", "httproute", "tlsroute", "backendtlspolicy", "configmap", "referencegrant"}
}

// steps are what remains to be done, whatever the hosts.
func (p *plan) steps() []Remark {
	list := []Remark{{Kind: Step, All: true, Why: "ingress-nginx adds the header Strict-Transport-Security unless its ConfigMap says hsts: \"false\"; no route here does: a ResponseHeaderModifier may"}, {
		Kind: Step, All: true,
		Why: "ingress-nginx writes X-Real-IP, X-Forwarded-Host, X-Forwarded-Scheme and X-Scheme over what clients send: a backend that believes them must be told who the client is in another way, " +
			"or anybody may say so",
	}}
	if p.redirects {
		list = append(list, Remark{Kind: Changed, All: true, Why: "redirects to https answer 301 instead of 308, after which clients may turn a POST into a GET"})
	}
	list = append(list, p.general...)
	if n := len(p.gateways); n > 1 {
		list = append(list, Remark{Kind: Step, All: true, Why: fmt.Sprintf("there are %d Gateways, each with an address of its own: have the DNS name of each host lead to its own", n)})
	}
	return list
}

func (p *plan) writeGrants() {
	var keys []grantor
	for key := range p.grants {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b grantor) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	for _, key := range keys {
		for names := range slices.Chunk(kube.SortedKeys(p.grants[key]), maxGranted) {
			to := make([]any, len(names))
			for i, name := range names {
				to[i] = map[string]any{"group": "", "kind": "Secret", "name": name}
			}
			id := p.unique(gatewayGroup, "ReferenceGrant", key.to, strings.ToLower(key.kind)+"-of-"+key.from)
			p.add(id, "v1beta1", map[string]any{
				"from": []any{map[string]any{"group": key.group, "kind": key.kind, "namespace": key.from}}, "to": to,
			})
		}
	}
}

// ValidName reports whether a GatewayClass or a namespace may be called so (RFC 1123, DNS subdomain).
func ValidName(name string) bool { return name != "" && !wide(name) && invalidHost(name) == "" }
