package lint

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// reviewer judges ConfigMaps by a function.
type reviewer func(engine.Request) (rule.Decision, error)

func (r reviewer) Review(_ context.Context, request engine.Request) (rule.Decision, error) {
	return r(request)
}

func (reviewer) Rules() []rule.Definition { return nil }
func (reviewer) Settings() rule.Settings  { return rule.Settings{} }
func (reviewer) Suggest(string) string    { return "" }

func (reviewer) Judges(obj kube.Object) bool { return obj.ID.GroupKind() == "ConfigMap" }
func (reviewer) Providers() *provider.Set {
	return provider.NewSet([]provider.Provider{{Kinds: []provider.Kind{{Kind: "ConfigMap"}}}})
}

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func configMap(name string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n"
}

func setNote(value string) *rule.Fix {
	return &rule.Fix{Title: "note it", Safe: true, Edits: []kube.Edit{{Op: kube.Set, Path: kube.Path{"data", "note"}, Value: value}}}
}

// TestErrorIsNoVerdict: an object that could not be judged is a problem at its line, and hides no other.
func TestErrorIsNoVerdict(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": configMap("a") + "---\n" + configMap("b")})
	result, err := Run(context.Background(), []string{dir}, Options{Now: time.Now(), Reviewer: reviewer(func(r engine.Request) (rule.Decision, error) {
		if r.Object.ID.Name == "a" {
			return rule.Decision{}, errors.New("a rule broke")
		}
		return rule.Decision{Findings: []rule.Finding{{Rule: "x/y", Path: kube.Path{"metadata", "name"}, Message: "found"}}}, nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Problems) != 1 || result.Problems[0].At.Line != 1 || result.Problems[0].Message != "not judged: a rule broke" {
		t.Errorf("problems: %+v", result.Problems)
	}
	if len(result.Findings) != 1 || result.Findings[0].At.Line != 7 || result.Findings[0].At.Column != 18 {
		t.Errorf("findings: %+v", result.Findings)
	}
}

// TestPrivateKeys: a key in a file of the repository is a defect of its text, and nothing else is.
func TestPrivateKeys(t *testing.T) {
	// A throw-away key of zeros: what is inside is not looked at.
	pem := "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("A", 64) + "\n" + "-----END PRIVATE KEY-----\n"
	dir := tree(t, map[string]string{"a.yaml": configMap("a") + "data:\n  note: text\n  key.pem: |\n    " + strings.ReplaceAll(pem, "\n", "\n    ") + "\n" +
		"binaryData: {encoded.pem: " + base64.StdEncoding.EncodeToString([]byte("Bag Attributes\n"+pem)) + ", broken.pem: '" + strings.Repeat("%", 80) + "'}\n"})
	if err := os.Symlink(dir, dir+"-link"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		repository string
		want       string
	}{
		{"", "[]"},
		{t.TempDir(), "[]"},
		{dir, "[data[\"key.pem\"] binaryData[\"encoded.pem\"]]"},
		{dir + "-link", "[data[\"key.pem\"] binaryData[\"encoded.pem\"]]"},
	} {
		var got []string
		_, err := Run(context.Background(), []string{dir}, Options{Now: time.Now(), Repository: test.repository, Reviewer: reviewer(func(r engine.Request) (rule.Decision, error) {
			for _, d := range r.Source[facts.PrivateKey] {
				got = append(got, d.Path.String())
			}
			return rule.Decision{}, nil
		})})
		if err != nil || fmt.Sprint(got) != test.want {
			t.Errorf("%q: got %v (%v), want %s", test.repository, got, err, test.want)
		}
	}
}

// TestScenesAreNoManifests: what lies in the folder of a rulebook is read only where that folder, or something in it, is named.
func TestScenesAreNoManifests(t *testing.T) {
	dir := tree(t, map[string]string{"web.yaml": configMap("web"), "rules/acme/a/bad.yaml": configMap("scene"), "rules-not/a.yaml": configMap("other")})
	rules := filepath.Join(dir, "rules")
	for _, test := range []struct {
		paths []string
		want  int
	}{
		{[]string{dir}, 2},
		{[]string{dir, filepath.Join(rules, "acme/a/bad.yaml")}, 3},
		{[]string{rules}, 1},
	} {
		result, err := Run(context.Background(), test.paths, Options{Rulebooks: []string{rules}, Reviewer: reviewer(func(engine.Request) (rule.Decision, error) {
			return rule.Decision{}, nil
		})})
		if err != nil || result.Objects != test.want {
			t.Errorf("%v: %+v (%v), want %d objects", test.paths, result, err, test.want)
		}
	}
}

// TestCancel: who gives up gets an error, not half a result.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Run(ctx, []string{tree(t, map[string]string{"a.yaml": configMap("a")})}, Options{Reviewer: reviewer(func(engine.Request) (rule.Decision, error) {
		return rule.Decision{}, nil
	})})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestSayOnce: the same unknown behind many objects is one finding that names some of them.
