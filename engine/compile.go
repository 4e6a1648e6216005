package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/tlsward/tlsward/engine/prefilter"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// compiledKinds holds the rules of each kind that was seen.
type compiledKinds struct {
	mu    sync.Mutex
	kinds map[string]*compiledKind
	empty storage.Store
	txn   storage.Transaction
}

type compiledKind struct {
	books []bookRules
	// references are where objects of the kind refer to certificates.
	references []kube.Pattern
}

// bookRules are rules of one rulebook.
type bookRules struct {
	book     *book
	rules    []*loadedRule
	triggers []trigger
}

// raw is a finding as a rule returned it.
type raw struct {
	rule *loadedRule
	term *ast.Term
}

// foundVar is bound to the findings by each query.
const foundVar = ast.Var("found")

func (e *Engine) kind(groupKind string) *compiledKind {
	e.compiled.mu.Lock()
	defer e.compiled.mu.Unlock()
	if e.compiled.kinds == nil {
		e.compiled.kinds = map[string]*compiledKind{}
		e.compiled.empty = inmem.New()
		e.compiled.txn = storage.NewTransactionOrDie(context.Background(), e.compiled.empty)
	}
	k := e.compiled.kinds[groupKind]
	if k == nil {
		k = &compiledKind{books: e.judging(groupKind), references: e.references(groupKind)}
		e.compiled.kinds[groupKind] = k
	}
	return k
}

// everyKind stands for the rules that judge every kind some provider has to do with.
const everyKind = "*"

// judging lists the rules that name a kind, as the operator selects them. What none of their findings could be heard of is not asked.
// What is wrong with an object's text does not depend on whether some provider has to do with its kind.
func (e *Engine) judging(groupKind string) (books []bookRules) {
	relevant := e.providers.IsRelevant(groupKind) || e.providers.Mentioned(groupKind)
	for _, b := range e.books {
		var rules []*loadedRule
		for _, r := range b.rules {
			named := slices.Contains(r.Kinds, groupKind) || (relevant || r.TriggeredBySource) && slices.Contains(r.Kinds, everyKind)
			if named && e.settings.Rules.Selects(r.ID) && !e.settings.Rules.Off(r.Definition) {
				rules = append(rules, r)
			}
		}
		if len(rules) > 0 {
			sortRules(rules)
			books = append(books, bookRules{b, rules, sharedTriggers(rules)})
		}
	}
	return books
}

// query asks for the findings of one rule.
type query struct {
	compiler *ast.Compiler
	body     ast.Body
}

// query compiles a rule when it is first asked: of a hundred rules, few find something in a tree. Each rulebook is compiled by
// itself, so that what a user's module says cannot reach ours.
func (e *Engine) query(b *book, r *loadedRule) (*query, error) {
	r.compile.Do(func() {
		defer func() {
			// A once that panicked is done: without an error the rule would find nothing from then on.
			if p := recover(); p != nil {
				r.compileErr = fmt.Errorf("%s: compiling it panicked: %v", r.ID, p)
			}
		}()
		r.compiled, r.compileErr = e.compileRule(b, r)
	})
	return r.compiled, r.compileErr
}

func (e *Engine) compileRule(b *book, r *loadedRule) (*query, error) {
	compiler, err := e.compilerFor(b, r)
	if err != nil {
		return nil, err
	}
	findings := ast.NewTerm(packageOf(r.ID).Append(ast.StringTerm("findings")))
	body, err := compiler.QueryCompiler().Compile(ast.NewBody(ast.Equality.Expr(ast.NewTerm(foundVar), findings)))
	return &query{compiler, body}, err
}

// compilerFor has compiled the rule: with all others of a rulebook that had to be held against the schema, else alone.
func (e *Engine) compilerFor(b *book, r *loadedRule) (*ast.Compiler, error) {
	if !b.Verified {
		w, err := e.whole(b)
		if err != nil {
			return nil, err
		}
		return w.compiler, nil
	}
	compiler, err := b.kept(r)
	r.kept = compiler != nil
	if err == nil && compiler == nil {
		compiler, err = b.compileAlone(r)
	}
	if err != nil {
		return nil, err
	}
	// Of use only while compiling, as are the types of builtins that the rule does not call.
	compiler.ModuleTree, compiler.Modules = nil, nil
	return compiler, nil
}

