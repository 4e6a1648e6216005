package kube

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Path leads to a field of an object: string keys and int indexes, from the root.
type Path []any

// String writes a path as Kubernetes does in its field errors: spec.tls[0].secretName, and
// metadata.annotations["example.com/key"] where a key is no plain word. ParsePath reads it back.
func (p Path) String() string {
	var room [128]byte // most paths need no more: one allocation is that of the text
	b := room[:0]
	for i, step := range p {
		switch s := step.(type) {
		case int:
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(s), 10)
			b = append(b, ']')
		case string:
			switch {
			case !plainKey(s):
				b = append(b, '[')
				b = appendQuoted(b, s)
				b = append(b, ']')
			case i == 0:
				b = append(b, s...)
			default:
				b = append(b, '.')
				b = append(b, s...)
			}
		}
	}
	return string(b)
}

// appendQuoted is strconv.AppendQuote, which looks each character up, also where none needs to be: in the name of an annotation.
func appendQuoted(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return strconv.AppendQuote(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// Pointer writes a path as a JSON Pointer (RFC 6901).
func (p Path) Pointer() string {
	var b strings.Builder
	for _, step := range p {
		b.WriteByte('/')
		switch s := step.(type) {
		case int:
			b.WriteString(strconv.Itoa(s))
		case string:
			// A replacer for both would take 18 KB to set up.
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1"))
		}
	}
	return b.String()
}

// Append returns a new path one or more steps longer; p keeps its own memory.
func (p Path) Append(steps ...any) Path {
	return append(slices.Clip(p), steps...)
}

// Equal reports whether both paths take the same steps.
func (p Path) Equal(other Path) bool { return slices.Equal(p, other) }

func plainKey(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// ParsePath reads what Path.String writes.
func ParsePath(s string) (Path, error) {
	pattern, err := ParsePattern(s)
	if err != nil {
		return nil, err
	}
	for _, step := range pattern.steps {
		switch step.(type) {
		case wildcard, KeyPrefix:
			return nil, fmt.Errorf("path %s: * stands for many fields, want one", s)
		}
	}
	return Path(pattern.steps), nil
}

// Pattern is a path that may hold [*], which stands for every element of a list or every value of a mapping, and
// ["prefix"*], which stands for the values of a mapping whose keys start like that.
type Pattern struct {
	text  string
	steps []any
}

// KeyPrefix is the step that ["prefix"*] makes.
type KeyPrefix string

type wildcard struct{}

var anyIndex = wildcard{}

// ParsePattern reads spec.tls[*].secretName or metadata.annotations["example.com/key"].
func ParsePattern(s string) (Pattern, error) {
	p := Pattern{text: s}
	rest := s
	for rest != "" {
		if strings.HasPrefix(rest, "[") {
			step, after, err := parseBracket(rest)
			if err != nil {
				return Pattern{}, fmt.Errorf("path %s: %w", s, err)
			}
			p.steps, rest = append(p.steps, step), after
			continue
		}
		if len(p.steps) > 0 {
			if rest[0] != '.' {
				return Pattern{}, fmt.Errorf("path %s: want . or [ before %q", s, rest)
			}
			rest = rest[1:]
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if !plainKey(rest[:end]) {
			return Pattern{}, fmt.Errorf("path %s: %q is no plain key; quote it as [\"...\"]", s, rest[:end])
		}
		p.steps, rest = append(p.steps, rest[:end]), rest[end:]
	}
	return p, nil
}

func parseBracket(s string) (step any, rest string, err error) {
	if strings.HasPrefix(s, "[*]") {
		return anyIndex, s[3:], nil
	}
	if strings.HasPrefix(s, `["`) {
		quoted, err := strconv.QuotedPrefix(s[1:])
		if err != nil {
			return nil, "", fmt.Errorf("unclosed quote in %q", s)
		}
		key, err := strconv.Unquote(quoted)
		if err == nil && strings.HasPrefix(s[1+len(quoted):], "*]") {
			return KeyPrefix(key), s[3+len(quoted):], nil
		}
		if err != nil || !strings.HasPrefix(s[1+len(quoted):], "]") {
			return nil, "", fmt.Errorf("want ] after %s", quoted)
		}
		return key, s[2+len(quoted):], nil
	}
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return nil, "", fmt.Errorf("unclosed [ in %q", s)
	}
	index, err := strconv.Atoi(s[1:end])
	if err != nil || index < 0 || s[1:end] != strconv.Itoa(index) {
		return nil, "", fmt.Errorf("want an index, a quoted key or * in %q", s[:end+1])
	}
	return index, s[end+1:], nil
}

func (p Pattern) String() string { return p.text }

// Steps are the pattern's: string keys, int indexes, a KeyPrefix, and a value of a type of its own for [*].
func (p Pattern) Steps() []any { return p.steps }

// Each calls f for every field the pattern leads to, in the order of the lists and, under a mapping, of its sorted keys.
// What does not exist, or has another shape than the pattern expects, is passed over.
func (p Pattern) Each(fields map[string]any, f func(Path, any)) {
	// Most patterns lead nowhere in most objects: no path is made before there is a field.
	var usual [usualSteps]any
	each(fields, p.steps, usual[:0], f)
}

// usualSteps is more than nearly all patterns have.
const usualSteps = 12

func each(value any, steps []any, at Path, f func(Path, any)) {
	if len(steps) == 0 {
		f(append(make(Path, 0, len(at)), at...), value)
		return
	}
	switch step := steps[0].(type) {
	case string:
		if m, ok := value.(map[string]any); ok {
			if next, ok := m[step]; ok {
				each(next, steps[1:], append(at, steps[0]), f)
			}
		}
	case int:
		if list, ok := value.([]any); ok && step < len(list) {
			each(list[step], steps[1:], append(at, steps[0]), f)
		}
	case wildcard:
		switch v := value.(type) {
		case []any:
			for i, element := range v {
				each(element, steps[1:], append(at, i), f)
			}
		case map[string]any:
			for _, key := range SortedKeys(v) {
				each(v[key], steps[1:], append(at, key), f)
			}
		}
	case KeyPrefix:
		m, _ := value.(map[string]any)
		for _, key := range SortedKeys(m) {
			if strings.HasPrefix(key, string(step)) {
				each(m[key], steps[1:], append(at, key), f)
			}
		}
	}
}

// First returns the first field the pattern leads to.
func (p Pattern) First(fields map[string]any) (value any, ok bool) { return first(fields, p.steps) }

func first(value any, steps []any) (any, bool) {
	if len(steps) == 0 {
		return value, true
	}
	switch step := steps[0].(type) {
	case string:
		if m, ok := value.(map[string]any); ok {
			if next, ok := m[step]; ok {
				return first(next, steps[1:])
			}
		}
	case int:
		if list, ok := value.([]any); ok && step < len(list) {
			return first(list[step], steps[1:])
		}
	case wildcard:
		switch v := value.(type) {
		case []any:
			for _, element := range v {
				if found, ok := first(element, steps[1:]); ok {
					return found, true
				}
			}
		case map[string]any:
			for _, key := range SortedKeys(v) {
				if found, ok := first(v[key], steps[1:]); ok {
					return found, true
				}
			}
		}
	case KeyPrefix:
		m, _ := value.(map[string]any)
		for _, key := range SortedKeys(m) {
			if strings.HasPrefix(key, string(step)) {
				if found, ok := first(m[key], steps[1:]); ok {
					return found, true
				}
			}
		}
	}
	return nil, false
}

// Every reports whether the pattern leads to a field on every way that [*] opens, and on one at least, and f holds for all
// of these fields.
func (p Pattern) Every(fields map[string]any, f func(any) bool) bool {
	return every(fields, p.steps, f)
}

func every(value any, steps []any, f func(any) bool) bool {
	if len(steps) == 0 {
		return f(value)
	}
	if steps[0] != anyIndex {
		next, ok := first(value, steps[:1])
		return ok && every(next, steps[1:], f)
	}
	var elements []any
	switch v := value.(type) {
	case []any:
		elements = v
	case map[string]any:
		elements = slices.Collect(maps.Values(v))
	}
	return len(elements) > 0 && !slices.ContainsFunc(elements, func(element any) bool { return !every(element, steps[1:], f) })
}

// Lookup follows a path into fields.
func Lookup(fields map[string]any, p Path) (any, bool) {
	var value any = fields
	for _, step := range p {
		switch s := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			next, ok := m[s]
			if !ok {
				return nil, false
			}
			value = next
		case int:
			list, _ := value.([]any)
			if s < 0 || s >= len(list) {
				return nil, false
			}
			value = list[s]
		default:
			return nil, false
		}
	}
	return value, true
}

// SortedKeys returns a mapping's keys in order: no range over a map may reach output.
func SortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
