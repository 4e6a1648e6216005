package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIgnore: what an IgnoreFile names is passed over in directories, with the syntax of .gitignore; what is named itself is read.
func TestIgnore(t *testing.T) {
	files := []string{
		"a.yaml", "b.yaml", "keep/b.yaml", "vendor/x.yaml", "apps/vendor/x.yaml", "apps/web/test-1.yaml", "apps/web/web.yaml",
		"apps/web/deep/web.yaml", "old/x.yaml", "old/keep.yaml", "linked.yaml -> apps/web/web.yaml", "to -> vendor",
	}
	for name, c := range map[string]struct {
		ignore map[string]string
		paths  []string
		top    string
		want   string
	}{
		"nothing":                 {nil, []string{"keep"}, "", "keep/b.yaml"},
		"a name, anywhere":        {map[string]string{".": "b.yaml\n"}, []string{"."}, "", "a.yaml apps/vendor/x.yaml apps/web/deep/web.yaml apps/web/test-1.yaml apps/web/web.yaml old/keep.yaml old/x.yaml vendor/x.yaml"},
		"anchored":                {map[string]string{".": "/b.yaml\n/vendor/\n"}, []string{"keep", "vendor", "."}, "", "keep/b.yaml vendor/x.yaml a.yaml apps/vendor/x.yaml apps/web/deep/web.yaml apps/web/test-1.yaml apps/web/web.yaml old/keep.yaml old/x.yaml"},
		"directories, and a link": {map[string]string{".": "vendor/\nto\napps\n"}, []string{"."}, "", "a.yaml b.yaml keep/b.yaml old/keep.yaml old/x.yaml linked.yaml"},
		"all but one":             {map[string]string{"old": "# a comment\n\n*\n!keep.yaml\r\n"}, []string{"old"}, "", "old/keep.yaml"},
		"question mark and class": {map[string]string{"apps": "\uFEFFtest-?.yaml\n[w]eb/deep\n"}, []string{"apps"}, "", "apps/vendor/x.yaml apps/web/web.yaml"},
		"two stars":               {map[string]string{".": "apps/**/web.yaml\n"}, []string{"apps"}, ".", "apps/vendor/x.yaml apps/web/test-1.yaml"},
		"not from above the top":  {map[string]string{".": "x.yaml\n"}, []string{"apps/vendor"}, "apps", "apps/vendor/x.yaml"},
		"the deeper one wins":     {map[string]string{".": "x.yaml\n", "apps": "!x.yaml\n"}, []string{"apps/vendor", "vendor"}, ".", "apps/vendor/x.yaml"},
		"inside, but for one":     {map[string]string{".": "apps/web/**\n!apps/web/web.yaml\n"}, []string{"apps"}, ".", "apps/vendor/x.yaml apps/web/web.yaml"},
		"braces are letters":      {map[string]string{".": "{a,b}.yaml\n\\!x\n[\nb.yaml\\ \na.yaml  \n"}, []string{"keep", "a.yaml"}, ".", "keep/b.yaml a.yaml"},
		"named itself":            {map[string]string{".": "*\n"}, []string{"a.yaml", "apps/web/web.yaml", "."}, ".", "a.yaml apps/web/web.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, files...)
			for at, text := range c.ignore {
				if err := os.WriteFile(filepath.Join(dir, at, IgnoreFile), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(dir)
			top := ""
			if c.top != "" {
				top = filepath.Join(dir, c.top)
			}
			found, _, errs := FindWanted(c.paths, top, nil)
			if got := filepath.ToSlash(strings.Join(found, " ")); got != c.want || len(errs) > 0 {
				t.Errorf("got  %s (%v)\nwant %s", got, errs, c.want)
			}
		})
	}
}

// TestIgnoreFileRefused: an IgnoreFile that cannot be taken for one is an error of its own, and the directory is read.
func TestIgnoreFileRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.yaml", IgnoreFile+"/x.txt", "b/c.yaml")
	if err := os.WriteFile(filepath.Join(dir, "b", IgnoreFile), make([]byte, maxIgnoreFile+1), 0o644); err != nil {
		t.Fatal(err)
	}
	found, _, errs := FindWanted([]string{dir}, "", nil)
	if len(found) != 2 || len(errs) != 2 || !strings.HasSuffix(errs[0].Error(), IgnoreFile+": want a file of at most 256 KiB") {
		t.Errorf("got %v, %v", found, errs)
	}
}
