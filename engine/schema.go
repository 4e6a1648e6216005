package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// expandedSchema replaces, in the properties named of the document and of its references, additionalProperties by one
// property for each key that exists. A name with a dot is that of a property and one of its keys, and stands for what is
// below it.
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
		if strings.Contains(name, ".") {
			continue
		}
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
			if inner, ok := names[name+"."+key]; ok {
				expanded[key] = closed(each, inner)
			}
		}
		property["properties"], property["additionalProperties"] = expanded, false
	}
	return root, nil
}

// closed is a property's schema with one property for each of some keys, and no other.
func closed(schema any, keys []string) map[string]any {
	open, _ := schema.(map[string]any)
	each := open["additionalProperties"]
	properties := make(map[string]any, len(keys))
	for _, key := range keys {
		properties[key] = each
	}
	c := maps.Clone(open)
	c["properties"], c["additionalProperties"] = properties, false
	return c
}
