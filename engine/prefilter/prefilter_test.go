package prefilter_test

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/engine/archive"
	"github.com/tlsward/tlsward/engine/prefilter"
)

const rules = `package policies.acme.tags

import data.lib.words

_odd := {"\n", "a\tb", 1, null, {"k": [true]}}

default _mode := "none"

_mode := input.object.mode if is_string(input.object.mode)

_tags contains tag if some tag in input.object.tags

findings contains {"path": [], "message": "m"} if {
	some tag in input.object.tags
	not words.plain(tag)
	not tag in _odd
	regex.match("^[a-z]+$", tag)
	count([t | some t in input.object.tags; t != tag]) > 0
	_mode == "strict"
	_tags["x"]
}
`

const library = `package lib.words

plain(x) if x == "a"

plain("b")
`

func build(t testing.TB) *prefilter.Set {
	t.Helper()
	modules := map[string]*ast.Module{}
	for name, text := range map[string]string{"rule.rego": rules, "words.rego": library} {
		modules[name] = ast.MustParseModuleWithOpts(text, ast.ParserOptions{RegoVersion: ast.RegoV1})
	}
	compiler := ast.NewCompiler()
	compiler.Compile(modules)
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	set, err := prefilter.Build(compiler, map[string]*ast.Module{"acme/tags": compiler.Modules["rule.rego"]})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func text(t testing.TB) string {
	t.Helper()
	return build(t).Text(func(string) string { return "v1" })
}

func read(text string) (*prefilter.Set, error) {
	written, err := archive.Read(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return prefilter.Read(written), nil
}

// TestText has a set say the same once it was written and read.
func TestText(t *testing.T) {
	written := text(t)
	read, err := read(written)
	if err != nil {
		t.Fatal(err)
	}
	built, ok, err := build(t).Of("acme/tags", "")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	again, ok, err := read.Of("acme/tags", "v1")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	for _, c := range []struct {
		name string
		mode any
		tags []any
		want bool
	}{
		{"holds", "strict", []any{"x", "b", "c"}, true},
		{"another mode", "lax", []any{"x", "c"}, false},
		{"no mode", 1, []any{"x", "c"}, false},
		{"plain tags only", "strict", []any{"a", "b"}, false},
		{"one tag", "strict", []any{"x"}, false},
		{"an odd one only", "strict", []any{"a\tb", "a"}, false},
		{"no tags", "strict", nil, false},
	} {
		document := map[string]any{"object": map[string]any{"mode": c.mode, "tags": c.tags}}
		for name, filter := range map[string]*prefilter.Filter{"built": built, "read": again} {
			look := prefilter.At(document)
			if got := filter.May(look, nil); got != c.want {
				t.Errorf("%s, %s: %v, want %v", c.name, name, got, c.want)
			}
			look.Done()
		}
	}
	if rewritten := read.Text(func(string) string { return "v1" }); rewritten != written {
		t.Errorf("written again it is\n%s\nwant\n%s", rewritten, written)
	}
}

// TestVersion finds no filter of another version, so that whoever asks compiles the rule.
func TestVersion(t *testing.T) {
	read, err := read(text(t))
	if err != nil {
		t.Fatal(err)
	}
	for id, version := range map[string]string{"acme/tags": "v2", "acme/other": "v1"} {
		if _, ok, err := read.Of(id, version); ok || err != nil {
			t.Errorf("%s %s: %v, %v", id, version, ok, err)
		}
	}
}

// TestCut reads what was cut off: an error, wherever.
func TestCut(t *testing.T) {
	whole := text(t)
	for n := range len(whole) - 1 {
		set, err := read(whole[:n])
		if err != nil {
			continue
		}
		if _, ok, err := set.Of("acme/tags", "v1"); ok && err == nil {
			t.Errorf("the first %d bytes of %d are read without an error", n, len(whole))
		}
	}
}
