package engine_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

// TestPrefilterSteps holds what is known of each kind of step against OPA, over values of all kinds.
func TestPrefilterSteps(t *testing.T) {
	const helpers = `
_list := ["a", "b"]

_set := {"a", 1, true}

_table := {"a": "x", "b": false}

_chosen contains x if some x in input.object.spec.list

_any if input.object.spec.a == "a"

default _mode := "none"

_mode := input.object.spec.a if is_string(input.object.spec.a)

_named(x) := "long" if count(x) > 1

_named(x) := "short" if count(x) <= 1

_is("a", x) if x == "a"

_is("b", x) if x != "a"

_first(x) := y if y := x[0]

_pairs[key] := value if some key, value in input.object.spec.map

_equal(x) := x == "a" if x != "b"
`
	bodies := []string{
		`input.object.spec.a == "a"`, `input.object.spec.a != "a"`, `not input.object.spec.a`, `not input.object.spec.a == "a"`,
		`input.object.spec.a`, `input.object.spec.list[_] == "b"`, `some x in input.object.spec.list; x == "b"`,
		`some i, x in input.object.spec.list; i > 0; x != "a"`, `some key, value in input.object.spec.map; key == "k"; value == "v"`,
		`count(input.object.spec.list) > 1`, `count(input.object.spec.list) == 0`, `count({x | some x in input.object.spec.list}) > 0`,
		`labels := sort({x | some x in input.object.spec.list; x != "a"}); count(labels) > 0`, `input.object.spec.a in _list`,
		`input.object.spec.a in _set`, `not input.object.spec.a in _set`, `_table[input.object.spec.a]`, `_table[input.object.spec.a] == "x"`,
		`not _table[input.object.spec.a]`, `"b" in _chosen`, `_chosen["b"]`, `count(_chosen) == 0`, `_any`, `not _any`, `_mode == "none"`, `_mode != "a"`,
		`_named(input.object.spec.list) == "long"`, `_named(input.object.spec.map) == "short"`, `_is("a", input.object.spec.a)`, `not _is("b", input.object.spec.a)`,
		`_is(input.object.spec.list[0], input.object.spec.a)`, `_first(input.object.spec.list) == "a"`, `_pairs.k == "v"`, `some k, v in _pairs; v == "v"`,
		`startswith(input.object.spec.a, "a")`, `not startswith(input.object.spec.a, "a")`, `regex.match("^a+$", input.object.spec.a)`,
		`object.get(input.object.spec, "a", "x") == "x"`, `object.get(input.object.spec, ["map", "k"], "x") == "x"`, `lower(input.object.spec.a) == "a"`,
		`every x in input.object.spec.list { x == "a" }`, `input.object.spec.a == input.object.spec.list[0]`, `input.object.spec.map == {"k": "v"}`,
		`input.object.spec.list == ["a", "b"]`, `[first, second] = input.object.spec.list; first == "a"; second == "b"`, `input.object.spec.n > 2`, `input.object.spec.n == 3`,
		`input.object.spec.a > "a"`, `input.object.spec.missing != "a"`, `x := input.object.spec.a; y := concat("", [x, "b"]); y == "ab"`,
		`some x in input.object.spec.list; not x in _list`, `not input.object.spec.list[7]`, `key := sprintf("%s", ["k"]); not input.object.spec.map[key]`, `some x in input.object.spec.list; some y in input.object.spec.list; x != y`,
		`count([x | some x in input.object.spec.list; _is("b", x)]) > 0`, `input.object.spec.map[input.object.spec.a]`, `_any with input as {"object": {"spec": {"a": "a"}}}`,
		`to_number(input.object.spec.n) == 3`, `is_string(input.object.spec.a)`, `not is_string(input.object.spec.a)`, `null == input.object.spec.a`,
		`same := input.object.spec.a == "a"; same == false`, `_equal(input.object.spec.a) == false`, `not _equal(input.object.spec.a)`, `{true: "x"}[input.object.spec.a == "a"]`,
		`input.object.spec.list[input.object.spec.n]`,
	}
	files := fstest.MapFS{"acme/provider.yaml": {Data: []byte("title: Acme\nkinds: [{kind: Widget.acme.example}]\n")}}
	for i, body := range bodies {
		name := fmt.Sprintf("r%02d", i)
		text := strings.NewReplacer("tag-missing", name, "not input.object.spec.tag", strings.ReplaceAll(body, "; ", "\n\t")).Replace(widgetRule)
		files["acme/"+name+"/rule.rego"] = &fstest.MapFile{Data: []byte(text + helpers)}
	}
	// Unused helpers are an error of a checked rulebook, and what is compared here is their evaluation.
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: files, Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	values := []any{
		nil, false, true, "", "a", "b", "aa", int64(0), int64(1), int64(3), 0.5,
		[]any{},
		[]any{"a"},
		[]any{"a", "b"},
		[]any{"b", int64(1), nil},
		[]any{[]any{"a"}},
		map[string]any{},
		map[string]any{"k": "v"},
		map[string]any{"k": false, "a": "x"},
	}
	fields := []string{"a", "n", "list", "map"}
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 1500 {
		spec := map[string]any{}
		for _, field := range fields {
			if i := random.IntN(len(values) + 3); i < len(values) {
				spec[field] = values[i]
			}
		}
		hits, err := e.Hits(t.Context(), widget(spec))
		if err != nil {
			t.Fatalf("%v: %v", spec, err)
		}
		found += len(hits)
	}
	if found < 1000 {
		t.Errorf("%d findings in all: the test tests little", found)
	}
}

// TestPrefilterScenes holds it against OPA over our own rules, and the objects of their scenes with fields taken out and
// exchanged.
func TestPrefilterScenes(t *testing.T) {
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	scenes := os.DirFS("../policies")
	files, err := fs.Glob(scenes, "*/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		text, err := fs.ReadFile(scenes, files[random.IntN(len(files))])
		if err != nil {
			t.Fatal(err)
		}
		var objects []kube.Object
		for document := range strings.SplitSeq(string(text), "\n---\n") {
			var fields map[string]any
			if yaml.Unmarshal([]byte(document), &fields) != nil {
				continue
			}
			disturb(random, fields)
			if obj, ok := kube.FromFields(fields); ok {
				objects = append(objects, obj)
			}
		}
		store := inventory.New(inventory.Options{Providers: e.Providers()})
		for _, obj := range objects {
			store.Put(obj)
		}
		for _, obj := range objects {
			if !e.Judges(obj) {
				continue
			}
			request := engine.Request{Object: obj, Inventory: store.Snapshot(), Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Door: rule.DoorLint}
			if _, err := e.Hits(t.Context(), request); err != nil {
				t.Fatalf("%v: %v", obj.Fields, err)
			}
		}
	}
}

// disturb takes some fields out of a mapping, or gives them another value.
func disturb(random *rand.Rand, fields map[string]any) {
	odd := []any{"", "on", "true", "a/b", int64(1), false, nil, []any{}, map[string]any{}}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if key == "apiVersion" || key == "kind" {
			continue
		}
		switch random.IntN(24) {
		case 0:
			delete(fields, key)
		case 1:
			fields[key] = odd[random.IntN(len(odd))]
		default:
			switch v := fields[key].(type) {
			case map[string]any:
				disturb(random, v)
			case []any:
				for _, element := range v {
					if m, ok := element.(map[string]any); ok {
						disturb(random, m)
					}
				}
			}
		}
	}
}
