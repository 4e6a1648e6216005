package engine_test

import (
	"fmt"
	"math"
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
		`substring(input.object.spec.a, 1, -1) == ",b"`, `substring(input.object.spec.a, 0, 1) == "a"`, `substring(input.object.spec.a, 9, 2) == ""`,
		`sprintf("%s!", [input.object.spec.a]) == "a!"`, `sprintf("%v", [input.object.spec.a]) == "7"`, `sprintf("%d", [input.object.spec.a]) == "7"`,
		`concat(",", [input.object.spec.a, "b"]) == "a,b"`, `concat(",", {"b", input.object.spec.a}) == "a,b"`,
		`count({"a", "b"} & {input.object.spec.a}) == 1`, `input.object.spec.a in {"z", input.object.spec.a}`, `sort({"b", input.object.spec.a})[0] == "a"`,
		`input.object.spec.a + 2 == 9`, `input.object.spec.a - 9 < 0`, `not input.object.spec.a - 9 < 0`, `input.object.spec.a * 3 == 21`,
		`input.object.spec.a / 7 == 1`, `input.object.spec.a / 2 > 3`, `input.object.spec.a * 9223372036854775807 > 1`,
		`input.object.spec.a - 9223372036854775807 < -9223372036854775800`, `input.object.spec.a + 9223372036854775807 > 8`, `count({"a"} - {input.object.spec.a}) == 0`,
		`count({"a", "b"} - {input.object.spec.a}) == 1`, `"b" in ({"a", "b"} - {input.object.spec.a})`, `{"k": input.object.spec.a}.k == "a"`,
		`{"k": input.object.spec.a} == {"k": "a"}`, `{input.object.spec.a: 1}.a == 1`, `not {"k": input.object.spec.a}.b`, `some k, v in {"k": input.object.spec.a}; v == "a"`,
		`{"k": input.object.spec.a, input.object.spec.a: "a"}.k == "a"`, `{"k": {"l": input.object.spec.a}}.k.l == 7`,
		`v := regex.replace(input.object.spec.a, "x", "y"); count([1 | some w in ["a", "b"]; w == v]) == 0`,
		`[v, _] := split(input.object.spec.a, ","); count({w | some w in ["c", "b"]; w == v}) == 0`,
		`max([input.object.spec.a, 8]) == 8`, `min([input.object.spec.a, 8]) == 7`, `max({input.object.spec.a, 8}) == 8`, `max([input.object.spec.a, "b"]) == "b"`,
		`not max(input.object.spec.a) == "b"`, `max(input.object.spec.a) == "a"`,
		`time.parse_rfc3339_ns(input.object.spec.a) > 0`, `time.parse_rfc3339_ns(input.object.spec.a) == 1793534400000000000`,
		`time.parse_duration_ns(input.object.spec.a) == 3600000000000`,
		`is_boolean(input.object.spec.a)`, `not is_boolean(input.object.spec.a)`, `is_array(input.object.spec.a)`, `not is_array(input.object.spec.a)`,
		`is_object(input.object.spec.a)`, `not is_object(input.object.spec.a)`, `is_number(input.object.spec.a)`, `not is_number(input.object.spec.a)`,
		`indexof(input.object.spec.a, ",") == 1`, `indexof(input.object.spec.a, ",") == -1`, `not indexof(input.object.spec.a, ",") > 0`,
		`indexof("a,b", input.object.spec.a) == 0`, `indexof("a\u00fc,b", input.object.spec.a) == 2`, `not indexof("b", input.object.spec.a)`,
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
		nil, true, "", " ", "a", "\u00fc,b", " a ", "a,b", "a,b,", ",", "7", "+7", "++7", "007", "-0", "-7", "0", "1e3", "7.0", "0x7", "inf",
		"9223372036854775807", "9223372036854775808", int64(7), int64(9), int64(-7), int64(math.MinInt64), int64(math.MaxInt64), 0.5,
		"2026-11-01T12:00:00Z", "2026-11-01T12:00:00+01:00", "1200-11-01T12:00:00Z", "2300-11-01T12:00:00Z", "2026-11-01", "1h", "60m", "-1h", "1 h", "1.5h",
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
