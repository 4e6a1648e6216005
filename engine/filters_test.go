package engine_test

import (
	"testing"
	"testing/fstest"

	"github.com/tlsward/tlsward/engine"
)

// tagBook is a rulebook whose rule asks lib/ about a field.
func tagBook(tag, library string) fstest.MapFS {
	f, _ := book("package policies.acme[\"tag-missing\"]\n", "package policies.acme[\"tag-missing\"]\n\nimport data.lib.tags\n",
		"not input.object.spec.tag", "tags.missing(input.object.spec."+tag+")").(fstest.MapFS)
	f["lib/tags.rego"] = &fstest.MapFile{Data: []byte("package lib.tags\n\nmissing(tag) if tag == \"" + library + "\"\n")}
	return f
}

// TestFilters: what a rulebook says of its own rules spares evaluating them, and a rule or library that has changed since is judged
// by what it says now.
func TestFilters(t *testing.T) {
	made := func(f fstest.MapFS) *engine.Engine {
		e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: f, Verified: true})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	filters, err := made(tagBook("tag", "none")).Filters()
	if err != nil {
		t.Fatal(err)
	}
	object := widget(map[string]any{"tag": "other", "label": "none"})
	for _, test := range []struct {
		name, tag, library string
		want               int
	}{
		// It finds nothing here, and the file is right to say so; of the others it would be wrong.
		{"the rule that the file is of", "tag", "none", 0},
		{"another field", "label", "none", 1},
		{"another library", "tag", "other", 1},
	} {
		f := tagBook(test.tag, test.library)
		f[engine.FiltersFile] = &fstest.MapFile{Data: []byte(filters)}
		decision, err := made(f).Review(t.Context(), object)
		if err != nil || len(decision.Findings) != test.want {
			t.Errorf("%s: got %d findings, %v; want %d", test.name, len(decision.Findings), err, test.want)
		}
	}
	damaged := tagBook("tag", "none")
	damaged[engine.FiltersFile] = &fstest.MapFile{Data: []byte(filters[:len(filters)/2])}
	if _, err := made(damaged).Review(t.Context(), object); err == nil {
		t.Error("a file that was cut off gives a verdict")
	}
}
