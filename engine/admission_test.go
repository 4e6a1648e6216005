package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// TestAdmissionKinds: the kinds that the webhooks are called for, and when, word for word: a cluster lives with these
// expressions. That they compile and never err is tested in test/chart, with the API server's own CEL.
func TestAdmissionKinds(t *testing.T) {
	e := shipped(t, rule.Settings{})
	var b strings.Builder
	for _, k := range e.AdmissionKinds() {
		b.WriteString(k.Resource + "." + k.Group + " (" + k.Kind + ")\n")
		write := func(what, when string) {
			b.WriteString("  " + what + ":")
			if when == "" {
				b.WriteString(" always")
			}
			for _, part := range strings.Split(when, " || ") {
				b.WriteString("\n    " + part)
			}
			b.WriteString("\n")
		}
		write("validate", k.ValidateWhen)
		if k.Mutate {
			write("mutate", k.MutateWhen)
		}
	}
	golden(t, "testdata/admission-kinds.txt", b.String())
}

// TestNeeded: what a cluster must show before anything can be denied.
func TestNeeded(t *testing.T) {
	golden(t, "testdata/needed.txt", strings.Join(shipped(t, rule.Settings{}).Needed(), "\n")+"\n")
}

// TestConditionsOfAUsersRules: triggers of every shape a path can have, and a rule without any, for which there is no condition.
func TestConditionsOfAUsersRules(t *testing.T) {
	for _, test := range []struct {
		name, custom, validate string
		mutate                 string
	}{
		{name: "no trigger", custom: "since: v0.1.0"},
		{name: "a field", custom: "since: v0.1.0, triggers: [spec.tag]", validate: "[object, oldObject].exists(o, o != null && (o.?spec.?tag.hasValue()))"},
		{name: "a quoted key", custom: `since: v0.1.0, triggers: ['metadata.annotations["a.b/c"]']`, validate: `[object, oldObject].exists(o, o != null && (o.?metadata.?annotations[?"a.b/c"].hasValue()))`},
		{name: "a reserved word", custom: "since: v0.1.0, triggers: [spec.in.namespace]", validate: `[object, oldObject].exists(o, o != null && (o.?spec[?"in"][?"namespace"].hasValue()))`},
		{name: "an index", custom: "since: v0.1.0, triggers: ['spec.list[3].a-b']", validate: `[object, oldObject].exists(o, o != null && (o.?spec.?list[?3][?"a-b"].hasValue()))`},
		{name: "elements", custom: "since: v0.1.0, triggers: ['spec.list[*].x.more[*].y']", validate: `[object, oldObject].exists(o, o != null && (o.?spec.?list.orValue([]).exists(o, o.?x.?more.orValue([]).exists(o, o.?y.hasValue()))))`},
		{name: "any element", custom: "since: v0.1.0, triggers: ['spec.list[*]']", validate: `[object, oldObject].exists(o, o != null && (size(o.?spec.?list.orValue([])) > 0))`},
		{name: "several", custom: "since: v0.1.0, triggers: [spec.b, spec.a, spec.b]", validate: "[object, oldObject].exists(o, o != null && (o.?spec.?a.hasValue() || o.?spec.?b.hasValue()))"},
		{
			name: "keys", custom: `since: v0.1.0, triggers: ['spec.m["b."*]', 'spec.list[*].m["c."*]', 'spec.m["a."*]', 'spec.m["b."*]', spec.tag]`,
			validate: `[object, oldObject].exists(o, o != null && (o.?spec.?tag.hasValue()` +
				` || o.?spec.?list.orValue([]).exists(o, o.?m.orValue({}).exists(k, k.startsWith("c.")))` +
				` || o.?spec.?m.orValue({}).exists(k, k.startsWith("a.") || k.startsWith("b."))))`,
		},
		{
			name: "a default", custom: "since: v0.1.0, triggers: [spec.tag], default: true", validate: "[object, oldObject].exists(o, o != null && (o.?spec.?tag.hasValue()))",
			mutate: `[object, oldObject].exists(o, o != null && (o.?metadata.?annotations[?"tlsward.dev/defaulted"].hasValue() || o.?spec.?tag.hasValue()))`,
		},
		{name: "a default without a trigger", custom: "since: v0.1.0, default: true", mutate: "always"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: book("since: v0.1.0", test.custom)})
			if err != nil {
				t.Fatal(err)
			}
			kinds := e.AdmissionKinds()
			if len(kinds) != 1 || kinds[0].Resource != "widgets" || kinds[0].Group != "acme.example" || kinds[0].ValidateWhen != test.validate {
				t.Fatalf("got %+v", kinds)
			}
			if test.mutate == "always" {
				test.mutate = ""
			} else if kinds[0].Mutate != (test.mutate != "") {
				t.Errorf("mutate: %t", kinds[0].Mutate)
			}
			if kinds[0].MutateWhen != test.mutate {
				t.Errorf("got %s", kinds[0].MutateWhen)
			}
		})
	}
}

