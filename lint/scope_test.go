package lint

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// changes are files that changed, with what they held; "" for those that are new.
type changes struct {
	files map[string]string
	gone  []string
}

func (c changes) Changed(path string) bool { _, ok := c.files[filepath.Base(path)]; return ok }
func (c changes) Before(path string) (string, bool) {
	text := c.files[filepath.Base(path)]
	return text, text != ""
}
func (c changes) Gone() []string { return c.gone }

// neighbourly finds something in every ConfigMap, and excuses those called excused. Each refers to what its annotation names.
type neighbourly struct{ reviewer }

func (neighbourly) Facts(r engine.Request) facts.Facts {
	metadata, _ := r.Object.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	name, _ := annotations["refers-to"].(string)
	return facts.Facts{"refs": map[string]any{"other": []any{map[string]any{"kind": "ConfigMap", "name": name}}}}
}

func findEverything(r engine.Request) (rule.Decision, error) {
	f := rule.Finding{Rule: "x/y", Object: r.Object.ID, Path: kube.Path{"metadata", "name"}, Message: "found"}
	if strings.HasPrefix(r.Object.ID.Name, "excused") {
		f.Suppression = &rule.Suppression{Kind: rule.ByConfig, Reason: "known"}
		return rule.Decision{Suppressed: []rule.Finding{f}}, nil
	}
	return rule.Decision{Findings: []rule.Finding{f}}, nil
}

func TestScope(t *testing.T) {
	list := func(b string) string {
		return "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: " + b + "}}\n"
	}
	refers := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refers, annotations: {refers-to: b}}\n"
	for name, c := range map[string]struct {
		files      map[string]string
		changes    changes
		namespaces []string
		want       string
		suppressed int
		outside    int
	}{
		"another document of the file": {
			files:   map[string]string{"a.yaml": configMap("a") + "---\n# new\n" + configMap("b")},
			changes: changes{files: map[string]string{"a.yaml": configMap("a") + "---\n" + configMap("b")}},
			want:    "b", outside: 1,
		},
		"moved to another file": {
			files:   map[string]string{"a.yaml": configMap("c"), "b.yaml": configMap("b") + "---\n" + configMap("a")},
			changes: changes{files: map[string]string{"a.yaml": configMap("a") + "---\n" + configMap("c"), "b.yaml": configMap("b")}},
			outside: 3,
		},
		"copied": {
			files:   map[string]string{"a.yaml": configMap("a"), "b.yaml": configMap("a")},
			changes: changes{files: map[string]string{"b.yaml": ""}},
			want:    "a a", // the object stands twice, and both are it
		},
		"renamed without a word of it": {
			files:   map[string]string{"b.yaml": configMap("a")},
			changes: changes{files: map[string]string{"b.yaml": ""}, gone: []string{configMap("a")}},
			outside: 1,
		},
		"an item of a list": {
			files:   map[string]string{"a.yaml": list("c")},
			changes: changes{files: map[string]string{"a.yaml": list("b")}},
			want:    "a c",
		},
		"gone, and referred to": {
			files:   map[string]string{"a.yaml": configMap("a"), "r.yaml": refers},
			changes: changes{gone: []string{configMap("b")}},
			want:    "refers", outside: 1,
		},
		"changed, and referred to": {
			files:   map[string]string{"b.yaml": configMap("b") + "data: {}\n", "r.yaml": refers},
			changes: changes{files: map[string]string{"b.yaml": configMap("b")}},
			want:    "b refers",
		},
		"excused elsewhere": {
			files:      map[string]string{"a.yaml": configMap("excused-a"), "b.yaml": configMap("excused-b")},
			changes:    changes{files: map[string]string{"b.yaml": ""}},
			suppressed: 1,
		},
		"a broken file elsewhere": {
			files:   map[string]string{"a.yaml": "a: [\n", "b.yaml": configMap("b")},
			changes: changes{files: map[string]string{"b.yaml": ""}},
			want:    "b",
		},
		"no namespace": {
			files:      map[string]string{"a.yaml": configMap("a") + "---\n" + configMap("b, namespace: shop")},
			namespaces: []string{""},
			want:       "a", outside: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			scope := &Scope{Namespaces: c.namespaces}
			if c.namespaces == nil {
				scope.Changes = c.changes
			}
			result, err := Run(context.Background(), []string{tree(t, c.files)}, Options{
				Now: time.Now(), Reviewer: neighbourly{findEverything}, Scope: scope,
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range result.Findings {
				got = append(got, f.Object.Name)
			}
			if slices.Sort(got); strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
			if len(result.Suppressed) != c.suppressed || result.Outside != c.outside || len(result.Problems) > 0 {
				t.Errorf("suppressed %d, outside %d, problems %v; want %d, %d and none", len(result.Suppressed), result.Outside, result.Problems, c.suppressed, c.outside)
			}
		})
	}
}
