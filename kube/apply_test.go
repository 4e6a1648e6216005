package kube

import (
	"reflect"
	"strings"
	"testing"
)

func TestApply(t *testing.T) {
	object := func() Object {
		o, _ := FromFields(map[string]any{
			"apiVersion": "v1", "kind": "Secret",
			"metadata": map[string]any{"name": "a", "annotations": map[string]any{"old": "x"}},
			"list":     []any{map[string]any{"a": int64(1)}, "second"},
		})
		return o
	}
	for name, test := range map[string]struct {
		edit Edit
		at   Path
		want any
		err  string
	}{
		"set":                     {Edit{Set, Path{"metadata", "annotations", "new"}, "y"}, Path{"metadata", "annotations"}, map[string]any{"old": "x", "new": "y"}, ""},
		"set makes mappings":      {Edit{Set, Path{"spec", "a", "b"}, int64(2)}, Path{"spec"}, map[string]any{"a": map[string]any{"b": int64(2)}}, ""},
		"set in a list":           {Edit{Set, Path{"list", 0, "a"}, int64(2)}, Path{"list", 0}, map[string]any{"a": int64(2)}, ""},
		"set appends":             {Edit{Set, Path{"list", 2}, "third"}, Path{"list", 2}, "third", ""},
		"set beyond the end":      {Edit{Set, Path{"list", 3}, "x"}, nil, nil, "Secret a: set list[3]: no item [3] in a list of 2"},
		"set below a string":      {Edit{Set, Path{"list", 1, "a"}, "x"}, nil, nil, `want a mapping with "a"`},
		"set below no list":       {Edit{Set, Path{"metadata", 0}, "x"}, nil, nil, "want a list with [0]"},
		"rename":                  {Edit{Rename, Path{"metadata", "annotations", "old"}, "new"}, Path{"metadata", "annotations"}, map[string]any{"new": "x"}, ""},
		"rename what is not":      {Edit{Rename, Path{"metadata", "none"}, "new"}, nil, nil, "cannot be renamed to new"},
		"rename to what is":       {Edit{Rename, Path{"metadata", "name"}, "annotations"}, nil, nil, "cannot be renamed to annotations"},
		"rename to a number":      {Edit{Rename, Path{"metadata", "name"}, 1}, nil, nil, "cannot be renamed to 1"},
		"rename an item":          {Edit{Rename, Path{"list", 0}, "x"}, nil, nil, "an item has no name to change"},
		"remove":                  {Edit{Op: Remove, Path: Path{"metadata", "annotations"}}, Path{"metadata"}, map[string]any{"name": "a"}, ""},
		"remove an item":          {Edit{Op: Remove, Path: Path{"list", 0}}, Path{"list"}, []any{"second"}, ""},
		"remove what is not":      {Edit{Op: Remove, Path: Path{"metadata", "none", "x"}}, Path{"metadata", "name"}, "a", ""},
		"remove beyond the end":   {Edit{Op: Remove, Path: Path{"list", 7}}, Path{"list", 1}, "second", ""},
		"no path":                 {Edit{Op: Remove}, nil, nil, "no path"},
		"takes the identity away": {Edit{Op: Remove, Path: Path{"kind"}}, nil, nil, "no apiVersion or kind"},
	} {
		t.Run(name, func(t *testing.T) {
			before := object()
			got, err := Apply(before, []Edit{test.edit})
			if !reflect.DeepEqual(before, object()) {
				t.Error("the object given was changed")
			}
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if value, _ := Lookup(got.Fields, test.at); !reflect.DeepEqual(value, test.want) {
				t.Errorf("%s is %v, want %v", test.at, value, test.want)
			}
		})
	}
}

func TestApplyInOrder(t *testing.T) {
	object, _ := FromFields(map[string]any{"apiVersion": "v1", "kind": "Secret"})
	got, err := Apply(object, []Edit{{Set, Path{"metadata", "name"}, "a"}, {Rename, Path{"metadata", "name"}, "namespace"}, {Set, Path{"metadata", "name"}, "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := (ID{Kind: "Secret", Namespace: "a", Name: "b"}); got.ID != want {
		t.Errorf("ID %v, want %v", got.ID, want)
	}
}
