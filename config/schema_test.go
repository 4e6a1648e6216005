package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	// Compile also validates the document against the draft's own schema.
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is what an editor that knows the schema sees of a text.
func asJSON(t testing.TB, text []byte) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil {
		t.Fatal(err)
	}
	if len(n.Content) == 0 {
		return nil
	}
	data, err := json.Marshal((&decoder{}).json(nil, n.Content[0]))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSchemaAgrees(t *testing.T) {
	schema := compileSchema(t)
	for _, text := range append([]string{full}, empty...) {
		if err := schema.Validate(asJSON(t, []byte(text))); err != nil {
			t.Errorf("Parse accepts what the schema refuses:\n%s\n%v", text, err)
		}
	}
	for name, test := range bad {
		if !test.structural {
			continue
		}
		if err := schema.Validate(asJSON(t, []byte(test.text))); err == nil {
			t.Errorf("%s: Parse refuses what the schema accepts:\n%s", name, test.text)
		}
	}
}

// TestSchemaKeys compares the keys of the schema with those of the Go types, and asks for the help that editors show.
func TestSchemaKeys(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema, &schema); err != nil {
		t.Fatal(err)
	}
	w := keyWalk{t: t, defs: schema["$defs"].(map[string]any)}
	w.compare(reflect.TypeFor[file](), schema, nil)
	if w.seen < 20 {
		t.Errorf("compared %d keys; want them all", w.seen)
	}
}

type keyWalk struct {
	t    *testing.T
	defs map[string]any
	seen int
}

func (w *keyWalk) compare(goType reflect.Type, schema map[string]any, at kube.Path) {
	ref, ok := schema["$ref"].(string)
	if strings.HasPrefix(ref, "#/properties/") {
		return // compared there
	}
	if ok {
		schema = w.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if alternatives, ok := schema["anyOf"].([]any); ok {
		schema = alternatives[1].(map[string]any)
	}
	switch goType {
	case reflect.TypeFor[externalItem]():
		goType = reflect.TypeFor[externalFields]()
	case reflect.TypeFor[rulebookItem]():
		goType = reflect.TypeFor[rulebookFields]()
	}
	switch {
	case goType.Kind() == reflect.Struct && len(keysOf(goType)) > 0:
		w.structure(goType, schema, at)
	case goType.Kind() == reflect.Slice:
		if items, ok := schema["items"].(map[string]any); ok && schema["type"] == "array" {
			w.compare(goType.Elem(), items, at.Append(0))
		} else {
			w.t.Errorf("%s: want an array of something in the schema", at)
		}
	case goType.Kind() == reflect.Map:
		if values, ok := schema["additionalProperties"].(map[string]any); ok && schema["type"] == "object" {
			w.compare(goType.Elem(), values, at.Append("*"))
		}
	}
}

func (w *keyWalk) structure(goType reflect.Type, schema map[string]any, at kube.Path) {
	properties, _ := schema["properties"].(map[string]any)
	properties = maps.Clone(properties) // definitions stand for several
	required, _ := schema["required"].([]any)
	if schema["additionalProperties"] != false {
		w.t.Errorf("%s: want additionalProperties: false in the schema", at)
	}
	for _, k := range keysOf(goType) {
		w.seen++
		path := at.Append(k.name)
		property, ok := properties[k.name].(map[string]any)
		if !ok {
			w.t.Errorf("%s: missing in the schema", path)
			continue
		}
		delete(properties, k.name)
		if property["title"] == nil || property["description"] == nil {
			w.t.Errorf("%s: want a title and a description in the schema", path)
		}
		if slices.Contains(required, any(k.name)) != k.required {
			w.t.Errorf("%s: required is %t in Go, and not in the schema", path, k.required)
		}
		resolved := property
		ref, _ := property["$ref"].(string)
		if whole := "#/properties/" + k.name; strings.HasPrefix(ref, "#/properties/") && ref != whole {
			w.t.Errorf("%s: is %s in the schema, want %s", path, ref, whole)
		} else if ref != "" && ref != whole && property["minItems"] == nil {
			resolved = w.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		}
		if (resolved["minItems"] != nil) != k.nonempty {
			w.t.Errorf("%s: nonempty is %t in Go, and not in the schema", path, k.nonempty)
		}
		field := goType.FieldByIndex(k.index).Type
		w.compare(field, property, path)
	}
	for _, name := range kube.SortedKeys(properties) {
		w.t.Errorf("%s: the schema knows it, Go does not", at.Append(name))
	}
}

// TestSchemaExamples: what editors and the reference show as examples is allowed where it is shown.
func TestSchemaExamples(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(pointer string, node any)
	walk = func(pointer string, node any) {
		switch n := node.(type) {
		case map[string]any:
			if examples, ok := n["examples"].([]any); ok {
				c := jsonschema.NewCompiler()
				if err := c.AddResource("schema.json", document); err != nil {
					t.Fatal(err)
				}
				schema, err := c.Compile("schema.json#" + pointer)
				if err != nil {
					t.Fatal(err)
				}
				for _, example := range examples {
					seen++
					if err := schema.Validate(example); err != nil {
						t.Errorf("%s: %v", pointer, err)
					}
				}
			}
			for key, value := range n {
				walk(pointer+"/"+key, value)
			}
		case []any:
			for i, value := range n {
				walk(fmt.Sprintf("%s/%d", pointer, i), value)
			}
		}
	}
	walk("", document)
	if seen < 40 {
		t.Errorf("%d examples, want one for each key", seen)
	}
}
