package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// mocks holds every input that Rego tests evaluate something with against the schema of the facts: a test of a document
// that no object ever gives proves nothing. It looks at what the evaluator is given rather than at what tests say, so
// that a mock which is patched together from functions and nested "with"s is seen as the rule sees it.
//
// A mock may leave anything out, since a test should name only what it is about. It may name nothing that does not exist.
//
// It reads the schema as the check of words does. A JSON Schema library would do as well, but every subcommand would pay
// for it: the one that tests use compiles its metaschemas when a program starts, for 3 ms and 1.7 MB.
type mocks struct {
	root *shape
	// controllers is where controllers are by name, controller what each is.
	controllers, controller *shape
	seen                    map[*ast.Term]bool
	test                    *ast.Location
	errs                    []error
}

// newMocks takes the keys that exist, by property of the facts.
func newMocks(names map[string][]string) (*mocks, error) {
	// Certificates go by their hashes, of which there is no list.
	delete(names, "certificates")
	schema, err := expandedSchema(facts.Schema, names)
	if err != nil {
		return nil, err
	}
	root, err := shapesOf(schema)
	if err != nil {
		return nil, err
	}
	m := &mocks{root: root, controllers: root.properties["controllers"], seen: map[*ast.Term]bool{}}
	for _, each := range m.controllers.properties {
		m.controller = each
	}
	return m, nil
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
	return m.compare(input.Value, m.root, kube.Path{"input"}, nil)
}

// compare lists what of a value its shape does not allow, with the path as rules write it.
func (m *mocks) compare(value ast.Value, s *shape, at kube.Path, defects []string) []string {
	got := ast.ValueName(value)
	if fits := s.kind == "" || got == s.kind || s.kind == "integer" && whole(value); !fits {
		return append(defects, fmt.Sprintf("%s: want %s, got %s", at, s.kind, got))
	}
	switch v := value.(type) {
	case ast.String:
		if s.enum != nil && !slices.Contains(s.enum, string(v)) {
			defects = append(defects, fmt.Sprintf("%s is never %q: want %s%s", at, string(v), quoted(s.enum), hint(string(v), s.enum)))
		}
	case *ast.Array:
		for i := range v.Len() {
			for _, each := range s.each {
				defects = m.compare(v.Elem(i).Value, each, append(at, i), defects)
			}
		}
	case ast.Object:
		defects = m.compareObject(v, s, at, defects)
	}
	return defects
}

func (m *mocks) compareObject(object ast.Object, s *shape, at kube.Path, defects []string) []string {
	var unknown []string
	object.Foreach(func(key, value *ast.Term) {
		name := key.String()
		if text, ok := key.Value.(ast.String); ok {
			name = string(text)
		}
		next, ok := m.property(s, name)
		if !ok {
			unknown = append(unknown, name)
		}
		for _, each := range next {
			defects = m.compare(value.Value, each, append(at, name), defects)
		}
	})
	if len(unknown) > 0 {
		slices.Sort(unknown)
		defects = append(defects, fmt.Sprintf("%s: the facts have no %s there", at, quoted(unknown)))
	}
	return defects
}

// property returns what a property looks like; ok is false if there is none of that name.
func (m *mocks) property(s *shape, name string) (found shapes, ok bool) {
	if p := s.properties[name]; p != nil {
		return shapes{p}, true
	}
	// A controller that no provider describes goes by what its class says: a domain and a path.
	if s == m.controllers && m.controller != nil && strings.Contains(name, "/") {
		return shapes{m.controller}, true
	}
	return s.each, !s.closed
}

func whole(value ast.Value) bool {
	number, ok := value.(ast.Number)
	if !ok {
		return false
	}
	f, ok := number.Float64()
	return ok && f == math.Trunc(f)
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
