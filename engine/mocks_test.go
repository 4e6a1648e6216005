package engine

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// TestMocksFollowTheSchema changes a document of everything the schema names in each of its places, and compares the verdict
// with that of a library that knows all of JSON Schema: a keyword that mocks does not read would let a mistake pass.
func TestMocksFollowTheSchema(t *testing.T) {
	names := func() map[string][]string {
		return map[string][]string{
			"controllers": {"one"}, "refs": {"ca"}, "malformed": {"ca"}, "peers": {"host"}, "params": {"a/b"}, "source": {"text"},
		}
	}
	m, err := newMocks(names())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := expandedSchema(facts.Schema, names())
	if err != nil {
		t.Fatal(err)
	}
	document, _ := schema.(map[string]any)
	withoutRequired(schema)
	controllers, _ := document["properties"].(map[string]any)["controllers"].(map[string]any)
	controllers["patternProperties"] = map[string]any{"/": controllers["properties"].(map[string]any)["one"]}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("facts.json", schema); err != nil {
		t.Fatal(err)
	}
	oracle := compiler.MustCompile("facts.json")

	mock := sample(document, document)
	verdicts := map[bool]int{}
	compare := func(where string) {
		value, err := ast.InterfaceToValue(mock)
		if err != nil {
			t.Fatal(err)
		}
		defects, want := m.defects(ast.NewTerm(value)), oracle.Validate(mock)
		if (len(defects) == 0) != (want == nil) {
			t.Errorf("%s: defects %v, the library says %v", where, defects, want)
		}
		verdicts[want == nil]++
	}
	compare("unchanged")
	variants(mock, func(v any) { mock = v }, nil, compare)
	if verdicts[true] < 100 || verdicts[false] < 100 {
		t.Errorf("%d valid and %d invalid documents, want plenty of both", verdicts[true], verdicts[false])
	}
}

// withoutRequired drops "required" from a schema: a mock may leave anything out.
func withoutRequired(schema any) {
	switch v := schema.(type) {
	case []any:
		for _, element := range v {
			withoutRequired(element)
		}
	case map[string]any:
		if _, ok := v["required"].([]any); ok {
			delete(v, "required")
		}
		for _, element := range v {
			withoutRequired(element)
		}
	}
}

// sample makes a value that a schema allows, with every property it names.
func sample(schema, root map[string]any) any {
	if ref, ok := schema["$ref"].(string); ok {
		schema, _ = root["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	if enum, ok := schema["enum"].([]any); ok {
		return enum[0]
	}
	switch schema["type"] {
	case "object":
		object := map[string]any{}
		properties, _ := schema["properties"].(map[string]any)
		for name, property := range properties {
			object[name] = sample(property.(map[string]any), root)
		}
		if each, ok := schema["additionalProperties"].(map[string]any); ok {
			object["each"] = sample(each, root)
		}
		return object
	case "array":
		return []any{sample(schema["items"].(map[string]any), root)}
	case "integer":
		return 1
	case "boolean":
		return true
	}
	return "text"
}

// variants puts each kind of value in every place of a document, one at a time, and adds properties to every object.
func variants(value any, set func(any), path []string, visit func(where string)) {
	where := strings.Join(path, ".")
	for _, other := range []any{nil, true, 2, 1.5, "other", []any{"a"}, map[string]any{}} {
		set(other)
		visit(where)
	}
	set(value)
	switch v := value.(type) {
	case map[string]any:
		for _, name := range kube.SortedKeys(v) {
			variants(v[name], func(x any) { v[name] = x }, append(path, name), visit)
		}
		for _, name := range []string{"unknown", "a.test/unknown"} {
			var added any = "text"
			for _, sibling := range kube.SortedKeys(v) {
				if object, ok := v[sibling].(map[string]any); ok {
					added = object
				}
			}
			v[name] = added
			visit(where + "." + name)
			delete(v, name)
		}
	case []any:
		variants(v[0], func(x any) { v[0] = x }, append(path, "0"), visit)
	}
}
