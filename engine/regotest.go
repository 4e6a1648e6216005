package engine

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

const testSuffix = "_test.rego"

// testRego runs a rulebook's Rego tests and says what they leave out.
func (e *Engine) testRego(ctx context.Context, b *book) []error {
	tests, errs := b.testModules()
	if len(errs) > 0 {
		return errs
	}
	library, err := b.library()
	if err != nil {
		return []error{err}
	}
	tested := make(map[string]*ast.Module, len(b.rules)+len(library))
	for _, r := range b.rules {
		tested[r.file] = r.rego()
	}
	for _, module := range library {
		tested[module.Package.Location.File] = module
	}
	modules := make(map[string]*ast.Module, len(tested)+len(tests))
	for file, module := range tested {
		// The compiler rewrites what it is given.
		modules[file] = module.Copy()
	}
	for _, module := range tests {
		modules[module.Package.Location.File] = module
	}
	mocks, err := newMocks(e.names())
	if err != nil {
		return []error{err}
	}
	watch := &watcher{cover: cover.New(), mocks: mocks}
	compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).WithEnablePrintStatements(true)
	// One at a time: what a mock is used in is told by what was evaluated before it.
	results, err := tester.NewRunner().SetCompiler(compiler).SetModules(modules).SetTimeout(e.settings.Deadline).
		SetParallel(1).SetCoverageQueryTracer(watch).RunTests(ctx, nil)
	if err != nil {
		return flatten(err)
	}
	ran := map[string]bool{}
	for result := range results {
		ran[path.Dir(result.Location.File)] = true
		errs = append(errs, resultErrors(result)...)
	}
	if err := ctx.Err(); err != nil {
		return []error{err}
	}
	errs = append(errs, mocks.errs...)
	for _, r := range b.rules {
		if !ran[r.ID] {
			errs = append(errs, fmt.Errorf("%s: no Rego test of it: want %s", r.file, path.Join(r.ID, "rule"+testSuffix)))
			delete(tested, r.file)
		}
	}
	return append(errs, uncovered(watch.cover.Report(tested), tested)...)
}

// testModules reads the Rego tests. A test's package is that of what it tests, perhaps with _test: in another one it
// could change what a rule says.
func (b *book) testModules() (modules []*ast.Module, errs []error) {
	files, err := regoFiles(b.FS)
	if err != nil {
		return nil, []error{err}
	}
	for _, file := range files {
		if !strings.HasSuffix(file, testSuffix) {
			continue
		}
		text, err := readBounded(b.FS, file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		module, err := parseModule(file, text, true)
		if err != nil {
			errs = append(errs, flatten(err)...)
			continue
		}
		want := ast.Ref{ast.DefaultRootDocument, ast.StringTerm("policies")}
		if path.Dir(file) == "lib" {
			want = ast.Ref{ast.DefaultRootDocument, ast.StringTerm("lib"), ast.StringTerm(strings.TrimSuffix(path.Base(file), testSuffix))}
		} else {
			for _, part := range strings.Split(path.Dir(file), "/") {
				want = want.Append(ast.StringTerm(part))
			}
		}
		last, _ := want[len(want)-1].Value.(ast.String)
		own := append(slices.Clone(want[:len(want)-1]), ast.StringTerm(string(last)+"_test"))
		if !module.Package.Path.Equal(want) && !module.Package.Path.Equal(own) {
			errs = append(errs, fmt.Errorf("%s: package %s, want %s or %s", file,
				dotted(module.Package.Path.String()), dotted(own.String()), dotted(want.String())))
			continue
		}
		modules = append(modules, module)
	}
	return modules, errs
}

func resultErrors(r *tester.Result) (errs []error) {
	fail := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if out := strings.TrimSpace(string(r.Output)); out != "" {
			text += "\n\t" + strings.ReplaceAll(out, "\n", "\n\t")
		}
		errs = append(errs, fmt.Errorf("%s:%d: %s: %s", r.Location.File, r.Location.Row, r.Name, text))
	}
	switch {
	case r.Error != nil:
		fail("%v", r.Error)
	case r.Skip:
		fail("skipped")
	case r.Fail && len(r.SubResults) == 0:
		fail("fails")
	case r.Fail:
		for names, result := range r.SubResults.Iter {
			if result.Fail && len(result.SubResults) == 0 {
				fail("case %s fails", strings.Join(names, "/"))
			}
		}
	}
	return errs
}

// uncovered says which lines no test reaches.
func uncovered(report cover.Report, modules map[string]*ast.Module) (errs []error) {
	for file := range modules {
		lines := map[int]bool{}
		for _, r := range report.Files[file].NotCovered {
			if !lines[r.Start.Row] {
				lines[r.Start.Row] = true
				errs = append(errs, fmt.Errorf("%s:%d: no Rego test reaches this line", file, r.Start.Row))
			}
		}
	}
	return errs
}

// watcher sees every step of the tests: for coverage, and for the inputs they mock.
type watcher struct {
	cover *cover.Cover
	mocks *mocks
}

var _ topdown.QueryTracer = (*watcher)(nil)

func (w *watcher) Enabled() bool { return true }

func (w *watcher) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (w *watcher) TraceEvent(event topdown.Event) {
	w.cover.TraceEvent(event)
	w.mocks.see(event)
}
