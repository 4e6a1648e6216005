package engine

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// operation calls f for each call in a rule, whether it stands as an expression or inside a term.
func operations(r *ast.Rule, f func(operator *ast.Term, operands []*ast.Term)) {
	ast.WalkExprs(r, func(expr *ast.Expr) bool {
		if terms, ok := expr.Terms.([]*ast.Term); ok {
			f(terms[0], terms[1:])
		}
		return false
	})
	ast.WalkTerms(r, func(term *ast.Term) bool {
		if call, ok := term.Value.(ast.Call); ok {
			f(call[0], call[1:])
		}
		return false
	})
}

// calls notes what functions are called with.
func (s *scope) calls() {
	operations(s.rule, func(operator *ast.Term, operands []*ast.Term) {
		f := s.called(operator)
		if f == nil {
			return
		}
		for i, operand := range operands[:min(len(operands), len(f.called))] {
			found := s.of(operand)
			p := &f.called[i]
			p.unknown = p.unknown || found == nil
			p.shapes = append(p.shapes, found...)
		}
	})
}

// compare checks every word of the rule, and every step of its references.
func (s *scope) compare() {
	operations(s.rule, s.operation)
	ast.WalkTerms(s.rule, func(term *ast.Term) bool {
		if ref, ok := term.Value.(ast.Ref); ok {
			s.reference(term, ref)
		}
		return false
	})
}

func (s *scope) operation(operator *ast.Term, operands []*ast.Term) {
	switch operator.String() {
	case ast.Equality.Name, ast.Equal.Name, ast.NotEqual.Name:
		s.check(operands[0], operands[1])
		s.check(operands[1], operands[0])
	case ast.Member.Name, ast.MemberWithKey.Name:
		needle, heap := operands[len(operands)-2], operands[len(operands)-1]
		s.check(needle, heap)
		if words, ok := s.of(heap).each().words(); ok {
			s.checkWords(heap, words, needle)
		}
	case ast.ObjectGet.Name:
		if len(operands) == 3 {
			s.check(operands[1], operands[0])
		}
	default:
		s.clauses(operator, operands)
	}
}

// reference checks a reference's steps, and the keys of the literal it may look something up in.
func (s *scope) reference(term *ast.Term, ref ast.Ref) {
	if found, missing := s.follow(term); found == nil && missing != nil {
		s.fail(term.Location, "%s: the facts have no %s there", ref, missing)
	}
	if len(ref) > 1 {
		if object := s.literal(ref[0]); object != nil {
			s.check(ref[1], object)
		}
	}
}

// clauses checks the words that a function's clauses want in the place of an argument.
func (s *scope) clauses(operator *ast.Term, operands []*ast.Term) {
	f := s.called(operator)
	if f == nil {
		return
	}
	for i, operand := range operands {
		words, ok := s.vocabulary(operand)
		if !ok {
			continue
		}
		for _, clause := range f.clauses {
			if i < len(clause.Head.Args) {
				s.checkWords(operand, words, clause.Head.Args[i])
			}
		}
	}
}

// check compares what a term can be with a literal that it is compared with.
func (s *scope) check(term, literal *ast.Term) {
	if words, ok := s.vocabulary(term); ok {
		s.checkWords(term, words, literal)
	}
}

func (s *scope) checkWords(term *ast.Term, words []string, literal *ast.Term) {
	check := func(t *ast.Term) {
		word, ok := t.Value.(ast.String)
		if !ok {
			return
		}
		for _, allowed := range words {
			if string(word) == allowed {
				return
			}
		}
		at := t.Location
		if at == nil || at.File == "" {
			at = term.Location
		}
		s.fail(at, "%s is never %q: want %s%s", term, string(word), quoted(words), hint(string(word), words))
	}
	literal = s.literal(literal)
	if literal == nil {
		return
	}
	switch v := literal.Value.(type) {
	case ast.String:
		check(literal)
	case *ast.Array:
		v.Foreach(check)
	case ast.Set:
		v.Foreach(check)
	case ast.Object:
		v.Foreach(func(key, _ *ast.Term) { check(key) })
	}
}

// literal returns a term if it is one, or the one that a variable of the rule or a constant of the module stands for.
func (s *scope) literal(term *ast.Term) *ast.Term {
	v, isVar := term.Value.(ast.Var)
	if !isVar {
		switch term.Value.(type) {
		case ast.String, *ast.Array, ast.Set, ast.Object:
			return term
		}
		return nil
	}
	if bound := s.literals[v]; bound != nil {
		return bound
	}
	f := s.functions[s.module.Package.Path.String()+"."+string(v)]
	if f != nil && len(f.clauses) == 1 && len(f.clauses[0].Head.Args) == 0 && f.clauses[0].Head.Value != nil {
		return f.clauses[0].Head.Value
	}
	return nil
}
