package inventory

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
	"weak"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/tlsward/tlsward/kube"
)

// FuzzPacked: whatever an API server can send is the same once it was packed, before the collector has run and after.
func FuzzPacked(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":null,"b":true,"c":-1,"d":9223372036854775807,"e":1.5,"f":1e300,"g":"","h":[],"i":{},"j":[[{"":"x"}]]}`,
		`{"a":18446744073709551616,"b":-9223372036854775808,"c":"\ud800 \u0000 \u00fc","d":0.0,"e":1e2}`,
		`{"a":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil || fields == nil {
			return
		}
		entry := NewEntry(kube.Object{Fields: fields})
		entry.pack()
		if entry.fields != nil {
			t.Fatal("not packed")
		}
		first := entry.Object().Fields
		entry.packed.read = weak.Pointer[map[string]any]{}
		if second := entry.Object().Fields; !reflect.DeepEqual(first, fields) || !reflect.DeepEqual(second, fields) || !entry.holds(fields) {
			t.Errorf("got %v\nand %v\nwant %v", first, second, fields)
		}
	})
}

// TestPackedOnce: until the collector runs, an object is unpacked once.
func TestPackedOnce(t *testing.T) {
	entry := NewEntry(kube.Object{Fields: map[string]any{"spec": map[string]any{"x": "y"}}})
	entry.pack()
	if !sameMap(entry.Object().Fields, entry.Object().Fields) {
		t.Error("unpacked twice")
	}
	runtime.GC()
	runtime.GC()
	if entry.packed.read.Value() != nil {
		t.Error("what was unpacked is kept")
	}
	if !entry.holds(map[string]any{"spec": map[string]any{"x": "y"}}) || entry.holds(map[string]any{"spec": map[string]any{"x": "z"}}) {
		t.Error("an object is not known again")
	}
}
