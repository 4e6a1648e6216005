package migrate

import (
	"bytes"
	"strings"

	"sigs.k8s.io/yaml"
)

// YAML writes documents as manifests, with what there is to know about each above it.
func YAML(documents []Document) ([]byte, error) {
	var b bytes.Buffer
	for i, d := range documents {
		if i > 0 {
			b.WriteString("---\n")
		}
		for _, line := range d.Comment {
			// What stands in an object must not end a comment.
			b.WriteString("# " + strings.Join(strings.Fields(line), " ") + "\n")
		}
		text, err := yaml.Marshal(d.Object.Fields)
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}