// TestNotAtAdmission: rules of other doors and reaches bring no kind into the webhooks, and judge nothing there.
func TestNotAtAdmission(t *testing.T) {
	for _, custom := range []string{"admission: none", "admission: guard", "doors: [lint]", "doors: [audit, lint]"} {
		e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: book("since: v0.1.0", "since: v0.1.0, "+custom)})
		if err != nil {
			t.Fatal(err)
		}
		if kinds := e.AdmissionKinds(); len(kinds) > 0 {
			t.Errorf("%s: %+v", custom, kinds)
		}
		r := widget(map[string]any{})
		r.Door = rule.DoorAdmission
		if decision, err := e.Review(t.Context(), r); err != nil || len(decision.Findings) > 0 {
			t.Errorf("%s: %v, %v", custom, decision, err)
		}
	}
}

// TestReferredToIsNeverJudged: a tool that can block a certificate's renewal is an outage of its own.
func TestReferredToIsNeverJudged(t *testing.T) {
	for _, k := range shipped(t, rule.Settings{}).AdmissionKinds() {
		if k.Group == "" || k.Kind == "Certificate" || k.Kind == "Issuer" {
			t.Errorf("%s is in the webhooks", k.Kind)
		}
	}
}

// TestTriggers: an object without a field that some rule is triggered by has no finding at any door.
func TestTriggers(t *testing.T) {
	fs := book("since: v0.1.0", "since: v0.1.0, triggers: ['spec.list[*].x', spec.other]")
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		spec map[string]any
		want bool
	}{
		{map[string]any{}, false},
		{map[string]any{"list": []any{}}, false},
		{map[string]any{"list": []any{map[string]any{"y": "z"}, "x", nil}}, false},
		{map[string]any{"list": map[string]any{"x": int64(1)}}, false},
		{map[string]any{"list": []any{"x", map[string]any{"x": nil}}}, true},
		{map[string]any{"other": ""}, true},
		{nil, false},
	} {
		for _, door := range []rule.Door{rule.DoorAdmission, rule.DoorLint, rule.DoorAudit} {
			r := widget(test.spec)
			r.Door = door
			decision, err := e.Review(t.Context(), r)
			if err != nil || (len(decision.Findings) > 0) != test.want {
				t.Errorf("%v at %s: %v, %v", test.spec, door, decision.Findings, err)
			}
		}
	}
}

