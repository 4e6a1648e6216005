// Package schema is the API server's view of an object of a core kind: which fields exist, which types they have, and
// how the object looks once it is stored. The linter calls it for what a manifest says before any server has seen it,
// the other doors so that all judge the same object. It knows no rule, and of what only the server's validation and
// admission can say, such as required fields or allowed values, it says nothing.
package schema

import (
	"cmp"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/tlsward/tlsward/kube"
)

// Kind says what sort of violation it is.
type Kind string

// WrongType: the server refuses the object. UnknownField: it refuses it too if asked to be strict, as kubectl does, and
// otherwise drops the field. InvalidValue: of the right type, but not readable, as base64 that is none; refused.
const (
	WrongType    Kind = "wrong-type"
	UnknownField Kind = "unknown-field"
	InvalidValue Kind = "invalid-value"
)

// Violation is one place where an object is not what the API server reads. Message shows no value of a Secret's data.
type Violation struct {
	Path    kube.Path
	Kind    Kind
	Message string
}

// Check compares an object with the Go type into which the API server decodes it strictly, and reports every
// difference, in the order of their paths. Of a kind or version it does not know it has no opinion; the status and
// metadata.managedFields, which no author writes, it passes over.
func Check(obj kube.Object) []Violation {
	shape, ok := kinds[keyOf(obj)]
	if !ok {
		return nil
	}
	c := checker{secret: keyOf(obj) == secretKey}
	// Few objects are deeper: spec.rules[0].http.paths[0].backend.service.port.number has 10 steps.
	var steps [16]step
	c.path = steps[:0]
	c.value(shape(), obj.Fields)
	if len(c.violations) > 1 {
		slices.SortFunc(c.violations, func(a, b Violation) int { return slices.CompareFunc(a.Path, b.Path, compareSteps) })
	}
	return c.violations
}

// Knows reports whether Check has an opinion on objects of this kind and version.
func Knows(obj kube.Object) bool {
	_, ok := kinds[keyOf(obj)]
	return ok
}

// compareSteps orders indexes before keys; in one object the same place has only one of them.
func compareSteps(a, b any) int {
	i, aIsIndex := a.(int)
	j, bIsIndex := b.(int)
	switch {
	case aIsIndex && bIsIndex:
		return cmp.Compare(i, j)
	case aIsIndex:
		return -1
	case bIsIndex:
		return 1
	}
	key, _ := a.(string)
	other, _ := b.(string)
	return cmp.Compare(key, other)
}

// checker walks an object. It keeps the way to where it is as plain values: a kube.Path, whose steps are boxed, is only
// made for a violation.
type checker struct {
	path       []step
	violations []Violation
	secret     bool
}

// step is a key, or an index if that is not negative.
type step struct {
	key   string
	index int
}

func (c *checker) value(s *shape, v any) {
	// A null leaves any field as it is, save that some types insist on reading it themselves.
	if v == nil && (s.form != formCustom || s.null) {
		return
	}
	switch s.form {
	case formAnything:
	case formStructure:
		c.structure(s, v)
	case formMapping:
		m, ok := v.(map[string]any)
		if !ok {
			c.wrongType("a mapping", v, "")
			return
		}
		c.path = append(c.path, step{index: -1})
		for key, value := range m {
			c.path[len(c.path)-1].key = key
			c.value(s.elem, value)
		}
		c.path = c.path[:len(c.path)-1]
	case formList:
		c.list(s, v)
	case formBytes:
		c.bytes(s, v)
	case formString:
		if _, ok := v.(string); !ok {
			c.wantString("a string", v)
		}
	case formBool:
		if _, ok := v.(bool); !ok {
			c.wrongType("a boolean", v, unquoteHint(v, "true", "false"))
		}
	case formInt, formUint:
		c.whole(s, v)
	case formFloat:
		c.float(s, v)
	case formTime:
		text, ok := v.(string)
		if !ok {
			c.wantString(s.want, v)
		} else if _, err := time.Parse(time.RFC3339, text); err != nil {
			c.invalid(s.want, text)
		}
	case formText, formCustom:
		c.custom(s, v)
	}
}

func (c *checker) structure(s *shape, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		c.wrongType("a mapping", v, "")
		return
	}
	c.path = append(c.path, step{index: -1})
	for key, value := range m {
		c.path[len(c.path)-1].key = key
		if field, ok := s.fields[key]; ok {
			c.value(field, value)
		} else {
			c.unknown(s, key)
		}
	}
	c.path = c.path[:len(c.path)-1]
}

