package facts

import (
	"encoding/json"
	"maps"
	"reflect"

	"github.com/tlsward/tlsward/kube"
)

// DefaultedAnnotation records the values that the mutating webhook has set: a JSON object of values by path, as
// kube.Path.String writes it. Without it nobody could tell a default from a choice, and a default whose cause is gone
// would stay for ever.
const DefaultedAnnotation = "tlsward.dev/defaulted"

// maxDefaulted bounds the record, in bytes and entries: rules set a handful of annotations, and the record is read in
// every review.
const (
	maxDefaultedBytes = 4096
	maxDefaulted      = 32
)

// Defaulted returns the values of an object that tlsward has set and nobody has changed since, by path. What the record
// says of values that are others now, or that it holds in a form we never wrote, counts for nothing.
func Defaulted(obj kube.Object) map[string]any {
	ours := Recorded(obj)
	maps.DeleteFunc(ours, func(at string, value any) bool {
		path, err := kube.ParsePath(at)
		if err != nil {
			return true
		}
		now, ok := kube.Lookup(obj.Fields, path)
		return !ok || !reflect.DeepEqual(now, value)
	})
	return ours
}

// Recorded returns the values that tlsward has set in an object, by path, whether somebody has changed them since or not.
func Recorded(obj kube.Object) map[string]any {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	record, _ := annotations[DefaultedAnnotation].(string)
	if record == "" || len(record) > maxDefaultedBytes {
		return nil
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(record), &values); err != nil || len(values) > maxDefaulted {
		return nil
	}
	// A number, list or mapping was never set by a rule marked as a default.
	maps.DeleteFunc(values, func(_ string, value any) bool {
		switch value.(type) {
		case string, bool:
			return false
		default:
			return true
		}
	})
	return values
}
