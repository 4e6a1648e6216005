package effective_test

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
)

// examples are the files of each example, by its folder.
func examples(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	files, err := filepath.Glob("../examples/*/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "../examples/")
		if all[name] == nil {
			all[name] = map[string]string{}
		}
		all[name][filepath.Base(file)] = string(data)
	}
	return all
}

// trees are the examples and the scenes.
func trees(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := examples(t)
	scenes, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(scenes) == 0 {
		t.Fatalf("no scenes: %v", err)
	}
	for _, scene := range scenes {
		archive, err := txtar.ParseFile(scene)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, f := range archive.Files {
			if f.Name != "rows" {
				files[f.Name] = string(f.Data)
			}
		}
		all[strings.TrimSuffix(filepath.ToSlash(scene), ".txtar")] = files
	}
	return all
}

// documents splits files at their documents.
func documents(files map[string]string) (list []string) {
	for _, name := range kube.SortedKeys(files) {
		if name == config.FileName {
			continue
		}
		for text := range strings.SplitSeq("\n"+files[name], "\n---") {
			if strings.TrimSpace(text) != "" {
				list = append(list, strings.TrimPrefix(text, "\n"))
			}
		}
	}
	return list
}

// spread puts documents into files, in any order.
func spread(random *rand.Rand, list []string, files int) map[string]string {
	out := map[string]string{}
	for _, text := range shuffled(random, list) {
		name := fmt.Sprintf("%c.yaml", 'a'+random.IntN(files))
		out[name] += "---\n" + text + "\n"
	}
	return out
}

// alone puts each document into a file of its own, in folders.
func alone(random *rand.Rand, list []string) map[string]string {
	out := map[string]string{}
	for i, text := range shuffled(random, list) {
		out[fmt.Sprintf("%c/%c/%d.yaml", 'a'+random.IntN(3), 'a'+random.IntN(3), i)] = text + "\n"
	}
	return out
}

// listed puts all documents into one list.
func listed(random *rand.Rand, list []string) map[string]string {
	text := "apiVersion: v1\nkind: List\nitems:\n"
	for _, item := range shuffled(random, list) {
		text += "- " + strings.ReplaceAll(strings.TrimSpace(item), "\n", "\n  ") + "\n"
	}
	return map[string]string{"list.yaml": text}
}

func shuffled(random *rand.Rand, list []string) []string {
	list = slices.Clone(list)
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// TestOrder: in which order objects are applied, and in which files they stand, changes no answer, nor what an answer leaves out.
func TestOrder(t *testing.T) {
	const seed = 8
	for name, files := range trees(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum := fnv.New64a()
			_, _ = sum.Write([]byte(name)) // it never fails
			random := rand.New(rand.NewPCG(seed, sum.Sum64()))
			before, list := effectivetest.Rows(t, files), documents(files)
			want := effectivetest.Text(before)
			for way, moved := range map[string]map[string]string{
				"one file": spread(random, list, 1), "three files": spread(random, list, 3), "twenty files": spread(random, list, 20),
				"a file each": alone(random, list), "a list": listed(random, list),
			} {
				if text, ok := files[config.FileName]; ok {
					moved[config.FileName] = text
				}
				after := effectivetest.Rows(t, moved)
				if got := effectivetest.Text(after); got != want {
					t.Fatalf("in %s the rows are\n%s\nand were\n%s", way, got, want)
				}
				if d := effective.Compare(before, after, nil); len(d.Changes) > 0 {
					t.Errorf("in %s it is another tree: %s", way, told(&d))
				}
			}
		})
	}
}

