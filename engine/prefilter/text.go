package prefilter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// The text of clauses is written in prefix notation: a letter says what comes, a number ends in a semicolon, what is repeated is
// counted first, a string is its length, a colon and its bytes.

const (
	stepLetters    = "?=!bce"    // by stepKind; negated ones have a "-" before them
	operandLetters = "?kvirwxyo" // by operandKind
)

// writer writes clauses.
type writer struct{ text []byte }

func (w *writer) letter(c byte) { w.text = append(w.text, c) }

func (w *writer) number(n int64) { w.text = append(strconv.AppendInt(w.text, n, 10), ';') }

func (w *writer) string(s string) {
	w.text = append(strconv.AppendInt(w.text, int64(len(s)), 10), ':')
	w.text = append(w.text, s...)
}

func (w *writer) clauses(list []*clause) {
	w.number(int64(len(list)))
	for _, c := range list {
		w.clause(c)
	}
}

func (w *writer) clause(c *clause) {
	w.number(int64(c.slots))
	w.operands(c.args)
	w.number(int64(len(c.steps)))
	for i := range c.steps {
		s := &c.steps[i]
		if s.negated {
			w.letter('-')
		}
		w.letter(stepLetters[s.kind])
		if s.kind == stepBuiltin || s.kind == stepCall {
			w.string(s.name)
		}
		w.operands(s.operands)
		if s.kind == stepEvery {
			w.clause(s.inner)
		}
	}
	w.operand(&c.value)
}

func (w *writer) operands(list []operand) {
	w.number(int64(len(list)))
	for i := range list {
		w.operand(&list[i])
	}
}

func (w *writer) operand(o *operand) {
	w.letter(operandLetters[o.kind])
	switch o.kind {
	case operandMaybe:
	case operandConstant:
		w.constant(o.constant)
	case operandVariable:
		w.number(int64(o.slot))
	case operandInput, operandObject:
		w.operands(o.path)
	case operandRule:
		name, _ := o.constant.(string)
		w.string(name)
		w.operands(o.path)
	case operandWithin:
		w.number(int64(o.slot))
		w.operands(o.path)
	case operandComprehension:
		w.constant(o.constant)
		w.clause(o.inner)
	case operandCollection:
		w.constant(o.constant)
		w.operands(o.path)
	}
}

func (w *writer) constant(value any) {
	list := func(letter byte, values []any) {
		w.letter(letter)
		w.number(int64(len(values)))
		for _, v := range values {
			w.constant(v)
		}
	}
	switch v := value.(type) {
	case bool:
		w.letter(map[bool]byte{true: 't', false: 'f'}[v])
	case string:
		w.letter('s')
		w.string(v)
	case int64:
		w.letter('n')
		w.number(v)
	case []any:
		list('l', v)
	case set:
		list('e', v)
	case map[string]any:
		w.letter('o')
		w.number(int64(len(v)))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			w.string(key)
			w.constant(v[key])
		}
	default:
		w.letter('0')
	}
}

func (w *writer) definition(d *definition) {
	for _, flag := range []bool{d.maybe, d.partial, d.hasOtherwise} {
		w.constant(flag)
	}
	w.constant(d.otherwise)
	w.clauses(d.clauses)
}

// reader reads what a writer has written. The first error stays, and what is read after it is nothing.
type reader struct {
	text string
	at   int
	err  error
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: not as it was written", r.at)
	}
	r.at = len(r.text)
}

func (r *reader) letter() byte {
	if r.at >= len(r.text) {
		r.fail()
		return 0
	}
	r.at++
	return r.text[r.at-1]
}

func (r *reader) until(end byte) int64 {
	for i := r.at; i < len(r.text); i++ {
		if r.text[i] == end {
			n, err := strconv.ParseInt(r.text[r.at:i], 10, 64)
			if err != nil {
				break
			}
			r.at = i + 1
			return n
		}
	}
	r.fail()
	return 0
}

func (r *reader) number() int64 { return r.until(';') }

// count is of what follows, each of which has a byte at the least.
func (r *reader) count(end byte) int {
	n := r.until(end)
	if n < 0 || n > int64(len(r.text)-r.at) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) string() string {
	n := r.count(':')
	r.at += n
	return r.text[r.at-n : r.at]
}

func (r *reader) clauses() []*clause {
	list := make([]*clause, r.count(';'))
	for i := range list {
		list[i] = r.clause()
	}
	return list
}

func (r *reader) clause() *clause {
	c := &clause{slots: int(r.number())}
	c.args = r.operands()
	c.steps = make([]step, r.count(';'))
	for i := range c.steps {
		r.step(&c.steps[i])
	}
	r.operand(&c.value)
	return c
}

func (r *reader) step(s *step) {
	letter := r.letter()
	if s.negated = letter == '-'; s.negated {
		letter = r.letter()
	}
	if s.kind = stepKind(kindOf(stepLetters, letter)); s.kind < 0 {
		r.fail()
		return
	}
	if s.kind == stepBuiltin || s.kind == stepCall {
		s.name = r.string()
	}
	s.operands = r.operands()
	if s.kind == stepEvery {
		s.inner = r.clause()
	}
}

func kindOf(letters string, letter byte) int {
	for i := range len(letters) {
		if letters[i] == letter {
			return i
		}
	}
	return -1
}

func (r *reader) operands() []operand {
	n := r.count(';')
	if n == 0 {
		return nil
	}
	list := make([]operand, n)
	for i := range list {
		r.operand(&list[i])
	}
	return list
}

func (r *reader) operand(o *operand) {
	o.kind = operandKind(kindOf(operandLetters, r.letter()))
	switch o.kind {
	case operandMaybe:
	case operandConstant:
		o.constant = r.constant()
	case operandVariable:
		o.slot = int32(r.number())
	case operandInput:
		o.path = r.operands()
	case operandObject:
		if o.path = r.operands(); len(o.path)%2 != 0 {
			r.fail()
		}
	case operandRule:
		o.constant = r.string()
		o.path = r.operands()
	case operandWithin:
		o.slot = int32(r.number())
		o.path = r.operands()
	case operandComprehension:
		o.constant = r.constant()
		o.inner = r.clause()
	case operandCollection:
		o.constant = r.constant()
		o.path = r.operands()
	default:
		r.fail()
	}
}

func (r *reader) constant() any {
	list := func() []any {
		values := make([]any, r.count(';'))
		for i := range values {
			values[i] = r.constant()
		}
		return values
	}
	switch r.letter() {
	case 't':
		return true
	case 'f':
		return false
	case 's':
		return r.string()
	case 'n':
		return r.number()
	case 'l':
		return list()
	case 'e':
		return set(list())
	case 'o':
		n := r.count(';')
		fields := make(map[string]any, n)
		for range n {
			key := r.string()
			fields[key] = r.constant()
		}
		return fields
	case '0':
	default:
		r.fail()
	}
	return nil
}

func (r *reader) flag() bool { return r.constant() == true }

func (r *reader) definition() *definition {
	d := &definition{maybe: r.flag(), partial: r.flag(), hasOtherwise: r.flag()}
	d.otherwise = r.constant()
	d.clauses = r.clauses()
	return d
}

// end asks that all has been read.
func (r *reader) end() error {
	if r.err == nil && r.at < len(r.text) {
		return errors.New("more than was written")
	}
	return r.err
}