// compileAlone compiles a rule with as much of lib/ as it names.
func (b *book) compileAlone(r *loadedRule) (*ast.Compiler, error) {
	// Anew, so that what was parsed is not kept beside what is compiled.
	module, err := b.parseRule(r.ID, r.file, r.text)
	if err != nil {
		return nil, err
	}
	module.Comments = nil
	library, err := b.imported(module)
	if err != nil {
		return nil, err
	}
	modules, names := needed(module, library)
	return compile(append(modules, module), nil, calling(names))
}

// calling is what may be called by rules that mention these names, and by what the compiler makes of them.
func calling(names map[string]bool) *ast.Capabilities {
	c := *capabilities()
	c.Builtins = slices.DeleteFunc(slices.Clone(c.Builtins), func(b *ast.Builtin) bool {
		first, _, _ := strings.Cut(b.Name, ".")
		return !names[first] && first != "internal" && b != ast.Equality && b != ast.Assign && b != ast.Equal
	})
	return &c
}

// compiledBook is a rulebook compiled with all its rules.
type compiledBook struct {
	compiler *ast.Compiler
	filters  *prefilter.Set
}

// whole compiles a rulebook, once.
func (e *Engine) whole(b *book) (*compiledBook, error) {
	b.wholeOnce.Do(func() { b.whole, b.wholeErr = e.compileBook(b, !b.Verified) })
	return b.whole, b.wholeErr
}

// compileBook compiles a rulebook; checked: strictly and against the schema of the facts document.
func (e *Engine) compileBook(b *book, checked bool) (*compiledBook, error) {
	library, err := b.library()
	if err != nil {
		return nil, err
	}
	var schemas *ast.SchemaSet
	if checked {
		if schemas, err = e.schemas(); err != nil {
			return nil, err
		}
	}
	modules := make([]*ast.Module, 0, len(b.rules)+len(library))
	for _, r := range b.rules {
		module, err := r.parse()
		if err != nil {
			return nil, err
		}
		modules = append(modules, module)
	}
	modules = append(modules, library...)
	w := &compiledBook{}
	if w.compiler, err = compile(modules, schemas, capabilities()); err != nil {
		return nil, err
	}
	w.filters, err = prefilter.Build(w.compiler, b.modules(w.compiler))
	return w, err
}

// modules are those of the rules, by their ids, as they are compiled.
func (b *book) modules(compiler *ast.Compiler) map[string]*ast.Module {
	modules := make(map[string]*ast.Module, len(b.rules))
	for _, r := range b.rules {
		modules[r.ID] = compiler.Modules[r.file]
	}
	return modules
}

// compile compiles copies of modules; without schemas they have passed the checks before.
func compile(list []*ast.Module, schemas *ast.SchemaSet, may *ast.Capabilities) (*ast.Compiler, error) {
	modules := make(map[string]*ast.Module, len(list))
	for _, module := range list {
		modules[module.Package.Location.File] = module
	}
	compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(may).WithSchemas(schemas)
	if schemas == nil {
		compiler = compiler.WithSkipStages(checks...)
	}
	compiler.Compile(modules)
	if compiler.Failed() {
		return nil, compiler.Errors
	}
	return compiler, nil
}

// needed takes out of the library what a rule has no use for: to compile all of it is most of the work for one rule. What is called,
// and by whom, is told by names alone, so that too much may stay, and never too little. Names are all
// that is mentioned.
func needed(module *ast.Module, library []*ast.Module) (out []*ast.Module, names map[string]bool) {
	names = map[string]bool{}
	mention := func(node any) {
		ast.WalkTerms(node, func(t *ast.Term) bool {
			switch v := t.Value.(type) {
			case ast.Var:
				names[string(v)] = true
			case ast.String:
				names[string(v)] = true
			}
			return false
		})
	}
	mention(module)
	taken := map[*ast.Rule]bool{}
	for more := true; more; {
		more = false
		for _, m := range library {
			for _, rule := range m.Rules {
				if !taken[rule] && names[rule.Head.Ref()[0].String()] {
					taken[rule], more = true, true
					mention(rule)
				}
			}
		}
	}
	for _, m := range library {
		reduced := &ast.Module{Package: m.Package, Imports: m.Imports}
		for _, rule := range m.Rules {
			if taken[rule] {
				reduced.Rules = append(reduced.Rules, rule)
			}
		}
		if len(reduced.Rules) > 0 {
			out = append(out, reduced)
		}
	}
	return out, names
}

// filter is what tells whether a rule may find something. Those of a verified rulebook come with it, if they are of this version.
func (e *Engine) filter(b *book, r *loadedRule) (*prefilter.Filter, error) {
	r.filterOnce.Do(func() { r.filter, r.filterErr = e.findFilter(b, r) })
	return r.filter, r.filterErr
}

