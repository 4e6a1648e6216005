package ruletest

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// testHead is the beginning of a Rego test, which stands at the beginning of its line in canonical form.
var testHead = regexp.MustCompile(`^(?:todo_)?test_[A-Za-z0-9_]+`)

// testNames refuses two Rego tests of one name in a package. To OPA they are bodies of one rule: they conflict where their kinds
// differ, and where they do not, only its test runner tells them apart.
func (h *harness) testNames() error {
	first := map[string]string{}
	return fs.WalkDir(h.fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, "_test.rego") {
			return err
		}
		data, err := fs.ReadFile(h.fsys, file)
		if err != nil {
			return err
		}
		in := ""
		for i, line := range strings.Split(string(data), "\n") {
			if name, ok := strings.CutPrefix(line, "package "); ok && in == "" {
				in = strings.TrimSpace(name)
			}
			name := testHead.FindString(line)
			if name == "" {
				continue
			}
			if before := first[in+" "+name]; before != "" {
				h.fail("%s:%d: %s: the test at %s has that name too, and OPA takes both for one: rename it", file, i+1, name, before)
				continue
			}
			first[in+" "+name] = fmt.Sprintf("%s:%d", file, i+1)
		}
		return nil
	})
}
