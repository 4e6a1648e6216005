package manifest

import (
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

func set(path string, value any) kube.Edit { return edit(kube.Set, path, value) }

func edit(op kube.Op, path string, value any) kube.Edit {
	p, err := kube.ParsePath(path)
	if err != nil {
		panic(err)
	}
	return kube.Edit{Op: op, Path: p, Value: value}
}

func TestApply(t *testing.T) {
	many := "line one\nline two\n"
	for name, c := range map[string]struct {
		in, want string
		edits    []kube.Edit
	}{
		"plain scalar, comment kept": {
			"a: 1\nb:   off # why\nc: 2\n", "a: 1\nb:   \"on\" # why\nc: 2\n", []kube.Edit{set("b", "on")},
		},
		"quotes are kept": {
			"a: 'x'\nb: \"y\"\n", "a: 'it''s'\nb: \"z\"\n", []kube.Edit{set("a", "it's"), set("b", "z")},
		},
		"strings that look like something else": {
			"a: x\n", "a: \"1\"\nb: \"yes\"\nc: \"2026-01-01\"\nd: \"\"\ne: \"~\"\nf: \"1:30\"\ng: a:b\nh: \"a: b\"\n",
			[]kube.Edit{
				set("a", "1"), set("b", "yes"), set("c", "2026-01-01"), set("d", ""), set("e", "~"), set("f", "1:30"),
				set("g", "a:b"), set("h", "a: b"),
			},
		},
		"numbers, booleans, null": {
			"a: x\n", "a: 1\nb: true\nc: null\nd: 2.5\n",
			[]kube.Edit{set("a", 1), set("b", true), set("c", nil), set("d", 2.5)},
		},
		"a key in the mapping's own indentation": {
			"metadata:\n    annotations:\n        a: b\n\n# next\nspec: {}\n",
			"metadata:\n    annotations:\n        a: b\n        c.d/e: \"on\"\n\n# next\nspec: {}\n",
			[]kube.Edit{set(`metadata.annotations["c.d/e"]`, "on")},
		},
		"missing parents": {
			"kind: A\nmetadata:\n  name: x\nspec:\n  a: b\n",
			"kind: A\nmetadata:\n  name: x\n  annotations:\n    k: v\nspec:\n  a: b\n",
			[]kube.Edit{set("metadata.annotations.k", "v")},
		},
		"an empty parent": {
			"metadata:\n  annotations: # none yet\n  name: x\n", "metadata:\n  annotations: # none yet\n    k: v\n  name: x\n",
			[]kube.Edit{set("metadata.annotations.k", "v")},
		},
		"an empty parent in braces": {
			"metadata:\n  annotations: {}\n  name: x\n", "metadata:\n  annotations:\n    k: v\n  name: x\n",
			[]kube.Edit{set("metadata.annotations.k", "v")},
		},
		"CRLF": {
			"a:\r\n  b: c\r\nd: e\r\n", "a:\r\n  b: x\r\n  f: g\r\nd: e\r\n", []kube.Edit{set("a.b", "x"), set("a.f", "g")},
		},
		"no line break at the end":          {"a: b\nc: d", "a: b\nc: e\nf: g", []kube.Edit{set("c", "e"), set("f", "g")}},
		"CRLF and no line break at the end": {"a: b\r\nc: d", "a: b\r\nc: d\r\nf: g", []kube.Edit{set("f", "g")}},
		"byte order mark":                   {"\ufeffa: b\n", "\ufeffa: c\n", []kube.Edit{set("a", "c")}},
		"braces":                            {"a: {b: c}\n", "a: {b: c, d: e, f: {g: 1}}\n", []kube.Edit{set("a.d", "e"), set("a.f.g", 1)}},
		"a comma after the last entry":      {"a: {b: c,}\n", "a: {b: c, d: e,}\n", []kube.Edit{set("a.d", "e")}},
		"a comma after the last line":       {"a: {\n  b: c,\n}\n", "a: {\n  b: c,\n  d: e,\n}\n", []kube.Edit{set("a.d", "e")}},
		"JSON": {
			"{\n  \"a\": {\n    \"b\": 1\n  }\n}\n", "{\n  \"a\": {\n    \"b\": 2,\n    \"c\": \"on\"\n  },\n  \"d\": {\"e\": true}\n}\n",
			[]kube.Edit{set("a.b", 2), set("a.c", "on"), set("d.e", true)},
		},
		"null becomes a value":      {"a: # c\nb: 1\n", "a: x # c\nb: 1\n", []kube.Edit{set("a", "x")}},
		"item":                      {"a:\n- b\n- c # c\n", "a:\n- b\n- d # c\n", []kube.Edit{set("a[1]", "d")}},
		"append to a sequence":      {"a:\n  - b\nc: d\n", "a:\n  - b\n  - e\nc: d\n", []kube.Edit{set("a[1]", "e")}},
		"append to brackets":        {"a: [b]\n", "a: [b, c]\n", []kube.Edit{set("a[1]", "c")}},
		"append a mapping":          {"a:\n- b: 1\n", "a:\n- b: 1\n- b: 2\n  c:\n  - d\n", []kube.Edit{set("a[1]", map[string]any{"b": 2, "c": []any{"d"}})}},
		"sequence of scalars":       {"a:\n- b\n- c\nd: e\n", "a:\n- x\n- z\nd: e\n", []kube.Edit{set("a", []any{"x", "z"})}},
		"key of an item":            {"a:\n- b: 1\n  c: 2\n", "a:\n- b: 1\n  c: 2\n  d: 3\n", []kube.Edit{set("a[0].d", 3)}},
		"block scalar to one line":  {"a: |\n  x\n  y\nb: c\n", "a: z\nb: c\n", []kube.Edit{set("a", "z")}},
		"several lines":             {"a: x\nb: c\n", "a: |\n  line one\n  line two\nb: c\n", []kube.Edit{set("a", many)}},
		"several lines in JSON":     {"{\"a\": \"x\"}\n", "{\"a\": \"line one\\nline two\\n\"}\n", []kube.Edit{set("a", many)}},
		"after a block scalar":      {"a:\n  b: |\n    x\n\nc: d\n", "a:\n  b: |\n    x\n  e: f\n\nc: d\n", []kube.Edit{set("a.e", "f")}},
		"after a kept block scalar": {"a:\n  b: |+\n    x\n\nc: d\n", "a:\n  b: |+\n    x\n\n  e: f\nc: d\n", []kube.Edit{set("a.e", "f")}},
		"overrides what is merged": {
			"x: &x\n  a: 1\nz:\n  <<: *x\n  b: 2\n", "x: &x\n  a: 1\nz:\n  <<: *x\n  b: 2\n  a: 3\n", []kube.Edit{set("z.a", 3)},
		},
		"rename":                     {"a:\n  'b': c # d\ne: f\n", "a:\n  'g': c # d\ne: f\n", []kube.Edit{edit(kube.Rename, "a.b", "g")}},
		"remove":                     {"a:\n  b: c # d\n  e: f\n", "a:\n  e: f\n", []kube.Edit{edit(kube.Remove, "a.b", nil)}},
		"remove a mapping":           {"a:\n  b:\n    c: d\n  # of e\n  e: f\n", "a:\n  # of e\n  e: f\n", []kube.Edit{edit(kube.Remove, "a.b", nil)}},
		"remove the last":            {"a:\n  b: c\nd: e\n", "a: {}\nd: e\n", []kube.Edit{edit(kube.Remove, "a.b", nil)}},
		"remove the last at the end": {"d: e\na:\n  b: c", "d: e\na: {}", []kube.Edit{edit(kube.Remove, "a.b", nil)}},
		"remove the end":             {"d: e\na: b", "d: e", []kube.Edit{edit(kube.Remove, "a", nil)}},
		"remove first of an item":    {"a:\n- b: c\n  d: e\n", "a:\n- d: e\n", []kube.Edit{edit(kube.Remove, "a[0].b", nil)}},
		"remove only of an item":     {"a:\n- b: c # x\n", "a:\n- {} # x\n", []kube.Edit{edit(kube.Remove, "a[0].b", nil)}},
		"remove an item":             {"a:\n- b\n- c\n- d\n", "a:\n- b\n- d\n", []kube.Edit{edit(kube.Remove, "a[1]", nil)}},
		"remove the only item":       {"a:\n- b\nc: d\n", "a: []\nc: d\n", []kube.Edit{edit(kube.Remove, "a[0]", nil)}},
		"remove in braces": {
			"a: {b: c, d: e, f: g}\n", "a: {d: e}\n", []kube.Edit{edit(kube.Remove, "a.b", nil), edit(kube.Remove, "a.f", nil)},
		},
		"remove the last in braces": {"a: { b: c }\n", "a: {}\n", []kube.Edit{edit(kube.Remove, "a.b", nil)}},
		"nothing to do": {
			"a:   'x'\n", "a:   'x'\n", []kube.Edit{set("a", "x"), edit(kube.Remove, "b", nil), edit(kube.Remove, "c.d", nil)},
		},
		"anchors elsewhere": {"a: &x b\nc: *x\nd: e\n", "a: &x b\nc: *x\nd: f\n", []kube.Edit{set("d", "f")}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Apply("f.yaml", []byte(c.in), []DocumentEdits{{Edits: c.edits}})
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		edit kube.Edit
		want string
	}{
		"anchored value":       {"a: &x b\nc: *x\n", set("a", "c"), "f.yaml:1: a: comes from an anchor"},
		"alias":                {"a: &x {b: c}\nd: *x\n", set("d.b", "e"), "f.yaml:1: d.b: comes from an anchor"},
		"alias itself":         {"a: &x b\nd: *x\n", set("d", "e"), "comes from an anchor"},
		"removing what merges": {"a: &x {b: c}\nd:\n  <<: *x\n", edit(kube.Remove, "d.b", nil), "comes from an anchor"},
		"written twice":        {"a: 1\na: 2\nb: 3\n", edit(kube.Remove, "a", nil), "f.yaml:2: a: the key is written twice"},
		"comment in the way":   {"a: {b: c, # d\n  e: f}\n", edit(kube.Remove, "a.b", nil), "f.yaml:1: a.b: there is a comment"},
		"through a scalar":     {"a: b\n", set("a.c", "d"), `f.yaml:1: a.c: want a mapping with "c", got another value`},
		"beyond a list":        {"a: [b]\n", set("a[3]", "d"), "f.yaml:1: a[3]: no item [3] in a list of 1"},
		"taken name":           {"a: 1\nb: 2\n", edit(kube.Rename, "a", "b"), "f.yaml:1: a: cannot be renamed to b"},
		"everything":           {"a: 1\n", edit(kube.Remove, "a", nil), "nothing would be left"},
		"tagged":               {"a: !!str 1\n", set("a", "2"), "f.yaml:1: written in a way that is not edited"},
		"broken":               {"a: [\n", set("a", "2"), "f.yaml:1: written in a way"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Apply("f.yaml", []byte(c.in), []DocumentEdits{{Edits: []kube.Edit{c.edit}}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
	if _, err := Apply("f.yaml", []byte("\xff\xfea\x00"), nil); err == nil || !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("UTF-16: %v", err)
	}
}

func TestApplySeveralDocuments(t *testing.T) {
	in := "# head\napiVersion: v1\nkind: A\n---\nbroken: [\n---\napiVersion: v1\nkind: List\nitems:\n" +
		"- apiVersion: v1\n  kind: B\n- apiVersion: v1\n  kind: C\n...\n# tail\n"
	want := "# head\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n---\nbroken: [\n---\napiVersion: v1\nkind: List\nitems:\n" +
		"- apiVersion: v1\n  kind: B\n- apiVersion: v1\n  kind: C\n  metadata:\n    name: c\n...\n# tail\n"
	var edits []DocumentEdits
	docs := Read("f.yaml", []byte(in), Options{})
	for i := range docs {
		switch d := &docs[i]; d.Object.ID.Kind {
		case "A":
			edits = append(edits, DocumentEdits{d.Index, d.Item, []kube.Edit{set("metadata.name", "a")}})
		case "C":
			edits = append(edits, DocumentEdits{d.Index, d.Item, []kube.Edit{set("metadata.name", "c")}})
		}
	}
	got, err := Apply("f.yaml", []byte(in), edits)
	if err != nil || string(got) != want {
		t.Errorf("got\n%s%v\nwant\n%s", got, err, want)
	}
	alone, err := Apply("f.yaml", []byte(in), []DocumentEdits{{Index: 0, Edits: []kube.Edit{set("metadata.name", "a")}}})
	if err != nil || !strings.Contains(string(alone), "kind: A\nmetadata:\n  name: a\n---\nbroken") {
		t.Errorf("got\n%s%v", alone, err)
	}
}
