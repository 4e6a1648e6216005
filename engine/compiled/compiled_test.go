package compiled_test

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/engine/archive"
	"github.com/tlsward/tlsward/engine/compiled"
)

const library = `package lib.names

_short := 3

default mode := "none"

mode := "some" if count(known) > 0

known := {"a": 1, "b": 2.5e3}

short(name) if count(name) < _short

kind(name) := "short" if {
	short(name)
} else := "known" if {
	known[name]
} else := "long"

unused if true
`

// text has each kind of step that a rule may have.
const text = `package policies.acme.rule

import data.lib.names

findings contains {"path": path, "message": sprintf("%s: %v", [name, null])} if {
	some i, name in input.names
	not names.short(name)
	not names.known[name]
	names.kind(name) != "short"
	names.mode == "some"
	path := ["names", i]
	every key, value in input.table {
		key != value
	}
	every value in input.table {
		value
	}
	list := [x | some x in input.names; x != name]
	set := {x | some x in list}
	object := {x: {y: true} | some y, x in list}
	count(set) + count(object) > -1
	{"a", false, 1} & set != set()
	input.names[i] == $"{name}"
	names.short(name) with input.names as [] with data.lib.names._short as 9
	[first, _] = list
	first
}

findings contains "other" if input.other

_table["k"] := "v" if input.k
`

func compile(t *testing.T) *ast.Compiler {
	t.Helper()
	modules := map[string]*ast.Module{}
	for file, text := range map[string]string{"rule.rego": text, "lib/names.rego": library} {
		module, err := ast.ParseModuleWithOpts(file, text, ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatal(err)
		}
		modules[file] = module
	}
	compiler := ast.NewCompiler()
	if compiler.Compile(modules); compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	return compiler
}

func write(compiler *ast.Compiler) string {
	modules := map[string]*ast.Module{"acme/rule": compiler.Modules["rule.rego"]}
	return compiled.Write(compiler, modules, func(string) string { return "v1" })
}

func read(text string) (*compiled.Set, error) {
	written, err := archive.Read(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return compiled.Read(written), nil
}

// TestSame: what is read is what the compiler has made, and of lib/ what the rule may ask.
func TestSame(t *testing.T) {
	compiler := compile(t)
	set, err := read(write(compiler))
	if err != nil {
		t.Fatal(err)
	}
	modules, names, ok, err := set.Modules("acme/rule", "v1")
	if err != nil || !ok || len(modules) != 2 {
		t.Fatalf("got %d modules, %t, %v", len(modules), ok, err)
	}
	for _, name := range []string{"input", "data", "count", "sprintf", "internal"} {
		if !names[name] {
			t.Errorf("%s is not among the names: %v", name, names)
		}
	}
	same(t, modules[0].Rules, compiler.Modules["rule.rego"].Rules)
	var asked []*ast.Rule
	for _, rule := range compiler.Modules["lib/names.rego"].Rules {
		if rule.Head.Name != "unused" {
			asked = append(asked, rule)
		}
	}
	// In the order of their names, and one name's as they stand.
	for _, got := range modules[1].Rules {
		for i, want := range asked {
			if want.Head.Name == got.Head.Name {
				same(t, []*ast.Rule{got}, []*ast.Rule{want})
				asked = append(asked[:i], asked[i+1:]...)
				break
			}
		}
	}
	if len(asked) > 0 {
		t.Errorf("left out: %v", asked)
	}
}

func same(t *testing.T, got, want []*ast.Rule) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d rules, want %d", len(got), len(want))
	}
	for i := range got {
		if !got[i].Equal(want[i]) || !got[i].Ref().Equal(want[i].Ref()) || got[i].Head.RuleKind() != want[i].Head.RuleKind() ||
			got[i].Head.Assign != want[i].Head.Assign || !at(got[i].Location, want[i].Location) || !at(got[i].Head.Location, want[i].Head.Location) {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
		wanted := exprs(want[i])
		for j, expr := range exprs(got[i]) {
			if expr.Index != wanted[j].Index || expr.Generated != wanted[j].Generated || !at(expr.Location, wanted[j].Location) {
				t.Errorf("%v: %v: index, origin or location differ", got[i].Head, expr)
			}
		}
	}
}

// at compares locations by what Rego's errors and tracers tell of them.
func at(got, want *ast.Location) bool {
	return got.File == want.File && got.Row == want.Row && got.Col == want.Col
}

func exprs(rule *ast.Rule) (list []*ast.Expr) {
	ast.WalkExprs(rule, func(expr *ast.Expr) bool {
		list = append(list, expr)
		return false
	})
	return list
}

func TestVersion(t *testing.T) {
	set, err := read(write(compile(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range [][2]string{{"acme/rule", "v2"}, {"acme/other", "v1"}} {
		if _, _, ok, err := set.Modules(key[0], key[1]); ok || err != nil {
			t.Errorf("%v: got %t, %v", key, ok, err)
		}
	}
}

// TestDamaged: a file that was cut off gives no rule, and neither that nor one with an odd byte ends the program.
func TestDamaged(t *testing.T) {
	whole := write(compile(t))
	for i := range whole {
		set, err := read(whole[:i])
		if err == nil {
			_, _, ok, err := set.Modules("acme/rule", "v1")
			if ok && err == nil {
				t.Errorf("cut off after %d of %d bytes, and taken", i, len(whole))
			}
		}
		for _, odd := range []byte{0, 0x7f, 0xff} {
			if set, err := read(whole[:i] + string([]byte{odd}) + whole[i+1:]); err == nil {
				_, _, _, _ = set.Modules("acme/rule", "v1")
			}
		}
	}
}
