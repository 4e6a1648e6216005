package engine

import (
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/version"

	"github.com/tlsward/tlsward/engine/compiled"
)

// CompiledFile is where a verified rulebook keeps its rules as they are once compiled: made by `make generate`, since of a run on 200
// objects more than a quarter was parsing and compiling the ten rules that OPA is asked for. A rule that has changed since is compiled as if the
// file were not there.
const CompiledFile = "compiled.bin"

// compiledFormat goes into the versions: who changes how rules are compiled or written makes all of them old.
const compiledFormat = "1"

func (b *book) loadCompiled() (*compiled.Set, error) {
	written, err := b.archive(CompiledFile)
	if err != nil {
		return nil, err
	}
	return compiled.Read(written), nil
}

// compiledVersion changes with whatever a compiled rule is made of, OPA's compiler included.
func (b *book) compiledVersion(r *loadedRule) (string, error) {
	v, err := b.version(r)
	return v + "/" + compiledFormat + "/" + version.Version, err
}

// kept makes a compiler of a rule that CompiledFile has, or returns nil.
func (b *book) kept(r *loadedRule) (*ast.Compiler, error) {
	rules, err := b.compiled()
	if err != nil {
		return nil, err
	}
	v, err := b.compiledVersion(r)
	if err != nil {
		return nil, err
	}
	list, names, ok, err := rules.Modules(r.ID, v)
	if !ok || err != nil {
		return nil, err
	}
	modules := make(map[string]*ast.Module, len(list))
	for _, m := range list {
		modules[m.Package.Path.String()] = m
	}
	compiler := ast.NewCompiler().WithCapabilities(calling(names)).WithSkipStages(done()...)
	compiler.Compile(modules)
	if compiler.Failed() {
		return nil, compiler.Errors
	}
	return compiler, nil
}

// done are the stages whose work is in what is kept: all but those that index it.
var done = sync.OnceValue(func() []ast.StageID {
	return slices.DeleteFunc(ast.NewCompiler().StagesToRun(), func(stage ast.StageID) bool {
		return slices.Contains([]ast.StageID{
			ast.StageSetModuleTree, ast.StageSetRuleTree, ast.StageBuildRuleIndices, ast.StageBuildComprehensionIndices,
		}, stage)
	})
})

// Compiled is the content of CompiledFile, for the first rulebook.
func (e *Engine) Compiled() (string, error) {
	b := e.books[0]
	w, err := e.whole(b)
	if err != nil {
		return "", err
	}
	versions, err := b.versions(b.compiledVersion)
	if err != nil {
		return "", err
	}
	return compiled.Write(w.compiler, b.modules(w.compiler), func(id string) string { return versions[id] }), nil
}
