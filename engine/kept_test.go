package engine_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/engine/archive"
	"github.com/tlsward/tlsward/engine/compiled"
	"github.com/tlsward/tlsward/policies"
)

// TestCompiled: what a rulebook keeps of its compiled rules is asked instead of their text, unless that has changed since.
func TestCompiled(t *testing.T) {
	made := func(f fstest.MapFS, verified bool) *engine.Engine {
		e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: f, Verified: verified})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	with := func(f fstest.MapFS, kept string) fstest.MapFS {
		f[engine.CompiledFile] = &fstest.MapFile{Data: []byte(kept)}
		return f
	}
	kept, err := made(tagBook("tag", "none"), true).Compiled()
	if err != nil {
		t.Fatal(err)
	}
	object := widget(map[string]any{"tag": "none", "label": "other"})
	for _, test := range []struct {
		name, tag, library string
		verified           bool
		kept, want         int
	}{
		{"the rule that the file is of", "tag", "none", true, 1, 1},
		{"another field", "label", "other", true, 0, 1},
		{"another library", "label", "none", true, 0, 0},
		{"a rulebook that vouches for nothing", "tag", "none", false, 0, 1},
	} {
		e := made(with(tagBook(test.tag, test.library), kept), test.verified)
		decision, err := e.Review(t.Context(), object)
		if err != nil || len(decision.Findings) != test.want {
			t.Errorf("%s: got %d findings, %v; want %d", test.name, len(decision.Findings), err, test.want)
		}
		if got := len(e.Kept()); got != test.kept {
			t.Errorf("%s: %d rules are as they were kept, want %d", test.name, got, test.kept)
		}
	}
	if _, err := made(with(tagBook("tag", "none"), kept[:len(kept)/2]), true).Review(t.Context(), object); err == nil {
		t.Error("a file that was cut off gives a verdict")
	}
}

// TestAllAreKept: no rule of ours has a step that is not written.
func TestAllAreKept(t *testing.T) {
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := e.Compiled()
	if err != nil {
		t.Fatal(err)
	}
	written, err := archive.Read(strings.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	set := compiled.Read(written)
	versions, err := e.CompiledVersions()
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range e.Rules() {
		if modules, _, ok, err := set.Modules(rule.ID, versions[rule.ID]); !ok || err != nil || len(modules[0].Rules) == 0 {
			t.Errorf("%s: got %t, %v", rule.ID, ok, err)
		}
	}
}
