package corpus

import (
	"fmt"
	"strings"
)

const gatewayTemplate = `
# Listeners of {app}; the load balancer is shared by everything in the class.
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
    app.kubernetes.io/managed-by: flux
  annotations:
    external-dns.alpha.kubernetes.io/ttl: "60"{annotations}
spec:
  gatewayClassName: {class}{frontend}
  listeners:
    - name: http
      protocol: HTTP
      port: 80
      hostname: "{host}"
      allowedRoutes:
        namespaces:
          from: Same
    - name: https
      protocol: HTTPS
      port: 443
      hostname: "{host}"
      tls:
        mode: Terminate
        certificateRefs:
          - kind: Secret{refMark}
            name: {secret}{secretNamespace}
      allowedRoutes:
        namespaces:
          from: Selector
          selector:
            matchLabels:
              example.com/team: {team}
`

// gateway is one Gateway of an app; fields that are empty leave their part of the text out.
type gateway struct {
	app                                        *app
	part                                       string
	secret, secretNamespace, refMark, frontend string
	annotations                                string
}

func (w gateway) document() document {
	namespace := w.secretNamespace
	if namespace != "" {
		namespace = "\n            namespace: " + namespace
	}
	class := "eg"
	if len(w.part)%3 == 0 {
		class = "istio" // not in the tree: assumed by its name
	}
	d := object("gateway.networking.k8s.io", "Gateway", w.app.namespace, w.app.name+"-"+w.part, gatewayTemplate,
		"{app}", w.app.name, "{team}", w.app.team, "{class}", class, "{host}", w.app.host(w.part),
		"{annotations}", w.annotations, "{frontend}", w.frontend, "{secret}", w.secret, "{secretNamespace}", namespace,
		"{refMark}", w.refMark)
	d.tls = true
	return d
}

// listening is a Gateway whose certificate is promised or kept beside it.
func (g *generator) listening(a *app) gateway {
	part := a.part()
	w := gateway{app: a, part: part, secret: a.name + "-" + part + "-listener"}
	if g.rand.IntN(4) == 0 {
		g.add(a.secrets(), g.keyPair(a.namespace, w.secret, a.host(part)))
	} else {
		g.add(a.certs(), certificate(a.namespace, w.secret, a.host(part)))
	}
	return w
}

const frontendTemplate = `
  tls:
    frontend:
      default:
        validation:
          caCertificateRefs:
            - group: ""
              kind: ConfigMap
              name: {ca}{caNamespace}`

// frontend asks for client certificates. The finding is expected at the first line of the reference.
func frontend(ca, namespace, mark string) string {
	if namespace != "" {
		namespace = "\n              namespace: " + namespace
	}
	text := strings.NewReplacer("{ca}", ca, "{caNamespace}", namespace).Replace(frontendTemplate)
	return strings.Replace(text, `- group: ""`, `- group: ""`+mark, 1)
}

const grantTemplate = `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata:
  name: {name}
  namespace: {namespace}
spec:
  from:
    - group: gateway.networking.k8s.io
      kind: Gateway
      namespace: {from}
  to:
    - group: ""{mark}
      kind: {kind}
      name: {target}
`

func grant(namespace, from, kind, name, mark string) document {
	return object("gateway.networking.k8s.io", "ReferenceGrant", namespace, "from-"+from, grantTemplate, "{from}", from, "{kind}", kind, "{target}", name, "{mark}", mark)
}

var goodGateways = []scene{
	func(g *generator) string {
		a := g.shared()
		g.add(a.gateways(), g.listening(a).document())
		return "gateway: TLS"
	},
	func(g *generator) string {
		a := g.shared()
		w := gateway{app: a, part: a.part()}
		w.secret, w.secretNamespace = a.name+"-"+w.part+"-listener", "tls-"+a.name
		g.add(a.gateways(), w.document())
		g.add(a.certs(), certificate(w.secretNamespace, w.secret, a.host(w.part)))
		g.add(a.certs(), grantOnce(a, w.part, w.secretNamespace, w.secret))
		return "gateway: granted across namespaces"
	},
	func(g *generator) string {
		a := g.shared()
		w := gateway{app: a, part: a.part(), annotations: "\n    cert-manager.io/cluster-issuer: letsencrypt"}
		w.secret = a.name + "-" + w.part + "-listener"
		g.add(a.gateways(), w.document())
		return "gateway: certificate by an annotation"
	},
	func(g *generator) string {
		a := g.shared()
		w := g.listening(a)
		w.frontend = frontend(a.name+"-"+w.part+"-clients", "", "")
		g.add(a.gateways(), w.document())
		g.add(a.certs(), configMap(a.namespace, a.name+"-"+w.part+"-clients", entry{"ca.crt", g.bundle()}))
		return "gateway: client CA beside it"
	},
	func(g *generator) string {
		a := g.shared()
		a.outward = true
		w := g.listening(a)
		w.frontend = frontend("company-roots", "", "")
		g.add(a.gateways(), w.document())
		return "gateway: client CA by a Bundle"
	},
}

