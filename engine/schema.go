package engine

import (
	"encoding/json"
	"fmt"
)

// expandedSchema replaces, in the properties named of the document and of its references, additionalProperties by one property for each key that exists.
func expandedSchema(schema []byte, names map[string][]string) (any, error) {
	var root map[string]any
	if err := json.Unmarshal(schema, &root); err != nil {
		return nil, fmt.Errorf("facts schema: %w", err)
	}
	properties, _ := root["properties"].(map[string]any)
	definitions, _ := root["definitions"].(map[string]any)
	reference, _ := definitions["reference"].(map[string]any)
	ofReference, _ := reference["properties"].(map[string]any)
	for name, keys := range names {
		property, ok := properties[name].(map[string]any)
		if !ok {
			property, _ = ofReference[name].(map[string]any)
		}
		each, ok := property["additionalProperties"]
		if !ok {
			return nil, fmt.Errorf("facts schema: %s: no additionalProperties", name)
		}
		expanded := make(map[string]any, len(keys))
		for _, key := range keys {
			expanded[key] = each
		}
		property["properties"], property["additionalProperties"] = expanded, false
	}
	return root, nil
}
