package corpus

import "strings"

// ingressFaults are the faulty scenes of Ingresses. Each fault is marked on the line it must be reported at.
var ingressFaults = []scene{
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-cas"+mark("ingress-nginx/client-ca-missing"))...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "client-ca-missing: misspelt"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.tls = "" // only the annotation refers to anything
		i.notes = append([]note{{"auth-tls-verify-client", `"on"`}},
			note{"auth-tls-secret", a.namespace + "/" + a.name + "-" + i.part + "-ca" + mark("ingress-nginx/plain-http-open")},
			note{"auth-tls-verify-depth", `"0"` + mark("ingress-nginx/verify-depth-invalid")})
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "verify-depth-invalid: zero"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca",
			note{"ssl-passthrough", `"true"` + mark("ingress-nginx/passthrough-defeats-mtls")})...)
		g.add(a.edge(), i.document())
		g.add(a.certs(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "passthrough-defeats-mtls: on one Ingress"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca"+mark("ingress-nginx/client-ca-without-certificate"))...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), g.keyPair(a.namespace, a.name+"-"+i.part+"-ca", a.host(i.part)))
		return "client-ca-without-certificate: a key pair"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, note{"auth-tls-secret", a.namespace + "/" + a.name + "-" + i.part + "-ca"})
		i.onAnnotations = mark("ingress-nginx/verify-depth-unset")
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.bundle()))
		return "verify-depth-unset"
	},
	func(g *generator) string {
		return g.conflict(nil)
	},
	func(g *generator) string {
		// Its sibling writes down what is the default, so that the two agree.
		a := g.shared()
		i := g.served(a)
		j := g.servedOn(a, i.host)
		i.class, j.class, j.tls = "nginx", "nginx", i.tls
		ca := a.namespace + "/" + a.name + "-" + i.part + "-ca"
		i.notes = append(i.notes, note{"auth-tls-secret", ca})
		i.onAnnotations = mark("ingress-nginx/verify-depth-unset")
		j.notes = append(j.notes, note{"auth-tls-secret", ca}, note{"auth-tls-verify-depth", `"1"`})
		g.add(a.edge(), i.document())
		g.add(a.edge(), j.document())
		g.add(a.certs(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "verify-depth-unset: beside one that sets it"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.expired()+mark("certificates/ca-expired")))
		return "ca-expired: an Ingress's only one"
	},
	func(g *generator) string {
		a := g.own()
		i := ingress{app: a, part: a.part(), class: "nginx", tls: wildcard}
		i.notes = mtls(a.namespace + "/" + a.name + "-offsite" + markOnce("references/unresolved", a.namespace+"/"+a.name+"-offsite"))
		g.add(a.edge(), i.document())
		j := i
		j.part = a.part()
		g.add(a.edge(), j.document())
		return "unresolved: client CA, of two Ingresses"
	},
	func(g *generator) string {
		a := g.shared()
		a.outward = true
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.team+"-clients"+mark("ingress-nginx/client-ca-missing"))...)
		g.add(a.edge(), i.document())
		return "client-ca-missing: in another namespace"
	},
	func(g *generator) string {
		a := g.own()
		g.complete = append(g.complete, a.namespace)
		i := ingress{app: a, part: a.part(), class: "nginx", tls: wildcard}
		i.notes = mtls(a.namespace + "/" + a.name + "-handmade" + mark("ingress-nginx/client-ca-missing"))
		g.add(a.edge(), i.document())
		return "client-ca-missing: in a complete namespace"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/quite-another-thing"+mark("ingress-nginx/client-ca-missing"))...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "client-ca-missing: among its siblings"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca"+mark("ingress-nginx/client-ca-without-certificate"))...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", ""))
		return "client-ca-without-certificate: empty"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca"+mark("ingress-nginx/client-ca-without-certificate"))...)
		g.add(a.edge(), i.document())
		g.add(a.secrets(), sealed(a.namespace, a.name+"-"+i.part+"-ca", "tls.crt", "tls.key"))
		return "client-ca-without-certificate: promised without one"
	},
	func(g *generator) string { return g.depth(`"deep"`) },
	func(g *generator) string { return g.depth(`"-1"`) },
	func(g *generator) string { return g.depth(`"40"`) },
	func(g *generator) string { return g.depth(`" 2 "`) },
	func(g *generator) string { return g.depth(`"2147483648"`) },
	func(g *generator) string {
		// One protects what the other passes through, from another namespace.
		a, b := g.shared(), g.shared()
		a.outward, b.outward = true, true
		i := g.served(a)
		j := g.servedOn(b, i.host)
		i.class, j.class = "nginx", "nginx"
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca"+mark("ingress-nginx/passthrough-defeats-mtls"))...)
		j.notes = append(j.notes, note{"ssl-passthrough", `"true"` + mark("ingress-nginx/passthrough-defeats-mtls")})
		g.add(a.edge(), i.document())
		g.add(b.edge(), j.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "passthrough-defeats-mtls: from another namespace"
	},
	func(g *generator) string {
		return g.conflict(g.shared())
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		g.add(a.edge(), i.document())
		g.add(a.certs(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()+g.expired()+mark("certificates/ca-expired")))
		return "ca-expired: one of two"
	},
	func(g *generator) string {
		a := g.own()
		i := ingress{app: a, part: a.part(), class: "nginx", tls: a.name + "-by-hand"}
		i.tlsMark = markOnce("references/unresolved", a.namespace+"/"+i.tls)
		g.add(a.edge(), i.document())
		return "unresolved: server certificate"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.class = "haproxy-edge"
		d := i.document()
		// Without the annotations that only ingress-nginx reads, and with a class that nobody knows.
		d.text = strings.ReplaceAll(d.text, nginxPrefix, "haproxy.org/")
		d.text = strings.Replace(d.text, "  name: "+d.id.Name+"\n", "  name: "+d.id.Name+markOnce("references/controller-unknown", "class haproxy-edge")+"\n", 1)
		g.add(a.edge(), d)
		return "controller-unknown"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, note{"auth-tls-secret", a.namespace + "/" + a.name + "-" + i.part + "-ca"},
			note{"auth-tls-verify-depth", `"2"`}, note{"auth-tls-verify-client", "on" + mark("manifests/wrong-type")})
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "wrong-type: on without quotes"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, note{"auth-tls-verify-client", `"off"`})
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		i.notes[len(i.notes)-2].value += mark("manifests/duplicate-key")
		g.add(a.edge(), i.document())
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "duplicate-key"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-cas"+mark("ingress-nginx/client-ca-missing"))...)
		g.add(a.dir+"/exported.yaml", listed(i.document()))
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "client-ca-missing: in a List"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-cas"+mark("ingress-nginx/client-ca-missing"))...)
		name := a.dir + "/windows.yaml"
		g.add(name, service(a, a.name+"-"+i.part, ""))
		g.add(name, i.document())
		g.files[name].crlf = true
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "client-ca-missing: with CRLF"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, note{"auth-tls-secret", a.namespace + "/" + a.name + "-" + i.part + "-ca"},
			note{"auth-tls-verify-client", "optional_no_ca" + mark("ingress-nginx/clients-not-verified")})
		g.add(a.edge(), i.document())
		g.add(a.certs(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "clients-not-verified: no depth needed either"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a)
		j := g.servedOn(a, i.host, note{"ssl-passthrough", `"true"` + mark("ingress-nginx/canary-tls-ignored")},
			note{"canary", `"true"`}, note{"canary-weight", `"5"`})
		k := g.served(a, note{"ssl-passthrough", `"true"`})
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca")...)
		i.class, j.class, k.class, j.tls = "nginx", "nginx", "nginx", i.tls
		for _, x := range []ingress{i, j, k} {
			g.add(a.edge(), x.document())
		}
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		return "canary-tls-ignored: passthrough, and that of another host"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a, mtls(a.namespace+"/nobody-reads-this"+mark("ingress-nginx/annotations-for-another-controller"))...)
		i.class = "traefik"
		g.add(a.edge(), i.document())
		return "annotations-for-another-controller: Traefik's"
	},
	func(g *generator) string {
		a := g.shared()
		i := g.served(a, note{"auth-tls-verify-depth", `"none"`},
			note{"auth-tls-pass-certificate-to-upstream", `"true"` + mark("ingress-nginx/client-options-without-ca")})
		g.add(a.edge(), i.document())
		return "client-options-without-ca: a depth"
	},
	func(g *generator) string {
		// Faulty, and excused by the config: neither reported nor missed.
		a := g.shared()
		i := g.served(a)
		i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-cas")...)
		d := i.document()
		g.add(a.edge(), d)
		g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
		g.exempt = append(g.exempt, d.id.String())
		g.count.Suppressed++
		return "exempted"
	},
}

