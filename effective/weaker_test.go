package effective_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/kube"
)

// strict are the mended examples, and the scenes that are as strict as a controller lets them be.
func strict(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for name, files := range trees(t) {
		switch {
		case path.Base(name) == "mended":
			all["examples/"+name] = files
		case strings.HasSuffix(name, "hardened") || strings.Contains(path.Base(name), "hardened-"):
			all[name] = files
		}
	}
	return all
}

// TestWeaker: setting a field to a weaker value is weaker and names the field, and the other way round it is stronger, and nothing is
// weaker. There is no field of which nothing is said.
func TestWeaker(t *testing.T) {
	t.Parallel()
	type part struct{ kinds, path, in string }
	used := map[part]bool{}
	all := strict(t)
	for _, name := range kube.SortedKeys(all) {
		files := all[name]
		for _, field := range effectivetest.Unlisted(name, files) {
			t.Errorf("%s: nothing is said of %s", name, field)
		}
		before := effectivetest.Rows(t, files)
		for _, f := range effectivetest.FieldsOf(name) {
			for _, place := range f.Places(files) {
				used[part{f.Kinds, f.Path, f.In}] = true
				at := effective.Source{Object: place.Document.Object.ID, Path: place.Path}
				compare := func(value any) (there, back effective.Difference, changed bool, title string) {
					files, changed := place.Rewrite(t, files, value)
					if !changed {
						return there, back, false, ""
					}
					after := effectivetest.Rows(t, files)
					return effective.Compare(before, after, nil), effective.Compare(after, before, nil), true,
						fmt.Sprintf("%s: %s %s: %s", name, at.Object, f.Path, shortened(value))
				}
				weakened := 0
				for _, value := range f.Weaker {
					there, back, changed, title := compare(value)
					if !changed {
						continue
					}
					weakened++
					if there.Count(effective.Weaker) == 0 {
						t.Errorf("%s: nothing is weaker: %s", title, told(&there))
					} else if !named(&there, at) {
						t.Errorf("%s: what is weaker does not name it: %s", title, told(&there))
					}
					if back.Count(effective.Weaker) > 0 {
						t.Errorf("%s: the other way round something is weaker: %s", title, told(&back))
					}
					if len(back.Changes) == 0 {
						t.Errorf("%s: the other way round nothing changes: %s", title, told(&back))
					}
				}
				for _, value := range slices.Concat(f.Stronger, f.Neither) {
					there, _, changed, title := compare(value)
					if changed && there.Count(effective.Weaker) > 0 {
						t.Errorf("%s: it is weaker: %s", title, told(&there))
					}
				}
			}
		}
	}
	for _, f := range effectivetest.Fields() {
		if !used[part{f.Kinds, f.Path, f.In}] {
			t.Errorf("no tree has %s %s (%s)", f.Kinds, f.Path, f.In)
		}
	}
}

func shortened(value any) string {
	text := fmt.Sprint(value)
	if _, ok := value.(effectivetest.Written); ok {
		text = "rewritten"
	}
	return text[:min(len(text), 60)]
}

func told(d *effective.Difference) string {
	var list []string
	for i := range d.Changes {
		c := &d.Changes[i]
		was, is := c.Was(), c.Is()
		list = append(list, fmt.Sprintf("%s %s:%d %s: %s%s > %s%s", c.Verdict, c.At.Host, c.At.Port, c.Aspect, was.Is, was.Unknown, is.Is, is.Unknown))
	}
	return strings.Join(list, "; ")
}
