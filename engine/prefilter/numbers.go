package prefilter

import (
	"math"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// numbers are the builtins that compute with numbers, times and types. Numbers are whole, and so is what becomes of them; of all
// others OPA knows.
var numbers = map[string]builtin{
	ast.Plus.Name: onNumbers(func(a, b int64) (int64, bool) { return a + b, (a+b > a) == (b > 0) }),
	ast.Minus.Name: {2, func(args []any) (any, bool, bool) {
		if _, isSet := args[0].(set); isSet {
			return among(args, fails)
		}
		return difference.compute(args)
	}},
	ast.Multiply.Name: onNumbers(func(a, b int64) (int64, bool) {
		product := a * b
		return product, a == 0 || a != math.MinInt64 && b != math.MinInt64 && product/a == b
	}),
	ast.Divide.Name: onNumbers(func(a, b int64) (int64, bool) {
		if b == 0 || a%b != 0 {
			return 0, false
		}
		return a / b, a != math.MinInt64
	}),
	ast.Max.Name: ofNumbers(func(a, b int64) bool { return a > b }),
	ast.Min.Name: ofNumbers(func(a, b int64) bool { return a < b }),
	// Within the years that nanoseconds reach, with some to spare.
	ast.ParseRFC3339Nanos.Name: onTime(func(text string) (int64, bool) {
		t, err := time.Parse(time.RFC3339, text)
		return t.UnixNano(), err == nil && t.Year() > 1700 && t.Year() < 2200
	}),
	ast.ParseDurationNanos.Name: onTime(func(text string) (int64, bool) {
		d, err := time.ParseDuration(text)
		return d.Nanoseconds(), err == nil
	}),
	ast.IsBoolean.Name: isType[bool](),
	ast.IsArray.Name:   isType[[]any](),
	ast.IsObject.Name:  isType[map[string]any](),
	ast.IsNumber.Name: {1, func(args []any) (any, bool, bool) {
		_, whole := args[0].(int64)
		_, broken := args[0].(float64)
		return whole || broken, true, true
	}},
}

var difference = onNumbers(func(a, b int64) (int64, bool) { return a - b, (a-b < a) == (b > 0) })

func onNumbers(compute func(a, b int64) (int64, bool)) builtin {
	return builtin{2, func(args []any) (any, bool, bool) {
		a, isNumber := args[0].(int64)
		b, alsoNumber := args[1].(int64)
		if !isNumber || !alsoNumber {
			return nil, false, false
		}
		result, ok := compute(a, b)
		return result, true, ok
	}}
}

// ofNumbers is the first of several in an order.
func ofNumbers(before func(a, b int64) bool) builtin {
	return builtin{1, func(args []any) (any, bool, bool) {
		list, ok := args[0].([]any)
		if elements, isSet := args[0].(set); isSet {
			list, ok = elements, true
		}
		var first int64
		for i, v := range list {
			n, isNumber := v.(int64)
			ok = ok && isNumber
			if i == 0 || before(n, first) {
				first = n
			}
		}
		return first, true, ok && len(list) > 0
	}}
}

func onTime(read func(string) (int64, bool)) builtin {
	return builtin{1, func(args []any) (any, bool, bool) {
		text, isString := args[0].(string)
		if !isString {
			return nil, false, false
		}
		n, ok := read(text)
		return n, true, ok
	}}
}

func isType[T any]() builtin {
	return builtin{1, func(args []any) (any, bool, bool) {
		_, ok := args[0].(T)
		return ok, true, true
	}}
}
