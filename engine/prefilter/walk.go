package prefilter

import (
	"sync"

	"github.com/tlsward/tlsward/kube"
)

// maxSteps bounds the work on one rule, some milliseconds, beyond which OPA may as well be asked: "some" within "some" over long
// lists multiply. The largest Ingress that an API server takes has 17,000 rules, which is four steps each.
const maxSteps = 100_000

// maxCalls bounds calls within calls. Rego has no recursion.
const maxCalls = 32

// May reports whether the rule may find something in a document. With heard, what it finds of a severity counts only if that is heard;
// where the severity is not known beforehand, "" is asked for.
func (f *Filter) May(w *Look, heard func(severity string) bool) bool {
	w.within(f.set)
	w.left = maxSteps
	for _, c := range f.findings {
		severity, _ := c.value.constant.(string)
		if heard != nil && severity != "" && !heard(severity) {
			continue // which is told sooner than that it finds nothing
		}
		w.guesses, w.bound = 0, w.bound[:0]
		room := w.room
		held := w.body(c, w.frame(c.slots), 0, nil)
		w.room = room
		if !held && w.left > 0 {
			continue
		}
		if heard == nil || severity != "" || heard(severity) {
			return true
		}
		w.left = max(w.left, 1) // the others may hold all the same
	}
	return false
}

// Look is a look at one document, by one goroutine.
type Look struct {
	document map[string]any
	left     int
	calls    int
	// guesses counts the steps on the way here that were not understood: what was found with none is certain.
	guesses int
	// ordered: what is gone over is put in order, as a list shows it.
	ordered bool
	// bound are the variables that steps on the way here have given a value.
	bound []int32
	all   []any
	room  []any // what is free of it
	// stack holds what is to be done next, of which as many as depth are in use.
	stack []*next
	depth int
	// set is whose rules and places are known, by their numbers; those of this look have its turn.
	set    *Set
	turn   int
	rules  []told
	places []place
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
	w.turn++
	return w
}

// Done ends it, and lets go of what it has seen.
func (w *Look) Done() {
	clear(w.all)
	clear(w.rules)
	clear(w.places)
	for _, n := range w.stack {
		*n = next{}
	}
	*w = Look{all: w.all, bound: w.bound[:0], stack: w.stack, set: w.set, turn: w.turn, rules: w.rules, places: w.places}
	looks.Put(w)
}

// within goes on with the filters of a set, whose numbers are its own.
func (w *Look) within(s *Set) {
	if w.set != s {
		w.set = s
		w.turn++
	}
}

// told is the value of a rule: none, one, or one that only OPA knows.
type told struct {
	value any
	ok    bool
	maybe bool
	turn  int
}

// place is what stands at a fixed path of the document.
type place struct {
	value   any
	outcome outcome
	turn    int
}