func (e *Engine) findFilter(b *book, r *loadedRule) (*prefilter.Filter, error) {
	if b.Verified {
		version, err := b.version(r)
		if err != nil {
			return nil, err
		}
		filters, err := b.filters()
		if err != nil {
			return nil, err
		}
		if f, ok, err := filters.Of(r.ID, version); ok || err != nil {
			return f, err
		}
	}
	w, err := e.whole(b)
	if err != nil {
		return nil, err
	}
	f, _, err := w.filters.Of(r.ID, "")
	return f, err
}

// checks are the stages that only look, and the graph that they look at: a verified rulebook has passed them in its tests.
var checks = []ast.StageID{
	ast.StageSetGraph, ast.StageCheckSafetyRuleHeads,
	ast.StageCheckUnusedImports, ast.StageCheckKeywordOverrides, ast.StageCheckDuplicateImports, ast.StageCheckVoidCalls,
	ast.StageCheckRuleConflicts, ast.StageCheckUndefinedFuncs, ast.StageCheckRecursion, ast.StageCheckTypes,
	ast.StageCheckUnsafeBuiltins, ast.StageCheckDeprecatedBuiltins, ast.StageBuildRequiredCapabilities,
}

// evaluate asks the rules of an object's kind. The document is asked for only if a rule is triggered. A tracer is for tests of rules;
// it is costly.
func (e *Engine) evaluate(ctx context.Context, r Request, document func() facts.Facts, tracer topdown.QueryTracer) ([]raw, error) {
	kind := e.kind(r.Object.ID.GroupKind())
	var found []raw
	var errs []error
	var told facts.Facts
	var input *ast.Term
	refers := sync.OnceValue(func() bool { return r.Self || anyIn(kind.references, r.Object) })
	for _, k := range kind.books {
		selected := k.triggered(r, refers)
		if len(selected) == 0 {
			continue
		}
		if err := r.Overran.by(k.book); err != nil {
			errs = append(errs, err)
			continue
		}
		if told == nil {
			told = document()
		}
		selected = concerned(selected, told)
		var failed error
		if tracer == nil { // Whoever traces wants to see everything.
			selected, failed = e.filtered(k.book, selected, told, r)
		}
		if len(selected) > 0 && failed == nil {
			if input == nil {
				input = e.input(told)
			}
			var f []raw
			f, failed = e.run(ctx, k.book, selected, input, tracer)
			found = append(found, f...)
		}
		if failed != nil {
			// The others are asked all the same: one that denies, denies.
			failed = fmt.Errorf("rulebook %s: %w", k.book.Name, failed)
			r.Overran.note(k.book, failed)
			errs = append(errs, failed)
		}
	}
	slices.SortStableFunc(found, func(a, b raw) int { return strings.Compare(a.rule.ID, b.rule.ID) })
	return found, errors.Join(errs...)
}

// run asks rules of a rulebook.
func (e *Engine) run(ctx context.Context, b *book, rules []*loadedRule, input *ast.Term, tracer topdown.QueryTracer) (found []raw, err error) {
	// The deadline is for what rules do, and not for compiling them.
	queries := make([]*query, len(rules))
	for i, r := range rules {
		if queries[i], err = e.query(b, r); err != nil {
			return nil, err
		}
	}
	cancel := topdown.NewCancel()
	timer := time.AfterFunc(e.settings.Deadline, cancel.Cancel)
	defer timer.Stop()
	stop := context.AfterFunc(ctx, cancel.Cancel)
	defer stop()
	for i, r := range rules {
		q := queries[i]
		evaluation := topdown.NewQuery(q.body).
			WithQueryCompiler(q.compiler.QueryCompiler()).WithCompiler(q.compiler).
			WithStore(e.compiled.empty).WithTransaction(e.compiled.txn).
			WithCancel(cancel).WithInput(input)
		if tracer != nil {
			evaluation = evaluation.WithQueryTracer(tracer)
		}
		err = evaluation.Iter(ctx, func(result topdown.QueryResult) error {
			set, ok := result[foundVar].Value.(ast.Set)
			if !ok {
				return fmt.Errorf("rule %s: findings is no set", r.ID)
			}
			// A set iterates in its sorted order.
			set.Foreach(func(t *ast.Term) { found = append(found, raw{r, t}) })
			return nil
		})
		if err != nil {
			if topdown.IsCancel(err) && ctx.Err() == nil {
				return nil, overrunError{e.settings.Deadline}
			}
			return found, err
		}
	}
	return found, nil
}

