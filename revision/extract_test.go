package revision

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExtract: a revision's files as they were, those of some paths or all, with nothing beyond the folder.
func TestExtract(t *testing.T) {
	dir, git := repository(t)
	for name, text := range map[string]string{
		"deploy/a.yaml": "before\n", "deploy/odd \t\"\n.yaml": "odd\n", "base/b.yaml": "base\n", "deploy/large.yaml": strings.Repeat("x", largest+1), ".gitattributes": "*.yaml export-ignore\n",
		"deploy/empty.yaml": "",
	} {
		write(t, dir, name, text)
	}
	for name, target := range map[string]string{"deploy/link.yaml": "../base/b.yaml", "deploy/out.yaml": "../../x", "deploy/abs.yaml": "/etc/passwd"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	git("add", "-A")
	git("commit", "--quiet", "-m", "one")
	git("tag", "one")
	write(t, dir, "deploy/a.yaml", "after\n")
	write(t, dir, "deploy/new.yaml", "new\n")
	for name, test := range map[string]struct {
		within []string
		want   []string
	}{
		"all":        {nil, []string{".gitattributes", "base/b.yaml", "deploy/a.yaml", "deploy/empty.yaml", "deploy/link.yaml", "deploy/odd \t\"\n.yaml"}},
		"top":        {[]string{"."}, []string{".gitattributes", "base/b.yaml", "deploy/a.yaml", "deploy/empty.yaml", "deploy/link.yaml", "deploy/odd \t\"\n.yaml"}},
		"a folder":   {[]string{"base"}, []string{"base/b.yaml"}},
		"some":       {[]string{"base/", "deploy/a.yaml", "deploy/none.yaml"}, []string{"base/b.yaml", "deploy/a.yaml"}},
		"no pattern": {[]string{"*"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			into := t.TempDir()
			if err := Extract(t.Context(), filepath.Join(dir, "deploy"), "one", into, largest, test.within); err != nil {
				t.Fatal(err)
			}
			var got []string
			err := filepath.WalkDir(into, func(path string, entry fs.DirEntry, err error) error {
				if err == nil && !entry.IsDir() {
					inside, _ := filepath.Rel(into, path)
					got = append(got, filepath.ToSlash(inside))
				}
				return err
			})
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%v: got %q, want %q", err, got, test.want)
			}
			if text, err := os.ReadFile(filepath.Join(into, "deploy/a.yaml")); err == nil && string(text) != "before\n" {
				t.Errorf("a.yaml holds %q", text)
			}
		})
	}
	// What is there already stays.
	into := t.TempDir()
	write(t, into, "base/b.yaml", "mine\n")
	if err := Extract(t.Context(), dir, "one", into, largest, nil); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(into, "base/b.yaml")); err != nil || string(text) != "mine\n" {
		t.Errorf("%v: %q", err, text)
	}
}

// TestExtractRefuses: what is no revision.
func TestExtractRefuses(t *testing.T) {
	dir, git := repository(t)
	write(t, dir, "a.yaml", "a\n")
	git("add", "-A")
	git("commit", "--quiet", "-m", "one")
	git("switch", "--quiet", "--orphan", "apart")
	write(t, dir, "b.yaml", "b\n")
	git("add", "-A")
	git("commit", "--quiet", "-m", "two")
	for rev, want := range map[string]string{
		"nowhere": "no such revision", "--all": "no such revision", "main...apart": "no commit in common", "": "no such revision",
	} {
		if err := Extract(t.Context(), dir, rev, t.TempDir(), largest, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", rev, err, want)
		}
		if Exists(t.Context(), dir, rev) {
			t.Errorf("%q exists", rev)
		}
	}
	for _, rev := range []string{"main", "HEAD", "main...main", "HEAD..."} {
		if !Exists(t.Context(), dir, rev) {
			t.Errorf("%q does not exist", rev)
		}
	}
	if err := Extract(t.Context(), t.TempDir(), "main", t.TempDir(), largest, nil); err == nil || !strings.Contains(err.Error(), "no") {
		t.Errorf("in no repository: %v", err)
	}
	if _, err := parseTree("100644 blob abc 5\t../x\x00", largest); err != nil {
		t.Errorf("a path that leads out is no error, it is left out: %v", err)
	}
	for _, odd := range []string{"100644 blob abc\tx\x00", "100644 blob abc five\tx\x00"} {
		if _, err := parseTree(odd, largest); err == nil {
			t.Errorf("%q is understood", odd)
		}
	}
	if _, err := parseTree(strings.Repeat("100644 blob abc 1\tx\x00", maxFiles+1), largest); err == nil {
		t.Error("no bound")
	}
}
