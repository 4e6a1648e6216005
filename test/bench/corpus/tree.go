package corpus

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// generator holds a tree while it grows.
type generator struct {
	spec  Spec
	rand  *rand.Rand
	pki   *authorities
	files map[string]*file
	// apps are shared by many scenes; lone counts those of their own, whose namespaces hold nothing else.
	apps       []*app
	nextApp    int
	lone       int
	fillerFile []string
	external   []kube.ID
	complete   []string
	exempt     []string
	subjects   []want
	count      Count
}

// app is one folder of one team, and a namespace.
type app struct {
	team, name, namespace, dir string
	parts                      int
	// alone: filler must put no Secret and no ConfigMap here, or it would be evidence of what is missing.
	alone bool
	// outward: something here refers to, or shares something with, what is in another folder.
	outward bool
}

// document is one YAML document with its marks.
type document struct {
	id   kube.ID
	tls  bool
	text string
}

type file struct {
	name string
	docs []document
	crlf bool
}

// want is a Want with what it could not be judged for.
type want struct {
	Want
	subject string
}

// Marks stand in the generator's text only: a line's findings follow it after markByte, and are cut off on writing. So
// an expectation stands on the very line it is about, and cannot drift from it.
const (
	markByte    = '\x01'
	subjectByte = '\x02'
)

// mark ends a line on which a finding of the rule is expected.
func mark(rule string) string { return string(markByte) + rule }

// markOnce is mark for findings that are said once for a subject.
func markOnce(rule, subject string) string { return mark(rule) + string(subjectByte) + subject }

// render writes a file and takes the marks out.
func (f *file) render() (data []byte, wants []want) {
	var b bytes.Buffer
	line, end := 0, "\n"
	if f.crlf {
		end = "\r\n"
	}
	for i, doc := range f.docs {
		if i > 0 {
			b.WriteString("---" + end)
			line++
		}
		for text := range strings.Lines(doc.text) {
			line++
			text = strings.TrimSuffix(text, "\n")
			marks := strings.Split(text, string(markByte))
			b.WriteString(marks[0])
			b.WriteString(end)
			for _, m := range marks[1:] {
				rule, subject, _ := strings.Cut(m, string(subjectByte))
				wants = append(wants, want{Want{rule, f.name, line, doc.id.String()}, subject})
			}
		}
	}
	return b.Bytes(), wants
}

// add appends a document to a file.
func (g *generator) add(name string, doc document) {
	f := g.files[name]
	if f == nil {
		f = &file{name: name}
		g.files[name] = f
	}
	f.docs = append(f.docs, doc)
	g.count.Objects++
	if doc.tls {
		g.count.TLS++
	}
	if relevantKinds[doc.id.GroupKind()] {
		g.count.Relevant++
	}
}

// object makes a document of a template, in which {group} and the like are replaced; {name} and {namespace} are filled
// in from the identity.
func object(group, kind, namespace, name, template string, pairs ...string) document {
	pairs = append(pairs, "{namespace}", namespace, "{name}", name)
	return document{
		id:   kube.ID{Group: group, Kind: kind, Namespace: namespace, Name: name},
		text: strings.TrimLeft(strings.NewReplacer(pairs...).Replace(template), "\n"),
	}
}

// listed wraps a document in a v1 List, as kubectl get -o yaml writes it.
func listed(d document) document {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: List\nitems:\n")
	indent := "  - "
	for line := range strings.Lines(d.text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		b.WriteString(indent + line)
		indent = "    "
	}
	d.text = b.String()
	return d
}

// teams and products make the names; every app has its own combination and number.
var (
	teams = []string{
		"payments", "checkout", "catalog", "search", "identity", "logistics", "pricing", "billing", "fraud", "support",
		"mobile", "partners", "reporting", "media", "content", "loyalty", "returns", "stores", "labs", "platform",
	}
	products = []string{
		"gateway", "orders", "ledger", "profile", "cart", "tracker", "quotes", "invoices", "scoring", "tickets",
		"notify", "feeds", "exports", "images", "pages", "points", "refunds", "tills", "trials", "console",
	}
	parts = []string{"web", "api", "admin", "partner", "batch", "mobile", "internal", "callback", "upload", "stream", "legacy", "beta"}
)

// makeApps lays out the folders. 22 objects an app are a service with its surroundings.
func (g *generator) makeApps() {
	for i := range max(1, g.spec.Objects/22) {
		g.apps = append(g.apps, newApp(i))
	}
}

func newApp(i int) *app {
	team, product := teams[i%len(teams)], products[(i/len(teams)+i)%len(products)]
	a := &app{team: team, name: fmt.Sprintf("%s-%03d", product, i)}
	a.namespace = team + "-" + a.name
	a.dir = "apps/" + team + "/" + a.name
	return a
}

// shared returns the next of the apps that hold several scenes.
func (g *generator) shared() *app {
	a := g.apps[g.nextApp%len(g.apps)]
	g.nextApp++
	return a
}

// own returns an app that nothing else is in: what is absent there is absent for the reason the scene gives.
func (g *generator) own() *app {
	a := newApp(len(g.apps) + 7*g.lone + 1000)
	a.alone = true
	g.lone++
	return a
}

// part names a component of an app, each only once.
func (a *app) part() string {
	n := a.parts
	a.parts++
	if n < len(parts) {
		return parts[n]
	}
	return fmt.Sprintf("%s%d", parts[n%len(parts)], n/len(parts))
}

func (a *app) host(part string) string { return part + "." + a.name + "." + a.team + ".example.com" }

// edge, certs and gateways are the files that TLS objects and what they refer to stand in: references cross files.
func (a *app) edge() string     { return a.dir + "/edge.yaml" }
func (a *app) secrets() string  { return a.dir + "/secrets.yaml" }
func (a *app) certs() string    { return "infra/certs/" + a.team + "/" + a.name + ".yaml" }
func (a *app) gateways() string { return "infra/gateways/" + a.team + "/" + a.name + ".yaml" }
