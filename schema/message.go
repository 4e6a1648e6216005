package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

func (c *checker) unknown(s *shape, key string) {
	path := c.at()
	message := "unknown field " + strconv.Quote(path.String())
	if near, ok := kube.Near(key, s.names); ok {
		message += "; did you mean " + strconv.Quote(near) + "?"
	}
	c.violations = append(c.violations, Violation{Path: path, Kind: UnknownField, Message: message})
}

func (c *checker) at() kube.Path {
	path := make(kube.Path, len(c.path))
	for i, step := range c.path {
		if path[i] = step.key; step.index >= 0 {
			path[i] = step.index
		}
	}
	return path
}

func (c *checker) add(kind Kind, message string) {
	c.violations = append(c.violations, Violation{Path: c.at(), Kind: kind, Message: message})
}

func (c *checker) wrongType(want string, got any, hint string) {
	message := "want " + want + ", got " + c.describe(got)
	if hint != "" {
		message += "; " + hint
	}
	c.add(WrongType, message)
}

func (c *checker) invalid(want, got string) {
	message := "want " + want + ", got another string"
	if c.mayShow() {
		message = "want " + want + ", got " + strconv.Quote(clip(got))
	}
	c.add(InvalidValue, message)
}

// wantString explains what YAML makes of a word without quotes, by far the most frequent cause.
func (c *checker) wantString(want string, got any) {
	hint := ""
	switch got := got.(type) {
	case bool:
		hint = "in YAML unquoted true, yes and on are no strings: put quotes around what you wrote"
		if !got {
			hint = "in YAML unquoted false, no and off are no strings: put quotes around what you wrote"
		}
	case int64, int, float64:
		hint = "in YAML an unquoted number is no string: put quotes around it"
		if c.mayShow() {
			hint = "in YAML an unquoted " + number(got) + " is no string: put quotes around it"
		}
	}
	c.wrongType(want, got, hint)
}

// mayShow reports whether a message may quote the value. What a Secret holds must not reach a log or a report, and what
// stands in a misspelt or misplaced field of it is as likely to be secret.
func (c *checker) mayShow() bool {
	return !c.secret || len(c.path) > 0 && c.path[0].key == "metadata"
}

func (c *checker) describe(v any) string {
	name, shown := "a value of a type that JSON has not", ""
	switch v := v.(type) {
	case nil:
		name = "null"
	case bool:
		name, shown = "a boolean", strconv.FormatBool(v)
	case int64, int, float64:
		name, shown = "a number", number(v)
	case string:
		name, shown = "a string", strconv.Quote(clip(v))
	case []any:
		name = "a list"
	case map[string]any:
		name = "a mapping"
	}
	if shown == "" || !c.mayShow() {
		return name
	}
	return name + " (" + shown + ")"
}

func number(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return ""
	}
}

func unquoteHint(v any, words ...string) string {
	if s, ok := v.(string); ok && slices.Contains(words, s) {
		return "remove the quotes"
	}
	return ""
}

func numberHint(v any) string {
	s, _ := v.(string)
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return "remove the quotes"
	}
	return ""
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
