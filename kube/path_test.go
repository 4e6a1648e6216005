package kube

import (
	"fmt"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	for _, test := range []struct {
		path          Path
		text, pointer string
	}{
		{nil, "", ""},
		{Path{"spec", "tls", 0, "secretName"}, "spec.tls[0].secretName", "/spec/tls/0/secretName"},
		{Path{"metadata", "annotations", "a.b/c~d"}, `metadata.annotations["a.b/c~d"]`, "/metadata/annotations/a.b~1c~0d"},
		{Path{"data", `quo"te`}, `data["quo\"te"]`, `/data/quo"te`},
		{Path{"data", ""}, `data[""]`, "/data/"},
		{Path{0}, "[0]", "/0"},
		{Path{"a", "0"}, "a.0", "/a/0"},
	} {
		if got := test.path.String(); got != test.text {
			t.Errorf("String: got %s, want %s", got, test.text)
		}
		if got := test.path.Pointer(); got != test.pointer {
			t.Errorf("%s: Pointer: got %s, want %s", test.text, got, test.pointer)
		}
		back, err := ParsePath(test.text)
		if err != nil || !back.Equal(test.path) {
			t.Errorf("ParsePath(%s): got %v, %v; want %v", test.text, back, err, test.path)
		}
	}
	for _, text := range []string{"a..b", "a[", "a[x]", "a[-1]", "a[01]", `a["b]`, "a.", "a b", "spec.tls[*]", `a["b/"*]`, ".a", `a["b"`} {
		if p, err := ParsePath(text); err == nil {
			t.Errorf("ParsePath(%s): got %v, want an error", text, p)
		}
	}
}

func TestPattern(t *testing.T) {
	fields := map[string]any{
		"list": []any{map[string]any{"x": int64(1)}, "odd", map[string]any{"x": int64(2)}},
		"map":  map[string]any{"b": map[string]any{"x": int64(4)}, "a": map[string]any{"x": int64(3)}},
		"keys": map[string]any{"a/x": "1", "a/y": "2", "b/x": "3"},
	}
	for pattern, want := range map[string]string{
		"list[*].x":   "list[0].x=1 list[2].x=2",
		"map[*].x":    "map.a.x=3 map.b.x=4",
		"list[2].x":   "list[2].x=2",
		"list[9].x":   "",
		"map.c.x":     "",
		"list.x":      "",
		`keys["a/"*]`: `keys["a/x"]=1 keys["a/y"]=2`,
		`keys["c/"*]`: "",
		`list["a/"*]`: "",
	} {
		p, err := ParsePattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := p.First(fields); ok != (want != "") {
			t.Errorf("%s: First says %v", pattern, ok)
		}
		var got []string
		p.Each(fields, func(at Path, value any) { got = append(got, fmt.Sprintf("%s=%v", at, value)) })
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", pattern, got, want)
		}
	}
}

// FuzzPath: whatever can be read is written back to the same path.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"spec.tls[0].secretName", `metadata.annotations["a.b/c"]`, `a["\u00e9"][3]`, "", "[0][1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := ParsePath(text)
		if err != nil {
			return
		}
		back, err := ParsePath(path.String())
		if err != nil || !back.Equal(path) {
			t.Errorf("%q: %v reads back as %v, %v", text, path, back, err)
		}
	})
}
