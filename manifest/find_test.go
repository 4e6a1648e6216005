package manifest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes files, and links where a name holds " -> ".
func write(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		name, target, link := strings.Cut(name, " -> ")
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if link {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte("a: b\n"), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		files, paths []string
		want, errs   string
	}{
		"tree": {
			[]string{"b.yaml", "a/c.yml", "a/b/d.JSON", "e.txt", "f.yaml.bak", ".hidden/g.yaml", ".git/h.yaml", "x/node_modules/i.yaml"},
			[]string{"."},
			".hidden/g.yaml a/b/d.JSON a/c.yml b.yaml", "",
		},
		"named files, whatever they are called": {[]string{"e.txt", "a.yaml"}, []string{"e.txt", "a.yaml", "-", "-"}, "e.txt a.yaml -", ""},
		"named though skipped":                  {[]string{".git/h.yaml"}, []string{".git"}, ".git/h.yaml", ""},
		"twice":                                 {[]string{"d/a.yaml", "d/b.yaml"}, []string{"d/b.yaml", "d", "./d/../d"}, "d/b.yaml d/a.yaml", ""},
		"missing": {
			[]string{"a.yaml"},
			[]string{"nope", "a.yaml", "nope.yaml"},
			"a.yaml",
			"nope: no such file or directory; nope.yaml: no such file or directory",
		},
		"link loop":               {[]string{"a/b.yaml", "a/c -> ..", "d -> a"}, []string{"."}, "a/b.yaml", ""},
		"link out of the tree":    {[]string{"out/x.yaml", "in/a.yaml", "in/b -> ../out"}, []string{"in"}, "in/a.yaml in/b/x.yaml", ""},
		"linked file":             {[]string{"a.yaml", "b.yaml -> a.yaml", "c.yaml -> out.txt", "out.txt"}, []string{"."}, "a.yaml c.yaml", ""},
		"link that leads nowhere": {[]string{"a.yaml -> nope", "b -> nope"}, []string{"."}, "", "a.yaml: no such file or directory"},
		"empty path":              {[]string{"a.yaml"}, []string{"", "a.yaml"}, "a.yaml", ": empty path"},
		"name with a colon":       {nil, []string{"a: b.yaml"}, "", "a: b.yaml: no such file or directory"},
		"empty directory":         {[]string{"a/b.txt"}, []string{"a"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, ".", c.files...)
			files, errs := Find(c.paths)
			if got := strings.Join(files, " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			var messages []string
			for _, err := range errs {
				messages = append(messages, err.Error())
			}
			if got := strings.Join(messages, "; "); got != c.errs {
				t.Errorf("got errors %s, want %s", got, c.errs)
			}
		})
	}
}

// TestFindWithin: what is refused is not entered, and only said where it might hold manifests.
func TestFindWithin(t *testing.T) {
	dir, err := realPath(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "in/a.yaml", "in/b/c.yaml", "in/again.yaml -> b/c.yaml", "in/far -> ../out", "in/far.yaml -> ../out/x.yaml", "in/far.txt -> ../out/x.yaml", "out/x.yaml")
	t.Chdir(dir)
	within := func(real string) bool { return strings.HasPrefix(real, filepath.Join(dir, "in")) }
	files, outside, errs := FindWanted([]string{"in"}, "", within)
	if got := strings.Join(files, " ") + "; " + strings.Join(outside, " "); got != "in/a.yaml in/b/c.yaml; in/far in/far.yaml" || len(errs) > 0 {
		t.Errorf("got %s, %v", got, errs)
	}
}

func TestFindDepth(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, strings.Repeat("a/", maxDirDepth+2))
	write(t, deep, "b.yaml")
	files, errs := Find([]string{dir})
	if len(files) != 0 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "more than 100 directories deep") {
		t.Errorf("%v %v", files, errs)
	}
}

func TestReadFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, ".", "a.yaml", "d/b.yaml")
	if data, err := ReadFile("a.yaml", nil); err != nil || data != "a: b\n" {
		t.Errorf("%q %v", data, err)
	}
	long := strings.Repeat("a: b\n", 10000)
	if data, err := ReadFile(Stdin, strings.NewReader(long)); err != nil || data != long {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	for name, want := range map[string]string{"nope": "nope: no such file or directory", "d": "d: is a directory", "/dev/null": "/dev/null: not a regular file"} {
		if _, err := ReadFile(name, nil); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := ReadFile(Stdin, bytes.NewReader(make([]byte, MaxFileSize+1))); err == nil || err.Error() != "-: larger than 64 MiB" {
		t.Error(err)
	}
	big, err := os.Create("big.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer big.Close()
	if err := big.Truncate(MaxFileSize + 1); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile("big.yaml", nil); err == nil || err.Error() != "big.yaml: larger than 64 MiB" {
		t.Error(err)
	}
}
