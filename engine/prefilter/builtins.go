package prefilter

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/kube"
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
		switch b.(type) {
		case int64, float64:
			return guessed
		default:
			return fails
		}
	case []any:
		right, ok := b.([]any)
		if !ok || len(left) != len(right) {
			return fails
		}
		return alike(len(left), func(i int) outcome { return equal(left[i], right[i]) })
	case map[string]any:
		right, ok := b.(map[string]any)
		if !ok || len(left) != len(right) {
			return fails
		}
		keys := kube.SortedKeys(left)
		return alike(len(keys), func(i int) outcome {
			other, ok := right[keys[i]]
			if !ok {
				return fails
			}
			return equal(left[keys[i]], other)
		})
	case set:
		right, ok := b.(set)
		if !ok || len(left) != len(right) {
			return fails
		}
		return alike(len(left), func(i int) outcome { return right.has(left[i]) })
	default:
		return guessed
	}
}

// alike joins comparisons: one that fails decides.
func alike(n int, compare func(int) outcome) outcome {
	all := holds
	for i := range n {
		switch compare(i) {
		case fails:
			return fails
		case holds:
		case guessed, branches:
			all = guessed
		}
	}
	return all
}

func (s set) has(value any) outcome {
	found := fails
	for _, element := range s {
		switch equal(element, value) {
		case holds:
			return holds
		case guessed, branches:
			found = guessed
		case fails:
		}
	}
	return found
}

// with adds an element; ok is false where it cannot be told whether it is one already.
func (s set) with(value any) (larger set, ok bool) {
	switch s.has(value) {
	case holds:
		return s, true
	case fails:
		return append(s, value), true
	default:
		return s, false
	}
}

// computed is the builtin that a step calls, if it is one of those that are known.
func (s *step) computed() (builtin, bool) {
	if s.name == ast.RegexMatch.Name && len(s.operands) > 0 && s.operands[0].kind == operandConstant {
		return matching(s.operands[0].constant)
	}
	if known, ok := builtins[s.name]; ok {
		return known, true
	}
	known, ok := numbers[s.name]
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
			return int64(len(v)), true, true
		default:
			return nil, false, false
		}
	}},
	ast.Sort.Name: {1, func(args []any) (any, bool, bool) {
		switch v := args[0].(type) {
		case []any:
			return sorted(v)
		case set:
			return sorted(v)
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
	ast.Concat.Name: {2, func(args []any) (any, bool, bool) {
		by, isString := args[0].(string)
		list, isList := args[1].([]any)
		if elements, isSet := args[1].(set); isSet {
			result, _, known := sorted(elements)
			list, isList = result.([]any)
			isList = isList && known
		}
		texts := make([]string, len(list))
		for i, v := range list {
			text, ok := v.(string)
			texts[i], isString = text, isString && ok
		}
		if !isString || !isList {
			return nil, false, false
		}
		return strings.Join(texts, by), true, true
	}},
	// Texts and whole numbers, by the verbs that they are usually written with.
	ast.Sprintf.Name: {2, func(args []any) (any, bool, bool) {
		format, isString := args[0].(string)
		list, isList := args[1].([]any)
		if !isString || !isList || strings.Count(format, "%") != len(list) {
			return nil, false, false
		}
		rest := format
		for _, v := range list {
			_, rest, _ = strings.Cut(rest, "%")
			_, text := v.(string)
			_, number := v.(int64)
			if !text && !number || rest == "" || rest[0] != 'v' && (rest[0] != 's' || !text) && (rest[0] != 'd' || !number) {
				return nil, false, false
			}
		}
		return fmt.Sprintf(format, list...), true, true
	}},
	// Of bytes here, of characters there: only where they are the same. OPA looks for no empty text.
	ast.IndexOf.Name: {2, func(args []any) (any, bool, bool) {
		text, isString := args[0].(string)
		part, alsoString := args[1].(string)
		if !isString || !alsoString || !ascii(text) || part == "" {
			return nil, false, false
		}
		return int64(strings.Index(text, part)), true, true
	}},
	// The same, and from where OPA takes an offset.
	ast.Substring.Name: {3, func(args []any) (any, bool, bool) {
		text, isString := args[0].(string)
		offset, isNumber := args[1].(int64)
		length, alsoNumber := args[2].(int64)
		if !isString || !isNumber || !alsoNumber || !ascii(text) || offset < 0 {
			return nil, false, false
		}
		rest := text[min(int(offset), len(text)):]
		if length >= 0 {
			rest = rest[:min(int(length), len(rest))]
		}
		return rest, true, true
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
		union, certain := slices.Clone(a), isSet && alsoSet
		for _, element := range b {
			var ok bool
			union, ok = union.with(element)
			certain = certain && ok
		}
		return union, true, certain
	}},
	ast.And.Name: {2, func(args []any) (any, bool, bool) { return among(args, holds) }},
	ast.ArrayConcat.Name: {2, func(args []any) (any, bool, bool) {
		a, isArray := args[0].([]any)
		b, alsoArray := args[1].([]any)
		return slices.Concat(a, b), true, isArray && alsoArray
	}},
	// By a key, or by the keys on a way.
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
			var o outcome
			switch value, o = element(value, step); o {
			case fails:
				return args[2], true, true
			case holds:
			case guessed, branches:
				return nil, false, false
			}
		}
		return value, true, true
	}},
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 })
}

// among are the elements of a set that another one has, or has not.
func among(args []any, keep outcome) (any, bool, bool) {
	a, isSet := args[0].(set)
	b, alsoSet := args[1].(set)
	kept, certain := set{}, isSet && alsoSet
	for _, element := range a {
		o := b.has(element)
		if o == keep {
			kept = append(kept, element)
		}
		certain = certain && o != guessed
	}
	return kept, true, certain
}

var wholeNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,17})$`)

// sorted puts texts in order; of other values only that what is empty stays so.
func sorted(values []any) (result any, ok, known bool) {
	texts := make([]string, len(values))
	for i, v := range values {
		text, isString := v.(string)
		if !isString {
			return nil, true, false
		}
		texts[i] = text
	}
	slices.Sort(texts)
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list, true, true
}

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
