package lint_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/policies"
)

const ingressKind = "Ingress.networking.k8s.io"

func ingressText(name, secret string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: " + name + "\n  namespace: shop\n  annotations:\n" +
		"    nginx.ingress.kubernetes.io/auth-tls-secret: shop/" + secret + "\nspec:\n  ingressClassName: nginx\n  rules: [{host: " + name + ".test}]\n"
}

func secretText(name string) string {
	return "apiVersion: v1\nkind: Secret\nmetadata:\n  name: " + name + "\n  namespace: shop\nstringData:\n  ca.crt: none\n"
}

func gatherer(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(tree lint.Tree) (list []string) {
	for _, o := range tree.Of(ingressKind) {
		list = append(list, o.ID.Name)
	}
	return list
}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// TestTrees: one tree for each root, with the objects of the kinds that are asked for, their facts, and where their fields stand.
func TestTrees(t *testing.T) {
	dir := folder(t, map[string]string{
		"base/kustomization.yaml":          "resources: [web.yaml]\n",
		"base/web.yaml":                    ingressText("web", "ca"),
		"overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n",
		"overlays/test/kustomization.yaml": "resources: [../../base]\nnamePrefix: test-\n",
		"loose.yaml":                       ingressText("loose", "ca") + "---\n" + ingressText("loose", "other") + "---\n" + secretText("other"),
		"plain/service.yaml":               "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\n",
	})
	trees, result, err := lint.Trees(t.Context(), []string{dir}, gatherer(t), []string{ingressKind}, lint.Options{Now: noon, Boundary: dir})
	if err != nil || len(result.Problems) > 0 || len(result.Findings) > 0 {
		t.Fatal(err, result.Problems, result.Findings)
	}
	got := map[string][]string{}
	for _, tree := range trees {
		root := tree.Root
		if root != "" {
			root, _ = filepath.Rel(dir, root)
		}
		got[filepath.ToSlash(root)] = names(tree)
	}
	for root, want := range map[string][]string{"overlays/prod": {"prod-web"}, "overlays/test": {"test-web"}, "": {"loose"}} {
		if !slices.Equal(got[root], want) {
			t.Errorf("%q holds %v, want %v of %v", root, got[root], want, got)
		}
	}
	for _, tree := range trees {
		for _, o := range tree.Of(ingressKind) {
			at := tree.Locate(o.ID, kube.Path{"metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"})
			want := map[string]kube.Position{
				"prod-web": {File: filepath.Join(dir, "base", "web.yaml"), Line: 7, Column: 50}, "test-web": {File: filepath.Join(dir, "base", "web.yaml"), Line: 7, Column: 50},
				"loose": {File: filepath.Join(dir, "loose.yaml"), Line: 18, Column: 50}, // the last of them is applied last
			}[o.ID.Name]
			if at != want {
				t.Errorf("%s: %v, want %v", o.ID, at, want)
			}
			if o.Acts("ingress-nginx").Certainty == effective.Untold {
				t.Errorf("%s: no facts", o.ID)
			}
		}
	}
	rest := trees[slices.IndexFunc(trees, func(tree lint.Tree) bool { return tree.Root == "" })]
	secret := kube.ID{Kind: "Secret", Namespace: "shop", Name: "other"}
	if at := rest.Locate(secret, kube.Path{"data", "ca.crt"}); filepath.Base(at.File) != "loose.yaml" || at.Line != 29 {
		t.Errorf("the Secret's entry stands at %v", at)
	}
	if at := rest.Locate(kube.ID{Kind: "Secret", Name: "none"}, nil); at != (kube.Position{}) {
		t.Errorf("what is nowhere stands at %v", at)
	}
}

// snapshot is a cluster that holds some texts.
func snapshot(e *engine.Engine, texts ...string) func(context.Context, []string) (*inventory.Snapshot, error) {
	store := inventory.New(inventory.Options{Providers: e.Providers(), Cluster: true})
	for _, text := range texts {
		for _, d := range manifest.ReadText("cluster.yaml", text, manifest.Options{}) {
			store.Put(d.Object)
		}
	}
	for _, kind := range []string{ingressKind, "Secret", "IngressClass.networking.k8s.io"} {
		store.SetComplete(kind, "", true)
	}
	return func(context.Context, []string) (*inventory.Snapshot, error) { return store.Snapshot(), nil }
}

// TestTreesOfCluster: without files all that the cluster holds; with some, these in its place.
func TestTreesOfCluster(t *testing.T) {
	e := gatherer(t)
	o := lint.Options{Now: noon, Live: snapshot(e, ingressText("web", "ca"), ingressText("api", "gone"), secretText("ca"))}
	trees, _, err := lint.Trees(t.Context(), nil, e, []string{ingressKind}, o)
	if err != nil || len(trees) != 1 || trees[0].Scope != "this cluster" || !slices.Equal(names(trees[0]), []string{"api", "web"}) {
		t.Fatalf("%v: %v", err, trees)
	}
	presence := func(tree lint.Tree, name string) inventory.Presence {
		for _, object := range tree.Of(ingressKind) {
			if references := object.References("client-ca"); object.ID.Name == name && len(references) == 1 {
				return references[0].Presence
			}
		}
		t.Errorf("%s refers to nothing", name)
		return inventory.Unknown
	}
	if got := presence(trees[0], "web"); got != inventory.Present {
		t.Errorf("what is there is %s", got)
	}
	if got := presence(trees[0], "api"); got != inventory.Absent {
		t.Errorf("what is not there is %s", got)
	}
	if at := trees[0].Locate(trees[0].Objects[0].ID, nil); at != (kube.Position{}) {
		t.Errorf("an object of the cluster stands at %v", at)
	}
	o.Boundary = folder(t, map[string]string{"web.yaml": ingressText("web", "gone"), "new.yaml": ingressText("new", "ca")})
	trees, _, err = lint.Trees(t.Context(), []string{o.Boundary}, e, []string{ingressKind}, o)
	if err != nil || len(trees) != 1 || trees[0].Scope != "this tree or the cluster" || !slices.Equal(names(trees[0]), []string{"api", "new", "web"}) {
		t.Fatalf("%v: %v", err, trees)
	}
	for name, want := range map[string]inventory.Presence{"web": inventory.Absent, "new": inventory.Present, "api": inventory.Absent} {
		if got := presence(trees[0], name); got != want {
			t.Errorf("what %s refers to is %s, want %s", name, got, want)
		}
	}
}

// TestEnvironmentTrees: each by itself, and once what is in none.
func TestEnvironmentTrees(t *testing.T) {
	dir := folder(t, map[string]string{"prod/a.yaml": ingressText("a", "ca"), "test/b.yaml": ingressText("b", "ca"), "c.yaml": ingressText("c", "ca"), "prod/bad.yaml": "apiVersion: v1\na: [b\n"})
	environments := []lint.Environment{
		{Name: "prod", Paths: []string{filepath.Join(dir, "prod")}}, {Name: "test", Paths: []string{filepath.Join(dir, "test")}}, {Paths: []string{dir}},
	}
	trees, result, err := lint.EnvironmentTrees(t.Context(), environments, gatherer(t), []string{ingressKind}, lint.Options{Now: noon, Boundary: dir})
	if err != nil || len(trees) != 3 {
		t.Fatalf("%v: %v", err, trees)
	}
	for i, want := range []struct{ environment, object string }{{"prod", "a"}, {"test", "b"}, {"", "c"}} {
		if trees[i].Environment != want.environment || !slices.Equal(names(trees[i]), []string{want.object}) {
			t.Errorf("%q holds %v, want %v", trees[i].Environment, names(trees[i]), want)
		}
	}
	if len(result.Problems) != 1 || result.Objects != 3 {
		t.Errorf("%d objects, problems %v", result.Objects, result.Problems)
	}
}
