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

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// compiledKinds holds one query per rulebook and kind, compiled when the kind is first seen: a run on a few files pays
// for the rules of a few kinds.
type compiledKinds struct {
	mu    sync.Mutex
	kinds map[string]*compiledKind
	empty storage.Store
	txn   storage.Transaction
}

type compiledKind struct {
	once    sync.Once
	queries []*query
	// references are where objects of the kind refer to certificates.
	references []kube.Pattern
	err        error
}

// query evaluates the rules of one rulebook that name one kind, or those that name every kind.
type query struct {
	book     *book
	compiler *ast.Compiler
	rules    []queried
	bodies   bodies
}

// queried is a rule in a query, with the pair of its id and the reference to its findings.
type queried struct {
	*loadedRule
	filter   *prefilter
	findings [2]*ast.Term
}

// bodies holds what to evaluate for each set of rules that was asked for: objects are alike, so that there are few sets.
type bodies struct {
	mu    sync.Mutex
	known map[string][]ast.Body
}

// rulesPerBody bounds how many rules one body asks for. OPA evaluates what stands later in a body deeper in the stack, some 10
// KiB a rule, and a stack that grows is copied.
const rulesPerBody = 8

// maxBodies bounds the sets that are remembered: who sends objects may have any set of fields in them, and a body takes 10 KiB.
const maxBodies = 256

// of gives what asks for the findings of some of the rules, which are given by their place. A rule that has nothing to judge costs
// nothing then.
func (q *query) of(selected []bool) ([]ast.Body, error) {
	key := make([]byte, len(selected))
	for i, on := range selected {
		if on {
			key[i] = 1
		}
	}
	q.bodies.mu.Lock()
	list, known := q.bodies.known[string(key)]
	q.bodies.mu.Unlock()
	if known {
		return list, nil
	}
	pairs := make([][2]*ast.Term, 0, len(q.rules))
	for i, on := range selected {
		if on {
			pairs = append(pairs, [2]*ast.Term{q.rules[i].findings[0], q.rules[i].findings[1].Copy()})
		}
	}
	for chunk := range slices.Chunk(pairs, rulesPerBody) {
		one, err := q.compiler.QueryCompiler().Compile(ast.NewBody(ast.Equality.Expr(ast.NewTerm(foundVar), ast.ObjectTerm(chunk...))))
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	q.bodies.mu.Lock()
	defer q.bodies.mu.Unlock()
	if q.bodies.known == nil {
		q.bodies.known = map[string][]ast.Body{}
	}
	if len(q.bodies.known) < maxBodies {
		q.bodies.known[string(key)] = list
	}
	return list, nil
}

// raw is a finding as a rule returned it.
type raw struct {
	rule *loadedRule
	term *ast.Term
}

func (q *query) rule(id string) *loadedRule {
	i := slices.IndexFunc(q.rules, func(r queried) bool { return r.ID == id })
	return q.rules[i].loadedRule
}

// foundVar is bound to {id: findings} by each query.
const foundVar = ast.Var("found")

func (e *Engine) kind(groupKind string) (queries []*query, references []kube.Pattern, err error) {
	e.compiled.mu.Lock()
	if e.compiled.kinds == nil {
		e.compiled.kinds = map[string]*compiledKind{}
		e.compiled.empty = inmem.New()
		e.compiled.txn = storage.NewTransactionOrDie(context.Background(), e.compiled.empty)
	}
	k := e.compiled.of(groupKind)
	general := e.compiled.of(everyKind)
	e.compiled.mu.Unlock()
	relevant := e.providers.IsRelevant(groupKind)
	compileGeneral := func() { general.queries, general.err = e.compileKind(everyKind) }
	k.once.Do(func() {
		// Side by side: for one file it is most of the work.
		var group sync.WaitGroup
		if relevant && k != general {
			group.Go(func() { general.once.Do(compileGeneral) })
		}
		k.queries, k.err = e.compileKind(groupKind)
		k.references = e.references(groupKind)
		group.Wait()
	})
	if k.err != nil || !relevant {
		return k.queries, k.references, k.err
	}
	general.once.Do(compileGeneral)
	return append(slices.Clip(k.queries), general.queries...), k.references, general.err
}

// everyKind stands for the rules that judge every kind some provider has to do with; they are compiled once.
const everyKind = "*"

// anyText stands for those of them that only judge what an object's text tells: they are compiled when the first text has a
// defect, and asked then whatever the kind.
const anyText = "text"

// ofText prepares the queries of anyText.
func (e *Engine) ofText() ([]*query, error) {
	e.compiled.mu.Lock()
	k := e.compiled.of(anyText)
	e.compiled.mu.Unlock()
	k.once.Do(func() { k.queries, k.err = e.compileKind(anyText) })
	return k.queries, k.err
}

// judges reports whether a rule is one of those compiled for a kind.
func (r *loadedRule) judges(groupKind string) bool {
	every := slices.Contains(r.Kinds, everyKind)
	onlyText := r.TriggeredBySource && len(r.Triggers) == 0 && !r.TriggeredByReferences
	switch groupKind {
	case everyKind:
		return every && !onlyText
	case anyText:
		return every && onlyText
	default:
		return !every && slices.Contains(r.Kinds, groupKind)
	}
}

func (c *compiledKinds) of(groupKind string) *compiledKind {
	k := c.kinds[groupKind]
	if k == nil {
		k = &compiledKind{}
		c.kinds[groupKind] = k
	}
	return k
}

// compileKind prepares a query per rulebook over the rules that name a kind, as the operator selects them.
func (e *Engine) compileKind(groupKind string) (queries []*query, err error) {
	defer func() {
		// A once that panicked is done: without an error the kind would have no rules from then on.
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: compiling its rules panicked: %v", groupKind, p)
		}
	}()
	for _, b := range e.books {
		var rules []*loadedRule
		for _, r := range b.rules {
			if r.judges(groupKind) && e.settings.Rules.Selects(r.ID) {
				rules = append(rules, r)
			}
		}
		sortRules(rules)
		q, err := e.compile(b, rules, nil)
		if err != nil {
			return nil, fmt.Errorf("rulebook %s: %w", b.Name, err)
		}
		if len(q.rules) > 0 {
			queries = append(queries, q)
		}
	}
	return queries, nil
}

