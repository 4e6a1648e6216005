package ruletest

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/policies"
)

// acme is a rulebook of a user's, for a custom resource that nobody else knows. It is copied into memory, to be mutated.
func acme(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	source := os.DirFS("testdata/acme")
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(source, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestRulebookOfAUser(t *testing.T) {
	t.Run("alone", func(t *testing.T) {
		for _, err := range Run(context.Background(), engine.Rulebook{Name: "acme", FS: acme(t)}) {
			t.Error(err)
		}
	})
	// Its scenes are then judged by all our rules too, and its references by those that hold for any kind.
	t.Run("beside ours", func(t *testing.T) {
		files := acme(t)
		ours := engine.Rulebook{Name: "tlsward", FS: policies.FS()}
		for _, err := range Run(context.Background(), engine.Rulebook{Name: "acme", FS: files}, ours) {
			t.Error(err)
		}
		const scene = "acme/client-ca-missing/bad-complete.yaml"
		files[scene].Data = []byte(strings.Replace(string(files[scene].Data), "complete: [edge]", "complete: [other]", 1))
		errs := Run(context.Background(), engine.Rulebook{Name: "acme", FS: files}, ours)
		if !mentions(errs, scene+":15: references/unresolved is found here") {
			t.Errorf("our rules do not judge the kind: %v", errs)
		}
	})
}

func mentions(errs []error, want string) bool {
	for _, err := range errs {
		if strings.Contains(err.Error(), want) {
			return true
		}
	}
	return false
}

// edit replaces text in a file of the rulebook; an empty old makes or replaces the file, and an empty text with it removes
// the file.
type edit struct{ file, old, text string }

func TestMutants(t *testing.T) {
	t.Parallel()
	for _, table := range []map[string]mutant{ruleMutants, testMutants, sceneMutants, fixMutants} {
		for name, m := range table {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				files := acme(t)
				for _, e := range m.edits {
					mutate(t, files, e)
				}
				errs := Run(context.Background(), engine.Rulebook{Name: "acme", FS: files})
				if !mentions(errs, m.want) {
					t.Errorf("no error says %q; got:", m.want)
					for _, err := range errs {
						t.Log(err)
					}
				}
				for _, err := range errs {
					// Whoever reads it must be able to go there.
					file, _, _ := strings.Cut(err.Error(), ":")
					if _, statErr := fs.Stat(files, file); statErr != nil && len(m.edits) > 0 && !strings.HasPrefix(file, m.edits[0].file) {
						t.Errorf("error does not start with a file: %v", err)
					}
				}
			})
		}
	}
}

func mutate(t *testing.T, files fstest.MapFS, e edit) {
	t.Helper()
	switch {
	case e.old != "":
		before := string(files[e.file].Data)
		after := strings.Replace(before, e.old, e.text, 1)
		if before == after {
			t.Fatalf("%s: no %q to replace", e.file, e.old)
		}
		files[e.file] = &fstest.MapFile{Data: []byte(after)}
	case e.text != "":
		files[e.file] = &fstest.MapFile{Data: []byte(e.text)}
	default:
		if files[e.file] == nil {
			t.Fatalf("no %s to remove", e.file)
		}
		delete(files, e.file)
	}
}

// mutant is a rulebook with a mistake, and what must be said of it.
type mutant struct {
	want  string
	edits []edit
}

const (
	missingRule = "acme/client-ca-missing/rule.rego"
	missingTest = "acme/client-ca-missing/rule_test.rego"
	missingBad  = "acme/client-ca-missing/bad.yaml"
	missingGood = "acme/client-ca-missing/good.yaml"
	twiceRule   = "acme/host-twice/rule.rego"
	twiceTest   = "acme/host-twice/rule_test.rego"
	twiceBad    = "acme/host-twice/bad.yaml"
	modeRule    = "acme/trust-mode-unset/rule.rego"
	modeBad     = "acme/trust-mode-unset/bad.yaml"
	modeFixed   = "acme/trust-mode-unset/fixed.yaml"
	library     = "lib/acme.rego"
)
