package webhook

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestDiff: a patch makes the one of the other, and there is one patch only.
func TestDiff(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		from, _ := value(random, 0).(map[string]any)
		to, _ := value(random, 0).(map[string]any)
		if random.IntN(2) == 0 {
			to = changed(random, from)
		}
		operations := diff(nil, from, to)
		if got := applied(t, from, operations); !reflect.DeepEqual(got, any(to)) {
			t.Fatalf("seed %d: %v becomes %v, want %v; by %s", seed, from, got, to, text(t, operations))
		}
		if again := text(t, diff(nil, from, to)); again != text(t, operations) {
			t.Fatalf("seed %d: %s and %s", seed, text(t, operations), again)
		}
		if (len(operations) == 0) != reflect.DeepEqual(from, to) {
			t.Fatalf("seed %d: %d operations", seed, len(operations))
		}
	}
}

func text(t *testing.T, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var keys = []string{"a", "b/c", "d~e", "", "0", "ä"}

func value(r *rand.Rand, depth int) any {
	if depth == 0 || depth < 4 && r.IntN(2) == 0 {
		fields := map[string]any{}
		for range r.IntN(5) {
			fields[keys[r.IntN(len(keys))]] = value(r, depth+1)
		}
		return fields
	}
	return []any{nil, true, "x", "", int64(9007199254740993), 0.5, []any{}, []any{int64(1), "y"}, map[string]any{}}[r.IntN(9)]
}

// changed is a copy with a few changes.
func changed(r *rand.Rand, from map[string]any) map[string]any {
	to := map[string]any{}
	for key, v := range from {
		fields, isMapping := v.(map[string]any)
		switch {
		case r.IntN(4) == 0:
		case isMapping:
			to[key] = changed(r, fields)
		case r.IntN(4) == 0:
			to[key] = value(r, 3)
		default:
			to[key] = v
		}
	}
	return to
}

// applied applies operations to a copy of a value.
func applied(t *testing.T, v any, operations []operation) any {
	t.Helper()
	var copied func(any) any
	copied = func(v any) any {
		fields, ok := v.(map[string]any)
		if !ok {
			return v
		}
		out := map[string]any{}
		for key, element := range fields {
			out[key] = copied(element)
		}
		return out
	}
	v = copied(v)
	for _, o := range operations {
		steps := strings.Split(o.Path, "/")[1:]
		for i := range steps {
			steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(steps[i])
		}
		last := len(steps) - 1
		at := v.(map[string]any)
		for _, step := range steps[:last] {
			at = at[step].(map[string]any)
		}
		_, there := at[steps[last]]
		switch {
		case o.Op == "add" && o.Value != nil:
			at[steps[last]] = copied(*o.Value)
		case o.Op == "remove" && there && o.Value == nil:
			delete(at, steps[last])
		default:
			t.Fatal(fmt.Sprint("cannot be applied: ", o))
		}
	}
	return v
}

// TestDiffIsSmall: what did not change is not spoken of.
func TestDiffIsSmall(t *testing.T) {
	list := slices.Repeat([]any{map[string]any{"host": "a"}}, 1000)
	from := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"a": "b"}}, "spec": map[string]any{"rules": list}}
	to := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"a": "b", "c/d": "e"}}, "spec": from["spec"]}
	if got := text(t, diff(nil, from, to)); got != `[{"op":"add","path":"/metadata/annotations/c~1d","value":"e"}]` {
		t.Errorf("got %s", got)
	}
}