// TestUnchanged: nothing becomes of the answers of a tree that stays as it is, be it an example, a scene, or a fixture of a rule.
func TestUnchanged(t *testing.T) {
	all := trees(t)
	rules := os.DirFS("../policies")
	for _, kind := range []string{"good", "bad"} {
		fixtures, err := fs.Glob(rules, "*/*/"+kind+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range fixtures {
			if strings.HasPrefix(file, "manifests/") {
				continue // what cannot be read
			}
			data, err := fs.ReadFile(rules, file)
			if err != nil {
				t.Fatal(err)
			}
			all[file] = map[string]string{path.Base(file): string(data)}
		}
	}
	answered := 0
	for _, name := range kube.SortedKeys(all) {
		var before, after []effective.Row
		for _, tree := range effectivetest.Trees(t, all[name]) {
			before = append(before, effective.Rows(tree.Tree, effective.Models())...)
			after = append(after, effective.Rows(tree.Tree, effective.Models())...)
		}
		d := effective.Compare(before, after, nil)
		if len(d.Changes) > 0 {
			t.Errorf("%s: %v", name, d.Changes[0])
		}
		hosts := map[string]bool{}
		for i := range before {
			hosts[before[i].Host+" "+before[i].Service] = true
			checkRow(t, name, &before[i])
		}
		if d.Unchanged != len(hosts) {
			t.Errorf("%s: %d unchanged, want %d", name, d.Unchanged, len(hosts))
		}
		answered += len(before)
	}
	if answered < len(all)/4 {
		t.Errorf("%d rows of %d trees: nearly nothing is answered", answered, len(all))
	}
}

// checkRow holds a row against what every model has to keep to.
func checkRow(t *testing.T, name string, r *effective.Row) {
	t.Helper()
	at := fmt.Sprintf("%s: %s %s %s:%d%s%s", name, r.Controller, r.Proxy, r.Host, r.Port, r.Path, r.Service)
	if r.Service != "" && (r.Host != "" || r.Port != 0 || r.Path != "") {
		t.Errorf("%s: a row of a Service is one of a host too", at)
	}
	for _, aspect := range effective.Aspects() {
		v := *r.Value(aspect)
		if v.Is != "" && v.Unknown != "" {
			t.Errorf("%s: %s is %s, and unknown: %s", at, aspect, v.Is, v.Unknown)
		}
		if allowed := words[aspect]; v.Is != "" && allowed != nil && !slices.Contains(allowed, v.Is) {
			t.Errorf("%s: %s is %q, want one of %q", at, aspect, v.Is, allowed)
		}
		for _, by := range v.By {
			if by.Object.Kind == "" || by.Object.Name == "" {
				t.Errorf("%s: %s is decided by an object without a name: %v", at, aspect, by)
			}
		}
	}
}

// words are the answers of aspects that have a few.
var words = map[effective.Aspect][]string{
	effective.Transport:    {effective.Passthrough, effective.TLS, effective.Redirect, effective.Plain, effective.Closed},
	effective.Clients:      {effective.Required, effective.Optional, effective.Unverified, effective.Off},
	effective.Upstream:     {effective.TLS, effective.Plain, effective.Passthrough},
	effective.Verification: {effective.Name, effective.Chain, effective.Off},
}

// graded are the aspects whose answers are better or worse, with the worst of them.
var graded = map[effective.Aspect]string{
	effective.Transport: effective.Plain, effective.Clients: effective.Off, effective.Verification: effective.Off, effective.Upstream: effective.Plain,
}

// TestWeakened: what becomes weaker because a field is gone is said, and names the field; the other way round it is stronger, and
// nothing is weaker.
func TestWeakened(t *testing.T) {
	for name, files := range examples(t) {
		if path.Base(name) != "mended" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			before := effectivetest.Rows(t, files)
			strong, weaker := 0, 0
			for _, field := range decisive(before, &strong) {
				changed, ok := without(t, files, field)
				if !ok {
					continue
				}
				after := effectivetest.Rows(t, changed)
				d := effective.Compare(before, after, nil)
				back := effective.Compare(after, before, nil)
				if n := d.Count(effective.Weaker); n > 0 {
					weaker++
					if !named(&d, field) {
						t.Errorf("without %s %s %d answers are weaker, and none names it", field.Object, field.Path, n)
					}
					if back.Count(effective.Stronger)+back.Count(effective.Different)+back.Count(effective.Appeared)+back.Count(effective.Unclear) == 0 {
						t.Errorf("%s %s: nothing is stronger with it", field.Object, field.Path)
					}
				}
				for _, c := range d.Changes {
					if c.Verdict == effective.Stronger && c.Aspect != effective.Answer && back.Count(effective.Weaker) == 0 {
						t.Errorf("without %s %s %s is stronger, and the other way round nothing is weaker", field.Object, field.Path, c.Aspect)
					}
				}
			}
			if strong > 0 && weaker == 0 {
				t.Errorf("%d answers are as good as can be, and no field that is taken away makes one weaker", strong)
			}
		})
	}
}

// decisive lists the fields that decide answers that could be worse.
func decisive(rows []effective.Row, strong *int) (list []effective.Source) {
	for i := range rows {
		for aspect, worst := range graded {
			v := *rows[i].Value(aspect)
			if v.Is == "" || v.Is == worst {
				continue
			}
			if aspect != effective.Transport { // a redirect may have more than one reason
				*strong += len(v.By)
			}
			for _, by := range v.By {
				if !slices.ContainsFunc(list, func(s effective.Source) bool { return s.Object == by.Object && s.Path.Equal(by.Path) }) {
					list = append(list, by)
				}
			}
		}
	}
	return list
}

// named reports whether a change that is weaker names a field, or one above or below it.
func named(d *effective.Difference, field effective.Source) bool {
	at := field.Path
	if at[0] == "stringData" || at[0] == "binaryData" {
		at = append(kube.Path{"data"}, at[1:]...) // as it is stored
	}
	return slices.ContainsFunc(d.Changes, func(c effective.Change) bool {
		if c.Verdict != effective.Weaker {
			return false
		}
		sources := slices.Concat(c.Was().By, c.Is().By)
		for _, condition := range slices.Concat(effective.Changed(c.Was(), c.Is())) {
			sources = append(sources, condition.Source)
		}
		return slices.ContainsFunc(sources, func(by effective.Source) bool {
			shorter := min(len(by.Path), len(at))
			return by.Object == field.Object && by.Path[:shorter].Equal(at[:shorter])
		})
	})
}

// without returns files in which a field is gone; false where it cannot be taken away.
func without(t *testing.T, files map[string]string, field effective.Source) (map[string]string, bool) {
	t.Helper()
	if len(field.Path) == 0 {
		return nil, false
	}
	for name, text := range files {
		for _, d := range manifest.ReadText(name, text, manifest.Options{}) {
			if d.Status != manifest.Object || d.Object.ID != field.Object {
				continue
			}
			if _, there := kube.Lookup(d.Object.Fields, field.Path); !there {
				return nil, false
			}
			edits := []manifest.DocumentEdits{{Index: d.Index, Item: d.Item, Edits: []kube.Edit{{Op: kube.Remove, Path: field.Path}}}}
			edited, err := manifest.Apply(name, []byte(text), edits)
			if err != nil {
				return nil, false
			}
			changed := map[string]string{}
			for other, text := range files {
				changed[other] = text
			}
			changed[name] = string(edited)
			return changed, true
		}
	}
	return nil, false
}
