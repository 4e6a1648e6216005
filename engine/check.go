package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"

	"github.com/tlsward/tlsward/facts"
)

// Check holds a rulebook against everything that can be told without an object to judge: its metadata; its types, against
// the schema of the facts; the words it compares with, against the schema's enumerations; its format; and its Rego tests,
// which must pass, reach every line, and mock only what facts can look like. Each error starts with the file. What stands
// beside the rulebook is there because its rules may use the roles and controllers of others, and is not checked itself.
func Check(ctx context.Context, s Settings, rulebook Rulebook, beside ...Rulebook) []error {
	formatErrs := checkFormat(rulebook.FS)
	books := make([]Rulebook, 0, len(beside)+1)
	for _, other := range append(slices.Clip(beside), rulebook) {
		other.Verified = true
		books = append(books, other)
	}
	e, err := New(s, books...)
	if err != nil {
		return arrange(append(flatten(err), formatErrs...))
	}
	b := e.books[len(e.books)-1]
	if err := b.parseAll(); err != nil {
		return arrange(append(flatten(err), formatErrs...))
	}
	errs := formatErrs
	verifyErr := e.verify(b)
	errs = append(errs, flatten(verifyErr)...)
	schema, err := expandedSchema(facts.Schema, e.names())
	if err != nil {
		return arrange(append(errs, err))
	}
	wordErrs, err := e.wordsDefects(b, schema, facts.Schema)
	errs = append(errs, append(wordErrs, err)...)
	if verifyErr == nil {
		errs = append(errs, e.testRego(ctx, b)...)
	}
	return arrange(errs)
}

// flatten takes an error apart: one for each defect, without the name of the rulebook.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	var compilation ast.Errors
	var several interface{ Unwrap() []error }
	switch {
	case errors.As(err, &compilation):
		out := make([]error, len(compilation))
		for i, e := range compilation {
			out[i] = e
		}
		return out
	case errors.As(err, &several):
		var out []error
		for _, e := range several.Unwrap() {
			// What stands before the first file named is said of all of them.
			out = append(out, flatten(reword(err, several, e))...)
		}
		return out
	}
	if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "rulebook ") {
		return flatten(inner)
	}
	return []error{err}
}

// reword puts what an error says before the errors it joins in front of one of them.
func reword(outer error, several interface{ Unwrap() []error }, one error) error {
	joined, ok := several.(error)
	if !ok {
		return one
	}
	before, _, _ := strings.Cut(outer.Error(), joined.Error())
	if strings.HasPrefix(before, "rulebook ") {
		_, before, _ = strings.Cut(before, ": ")
	}
	if before == "" {
		return one
	}
	return fmt.Errorf("%s%w", before, one)
}

// arrange drops what was said twice and puts errors into a stated order: by file and line, as far as both are told.
func arrange(errs []error) []error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	slices.SortStableFunc(errs, func(a, b error) int { return CompareErrors(a, b) })
	return slices.CompactFunc(errs, func(a, b error) bool { return a.Error() == b.Error() })
}

// CompareErrors orders errors that start with file:line by file, line and text.
func CompareErrors(a, b error) int {
	aFile, aLine := placeOf(a.Error())
	bFile, bLine := placeOf(b.Error())
	return cmp.Or(cmp.Compare(aFile, bFile), cmp.Compare(aLine, bLine), cmp.Compare(a.Error(), b.Error()))
}

func placeOf(message string) (file string, line int) {
	file, rest, _ := strings.Cut(message, ":")
	for _, r := range rest {
		if r < '0' || r > '9' {
			break
		}
		line = line*10 + int(r-'0')
	}
	return file, line
}

// Format returns the Rego files of a rulebook that are not in canonical form, as they would be in it.
func Format(fsys fs.FS) (map[string][]byte, error) {
	files, err := regoFiles(fsys)
	if err != nil {
		return nil, err
	}
	changed := map[string][]byte{}
	var errs []error
	for _, file := range files {
		data, err := readBounded(fsys, file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		formatted, err := format.SourceWithOpts(file, data, format.Opts{RegoVersion: ast.RegoV1})
		switch {
		case err != nil:
			errs = append(errs, flatten(err)...)
		case !bytes.Equal(data, formatted):
			changed[file] = formatted
		}
	}
	return changed, errors.Join(errs...)
}

func checkFormat(fsys fs.FS) []error {
	changed, err := Format(fsys)
	errs := flatten(err)
	for file, formatted := range changed {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			return append(errs, err)
		}
		errs = append(errs, fmt.Errorf("%s:%d: not in canonical form from here on: `tlsward test --write` mends it", file, firstDifference(data, formatted)))
	}
	return errs
}

// firstDifference returns the line in which two texts part.
func firstDifference(a, b []byte) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return 1 + bytes.Count(a[:i], []byte("\n"))
}

// regoFiles lists the Rego files of a rulebook: those it loads, and their tests.
func regoFiles(fsys fs.FS) ([]string, error) {
	var files []string
	for _, pattern := range []string{"lib/*.rego", "*/*/*.rego"} {
		found, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return slices.DeleteFunc(files, func(file string) bool {
		return strings.HasPrefix(file, ".") || (strings.HasPrefix(file, "lib/") && path.Dir(file) != "lib")
	}), nil
}