// conflict puts two policies on one host; of one app, or of two.
func (g *generator) conflict(b *app) string {
	a := g.shared()
	name := "client-ca-conflict: across namespaces"
	if b == nil {
		b, name = a, "client-ca-conflict: in one namespace"
	} else {
		a.outward, b.outward = true, true
	}
	i := g.served(a)
	j := g.servedOn(b, i.host)
	i.class, j.class = "nginx", "nginx"
	if a == b {
		j.tls = i.tls
	}
	conflict := mark("ingress-nginx/client-ca-conflict")
	i.notes = append(i.notes, mtls(a.namespace+"/"+a.name+"-"+i.part+"-ca"+conflict)...)
	j.notes = append(j.notes, mtls(b.namespace+"/"+b.name+"-"+j.part+"-ca"+conflict)...)
	g.add(a.edge(), i.document())
	g.add(b.edge(), j.document())
	g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.pki.roots[0]))
	g.add(b.secrets(), caSecret(b.namespace, b.name+"-"+j.part+"-ca", g.pki.roots[1]))
	return name
}

// depth sets a depth that is none.
func (g *generator) depth(value string) string {
	a := g.shared()
	i := g.served(a)
	i.notes = append(i.notes, note{"auth-tls-secret", a.namespace + "/" + a.name + "-" + i.part + "-ca"},
		note{"auth-tls-verify-depth", value + mark("ingress-nginx/verify-depth-invalid")})
	g.add(a.edge(), i.document())
	g.add(a.secrets(), caSecret(a.namespace, a.name+"-"+i.part+"-ca", g.root()))
	return "verify-depth-invalid: " + value
}