func (c *checker) list(s *shape, v any) {
	list, ok := v.([]any)
	if !ok {
		c.wrongType("a list", v, listHint(v))
		return
	}
	c.path = append(c.path, step{})
	for i, value := range list {
		c.path[len(c.path)-1].index = i
		c.value(s.elem, value)
	}
	c.path = c.path[:len(c.path)-1]
}

// bytes are written as base64. The decoder takes a list of small numbers too.
func (c *checker) bytes(s *shape, v any) {
	switch v := v.(type) {
	case []any:
		c.list(s, v)
	case string:
		if _, err := base64.StdEncoding.DecodeString(v); err != nil {
			hint := ""
			if c.secret && len(c.path) > 0 && c.path[0].key == "data" {
				hint = "; plain text belongs in stringData"
			}
			c.add(InvalidValue, "want base64, got something else: "+err.Error()+hint)
		}
	default:
		c.wantString("a string of base64", v)
	}
}

func (c *checker) whole(s *shape, v any) {
	switch v := v.(type) {
	case int64:
		if fits(s, v) {
			return
		}
	case int: // not JSON shape, but what a test or a hand-made object holds
		if fits(s, int64(v)) {
			return
		}
	case float64:
		if v != math.Trunc(v) {
			c.wrongType("a whole number", v, "")
			return
		}
		// 1<<63 is the first that an int64 does not hold; as a float64 it is exact.
		if v >= -(1<<63) && v < 1<<63 && fits(s, int64(v)) || s.form == formUint && s.bits == 64 && v >= 0 && v < 1<<64 {
			return
		}
	default:
		c.wrongType("a whole number", v, numberHint(v))
		return
	}
	want := "a whole number of " + strconv.Itoa(s.bits) + " bits"
	if s.form == formUint {
		want += ", not negative"
	}
	c.wrongType(want, v, "")
}

func fits(s *shape, v int64) bool {
	if s.form == formUint {
		return v >= 0 && (s.bits == 64 || v < 1<<s.bits)
	}
	return s.bits == 64 || v >= -(1<<(s.bits-1)) && v < 1<<(s.bits-1)
}

func (c *checker) float(s *shape, v any) {
	switch v := v.(type) {
	case int64, int:
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) || s.bits == 32 && math.IsInf(float64(float32(v)), 0) {
			c.wrongType("a number of "+strconv.Itoa(s.bits)+" bits", v, "")
		}
	default:
		c.wrongType("a number", v, numberHint(v))
	}
}

// custom lets a type that reads itself try.
func (c *checker) custom(s *shape, v any) {
	var err error
	text, isText := v.(string)
	if into := reflect.New(s.custom).Interface(); s.form == formText {
		if !isText {
			c.wantString(s.want, v)
			return
		}
		err = into.(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	} else {
		var data []byte
		if data, err = json.Marshal(v); err == nil {
			err = into.(json.Unmarshaler).UnmarshalJSON(data)
		}
	}
	switch {
	case err == nil:
	case isText:
		c.invalid(s.want, text)
	default:
		c.wrongType(s.want, v, "")
	}
}

// CheckMetadata compares an object's metadata with the type that every kind has there. It needs to know no kind.
func CheckMetadata(obj kube.Object) []Violation {
	metadata, ok := obj.Fields["metadata"]
	if !ok {
		return nil
	}
	c := checker{path: []step{{key: "metadata", index: -1}}}
	c.value(metadataShape(), metadata)
	slices.SortFunc(c.violations, func(a, b Violation) int { return slices.CompareFunc(a.Path, b.Path, compareSteps) })
	return c.violations
}

var metadataShape = sync.OnceValue(func() *shape { return shapeOf(reflect.TypeFor[metav1.ObjectMeta](), map[reflect.Type]*shape{}) })

// Mismatch says of a value that another type is wanted, as Check does.
func Mismatch(want string, got any) string {
	c := checker{}
	switch want {
	case "a string":
		c.wantString(want, got)
	case "a boolean":
		c.wrongType(want, got, unquoteHint(got, "true", "false"))
	case "a number", "a whole number":
		c.wrongType(want, got, numberHint(got))
	case "a list":
		c.wrongType(want, got, listHint(got))
	default:
		c.wrongType(want, got, "")
	}
	return c.violations[0].Message
}

// listHint says what is missing where a single element stands for a list.
func listHint(got any) string {
	if _, ok := got.(map[string]any); ok {
		return "put a - before its first key"
	}
	return ""
}
