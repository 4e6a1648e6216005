package crd

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
)

// value says what of a value the schema does not allow.
func (j *judged) value(n *node, value any, at trail) {
	if value == nil {
		if n.typed() && !n.Nullable {
			j.wrongType(n, value, at)
		}
		j.listed(n, value, at)
		return
	}
	j.ofType(n, value, at)
	j.composed(n, value, at)
	switch value := value.(type) {
	case string:
		j.text(n, value, at)
	case int64:
		j.number(n, float64(value), at)
		if n.Type == "integer" && n.Format == "int32" && int64(int32(value)) != value {
			j.outOfRange(n, value, at)
		}
	case float64:
		j.number(n, value, at)
	case []any:
		j.list(n, value, at)
	}
	j.listed(n, value, at)
	if m, ok := value.(map[string]any); ok {
		j.object(n, m, at)
	}
}

func (n *node) typed() bool { return n.Type != "" || n.IntOrString }

// words for the types of a schema.
var words = map[string]string{
	"string": "a string", "boolean": "a boolean", "integer": "a whole number", "number": "a number", "array": "a list", "object": "a mapping",
}

func (j *judged) wrongType(n *node, value any, at trail) {
	j.blocked = true
	if want, ok := words[n.Type]; ok && !n.IntOrString {
		j.add(at, schema.WrongType, schema.Mismatch(want, value))
		return
	}
	j.add(at, schema.WrongType, schema.Mismatch("a whole number or a string", value))
}

func (j *judged) ofType(n *node, value any, at trail) {
	if !n.typed() {
		return
	}
	ok := false
	switch value := value.(type) {
	case string:
		ok = n.Type == "string" || n.IntOrString
	case bool:
		ok = n.Type == "boolean"
	case int64:
		ok = n.Type == "integer" || n.Type == "number" || n.IntOrString
	case float64:
		ok = n.Type == "number" || (n.Type == "integer" || n.IntOrString) && value == math.Trunc(value)
	case []any:
		// The API server looks at no elements where a string has a format.
		ok = n.Type == "array" || n.Type == "string" && knownFormat(n.Format)
	case map[string]any:
		ok = n.Type == "object"
	}
	if !ok {
		j.wrongType(n, value, at)
	}
}

// composed judges by the schemas of allOf, anyOf, oneOf and not. What these find in detail is said in their stead.
func (j *judged) composed(n *node, value any, at trail) {
	for _, part := range n.AllOf {
		j.value(part, value, at)
	}
	if len(n.AnyOf) > 0 {
		best, valid := bestOf(n.AnyOf, value, at)
		if valid == 0 {
			j.instead(best, at, "allowed by none of "+strconv.Itoa(len(n.AnyOf))+" alternatives")
		}
	}
	if len(n.OneOf) > 0 {
		best, valid := bestOf(n.OneOf, value, at)
		switch {
		case valid == 0:
			j.instead(best, at, "allowed by none of "+strconv.Itoa(len(n.OneOf))+" alternatives")
		case valid > 1:
			j.add(at, schema.InvalidValue, at.text()+"allowed by "+strconv.Itoa(valid)+" alternatives, which exclude each other, got "+quoted(value))
		}
	}
	if n.Not != nil {
		inner := judged{}
		if inner.value(n.Not, value, at); len(inner.violations) == 0 {
			j.add(at, schema.InvalidValue, at.text()+"not allowed, got "+quoted(value))
		}
	}
}

// bestOf tells how many of some alternatives allow a value, and if none, what the first of those says that say least.
func bestOf(alternatives []*node, value any, at trail) (best judged, valid int) {
	for i, alternative := range alternatives {
		var one judged
		one.value(alternative, value, at)
		if len(one.violations) == 0 {
			valid++
		}
		if i == 0 || len(one.violations) < len(best.violations) {
			best = one
		}
	}
	return best, valid
}

func (j *judged) instead(best judged, at trail, message string) {
	j.blocked = j.blocked || best.blocked
	if len(best.violations) == 0 {
		j.add(at, schema.InvalidValue, at.text()+message)
	}
	for _, v := range best.violations {
		if !slices.ContainsFunc(j.violations, func(other schema.Violation) bool {
			return other.Kind == v.Kind && other.Message == v.Message && other.Path.Equal(v.Path)
		}) {
			j.violations = append(j.violations, v)
		}
	}
}

func (j *judged) invalid(at trail, what string, value any) {
	j.add(at, schema.InvalidValue, fmt.Sprintf("%s%s, got %s", at.text(), what, quoted(value)))
}