// TestTriggersByReferences: a rule may be triggered by whatever refers to certificates, in each kind by other fields.
func TestTriggersByReferences(t *testing.T) {
	fs := fstest.MapFS{
		"acme/provider.yaml": {Data: []byte(`title: Acme
kinds:
  - kind: Widget.acme.example
    references: [{role: widget-ca, title: CA, use: trust, path: "spec.cas[*].name", kind: Secret, key: ca.crt}]
  - kind: Gadget.acme.example
    references: [{role: gadget-target, title: target, use: target, path: spec.target, kind: Service}]
`)},
		"acme/any/rule.rego": {Data: []byte(`# METADATA
# title: Anything
# description: Why it matters.
# custom: {severity: warning, kinds: ["*"], triggers: [references], since: v0.1.0}
package policies.acme["any"]

findings contains {"path": ["spec"], "message": "seen"} if input.version == 1
`)},
	}
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	kinds := e.AdmissionKinds()
	if len(kinds) != 1 || kinds[0].Kind != "Widget" || kinds[0].ValidateWhen != "[object, oldObject].exists(o, o != null && (o.?spec.?cas.orValue([]).exists(o, o.?name.hasValue())))" {
		t.Errorf("got %+v", kinds)
	}
	for text, want := range map[string]int{
		`{kind: Widget, spec: {cas: [{name: a}]}}`: 1, `{kind: Widget, spec: {cas: [{}]}}`: 0, `{kind: Widget, spec: {target: a}}`: 0,
		`{kind: Gadget, spec: {target: a}}`: 0,
	} {
		r := widget(nil)
		r.Object = parse(t, strings.Replace(text, "{kind", "{apiVersion: acme.example/v1, metadata: {name: a, namespace: b}, kind", 1))
		r.Door = rule.DoorAdmission
		if decision, err := e.Review(t.Context(), r); err != nil || len(decision.Findings) != want {
			t.Errorf("%s: %v, %v", text, decision.Findings, err)
		}
	}
}

// TestTriggersApart: whatever set of rules an object triggers, each of these speaks and no other, however many sets there are.
func TestTriggersApart(t *testing.T) {
	const rules = 20
	fs := fstest.MapFS{"acme/provider.yaml": {Data: []byte("title: Acme\nkinds: [{kind: Widget.acme.example}]\n")}}
	for i := range rules {
		name := fmt.Sprintf("r%02d", i)
		fs["acme/"+name+"/rule.rego"] = &fstest.MapFile{Data: []byte(strings.NewReplacer(
			"tag-missing", name, "since: v0.1.0", "since: v0.1.0, triggers: [spec."+name+"]", "if {\n\tnot input.object.spec.tag\n}", "if input.version == 1",
		).Replace(widgetRule))}
	}
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 600 {
		set := n * 2654435761 % (1 << rules) // spread over all sets
		spec, want := map[string]any{}, 0
		for i := range rules {
			if set&(1<<i) != 0 {
				spec[fmt.Sprintf("r%02d", i)] = ""
				want++
			}
		}
		decision, err := e.Review(t.Context(), widget(spec))
		if err != nil || len(decision.Findings) != want {
			t.Fatalf("set %b: %d findings, %v; want %d", set, len(decision.Findings), err, want)
		}
		for _, f := range decision.Findings {
			if _, triggered := spec[strings.TrimPrefix(f.Rule, "acme/")]; !triggered {
				t.Fatalf("set %b: %s was not triggered", set, f.Rule)
			}
		}
	}
}

// TestControllersApart: a rule about a controller says nothing where another acts.
func TestControllersApart(t *testing.T) {
	files := fstest.MapFS{
		"acme/provider.yaml": {Data: []byte(`title: Acme
controllers:
  - {name: acme, classes: [{kind: Class.acme.example, controller: acme.example/acme, names: [acme]}]}
  - {name: rival, classes: [{kind: Class.acme.example, controller: acme.example/rival, names: [rival]}]}
kinds:
  - kind: Widget.acme.example
    acting: {class: [spec.class], kind: Class.acme.example, controller: spec.controller}
`)},
		"acme/tag-missing/rule.rego": {Data: []byte(strings.Replace(widgetRule, "since: v0.1.0", "since: v0.1.0, controllers: [acme]", 1))},
	}
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: files})
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range map[string]int{"acme": 1, "rival": 0, "nobody": 0} {
		decision, err := e.Review(t.Context(), widget(map[string]any{"class": class}))
		if err != nil || len(decision.Findings) != want {
			t.Errorf("class %s: %v, %v", class, decision.Findings, err)
		}
	}
}
