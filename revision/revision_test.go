package revision

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// repository makes one, and returns its folder without links and what runs git in it.
func repository(t *testing.T) (dir string, git func(args ...string)) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	git = func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "--quiet", "--initial-branch=main")
	return dir, git
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// largest is the size up to which files are read here, in bytes.
const largest = 1000

func all(string) bool { return true }

// TestSince: what was changed, added, renamed and deleted, committed or not, and what it held. What others did meanwhile on the branch
// that is compared with is no change.
func TestSince(t *testing.T) {
	dir, git := repository(t)
	long := strings.Repeat("line of a file that is renamed\n", 20)
	for name, text := range map[string]string{
		"same.yaml": "same\n", "changed.yaml": "before\n", "staged.yaml": "before\n", "gone.yaml": "gone\n", "old.yaml": long,
		"odd \t\"\n.yaml": "odd\n", "theirs.yaml": "theirs\n", ".gitignore": "ignored.yaml\n", "large.yaml": strings.Repeat("x", largest+1), "notes.txt": "a\n",
	} {
		write(t, dir, name, text)
	}
	git("add", "-A")
	git("commit", "--quiet", "-m", "a")
	git("switch", "--quiet", "-c", "work")
	write(t, dir, "changed.yaml", "after\n")
	write(t, dir, "large.yaml", "small\n")
	write(t, dir, "notes.txt", "b\n")
	git("rm", "--quiet", "gone.yaml")
	git("mv", "old.yaml", "dir-new.yaml")
	write(t, dir, "dir-new.yaml", long+"more\n")
	git("add", "-A")
	git("commit", "--quiet", "-m", "b")
	write(t, dir, "staged.yaml", "after\n")
	git("add", "staged.yaml")
	write(t, dir, "odd \t\"\n.yaml", "even\n")
	write(t, dir, "sub/new.yaml", "new\n")
	write(t, dir, "ignored.yaml", "ignored\n")
	git("switch", "--quiet", "main", "--merge")
	git("stash", "--quiet", "--include-untracked")
	write(t, dir, "theirs.yaml", "changed by others\n")
	git("commit", "--quiet", "-am", "c")
	git("switch", "--quiet", "work")
	git("stash", "pop", "--quiet")

	c, err := Since(t.Context(), dir, "main", func(path string) bool { return strings.HasSuffix(path, ".yaml") }, largest)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		changed, known bool
		before         string
	}{
		"same.yaml":       {},
		"theirs.yaml":     {},
		"ignored.yaml":    {},
		"gone.yaml":       {},
		"old.yaml":        {},
		"changed.yaml":    {true, true, "before\n"},
		"staged.yaml":     {true, true, "before\n"},
		"odd \t\"\n.yaml": {true, true, "odd\n"},
		"dir-new.yaml":    {true, true, long},
		"sub/new.yaml":    {changed: true},
		"large.yaml":      {changed: true},
		"notes.txt":       {changed: true},
	} {
		path := filepath.Join(dir, name)
		before, known := c.Before(path)
		if c.Changed(path) != want.changed || known != want.known || before != want.before {
			t.Errorf("%q: changed %t, known %t, %.20q; want %+v", name, c.Changed(path), known, before, want)
		}
	}
	if gone := c.Gone(); len(gone) != 1 || gone[0] != "gone\n" {
		t.Errorf("gone: %q", gone)
	}
	if lost, want := c.Lost(), []string{filepath.Join(dir, "gone.yaml"), filepath.Join(dir, "old.yaml")}; !slices.Equal(lost, want) {
		t.Errorf("lost %q, want %q", lost, want)
	}
	for base, want := range map[string]bool{"new.yaml": true, "gone.yaml": true, "old.yaml": true, "changed.yaml": true, "same.yaml": false, "theirs.yaml": false} {
		if found := c.Find(func(path string) bool { return filepath.Base(path) == base }); (found != "") != want {
			t.Errorf("%s: found %q", base, found)
		}
	}
}

