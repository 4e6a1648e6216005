package config

import (
	"bytes"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// Line is the line of a text on which a field stands, from 1: its key in a mapping, else the item of a list. Of a field that is not
// there it is the line of the nearest one around it; 0 where that is the whole text, or the text is no YAML. It reads the text anew,
// since only errors ask for it.
func Line(data []byte, field kube.Path) int {
	if len(data) > MaxSize {
		return 0
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return 0
	}
	var document yaml.Node
	if loader.Load(&document) != nil || len(document.Content) == 0 {
		return 0
	}
	line, n := 0, document.Content[0]
	for _, step := range field {
		switch s := step.(type) {
		case int:
			if n.Kind != yaml.SequenceNode || s < 0 || s >= len(n.Content) {
				return line
			}
			n = n.Content[s]
			line = n.Line
		case string:
			if n.Kind != yaml.MappingNode {
				return line
			}
			i := 0 // keys stand at even places, and a value may look like one
			for i+1 < len(n.Content) && n.Content[i].Value != s {
				i += 2
			}
			if i+1 >= len(n.Content) {
				return line
			}
			line, n = n.Content[i].Line, n.Content[i+1]
		}
	}
	return line
}
