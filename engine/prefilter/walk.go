package prefilter

import (
	"sync"
)

// maxSteps bounds the work on one rule, some milliseconds, beyond which OPA may as well be asked: "some" within "some" over long
// lists multiply. The largest Ingress that an API server takes has 17,000 rules, which is four steps each.
const maxSteps = 100_000

// maxCalls bounds calls within calls. Rego has no recursion.
const maxCalls = 32

// May reports whether the rule may find something in a document.
func (f *Filter) May(w *Look) bool {
	w.left, w.guesses, w.bound = maxSteps, 0, w.bound[:0]
	for _, c := range f.findings {
		room := w.room
		held := w.body(c, w.frame(c.slots), 0, always)
		w.room = room
		if held || w.left <= 0 {
			return true
		}
	}
	return false
}

func always() bool { return true }

// Look is a look at one document, by one goroutine.
type Look struct {
	document map[string]any
	left     int
	calls    int
	// guesses counts the steps on the way here that were not understood: what was found with none is certain.
	guesses int
	// bound are the variables that steps on the way here have given a value.
	bound []int
	all   []any
	room  []any // what is free of it
	rules map[*definition]told
}

// usualRoom is for the variables of the bodies that are looked at inside each other; few have more than fifty, in five.
const usualRoom = 512

var looks = sync.Pool{New: func() any { return &Look{all: make([]any, usualRoom)} }}

// At starts a look at a document of facts.
func At(document map[string]any) *Look {
	w, ok := looks.Get().(*Look)
	if !ok {
		w = &Look{all: make([]any, usualRoom)}
	}
	w.document, w.room = document, w.all
	return w
}

// Done ends it, and lets go of what it has seen.
func (w *Look) Done() {
	clear(w.all)
	clear(w.rules)
	*w = Look{all: w.all, rules: w.rules, bound: w.bound[:0]}
	looks.Put(w)
}

// told is the value of a rule: none, one, or one that only OPA knows.
type told struct {
	value any
	ok    bool
	maybe bool
}

