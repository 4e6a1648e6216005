package crd

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
)

func (j *judged) add(path kube.Path, kind schema.Kind, message string) {
	v := schema.Violation{Path: path, Kind: kind, Message: message}
	if !slices.ContainsFunc(j.violations, func(other schema.Violation) bool {
		return other.Kind == kind && other.Message == message && other.Path.Equal(path)
	}) {
		j.violations = append(j.violations, v)
	}
}

// unknown says that a field is dropped, and which one may have been meant.
func (j *judged) unknown(fields map[string]any, at string, s *structuralschema.Structural) {
	path := parsePath(fields, at)
	message := "unknown field " + strconv.Quote(path.String())
	if len(path) > 0 {
		name, _ := path[len(path)-1].(string)
		if near, ok := kube.Near(name, namesAt(s, path[:len(path)-1])); ok {
			message += "; did you mean " + strconv.Quote(near) + "?"
		}
	}
	j.add(path, schema.UnknownField, message)
}

// namesAt lists the fields that a schema has at a place.
func namesAt(s *structuralschema.Structural, path kube.Path) []string {
	for _, step := range path {
		if s == nil {
			return nil
		}
		name, isName := step.(string)
		if !isName {
			s = s.Items
			continue
		}
		if inner, ok := s.Properties[name]; ok {
			s = &inner
		} else if s.AdditionalProperties != nil {
			s = s.AdditionalProperties.Structural
		} else {
			return nil
		}
	}
	if s == nil {
		return nil
	}
	return kube.SortedKeys(s.Properties)
}

// inBody is how the validator of values begins: with the path, in a dialect of its own.
var inBody = regexp.MustCompile(`^\S* in body `)

// ofType is what it says of a wrong type.
var ofType = regexp.MustCompile(`must be of type ([a-z0-9-]+)`)

// nowhere is the field of an error of that validator that has none.
const nowhere = "<nil>"

// placed finds the field in the text of such an error.
var placed = regexp.MustCompile(`^"(\S+)" must validate| in (\S+)$`)

// unplaced says what an error without a field is about, unless something more exact is known of it.
func (j *judged) unplaced(fields map[string]any, err *field.Error) {
	match := placed.FindStringSubmatch(err.Detail)
	if match == nil {
		j.add(nil, schema.InvalidValue, err.Detail)
		return
	}
	path := parsePath(fields, match[1]+match[2])
	if !slices.ContainsFunc(j.violations, func(v schema.Violation) bool {
		return v.Kind != schema.UnknownField && len(v.Path) >= len(path) && path.Equal(v.Path[:len(path)])
	}) {
		j.add(path, schema.InvalidValue, path.String()+": "+strings.TrimPrefix(err.Detail, `"`+match[1]+`" `))
	}
}

// words for the types of a schema.
var words = map[string]string{
	"string": "a string", "boolean": "a boolean", "integer": "a whole number", "number": "a number",
	"array": "a list", "object": "a mapping",
	"int32": "a whole number", "int64": "a whole number", "float": "a number", "double": "a number",
}

// field says what is wrong with a value.
func (j *judged) field(fields map[string]any, err *field.Error) {
	path := parsePath(fields, err.Field)
	value, _ := kube.Lookup(fields, path)
	switch err.Type {
	case field.ErrorTypeRequired:
		// A required field that holds null is there for the reader, and not for the API server.
		j.add(path, Missing, path.String()+" is required")
	case field.ErrorTypeTypeInvalid:
		match := ofType.FindStringSubmatch(err.Detail)
		if match == nil {
			match = []string{"", "another type"}
		}
		if want, ok := words[match[1]]; ok {
			j.add(path, schema.WrongType, schema.Mismatch(want, value))
		} else {
			// A string of some format.
			j.add(path, schema.InvalidValue, fmt.Sprintf("%s: want %s, got %s", path, match[1], quoted(value)))
		}
	case field.ErrorTypeDuplicate:
		j.add(path, Duplicate, fmt.Sprintf("%s is in the list already: %s", path, clip(fmt.Sprint(shown(err.BadValue)))))
	case field.ErrorTypeNotSupported:
		j.add(path, schema.InvalidValue, fmt.Sprintf("%s: got %s, %s", path, quoted(value), strings.ReplaceAll(err.Detail, "supported values: ", "want one of ")))
	default:
		j.add(path, schema.InvalidValue, fmt.Sprintf("%s: %s, got %s", path, inBody.ReplaceAllString(err.Detail, ""), quoted(value)))
	}
}

// rule says which rule does not hold, in the words of who wrote it.
func (j *judged) rule(fields map[string]any, err *field.Error) {
	path := parsePath(fields, err.Field)
	message := err.Detail
	if len(path) > 0 {
		message = path.String() + ": " + message
	}
	j.add(path, Rule, message)
}

// shown are the keys of an element that stands twice.
func shown(value any) any {
	m, ok := value.(map[string]any)
	if !ok {
		return value
	}
	parts := make([]string, 0, len(m))
	for _, key := range kube.SortedKeys(m) {
		parts = append(parts, fmt.Sprintf("%s %v", key, m[key]))
	}
	return strings.Join(parts, ", ")
}

func quoted(value any) string {
	switch value := value.(type) {
	case string:
		return strconv.Quote(clip(value))
	case []any:
		return fmt.Sprintf("a list of %d", len(value))
	case map[string]any:
		return fmt.Sprintf("a mapping of %d", len(value))
	case nil:
		return "nothing"
	default:
		return fmt.Sprint(value)
	}
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// parsePath reads a path as field.Path writes it: keys of mappings in brackets without quotes, and names of fields that may
// hold dots. The object tells what is meant.
func parsePath(fields map[string]any, text string) kube.Path {
	var path kube.Path
	var at any = fields
	for text != "" {
		if inner, ok := strings.CutPrefix(text, "["); ok {
			list, isList := at.([]any)
			step, rest := bracket(at, inner)
			text = rest
			if index, err := strconv.Atoi(step); err == nil && (isList || at == nil) {
				path = append(path, index)
				at = nil
				if index >= 0 && index < len(list) {
					at = list[index]
				}
				continue
			}
			path = append(path, step)
			at = value(at, step)
			continue
		}
		text = strings.TrimPrefix(text, ".")
		step := longest(at, text)
		if step == "" {
			return path
		}
		text = text[len(step):]
		path = append(path, step)
		at = value(at, step)
	}
	return path
}

func value(at any, key string) any {
	m, _ := at.(map[string]any)
	return m[key]
}

// bracket cuts the key off that a text begins with: the longest that is there, or what goes to the first bracket.
func bracket(at any, text string) (step, rest string) {
	m, _ := at.(map[string]any)
	for key := range m {
		if tail, ok := strings.CutPrefix(text, key); ok && strings.HasPrefix(tail, "]") && len(key) > len(step) {
			step, rest = key, tail[1:]
		}
	}
	if step != "" {
		return step, rest
	}
	step, rest, _ = strings.Cut(text, "]")
	return step, rest
}

// longest is the name that a text begins with: the longest of those that are there, or what goes to the next separator.
func longest(at any, text string) string {
	best := ""
	m, _ := at.(map[string]any)
	for key := range m {
		if tail, ok := strings.CutPrefix(text, key); ok && (tail == "" || tail[0] == '.' || tail[0] == '[') && len(key) > len(best) {
			best = key
		}
	}
	if best != "" {
		return best
	}
	if end := strings.IndexAny(text, ".["); end >= 0 {
		return text[:end]
	}
	return text
}
