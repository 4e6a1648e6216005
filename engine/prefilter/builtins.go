package prefilter

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

func decided(yes bool) outcome {
	if yes {
		return holds
	}
	return fails
}

// equal compares as OPA does, as far as both are plain.
func equal(a, b any) outcome {
	if a == unknown || b == unknown || a == unset || b == unset {
		return guessed
	}
	switch left := a.(type) {
	case nil:
		return decided(b == nil)
	case string:
		right, ok := b.(string)
		return decided(ok && left == right)
	case bool:
		right, ok := b.(bool)
		return decided(ok && left == right)
	case int64:
		switch right := b.(type) {
		case int64:
			return decided(left == right)
		case float64:
			return guessed
		default:
			return fails
		}
	case float64:
		if _, ok := b.(string); ok {
			return fails
		}
		return guessed
	default:
		switch b.(type) {
		case nil, string, bool, int64, float64:
			return fails
		default:
			return guessed
		}
	}
}

// computed is the builtin that a step calls, if it is one of those that are known.
func (s *step) computed() (builtin, bool) {
	if s.name == ast.RegexMatch.Name && len(s.operands) > 0 && s.operands[0].kind == operandConstant {
		return matching(s.operands[0].constant)
	}
	known, ok := builtins[s.name]
	return known, ok
}

// builtins are those that are computed here: what conditions are usually made of.
var builtins = map[string]builtin{
	ast.Equal.Name: {2, func(args []any) (any, bool, bool) {
		v := equal(args[0], args[1])
		return v == holds, true, v != guessed
	}},
	ast.NotEqual.Name: {2, func(args []any) (any, bool, bool) {
		v := equal(args[0], args[1])
		return v == fails, true, v != guessed
	}},
	ast.GreaterThan.Name:   ordered(func(c int) bool { return c > 0 }),
	ast.GreaterThanEq.Name: ordered(func(c int) bool { return c >= 0 }),
	ast.LessThan.Name:      ordered(func(c int) bool { return c < 0 }),
	ast.LessThanEq.Name:    ordered(func(c int) bool { return c <= 0 }),
	ast.StartsWith.Name:    onTexts(strings.HasPrefix),
	ast.EndsWith.Name:      onTexts(strings.HasSuffix),
	ast.Contains.Name:      onTexts(strings.Contains),
	ast.Lower.Name:         onText(strings.ToLower),
	ast.Upper.Name:         onText(strings.ToUpper),
	ast.TrimSpace.Name:     onText(strings.TrimSpace),
	ast.Trim.Name:          changing(strings.Trim),
	ast.TrimLeft.Name:      changing(strings.TrimLeft),
	ast.TrimPrefix.Name:    changing(strings.TrimPrefix),
	ast.TrimSuffix.Name:    changing(strings.TrimSuffix),
	ast.IsString.Name: {1, func(args []any) (any, bool, bool) {
		_, ok := args[0].(string)
		return ok, true, true
	}},
	ast.Count.Name: {1, func(args []any) (any, bool, bool) {
		switch v := args[0].(type) {
		case []any:
			return int64(len(v)), true, true
		case map[string]any:
			return int64(len(v)), true, true
		case set:
			return int64(len(v)), true, len(v) == 0 // a constant may say an element twice
		default:
			return nil, false, false
		}
	}},
	// Only that what is empty stays so.
	ast.Sort.Name: {1, func(args []any) (any, bool, bool) {
		switch v := args[0].(type) {
		case []any:
			return v, true, len(v) == 0
		case set:
			return []any{}, true, len(v) == 0
		default:
			return nil, false, false
		}
	}},
	ast.Member.Name: {2, func(args []any) (any, bool, bool) {
		found := fails
		look := func(element any) {
			if v := equal(args[0], element); v == holds || v == guessed && found == fails {
				found = v
			}
		}
		switch v := args[1].(type) {
		case []any:
			for _, element := range v {
				look(element)
			}
		case set:
			for _, element := range v {
				look(element)
			}
		case map[string]any:
			for _, element := range v {
				look(element)
			}
		default:
			return false, true, true
		}
		return found == holds, true, found != guessed
	}},
	ast.Split.Name: {2, func(args []any) (any, bool, bool) {
		text, isString := args[0].(string)
		separator, alsoString := args[1].(string)
		if !isString || !alsoString {
			return nil, false, false
		}
		parts := []any{}
		for part := range strings.SplitSeq(text, separator) {
			parts = append(parts, part)
		}
		return parts, true, true
	}},
	// Whole numbers as they are usually written; of others OPA may keep digits that are lost here.
	ast.ToNumber.Name: {1, func(args []any) (any, bool, bool) {
		text, isString := args[0].(string)
		if !isString || !wholeNumber.MatchString(text) {
			return nil, false, false
		}
		n, err := strconv.ParseInt(text, 10, 64)
		return n, true, err == nil
	}},
	ast.Or.Name: {2, func(args []any) (any, bool, bool) {
		a, isSet := args[0].(set)
		b, alsoSet := args[1].(set)
		return slices.Concat(a, b), true, isSet && alsoSet
	}},
	ast.ArrayConcat.Name: {2, func(args []any) (any, bool, bool) {
		a, isArray := args[0].([]any)
		b, alsoArray := args[1].([]any)
		return slices.Concat(a, b), true, isArray && alsoArray
	}},
	// By a name, or by the names on a way.
	ast.ObjectGet.Name: {3, func(args []any) (any, bool, bool) {
		way, isWay := args[1].([]any)
		if !isWay {
			way = args[1:2]
		}
		value := args[0]
		if _, isObject := value.(map[string]any); !isObject {
			return nil, false, false
		}
		for _, step := range way {
			fields, isObject := value.(map[string]any)
			name, isString := step.(string)
			if !isObject || !isString {
				return nil, false, false
			}
			var ok bool
			if value, ok = fields[name]; !ok {
				return args[2], true, true
			}
		}
		return value, true, true
	}},
}

var wholeNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)

func ordered(inOrder func(int) bool) builtin {
	return builtin{2, func(args []any) (any, bool, bool) {
		switch left := args[0].(type) {
		case string:
			if right, ok := args[1].(string); ok {
				return inOrder(strings.Compare(left, right)), true, true
			}
		case int64:
			if right, ok := args[1].(int64); ok {
				switch {
				case left < right:
					return inOrder(-1), true, true
				case left > right:
					return inOrder(1), true, true
				default:
					return inOrder(0), true, true
				}
			}
		}
		return nil, false, false
	}}
}

func onTexts(compare func(a, b string) bool) builtin {
	return builtin{2, func(args []any) (any, bool, bool) {
		a, isString := args[0].(string)
		b, alsoString := args[1].(string)
		if !isString || !alsoString {
			return nil, false, false
		}
		return compare(a, b), true, true
	}}
}

func changing(change func(text, by string) string) builtin {
	return builtin{2, func(args []any) (any, bool, bool) {
		text, isString := args[0].(string)
		by, alsoString := args[1].(string)
		if !isString || !alsoString {
			return nil, false, false
		}
		return change(text, by), true, true
	}}
}

func onText(change func(string) string) builtin {
	return builtin{1, func(args []any) (any, bool, bool) {
		a, isString := args[0].(string)
		if !isString {
			return nil, false, false
		}
		return change(a), true, true
	}}
}

// matching is regex.match of one pattern, which is RE2 there and here.
func matching(pattern any) (builtin, bool) {
	text, ok := pattern.(string)
	if !ok {
		return builtin{}, false
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return builtin{}, false
	}
	return builtin{2, func(args []any) (any, bool, bool) {
		value, isString := args[1].(string)
		if !isString {
			return nil, false, false
		}
		return compiled.MatchString(value), true, true
	}}, true
}