// compile prepares the query over some rules of a rulebook. Each rulebook is compiled by itself: what a user's module
// says cannot reach ours.
func (e *Engine) compile(b *book, rules []*loadedRule, schemas *ast.SchemaSet) (*query, error) {
	q := &query{book: b, rules: make([]queried, 0, len(rules))}
	if len(rules) == 0 {
		return q, nil
	}
	library, err := b.library()
	if err != nil {
		return nil, err
	}
	modules := make(map[string]*ast.Module, len(rules)+len(library))
	for _, r := range rules {
		// The compiler rewrites what it is given, and a module may be compiled for several kinds.
		module, err := r.parse()
		if err != nil {
			return nil, err
		}
		modules[r.file] = module.Copy()
		q.rules = append(q.rules, queried{
			loadedRule: r,
			findings:   [2]*ast.Term{ast.StringTerm(r.ID), ast.NewTerm(packageOf(r.ID).Append(ast.StringTerm("findings")))},
		})
	}
	for _, module := range library {
		modules[module.Package.Location.File] = module.Copy()
	}
	q.compiler = ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).WithSchemas(schemas)
	if b.Verified && schemas == nil {
		q.compiler = q.compiler.WithSkipStages(checks...)
	}
	q.compiler.Compile(modules)
	if q.compiler.Failed() {
		return nil, q.compiler.Errors
	}
	filters := &filterBuilder{compiler: q.compiler, definitions: map[string]*definitionOf{}}
	for i := range q.rules {
		q.rules[i].filter = filters.of(q.compiler.Modules[q.rules[i].file])
	}
	return q, nil
}

