package schema

import (
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

// FuzzCheck: Check and the API server's decoder agree on any JSON, whatever kind it is said to be, and Stored neither
// panics nor changes what it was given, nor makes a sound object unsound.
func FuzzCheck(f *testing.F) {
	keys := sortedKinds()
	for _, obj := range readSamples(f) {
		for i, key := range keys {
			if key == keyOf(obj) {
				f.Add(i, []byte(show(obj.Fields)))
			}
		}
	}
	f.Add(0, []byte(`{"metadata":{"annotations":{"a":true},"Name":1},"spec":[null,{"x":1e400}],"data":{"a":"\ud800"}}`))
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		fields, err := decodeFields(data)
		if err != nil || fields == nil {
			return
		}
		key := keys[uint(kind)%uint(len(keys))]
		agree(t, key, fields)
		obj := kube.Object{ID: kube.ID{Group: key.group, Kind: key.kind}, Version: key.version, Fields: fields}
		for _, v := range Check(obj) {
			if v.Kind == "" || v.Message == "" || strings.ContainsAny(v.Message, "\n\r") {
				t.Errorf("%s: want a kind and one line, got %q %q", v.Path, v.Kind, v.Message)
			}
			if _, ok := kube.Lookup(fields, v.Path); !ok {
				t.Errorf("%s: no such field", v.Path)
			}
		}
		before := show(fields)
		stored := Stored(obj)
		if show(fields) != before {
			t.Errorf("Stored changed %s into %s", before, show(fields))
		}
		if len(Check(obj)) == 0 && len(Check(stored)) > 0 {
			t.Errorf("stored, Check finds %v", Check(stored))
		}
	})
}
