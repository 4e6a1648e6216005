package migrate

import (
	"bytes"
	"strings"
	"unicode"

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
			b.WriteString("# " + comment(line) + "\n")
		}
		text, err := yaml.Marshal(d.Object.Fields)
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

// comment keeps what stands in an object from ending a comment, and from reaching a terminal as more than letters.
func comment(line string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.Join(strings.Fields(line), " "))
}
