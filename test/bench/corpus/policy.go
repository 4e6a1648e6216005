package corpus

import "strings"

const policyTemplate = `
# TLS from the gateway to {service}: the certificate is checked against the CA below.
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
spec:
  targetRefs:
    - group: ""{targetMark}
      kind: Service
      name: {service}{section}
  validation:
    hostname: {hostname}{refs}
`

const policyRefTemplate = `
    caCertificateRefs:
      - group: "{group}"{mark}
        kind: {kind}{kindMark}
        name: {ca}`

// policy is one BackendTLSPolicy with the Service and the route that it acts between.
type policy struct {
	app                 *app
	part, name, section string
	ca, kind, group     string
	mark, kindMark      string
	targetMark          string
	wellKnown           bool
	gateway             string
}

func (p policy) document() document {
	refs := "\n    wellKnownCACertificates: System"
	if !p.wellKnown {
		kind := p.kind
		if kind == "" {
			kind = "ConfigMap"
		}
		refs = strings.NewReplacer("{group}", p.group, "{mark}", p.mark, "{kind}", kind, "{kindMark}", p.kindMark, "{ca}", p.ca).
			Replace(policyRefTemplate)
	}
	// No public CA signs names of a cluster.
	hostname := p.app.name + "-" + p.part + "." + p.app.namespace + ".svc"
	if p.wellKnown {
		hostname = p.app.host(p.part)
		if p.gateway == "public" {
			// Istio compares the certificate with nothing else.
			refs += "\n    subjectAltNames:\n      - type: Hostname\n        hostname: " + hostname
		}
	}
	section := ""
	if p.section != "" {
		section = "\n      sectionName: " + p.section
	}
	name := p.name
	if name == "" {
		name = p.app.name + "-" + p.part + "-tls"
	}
	d := object("gateway.networking.k8s.io", "BackendTLSPolicy", p.app.namespace, name, policyTemplate,
		"{service}", p.app.name+"-"+p.part, "{app}", p.app.name, "{targetMark}", p.targetMark, "{section}", section, "{hostname}", hostname, "{refs}", refs)
	d.tls = true
	return d
}

// routed adds the Service and the HTTPRoute, by which the acting controller is known, and returns a policy for them.
func (g *generator) routed(a *app) policy {
	gateway := "public"
	if g.rand.IntN(3) == 0 {
		gateway = "mesh"
	}
	return g.routedBy(a, gateway)
}

// routedBy is routed with one of the shared Gateways: public is Istio's, mesh Envoy Gateway's.
func (g *generator) routedBy(a *app, gateway string) policy {
	p := policy{app: a, part: a.part(), gateway: gateway}
	p.ca = a.name + "-" + p.part + "-backend"
	a.outward = true
	g.add(a.dir+"/service.yaml", service(a, a.name+"-"+p.part, ""))
	g.add(a.dir+"/routes.yaml", route(a, a.name+"-"+p.part, a.host(p.part), p.gateway))
	return p
}

// trusted is a policy whose ConfigMap holds these entries.
func (g *generator) trusted(a *app, entries ...entry) policy {
	p := g.routed(a)
	name := a.edge()
	if g.rand.IntN(2) == 0 {
		name = "infra/trust/" + a.team + ".yaml"
	}
	g.add(name, configMap(a.namespace, p.ca, entries...))
	return p
}

var goodPolicies = []scene{
	func(g *generator) string {
		a := g.shared()
		g.add(a.edge(), g.trusted(a, entry{"ca.crt", g.root()}).document())
		return "policy: CA in a ConfigMap"
	},
	func(g *generator) string {
		a := g.shared()
		g.add(a.edge(), g.trusted(a, entry{"ca.crt", g.bundle()}).document())
		return "policy: several CAs"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.routed(a)
		p.ca = "company-roots"
		g.add(a.edge(), p.document())
		return "policy: CA by a Bundle"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.routed(a)
		p.wellKnown = true
		g.add(a.edge(), p.document())
		return "policy: the system's CAs"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"ca.crt", g.root()})
		q := p
		q.section, q.name = "health", a.name+"-"+p.part+"-health"
		g.add(a.edge(), p.document())
		g.add(a.edge(), q.document())
		return "policy: one for a section beside one for the Service"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.routed(a)
		p.ca = "kube-root-ca.crt"
		g.add(a.edge(), p.document())
		return "policy: the ConfigMap of every namespace"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.routedBy(a, "mesh") // Istio reads no Secret
		p.kind = "Secret"
		g.add(a.edge(), p.document())
		g.add(a.secrets(), caSecret(a.namespace, p.ca, g.root()))
		return "policy: CA in a Secret"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.routedBy(a, "mesh") // Istio reads no Secret
		p.kind = "Secret"
		g.add(a.edge(), p.document())
		g.add(a.secrets(), externalSecret(a.namespace, p.ca))
		return "policy: CA by an ExternalSecret"
	},
}

var policyFaults = []scene{
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"ca.crt", g.root()})
		p.ca, p.mark = strings.TrimSuffix(p.ca, "d")+"t", mark("gateway-api/backend-ca-missing")
		g.add(a.edge(), p.document())
		return "backend-ca-missing: misspelt"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"root.pem", g.root()}, entry{"README", "The root of the backend.\n"})
		p.mark = mark("gateway-api/backend-ca-unusable")
		g.add(a.edge(), p.document())
		return "backend-ca-unusable: under another key"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"ca.crt", g.root()})
		p.targetMark = mark("gateway-api/backend-policy-conflict")
		q := p
		q.name = a.name + "-" + p.part + "-again"
		g.add(a.edge(), p.document())
		g.add("infra/policies/"+a.team+".yaml", q.document())
		return "backend-policy-conflict"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.routed(a)
		p.mark = mark("gateway-api/backend-ca-missing")
		g.add(a.edge(), p.document())
		g.add(a.secrets(), caSecret(a.namespace, p.ca, g.root()))
		return "backend-ca-missing: of another kind"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"ca.crt", ""})
		p.mark = mark("gateway-api/backend-ca-unusable")
		g.add(a.edge(), p.document())
		return "backend-ca-unusable: empty"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"ca.crt", "see https://wiki.example.com/pki\n"})
		p.mark = mark("gateway-api/backend-ca-unusable")
		g.add(a.edge(), p.document())
		return "backend-ca-unusable: no certificate"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"ca.crt", g.root()})
		p.ca = a.name + "-" + p.part + "-cert"
		p.kind, p.group, p.kindMark = "Certificate", "cert-manager.io", mark("gateway-api/backend-ca-unusable")
		g.add(a.edge(), p.document())
		g.add(a.certs(), certificate(a.namespace, p.ca, a.host(p.part)))
		return "backend-ca-unusable: no kind that is read"
	},
	func(g *generator) string {
		a := g.shared()
		p := g.trusted(a, entry{"ca.crt", g.expired() + mark("certificates/ca-expired")})
		g.add(a.edge(), p.document())
		return "ca-expired: of a backend"
	},
	func(g *generator) string {
		a := g.own()
		p := g.routed(a)
		p.mark = markOnce("references/unresolved", a.namespace+"/"+p.ca)
		g.add(a.edge(), p.document())
		return "unresolved: backend CA"
	},
}
