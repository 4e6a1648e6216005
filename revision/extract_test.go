package revision

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// TestExtractStays: a revision made to lead out of the folder writes nothing outside, and leaves no link that leads there.
func TestExtractStays(t *testing.T) {
	dir, git := repository(t)
	outside := t.TempDir()
	write(t, outside, "secret.yaml", "secret\n")
	into := filepath.Join(t.TempDir(), "a", "b", "into")
	if err := os.MkdirAll(into, 0o700); err != nil {
		t.Fatal(err)
	}
	// By way of the link d, which leads to the folder itself, three steps up lead out of it.
	up, err := filepath.Rel(filepath.Dir(into), outside)
	if err != nil {
		t.Fatal(err)
	}
	up = "a/b/c/d/../" + filepath.ToSlash(up)
	write(t, dir, "a/b/c/kept.yaml", "kept\n")
	write(t, dir, "twice/evil.yaml", "evil\n")
	for name, target := range map[string]string{"a/b/c/d": "../../..", "out": up, "secret.yaml": up + "/secret.yaml", "kept.yaml": "a/b/c/kept.yaml"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	git("add", "-A")
	git("commit", "--quiet", "-m", "links")
	g := output(t, dir)
	// The same name once as a link and once as a folder, which git mktree takes.
	listed := g("ls-tree", "HEAD")
	folder := regexp.MustCompile(`(?m)^040000 tree ([0-9a-f]+)\ttwice$`).FindStringSubmatch(listed)
	link := regexp.MustCompile(`(?m)^120000 blob ([0-9a-f]+)\tout$`).FindStringSubmatch(listed)
	if folder == nil || link == nil {
		t.Fatal(listed)
	}
	command := exec.Command("git", "-C", dir, "mktree")
	command.Stdin = strings.NewReader(listed + "120000 blob " + link[1] + "\tx\n040000 tree " + folder[1] + "\tx\n")
	made, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	evil := strings.TrimSpace(g("commit-tree", "-m", "evil", strings.TrimSpace(string(made))))
	for _, rev := range []string{"HEAD", evil} {
		if err := Extract(t.Context(), dir, rev, into, largest, nil); err != nil {
			t.Logf("%s: %v", rev, err) // to refuse it is as good
		}
		if left, err := os.ReadDir(outside); err != nil || len(left) != 1 {
			t.Errorf("%s: outside stands %v, %v", rev, left, err)
		}
		if text, err := os.ReadFile(filepath.Join(into, "secret.yaml")); err == nil {
			t.Errorf("%s: what is outside is read: %q", rev, text)
		}
		if text, err := os.ReadFile(filepath.Join(into, "kept.yaml")); err != nil || string(text) != "kept\n" {
			t.Errorf("%s: a link within the folder holds %q, %v", rev, text, err)
		}
	}
}

// output runs git and returns what it writes.
func output(t *testing.T, dir string) func(args ...string) string {
	t.Helper()
	return func(args ...string) string {
		t.Helper()
		command := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		text, err := command.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(text)
	}
}

// TestExtractPartial: what a partial clone lacks is not fetched, and whoever compares is told.
func TestExtractPartial(t *testing.T) {
	program, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Skip("no git here")
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(program)), "git"))
	if err != nil || !strings.Contains(string(text), "GIT_NO_LAZY_FETCH") {
		t.Skip("this git fetches whatever it is told")
	}
	dir, git := repository(t)
	write(t, dir, "a.yaml", "one")
	git("add", "-A")
	git("commit", "--quiet", "-m", "one")
	git("tag", "base")
	write(t, dir, "a.yaml", "two")
	git("commit", "--quiet", "-a", "-m", "two")
	git("config", "uploadpack.allowFilter", "true")
	clone := filepath.Join(t.TempDir(), "clone")
	git("clone", "--quiet", "--filter=blob:none", "file://"+filepath.ToSlash(dir), clone)
	err = Extract(t.Context(), clone, "base", t.TempDir(), 1<<20, nil)
	if err == nil || !strings.Contains(err.Error(), "partial") || !strings.Contains(err.Error(), "git fetch --refetch --no-filter") {
		t.Errorf("got %v, want that the clone is partial, and how to mend it", err)
	}
}
