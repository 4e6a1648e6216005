package corpus

import (
	"cmp"
	"strings"
)

const ingressTemplate = `
# {host}: {purpose}
# Owner: {team}, #{team}-oncall. Changes need a review by platform.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {part}
    app.kubernetes.io/managed-by: flux{annotationsMark}
  annotations:{annotations}
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
    nginx.ingress.kubernetes.io/proxy-read-timeout: "60"
    external-dns.alpha.kubernetes.io/hostname: {host}
spec:{class}{tls}
  rules:
    - host: {host}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  number: 8080
          - path: /healthz # for the load balancer's checks
            pathType: Exact
            backend:
              service:
                name: {name}
                port:
                  name: health
`

// note is an annotation of ingress-nginx, written without its prefix; value is YAML, with a mark perhaps.
type note struct{ key, value string }

const nginxPrefix = "nginx.ingress.kubernetes.io/"

// ingress is one Ingress of an app.
type ingress struct {
	app             *app
	namespace, part string
	host, class     string
	// tls is the Secret of spec.tls; "" leaves it out.
	tls, tlsMark string
	notes        []note
	// onAnnotations is the mark of the line "annotations:", where a missing annotation is reported.
	onAnnotations string
	purpose       string
}

func (i ingress) document() document {
	namespace := i.namespace
	if namespace == "" {
		namespace = i.app.namespace
	}
	name := i.app.name + "-" + i.part
	if i.host == "" {
		i.host = i.app.host(i.part)
	}
	if i.purpose == "" {
		i.purpose = "the " + i.part + " entry of " + i.app.name
	}
	var annotations strings.Builder
	mtls := false
	for _, n := range i.notes {
		key := n.key
		if !strings.Contains(key, "/") {
			key = nginxPrefix + key
		}
		mtls = mtls || n.key == "auth-tls-secret"
		annotations.WriteString("\n    " + key + ": " + n.value)
	}
	class, tls := "", ""
	if i.class != "" {
		class = "\n  ingressClassName: " + i.class
	}
	if i.tls != "" {
		tls = "\n  tls:\n    - hosts:\n        - " + i.host + "\n      secretName: " + i.tls + i.tlsMark
	}
	d := object("networking.k8s.io", "Ingress", namespace, name, ingressTemplate,
		"{annotations}", annotations.String(), "{annotationsMark}", "", "{class}", class, "{tls}", tls,
		"{host}", i.host, "{team}", i.app.team, "{part}", i.app.name, "{purpose}", i.purpose)
	if i.onAnnotations != "" {
		d.text = strings.Replace(d.text, "  annotations:\n", "  annotations:"+i.onAnnotations+"\n", 1)
	}
	d.tls = mtls || i.tls != ""
	return d
}

// mtls asks for client certificates by a Secret.
func mtls(secret string, more ...note) []note {
	return append([]note{
		{"auth-tls-secret", secret},
		{"auth-tls-verify-client", `"on"`},
		{"auth-tls-verify-depth", `"2"`},
	}, more...)
}

// served is an Ingress whose server certificate is in sight: made by an annotation, by a Certificate in another folder,
// kept as a Secret, or declared external; in turn.
func (g *generator) served(a *app, notes ...note) ingress { return g.servedOn(a, "", notes...) }

// servedOn is the same for the host of another Ingress.
func (g *generator) servedOn(a *app, host string, notes ...note) ingress {
	part := a.part()
	i := ingress{app: a, part: part, class: "nginx", host: cmp.Or(host, a.host(part)), tls: a.name + "-" + part + "-tls", notes: notes}
	switch g.rand.IntN(8) {
	case 0, 1, 2:
		i.notes = append([]note{{"cert-manager.io/cluster-issuer", "letsencrypt"}}, notes...)
	case 3, 4:
		g.add(a.certs(), certificate(a.namespace, i.tls, i.host))
	case 5:
		g.add(a.secrets(), g.keyPair(a.namespace, i.tls, i.host))
	case 6:
		i.tls = wildcard
	default:
		i.class = "internal" // known by the config only
		g.add(a.certs(), certificate(a.namespace, i.tls, i.host))
	}
	return i
}

// wildcard is a Secret that the config declares external in every namespace.
const wildcard = "wildcard-example-com"

// scene adds some documents and returns the name it is counted by.
type scene func(g *generator) string

// goodIngresses must stay silent. All but the first few look like one of the faults.
var goodIngresses = []scene{
	func(g *generator) string {
		a := g.shared()
		g.add(a.edge(), g.served(a).document())
		return "ingress: TLS"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "ingress: CA beside it"
	},
	func(g *generator) string {
		a := g.shared()
		a.outward = true
		i := g.served(a, mtls(pkiNamespace+"/"+a.team+"-clients")...)
		g.add(a.edge(), i.document())
		return "ingress: CA in another namespace"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.certs(), certificate(a.namespace, a.name+"-"+i.part+"-ca", "ca."+a.host(i.part)))
		return "ingress: CA by a Certificate"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), sealed(a.namespace, a.name+"-"+i.part+"-ca", "ca.crt"))
		return "ingress: CA by a SealedSecret"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), externalSecret(a.namespace, a.name+"-"+i.part+"-ca"))
		return "ingress: CA by an ExternalSecret"
	},
	func(g *generator) string {
		a := g.shared()
		a.outward = true
		g.add(a.edge(), g.served(a, mtls(a.namespace+"/company-clients")...).document())
		return "ingress: CA by a Bundle"
	},
	func(g *generator) string {
		a := g.shared()
		g.add(a.edge(), g.served(a, mtls("pki-offline/"+a.team+"-clients")...).document())
		return "ingress: CA declared external"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.certs(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.bundle()))
		return "ingress: several CAs, one with its intermediate"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), sops(a.namespace, a.name+"-"+i.part+"-ca"))
		return "ingress: CA encrypted by SOPS"
	},
	func(g *generator) string {
		// The second leaves out what is the default anyway.
		a := g.shared()
		i := g.served(a)
		j := g.servedOn(a, i.host)
		ca := a.namespace + "/" + a.name + "-" + i.part + "-ca"
		i.notes = append(i.notes, mtls(ca)...)
		j.notes = append(j.notes, note{"auth-tls-secret", ca}, note{"auth-tls-verify-depth", `"2"`})
		i.class, j.class, j.tls = "nginx", "nginx", i.tls
		g.add(a.edge(), i.document())
		g.add(a.edge(), j.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "ingress: equal policies on one host"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, note{"proxy-ssl-secret", a.namespace + "/" + a.name + "-" + i.part + "-upstream"},
			note{"proxy-ssl-verify", `"on"`}, note{"proxy-ssl-verify-depth", `"3"`}, note{"backend-protocol", "HTTPS"},
			note{"proxy-ssl-name", a.name + "." + a.namespace + ".svc"}, note{"proxy-ssl-server-name", `"on"`})
		g.add(a.edge(), i.document())
		g.add(a.secrets(), g.keyPair(a.namespace, a.name+"-"+i.part+"-upstream", a.host(i.part), entry{"ca.crt", g.bundle()}))
		return "ingress: CA of the backend"
	},
}