// at is what stands at a fixed path: many rules look at the same few.
func (w *Look) at(f *fixed) (any, outcome) {
	if f == nil {
		return w.document, holds
	}
	if f.number >= len(w.places) {
		w.places = append(w.places, make([]place, f.number+1-len(w.places))...)
	}
	p := &w.places[f.number] // What it is within has a smaller number.
	if p.turn != w.turn {
		p.turn = w.turn
		p.value, p.outcome = w.at(f.within)
		if p.outcome == holds {
			p.value, p.outcome = element(p.value, f.key)
		}
	}
	return p.value, p.outcome
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
func (w *Look) body(c *clause, f []any, i int, then *next) bool {
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

func (w *Look) forward(c *clause, f []any, i int, then *next) bool {
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
			held := w.step(s, f, w.push(next{kind: nextSteps, clause: c, frame: f, at: i + 1, then: then}))
			w.pop()
			return held
		case holds:
		}
	}
	return w.goOn(then)
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

// step takes a step in all ways in which it may go on.
func (w *Look) step(s *step, f []any, then *next) bool {
	switch s.kind {
	case stepUnify:
		return w.unify(&s.operands[0], &s.operands[1], f, then)
	case stepTruth:
		held := w.each(&s.operands[0], f, w.push(next{kind: nextTruth, then: then}))
		w.pop()
		return held
	case stepCall:
		return w.call(s, f, then)
	default:
		// Of a builtin, only its result is looked for in several places.
		return w.guess(then)
	}
}

func (w *Look) unify(a, b *operand, f []any, then *next) bool {
	if b.kind == operandVariable && f[b.slot] == unset {
		a, b = b, a
	}
	n := next{kind: nextOther, operand: b, frame: f, then: then}
	if a.kind == operandVariable && f[a.slot] == unset {
		n, a = next{kind: nextBinding, frame: f, at: int(a.slot), then: then}, b
	}
	held := w.each(a, f, w.push(n))
	w.pop()
	return held
}

// same unifies an operand with a value.
func (w *Look) same(v any, o *operand, f []any, then *next) bool {
	if o.kind == operandVariable && f[o.slot] == unset {
		return w.bind(f, o.slot, v, then)
	}
	held := w.each(o, f, w.push(next{kind: nextSame, value: v, then: then}))
	w.pop()
	return held
}

func (w *Look) bind(f []any, slot int32, v any, then *next) bool {
	f[slot] = v
	if w.goOn(then) {
		return true
	}
	f[slot] = unset
	return false
}

// when goes on if something holds, or may.
func (w *Look) when(o outcome, then *next) bool {
	switch o {
	case fails:
		return false
	case holds:
		return w.goOn(then)
	default:
		return w.guess(then)
	}
}

func (w *Look) call(s *step, f []any, then *next) bool {
	arity := len(s.callee.clauses[0].args)
	if len(s.operands) != arity && len(s.operands) != arity+1 {
		return w.guess(then)
	}
	room := w.room
	held := w.arguments(s, f, w.frame(arity), 0, w.push(next{kind: nextResult, step: s, frame: f, then: then}))
	w.pop()
	w.room = room
	return held
}

// arguments calls a function with all values of the arguments from i on.
func (w *Look) arguments(s *step, f, args []any, i int, then *next) bool {
	for ; i < len(args); i++ {
		v, o := w.single(&s.operands[i], f)
		switch o {
		case fails:
			return false
		case branches:
			held := w.each(&s.operands[i], f, w.push(next{kind: nextArgument, step: s, frame: f, args: args, at: i, then: then}))
			w.pop()
			return held
		case holds, guessed:
			args[i] = v
		}
	}
	for _, c := range s.callee.clauses {
		if w.into(c, args, then) {
			return true
		}
	}
	return false
}

// into evaluates one body of a function.
func (w *Look) into(c *clause, args []any, then *next) bool {
	room := w.room
	frame, guesses := w.frame(c.slots), 0
	held := true
	for i := range c.args {
		switch arg := &c.args[i]; arg.kind {
		case operandVariable:
			frame[arg.slot] = args[i]
		case operandConstant:
			switch equal(arg.constant, args[i]) {
			case fails:
				held = false
			case guessed, branches:
				guesses++
			case holds:
			}
		default:
			guesses++
		}
	}
	if held {
		w.calls++
		w.guesses += guesses
		held = w.body(c, frame, 0, w.push(next{kind: nextValue, clause: c, frame: frame, then: then}))
		w.pop()
		if !held {
			w.guesses -= guesses
		}
		w.calls--
	}
	w.room = room
	return held
}

// rule is the value of a rule without arguments.
func (w *Look) rule(d *definition) told {
	if d.number >= len(w.rules) {
		w.rules = append(w.rules, make([]told, d.number+1-len(w.rules))...)
	}
	if t := w.rules[d.number]; t.turn == w.turn {
		return t
	}
	t := told{maybe: true, value: unknown, ok: true}
	if !d.maybe && w.calls < maxCalls {
		t = w.evaluate(d)
	}
	t.turn = w.turn
	w.rules[d.number] = t
	return t
}

func (w *Look) evaluate(d *definition) told {
	before, bound := w.guesses, len(w.bound)
	var t told
	if d.partial {
		t = w.elements(d, before)
	} else {
		t = w.first(d, before)
	}
	w.guesses, w.bound = before, w.bound[:bound]
	return t
}

// first is the value of a rule that has one, which is that of its first body to hold.
func (w *Look) first(d *definition, before int) told {
	for _, c := range d.clauses {
		w.guesses = before
		n := w.push(next{kind: nextKept})
		held := w.into(c, nil, n)
		value := n.value
		w.pop()
		switch {
		case !held:
		case w.guesses > before || w.left <= 0 || value == unknown:
			return told{value: unknown, ok: true, maybe: true}
		default:
			return told{value: value, ok: true}
		}
	}
	if d.hasOtherwise {
		return told{value: d.otherwise, ok: true}
	}
	return told{}
}

// elements is the value of a rule that builds a set.
func (w *Look) elements(d *definition, before int) told {
	found := &collected{elements: set{}, before: before}
	ordered := w.ordered
	w.ordered = false
	defer func() { w.ordered = ordered }()
	for _, c := range d.clauses {
		w.guesses = before
		uncertain := w.into(c, nil, w.push(next{kind: nextElement, collected: found}))
		w.pop()
		if uncertain || w.left <= 0 {
			return told{value: unknown, ok: true, maybe: true}
		}
	}
	return told{value: found.elements, ok: true}
}

// each goes on with every value that an operand may have, until that holds.
func (w *Look) each(o *operand, frame []any, then *next) bool {
	switch o.kind {
	case operandConstant:
		return w.with(then, o.constant)
	case operandVariable:
		if frame[o.slot] == unset {
			return w.guessValue(then)
		}
		return w.with(then, frame[o.slot])
	case operandInput:
		value, reached := w.at(o.fixed)
		switch reached {
		case fails:
			return false
		case holds:
			return w.along(value, o.rest(), frame, then)
		default:
			return w.guessValue(then)
		}
	case operandWithin:
		if frame[o.slot] == unset || frame[o.slot] == unknown {
			return w.guessValue(then)
		}
		return w.along(frame[o.slot], o.path, frame, then)
	case operandRule:
		t := w.rule(o.rule)
		switch {
		case !t.ok:
			return false
		case t.maybe:
			return w.guessValue(then)
		default:
			return w.along(t.value, o.path, frame, then)
		}
	case operandComprehension, operandCollection, operandObject:
		v, reached := w.single(o, frame)
		switch reached {
		case fails:
			return false
		case guessed, branches:
			w.guesses++
			if w.with(then, v) {
				return true
			}
			w.guesses--
			return false
		default:
			return w.with(then, v)
		}
	default:
		return w.guessValue(then)
	}
}

// along follows a path, over all elements where the path has a variable that is not bound yet.
func (w *Look) along(value any, path []operand, frame []any, then *next) bool {
	for i := range path {
		if value == unknown {
			return w.guessValue(then)
		}
		key, o := w.key(&path[i], frame)
		switch o {
		case branches:
			return w.over(value, path[i].slot, path[i+1:], frame, then)
		case fails:
			return false
		default:
			value, o = element(value, key)
		}
		switch o {
		case fails:
			return false
		case holds:
		default:
			return w.guessValue(then)
		}
	}
	return w.with(then, value)
}

func (w *Look) over(value any, slot int32, path []operand, frame []any, then *next) bool {
	switch v := value.(type) {
	case map[string]any:
		if w.ordered && len(v) > 1 {
			for _, key := range kube.SortedKeys(v) {
				if w.try(slot, key, v[key], path, frame, then) {
					return true
				}
			}
			return false
		}
		for key, element := range v {
			if w.try(slot, key, element, path, frame, then) {
				return true
			}
		}
	case []any:
		for i, element := range v {
			if w.try(slot, int64(i), element, path, frame, then) {
				return true
			}
		}
	case set:
		if w.ordered && len(v) > 1 {
			w.guesses++
			if w.try(slot, unknown, unknown, path, frame, then) {
				return true
			}
			w.guesses--
			return false
		}
		for _, element := range v {
			if w.try(slot, element, element, path, frame, then) {
				return true
			}
		}
	}
	return false
}

// try goes on with one key of several.
func (w *Look) try(slot int32, key, element any, path []operand, frame []any, then *next) bool {
	if w.left--; w.left <= 0 {
		return true
	}
	frame[slot] = key
	if w.along(element, path, frame, then) {
		return true
	}
	frame[slot] = unset
	return false
}
