package schema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/tlsward/tlsward/kube"
)

// shape is what the JSON decoder accepts for one Go type, worked out once so that checking an object needs no reflection.
type shape struct {
	form   form
	fields map[string]*shape // of a structure
	names  []string          // of its fields, sorted
	elem   *shape            // of a list's elements or a mapping's values; for bytes, of the list they may be written as
	bits   int               // of a number
	// custom is the type that reads itself, want what it asks for in words; null whether it is left alone with a null.
	custom reflect.Type
	want   string
	null   bool
}

// form says how a value is checked.
type form int

const (
	formAnything form = iota
	formBool
	formInt
	formUint
	formFloat
	formString
	formBytes
	formList
	formMapping
	formStructure
	formTime
	formText
	formCustom
)

var anything = &shape{}

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// wanted describes the types that read themselves.
var wanted = map[reflect.Type]string{
	reflect.TypeFor[intstr.IntOrString](): "a whole number or a string",
	reflect.TypeFor[resource.Quantity]():  "a quantity such as 500m or 64Mi",
	reflect.TypeFor[metav1.Time]():        "a time such as 2027-01-31T18:00:00Z",
	reflect.TypeFor[metav1.MicroTime]():   "a time such as 2027-01-31T18:00:00.000000Z",
	reflect.TypeFor[metav1.Duration]():    "a duration such as 1h30m",
}

// shapeOf follows the decoder of sigs.k8s.io/json, which is encoding/json with case-sensitive field names. seen breaks
// the circle of types that hold themselves.
func shapeOf(t reflect.Type, seen map[reflect.Type]*shape) *shape {
	if s, ok := seen[t]; ok {
		return s
	}
	s := &shape{}
	seen[t] = s
	switch {
	case t.Kind() == reflect.Pointer:
		*s = *shapeOf(t.Elem(), seen)
		s.null = true
	case t == reflect.TypeFor[metav1.Time]():
		*s = shape{form: formTime, want: wanted[t]}
	case t.Name() != "" && reflect.PointerTo(t).Implements(jsonUnmarshaler):
		*s = shape{form: formCustom, custom: t, want: describeType(t)}
	case t.Name() != "" && reflect.PointerTo(t).Implements(textUnmarshaler):
		*s = shape{form: formText, custom: t, want: describeType(t)}
	default:
		s.plain(t, seen)
	}
	return s
}

func describeType(t reflect.Type) string {
	if want, ok := wanted[t]; ok {
		return want
	}
	return "a " + t.Name()
}

func (s *shape) plain(t reflect.Type, seen map[reflect.Type]*shape) {
	switch t.Kind() {
	case reflect.Bool:
		s.form = formBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.form, s.bits = formInt, t.Bits()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.form, s.bits = formUint, t.Bits()
	case reflect.Float32, reflect.Float64:
		s.form, s.bits = formFloat, t.Bits()
	case reflect.String:
		s.form = formString
	case reflect.Slice:
		s.form = formList
		if t.Elem().Kind() == reflect.Uint8 {
			s.form = formBytes
		}
		s.elem = shapeOf(t.Elem(), seen)
	case reflect.Map:
		// API types have no other keys; if one ever does, no opinion is better than a wrong one.
		if t.Key().Kind() == reflect.String && !reflect.PointerTo(t.Key()).Implements(textUnmarshaler) {
			s.form, s.elem = formMapping, shapeOf(t.Elem(), seen)
		}
	case reflect.Struct:
		s.form, s.fields = formStructure, map[string]*shape{}
		addFields(s.fields, t, seen)
		if t == reflect.TypeFor[metav1.ObjectMeta]() {
			// The API server's own bookkeeping, whose reader is not the author of the manifest.
			s.fields["managedFields"] = anything
		}
		s.names = kube.SortedKeys(s.fields)
	default:
	}
}

// addFields adds the fields of a struct and then those of the structs embedded in it, which the nearer ones hide.
func addFields(fields map[string]*shape, t reflect.Type, seen map[reflect.Type]*shape) {
	var embedded []reflect.Type
	for i := range t.NumField() {
		field := t.Field(i)
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		target := field.Type
		if target.Kind() == reflect.Pointer {
			target = target.Elem()
		}
		inline := field.Anonymous && name == "" && target.Kind() == reflect.Struct
		switch {
		case tag == "-" || !field.IsExported() && !inline:
			continue
		case inline:
			embedded = append(embedded, target)
			continue
		case name == "":
			name = field.Name
		}
		if _, hidden := fields[name]; hidden {
			continue
		}
		fields[name] = shapeOf(field.Type, seen)
		if strings.Contains(options, "string") {
			// A number in quotes. API types have none, so that no opinion will do.
			fields[name] = anything
		}
	}
	for _, t := range embedded {
		addFields(fields, t, seen)
	}
}
