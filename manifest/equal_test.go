package manifest

import (
	"math"
	"reflect"
	"testing"
)

// TestEqual: it says what reflect.DeepEqual says of each pair of values that documents decode to.
func TestEqual(t *testing.T) {
	values := []any{
		nil, true, false, int64(0), int64(1), 0.0, 1.0, math.NaN(), "", "1", "a",
		[]any(nil),
		[]any{},
		[]any{nil},
		[]any{int64(1), "a"},
		[]any{"a", int64(1)},
		[]any{int64(1), "a", nil},
		map[string]any(nil),
		map[string]any{},
		map[string]any{"a": nil},
		map[string]any{"b": nil},
		map[string]any{"a": int64(1)},
		map[string]any{"a": 1.0},
		map[string]any{"a": []any{map[string]any{"b": "c"}}},
		map[string]any{"a": []any{map[string]any{"b": "d"}}},
	}
	for _, a := range values {
		for _, b := range values {
			if got, want := equal(a, b), reflect.DeepEqual(a, b); got != want {
				t.Errorf("%#v and %#v: %t, want %t", a, b, got, want)
			}
		}
	}
}