// capabilities is what a rule may call: nothing that reaches out, and nothing whose answer differs from one call to the
// next, or two doors could give two verdicts on one object.
var capabilities = sync.OnceValue(func() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		return b.Nondeterministic || slices.Contains(clockReaders, b.Name) ||
			b.Name == "opa.runtime" || strings.HasPrefix(b.Name, "http.") || strings.HasPrefix(b.Name, "net.lookup")
	})
	c.AllowNet = []string{}
	return c
})

// clockReaders look at the machine's clock without OPA calling them nondeterministic (topdown/crypto.go, tokens.go): what
// they say of an expired certificate or token has nothing to do with input.now.
var clockReaders = []string{
	"crypto.x509.parse_and_verify_certificates", "crypto.x509.parse_and_verify_certificates_with_options", "io.jwt.decode_verify",
}

// verify compiles a rulebook as a whole, and checks it.
func (e *Engine) verify(b *book) error {
	check := e.whole
	if b.Verified {
		check = func(b *book) (*compiledBook, error) { return e.compileBook(b, true) }
	}
	if _, err := check(b); err != nil {
		return fmt.Errorf("rulebook %s: %w", b.Name, err)
	}
	for _, r := range b.rules {
		if err := errors.Join(checkFindings(r), checkReach(r)); err != nil {
			return fmt.Errorf("rulebook %s: %w", b.Name, err)
		}
	}
	return nil
}

// checkFindings refuses a rule whose findings is anything but a set built by "contains".
func checkFindings(r *loadedRule) error {
	bodies := 0
	for _, clause := range r.rego().Rules {
		if clause.Head.Name != "findings" {
			continue
		}
		if clause.Head.RuleKind() != ast.MultiValue || clause.Head.Key == nil {
			return fmt.Errorf("%s: findings: want `findings contains ... if`", clause.Location)
		}
		bodies++
	}
	if bodies == 0 {
		return fmt.Errorf("%s: no findings", r.ID)
	}
	return nil
}

// checkReach refuses a rule that reads data beyond the library: another rule's findings are no interface, and nothing
// else is there, so that it would be undefined in silence.
func checkReach(r *loadedRule) (err error) {
	ast.WalkRefs(r.rego(), func(ref ast.Ref) bool {
		if len(ref) > 1 && ref[0].Equal(ast.DefaultRootDocument) && !ref[1].Equal(ast.StringTerm("lib")) &&
			!ref.HasPrefix(r.rego().Package.Path) && !r.rego().Package.Path.Equal(ref) {
			err = errors.Join(err, fmt.Errorf("%s: %s: want input and data.lib only", ref[0].Location, ref))
		}
		return false
	})
	return err
}

// schemas returns the facts schema in the form the type checker reads. It knows no additionalProperties: where the
// schema says "by role", the roles, indexes, controllers and parameters that exist are spelt out, which makes a
// misspelt one an error too.
func (e *Engine) schemas() (*ast.SchemaSet, error) {
	schema, err := expandedSchema(facts.Schema, e.names())
	if err != nil {
		return nil, err
	}
	set := ast.NewSchemaSet()
	set.Put(ast.SchemaRootRef, schema)
	return set, nil
}

// names lists, by property of the facts document, the keys that exist in this set of rulebooks.
func (e *Engine) names() map[string][]string {
	names := map[string][]string{"certificates": {"hash"}, "source": facts.SourceKinds(), "refs": {facts.SelfRole}, "also": e.providers.KeysRead()}
	for i := range e.providers.Providers {
		p := &e.providers.Providers[i]
		for _, c := range p.Controllers {
			names["controllers"] = append(names["controllers"], c.Name)
			for _, s := range c.Settings {
				if !slices.Contains(names["settings"], c.Name) {
					names["settings"] = append(names["settings"], c.Name)
				}
				names["settings."+c.Name] = append(names["settings."+c.Name], s.Name)
			}
		}
		for _, k := range p.Kinds {
			for _, r := range k.References {
				names["refs"] = append(names["refs"], r.Role)
				names["malformed"] = append(names["malformed"], r.Role)
			}
			for _, peers := range k.Peers {
				if !peers.Hidden {
					names["peers"] = append(names["peers"], peers.Name)
				}
			}
		}
	}
	for _, r := range e.rules {
		if len(r.Parameters) > 0 {
			names["params"] = append(names["params"], r.ID)
		}
	}
	return names
}
