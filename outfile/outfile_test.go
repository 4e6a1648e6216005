package outfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func wantText(t *testing.T, path, want string) {
	t.Helper()
	if data, err := os.ReadFile(path); err != nil || string(data) != want {
		t.Errorf("%s: %q, %v; want %q", path, data, err, want)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	link := func(to, name string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	put(t, filepath.Join(dir, "there"), "old", 0o600)
	put(t, filepath.Join(dir, "linked", "there"), "old", 0o644)
	for _, test := range []struct{ name, path, holds string }{
		{"new file", filepath.Join(dir, "new"), filepath.Join(dir, "new")},
		{"file that is there", filepath.Join(dir, "there"), filepath.Join(dir, "there")},
		{"link to a file", link("linked/there", "a"), filepath.Join(dir, "linked", "there")},
		{"link to a link", link("a", "b"), filepath.Join(dir, "linked", "there")},
		{"link to nothing yet", link("linked/later", "c"), filepath.Join(dir, "linked", "later")},
		{"link to nothing, from a folder that is a link", filepath.Join(link("linked/deep", "d"), "e"), filepath.Join(dir, "linked", "later2")},
	} {
		t.Run(test.name, func(t *testing.T) {
			if filepath.Base(test.path) == "e" {
				link("../later2", "linked/deep/e")
			}
			before, _ := os.Lstat(test.path)
			if err := Write(test.path, []byte(test.name)); err != nil {
				t.Fatal(err)
			}
			wantText(t, test.path, test.name)
			wantText(t, test.holds, test.name)
			after, err := os.Lstat(test.path)
			if err != nil || before != nil && before.Mode() != after.Mode() {
				t.Errorf("was %v, is %v, %v", before.Mode(), after.Mode(), err)
			}
		})
	}
}

// TestWriteFails: nothing of the old file is lost, no temporary file stays, and the error names none.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	file, loop := filepath.Join(dir, "file"), filepath.Join(dir, "loop")
	put(t, file, "old", 0o644)
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("no more")
	err := WriteBy(file, func(w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("new", buffered)); err != nil {
			return err
		}
		return cause
	})
	if !errors.Is(err, cause) {
		t.Errorf("%v, want %v", err, cause)
	}
	wantText(t, file, "old")
	for _, name := range []string{filepath.Join(dir, "none", "file"), filepath.Join(file, "below"), loop} {
		if err := Write(name, nil); err == nil || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v, want an error without a path", name, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v: want two entries", entries, err)
	}
}

// TestWriteDevice: what is no file is written to, and stays what it is.
func TestWriteDevice(t *testing.T) {
	if err := Write(os.DevNull, []byte("text")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

// TestWriteStaysInside: in a repository no link, of the file or of a folder, leads what is written out of it. What is named outside is meant.
func TestWriteStaysInside(t *testing.T) {
	top := t.TempDir()
	outside := filepath.Join(top, "outside")
	repo := filepath.Join(top, "repo")
	put(t, filepath.Join(repo, ".git"), "gitdir: elsewhere", 0o644)
	put(t, filepath.Join(repo, "deploy", "kept"), "", 0o644)
	put(t, filepath.Join(outside, "file"), "old", 0o644)
	for name, to := range map[string]string{
		"deploy/file": "../../outside/file", "deploy/new": "../../outside/new", "deploy/folder": outside, "deploy/inside": "../inside",
	} {
		if err := os.Symlink(to, filepath.Join(repo, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(repo, "deploy"))
	for _, name := range []string{"file", "new", "folder/new", "../deploy/file", filepath.Join(repo, "deploy", "file")} {
		if err := Write(name, []byte("text")); err == nil || !strings.Contains(err.Error(), "outside of the repository") {
			t.Errorf("%s: %v", name, err)
		}
	}
	entries, err := os.ReadDir(outside)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: want one entry", entries, err)
	}
	wantText(t, filepath.Join(outside, "file"), "old")
	for _, name := range []string{"inside", "kept", "../top", "../../outside/file"} {
		if err := Write(name, []byte("text")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantText(t, name, "text")
	}
}