// text judges a string. The first that is wrong of its length and its pattern is enough.
func (j *judged) text(n *node, value string, at trail) {
	length := int64(-1)
	if n.MaxLength != nil || n.MinLength != nil {
		length = int64(utf8.RuneCountInString(value))
	}
	switch {
	case n.MaxLength != nil && length > *n.MaxLength:
		j.blocked = true
		j.invalid(at, fmt.Sprintf("should be at most %d characters long", *n.MaxLength), value)
	case n.MinLength != nil && length < *n.MinLength:
		j.invalid(at, fmt.Sprintf("should be at least %d characters long", *n.MinLength), value)
	case n.Pattern != "" && !matched(n.Pattern, value):
		j.invalid(at, "should match '"+n.Pattern+"'", value)
	}
	if check, ok := formats[n.Format]; ok && !check(value) {
		j.blocked = true
		j.invalid(at, "want "+n.Format, value)
	}
}

// patterns that were asked for; schemas share most of them.
var patterns sync.Map // of string to *regexp.Regexp

func matched(pattern, value string) bool {
	known, ok := patterns.Load(pattern)
	if !ok {
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			// The API server takes no such schema.
			return true
		}
		known, _ = patterns.LoadOrStore(pattern, compiled)
	}
	compiled, _ := known.(*regexp.Regexp)
	return compiled.MatchString(value)
}

// number judges a number. Its bounds are of a precision that a float64 has.
func (j *judged) number(n *node, value float64, at trail) {
	if n.MultipleOf != nil && *n.MultipleOf != 0 && math.Mod(value, *n.MultipleOf) != 0 {
		j.invalid(at, fmt.Sprintf("should be a multiple of %v", *n.MultipleOf), value)
	}
	if most := n.Maximum; most != nil && (value > *most || n.ExclusiveMaximum && value == *most) {
		j.invalid(at, "should be less than "+orEqual(n.ExclusiveMaximum)+plain(*most), value)
	}
	if least := n.Minimum; least != nil && (value < *least || n.ExclusiveMinimum && value == *least) {
		j.invalid(at, "should be greater than "+orEqual(n.ExclusiveMinimum)+plain(*least), value)
	}
}

func orEqual(exclusive bool) string {
	if exclusive {
		return ""
	}
	return "or equal to "
}

// plain writes a number without an exponent.
func plain(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

// outOfRange says that a number has more bits than its format, unless more is known of it.
func (j *judged) outOfRange(n *node, value int64, at trail) {
	path := at.path()
	if !slices.ContainsFunc(j.violations, func(v schema.Violation) bool { return v.Path.Equal(path) }) {
		j.invalid(at, "want a whole number of "+strings.TrimPrefix(n.Format, "int")+" bits", value)
	}
}

func (j *judged) list(n *node, value []any, at trail) {
	if n.Items != nil {
		for i, element := range value {
			j.value(n.Items, element, at.element(i))
		}
	}
	length := int64(len(value))
	if n.MinItems != nil && length < *n.MinItems {
		j.invalid(at, fmt.Sprintf("should have at least %d items", *n.MinItems), value)
	}
	if n.MaxItems != nil && length > *n.MaxItems {
		j.blocked = true
		j.invalid(at, fmt.Sprintf("should have at most %d items", *n.MaxItems), value)
	}
	if n.UniqueItems && len(repeated(value)) > 0 {
		j.invalid(at, "should have no item twice", value)
	}
}

// listed judges by the values that are listed.
func (j *judged) listed(n *node, value any, at trail) {
	if len(n.Enum) == 0 || slices.ContainsFunc(n.Enum, func(allowed jsonValue) bool { return reflect.DeepEqual(allowed.value, value) }) {
		return
	}
	allowed := make([]string, len(n.Enum))
	for i := range n.Enum {
		text, err := json.Marshal(n.Enum[i].value)
		if err == nil {
			allowed[i] = string(text)
		}
	}
	j.blocked = true
	j.add(at, schema.InvalidValue, fmt.Sprintf("%sgot %s, want one of %s", at.text(), quoted(value), strings.Join(allowed, ", ")))
}

func (j *judged) object(n *node, value map[string]any, at trail) {
	length := int64(len(value))
	if n.MinProperties != nil && length < *n.MinProperties {
		j.invalid(at, fmt.Sprintf("should have at least %d fields", *n.MinProperties), value)
	}
	if n.MaxProperties != nil && length > *n.MaxProperties {
		j.blocked = true
		j.invalid(at, fmt.Sprintf("should have at most %d fields", *n.MaxProperties), value)
	}
	for key, inner := range value {
		if field, _ := n.field(key); field != nil {
			j.value(field, inner, at.name(key))
		}
	}
	required := n.Required
	if n.Embedded {
		required = append(slices.Clip(required), "apiVersion", "kind")
	}
	for _, name := range required {
		if _, there := value[name]; !there {
			j.blocked = true
			j.add(at.name(name), Missing, at.name(name).path().String()+" is required")
		}
	}
}

// lists says which elements stand twice in lists of which each element is to be there once.
func (j *judged) lists(n *node, value any, at trail) {
	if n == nil {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if field, _ := n.field(key); field != nil {
				j.lists(field, inner, at.name(key))
			}
		}
	case []any:
		switch n.ListType {
		case "set":
			for _, i := range repeated(value) {
				j.twice(at.element(i), value[i])
			}
		case "map":
			j.mapped(n, value, at)
		}
		for i, inner := range value {
			j.lists(n.Items, inner, at.element(i))
		}
	}
}

