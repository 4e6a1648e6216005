package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

func TestParse(t *testing.T) {
	p, err := Parse("acme", []byte(`
title: Acme
kinds:
  - kind: EdgeProxy.acme.example
    references:
      - &trust {role: trust, use: trust, path: spec.trust.secretRef, form: object, kind: Secret, key: ca.crt}
      - {<<: *trust, path: "spec.more[*].secretRef"}
producers:
  - {kind: Maker.acme.example, makes: Secret, names: [spec.secretName]}
`))
	if err != nil {
		t.Fatal(err)
	}
	refs := p.Kinds[0].References
	if len(refs) != 2 || refs[1].Role != "trust" || refs[1].Path.String() != "spec.more[*].secretRef" || refs[1].Namespace != NamespaceOwn {
		t.Errorf("got %+v", refs)
	}
	set := NewSet([]Provider{p})
	if got := strings.Join(set.Relevant(), " "); got != "ConfigMap EdgeProxy.acme.example Maker.acme.example Secret" {
		t.Errorf("relevant: %s", got)
	}
	if _, err := Parse("empty", nil); err != nil {
		t.Errorf("an empty file describes nothing: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	const kind = "kinds: [{kind: K.x, references: ["
	for text, want := range map[string]string{
		"kindz: []":                                                              "kindz",
		"kinds: [{references: []}]":                                              "kinds[0]: no kind",
		kind + "{path: a, kind: S}]}]":                                           "references[0]: no role",
		kind + "{role: r, kind: S}]}]":                                           "role r: no path",
		kind + "{role: r, path: a}]}]":                                           "role r: no kind",
		kind + "{role: r, path: 'a..b', kind: S}]}]":                             `path a..b`,
		kind + "{role: r, path: a, kind: S, form: nmae}]}]":                      `form "nmae"`,
		kind + "{role: r, path: a, kind: S, use: trsut}]}]":                      `use "trsut"`,
		kind + "{role: r, path: a, kind: S, namespace: foreign}]}]":              `namespace "foreign"`,
		kind + "{role: r, path: a, kind: S, form: object, after: ':'}]}]":        "after: want form name",
		kind + "{role: r, path: a, kind: S, groups: {core: ''}}]}]":              "groups: want form object",
		kind + "{role: r, path: a, kind: S, before: tls.crt}]}]":                 `before "tls.crt": want one of also`,
		kind + "{role: r, path: a, kind: S, shows: ['b[*]']}]}]":                 "shows: want fields such as spec.ports",
		kind + "{role: r, path: a, kind: Secret, shows: [b]}]}]":                 "nothing of a Secret is shown",
		"kinds: [{kind: K.x, peers: [{name: p, paths: [a], names: hots}]}]":      `names "hots": want wildcard, parent, service`,
		"kinds: [{kind: K.x, peers: [{name: p}]}]":                               "peers[0]: want a name and paths",
		"producers: [{kind: K.x}]":                                               "producers[0]: want kind, makes and names",
		"releases: [{kind: K.x, chart: spec.chart}]":                             "releases[0]: want kind, chart and values",
		"passing: [{path: metadata.labels.a}]":                                   "passing[0]: want a path and values",
		"passing: [{path: a, values: [b], every: {path: c}}]":                    "passing[0].every: want a path and a prefix",
		"passing: [metadata.labels.a]":                                           "acme/provider.yaml",
		"controllers: [{title: x}]":                                              "controllers[0]: no name",
		"controllers: [{name: x, reads: {prefix: a/}}]":                          "controllers[0].reads: want a prefix and names",
		"producers: [{kind: K.x, makes: Secret, names: [a], signer: {role: r}}]": "signer: want a role and kinds",
		"producers: [{kind: K.x, makes: Secret, names: [a], copy: true}]":        "copy: want a Secret of a Secret",
		"kept: [{kind: ConfigMap, name: a}]":                                     "kept[0]: want kind, name and by",
		"filled: [{values: [a]}]":                                                "filled: want a path",
		"filled: [{path: a, key: [b]}]":                                          "unknown field key",
		"kinds: {":                                                               "acme/provider.yaml",
	} {
		if _, err := Parse("acme", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want ...%s...", text, err, want)
		}
	}
}

// TestPassing: a label excuses nobody who does more than what the controller makes.
func TestPassing(t *testing.T) {
	p, err := Parse("acme", []byte(`
passing:
  - path: metadata.labels["acme.example/solver"]
    values: ["true"]
    every: {path: "spec.rules[*].http.paths[*].path", prefix: /.well-known/acme-challenge/}
  - {path: metadata.labels.plain, values: [a, b]}
`))
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet([]Provider{p})
	const solver = `{metadata: {labels: {acme.example/solver: "true"}}, spec: `
	for text, want := range map[string]bool{
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`:                                        true,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}, {path: /.well-known/acme-challenge/y}]}}]}}`: true,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}, {path: /}]}}]}}`:                             false,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}, {http: {paths: [{path: /}]}}]}}`:          false,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}, {pathType: Prefix}]}}]}}`:                    false,
		solver + `{rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}, {host: a.test}]}}`:                        false,
		solver + `{rules: [{http: {paths: []}}]}}`:                                                                             false,
		solver + `{rules: []}}`:        false,
		solver + `{rules: {http: 1}}}`: false,
		solver + `{}}`:                 false,
		`{metadata: {labels: {acme.example/solver: "True"}}, spec: {rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`:      false,
		`{metadata: {labels: {acme.example/solver: true}}, spec: {rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`:        false,
		`{metadata: {annotations: {acme.example/solver: "true"}}, spec: {rules: [{http: {paths: [{path: /.well-known/acme-challenge/x}]}}]}}`: false,
		`{metadata: {labels: {plain: b}}}`: true,
		`{metadata: {labels: {plain: c}}}`: false,
	} {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatal(err)
		}
		if got := set.Passing(kube.Object{Fields: fields}); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}

// TestShows: of what is only referred to, rules see the fields that are named, and an inventory keeps no others.
func TestShows(t *testing.T) {
	p, err := Parse("acme", []byte(`
kinds:
  - kind: EdgeProxy.acme.example
    references:
      - {role: backend, path: spec.service, kind: Service, form: object, shows: [spec.ports, spec.health.port, spec.absent]}
      - {role: other, path: spec.other, kind: Service}
      - {role: peer, path: spec.peer, kind: EdgeProxy, group: acme.example, shows: [spec.a]}
`))
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet([]Provider{p})
	read := func(kind, group, text string) kube.Object {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatal(err)
		}
		return kube.Object{ID: kube.ID{Group: group, Kind: kind}, Fields: fields}
	}
	service := read("Service", "", "{metadata: {name: s}, spec: {ports: [{port: 1}], health: {port: 2, path: x}, selector: {a: b}}, status: {}}")
	if got := fmt.Sprint(set.Trim(service).Fields); got != "map[metadata:map[name:s] spec:map[health:map[port:2] ports:[map[port:1]]]]" {
		t.Errorf("kept is %s", got)
	}
	proxy := read("EdgeProxy", "acme.example", "{spec: {a: b, c: d}}")
	if got := fmt.Sprint(set.Trim(proxy).Fields); got != "map[spec:map[a:b c:d]]" {
		t.Errorf("of a kind that is described is kept %s", got)
	}
	shows := func(i int, obj kube.Object) string { return fmt.Sprint(p.Kinds[0].References[i].Shown(obj)) }
	if got := shows(0, service); got != "map[spec:map[health:map[port:2] ports:[map[port:1]]]]" {
		t.Errorf("shown is %s", got)
	}
	if got := shows(1, service); got != "map[]" {
		t.Errorf("a reference that shows nothing shows %s", got)
	}
	// The field may name any kind.
	if got := shows(0, read("Secret", "", "{spec: {ports: [1]}}")); got != "map[]" {
		t.Errorf("of a Secret is shown %s", got)
	}
}

// TestReads: of what only its metadata makes something, no more than that is kept; of copies, the annotations that say so.
func TestReads(t *testing.T) {
	p, err := Parse("acme", []byte(`
kinds:
  - {kind: Shape.acme.example, cluster: true}
producers:
  - {kind: Service, makes: Secret, names: ['metadata.annotations["acme.example/secret"]']}
  - {kind: Maker.acme.example, makes: Secret, names: [spec.secretName]}
  - {kind: Several.acme.example, makes: Secret, each: [{path: "spec.list[*]"}], names: [name]}
  - kind: Secret
    makes: Secret
    copy: true
    names: [metadata.name]
    everywhere: true
    if: [{path: 'metadata.annotations["acme.example/copied"]', values: ["true"]}]
    namespaces: {lists: ['metadata.annotations["acme.example/to"]'], texts: ['metadata.annotations["acme.example/labelled"]']}
kept:
  - {kind: ConfigMap, name: acme-root, by: Acme}
filled:
  - metadata.labels.plain
  - {path: metadata.labels.valued, values: ["true"], keys: [ca.crt], only: true}
`))
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet([]Provider{p})
	for groupKind, want := range map[string]bool{
		"Service": false, "Secret": false, "Maker.acme.example": true, "Several.acme.example": true, "Shape.acme.example": true, "Other": false,
	} {
		if got := set.Reads(groupKind); got != want {
			t.Errorf("%s is read: %t", groupKind, got)
		}
	}
	if got := strings.Join(set.Marks(), " "); got != "acme.example/labelled acme.example/to acme.example/copied" {
		t.Errorf("marks: %s", got)
	}
	if !set.Cluster("Shape.acme.example") || set.Cluster("Service") || len(set.Kept()) != 1 || !set.IsRelevant("Namespace") {
		t.Error("Shape has no namespace, one thing is kept, and labels of namespaces matter")
	}
	for label, want := range map[string]string{"plain: x": "true [] false", "valued: 'true'": "true [ca.crt] true", "valued: 'no'": "false [] false"} {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte("metadata: {labels: {"+label+"}}"), &fields); err != nil {
			t.Fatal(err)
		}
		filled, keys, only := set.Filled(kube.Object{Fields: fields})
		if got := fmt.Sprint(filled, keys, only); got != want {
			t.Errorf("%s: got %s, want %s", label, got, want)
		}
	}
}

// A switch of an object is a text in an annotation, and a boolean in a field.
func TestInForce(t *testing.T) {
	p, err := Parse("acme", []byte(`kinds: [{kind: K.x, references: [{role: r, path: spec.ref, kind: Secret, unless: [{path: spec.off, values: ["true"]}]}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	for off, want := range map[any]bool{nil: true, true: false, false: true, "true": false, "no": true, 1: true} {
		obj := kube.Object{Fields: map[string]any{"spec": map[string]any{"off": off}}}
		if got := p.Kinds[0].References[0].InForce(obj); got != want {
			t.Errorf("off: %v: in force %v", off, got)
		}
	}
}

func TestPods(t *testing.T) {
	const gateways = `
controllers:
  - name: mesh
    pods: {kind: Service, labels: spec.selector, label: mesh}
    settings: [{name: where, config: true}]
kinds:
  - kind: Gateway.mesh.example
    acting: {by: mesh}
    references:
      - {role: r, path: spec.secret, form: uri, schemes: {secret: Secret, bundle: ConfigMap}, kind: Secret, key: tls.crt, over: [cert, key],
         namespace: pods, pods: {controller: mesh, selector: spec.selector, setting: where}, beside: [{path: mode, values: ["", TLS]}]}
`
	s := parsed(t, gateways)
	service := func(selector map[string]any) kube.Object {
		return kube.Object{ID: kube.ID{Kind: "Service", Namespace: "edge", Name: "s"}, Fields: map[string]any{"spec": map[string]any{"selector": selector}}}
	}
	if got := s.ShowsPods(service(map[string]any{"mesh": "a", "app": "b"})); len(got) != 1 || got[0] != "mesh" {
		t.Errorf("got %v", got)
	}
	if got := s.ShowsPods(service(map[string]any{"app": "b"})); got != nil {
		t.Errorf("a Service of other pods: got %v", got)
	}
	if !s.Shows("Service") || !s.IsRelevant("Service") || s.PodsOf("other").Kind != "" || s.Decisive("Gateway.mesh.example") {
		t.Error("Services show pods, and nothing else does")
	}
	if got := strings.Join(s.KeysRead(), " "); got != "tls.crt cert" {
		t.Errorf("keys read: %s", got)
	}
	if slices.Contains(s.SettingKeys(), "where") {
		t.Error("a setting of the config alone is looked for in ConfigMaps")
	}
	r := &s.Kinds("Gateway.mesh.example")[0].References[0]
	for mode, want := range map[any]bool{"TLS": true, nil: true, "": true, "NONE": false, 1: false} {
		obj := kube.Object{Fields: map[string]any{"spec": map[string]any{"mode": mode, "secrets": []any{"web"}}}}
		if got := r.Read(obj, kube.Path{"spec", "secrets", 0}); got != want {
			t.Errorf("mode %v: got %t", mode, got)
		}
	}
}

func TestPodsRefused(t *testing.T) {
	const pods = "controllers: [{name: mesh, pods: {kind: Service, labels: spec.selector, label: mesh}, settings: [{name: where}]}]\n"
	const reference = "kinds: [{kind: K.x, references: [{role: r, path: a, kind: Secret, "
	for text, want := range map[string]string{
		"controllers: [{name: mesh, pods: {kind: Service}}]":                                            "pods: want kind, labels and label",
		"controllers: [{name: mesh, pods: {kind: Service, labels: 'a[*]', label: b}}]":                  "pods: want kind, labels and label",
		pods + reference + "namespace: pods}]}]":                                                        "pods: want it beside namespace pods, with a controller",
		pods + reference + "pods: {controller: mesh}}]}]":                                               "pods: want it beside namespace pods",
		pods + reference + "namespace: pods, pods: {controller: mesh, selector: a, setting: when}}]}]":  `no setting "when"`,
		pods + reference + "namespace: pods, pods: {controller: mash, selector: a, setting: where}}]}]": `controller "mash"`,
		pods + reference + "schemes: {s: Secret}}]}]":                                                   "schemes: want form uri",
	} {
		if _, err := Parse("acme", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
