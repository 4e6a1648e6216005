// Package prefilter tells, in a hundredth of the time that OPA takes, that a rule finds nothing: most rules find nothing in most
// objects. It walks the compiled bodies over the facts as they are and knows the plain steps: look-ups, "some", comparisons,
// calls of the rulebook's own functions, a few builtins. Everything else may hold, so that what it says is "no" or "ask OPA",
// and no finding is ever lost or made by it. What it knows it must know as OPA does; engine.Hits and the tests of every rulebook
// hold the two against each other.
package prefilter

// Filter is what is known of one rule.
type Filter struct {
	set      *Set
	findings []*clause
}

// clause is a body, with the arguments and the value of its head.
type clause struct {
	slots int     // variables, numbered; those of comprehensions within included. Of a body within another, those that stand outside
	outer []int32 // of a comprehension: the variables of outside that it uses
	args  []operand
	steps []step
	// value is that of a rule or function; of a finding its severity, where that is the same for all documents.
	value operand
}

type stepKind int

const (
	stepMaybe stepKind = iota // not understood
	stepUnify
	stepTruth
	stepBuiltin
	stepCall
	stepEvery
)

// step is an expression of a body.
type step struct {
	kind    stepKind
	negated bool
	// operands are both sides of stepUnify, the term of stepTruth, the arguments and perhaps the result of a call, or what stepEvery
	// goes over.
	operands []operand
	name     string // of what is called
	builtin  builtin
	callee   *definition
	inner    *clause // of stepEvery; its arguments are key and value
}

type operandKind int8

const (
	operandMaybe operandKind = iota // not understood
	operandConstant
	operandVariable
	operandInput  // the document, at a path
	operandRule   // a rule of the rulebook, at a path
	operandWithin // a variable, at a path
	operandComprehension
	operandCollection // a list or set of operands, which are in path
	operandObject     // an object of operands, whose keys and values take turns in path
)

// operand is small, since a run on a few files reads thousands of them.
type operand struct {
	kind     operandKind
	slot     int32
	constant any // and the empty kind of what a comprehension or collection makes, and the name of operandRule
	path     []operand
	fixed    *fixed // of operandInput: where the path is the same for all documents
	rule     *definition
	inner    *clause
}

// fixed is the beginning of a path, all of constant keys, by which it is known in a Set.
type fixed struct {
	number, length int
	within         *fixed
	key            string
}

// rest is what follows the fixed part of a path.
func (o *operand) rest() []operand {
	if o.fixed == nil {
		return o.path
	}
	return o.path[o.fixed.length:]
}

// definition is a rule or function that others use: all bodies of one name.
type definition struct {
	number  int // in its Set
	clauses []*clause
	// maybe: not understood.
	maybe bool
	// partial: a rule that builds a set.
	partial bool
	// otherwise is the value of a default rule.
	otherwise    any
	hasOtherwise bool
	linked       bool
}

// builtin computes a result; ok is false where OPA's is undefined, and known where it cannot be told.
type builtin struct {
	inputs  int
	compute func(args []any) (result any, ok, known bool)
}

// set is a set constant, whose elements are looked up by themselves.
type set []any

type marker struct{ name string }

var (
	unset   any = &marker{"unset"}
	unknown any = &marker{"unknown"}
)