// TestSubmodule: all files of a submodule that was moved to another commit have changed, and none of one that was not.
func TestSubmodule(t *testing.T) {
	dir, git := repository(t)
	for _, name := range []string{"moved", "same"} {
		write(t, dir, name+"/a.yaml", "a\n")
		git("-C", name, "init", "--quiet", "--initial-branch=main")
		git("-C", name, "add", "-A")
		git("-C", name, "commit", "--quiet", "-m", "a")
	}
	git("-c", "advice.addEmbeddedRepo=false", "add", "-A")
	git("commit", "--quiet", "-m", "a")
	write(t, dir, "moved/a.yaml", "b\n")
	git("-C", "moved", "commit", "--quiet", "-am", "b")
	for _, what := range []string{"in the working tree", "committed"} {
		c, err := Since(t.Context(), dir, "main", all, largest)
		if what == "committed" {
			git("switch", "--quiet", "-c", "work")
			git("commit", "--quiet", "-am", "b")
			c, err = Since(t.Context(), dir, "main", all, largest)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !c.Changed(filepath.Join(dir, "moved/a.yaml")) || c.Changed(filepath.Join(dir, "same/a.yaml")) || c.Changed(filepath.Join(dir, "moved.yaml")) {
			t.Errorf("%s: %+v", what, c)
		}
	}
}

// TestInHook: what a hook of a linked worktree is told by variables says nothing of the folder that is asked for.
func TestInHook(t *testing.T) {
	dir, git := repository(t)
	write(t, dir, "sub/a.yaml", "a\n")
	write(t, dir, "b.yaml", "b\n")
	git("add", "-A")
	git("commit", "--quiet", "-m", "a")
	linked := filepath.Join(filepath.Dir(dir), filepath.Base(dir)+"-linked")
	git("worktree", "add", "--quiet", linked)
	t.Cleanup(func() { _ = os.RemoveAll(linked) })
	write(t, linked, "sub/a.yaml", "changed\n")
	t.Setenv("GIT_DIR", filepath.Join(dir, ".git", "worktrees", filepath.Base(linked)))
	t.Setenv("GIT_WORK_TREE", filepath.Join(linked, "sub"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(t.TempDir(), "index"))
	c, err := Since(t.Context(), filepath.Join(linked, "sub"), "main", all, largest)
	if err != nil {
		t.Fatal(err)
	}
	if before, known := c.Before(filepath.Join(linked, "sub", "a.yaml")); !known || before != "a\n" {
		t.Errorf("held %q, known %t", before, known)
	}
	if c.Changed(filepath.Join(linked, "b.yaml")) || len(c.Lost()) > 0 {
		t.Errorf("b.yaml changed %t, lost %q", c.Changed(filepath.Join(linked, "b.yaml")), c.Lost())
	}
}

// TestErrors: each says what is missing.
func TestErrors(t *testing.T) {
	dir, git := repository(t)
	write(t, dir, "a.yaml", "a\n")
	git("add", "-A")
	git("commit", "--quiet", "-m", "a")
	git("switch", "--quiet", "--orphan", "other")
	git("commit", "--quiet", "--allow-empty", "-m", "b")
	for name, c := range map[string]struct{ dir, rev, want string }{
		"no revision":    {dir, "nowhere", "nowhere: no such revision in this clone"},
		"an option":      {dir, "--all", "--all: no such revision"},
		"blank":          {dir, " ", "want a revision"},
		"nothing shared": {dir, "main", "main and HEAD have no commit in common"},
		"no repository":  {t.TempDir(), "main", "not in a Git repository"},
	} {
		if _, err := Since(t.Context(), c.dir, c.rev, all, largest); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Since(t.Context(), dir, "main", all, largest); err == nil || err.Error() != "git is not installed, or not in PATH" {
		t.Errorf("no git: got %v", err)
	}
}
