package manifest

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/tlsward/tlsward/kube"
)

// This file writes values as YAML that every reader takes alike: what YAML 1.1 or 1.2 might read as anything but the
// string it is stands in quotes.

// layout is how a document is written, for what is added to it.
type layout struct {
	eol string
	// step is how much deeper a nested mapping stands, dash how much deeper than its key the dash of a sequence.
	step, dash int
	// json documents take only JSON.
	json bool
}

// renderScalar writes a scalar for one line. like is the quoting to keep where it can be.
func renderScalar(value any, like style, inFlow, json bool) (string, error) {
	switch v := value.(type) {
	case nil:
		return "null", nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", fmt.Errorf("%v has no JSON form", v)
		}
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case string:
		switch {
		case json || like == double:
			return doubleQuoted(v), nil
		case like == single && isPrintable(v):
			return "'" + strings.ReplaceAll(v, "'", "''") + "'", nil
		case isPlainSafe(v, inFlow):
			return v, nil
		}
		return doubleQuoted(v), nil
	}
	return "", fmt.Errorf("%T is no value of an object", value)
}

// isPlainSafe reports whether a string may be written without quotes, in YAML of any version.
func isPlainSafe(s string, inFlow bool) bool {
	if s == "" || s[len(s)-1] == ' ' || s[len(s)-1] == ':' || len(s) > maxKey {
		return false
	}
	if _, isString := plainValue(s, true).(string); !isString || isTimestamp(s) {
		return false
	}
	first := s[0]
	switch {
	case 'a' <= first && first <= 'z' || 'A' <= first && first <= 'Z' || first == '/' || first == '_':
	case '0' <= first && first <= '9':
		if numeric(s) || strings.Trim(s, "0123456789eE+-._:") == "" {
			return false // 1:30 and 1e3 are numbers to one version or the other
		}
	default:
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case isWord(c), c == '/', c == '@', c == '=', c == '+', c == '*', c == '(', c == ')', c == '$', c == ';', c == '~':
		case c == ' ' && !inFlow:
			if i+1 < len(s) && s[i+1] == '#' {
				return false
			}
		case c == ':' && !inFlow:
			if s[i+1] == ' ' {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func isPrintable(s string) bool {
	for _, r := range s {
		if r != ' ' && !unicode.IsGraphic(r) || r == unicode.ReplacementChar || !usualText(string(r)) {
			return false
		}
	}
	return true
}

// doubleQuoted writes a string with escapes that YAML 1.1, YAML 1.2 and JSON share.
func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r <= 0xFFFF && !usualText(string(r)):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// literalLines writes a string of several lines as a literal block scalar: its header and its lines. It reports false
// where the text would need more than that to come back the same.
func literalLines(s string) (lines []string, ok bool) {
	text, ended := strings.CutSuffix(s, "\n")
	if !strings.Contains(text, "\n") && !ended || text == "" || strings.HasSuffix(text, "\n") || text[0] == ' ' || text[0] == '\n' {
		return nil, false
	}
	lines = strings.Split(text, "\n")
	for _, line := range lines {
		if !isPrintable(line) || line != "" && strings.TrimLeft(line, " ") == "" {
			return nil, false
		}
	}
	header := "|-"
	if ended {
		header = "|"
	}
	return append([]string{header}, lines...), true
}

// renderFlow writes any value on one line.
func renderFlow(value any, json bool) (string, error) {
	var parts []string
	switch v := value.(type) {
	case map[string]any:
		for _, key := range kube.SortedKeys(v) {
			name, _ := renderScalar(key, plain, true, json)
			text, err := renderFlow(v[key], json)
			if err != nil {
				return "", err
			}
			parts = append(parts, name+": "+text)
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	case []any:
		for _, item := range v {
			text, err := renderFlow(item, json)
			if err != nil {
				return "", err
			}
			parts = append(parts, text)
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	}
	return renderScalar(value, plain, true, json)
}

// isInline reports whether a value is written on its key's line.
func isInline(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case string:
		_, ok := literalLines(v)
		return !ok
	}
	return true
}

// renderAfter writes a value as it follows "key:" or "-": a space and the value, or the lines of a block. indent is the
// column of the collection that the key or dash is in; dash is how much deeper the dashes of a sequence stand.
func (l layout) renderAfter(value any, indent, dash int) (string, error) {
	if isInline(value) {
		text, err := renderFlow(value, false)
		if _, scalar := value.(string); scalar {
			text, err = renderScalar(value, plain, false, false)
		}
		return " " + text, err
	}
	switch v := value.(type) {
	case string:
		lines, _ := literalLines(v)
		text := " " + lines[0]
		for _, line := range lines[1:] {
			text += l.eol
			if line != "" {
				text += strings.Repeat(" ", indent+l.step) + line
			}
		}
		return text, nil
	case map[string]any:
		text := ""
		for _, key := range kube.SortedKeys(v) {
			entry, err := l.renderEntry(key, v[key], indent+l.step)
			if err != nil {
				return "", err
			}
			text += l.eol + strings.Repeat(" ", indent+l.step) + entry
		}
		return text, nil
	default:
		text := ""
		for _, item := range value.([]any) {
			entry, err := l.renderItem(item, indent+dash)
			if err != nil {
				return "", err
			}
			text += l.eol + strings.Repeat(" ", indent+dash) + entry
		}
		return text, nil
	}
}

// renderEntry writes "key: value" of a block mapping in the given column, without the first line's indentation.
func (l layout) renderEntry(key string, value any, column int) (string, error) {
	name, err := renderScalar(key, plain, false, false)
	if err != nil {
		return "", err
	}
	if len(name) > maxKey {
		return "", fmt.Errorf("a key of %d bytes", len(name))
	}
	text, err := l.renderAfter(value, column, l.dash)
	return name + ":" + text, err
}

// renderItem writes "- value" of a block sequence in the given column, without the first line's indentation.
func (l layout) renderItem(value any, column int) (string, error) {
	nested := l
	nested.step = len("- ")
	text, err := nested.renderAfter(value, column, len("- "))
	if err != nil || isInline(value) {
		return "-" + text, err
	}
	if _, scalar := value.(string); scalar {
		return "-" + text, nil
	}
	// The first entry stands on the dash's line.
	return "- " + strings.TrimLeft(strings.TrimPrefix(text, l.eol), " "), nil
}