// mapped judges a list whose elements are told apart by some keys.
func (j *judged) mapped(n *node, list []any, at trail) {
	keys := make([]any, len(list))
	for i, element := range list {
		m, ok := element.(map[string]any)
		if !ok && element != nil {
			j.invalid(at.element(i), "want a mapping", element)
			return
		}
		key := make(map[string]any, len(n.ListKeys))
		for _, name := range n.ListKeys {
			if value, there := m[name]; there {
				key[name] = value
			}
		}
		keys[i] = key
	}
	for _, i := range repeated(keys) {
		j.twice(at.element(i), keys[i])
	}
}

func (j *judged) twice(at trail, value any) {
	j.add(at, Duplicate, fmt.Sprintf("%s is in the list already: %s", at.path(), clip(fmt.Sprint(shown(value)))))
}

// repeated gives the places of values that stand before them too, each value once.
func repeated(list []any) (places []int) {
	if len(list) < 2 {
		return nil
	}
	times := make(map[string]int, len(list))
	for i, value := range list {
		text, err := json.Marshal(value)
		if err != nil {
			return nil
		}
		if times[string(text)]++; times[string(text)] == 2 {
			places = append(places, i)
		}
	}
	return places
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
	case float64:
		return plain(value)
	default:
		return fmt.Sprint(value)
	}
}

func knownFormat(format string) bool {
	_, ok := formats[format]
	return ok || slices.Contains(looseFormats, format)
}

// looseFormats are those that the API server knows, and that are not judged here: what they allow is what its library happens
// to read.
var looseFormats = []string{
	"bsonobjectid", "isbn", "isbn10", "isbn13", "creditcard", "ssn", "hexcolor", "rgbcolor", "password", "duration", "uuid3", "uuid4", "uuid5",
}

// formats of strings, as k8s.io/kube-openapi/pkg/validation/strfmt reads them.
var formats = map[string]func(string) bool{
	"byte": func(s string) bool {
		_, err := base64.StdEncoding.DecodeString(s)
		return err == nil
	},
	"ipv4": func(s string) bool {
		a, err := netip.ParseAddr(s)
		return err == nil && a.Is4()
	},
	"ipv6": func(s string) bool {
		a, err := netip.ParseAddr(s)
		return err == nil && a.Is6() && a.Zone() == ""
	},
	"cidr": func(s string) bool {
		_, _, err := net.ParseCIDR(s)
		return err == nil
	},
	"mac": func(s string) bool {
		_, err := net.ParseMAC(s)
		return err == nil
	},
	"date": func(s string) bool {
		_, err := time.Parse(time.DateOnly, s)
		return err == nil
	},
	"date-time": func(s string) bool {
		_, err := time.Parse(time.RFC3339Nano, s)
		return err == nil
	},
	"uri": func(s string) bool {
		_, err := url.ParseRequestURI(s)
		return err == nil
	},
	"email": func(s string) bool {
		address, err := mail.ParseAddress(s)
		return err == nil && address.Address != ""
	},
	"hostname": func(s string) bool {
		return len(s) <= 255 && matched(`^([a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})(\.[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})*$`, s)
	},
	"uuid": func(s string) bool {
		return matched(`(?i)^[0-9A-F]{8}-?[0-9A-F]{4}-?[0-9A-F]{4}-?[0-9A-F]{4}-?[0-9A-F]{12}$`, s)
	},
}
