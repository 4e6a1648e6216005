package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/tlsward/tlsward/config"
)

// TestConfigReference: the page is the one that the schema makes, and its examples are understood.
func TestConfigReference(t *testing.T) {
	page, err := configPage()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join("..", "config-reference.md"))
	if err != nil {
		t.Fatal(err)
	}
	if page != string(kept) {
		t.Error("docs/config-reference.md is not what config/schema.json makes: run make generate")
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(examples) < 15 {
		t.Errorf("%d examples, want one for each key", len(examples))
	}
	for _, example := range examples {
		if err := config.Check("example", []byte(example[1])); err != nil {
			t.Errorf("%v in\n%s", err, example[1])
		}
	}
}
