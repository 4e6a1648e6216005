package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/rule"
)

// fixFlags say which fixes are made.
type fixFlags struct {
	only   []string
	unsafe bool
}

func (f *fixFlags) register(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.only, "fix-only", nil, "make the fixes of these rules only (globs)")
	flags.BoolVar(&f.unsafe, "unsafe-fixes", false, "make those fixes too that may change what is meant: read what they write")
}

// check refuses flags that would silently do nothing.
func (f *fixFlags) check(fixing bool) error {
	switch {
	case fixing:
		return nil
	case len(f.only) > 0:
		return errors.New("--fix-only: want --fix or --diff beside it")
	case f.unsafe:
		return errors.New("--unsafe-fixes: want --fix or --diff beside it")
	}
	return nil
}

// checkRules refuses globs that match no rule.
func (f *fixFlags) checkRules(e *engine.Engine) error {
	for _, glob := range f.only {
		if err := rule.CheckRules(glob); err != nil {
			return fmt.Errorf("--fix-only: %w", err)
		}
		if !slices.ContainsFunc(e.Rules(), func(d rule.Definition) bool { return rule.Match(glob, d.ID) }) {
			hint := ""
			if near := e.Suggest(glob); near != "" {
				hint = "; did you mean " + near + "?"
			}
			return fmt.Errorf("--fix-only: no rule %s%s", glob, hint)
		}
	}
	return nil
}

func (f *fixFlags) options(write bool) lint.FixOptions {
	return lint.FixOptions{Write: write, Unsafe: f.unsafe, Only: f.only}
}

// tell says what was fixed, what was not, and why.
func (f *fixFlags) tell(out io.Writer, fixes *lint.Fixes, diff bool) {
	for _, p := range fixes.Unfixed {
		complain(out, place(p.At.File, p.At.Line)+": "+p.Message)
	}
	if fixes.Count > 0 {
		var rules []string
		for _, id := range kube.SortedKeys(fixes.Rules) {
			rules = append(rules, fmt.Sprintf("%d %s", fixes.Rules[id], id))
		}
		verb := "fixed"
		if diff {
			verb = "would fix"
		}
		complain(out, fmt.Sprintf("%s %s in %s: %s", verb, count(fixes.Count, "finding"), count(len(fixes.Files()), "file"), strings.Join(rules, ", ")))
	}
	var left []string
	add := func(n int, why string) {
		if n > 0 {
			left = append(left, fmt.Sprintf("%d %s", n, why))
		}
	}
	add(len(fixes.Unfixed), "not possible, as said above")
	add(fixes.Unsafe, "unsafe (--unsafe-fixes makes them)")
	add(fixes.Unselected, "of rules that --fix-only leaves out")
	add(fixes.Suppressed, "suppressed")
	if len(left) > 0 {
		complain(out, "fixes not made: "+strings.Join(left, ", "))
	}
}