func TestSayOnce(t *testing.T) {
	files := map[string]string{}
	for i := range 6 {
		files[fmt.Sprintf("%d.yaml", i)] = configMap(fmt.Sprintf("c%d", i))
	}
	result, err := Run(context.Background(), []string{tree(t, files)}, Options{Reviewer: reviewer(func(engine.Request) (rule.Decision, error) {
		return rule.Decision{Findings: []rule.Finding{{
			Rule: "x/y", Path: kube.Path{"metadata"}, Message: "unknown", Unknown: true, Subject: kube.ID{Kind: "Secret", Name: "s"},
		}}}, nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Findings) != 1 || len(result.Findings[0].Related) != 3 || result.Findings[0].Related[2].Message != "refers to it too, and so do 2 more" {
		t.Errorf("got %+v", result.Findings)
	}
}

// TestFixEnds: two rules that undo each other do not run for ever.
func TestFixEnds(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": configMap("a")})
	reviews := 0
	_, fixes, err := Fix(context.Background(), []string{dir}, Options{Reviewer: reviewer(func(r engine.Request) (rule.Decision, error) {
		reviews++
		data, _ := r.Object.Fields["data"].(map[string]any)
		next := map[any]string{nil: "one", "one": "two", "two": "one"}[data["note"]]
		return rule.Decision{Findings: []rule.Finding{{Rule: "x/" + next, Object: r.Object.ID, Path: kube.Path{"metadata", "name"}, Message: "m", Fix: setNote(next)}}}, nil
	})}, FixOptions{Write: true})
	if err != nil || fixes.Count != 2 || reviews > maxRounds {
		t.Errorf("%d fixes in %d reviews, %v", fixes.Count, reviews, err)
	}
}

// TestFixLeavesForeignChanges: a file that somebody else changed meanwhile stays as they left it.
func TestFixLeavesForeignChanges(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": configMap("a"), "b.yaml": configMap("b")})
	theirs := []byte(configMap("theirs"))
	result, fixes, err := Fix(context.Background(), []string{dir}, Options{Workers: 1, Reviewer: reviewer(func(r engine.Request) (rule.Decision, error) {
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), theirs, 0o600); err != nil {
			t.Error(err)
		}
		if r.Object.Fields["data"] != nil {
			return rule.Decision{}, nil
		}
		return rule.Decision{Findings: []rule.Finding{{Rule: "x/y", Object: r.Object.ID, Path: kube.Path{"metadata", "name"}, Message: "m", Fix: setNote("noted")}}}, nil
	})}, FixOptions{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Problems) != 1 || !strings.Contains(result.Problems[0].Message, "the file changed while it was judged") {
		t.Errorf("problems: %+v", result.Problems)
	}
	if fixes.Count != 1 || len(fixes.Unfixed) != 0 {
		t.Errorf("%+v", fixes)
	}
	a, _ := os.ReadFile(filepath.Join(dir, "a.yaml"))
	b, _ := os.ReadFile(filepath.Join(dir, "b.yaml"))
	if string(a) != string(theirs) || !strings.Contains(string(b), "note: noted") {
		t.Errorf("a is %q, b is %q", a, b)
	}
}

// TestFixNotWritten: what could not be written is neither counted as fixed nor judged as if it were.
func TestFixNotWritten(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": configMap("a")})
	file := filepath.Join(dir, "a.yaml")
	theirs := configMap("a") + "# theirs\n"
	result, fixes, err := Fix(context.Background(), []string{dir}, Options{Workers: 1, Reviewer: reviewer(func(r engine.Request) (rule.Decision, error) {
		if r.Object.Fields["data"] != nil {
			// The fix is made, and about to be written.
			return rule.Decision{}, os.WriteFile(file, []byte(theirs), 0o600)
		}
		return rule.Decision{Findings: []rule.Finding{{Rule: "x/y", Object: r.Object.ID, Path: kube.Path{"metadata", "name"}, Message: "m", Fix: setNote("noted")}}}, nil
	})}, FixOptions{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	if fixes.Count != 0 || len(fixes.Files()) != 0 || len(result.Findings) != 1 || len(result.Problems) != 1 ||
		result.Problems[0].Message != "not written: the file changed while it was judged" {
		t.Errorf("%+v %+v", fixes, result)
	}
	if data, _ := os.ReadFile(file); string(data) != theirs {
		t.Errorf("%q", data)
	}
}

// TestLive: every root stands over the cluster, objects that it holds are as old as there, and what it does not show is
// unknown whatever the config calls complete.
func TestLive(t *testing.T) {
	providers := reviewer(nil).Providers()
	live := func(namespace, name string) kube.Object {
		obj, _ := kube.FromFields(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{
			"name": name, "namespace": namespace, "creationTimestamp": "2026-01-01T00:00:00Z",
		}})
		return obj
	}
	store := inventory.New(inventory.Options{Providers: providers, Cluster: true})
	store.Put(live("shop", "old"))
	store.Put(live("shop", "theirs"))
	dir := tree(t, map[string]string{
		"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old, namespace: shop}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: new, namespace: infra}\n",
		"b.yaml": configMap("loose"),
	})
	presence := func(inv inventory.Reader, name string) inventory.Presence {
		return inv.Get(inventory.Ref{To: kube.ID{Kind: "ConfigMap", Namespace: "shop", Name: name}}).Presence
	}
	created := map[string]any{}
	var asked []string
	options := Options{
		Now: time.Now(), Complete: []string{"*"}, Roots: []string{dir}, Workers: 1,
		Live: func(_ context.Context, namespaces []string) (*inventory.Snapshot, error) {
			asked = append(asked, namespaces...)
			return store.Snapshot(), nil
		},
		Reviewer: reviewer(func(r engine.Request) (rule.Decision, error) {
			metadata, _ := r.Object.Fields["metadata"].(map[string]any)
			created[r.Object.ID.Name] = metadata["creationTimestamp"]
			if got := presence(r.Inventory, "theirs"); got != inventory.Present {
				t.Errorf("live: got %s", got)
			}
			if got := presence(r.Inventory, "missing"); got != inventory.Unknown {
				t.Errorf("missing: got %s", got)
			}
			if !r.Inventory.Has(r.Object) {
				t.Errorf("%s is not what its root holds", r.Object.ID)
			}
			return rule.Decision{}, nil
		}),
	}
	if _, err := Run(t.Context(), []string{dir}, options); err != nil {
		t.Fatal(err)
	}
	if strings.Join(asked, ",") != "infra,shop" {
		t.Errorf("namespaces: got %q", asked)
	}
	if len(created) != 3 || created["old"] != "2026-01-01T00:00:00Z" || created["new"] != nil || created["loose"] != nil {
		t.Errorf("times of creation: got %v", created)
	}
	gone := errors.New("cluster: gone")
	options.Live = func(context.Context, []string) (*inventory.Snapshot, error) { return nil, gone }
	if _, err := Run(t.Context(), []string{dir}, options); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

// TestLinks: a link in a folder leads no further than the boundary, unless the caller names where it leads.
func TestLinks(t *testing.T) {
	outside := tree(t, map[string]string{"b.yaml": configMap("b")})
	dir := tree(t, map[string]string{"a.yaml": configMap("a")})
	if err := os.Symlink(outside, filepath.Join(dir, "far")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		paths []string
		o     Options
		want  string
	}{
		{[]string{dir}, Options{Boundary: dir}, "[a] 1"},
		{[]string{dir, outside}, Options{Boundary: dir}, "[a b] 0"},
		{[]string{dir}, Options{}, "[a b] 0"},
	} {
		var judged []string
		test.o.Workers, test.o.All = 1, true
		test.o.Reviewer = reviewer(func(r engine.Request) (rule.Decision, error) {
			judged = append(judged, r.Object.ID.Name)
			return rule.Decision{}, nil
		})
		result, err := Run(t.Context(), test.paths, test.o)
		slices.Sort(judged)
		if got := fmt.Sprintf("%v %d", judged, len(result.Skipped)); err != nil || got != test.want {
			t.Errorf("%v within %q: %s (%v), want %s", test.paths, test.o.Boundary, got, err, test.want)
		}
	}
}