// frame gives room for the variables of a clause.
func (w *Look) frame(slots int) []any {
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

// body reports whether the steps from i on, and then what follows, may hold. A step that goes on in one way at most is taken in its
// turn; one that may in several has the rest tried for each.
func (w *Look) body(c *clause, f []any, i int, then func() bool) bool {
	guesses, bound := w.guesses, len(w.bound)
	if w.forward(c, f, i, then) {
		return true
	}
	for _, slot := range w.bound[bound:] {
		f[slot] = unset
	}
	w.guesses, w.bound = guesses, w.bound[:bound]
	return false
}

func (w *Look) forward(c *clause, f []any, i int, then func() bool) bool {
	for ; i < len(c.steps); i++ {
		if w.left--; w.left <= 0 {
			return true
		}
		s := &c.steps[i]
		var o outcome
		if s.negated {
			o = w.negated(s, f)
		} else {
			o = w.plain(s, f)
		}
		switch o {
		case fails:
			return false
		case guessed:
			w.guesses++
		case branches:
			return w.step(s, f, func() bool { return w.body(c, f, i+1, then) })
		case holds:
		}
	}
	return then()
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

// aside evaluates something that binds nothing for what follows, and whose guesses are not those of what follows.
func (w *Look) aside(f []any, evaluate func([]any) bool) bool {
	room, guesses, bound := w.room, w.guesses, len(w.bound)
	own := w.frame(len(f))
	copy(own, f)
	held := evaluate(own)
	w.room, w.guesses, w.bound = room, guesses, w.bound[:bound]
	return held
}

// guess goes on where nothing is known.
func (w *Look) guess(next func() bool) bool {
	w.guesses++
	if next() {
		return true
	}
	w.guesses--
	return false
}

// step takes a step in all ways in which it may go on.
func (w *Look) step(s *step, f []any, next func() bool) bool {
	switch s.kind {
	case stepUnify:
		return w.unify(&s.operands[0], &s.operands[1], f, next)
	case stepTruth:
		return w.each(&s.operands[0], f, func(v any) bool { return w.when(truth(v, holds), next) })
	case stepBuiltin:
		// Only its result is looked for in several places.
		return w.guess(next)
	case stepCall:
		return w.call(s, f, next)
	default:
		return w.guess(next)
	}
}

func (w *Look) unify(a, b *operand, f []any, next func() bool) bool {
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

func (w *Look) bind(f []any, slot int, v any, next func() bool) bool {
	f[slot] = v
	if next() {
		return true
	}
	f[slot] = unset
	return false
}

// when goes on if something holds, or may.
func (w *Look) when(o outcome, next func() bool) bool {
	switch o {
	case fails:
		return false
	case holds:
		return next()
	default:
		return w.guess(next)
	}
}

func (w *Look) call(s *step, f []any, next func() bool) bool {
	d := s.callee
	arity := len(d.clauses[0].args)
	if len(s.operands) != arity && len(s.operands) != arity+1 {
		return w.guess(next)
	}
	args := make([]any, arity)
	for i := range args {
		v, o := w.single(&s.operands[i], f)
		switch o {
		case fails:
			return false
		case branches:
			args[i] = unknown
		case holds, guessed:
			args[i] = v
		}
	}
	result := func(v any) bool {
		if len(s.operands) == arity {
			return w.when(truth(v, holds), next)
		}
		return w.unify(&operand{kind: operandConstant, constant: v}, &s.operands[arity], f, next)
	}
	for _, c := range d.clauses {
		if w.into(c, args, result) {
			return true
		}
	}
	return false
}

// into evaluates one body of a function.
func (w *Look) into(c *clause, args []any, then func(any) bool) bool {
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
			case fails:
				return false
			case guessed, branches:
				guesses++
			case holds:
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
func (w *Look) rule(d *definition) told {
	if t, known := w.rules[d]; known {
		return t
	}
	t := told{maybe: true, value: unknown, ok: true}
	if !d.maybe && w.calls < maxCalls {
		t = w.evaluate(d)
	}
	if w.rules == nil {
		w.rules = map[*definition]told{}
	}
	w.rules[d] = t
	return t
}

func (w *Look) evaluate(d *definition) told {
	before, bound := w.guesses, len(w.bound)
	defer func() { w.guesses, w.bound = before, w.bound[:bound] }()
	for _, c := range d.clauses {
		w.guesses = before
		var value any
		if !w.into(c, nil, func(v any) bool { value = v; return true }) {
			continue
		}
		if d.partial || w.guesses > before || w.left <= 0 || value == unknown {
			return told{value: unknown, ok: true, maybe: true}
		}
		return told{value: value, ok: true}
	}
	switch {
	case d.partial:
		return told{value: set{}, ok: true}
	case d.hasOtherwise:
		return told{value: d.otherwise, ok: true}
	default:
		return told{}
	}
}

// each calls f with every value that an operand may have, until f is content.
func (w *Look) each(o *operand, frame []any, f func(any) bool) bool {
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
		v, reached := w.single(o, frame)
		if reached == guessed {
			return w.guess(func() bool { return f(v) })
		}
		return f(v)
	default:
		return w.guess(func() bool { return f(unknown) })
	}
}

// at follows a path, over all elements where the path has a variable that is not bound yet.
func (w *Look) at(value any, path []operand, frame []any, f func(any) bool) bool {
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
	next, o := element(value, k)
	switch o {
	case fails:
		return false
	case holds:
		return w.at(next, path[1:], frame, f)
	default:
		return w.guess(func() bool { return f(unknown) })
	}
}

func (w *Look) over(value any, slot int, path []operand, frame []any, f func(any) bool) bool {
	try := func(key, element any) bool {
		if w.left--; w.left <= 0 {
			return true
		}
		return w.bind(frame, slot, key, func() bool { return w.at(element, path, frame, f) })
	}
	switch v := value.(type) {
	case map[string]any:
		for key, element := range v {
			if try(key, element) {
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
