package lint

import (
	"slices"
	"testing"
)

// TestJoin: a file stands in the root that it is said to stand in, wherever it lies, and only there.
func TestJoin(t *testing.T) {
	own, other, new1, new2 := &document{}, &document{}, &document{}, &document{}
	added := &file{name: "elsewhere/new.yaml", documents: []*document{new1, new2}}
	files := []*file{{name: "a/own.yaml", documents: []*document{own}}, {name: "other.yaml", documents: []*document{other}}, added}
	for name, test := range map[string]struct {
		joined    map[string]string
		inA, rest []*document
	}{
		"a declared root":      {map[string]string{"elsewhere/new.yaml": "a"}, []*document{own, new1, new2}, []*document{other}},
		"the rest":             {map[string]string{"elsewhere/new.yaml": ""}, []*document{own}, []*document{other, new1, new2}},
		"a root that is not":   {map[string]string{"elsewhere/new.yaml": "b"}, []*document{own}, []*document{new1, new2, other}},
		"a file that is not":   {map[string]string{"no.yaml": "a"}, []*document{own}, []*document{new1, new2, other}},
		"the last of its root": {map[string]string{"elsewhere/new.yaml": "a", "other.yaml": "a"}, []*document{own, other, new1, new2}, nil},
	} {
		roots := []*root{
			{name: "a", isolated: true, documents: []*document{own}}, {name: Rest, documents: []*document{new1, new2, other}},
		}
		roots = join(roots, files, test.joined)
		var inA, rest []*document
		for _, r := range roots {
			if r.name == "a" {
				inA = r.documents
			} else {
				rest = r.documents
			}
		}
		if !slices.Equal(inA, test.inA) || !slices.Equal(rest, test.rest) {
			t.Errorf("%s: %d documents in a and %d in the rest, or in another order", name, len(inA), len(rest))
		}
		if test.rest == nil && len(roots) != 1 {
			t.Errorf("%s: an empty root is left", name)
		}
	}
}
