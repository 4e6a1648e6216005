package crd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// node is a schema or a part of one, as a CRD writes it (apiextensions.k8s.io/v1, JSONSchemaProps).
type node struct {
	Type        string `json:"type"`
	Format      string `json:"format"`
	Nullable    bool   `json:"nullable"`
	IntOrString bool   `json:"x-kubernetes-int-or-string"`
	// Preserve keeps what the schema does not name.
	Preserve bool `json:"x-kubernetes-preserve-unknown-fields"`
	// Embedded is an object with a kind of its own.
	Embedded bool `json:"x-kubernetes-embedded-resource"`

	Default    jsonValue        `json:"default"`
	Properties map[string]*node `json:"properties"`
	Additional *additional      `json:"additionalProperties"`
	Items      *node            `json:"items"`
	Required   []string         `json:"required"`
	ListType   string           `json:"x-kubernetes-list-type"`
	ListKeys   []string         `json:"x-kubernetes-list-map-keys"`

	Enum             []jsonValue `json:"enum"`
	Pattern          string      `json:"pattern"`
	MinLength        *int64      `json:"minLength"`
	MaxLength        *int64      `json:"maxLength"`
	Minimum          *float64    `json:"minimum"`
	Maximum          *float64    `json:"maximum"`
	ExclusiveMinimum bool        `json:"exclusiveMinimum"`
	ExclusiveMaximum bool        `json:"exclusiveMaximum"`
	MultipleOf       *float64    `json:"multipleOf"`
	MinItems         *int64      `json:"minItems"`
	MaxItems         *int64      `json:"maxItems"`
	UniqueItems      bool        `json:"uniqueItems"`
	MinProperties    *int64      `json:"minProperties"`
	MaxProperties    *int64      `json:"maxProperties"`
	AllOf            []*node     `json:"allOf"`
	AnyOf            []*node     `json:"anyOf"`
	OneOf            []*node     `json:"oneOf"`
	Not              *node       `json:"not"`

	Rules []*celRule `json:"x-kubernetes-validations"`

	// ruled: there are rules here or further down.
	ruled bool
	// defaults are the properties that have one.
	defaults []string
	// special are the names of properties, here or further down, of which rules see another value than a string: bytes, times
	// and durations.
	special map[string]bool
}

// additional is a schema for properties that have no name of their own, or whether there may be any.
type additional struct {
	schema *node
	any    bool
}

func (a *additional) UnmarshalJSON(text []byte) error {
	if text[0] != '{' {
		return json.Unmarshal(text, &a.any)
	}
	return json.Unmarshal(text, &a.schema)
}

// jsonValue is a value of the schema. It is shared by all objects, and not to be changed.
type jsonValue struct {
	value any
	set   bool
}

func (v *jsonValue) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &v.value); err != nil {
		return err
	}
	v.value, v.set = copied(v.value), v.value != nil
	return nil
}

// readSchema reads a schema as JSON.
func readSchema(text []byte) (*node, error) {
	var root *node
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&root); err != nil {
		return nil, err
	}
	if root == nil {
		return nil, errors.New("no schema")
	}
	if err := root.usable(); err != nil {
		return nil, err
	}
	root.prepare()
	return root, nil
}

// parts are the schemas within a schema that rules may stand at, in order, with the names of those that have one.
func (n *node) parts() iter.Seq2[string, *node] {
	return func(yield func(string, *node) bool) {
		for _, name := range kube.SortedKeys(n.Properties) {
			if !yield(name, n.Properties[name]) {
				return
			}
		}
		rest := append([]*node{n.Items}, n.AllOf...)
		if n.Additional != nil {
			rest = append(rest, n.Additional.schema)
		}
		for _, inner := range rest {
			if inner != nil && !yield(elementName, inner) {
				return
			}
		}
	}
}

// prepare notes what rules need to know of the parts of a schema.
func (n *node) prepare() {
	n.ruled = len(n.Rules) > 0
	for name, inner := range n.parts() {
		inner.prepare()
		if inner.Default.set && name != elementName {
			n.defaults = append(n.defaults, name)
		}
		n.ruled = n.ruled || inner.ruled
		if len(inner.special) == 0 && !inner.isSpecial() {
			continue
		}
		if n.special == nil {
			n.special = map[string]bool{}
		}
		maps.Copy(n.special, inner.special)
		if inner.isSpecial() {
			n.special[name] = true
		}
	}
}

// elementName stands for what has no name of its own.
const elementName = ""

func (n *node) isSpecial() bool {
	switch n.Format {
	case "byte", "date", "date-time", "duration":
		return n.Type == "string"
	}
	return false
}

// usable refuses a schema that no API server takes, of what would make nonsense of an object: each value has a type.
func (n *node) usable() error {
	if n == nil {
		return errors.New("no schema")
	}
	if n.Type == "" && !n.IntOrString && !n.Preserve {
		return errors.New("want a type")
	}
	for _, name := range kube.SortedKeys(n.Properties) {
		if err := n.Properties[name].usable(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if n.Additional != nil && n.Additional.schema != nil {
		if err := n.Additional.schema.usable(); err != nil {
			return err
		}
	}
	if n.Type == "array" {
		return n.Items.usable()
	}
	return nil
}

// field is the schema of a property; known is false where there is none, and nothing else may be there.
func (n *node) field(name string) (inner *node, known bool) {
	if inner, ok := n.Properties[name]; ok {
		return inner, true
	}
	if n.Additional != nil {
		return n.Additional.schema, true
	}
	return nil, false
}

// copied copies a value as the API server's decoder would have read it.
func copied(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, inner := range value {
			out[key] = copied(inner)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, inner := range value {
			out[i] = copied(inner)
		}
		return out
	}
	value, _ = whole(value)
	return value
}

// whole gives a value with whole numbers as int64, as the API server's decoder reads them, and tells whether it is another
// than the one given.
func whole(value any) (any, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case float64:
		// 1<<63 is the first that an int64 does not hold; as a float64 it is exact.
		if v == math.Trunc(v) && v >= -(1<<63) && v < 1<<63 {
			return int64(v), true
		}
	case map[string]any, []any:
		if hasFloats(v) {
			return copied(v), true
		}
	}
	return value, false
}

// hasFloats reports whether some number in a value is no int64.
func hasFloats(value any) bool {
	switch value := value.(type) {
	case int, float64:
		return true
	case map[string]any:
		for _, inner := range value {
			if hasFloats(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, hasFloats)
	}
	return false
}

// trail is the way from the root of an object to a value of it. It is only made a path for what is said.
type trail []trailStep

type trailStep struct {
	key   string
	index int // -1: it is a key
}

func (t trail) name(key string) trail { return append(t, trailStep{key, -1}) }

func (t trail) element(i int) trail { return append(t, trailStep{"", i}) }

func (t trail) path() kube.Path {
	path := make(kube.Path, len(t))
	for i, s := range t {
		if s.index >= 0 {
			path[i] = s.index
		} else {
			path[i] = s.key
		}
	}
	return path
}

// text is the path as messages write it, before a colon.
func (t trail) text() string {
	if len(t) == 0 {
		return ""
	}
	return t.path().String() + ": "
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
