package cel

import (
	"bytes"
	"cmp"
	"math"
	"strings"
	"time"
)

// typeName is what type() gives, and the names of types are.
type typeName string

var typeNames = []typeName{"bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type"}

func typeOf(value any) (any, error) {
	switch value.(type) {
	case bool:
		return typeName("bool"), nil
	case int64:
		return typeName("int"), nil
	case uint64:
		return typeName("uint"), nil
	case float64:
		return typeName("double"), nil
	case string:
		return typeName("string"), nil
	case []byte:
		return typeName("bytes"), nil
	case []any:
		return typeName("list"), nil
	case map[string]any:
		return typeName("map"), nil
	case nil:
		return typeName("null_type"), nil
	}
	return nil, unsure("type of %T", value)
}

func not(value any) (any, error) {
	if truth, ok := value.(bool); ok {
		return !truth, nil
	}
	return nil, unsure("want a boolean after !")
}

func negative(value any) (any, error) {
	switch value := value.(type) {
	case int64:
		if value == math.MinInt64 {
			return nil, failed("integer overflow")
		}
		return -value, nil
	case float64:
		return -value, nil
	case time.Duration:
		return -value, nil
	}
	return nil, unsure("want a number after -")
}

// fieldOf takes a field of an object.
func fieldOf(value any, field string) (any, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return nil, unsure("no field %s in %T", field, value)
	}
	inner, ok := m[field]
	if !ok {
		return nil, failed("no such key: %s", field)
	}
	return inner, nil
}

// at takes an element of a list or an object.
func at(value, key any) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		if name, ok := key.(string); ok {
			return fieldOf(value, name)
		}
	case []any:
		index, ok := key.(int64)
		if !ok {
			break
		}
		if index < 0 || index >= int64(len(value)) {
			return nil, failed("index out of bounds: %d", index)
		}
		return value[index], nil
	}
	return nil, unsure("no element %T of %T", key, value)
}

func contains(value, element any) (any, error) {
	switch value := value.(type) {
	case []any:
		for _, other := range value {
			if equal(other, element) {
				return true, nil
			}
		}
		return false, nil
	case map[string]any:
		if key, ok := element.(string); ok {
			_, there := value[key]
			return there, nil
		}
	}
	return nil, unsure("in: want a list or an object")
}

func equal(a, b any) bool {
	if order, ok := ordered(a, b); ok {
		return order == 0
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		return a == b
	case typeName:
		return a == b
	case optional:
		// Also where there is no value: that is not null.
		other, ok := b.(optional)
		return ok && a.there == other.there && (!a.there || equal(a.value, other.value))
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for i := range a {
			if !equal(a[i], other[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for key, value := range a {
			if inner, there := other[key]; !there || !equal(value, inner) {
				return false
			}
		}
		return true
	}
	return false
}

// ordered compares values of types that have an order; numbers of all kinds with each other.
func ordered(a, b any) (int, bool) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), true
		}
	case []byte:
		if b, ok := b.([]byte); ok {
			return bytes.Compare(a, b), true
		}
	case time.Duration:
		if b, ok := b.(time.Duration); ok {
			return cmp.Compare(a, b), true
		}
	case int64, uint64, float64:
		return numbers(a, b)
	}
	return 0, false
}

func numbers(a, b any) (int, bool) {
	switch a := a.(type) {
	case int64:
		switch b := b.(type) {
		case int64:
			return cmp.Compare(a, b), true
		case uint64:
			if a < 0 {
				return -1, true
			}
			return cmp.Compare(uint64(a), b), true
		case float64:
			return cmp.Compare(float64(a), b), true
		}
	case uint64:
		switch b := b.(type) {
		case uint64:
			return cmp.Compare(a, b), true
		case float64:
			return cmp.Compare(float64(a), b), true
		case int64:
			order, ok := numbers(b, a)
			return -order, ok
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b), true
		}
		order, ok := numbers(b, a)
		if _, isNumber := b.(float64); !ok || isNumber {
			return 0, false
		}
		return -order, true
	}
	return 0, false
}

var relations = map[string]func(a, b any) (any, error){
	"==": func(a, b any) (any, error) { return equal(a, b), nil },
	"!=": func(a, b any) (any, error) { return !equal(a, b), nil },
	"<":  relation(func(order int) bool { return order < 0 }),
	"<=": relation(func(order int) bool { return order <= 0 }),
	">":  relation(func(order int) bool { return order > 0 }),
	">=": relation(func(order int) bool { return order >= 0 }),
}

func relation(holds func(order int) bool) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		order, ok := ordered(a, b)
		if !ok {
			return nil, unsure("no order of %T and %T", a, b)
		}
		return holds(order), nil
	}
}

var arithmetic = map[string]func(a, b any) (any, error){
	"+": add,
	"-": numeric(func(a, b int64) (int64, bool) {
		c := a - b
		return c, (c < a) == (b > 0)
	}, func(a, b float64) float64 { return a - b }),
	"*": numeric(func(a, b int64) (int64, bool) {
		if a == 0 || b == 0 {
			return 0, true
		}
		c := a * b
		return c, c/b == a && (a != -1 || b != math.MinInt64) && (b != -1 || a != math.MinInt64)
	}, func(a, b float64) float64 { return a * b }),
	"/": divide,
	"%": func(a, b any) (any, error) {
		x, ok := a.(int64)
		y, alsoOK := b.(int64)
		switch {
		case !ok || !alsoOK:
			return nil, unsure("%% of %T and %T", a, b)
		case y == 0:
			return nil, failed("modulus by zero")
		}
		return x % y, nil
	},
}

func add(a, b any) (any, error) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return a + b, nil
		}
	case []any:
		if b, ok := b.([]any); ok {
			return append(append(make([]any, 0, len(a)+len(b)), a...), b...), nil
		}
	}
	return sum(a, b)
}

var sum = numeric(func(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}, func(a, b float64) float64 { return a + b })

// numeric is an operator on two whole numbers or two durations, which may overflow, or on two others.
func numeric(whole func(a, b int64) (int64, bool), double func(a, b float64) float64) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		switch a := a.(type) {
		case int64:
			if b, ok := b.(int64); ok {
				if c, fits := whole(a, b); fits {
					return c, nil
				}
				return nil, failed("integer overflow")
			}
		case float64:
			if b, ok := b.(float64); ok {
				return double(a, b), nil
			}
		}
		return nil, unsure("numbers wanted, got %T and %T", a, b)
	}
}

func divide(a, b any) (any, error) {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			switch {
			case b == 0:
				return nil, failed("division by zero")
			case a == math.MinInt64 && b == -1:
				return nil, failed("integer overflow")
			}
			return a / b, nil
		}
	case float64:
		if b, ok := b.(float64); ok {
			return a / b, nil
		}
	}
	return nil, unsure("/ of %T and %T", a, b)
}
