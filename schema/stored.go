package schema

import (
	"encoding/base64"
	"maps"

	"github.com/tlsward/tlsward/kube"
)

var secretKey = kindKey{core, "v1", "Secret"}

// Stored is an object as the API server stores it, as far as rules can tell the difference: a label or annotation that is
// null is empty text, and the stringData of a Secret is part of its data, where it wins over what stands there. The object
// given is not changed, and returned as it is where nothing is to be done. Of values that Check refuses nothing is stored.
func Stored(obj kube.Object) kube.Object {
	obj = withoutNulls(obj)
	if keyOf(obj) != secretKey {
		return obj
	}
	written, ok := obj.Fields["stringData"]
	if !ok {
		return obj
	}
	fields := maps.Clone(obj.Fields)
	delete(fields, "stringData")
	obj.Fields = fields
	plain, _ := written.(map[string]any)
	data, isMapping := fields["data"].(map[string]any)
	if len(plain) == 0 || !isMapping && fields["data"] != nil {
		return obj
	}
	merged := make(map[string]any, len(data)+len(plain))
	maps.Copy(merged, data)
	for key, value := range plain {
		switch text := value.(type) {
		case string:
			merged[key] = base64.StdEncoding.EncodeToString([]byte(text))
		case nil: // the decoder reads null as no text
			merged[key] = ""
		}
	}
	fields["data"] = merged
	return obj
}

// withoutNulls reads null labels and annotations as the decoder does: into a string, null is "".
func withoutNulls(obj kube.Object) kube.Object {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	for _, name := range []string{"labels", "annotations"} {
		values, _ := metadata[name].(map[string]any)
		for key, value := range values {
			if value != nil {
				continue
			}
			changed, err := kube.Apply(obj, []kube.Edit{{Op: kube.Set, Path: kube.Path{"metadata", name, key}, Value: ""}})
			if err == nil {
				obj = changed
			}
		}
	}
	return obj
}
