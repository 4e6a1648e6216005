package facts_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// recorded makes an object with a record in its annotations.
func recorded(record any) kube.Object {
	obj, _ := kube.FromFields(map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
		"metadata": map[string]any{"name": "web", "annotations": map[string]any{"a.b/depth": "2", "a.b/number": int64(3), facts.DefaultedAnnotation: record}},
		"spec":     map[string]any{"on": true, "list": []any{"x", map[string]any{"y": "z"}}, "nothing": nil},
	})
	return obj
}

// TestDefaulted: what tlsward has set and is still so; whatever else the record says counts for nothing.
func TestDefaulted(t *testing.T) {
	const depth = `metadata.annotations["a.b/depth"]`
	many := map[string]any{}
	for i := range 33 {
		many[fmt.Sprintf("spec.a%d", i)] = "x"
	}
	tooMany, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(depth)
	if err != nil {
		t.Fatal(err)
	}
	for record, want := range map[string]map[string]any{
		`{` + string(quoted) + `: "2"}`:                                               {depth: "2"},
		`{` + string(quoted) + `: "2", "spec.on": true}`:                              {depth: "2", "spec.on": true},
		`{` + string(quoted) + `: "2", "spec.gone": "x"}`:                             {depth: "2"},
		`{` + string(quoted) + `: "3"}`:                                               {},
		`{` + string(quoted) + `: 2}`:                                                 {},
		`{` + string(quoted) + `: "1", ` + string(quoted) + `: "2"}`:                  {depth: "2"},
		`{"spec.list[0]": "x", "spec.list[1].y": "z"}`:                                {"spec.list[0]": "x", "spec.list[1].y": "z"},
		`{"spec.list[7]": "x", "spec.list.y": "z"}`:                                   {},
		`{"spec.list": ["x", {"y": "z"}]}`:                                            {},
		`{"metadata.annotations[\"a.b/number\"]": 3}`:                                 {},
		`{"spec.nothing": null, "spec": {}, "": "x", "a[": "x", "spec.list[*]": "x"}`: {},
		string(tooMany): {},
		`{` + string(quoted) + `: "2"}` + strings.Repeat(" ", 5000): {},
		`null`: {}, `[]`: {}, `"x"`: {}, `{`: {}, ``: {}, `{} {}`: {},
	} {
		got := facts.Defaulted(recorded(record))
		if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%.80s: got %v, want %v", record, got, want)
		}
	}
	for _, odd := range []any{nil, true, int64(1), []any{"x"}, map[string]any{depth: "2"}} {
		if got := facts.Defaulted(recorded(odd)); len(got) > 0 {
			t.Errorf("%v: got %v", odd, got)
		}
	}
	for _, obj := range []kube.Object{{}, {Fields: map[string]any{"metadata": "x"}}, {Fields: map[string]any{"metadata": map[string]any{"annotations": []any{}}}}} {
		if got := facts.Defaulted(obj); len(got) > 0 {
			t.Errorf("%v: got %v", obj, got)
		}
	}
}

// TestDefaultedInTheDocument: rules see what is ours, and only that.
func TestDefaultedInTheDocument(t *testing.T) {
	doc := gather(t, facts.Settings{}, `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    a/b: x
    tlsward.dev/defaulted: '{"metadata.annotations[\"a/b\"]":"x","metadata.annotations[\"a/c\"]":"y"}'
`)
	if got := fmt.Sprint(doc["defaulted"]); got != `map[metadata.annotations["a/b"]:x]` {
		t.Errorf("got %s", got)
	}
	if doc := gather(t, facts.Settings{}, "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\n"); doc["defaulted"] != nil {
		t.Errorf("got %v", doc["defaulted"])
	}
}

// FuzzDefaulted: whatever stands in the record, what comes out is in the object, and is a text, true or false.
func FuzzDefaulted(f *testing.F) {
	for _, seed := range []string{`{"spec.on": true, "metadata.annotations[\"a.b/depth\"]": "2"}`, `{"spec.list[1].y":"z"}`, `[]`, `{"": ""}`, `{"spec.list[99999999999999999999]": "x"}`, "{\"a\\u0000[\\\"\": \"\xff\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, record string) {
		obj := recorded(record)
		for at, value := range facts.Defaulted(obj) {
			path, err := kube.ParsePath(at)
			if err != nil {
				t.Fatalf("%q: %v", at, err)
			}
			if now, ok := kube.Lookup(obj.Fields, path); !ok || now != value {
				t.Errorf("%q is %v, not %v", at, now, value)
			}
		}
	})
}
