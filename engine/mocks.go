package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// mocks holds every input that Rego tests evaluate something with against the schema of the facts: a test of a document
// that no object ever gives proves nothing. It looks at what the evaluator is given rather than at what tests say, so
// that a mock which is patched together from functions and nested "with"s is seen as the rule sees it.
//
// A mock may leave anything out, since a test should name only what it is about. It may name nothing that does not exist.
type mocks struct {
	schema *jsonschema.Schema
	seen   map[*ast.Term]bool
	test   *ast.Location
	errs   []error
}

func (e *Engine) newMocks() (*mocks, error) {
	names := e.names()
	// Certificates go by their hashes, of which there is no list.
	delete(names, "certificates")
	schema, err := expandedSchema(facts.Schema, names)
	if err != nil {
		return nil, err
	}
	optional(schema)
	root, _ := schema.(map[string]any)
	properties, _ := root["properties"].(map[string]any)
	controllers, _ := properties["controllers"].(map[string]any)
	known, _ := controllers["properties"].(map[string]any)
	for _, each := range known {
		// A controller that no provider describes goes by what its class says: a domain and a path.
		controllers["patternProperties"] = map[string]any{"/": each}
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("facts.json", schema); err != nil {
		return nil, fmt.Errorf("facts schema: %w", err)
	}
	compiled, err := c.Compile("facts.json")
	if err != nil {
		return nil, fmt.Errorf("facts schema: %w", err)
	}
	return &mocks{schema: compiled, seen: map[*ast.Term]bool{}}, nil
}

// optional drops "required" from a schema. A property of that name is a mapping, and stays.
func optional(schema any) {
	switch v := schema.(type) {
	case []any:
		for _, element := range v {
			optional(element)
		}
	case map[string]any:
		if _, ok := v["required"].([]any); ok {
			delete(v, "required")
		}
		for _, element := range v {
			optional(element)
		}
	}
}

// see notes which test is running and checks an input that was not there before.
func (m *mocks) see(event topdown.Event) {
	if event.Location != nil && strings.HasSuffix(event.Location.File, testSuffix) {
		m.test = event.Location
	}
	input := event.Input()
	if input == nil || m.seen[input] {
		return
	}
	m.seen[input] = true
	for _, defect := range m.defects(input) {
		m.errs = append(m.errs, fmt.Errorf("%s:%d: mocked input: %s", m.test.File, m.test.Row, defect))
	}
}

func (m *mocks) defects(input *ast.Term) []string {
	if set := findSet(input); set != nil {
		return []string{fmt.Sprintf("%s is a set: facts are JSON, want a list", set)}
	}
	value, err := ast.JSON(input.Value)
	if err != nil {
		return []string{err.Error()}
	}
	err = m.schema.Validate(value)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var defects []string
	leaves(invalid, func(leaf *jsonschema.ValidationError) {
		defects = append(defects, describe(leaf, value))
	})
	return defects
}

func findSet(term *ast.Term) (found *ast.Term) {
	ast.WalkTerms(term, func(t *ast.Term) bool {
		if _, ok := t.Value.(ast.Set); ok && found == nil {
			found = t
		}
		return found != nil
	})
	return found
}

func leaves(err *jsonschema.ValidationError, f func(*jsonschema.ValidationError)) {
	if len(err.Causes) == 0 {
		f(err)
	}
	for _, cause := range err.Causes {
		leaves(cause, f)
	}
}

// describe words a defect with the path as rules write it.
func describe(leaf *jsonschema.ValidationError, value any) string {
	path := make(kube.Path, 0, len(leaf.InstanceLocation))
	for _, step := range leaf.InstanceLocation {
		if list, ok := value.([]any); ok {
			if i, err := strconv.Atoi(step); err == nil && i < len(list) {
				path, value = append(path, i), list[i]
				continue
			}
		}
		fields, _ := value.(map[string]any)
		path, value = append(path, step), fields[step]
	}
	at := append(kube.Path{"input"}, path...).String()
	switch k := leaf.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return fmt.Sprintf("%s: the facts have no %s there", at, quoted(k.Properties))
	case *kind.Enum:
		words := make([]string, 0, len(k.Want))
		for _, want := range k.Want {
			word, _ := want.(string)
			words = append(words, word)
		}
		got, _ := k.Got.(string)
		return fmt.Sprintf("%s is never %q: want %s%s", at, got, quoted(words), hint(got, words))
	case *kind.Type:
		return fmt.Sprintf("%s: want %s, got %s", at, strings.Join(k.Want, " or "), k.Got)
	default:
		return fmt.Sprintf("%s: %v", at, leaf)
	}
}
