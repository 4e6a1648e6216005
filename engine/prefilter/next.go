package prefilter

// next is what is to be done once something holds, and then what follows that: functions made for each step would say the same, and
// were most of what a look allocated. Those in use lie on the stack of a Look.
type next struct {
	kind      nextKind
	at        int // of nextSteps and nextArgument; of nextBinding the variable
	clause    *clause
	step      *step
	operand   *operand
	frame     []any
	args      []any
	value     any
	collected *collected
	then      *next
}

type nextKind int

// What is done once something holds.
const (
	nextSteps     nextKind = iota // the rest of a body
	nextValue                     // the value of a body, which is that of a rule or function
	nextCollected                 // what a comprehension collects
)

// What is done with a value.
const (
	nextTruth    nextKind = iota + nextCollected + 1 // holds if it is true
	nextBinding                                      // a variable takes it
	nextOther                                        // is compared with another operand
	nextSame                                         // is compared with a value
	nextResult                                       // is what a call results in
	nextArgument                                     // is an argument of a call
	nextKept                                         // is what was asked for
	nextElement                                      // is an element of the set that a rule builds
)

func (w *Look) push(n next) *next {
	if w.depth == len(w.stack) {
		w.stack = append(w.stack, &next{})
	}
	top := w.stack[w.depth]
	w.depth++
	*top = n
	return top
}

func (w *Look) pop() { w.depth-- }

// goOn does what is to be done once something holds; nil is nothing.
func (w *Look) goOn(n *next) bool {
	if n == nil {
		return true
	}
	switch n.kind {
	case nextSteps:
		return w.body(n.clause, n.frame, n.at, n.then)
	case nextValue:
		// What follows the call is not within it.
		w.calls--
		held := w.each(&n.clause.value, n.frame, n.then)
		w.calls++
		return held
	default: // nextCollected
		v, reached := w.single(&n.clause.value, n.frame)
		if reached == fails {
			return false
		}
		return !n.collected.add(v, reached == holds && v != unknown && w.guesses == n.collected.before)
	}
}

// with does what is to be done with a value.
func (w *Look) with(n *next, v any) bool {
	switch n.kind {
	case nextTruth:
		return w.when(truth(v, holds), n.then)
	case nextBinding:
		return w.bind(n.frame, int32(n.at), v, n.then)
	case nextOther:
		held := w.each(n.operand, n.frame, w.push(next{kind: nextSame, value: v, then: n.then}))
		w.pop()
		return held
	case nextSame:
		return w.when(equal(n.value, v), n.then)
	case nextResult:
		operands := n.step.operands
		if len(operands) == len(n.step.callee.clauses[0].args) {
			return w.when(truth(v, holds), n.then)
		}
		return w.same(v, &operands[len(operands)-1], n.frame, n.then)
	case nextArgument:
		n.args[n.at] = v
		return w.arguments(n.step, n.frame, n.args, n.at+1, n.then)
	case nextKept:
		n.value = v
		return true
	default: // nextElement
		return !n.collected.add(v, v != unknown && w.guesses == n.collected.before)
	}
}

// guess goes on where nothing is known.
func (w *Look) guess(n *next) bool {
	w.guesses++
	if w.goOn(n) {
		return true
	}
	w.guesses--
	return false
}

// guessValue goes on with a value that is not known.
func (w *Look) guessValue(n *next) bool {
	w.guesses++
	if w.with(n, unknown) {
		return true
	}
	w.guesses--
	return false
}

// collected is what a comprehension, or a rule that builds a set, has collected.
type collected struct {
	list     []any
	elements set
	isList   bool
	// before is how much was guessed before it began.
	before int
}

// add reports whether the collection is still certain.
func (c *collected) add(v any, certain bool) bool {
	switch {
	case !certain || len(c.list)+len(c.elements) >= maxCollected:
		return false
	case c.isList:
		c.list = append(c.list, v)
		return true
	default:
		var ok bool
		c.elements, ok = c.elements.with(v)
		return ok
	}
}
