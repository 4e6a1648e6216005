package schema

import (
	"encoding/base64"
	"maps"

	"github.com/tlsward/tlsward/kube"
)

var secretKey = kindKey{core, "v1", "Secret"}

// Stored is an object as the API server stores it, as far as rules can tell the difference: the stringData of a Secret
// is part of its data, where it wins over what stands there. The object given is not changed, and returned as it is
// where nothing is to be done. Of values that Check refuses nothing is stored.
func Stored(obj kube.Object) kube.Object {
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
