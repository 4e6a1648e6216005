package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/kube"
)

// OPA's type checker knows the properties of the facts document but not the words that may stand in them, and it knows
// nothing of what a function is called with. Both would make a rule that compiles and never fires: a rule which asks for
// presence == "absnt", and a helper which asks for ref.presense. So here the shape of every term is followed through
// a rulebook's modules, and every word compared with one that has an enumeration must be in it.

// wordsDefects lists the words of a rulebook that can never be met.
func (e *Engine) wordsDefects(b *book, schema any, plain []byte) ([]error, error) {
	root, err := shapesOf(schema)
	if err != nil {
		return nil, err
	}
	byName, err := enums(plain)
	if err != nil {
		return nil, err
	}
	library, err := b.library()
	if err != nil {
		return nil, err
	}
	c := &words{root: root, byName: byName, functions: map[string]*function{}, modules: slices.Clone(library)}
	for _, r := range b.rules {
		c.modules = append(c.modules, r.rego())
	}
	for _, module := range c.modules {
		c.declare(module)
	}
	// Parameters have the shapes of what functions are called with, which may be parameters again.
	for range maxCallDepth {
		c.each(func(scope *scope) { scope.calls() })
		for _, f := range c.functions {
			f.parameters, f.called = f.called, make([]parameter, len(f.called))
		}
	}
	c.each(func(scope *scope) { scope.compare() })
	return c.errs, nil
}

// maxCallDepth bounds the helpers that hand a term on to helpers. Past it a word is checked by the name of its property.
const maxCallDepth = 6

type words struct {
	root      *shape
	byName    map[string][]string
	functions map[string]*function // by package path and name
	modules   []*ast.Module
	errs      []error
}

// function is what is known of a function, or of a rule with a constant value.
type function struct {
	clauses            []*ast.Rule
	parameters, called []parameter
}

// parameter is what a function is called with in one place; unknown if that cannot be told in one of its calls.
type parameter struct {
	shapes  shapes
	unknown bool
}

func (c *words) declare(module *ast.Module) {
	for _, r := range module.Rules {
		key := module.Package.Path.String() + "." + r.Head.Name.String()
		f := c.functions[key]
		if f == nil {
			f = &function{}
			c.functions[key] = f
		}
		f.clauses = append(f.clauses, r)
		for len(f.called) < len(r.Head.Args) {
			f.called, f.parameters = append(f.called, parameter{}), append(f.parameters, parameter{unknown: true})
		}
	}
}

// each visits every rule of every module with what is known of its variables.
func (c *words) each(visit func(*scope)) {
	for _, module := range c.modules {
		for _, r := range module.Rules {
			s := &scope{words: c, module: module, rule: r, vars: map[ast.Var]shapes{}, literals: map[ast.Var]*ast.Term{}}
			s.bind()
			visit(s)
		}
	}
}

func (c *words) fail(at *ast.Location, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s:%d: %s", at.File, at.Row, fmt.Sprintf(format, args...)))
}

// scope is one rule. A variable keeps its name throughout a rule here, whatever comprehension it is declared in.
type scope struct {
	*words
	module   *ast.Module
	rule     *ast.Rule
	vars     map[ast.Var]shapes
	literals map[ast.Var]*ast.Term
}

// bind finds the shapes of the rule's variables.
func (s *scope) bind() {
	f := s.functions[s.module.Package.Path.String()+"."+s.rule.Head.Name.String()]
	for i, arg := range s.rule.Head.Args {
		if v, ok := arg.Value.(ast.Var); ok && !f.parameters[i].unknown {
			s.vars[v] = f.parameters[i].shapes
		}
	}
	// Twice: a body may use a variable above the line that binds it.
	for range 2 {
		ast.WalkExprs(s.rule, func(expr *ast.Expr) bool {
			s.bindExpr(expr)
			return false
		})
	}
}

func (s *scope) bindExpr(expr *ast.Expr) {
	switch terms := expr.Terms.(type) {
	case *ast.SomeDecl:
		if call, ok := terms.Symbols[0].Value.(ast.Call); ok {
			// some x in list: member_2(x, list); some key, x in list: member_3(key, x, list).
			s.set(call[len(call)-2], s.of(call[len(call)-1]).each())
		}
	case *ast.Every:
		s.set(terms.Value, s.of(terms.Domain).each())
	case []*ast.Term:
		if expr.IsAssignment() || expr.IsEquality() {
			s.assign(terms[1], terms[2])
			if expr.IsEquality() {
				s.assign(terms[2], terms[1])
			}
		}
	}
}

