package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tlsward/tlsward/engine"
)

// TestPrefilterBuiltins holds what builtins make of values against OPA: Hits fails where a finding gets lost.
func TestPrefilterBuiltins(t *testing.T) {
	bodies := []string{
		`trim(input.object.spec.a, " ") == "a"`, `trim(input.object.spec.a, " ") == ""`, `not trim(input.object.spec.a, " ") == ""`,
		`trim_left(input.object.spec.a, "+") == "7"`, `trim_prefix(input.object.spec.a, "+") == "7"`, `trim_suffix(input.object.spec.a, " ") == " a"`,
		`to_number(trim_left(input.object.spec.a, "+")) > 2`, `to_number(input.object.spec.a) == 0`, `not to_number(input.object.spec.a) > 2`,
		`to_number(input.object.spec.a) > 9223372036854775807`, `split(input.object.spec.a, ",")[1] == "b"`,
		`some x in split(input.object.spec.a, ","); x == ""`, `count(split(input.object.spec.a, "")) == 3`, `count(split(input.object.spec.a, ",")) == 1`,
		`input.object.spec.a in ({"a"} | {"", 7})`, `not input.object.spec.a in ({"a"} | {"", 7})`, `count({"a"} | {"a", "b"}) == 2`,
		`"a" in array.concat(["b"], input.object.spec.a)`, `not "a" in array.concat(["b"], input.object.spec.a)`,
		`object.get(input.object.spec, ["a", "k"], "x") == "x"`, `object.get(input.object.spec, ["a", "k"], "x") == "v"`,
		`object.get(input.object, ["spec", "a", "k"], null) == null`, `object.get(input.object.spec, [], "x") == input.object.spec`,
		`object.get(input.object.spec.a, "k", "x") == "x"`, `object.get(input.object.spec, ["a", 0], "x") == "a"`,
	}
	files := fstest.MapFS{"acme/provider.yaml": {Data: []byte("title: Acme\nkinds: [{kind: Widget.acme.example}]\n")}}
	for i, body := range bodies {
		name := fmt.Sprintf("r%02d", i)
		files["acme/"+name+"/rule.rego"] = &fstest.MapFile{Data: []byte(strings.NewReplacer(
			"tag-missing", name, "not input.object.spec.tag", strings.ReplaceAll(body, "; ", "\n\t")).Replace(widgetRule))}
	}
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: files, Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	found := map[engine.Body]bool{}
	for _, value := range []any{
		nil, true, "", " ", "a", " a ", "a,b", "a,b,", ",", "7", "+7", "++7", "007", "-0", "-7", "0", "1e3", "7.0", "0x7", "inf",
		"9223372036854775807", "9223372036854775808", int64(7),
		[]any{},
		[]any{"a"},
		map[string]any{},
		map[string]any{"k": "v"},
		map[string]any{"k": nil},
	} {
		hits, err := e.Hits(t.Context(), widget(map[string]any{"a": value}))
		if err != nil {
			t.Errorf("%v: %v", value, err)
		}
		for _, body := range hits {
			found[body] = true
		}
	}
	for i, body := range e.Bodies() {
		if !found[body] && i < len(bodies) {
			t.Errorf("%s: no value makes it find anything", bodies[i])
		}
	}
}
