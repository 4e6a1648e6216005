package engine

import (
	"regexp"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// prefilter tells, in a hundredth of the time that OPA takes, that a rule finds nothing: most rules find nothing in most
// objects. It walks the compiled bodies over the facts as they are and knows the plain steps: look-ups, "some", comparisons,
// calls of the rulebook's own functions, a few builtins. Everything else may hold, so that what it says is "no" or "ask OPA",
// and no finding is ever lost or made by it. What it knows it must know as OPA does; Hits and the tests of every rulebook
// hold the two against each other.
type prefilter struct{ findings []*clause }

// clause is a body, with the arguments and the value of its head.
type clause struct {
	slots int // variables, numbered; those of comprehensions within included
	args  []operand
	steps []step
	value operand
}

type stepKind int

const (
	stepMaybe stepKind = iota // not understood
	stepUnify
	stepTruth
	stepBuiltin
	stepCall
)

// step is an expression of a body.
type step struct {
	kind    stepKind
	negated bool
	// operands are both sides of stepUnify, the term of stepTruth, or the arguments and perhaps the result of a call.
	operands []operand
	builtin  builtin
	callee   *definitionOf
}

type operandKind int

const (
	operandMaybe operandKind = iota // not understood
	operandConstant
	operandVariable
	operandInput  // the document, at a path
	operandRule   // a rule of the rulebook, at a path
	operandWithin // a variable, at a path
	operandComprehension
)

type operand struct {
	kind     operandKind
	constant any
	slot     int
	path     []operand // constants and variables
	rule     *definitionOf
	inner    *clause
	empty    any // what a comprehension without results is
}

// definitionOf is a rule or function that others use: all bodies of one name.
type definitionOf struct {
	clauses []*clause
	// maybe: not understood.
	maybe        bool
	partial      any // an empty collection, for a rule that builds one
	otherwise    any
	hasOtherwise bool
}

// builtin computes a result; ok is false where OPA's is undefined, and known where it cannot be told.
type builtin struct {
	inputs  int
	compute func(args []any) (result any, ok, known bool)
}

// set is a set constant, whose elements are looked up by themselves.
type set []any

type marker string

const (
	unset   marker = "unset"
	unknown marker = "unknown"
)

// filterBuilder makes prefilters of one compiler's modules.
type filterBuilder struct {
	compiler    *ast.Compiler
	definitions map[string]*definitionOf
}

// of makes the prefilter of the rule whose module that is.
func (b *filterBuilder) of(module *ast.Module) *prefilter {
	p := &prefilter{}
	for _, rule := range module.Rules {
		if rule.Head.Name == "findings" {
			p.findings = append(p.findings, b.clause(rule))
		}
	}
	return p
}

func (b *filterBuilder) clause(rule *ast.Rule) *clause {
	s := &numbering{b: b, slots: map[ast.Var]int{}}
	c := &clause{}
	for _, arg := range rule.Head.Args {
		c.args = append(c.args, s.operand(arg))
	}
	c.steps = s.steps(rule.Body)
	if rule.Head.Value != nil {
		c.value = s.operand(rule.Head.Value)
	}
	c.slots = len(s.slots)
	return c
}

// numbering numbers the variables of one rule's body.
type numbering struct {
	b     *filterBuilder
	slots map[ast.Var]int
}

func (s *numbering) slot(v ast.Var) int {
	n, known := s.slots[v]
	if !known {
		n = len(s.slots)
		s.slots[v] = n
	}
	return n
}

func (s *numbering) steps(body ast.Body) []step {
	list := make([]step, 0, len(body))
	for _, expr := range body {
		if _, declares := expr.Terms.(*ast.SomeDecl); declares {
			continue
		}
		one := s.step(expr)
		one.negated = expr.Negated
		if len(expr.With) > 0 {
			one = step{}
		}
		list = append(list, one)
	}
	return list
}

func (s *numbering) step(expr *ast.Expr) step {
	switch terms := expr.Terms.(type) {
	case *ast.Term:
		return step{kind: stepTruth, operands: []operand{s.operand(terms)}}
	case []*ast.Term:
		operator, ok := terms[0].Value.(ast.Ref)
		if !ok {
			return step{}
		}
		var operands []operand
		for _, term := range terms[1:] {
			operands = append(operands, s.operand(term))
		}
		name := operator.String()
		// Three where the comparison is a value itself, as in "a := b == c": what is false then holds.
		if (name == ast.Equality.Name || name == ast.Equal.Name) && len(operands) == 2 {
			return step{kind: stepUnify, operands: operands}
		}
		if known, ok := builtins[name]; ok && (len(operands) == known.inputs || len(operands) == known.inputs+1) {
			return step{kind: stepBuiltin, operands: operands, builtin: known}
		}
		if name == ast.RegexMatch.Name && operands[0].kind == operandConstant && len(operands) <= 3 {
			if known, ok := matching(operands[0].constant); ok {
				return step{kind: stepBuiltin, operands: operands, builtin: known}
			}
		}
		if operator[0].Equal(ast.DefaultRootDocument) {
			return step{kind: stepCall, operands: operands, callee: s.b.definition(operator)}
		}
	}
	return step{}
}

func (s *numbering) operand(term *ast.Term) operand {
	switch v := term.Value.(type) {
	case ast.Var:
		if v.Equal(ast.InputRootDocument.Value) {
			return operand{kind: operandInput}
		}
		return operand{kind: operandVariable, slot: s.slot(v)}
	case ast.Ref:
		return s.reference(v)
	case *ast.ArrayComprehension:
		return operand{kind: operandComprehension, inner: s.inner(v.Body), empty: []any{}}
	case *ast.SetComprehension:
		return operand{kind: operandComprehension, inner: s.inner(v.Body), empty: set{}}
	case *ast.ObjectComprehension:
		return operand{kind: operandComprehension, inner: s.inner(v.Body), empty: map[string]any{}}
	default:
		if constant, ok := native(v); ok {
			return operand{kind: operandConstant, constant: constant}
		}
		return operand{}
	}
}

func (s *numbering) inner(body ast.Body) *clause { return &clause{steps: s.steps(body)} }

func (s *numbering) reference(ref ast.Ref) operand {
	var o operand
	rest := ref[1:]
	head, ok := ref[0].Value.(ast.Var)
	switch {
	case !ok:
		return operand{}
	case ref[0].Equal(ast.InputRootDocument):
		o.kind = operandInput
	case ref[0].Equal(ast.DefaultRootDocument):
		for n := 2; n <= len(ref) && o.rule == nil; n++ {
			if !ref[:n].IsGround() {
				break
			}
			if len(s.b.compiler.GetRulesExact(ref[:n])) > 0 {
				o.kind, o.rule, rest = operandRule, s.b.definition(ref[:n]), ref[n:]
			}
		}
		if o.rule == nil {
			return operand{}
		}
	default:
		o.kind, o.slot = operandWithin, s.slot(head)
	}
	for _, element := range rest {
		at := s.operand(element)
		if at.kind != operandConstant && at.kind != operandVariable {
			return operand{}
		}
		o.path = append(o.path, at)
	}
	return o
}

// definition gathers what stands under a name.
func (b *filterBuilder) definition(ref ast.Ref) *definitionOf {
	name := ref.String()
	if d, known := b.definitions[name]; known {
		return d
	}
	d := &definitionOf{}
	b.definitions[name] = d
	rules := b.compiler.GetRulesExact(ref)
	d.maybe = len(rules) == 0
	for _, rule := range rules {
		// Rules whose name goes on behind the reference are read by OPA.
		if rule.Else != nil || len(rule.Head.Ref()) != 1 {
			d.maybe = true
			return d
		}
		switch {
		case rule.Default:
			d.otherwise, d.hasOtherwise = native(rule.Head.Value.Value)
			d.maybe = d.maybe || !d.hasOtherwise
			continue
		case rule.Head.RuleKind() == ast.MultiValue:
			d.partial = set{}
		}
		d.clauses = append(d.clauses, b.clause(rule))
	}
	return d
}

// native turns a constant into what facts are made of.
func native(value ast.Value) (any, bool) {
	list := func(n int, each func(func(*ast.Term))) ([]any, bool) {
		out, all := make([]any, 0, n), true
		each(func(t *ast.Term) {
			element, ok := native(t.Value)
			out, all = append(out, element), all && ok
		})
		return out, all
	}
	switch v := value.(type) {
	case ast.Null:
		return nil, true
	case ast.Boolean:
		return bool(v), true
	case ast.String:
		return string(v), true
	case ast.Number:
		if n, ok := v.Int64(); ok {
			return n, true
		}
		return nil, false
	case *ast.Array:
		return list(v.Len(), v.Foreach)
	case ast.Set:
		out, ok := list(v.Len(), v.Foreach)
		return set(out), ok
	case ast.Object:
		out, all := make(map[string]any, v.Len()), true
		v.Foreach(func(key, t *ast.Term) {
			name, isString := key.Value.(ast.String)
			element, ok := native(t.Value)
			out[string(name)], all = element, all && ok && isString
		})
		return out, all
	default:
		return nil, false
	}
}

// maxSteps bounds the work on one rule, some milliseconds, beyond which OPA may as well be asked: "some" within "some" over long
// lists multiply. The largest Ingress that an API server takes has 17,000 rules, which is four steps each.
const maxSteps = 100_000

// maxCalls bounds calls within calls. Rego has no recursion.
const maxCalls = 32

// may reports whether a rule may find something in a document.
func (p *prefilter) may(w *walk) bool {
	w.left, w.guesses = maxSteps, 0
	for _, c := range p.findings {
		room := w.room
		held := w.body(c, w.frame(c.slots), 0, holds)
		w.room = room
		if held || w.left <= 0 {
			return true
		}
	}
	return false
}

func holds() bool { return true }

// walk is a look at one document.
type walk struct {
	document map[string]any
	left     int
	calls    int
	// guesses counts the steps on the way here that were not understood: what was found with none is certain.
	guesses int
	all     []any
	room    []any // what is free of it
	rules   map[*definitionOf]told
}

// usualRoom is for the variables of the bodies that are looked at inside each other; few have more than fifty, in five.
const usualRoom = 512

var walks = sync.Pool{New: func() any { return &walk{all: make([]any, usualRoom)} }}

// look starts a walk.
func look(document facts.Facts) *walk {
	w, ok := walks.Get().(*walk)
	if !ok {
		w = &walk{all: make([]any, usualRoom)}
	}
	w.document, w.room = document, w.all
	return w
}

// done gives a walk back, and lets go of what it has seen.
func (w *walk) done() {
	clear(w.all)
	clear(w.rules)
	*w = walk{all: w.all, rules: w.rules}
	walks.Put(w)
}

// told is the value of a rule: none, one, or one that only OPA knows.
type told struct {
	value any
	ok    bool
	maybe bool
}

// frame gives room for the variables of a clause.
func (w *walk) frame(slots int) []any {
	f := w.room
	if len(f) < slots {
		f = make([]any, slots)
	} else {
		w.room = w.room[slots:]
	}
	f = f[:slots:slots]
	for i := range f {
		f[i] = unset
	}
	return f
}

// body reports whether the steps from i on, and then what follows, may hold.
func (w *walk) body(c *clause, f []any, i int, then func() bool) bool {
	if i == len(c.steps) {
		return then()
	}
	if w.left--; w.left <= 0 {
		return true
	}
	s := &c.steps[i]
	next := func() bool { return w.body(c, f, i+1, then) }
	if !s.negated {
		return w.step(s, f, next)
	}
	if lacks(s.operands, f) {
		return w.guess(next)
	}
	before := w.guesses
	held := w.aside(f, func(f []any) bool { return w.step(s, f, holds) })
	certain := w.guesses == before && w.left > 0
	w.guesses = before
	switch {
	case !held:
		return next()
	case certain:
		return false
	default:
		return w.guess(next)
	}
}

// lacks reports whether an operand needs a variable without a value. Rego lets a negation use only what is bound, so that a step
// which was not understood should have bound it: to try every key for it would be to negate something else.
func lacks(operands []operand, f []any) bool {
	for i := range operands {
		o := &operands[i]
		if (o.kind == operandVariable || o.kind == operandWithin) && f[o.slot] == unset || lacks(o.path, f) {
			return true
		}
	}
	return false
}

// aside evaluates something that binds nothing for what follows.
func (w *walk) aside(f []any, evaluate func([]any) bool) bool {
	room := w.room
	own := w.frame(len(f))
	copy(own, f)
	held := evaluate(own)
	w.room = room
	return held
}

// guess goes on where nothing is known.
func (w *walk) guess(next func() bool) bool {
	w.guesses++
	if next() {
		return true
	}
	w.guesses--
	return false
}

func (w *walk) step(s *step, f []any, next func() bool) bool {
	switch s.kind {
	case stepUnify:
		return w.unify(&s.operands[0], &s.operands[1], f, next)
	case stepTruth:
		return w.each(&s.operands[0], f, func(v any) bool { return w.truth(v, next) })
	case stepBuiltin:
		return w.builtin(s, f, next)
	case stepCall:
		return w.call(s, f, next)
	default:
		return w.guess(next)
	}
}

func (w *walk) truth(v any, next func() bool) bool {
	switch v {
	case false:
		return false
	case unknown:
		return w.guess(next)
	default:
		return next()
	}
}

func (w *walk) unify(a, b *operand, f []any, next func() bool) bool {
	if b.kind == operandVariable && f[b.slot] == unset {
		a, b = b, a
	}
	if a.kind == operandVariable && f[a.slot] == unset {
		return w.each(b, f, func(v any) bool { return w.bind(f, a.slot, v, next) })
	}
	return w.each(a, f, func(left any) bool {
		return w.each(b, f, func(right any) bool { return w.when(equal(left, right), next) })
	})
}

func (w *walk) bind(f []any, slot int, v any, next func() bool) bool {
	f[slot] = v
	if next() {
		return true
	}
	f[slot] = unset
	return false
}

// when goes on if something holds, or may.
func (w *walk) when(v verdict, next func() bool) bool {
	switch v {
	case no:
		return false
	case yes:
		return next()
	default:
		return w.guess(next)
	}
}

func (w *walk) builtin(s *step, f []any, next func() bool) bool {
	args := make([]any, s.builtin.inputs)
	for i := range args {
		v, ok := w.one(&s.operands[i], f)
		if !ok {
			return false
		}
		if v == unknown {
			return w.result(s, s.builtin.inputs, unknown, f, next)
		}
		args[i] = v
	}
	result, ok, known := s.builtin.compute(args)
	switch {
	case !known:
		return w.result(s, s.builtin.inputs, unknown, f, next)
	case !ok:
		return false
	default:
		return w.result(s, s.builtin.inputs, result, f, next)
	}
}

// result puts the result of a call where the call wants it, or takes it for the truth.
func (w *walk) result(s *step, arity int, v any, f []any, next func() bool) bool {
	if len(s.operands) == arity {
		return w.truth(v, next)
	}
	out := &s.operands[arity]
	if v == unknown {
		// Perhaps there is no result at all.
		return w.guess(func() bool {
			if out.kind == operandVariable && f[out.slot] == unset {
				return w.bind(f, out.slot, unknown, next)
			}
			return next()
		})
	}
	return w.unify(&operand{kind: operandConstant, constant: v}, out, f, next)
}

// one is the value of an argument, which has one or none.
func (w *walk) one(o *operand, f []any) (v any, ok bool) {
	if o.kind == operandVariable && f[o.slot] != unset {
		return f[o.slot], true
	}
	count := 0
	w.each(o, f, func(found any) bool { v = found; count++; return count > 1 })
	if count > 1 || w.left <= 0 {
		return unknown, true
	}
	return v, count == 1
}

func (w *walk) call(s *step, f []any, next func() bool) bool {
	d := s.callee
	if d.maybe || d.hasOtherwise || d.partial != nil || len(d.clauses) == 0 || w.calls >= maxCalls {
		return w.result(s, len(s.operands)-1, unknown, f, next)
	}
	arity := len(d.clauses[0].args)
	if len(s.operands) != arity && len(s.operands) != arity+1 {
		return w.guess(next)
	}
	args := make([]any, arity)
	for i := range args {
		v, ok := w.one(&s.operands[i], f)
		if !ok {
			return false
		}
		args[i] = v
	}
	for _, c := range d.clauses {
		if w.into(c, args, func(v any) bool { return w.result(s, arity, v, f, next) }) {
			return true
		}
	}
	return false
}

// into evaluates one body of a function.
func (w *walk) into(c *clause, args []any, then func(any) bool) bool {
	w.calls++
	room := w.room
	defer func() { w.calls--; w.room = room }()
	frame, guesses := w.frame(c.slots), 0
	for i := range c.args {
		switch arg := &c.args[i]; arg.kind {
		case operandVariable:
			frame[arg.slot] = args[i]
		case operandConstant:
			switch equal(arg.constant, args[i]) {
			case no:
				return false
			case maybe:
				guesses++
			case yes:
			}
		default:
			guesses++
		}
	}
	w.guesses += guesses
	held := w.body(c, frame, 0, func() bool {
		return w.each(&c.value, frame, then)
	})
	if !held {
		w.guesses -= guesses
	}
	return held
}

// rule is the value of a rule without arguments.
func (w *walk) rule(d *definitionOf) told {
	if t, known := w.rules[d]; known {
		return t
	}
	t := told{maybe: true, value: unknown, ok: true}
	if !d.maybe && w.calls < maxCalls {
		t = w.evaluate(d)
	}
	if w.rules == nil {
		w.rules = map[*definitionOf]told{}
	}
	w.rules[d] = t
	return t
}

func (w *walk) evaluate(d *definitionOf) told {
	before := w.guesses
	defer func() { w.guesses = before }()
	for _, c := range d.clauses {
		w.guesses = before
		var value any
		if !w.into(c, nil, func(v any) bool { value = v; return true }) {
			continue
		}
		if d.partial != nil || w.guesses > before || w.left <= 0 || value == unknown {
			return told{value: unknown, ok: true, maybe: true}
		}
		return told{value: value, ok: true}
	}
	switch {
	case d.partial != nil:
		return told{value: d.partial, ok: true}
	case d.hasOtherwise:
		return told{value: d.otherwise, ok: true}
	default:
		return told{}
	}
}

// each calls f with every value that an operand may have, until f is content.
func (w *walk) each(o *operand, frame []any, f func(any) bool) bool {
	switch o.kind {
	case operandConstant:
		return f(o.constant)
	case operandVariable:
		if frame[o.slot] == unset {
			return w.guess(func() bool { return f(unknown) })
		}
		return f(frame[o.slot])
	case operandInput:
		return w.at(w.document, o.path, frame, f)
	case operandWithin:
		if frame[o.slot] == unset || frame[o.slot] == unknown {
			return w.guess(func() bool { return f(unknown) })
		}
		return w.at(frame[o.slot], o.path, frame, f)
	case operandRule:
		t := w.rule(o.rule)
		switch {
		case !t.ok:
			return false
		case t.maybe:
			return w.guess(func() bool { return f(unknown) })
		default:
			return w.at(t.value, o.path, frame, f)
		}
	case operandComprehension:
		before := w.guesses
		held := w.aside(frame, func(f []any) bool { return w.body(o.inner, f, 0, holds) })
		w.guesses = before
		if held {
			return w.guess(func() bool { return f(unknown) })
		}
		return f(o.empty)
	default:
		return w.guess(func() bool { return f(unknown) })
	}
}

// at follows a path, over all elements where the path has a variable that is not bound yet.
func (w *walk) at(value any, path []operand, frame []any, f func(any) bool) bool {
	if len(path) == 0 {
		return f(value)
	}
	if value == unknown {
		return w.guess(func() bool { return f(unknown) })
	}
	key := &path[0]
	if key.kind == operandVariable && frame[key.slot] == unset {
		return w.over(value, key.slot, path[1:], frame, f)
	}
	k := key.constant
	if key.kind == operandVariable {
		k = frame[key.slot]
	}
	if k == unknown {
		return w.guess(func() bool { return f(unknown) })
	}
	var element any
	found := false
	switch v := value.(type) {
	case map[string]any:
		name, isString := k.(string)
		if isString {
			element, found = v[name]
		}
	case []any:
		n, isNumber := k.(int64)
		if found = isNumber && n >= 0 && n < int64(len(v)); found {
			element = v[n]
		}
	case set:
		for _, one := range v {
			switch equal(one, k) {
			case yes:
				element, found = one, true
			case maybe:
				return w.guess(func() bool { return f(unknown) })
			case no:
			}
		}
	}
	return found && w.at(element, path[1:], frame, f)
}

func (w *walk) over(value any, slot int, path []operand, frame []any, f func(any) bool) bool {
	try := func(key, element any) bool {
		if w.left--; w.left <= 0 {
			return true
		}
		return w.bind(frame, slot, key, func() bool { return w.at(element, path, frame, f) })
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range kube.SortedKeys(v) {
			if try(key, v[key]) {
				return true
			}
		}
	case []any:
		for i, element := range v {
			if try(int64(i), element) {
				return true
			}
		}
	case set:
		for _, element := range v {
			if try(element, element) {
				return true
			}
		}
	}
	return false
}

type verdict int

const (
	maybe verdict = iota
	no
	yes
)

func decided(holds bool) verdict {
	if holds {
		return yes
	}
	return no
}

// equal compares as OPA does, as far as both are plain.
func equal(a, b any) verdict {
	if a == unknown || b == unknown || a == unset || b == unset {
		return maybe
	}
	switch left := a.(type) {
	case nil:
		return decided(b == nil)
	case string:
		right, ok := b.(string)
		return decided(ok && left == right)
	case bool:
		right, ok := b.(bool)
		return decided(ok && left == right)
	case int64:
		switch right := b.(type) {
		case int64:
			return decided(left == right)
		case float64:
			return maybe
		default:
			return no
		}
	case float64:
		if _, ok := b.(string); ok {
			return no
		}
		return maybe
	default:
		switch b.(type) {
		case nil, string, bool, int64, float64:
			return no
		default:
			return maybe
		}
	}
}

// builtins are those that are computed here: what conditions are usually made of.
var builtins = map[string]builtin{
	ast.Equal.Name: {2, func(args []any) (any, bool, bool) {
		v := equal(args[0], args[1])
		return v == yes, true, v != maybe
	}},
	ast.NotEqual.Name: {2, func(args []any) (any, bool, bool) {
		v := equal(args[0], args[1])
		return v == no, true, v != maybe
	}},
	ast.GreaterThan.Name:   ordered(func(c int) bool { return c > 0 }),
	ast.GreaterThanEq.Name: ordered(func(c int) bool { return c >= 0 }),
	ast.LessThan.Name:      ordered(func(c int) bool { return c < 0 }),
	ast.LessThanEq.Name:    ordered(func(c int) bool { return c <= 0 }),
	ast.StartsWith.Name:    onTexts(strings.HasPrefix),
	ast.EndsWith.Name:      onTexts(strings.HasSuffix),
	ast.Contains.Name:      onTexts(strings.Contains),
	ast.Lower.Name:         onText(strings.ToLower),
	ast.Upper.Name:         onText(strings.ToUpper),
	ast.TrimSpace.Name:     onText(strings.TrimSpace),
	ast.IsString.Name: {1, func(args []any) (any, bool, bool) {
		_, ok := args[0].(string)
		return ok, true, true
	}},
	ast.Count.Name: {1, func(args []any) (any, bool, bool) {
		switch v := args[0].(type) {
		case []any:
			return int64(len(v)), true, true
		case map[string]any:
			return int64(len(v)), true, true
		case set:
			return int64(len(v)), true, len(v) == 0 // a constant may say an element twice
		default:
			return nil, false, false
		}
	}},
	// Only that what is empty stays so.
	ast.Sort.Name: {1, func(args []any) (any, bool, bool) {
		switch v := args[0].(type) {
		case []any:
			return v, true, len(v) == 0
		case set:
			return []any{}, true, len(v) == 0
		default:
			return nil, false, false
		}
	}},
	ast.Member.Name: {2, func(args []any) (any, bool, bool) {
		found := no
		look := func(element any) {
			if v := equal(args[0], element); v == yes || v == maybe && found == no {
				found = v
			}
		}
		switch v := args[1].(type) {
		case []any:
			for _, element := range v {
				look(element)
			}
		case set:
			for _, element := range v {
				look(element)
			}
		case map[string]any:
			for _, element := range v {
				look(element)
			}
		default:
			return false, true, true
		}
		return found == yes, true, found != maybe
	}},
	ast.ObjectGet.Name: {3, func(args []any) (any, bool, bool) {
		fields, isObject := args[0].(map[string]any)
		name, isString := args[1].(string)
		if !isObject || !isString {
			return nil, false, false
		}
		if value, ok := fields[name]; ok {
			return value, true, true
		}
		return args[2], true, true
	}},
}

func ordered(holds func(int) bool) builtin {
	return builtin{2, func(args []any) (any, bool, bool) {
		switch left := args[0].(type) {
		case string:
			if right, ok := args[1].(string); ok {
				return holds(strings.Compare(left, right)), true, true
			}
		case int64:
			if right, ok := args[1].(int64); ok {
				switch {
				case left < right:
					return holds(-1), true, true
				case left > right:
					return holds(1), true, true
				default:
					return holds(0), true, true
				}
			}
		}
		return nil, false, false
	}}
}

func onTexts(holds func(a, b string) bool) builtin {
	return builtin{2, func(args []any) (any, bool, bool) {
		a, isString := args[0].(string)
		b, alsoString := args[1].(string)
		if !isString || !alsoString {
			return nil, false, false
		}
		return holds(a, b), true, true
	}}
}

func onText(change func(string) string) builtin {
	return builtin{1, func(args []any) (any, bool, bool) {
		a, isString := args[0].(string)
		if !isString {
			return nil, false, false
		}
		return change(a), true, true
	}}
}

// matching is regex.match of one pattern, which is RE2 there and here.
func matching(pattern any) (builtin, bool) {
	text, ok := pattern.(string)
	if !ok {
		return builtin{}, false
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return builtin{}, false
	}
	return builtin{2, func(args []any) (any, bool, bool) {
		value, isString := args[1].(string)
		if !isString {
			return nil, false, false
		}
		return compiled.MatchString(value), true, true
	}}, true
}