// checks are the stages that only look: a verified rulebook has passed them in its tests.
var checks = []ast.StageID{
	ast.StageCheckUnusedImports, ast.StageCheckKeywordOverrides, ast.StageCheckDuplicateImports, ast.StageCheckVoidCalls,
	ast.StageCheckRuleConflicts, ast.StageCheckUndefinedFuncs, ast.StageCheckRecursion, ast.StageCheckTypes,
	ast.StageCheckUnsafeBuiltins, ast.StageCheckDeprecatedBuiltins, ast.StageBuildRequiredCapabilities,
}

// evaluate runs the queries of an object's kind. The document is asked for only if a rule is triggered. A tracer is for tests
// of rules; it is costly.
func (e *Engine) evaluate(ctx context.Context, r Request, document func() facts.Facts, tracer topdown.QueryTracer) ([]raw, error) {
	queries, references, err := e.kind(r.Object.ID.GroupKind())
	if err != nil {
		return nil, err
	}
	if len(r.Source) > 0 {
		ofText, err := e.ofText()
		if err != nil {
			return nil, err
		}
		queries = append(slices.Clip(queries), ofText...)
	}
	var found []raw
	var errs []error
	var told facts.Facts
	var input *ast.Term
	refers := r.Self || anyIn(references, r.Object)
	for _, q := range queries {
		selected, left := triggered(q, r, refers)
		if !left {
			continue
		}
		if told == nil {
			told = document()
		}
		// Whoever traces wants to see everything.
		if !concerned(q, selected, told) || tracer == nil && !filtered(q, selected, told) {
			continue
		}
		if input == nil {
			input = e.input(told)
		}
		f, err := e.run(ctx, q, selected, input, tracer)
		if err != nil {
			// The others are asked all the same: one that denies, denies.
			errs = append(errs, fmt.Errorf("rulebook %s: %w", q.book.Name, err))
		}
		found = append(found, f...)
	}
	slices.SortStableFunc(found, func(a, b raw) int { return strings.Compare(a.rule.ID, b.rule.ID) })
	return found, errors.Join(errs...)
}

// run asks the selected rules of a query.
func (e *Engine) run(ctx context.Context, q *query, selected []bool, input *ast.Term, tracer topdown.QueryTracer) ([]raw, error) {
	cancel := topdown.NewCancel()
	timer := time.AfterFunc(e.settings.Deadline, cancel.Cancel)
	defer timer.Stop()
	stop := context.AfterFunc(ctx, cancel.Cancel)
	defer stop()
	bodies, err := q.of(selected)
	if err != nil {
		return nil, err
	}
	cache := topdown.NewVirtualCache()
	var found []raw
	collect := func(result topdown.QueryResult) error {
		byRule, _ := result[foundVar].Value.(ast.Object)
		if byRule == nil {
			return errors.New("the query bound nothing")
		}
		return byRule.Iter(func(id, findings *ast.Term) error {
			set, ok := findings.Value.(ast.Set)
			if !ok {
				return fmt.Errorf("rule %v: findings is no set", id)
			}
			name, _ := id.Value.(ast.String)
			// A set iterates in its sorted order.
			set.Foreach(func(t *ast.Term) { found = append(found, raw{q.rule(string(name)), t}) })
			return nil
		})
	}
	for _, body := range bodies {
		evaluation := topdown.NewQuery(body).
			WithQueryCompiler(q.compiler.QueryCompiler()).WithCompiler(q.compiler).
			WithStore(e.compiled.empty).WithTransaction(e.compiled.txn).
			WithCancel(cancel).WithInput(input).WithVirtualCache(cache)
		if tracer != nil {
			evaluation = evaluation.WithQueryTracer(tracer)
		}
		if err := evaluation.Iter(ctx, collect); err != nil {
			if topdown.IsCancel(err) && ctx.Err() == nil {
				return nil, fmt.Errorf("no verdict within %s", e.settings.Deadline)
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

// verify compiles a rulebook as a whole, strictly and against the schema of the facts document.
func (e *Engine) verify(b *book) error {
	schemas, err := e.schemas()
	if err != nil {
		return err
	}
	if _, err := e.compile(b, b.rules, schemas); err != nil {
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
