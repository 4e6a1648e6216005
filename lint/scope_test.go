package lint

import (
	"context"
	"errors"
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
	lost  []string
}

func (c changes) Changed(path string) bool { _, ok := c.files[filepath.Base(path)]; return ok }
func (c changes) Before(path string) (string, bool) {
	text := c.files[filepath.Base(path)]
	return text, text != ""
}
func (c changes) Gone() []string { return c.gone }
func (c changes) Lost() []string { return c.lost }

// neighbourly finds something in every ConfigMap, but fails at those called failing, and excuses those called excused. Each refers to what its annotation names.
type neighbourly struct{ reviewer }

func (neighbourly) Facts(r engine.Request) facts.Facts {
	metadata, _ := r.Object.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	name, _ := annotations["refers-to"].(string)
	namespace, _ := annotations["refers-in"].(string)
	evidence, _ := annotations["evidence"].(string)
	near, _ := annotations["near"].(string)
	return facts.Facts{"refs": map[string]any{"other": []any{map[string]any{
		"kind": "ConfigMap", "namespace": namespace, "name": name, "evidence": evidence, "near": []any{map[string]any{"label": near}},
	}}}}
}

func findEverything(r engine.Request) (rule.Decision, error) {
	f := rule.Finding{Rule: "x/y", Object: r.Object.ID, Path: kube.Path{"metadata", "name"}, Message: "found"}
	if r.Object.ID.Name == "failing" {
		return rule.Decision{}, errors.New("out of order")
	}
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
	inShop := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refers, namespace: shop, annotations: {refers-to: b, refers-in: shop}}\n"
	refers := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refers, annotations: {refers-to: b}}\n"
	missing := func(evidence, near string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refers, namespace: other, annotations: " +
			"{refers-to: missing, refers-in: shop, evidence: " + evidence + ", near: " + near + "}}\n"
	}
	for name, c := range map[string]struct {
		files      map[string]string
		changes    changes
		namespaces []string
		want       string
		suppressed int
		outside    int
		problems   []string // how each begins, with its file
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
			files:   map[string]string{"a.yaml": "apiVersion: [\n", "b.yaml": configMap("b")},
			changes: changes{files: map[string]string{"b.yaml": ""}},
			want:    "b", outside: 1,
		},
		"a broken file that changed": {
			files:    map[string]string{"a.yaml": "apiVersion: [\n"},
			changes:  changes{files: map[string]string{"a.yaml": "apiVersion: []\n"}},
			problems: []string{"a.yaml: "},
		},
		"an overlay that is not rendered any more": {
			files: map[string]string{
				"overlay/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n", "overlay/patch.yaml": configMap("b") + "data: {x: y}\n",
				"base/kustomization.yml": "resources: [a.yaml]\n", "base/a.yaml": configMap("a"),
			},
			changes:  changes{files: map[string]string{"a.yaml": configMap("b")}},
			problems: []string{"overlay/kustomization.yaml: not judged, since kustomize cannot render it"},
		},
		"a template that makes no object any more": {
			files: map[string]string{
				"Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n", "values.yaml": "text: '['\n", "templates/a.yaml": "{{ .Values.text }}\n",
			},
			changes:  changes{files: map[string]string{"values.yaml": "text: ''\n"}},
			problems: []string{"templates/a.yaml: line 1 of what this template renders to is no object"},
		},
		"not judged, in a file that did not change": {
			files:    map[string]string{"a.yaml": configMap("failing"), "b.yaml": configMap("b")},
			changes:  changes{files: map[string]string{"b.yaml": ""}},
			want:     "b",
			problems: []string{"a.yaml: not judged: out of order"},
		},
		"gone without a namespace, and referred to in one": {
			files:   map[string]string{"r.yaml": inShop, "a.yaml": configMap("a")},
			changes: changes{gone: []string{configMap("b")}},
			want:    "refers", outside: 1,
		},
		"gone in a namespace, and referred to without one": {
			files:   map[string]string{"r.yaml": refers, "a.yaml": configMap("a")},
			changes: changes{gone: []string{configMap("b, namespace: shop")}},
			want:    "refers", outside: 1,
		},
		"gone in another namespace": {
			files:   map[string]string{"r.yaml": inShop},
			changes: changes{gone: []string{configMap("b, namespace: other")}},
			outside: 1,
		},
		"a resource of a base is gone": {
			files: map[string]string{
				"overlay/kustomization.yaml": "namePrefix: prod-\nnamespace: shop\nresources: [../base]\n",
				"base/kustomization.yml":     "resources: [r.yaml]\n", "base/r.yaml": refers, "a.yaml": configMap("a"),
			},
			changes: changes{
				files: map[string]string{"kustomization.yml": "resources: [r.yaml, gone.yaml]\n"}, gone: []string{configMap("x")}, lost: []string{"/base/gone.yaml"},
			},
			want: "prod-refers", outside: 1,
		},
		"a document of a base is gone": {
			files: map[string]string{
				"overlay/kustomization.yaml": "namePrefix: prod-\nnamespace: shop\nresources: [../base]\n",
				"base/kustomization.yml":     "resources: [r.yaml]\n", "base/r.yaml": refers, "a.yaml": configMap("a"),
			},
			changes: changes{files: map[string]string{"r.yaml": refers + "---\n" + configMap("x")}},
			want:    "prod-refers", outside: 1,
		},
		"a generated object of a base is gone": {
			files: map[string]string{
				"overlay/kustomization.yaml": "resources: [../base]\n",
				"base/kustomization.yml":     "resources: [r.yaml]\n", "base/r.yaml": refers, "a.yaml": configMap("a"),
			},
			changes: changes{files: map[string]string{"kustomization.yml": "resources: [r.yaml]\nconfigMapGenerator: [{name: x, literals: [a=b]}]\n"}},
			want:    "refers", outside: 1,
		},
		"the same resources in other words": {
			files: map[string]string{
				"overlay/kustomization.yaml": "resources: [../base]\n",
				"base/kustomization.yml":     "resources: [r.yaml]\n", "base/r.yaml": refers,
			},
			changes: changes{files: map[string]string{"kustomization.yml": "resources: # these\n- r.yaml\n"}},
			outside: 1,
		},
		"what is like a missing one is new": {
			files:   map[string]string{"r.yaml": missing("near-miss", "ConfigMap shop/b"), "a.yaml": configMap("b, namespace: shop")},
			changes: changes{files: map[string]string{"a.yaml": ""}},
			want:    "b refers",
		},
		"another is like a missing one": {
			files:   map[string]string{"r.yaml": missing("near-miss", "ConfigMap shop/c"), "a.yaml": configMap("b, namespace: shop")},
			changes: changes{files: map[string]string{"a.yaml": ""}},
			want:    "b", outside: 1,
		},
		"the first of its kind where one is missing": {
			files:   map[string]string{"r.yaml": missing("siblings", "''"), "a.yaml": configMap("b, namespace: shop")},
			changes: changes{files: map[string]string{"a.yaml": ""}},
			want:    "b refers",
		},
		"the second of its kind where one is missing": {
			files:   map[string]string{"r.yaml": missing("siblings", "''"), "a.yaml": configMap("b, namespace: shop"), "c.yaml": configMap("c, namespace: shop")},
			changes: changes{files: map[string]string{"a.yaml": ""}},
			want:    "b", outside: 2,
		},
		"the only one of its kind where one is missing, with another text": {
			files:   map[string]string{"r.yaml": missing("siblings", "''"), "a.yaml": configMap("b, namespace: shop") + "# new\n"},
			changes: changes{files: map[string]string{"a.yaml": configMap("b, namespace: shop")}},
			want:    "b", outside: 1,
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
			dir := tree(t, c.files)
			result, err := Run(context.Background(), []string{dir}, Options{
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
			if len(result.Suppressed) != c.suppressed || result.Outside != c.outside {
				t.Errorf("suppressed %d, outside %d; want %d and %d", len(result.Suppressed), result.Outside, c.suppressed, c.outside)
			}
			var problems []string
			for _, p := range result.Problems {
				name, _ := filepath.Rel(dir, p.At.File)
				problems = append(problems, filepath.ToSlash(name)+": "+p.Message)
			}
			if !slices.EqualFunc(problems, c.problems, strings.HasPrefix) {
				t.Errorf("problems %q, want %q", problems, c.problems)
			}
		})
	}
}

// uncompared fails the test if it is asked what was.
type uncompared struct {
	changes
	t *testing.T
}

func (u uncompared) Before(path string) (string, bool) {
	u.t.Errorf("asked what %s held", path)
	return "", false
}

func (u uncompared) Gone() []string {
	u.t.Error("asked what is gone")
	return nil
}

// TestScopeOfRemarks: for remarks alone, files are not compared again.
func TestScopeOfRemarks(t *testing.T) {
	name := filepath.Join(tree(t, map[string]string{"a.yaml": configMap("a"), "b.yaml": configMap("b")}), "a.yaml")
	o := Options{Reviewer: neighbourly{findEverything}, Scope: &Scope{Changes: uncompared{changes{files: map[string]string{"a.yaml": "x"}}, t}}}
	r := &Result{files: map[string]*file{name: {name: name}}}
	list := []remark{{at: kube.Position{File: name}}, {at: kube.Position{File: filepath.Join(filepath.Dir(name), "b.yaml")}}}
	if kept := r.scope(nil, o).remarks(r, list); len(kept) != 1 || kept[0].at.File != name || r.Outside != 1 {
		t.Errorf("kept %v, outside %d", kept, r.Outside)
	}
}
