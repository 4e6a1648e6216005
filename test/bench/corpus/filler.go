package corpus

import (
	"fmt"
	"strconv"
	"strings"
)

const serviceTemplate = `
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {app}
    app.kubernetes.io/managed-by: flux{annotations}
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/instance: {app}
  ports:
    - name: http
      port: 8080
      targetPort: http
      protocol: TCP
    - name: health # probes only, not routed
      port: 8081
      targetPort: health
      protocol: TCP
`

func service(a *app, name, annotations string) document {
	if annotations != "" {
		annotations = "\n  annotations:\n    " + annotations
	}
	return object("", "Service", a.namespace, name, serviceTemplate, "{app}", a.name, "{annotations}", annotations)
}

const routeTemplate = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
spec:
  parentRefs:
    - name: {gateway}
      namespace: edge
      sectionName: https
  hostnames:
    - {host}
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier:
            set:
              - name: X-Forwarded-Proto
                value: https
      backendRefs:
        - name: {name}
          port: 8080
`

func route(a *app, name, host, gateway string) document {
	return object("gateway.networking.k8s.io", "HTTPRoute", a.namespace, name, routeTemplate,
		"{app}", a.name, "{host}", host, "{gateway}", gateway)
}

const settingsTemplate = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
data:
  LOG_LEVEL: info
  # Changed for the incident of March; see the post-mortem before raising it.
  MAX_CONNECTIONS: "{number}"
  FEATURES: "search,export,bulk-{number}"
  application.yaml: |
    server:
      port: 8080
      shutdown: graceful
    datasource:
      url: jdbc:postgresql://db.{namespace}.svc:5432/{app}
      pool: {number}
    clients:
      - name: ledger
        timeout: 2s
      - name: profile
        timeout: 500ms
`

const credentialsTemplate = `
apiVersion: v1
kind: Secret
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
type: Opaque
data:
  username: {username}
  password: {password}
`

// irrelevant fills a tree: kinds that tlsward passes over, 0.5 to 2 KB each.
var irrelevant = []struct{ group, kind, template string }{
	{"apps", "Deployment", deploymentTemplate},
	{"", "ServiceAccount", serviceAccountTemplate},
	{"rbac.authorization.k8s.io", "Role", roleTemplate},
	{"autoscaling", "HorizontalPodAutoscaler", autoscalerTemplate},
	{"networking.k8s.io", "NetworkPolicy", networkPolicyTemplate},
	{"rbac.authorization.k8s.io", "RoleBinding", roleBindingTemplate},
	{"batch", "CronJob", cronJobTemplate},
	{"policy", "PodDisruptionBudget", budgetTemplate},
	{"monitoring.coreos.com", "ServiceMonitor", monitorTemplate},
}

// fill brings a tree to its size, spreading documents over files of every app.
func (g *generator) fill() {
	g.fillerFiles()
	relevant := int(g.spec.Relevant * float64(g.spec.Objects))
	for n := 0; g.count.Relevant < relevant && g.count.Objects < g.spec.Objects; n++ {
		g.relevantFiller(n)
	}
	for n := 0; g.count.Objects < g.spec.Objects; n++ {
		a, name := g.place(n)
		k := irrelevant[n%len(irrelevant)]
		g.add(name, object(k.group, k.kind, a.namespace, fmt.Sprintf("%s-%s-%d", a.name, pick(g, parts), n), k.template,
			"{app}", a.name, "{team}", a.team, "{number}", strconv.Itoa(100+n%900)))
	}
}

// fillerFiles names as many files as are missing. Every app has files of each topic before one has a second.
func (g *generator) fillerFiles() {
	topics := []string{"workload", "rbac", "settings", "jobs", "monitoring", "policies"}
	missing := g.spec.Files - len(g.files)
	for n := 0; len(g.fillerFile) < max(1, missing) && g.spec.Files > 1; n++ {
		a := g.apps[n%len(g.apps)]
		topic := topics[n/len(g.apps)%len(topics)]
		if round := n / len(g.apps) / len(topics); round > 0 {
			topic += "-" + strconv.Itoa(round)
		}
		g.fillerFile = append(g.fillerFile, a.dir+"/"+topic+".yaml")
	}
}

// place is where the n-th filler goes: its file, and the app that it belongs to.
func (g *generator) place(n int) (*app, string) {
	i := n % len(g.fillerFile)
	return g.apps[i%len(g.apps)], g.fillerFile[i]
}

func (g *generator) relevantFiller(n int) {
	a, file := g.place(n)
	name := fmt.Sprintf("%s-%s-%d", a.name, pick(g, parts), n)
	pairs := []string{"{app}", a.name, "{number}", strconv.Itoa(100 + n%900)}
	switch n % 16 {
	case 0, 1, 2, 3, 4:
		annotations := ""
		if k := n / 16; n%16 == 0 && k < g.spec.Synthetic {
			annotations = syntheticAnnotation + ": " + strconv.Quote(syntheticName(k)) + mark(syntheticRule(k))
		}
		g.add(file, service(a, name, annotations))
	case 5, 6, 7, 8:
		g.add(file, object("", "ConfigMap", a.namespace, name+"-settings", settingsTemplate, pairs...))
	case 9, 10:
		g.add(file, route(a, name, a.host("r"+strconv.Itoa(n)), "public"))
	case 11, 12:
		g.add(file, object("", "Secret", a.namespace, name+"-credentials", credentialsTemplate, append(pairs,
			"{username}", encode("throw-away"), "{password}", encode(strings.Repeat("x", 8+n%24)))...))
	case 13:
		g.add(file, certificate(a.namespace, name+"-mesh", a.host("m"+strconv.Itoa(n))))
	case 14:
		// Plain HTTP: an Ingress, and nothing to do with TLS.
		g.add(file, ingress{app: a, part: "plain" + strconv.Itoa(n), class: "nginx"}.document())
	default:
		g.sourceFault(a, file, name, n)
	}
}

// sourceFault is now and then a fault that only the text shows; else a Service.
func (g *generator) sourceFault(a *app, file, name string, n int) {
	d := service(a, name, "")
	if g.spec.Faulty == 0 || n/16%40 != 0 {
		g.add(file, d)
		return
	}
	switch n / 16 / 40 % 3 {
	case 0:
		d.text = strings.Replace(d.text, "  type: ClusterIP\n", "  type: ClusterIP\n  sessionAfinity: None"+mark("manifests/unknown-field")+"\n", 1)
	case 1:
		d.text = strings.Replace(d.text, "      targetPort: health\n", "      targetPort: health\n      port: 8082"+mark("manifests/duplicate-key")+"\n", 1)
	default:
		g.add(file, d)
		// A Service twice has nothing to do with TLS, and is no finding.
		file = a.dir + "/zz-legacy.yaml"
	}
	g.count.Faults["manifests"]++
	g.add(file, d)
}
