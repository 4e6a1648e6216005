package engine

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/facts"
)

func TestCapabilitiesAreDeterministic(t *testing.T) {
	names := map[string]bool{}
	for _, b := range capabilities().Builtins {
		if b.Nondeterministic {
			t.Errorf("%s is nondeterministic", b.Name)
		}
		names[b.Name] = true
	}
	// The list of what OPA itself calls nondeterministic may change: these never belong to a rule.
	for _, name := range append([]string{
		"http.send", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "time.now_ns", "uuid.rfc4122", "io.jwt.encode_sign",
	}, clockReaders...) {
		if names[name] {
			t.Errorf("a rule may call %s", name)
		}
		if !slices.ContainsFunc(ast.Builtins, func(b *ast.Builtin) bool { return b.Name == name }) {
			t.Errorf("OPA has no %s any more", name)
		}
	}
	if hosts := capabilities().AllowNet; hosts == nil || len(hosts) > 0 {
		t.Errorf("rules may reach %v, want nothing", hosts)
	}
}

// A property that has an enumeration in one place of the schema and none in another could not be told by its name.
func TestEnums(t *testing.T) {
	words, err := enums(facts.Schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"presence", "key_presence", "grant", "use", "evidence", "certainty", "age"} {
		if len(words[name]) == 0 {
			t.Errorf("%s has no enumeration, or not everywhere", name)
		}
	}
	mixed, err := enums([]byte(`{"properties": {"a": {"enum": ["x"]}, "b": {"properties": {"a": {"type": "string"}, "c": {"enum": ["y"]}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(mixed["a"]) > 0 || !slices.Equal(mixed["c"], []string{"y"}) {
		t.Errorf("enums %v, want c only", mixed)
	}
}

func TestFormat(t *testing.T) {
	files := fstest.MapFS{
		"lib/a.rego":               {Data: []byte("package lib.a\n\nx  := 1\n")},
		"lib/b.rego":               {Data: []byte("package lib.b\n\nx := 1\n")},
		"p/rule/rule.rego":         {Data: []byte("package policies.p.rule\n\n\n\nx := 1\n")},
		"p/rule/rule_test.rego":    {Data: []byte("package policies.p.rule_test\n\ntest_x if 1 == 1\n")},
		"p/rule/deeper/other.rego": {Data: []byte("not rego")},
	}
	changed, err := Format(files)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"lib/a.rego":       "package lib.a\n\nx := 1\n",
		"p/rule/rule.rego": "package policies.p.rule\n\nx := 1\n",
	}
	for file, text := range want {
		if string(changed[file]) != text {
			t.Errorf("%s: %q, want %q", file, changed[file], text)
		}
	}
	if len(changed) != len(want) {
		t.Errorf("%d files changed, want %d", len(changed), len(want))
	}
	files["lib/b.rego"].Data = []byte("package")
	if _, err := Format(files); err == nil {
		t.Error("no error for a file that is no Rego")
	}
}

func TestCheckCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	files := fstest.MapFS{
		"lib/a.rego":      {Data: []byte("package lib.a\n\nx := 1\n")},
		"lib/a_test.rego": {Data: []byte("package lib.a_test\n\nimport data.lib.a\n\ntest_x if a.x == 1\n")},
	}
	if errs := Check(ctx, Settings{}, Rulebook{Name: "test", FS: files}); len(errs) == 0 {
		t.Error("a check that was cut short found nothing wrong")
	}
	if errs := Check(context.Background(), Settings{}, Rulebook{Name: "test", FS: files}); len(errs) > 0 {
		t.Error(errs)
	}
}
