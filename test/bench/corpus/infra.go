package corpus

import (
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// pkiNamespace holds the CAs that several teams use.
const pkiNamespace = "platform-pki"

// classes are the Ingress classes that only the config knows.
var classes = map[string]string{"internal": "ingress-nginx"}

const classTemplate = `
apiVersion: {version}
kind: {kind}
metadata:
  name: {name}
spec:
  {field}: {controller}
`

func class(group, version, kind, name, field, controller string) document {
	return object(group, kind, "", name, classTemplate,
		"{version}", group+"/"+version, "{kind}", kind, "{field}", field, "{controller}", controller)
}

const trustTemplate = `
# Made in every namespace by trust-manager.
apiVersion: trust.cert-manager.io/v1alpha1
kind: Bundle
metadata:
  name: {name}
spec:
  sources:
    - useDefaultCAs: false
    - configMap:
        name: company-sources
        key: {source}
  target:
    {target}:
      key: ca.crt
`

// infrastructure adds what the scenes of all apps share. The single file does without.
func (g *generator) infrastructure() {
	if g.spec.Files == 1 {
		return
	}
	const classesFile = "infra/gateways/classes.yaml"
	g.add("infra/ingress-nginx/class.yaml", class("networking.k8s.io", "v1", "IngressClass", "nginx", "controller", "k8s.io/ingress-nginx"))
	g.add(classesFile, class("gateway.networking.k8s.io", "v1", "GatewayClass", "eg", "controllerName", "gateway.envoyproxy.io/gatewayclass-controller"))
	edge := &app{team: "platform", name: "edge", namespace: "edge", dir: "infra/gateways", outward: true}
	for _, name := range []string{"public", "mesh"} {
		w := gateway{app: edge, part: name, secret: wildcard}
		d := w.document()
		// Of all hosts, with a certificate that is kept elsewhere.
		d.text = strings.ReplaceAll(d.text, edge.host(name), "*.example.com")
		d.text = strings.Replace(d.text, "  name: edge-"+name+"\n", "  name: "+name+"\n", 1)
		d.id.Name = name
		g.add("infra/gateways/shared.yaml", d)
	}
	for _, team := range teams[:min(len(teams), len(g.apps))] {
		g.add("infra/certs/clients.yaml", caSecret(pkiNamespace, team+"-clients", g.root()))
	}
	for _, b := range [][2]string{{"company-roots", "configMap"}, {"company-clients", "secret"}} {
		g.add("infra/trust/bundles.yaml", object("trust.cert-manager.io", "Bundle", "", b[0], trustTemplate,
			"{source}", b[0]+".pem", "{target}", b[1]))
	}
	g.external = []kube.ID{
		{Kind: "Secret", Namespace: "*", Name: wildcard},
		{Kind: "Secret", Namespace: "pki-offline", Name: "*"},
	}
}

// scenes adds the TLS objects: the faulty ones first, so that a small tree has them too.
func (g *generator) scenes() {
	if g.spec.Files == 1 {
		g.single()
		return
	}
	total := int(g.spec.TLS * float64(g.spec.Objects))
	faulty := int(g.spec.Faulty * float64(total))
	faults := interleave(ingressFaults, policyFaults, gatewayFaults)
	for n := 0; n < g.spec.Faults || g.count.TLS < faulty; n++ {
		g.count.Faults[faults[n%len(faults)](g)]++
	}
	good := interleave(goodIngresses, goodPolicies, goodGateways)
	for n := 0; g.count.TLS < total; n++ {
		g.count.Decoys[good[n%len(good)](g)]++
	}
}

// single is the tree of one file, as an editor or a pre-commit hook sees it.
func (g *generator) single() {
	a := newApp(0)
	i := ingress{app: a, part: a.part(), class: "nginx", tls: "web-tls"}
	i.notes = append([]note{{"cert-manager.io/cluster-issuer", "letsencrypt"}},
		mtls(a.namespace+"/"+a.name+"-client-ca"+mark("ingress-nginx/client-ca-missing"))...)
	name := "web.yaml"
	g.add(name, i.document())
	g.add(name, caSecret(a.namespace, a.name+"-clients-ca", g.root()))
	g.add(name, service(a, a.name+"-"+i.part, ""))
	g.add(name, object("apps", "Deployment", a.namespace, a.name+"-"+i.part, deploymentTemplate,
		"{app}", a.name, "{team}", a.team, "{number}", "256"))
	g.count.Faults["client-ca-missing: misspelt"]++
}

// interleave takes from each list in turn, in proportion to their lengths.
func interleave(lists ...[]scene) []scene {
	longest := 0
	for _, list := range lists {
		longest = max(longest, len(list))
	}
	var out []scene
	for i := range longest {
		for _, list := range lists {
			// The j-th of a list of n stands at j*longest/n.
			for j := range list {
				if j*longest/len(list) == i {
					out = append(out, list[j])
				}
			}
		}
	}
	return out
}

// config is the tree's .tlsward.yaml.
func (g *generator) config() string {
	if len(g.external) == 0 {
		return ""
	}
	var b strings.Builder
	// Some CAs are kept in a namespace of their own, which the controller must be told to permit.
	b.WriteString("controllers:\n  settings:\n    ingress-nginx: {allow-cross-namespace-resources: \"true\"}\n  classes:\n")
	for _, name := range kube.SortedKeys(classes) {
		b.WriteString("    " + name + ": " + classes[name] + "\n")
	}
	b.WriteString("# What the tree cannot tell.\nexternal:\n")
	for _, id := range g.external {
		b.WriteString("  - " + id.String() + "\n")
	}
	if len(g.complete) > 0 {
		b.WriteString("complete: [" + strings.Join(g.complete, ", ") + "]\n")
	}
	if len(g.exempt) > 0 {
		b.WriteString("exemptions:\n")
	}
	for _, object := range g.exempt {
		b.WriteString("  - rules: [ingress-nginx/client-ca-missing]\n    objects: [" + object + "]\n    reason: decommissioned at the end of the month\n")
	}
	return b.String()
}

const kustomizationText = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
`

// kustomize gives every app whose references stay within its folder a kustomization.yaml, and so a root of its own.
func (g *generator) kustomize() {
	if !g.spec.Kustomized {
		return
	}
	byDir := map[string][]string{}
	for _, name := range kube.SortedKeys(g.files) {
		if i := strings.LastIndex(name, "/"); i >= 0 {
			byDir[name[:i]] = append(byDir[name[:i]], name[i+1:])
		}
	}
	for _, a := range g.apps {
		if names := byDir[a.dir]; !a.outward && len(names) > 0 {
			text := kustomizationText
			for _, name := range names {
				text += "  - " + name + "\n"
			}
			g.add(a.dir+"/kustomization.yaml", document{id: kube.ID{Group: "kustomize.config.k8s.io", Kind: "Kustomization"}, text: text})
		}
	}
}
