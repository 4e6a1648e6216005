package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/ruletest"
)

func testCommand(s streams) *cobra.Command {
	var write, alone bool
	cmd := &cobra.Command{
		Use:   "test DIR",
		Short: "Test the rules of a directory on their own scenes",
		Long: `Test every rule of a rulebook: its metadata, types, words and format; its Rego tests, which must reach every line; and
its scenes. bad*.yaml gives exactly the findings that its lines end in (# want provider/rule), good*.yaml gives none, and
fixed*.yaml is what --fix makes of the bad one; all under tlsward's own rules too, in lint as well as at admission.

tlsward rules new begins a rule that passes.

Exit status: 0 nothing is wrong, 1 something is, 2 the directory cannot be read or holds no rule.`,
		Example: "  tlsward test rules/\n  tlsward test --write rules/",
		Args:    arguments(1, 1, "the directory of a rulebook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if err := holdsRules(dir); err != nil {
				return unjudged(err)
			}
			if write {
				return writeFormatted(dir)
			}
			var beside []engine.Rulebook
			if !alone {
				beside = append(beside, engine.Rulebook{Name: "tlsward", FS: policies.FS()})
			}
			return testRules(cmd.Context(), s.out, dir, beside)
		},
	}
	cmd.Flags().BoolVar(&write, "write", false, "write the Rego files in canonical form, and test nothing")
	cmd.Flags().BoolVar(&alone, "alone", false, "leave tlsward's own rules out")
	return cmd
}

func holdsRules(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return fmt.Errorf("%s: no such directory", dir)
	}
	rules, err := fs.Glob(os.DirFS(dir), "*/*/rule.rego")
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		return fmt.Errorf("%s: no rule: want folders like provider/rule/rule.rego", dir)
	}
	return nil
}

func testRules(ctx context.Context, out io.Writer, dir string, beside []engine.Rulebook) error {
	errs := ruletest.Run(ctx, engine.Rulebook{Name: dir, FS: os.DirFS(dir)}, beside...)
	for _, err := range errs {
		if _, err := fmt.Fprintln(out, report.Lines(located(dir, err))); err != nil {
			return unjudged(err)
		}
	}
	if len(errs) > 0 {
		return &exitError{code: exitDenied}
	}
	said, err := tested(os.DirFS(dir))
	if err == nil {
		_, err = fmt.Fprintln(out, said)
	}
	if err != nil {
		return unjudged(err)
	}
	return nil
}

// regoTest is the beginning of a Rego test in canonical form.
var regoTest = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^test_[A-Za-z0-9_]+`) })

// tested counts what stands in a rulebook in which nothing is wrong.
func tested(files fs.FS) (string, error) {
	rules, scenes, tests := 0, 0, 0
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch base := entry.Name(); {
		case base == "rule.rego":
			rules++
		case strings.HasSuffix(base, "_test.rego"):
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			tests += len(regoTest().FindAll(text, -1))
		case strings.Count(name, "/") == 2 && strings.HasSuffix(base, ".yaml"):
			scenes++
		}
		return nil
	})
	return fmt.Sprintf("ok: %s, %s that reach every line, %s", count(rules, "rule"), count(tests, "Rego test"), count(scenes, "scene")), err
}

// located puts the directory before the file that an error starts with, so that editors and terminals find it.
func located(dir string, err error) string {
	file, _, _ := strings.Cut(err.Error(), ":")
	if _, statErr := os.Stat(filepath.Join(dir, filepath.FromSlash(file))); statErr != nil {
		return err.Error()
	}
	return filepath.Join(dir, filepath.FromSlash(file)) + strings.TrimPrefix(err.Error(), file)
}

func writeFormatted(dir string) error {
	changed, err := engine.Format(os.DirFS(dir))
	errs := []error{err}
	for _, file := range kube.SortedKeys(changed) {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := outfile.Write(path, changed[file]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return unjudged(err)
	}
	return nil
}
