package compiled

import (
	"encoding/binary"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// reader reads what writer has written. What it reads is part of the program; but a file that was damaged gives an error.
type reader struct {
	rest string
	// file is where the rules were written.
	file   string
	names  map[string]bool
	failed bool
}

func (r *reader) end(name string) error {
	if r.failed || r.rest != "" {
		return fmt.Errorf("compiled rules: %s is damaged", name)
	}
	return nil
}

func (r *reader) letter() byte {
	if r.rest == "" {
		r.failed = true
		return letterNull
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *reader) number() int {
	var n uint64
	for shift := 0; ; shift += 7 {
		c := r.letter()
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return int(n)
		}
		if shift > 7*binary.MaxVarintLen32 {
			r.failed = true
			return 0
		}
	}
}

// count is a number of things, each of which takes a byte at least.
func (r *reader) count() int {
	n := r.number()
	if n < 0 || n > len(r.rest) {
		r.failed = true
		return 0
	}
	return n
}

func (r *reader) string() string {
	n := r.count()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) module() *ast.Module {
	path, ok := r.value().(ast.Ref)
	if !ok {
		r.failed = true
	}
	r.file = r.string()
	module := &ast.Module{Package: &ast.Package{Path: path, Location: &ast.Location{File: r.file}}, Rules: make([]*ast.Rule, r.count())}
	for i := range module.Rules {
		module.Rules[i] = r.rule(module)
	}
	return module
}

func (r *reader) rule(module *ast.Module) *ast.Rule {
	flags := r.letter()
	rule := &ast.Rule{Module: module, Default: flags&flagDefault != 0, Location: r.location()}
	rule.Head = &ast.Head{Location: r.location(), Name: ast.Var(r.string()), Assign: flags&flagAssign != 0}
	var ok bool
	if rule.Head.Reference, ok = r.value().(ast.Ref); !ok {
		r.failed = true
	}
	if args := r.terms(); len(args) > 0 {
		rule.Head.Args = args
	}
	if flags&flagKey != 0 {
		rule.Head.Key = r.term()
	}
	if flags&flagValue != 0 {
		rule.Head.Value = r.term()
	}
	rule.Body = r.body()
	if flags&flagElse != 0 && !r.failed {
		rule.Else = r.rule(module)
	}
	return rule
}

func (r *reader) location() *ast.Location {
	return &ast.Location{File: r.file, Row: r.number(), Col: r.number()}
}

func (r *reader) body() ast.Body {
	body := make(ast.Body, r.count())
	for i := range body {
		flags := r.letter()
		expr := &ast.Expr{Negated: flags&flagNegated != 0, Generated: flags&flagGenerated != 0, Location: r.location(), Index: r.number()}
		for range r.count() {
			expr.With = append(expr.With, &ast.With{Target: r.term(), Value: r.term(), Location: expr.Location})
		}
		switch r.letter() {
		case letterTerm:
			expr.Terms = r.term()
		case letterTerms:
			expr.Terms = r.terms()
		case letterEvery:
			every := &ast.Every{Key: r.term(), Value: r.term(), Domain: r.term(), Body: r.body(), Location: expr.Location}
			if every.Key.Value == ast.NullValue {
				every.Key = nil
			}
			expr.Terms = every
		default:
			r.failed = true
		}
		body[i] = expr
	}
	return body
}

func (r *reader) terms() []*ast.Term {
	terms := make([]*ast.Term, r.count())
	for i := range terms {
		terms[i] = r.term()
	}
	return terms
}

func (r *reader) term() *ast.Term { return &ast.Term{Value: r.value()} }

func (r *reader) value() ast.Value {
	switch r.letter() {
	case letterNull:
		return ast.NullValue
	case letterTrue:
		return ast.Boolean(true)
	case letterFalse:
		return ast.Boolean(false)
	case letterNumber:
		return ast.Number(r.string())
	case letterString:
		return ast.String(r.string())
	case letterVar:
		return ast.Var(r.string())
	case letterRef:
		return r.ref()
	case letterCall:
		return ast.Call(r.terms())
	case letterArray:
		return ast.NewArray(r.terms()...)
	case letterSet:
		return ast.NewSet(r.terms()...)
	case letterObject:
		pairs := make([][2]*ast.Term, r.count())
		for i := range pairs {
			pairs[i] = [2]*ast.Term{r.term(), r.term()}
		}
		return ast.NewObject(pairs...)
	case letterArrayOf:
		return &ast.ArrayComprehension{Term: r.term(), Body: r.body()}
	case letterSetOf:
		return &ast.SetComprehension{Term: r.term(), Body: r.body()}
	case letterObjectOf:
		return &ast.ObjectComprehension{Key: r.term(), Value: r.term(), Body: r.body()}
	default:
		r.failed = true
		return ast.NullValue
	}
}

func (r *reader) ref() ast.Ref {
	ref := ast.Ref(r.terms())
	if len(ref) > 0 {
		if head, ok := ref[0].Value.(ast.Var); ok && r.names != nil {
			r.names[string(head)] = true
		}
	}
	return ref
}