// grantOnce names the grant after the part, since an app may have several.
func grantOnce(a *app, part, namespace, secret string) document {
	d := grant(namespace, a.namespace, "Secret", secret, "")
	d.text = strings.Replace(d.text, "  name: "+d.id.Name+"\n", "  name: "+d.id.Name+"-"+part+"\n", 1)
	d.id.Name += "-" + part
	return d
}

var gatewayFaults = []scene{
	func(g *generator) string {
		a := g.shared()
		w := gateway{app: a, part: a.part()}
		w.secret = a.name + "-" + w.part + "-listner"
		w.refMark = mark("gateway-api/listener-certificate-missing")
		g.add(a.gateways(), w.document())
		g.add(a.certs(), certificate(a.namespace, a.name+"-"+w.part+"-listener", a.host(w.part)))
		return "listener-certificate-missing: absent"
	},
	func(g *generator) string {
		a := g.shared()
		w := gateway{app: a, part: a.part(), refMark: mark("gateway-api/listener-certificate-missing")}
		w.secret, w.secretNamespace = a.name+"-"+w.part+"-listener", fmt.Sprintf("vault-%s-%s", a.name, w.part)
		g.add(a.gateways(), w.document())
		g.add(a.certs(), certificate(w.secretNamespace, w.secret, a.host(w.part)))
		g.add(a.certs(), grant(w.secretNamespace, a.team+"-edge", "Secret", w.secret, ""))
		return "listener-certificate-missing: granted to another namespace"
	},
	func(g *generator) string {
		a := g.shared()
		w := g.listening(a)
		w.frontend = frontend(a.name+"-"+w.part+"-clients", fmt.Sprintf("trust-%s-%s", a.name, w.part), mark("gateway-api/frontend-ca-missing"))
		g.add(a.gateways(), w.document())
		namespace := fmt.Sprintf("trust-%s-%s", a.name, w.part)
		g.add(a.certs(), configMap(namespace, a.name+"-"+w.part+"-clients", entry{"ca.crt", g.root()}))
		g.add(a.certs(), grant(namespace, a.namespace, "Secret", a.name+"-"+w.part+"-clients", mark("gateway-api/grant-unused")))
		return "frontend-ca-missing: granted for another kind"
	},
	func(g *generator) string {
		a := g.shared()
		w := g.listening(a)
		w.frontend = frontend(a.name+"-"+w.part+"-client", "", mark("gateway-api/frontend-ca-missing"))
		g.add(a.gateways(), w.document())
		g.add(a.certs(), configMap(a.namespace, a.name+"-"+w.part+"-clients", entry{"ca.crt", g.root()}))
		return "frontend-ca-missing: absent"
	},
	func(g *generator) string {
		a := g.own()
		w := gateway{app: a, part: a.part()}
		w.secret, w.secretNamespace = a.name+"-"+w.part+"-listener", fmt.Sprintf("foreign-%s-%s", a.name, w.part)
		w.refMark = markOnce("references/unresolved", w.secretNamespace+"/"+w.secret)
		g.add(a.gateways(), w.document())
		return "unresolved: no grant in sight"
	},
	func(g *generator) string {
		a := g.shared()
		w := g.listening(a)
		w.frontend = frontend(a.name+"-"+w.part+"-clients", "", "")
		g.add(a.gateways(), w.document())
		g.add(a.certs(), configMap(a.namespace, a.name+"-"+w.part+"-clients", entry{"ca.crt", g.expired() + mark("certificates/ca-expired")}))
		return "ca-expired: of a Gateway"
	},
	func(g *generator) string {
		// The grant stands beside the Gateway instead of the Secret.
		a := g.own()
		w := gateway{app: a, part: a.part(), refMark: mark("gateway-api/listener-certificate-missing")}
		w.secret, w.secretNamespace = a.name+"-"+w.part+"-listener", fmt.Sprintf("keys-%s-%s", a.name, w.part)
		g.add(a.gateways(), w.document())
		g.add(a.certs(), certificate(w.secretNamespace, w.secret, a.host(w.part)))
		d := grantOnce(a, w.part, a.namespace, w.secret)
		d.text = strings.Replace(d.text, "      namespace: "+a.namespace+"\n", "      namespace: "+a.namespace+mark("gateway-api/grant-inert")+"\n", 1)
		g.add(a.gateways(), d)
		return "listener-certificate-missing: grant in the wrong namespace"
	},
}
