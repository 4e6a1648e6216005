package prefilter

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// Build makes the filters of some rules, given by id, whose modules a compiler has rewritten.
func Build(compiler *ast.Compiler, modules map[string]*ast.Module) (*Set, error) {
	b := &builder{compiler: compiler, definitions: map[string]*definition{}}
	s := &Set{filters: map[string]*Filter{}, definitions: b.definitions}
	for id, module := range modules {
		f := &Filter{set: s}
		for _, rule := range module.Rules {
			if rule.Head.Name == "findings" {
				f.findings = append(f.findings, b.clause(rule))
			}
		}
		s.filters[id] = f
	}
	for _, f := range s.filters {
		if err := s.link(f.findings); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// builder reads the modules of one compiler.
type builder struct {
	compiler    *ast.Compiler
	definitions map[string]*definition
}

func (b *builder) clause(rule *ast.Rule) *clause {
	s := &numbering{b: b, slots: map[ast.Var]int{}}
	c := &clause{}
	for _, arg := range rule.Head.Args {
		c.args = append(c.args, s.operand(arg))
	}
	c.steps = s.steps(rule.Body)
	switch {
	case rule.Head.Name == "findings":
		c.value = severity(rule)
	case rule.Head.RuleKind() == ast.MultiValue:
		c.value = s.operand(rule.Head.Key)
	case rule.Head.Value != nil:
		c.value = s.operand(rule.Head.Value)
	}
	c.slots = len(s.slots)
	return c
}

// severity is that of a finding, where its rule writes it down; the rest of a finding OPA makes.
func severity(rule *ast.Rule) operand {
	if rule.Head.Key == nil {
		return operand{} // findings that are no set, which the engine refuses
	}
	fields, ok := rule.Head.Key.Value.(ast.Object)
	if !ok {
		fields = assigned(rule.Body, rule.Head.Key)
	}
	if fields == nil {
		return operand{}
	}
	if written := fields.Get(ast.InternedTerm("severity")); written != nil {
		if text, ok := written.Value.(ast.String); ok {
			return operand{kind: operandConstant, constant: string(text)}
		}
	}
	return operand{}
}

// assigned is the object that a variable stands for: the compiler takes what needs evaluation out of the head.
func assigned(body ast.Body, variable *ast.Term) ast.Object {
	for _, expr := range body {
		if !expr.IsEquality() || expr.Negated || len(expr.With) > 0 {
			continue
		}
		for i := range 2 {
			if fields, ok := expr.Operand(1 - i).Value.(ast.Object); ok && expr.Operand(i).Equal(variable) {
				return fields
			}
		}
	}
	return nil
}

// numbering numbers the variables of one rule's body.
type numbering struct {
	b     *builder
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
	case *ast.Every:
		domain := s.operand(terms.Domain)
		inner := s.inner(terms.Body, nil)
		for _, term := range []*ast.Term{terms.Key, terms.Value} {
			inner.args = append(inner.args, operand{})
			if term != nil {
				inner.args[len(inner.args)-1] = s.operand(term)
			}
		}
		return step{kind: stepEvery, operands: []operand{domain}, inner: inner}
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
		called := step{kind: stepBuiltin, operands: operands, name: name}
		if known, ok := called.computed(); ok && (len(operands) == known.inputs || len(operands) == known.inputs+1) {
			return called
		}
		if operator[0].Equal(ast.DefaultRootDocument) {
			s.b.define(operator)
			return step{kind: stepCall, operands: operands, name: name}
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
		return operand{kind: operandVariable, slot: int32(s.slot(v))}
	case ast.Ref:
		return s.reference(v)
	case *ast.ArrayComprehension:
		return operand{kind: operandComprehension, inner: s.inner(v.Body, v.Term), constant: []any{}}
	case *ast.SetComprehension:
		return operand{kind: operandComprehension, inner: s.inner(v.Body, v.Term), constant: set{}}
	case *ast.ObjectComprehension:
		return operand{kind: operandComprehension, inner: s.inner(v.Body, nil), constant: map[string]any{}}
	}
	if value, ok := native(term.Value); ok {
		return operand{kind: operandConstant, constant: value}
	}
	switch v := term.Value.(type) {
	case *ast.Array:
		return s.collection([]any{}, v.Foreach)
	case ast.Set:
		return s.collection(set{}, v.Foreach)
	case ast.Object:
		o := operand{kind: operandObject}
		v.Foreach(func(key, value *ast.Term) { o.path = append(o.path, s.operand(key), s.operand(value)) })
		return o
	default:
		return operand{}
	}
}

func (s *numbering) collection(empty any, each func(func(*ast.Term))) operand {
	o := operand{kind: operandCollection, constant: empty}
	each(func(t *ast.Term) { o.path = append(o.path, s.operand(t)) })
	return o
}

// inner is a body within another, with the term of a comprehension.
func (s *numbering) inner(body ast.Body, term *ast.Term) *clause {
	c := &clause{slots: len(s.slots)}
	c.steps = s.steps(body)
	if term != nil {
		c.value = s.operand(term)
	}
	return c
}

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
		for n := 2; n <= len(ref) && o.constant == nil; n++ {
			if !ref[:n].IsGround() {
				break
			}
			if len(s.b.compiler.GetRulesExact(ref[:n])) > 0 {
				s.b.define(ref[:n])
				o.kind, o.constant, rest = operandRule, ref[:n].String(), ref[n:]
			}
		}
		if o.constant == nil {
			return operand{}
		}
	default:
		o.kind, o.slot = operandWithin, int32(s.slot(head))
	}
	for _, element := range rest {
		o.path = append(o.path, s.operand(element))
	}
	return o
}

// define gathers what stands under a name.
func (b *builder) define(ref ast.Ref) {
	name := ref.String()
	if b.definitions[name] != nil {
		return
	}
	d := &definition{}
	b.definitions[name] = d
	rules := b.compiler.GetRulesExact(ref)
	d.maybe = len(rules) == 0
	for _, rule := range rules {
		// Rules whose name goes on behind the reference are read by OPA.
		if rule.Else != nil || len(rule.Head.Ref()) != 1 {
			d.maybe = true
			return
		}
		switch {
		case rule.Default:
			value, ok := native(rule.Head.Value.Value)
			d.otherwise, d.hasOtherwise, d.maybe = value, true, d.maybe || !ok
			continue
		case rule.Head.RuleKind() == ast.MultiValue:
			d.partial = true
		}
		d.clauses = append(d.clauses, b.clause(rule))
	}
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
