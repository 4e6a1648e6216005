// Package cel evaluates the rules of CRDs (x-kubernetes-validations), which are written in the Common Expression Language. The
// package schema/crd calls it with one value at a time; it knows no schema and no Kubernetes. It reads the language and those
// functions that rules use; a rule with any other is refused as a whole when it is compiled, and never answered by half.
//
// It is here beside cel-go for what that costs a program that only links it, and for what it takes to make cel-go ready for one
// rule: see docs/adr/0015-custom-resources-by-our-own-hand.md. test/schema holds it against cel-go as the API server uses it.
package cel

import (
	"fmt"
)

// Program is an expression that can be evaluated, by many goroutines at once.
type Program struct {
	eval  evaluator
	slots int
	// names are the variables that the expression asks for, and reads the fields whose values it takes, not only whether they
	// are there.
	names, reads map[string]bool
}

// evaluator gives the value of an expression. Values are as JSON has them, with int64 beside float64, and those that only
// expressions make: uint64, []byte, time.Duration, typeName, format, optional.
type evaluator func(*frame) (any, error)

// frame is one evaluation: the values of variables, and how much was done.
type frame struct {
	slots []any
	steps int
}

// maxSteps bounds the elements that one evaluation looks at. The API server has a budget too; what it lets pass stays far
// below: two nested loops over 64 listeners are 4,096.
const maxSteps = 1 << 20

// Failure is an error of which an expression is the cause.
type Failure struct {
	text string
	// Unsure: the expression does something that is not known here, such as comparing values of two types. Nothing is to be
	// made of it.
	Unsure bool
}

func (f *Failure) Error() string { return f.text }

func failed(format string, args ...any) error { return &Failure{text: fmt.Sprintf(format, args...)} }

func unsure(format string, args ...any) error {
	return &Failure{text: fmt.Sprintf(format, args...), Unsure: true}
}

// selfName is the variable that the value is bound to.
const selfName = "self"

// Compile reads an expression over self. It fails on what it does not know.
func Compile(text string) (*Program, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	c := &compiler{tokens: tokens, scope: []string{selfName}, program: &Program{names: map[string]bool{}, reads: map[string]bool{}}}
	e, err := c.expression()
	if err != nil {
		return nil, err
	}
	if c.peek().kind != endToken {
		return nil, fmt.Errorf("unexpected %s", c.peek().text)
	}
	c.program.eval = e.eval
	return c.program, nil
}

// Uses reports whether the expression asks for a variable.
func (p *Program) Uses(name string) bool { return p.names[name] }

// Reads reports whether the expression takes the value of a field of that name, of whatever object.
func (p *Program) Reads(field string) bool { return p.reads[field] }

// Eval gives the value of the expression over self. Errors are Failures.
func (p *Program) Eval(self any) (any, error) {
	f := frame{slots: make([]any, p.slots+1)}
	f.slots[0] = self
	return p.eval(&f)
}