func (s *scope) assign(to, from *ast.Term) {
	s.set(to, s.of(from))
	if v, ok := to.Value.(ast.Var); ok && from.IsGround() {
		s.literals[v] = from
	}
}

func (s *scope) set(to *ast.Term, found shapes) {
	v, ok := to.Value.(ast.Var)
	if !ok || v.IsWildcard() {
		return
	}
	for _, f := range found {
		if !slices.Contains(s.vars[v], f) {
			s.vars[v] = append(s.vars[v], f)
		}
	}
}

// of returns the shapes of a term.
func (s *scope) of(term *ast.Term) shapes {
	found, _ := s.follow(term)
	return found
}

// follow returns the shapes of a term, and the step of a reference that its object cannot have.
func (s *scope) follow(term *ast.Term) (found shapes, missing *ast.Term) {
	switch v := term.Value.(type) {
	case ast.Var:
		if v == ast.InputRootDocument.Value {
			return shapes{s.root}, nil
		}
		return s.vars[v], nil
	case ast.Ref:
		found = s.of(v[0])
		for _, step := range v[1:] {
			if found == nil {
				return nil, nil
			}
			next, none := found.step(step)
			if none {
				return nil, step
			}
			found = next
		}
		return found, nil
	case ast.Call:
		if v[0].String() == ast.ObjectGet.Name && len(v) == 4 {
			path, isPath := v[2].Value.(*ast.Array)
			if !isPath {
				path = ast.NewArray(v[2])
			}
			found = s.of(v[1])
			path.Foreach(func(step *ast.Term) { found, _ = found.step(step) })
			return found, nil
		}
	case *ast.ArrayComprehension:
		return list(s.of(v.Term)), nil
	case *ast.SetComprehension:
		return list(s.of(v.Term)), nil
	case *ast.Array:
		var each shapes
		v.Foreach(func(t *ast.Term) { each = append(each, s.of(t)...) })
		return list(each), nil
	case ast.Set:
		var each shapes
		v.Foreach(func(t *ast.Term) { each = append(each, s.of(t)...) })
		return list(each), nil
	}
	return nil, nil
}

func list(each shapes) shapes {
	if each == nil {
		return nil
	}
	return shapes{{each: each}}
}

// vocabulary returns the words that a term can be. Where nothing is known of what it belongs to, the name of its
// property decides, unless it belongs to an object of Kubernetes, which has enumerations of its own.
func (s *scope) vocabulary(term *ast.Term) ([]string, bool) {
	if found := s.of(term); found != nil {
		return found.words()
	}
	ref, ok := term.Value.(ast.Ref)
	if !ok || len(ref) < 2 || ref[0].Equal(ast.DefaultRootDocument) {
		return nil, false
	}
	if slices.ContainsFunc(ref, func(t *ast.Term) bool { return t.Value.Compare(ast.String("object")) == 0 }) {
		return nil, false
	}
	property, _ := ref[len(ref)-1].Value.(ast.String)
	words, ok := s.byName[string(property)]
	return words, ok
}

// called finds the function that a call's operator names, in this module or one it imports.
func (s *scope) called(operator *ast.Term) *function {
	ref, ok := operator.Value.(ast.Ref)
	if !ok {
		return nil
	}
	name, head := "", s.module.Package.Path
	switch v, _ := ref[0].Value.(ast.Var); {
	case len(ref) == 1:
		name = string(v)
	case len(ref) == 2:
		for _, imported := range s.module.Imports {
			if imported.Name() == v {
				head, _ = imported.Path.Value.(ast.Ref)
				last, _ := ref[1].Value.(ast.String)
				name = string(last)
			}
		}
	}
	return s.functions[head.String()+"."+name]
}

// quoted lists words for a message.
func quoted(words []string) string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = fmt.Sprintf("%q", word)
	}
	if len(out) == 1 {
		return out[0]
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}

func hint(word string, words []string) string {
	if near, ok := kube.Near(word, words); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}
