// Package schematest compares the JSON Schema of a document with the structs that the document is written from.
package schematest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// node is what is compared of a schema of an object.
type node struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	AllOf      []struct {
		Ref string `json:"$ref"`
	} `json:"allOf"`
}

// Root is the name of the schema itself, beside those of its definitions.
const Root = ""

// Compare fails unless a schema names every field of the structs, by the definition that describes them or the property
// of the document that does, requires those that are
// always written, and describes nothing else, so that neither can grow alone. Definitions that are no structs are listed as plain.
func Compare(t *testing.T, schema []byte, structs map[string]any, plain ...string) {
	t.Helper()
	var top struct {
		node
		Definitions map[string]node `json:"$defs"`
	}
	if err := json.Unmarshal(schema, &top); err != nil {
		t.Fatal(err)
	}
	for name, of := range structs {
		described, ok := top.Definitions[name]
		if property, inline := top.Properties[name]; name == Root {
			described, ok = top.node, true
		} else if !ok && inline {
			if err := json.Unmarshal(property, &described); err != nil {
				t.Fatal(err)
			}
			ok = true
		}
		if !ok {
			t.Errorf("schema does not describe %s, which %T writes", name, of)
			continue
		}
		for _, part := range described.AllOf {
			shared := top.Definitions[strings.TrimPrefix(part.Ref, "#/$defs/")]
			described.Required = append(slices.Clip(described.Required), shared.Required...)
			maps.Copy(described.Properties, shared.Properties)
		}
		fields, always := written(reflect.TypeOf(of))
		same(t, name+" has", keys(described.Properties), fields)
		same(t, name+" requires", described.Required, always)
	}
	for name := range top.Definitions {
		if _, ok := structs[name]; !ok && !slices.Contains(plain, name) {
			t.Errorf("schema describes %s, which no struct writes", name)
		}
	}
}

// written are the fields that encoding/json writes of a struct, and those of them that it always writes.
func written(of reflect.Type) (fields, always []string) {
	for i := range of.NumField() {
		field := of.Field(i)
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && tag == "" {
			inner, innerAlways := written(field.Type)
			fields, always = append(fields, inner...), append(always, innerAlways...)
			continue
		}
		fields = append(fields, tag)
		if options == "" {
			always = append(always, tag)
		}
	}
	return fields, always
}

func keys(m map[string]json.RawMessage) []string {
	return slices.Collect(maps.Keys(m))
}

func same(t *testing.T, what string, schema, structs []string) {
	t.Helper()
	schema, structs = slices.Sorted(slices.Values(schema)), slices.Sorted(slices.Values(structs))
	if !slices.Equal(schema, structs) {
		t.Errorf("schema of %s %v, the struct %v", what, schema, structs)
	}
}
