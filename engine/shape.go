package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/kube"
)

// shape is a part of the facts schema, in the form that the checks of a rule's words and of its tests' mocks ask questions of.
type shape struct {
	// kind is its JSON type; empty means any.
	kind string
	// enum lists the strings that may stand here; nil means any.
	enum       []string
	properties map[string]*shape
	// each is what an element of a list, or a property without a name of its own, looks like.
	each shapes
	// closed: no other properties.
	closed bool
	// free: whatever an object of Kubernetes holds stands here.
	free bool
}

// shapes are what a term may look like; nil means that nothing is known of it.
type shapes []*shape

// shapesOf reads an expanded facts schema.
func shapesOf(schema any) (root *shape, err error) {
	document, _ := schema.(map[string]any)
	definitions, _ := document["definitions"].(map[string]any)
	r := shapeReader{definitions: definitions, named: map[string]*shape{}}
	root = r.read(document)
	return root, r.err
}

type shapeReader struct {
	definitions map[string]any
	named       map[string]*shape
	err         error
}

func (r *shapeReader) read(schema map[string]any) *shape {
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/definitions/")
		definition, ok := r.definitions[name].(map[string]any)
		if !ok {
			r.err = fmt.Errorf("facts schema: %s leads nowhere", ref)
			return &shape{free: true}
		}
		if s := r.named[name]; s != nil {
			return s
		}
		s := &shape{}
		r.named[name] = s
		*s = *r.read(definition)
		return s
	}
	s := &shape{closed: schema["additionalProperties"] == false}
	s.kind, _ = schema["type"].(string)
	list, _ := schema["enum"].([]any)
	for _, allowed := range list {
		if text, ok := allowed.(string); ok {
			s.enum = append(s.enum, text)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	s.properties = make(map[string]*shape, len(properties))
	for name, property := range properties {
		if p, ok := property.(map[string]any); ok {
			s.properties[name] = r.read(p)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if each, ok := schema[key].(map[string]any); ok {
			s.each = append(s.each, r.read(each))
		}
	}
	// The schema writes "anything" as an object with further properties, and as {}.
	s.free = schema["additionalProperties"] == true || len(schema) == 0
	return s
}

// step follows one step of a reference. missing says that no object of these shapes has such a property.
func (list shapes) step(term *ast.Term) (next shapes, missing bool) {
	key, named := term.Value.(ast.String)
	closed := len(list) > 0
	for _, s := range list {
		switch {
		case s.free:
			return shapes{s}, false
		case named && s.properties[string(key)] != nil:
			next = append(next, s.properties[string(key)])
			continue
		case named:
			next = append(next, s.each...)
		default:
			for _, name := range kube.SortedKeys(s.properties) {
				next = append(next, s.properties[name])
			}
			next = append(next, s.each...)
		}
		closed = closed && len(s.each) == 0 && len(s.properties) > 0
	}
	return next, named && closed && len(next) == 0
}

// words lists the strings that terms of these shapes can be; ok is false if any string will do.
func (list shapes) words() (words []string, ok bool) {
	for _, s := range list {
		if s.enum == nil {
			return nil, false
		}
		for _, word := range s.enum {
			if !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return words, len(words) > 0
}

// each is what the elements of terms of these shapes look like.
func (list shapes) each() shapes {
	next, _ := list.step(ast.VarTerm("_"))
	return next
}

// enums lists, by property name, the values that the schema allows a string to have. A name that stands for an
// enumeration in one place and for any string in another is left out.
func enums(schema []byte) (map[string][]string, error) {
	var root any
	if err := json.Unmarshal(schema, &root); err != nil {
		return nil, fmt.Errorf("facts schema: %w", err)
	}
	found := map[string][]string{}
	open := map[string]bool{}
	collectEnums(root, found, open)
	for name := range open {
		delete(found, name)
	}
	return found, nil
}

func collectEnums(value any, found map[string][]string, open map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			collectEnums(element, found, open)
		}
	case map[string]any:
		properties, _ := v["properties"].(map[string]any)
		for name, property := range properties {
			p, _ := property.(map[string]any)
			list, isEnum := p["enum"].([]any)
			if !isEnum {
				open[name] = true
			}
			for _, allowed := range list {
				if s, ok := allowed.(string); ok && !slices.Contains(found[name], s) {
					found[name] = append(found[name], s)
				}
			}
		}
		for _, element := range v {
			collectEnums(element, found, open)
		}
	}
}
