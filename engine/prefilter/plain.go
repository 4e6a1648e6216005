package prefilter

// outcome is what becomes of a step.
type outcome int

const (
	fails outcome = iota
	holds
	guessed  // may hold
	branches // may hold in several ways
)

// plain takes a step that goes on in one way at most.
func (w *Look) plain(s *step, f []any) outcome {
	switch s.kind {
	case stepUnify:
		a, b := &s.operands[0], &s.operands[1]
		if b.kind == operandVariable && f[b.slot] == unset {
			a, b = b, a
		}
		v, o := w.single(b, f)
		return w.put(a, v, o, f)
	case stepTruth:
		v, o := w.single(&s.operands[0], f)
		return truth(v, o)
	case stepBuiltin:
		return w.builtin(s, f)
	case stepCall:
		d := s.callee
		if arity := len(s.operands) - 1; d.maybe || d.hasOtherwise || d.partial || len(d.clauses) == 0 || w.calls >= maxCalls {
			return w.put(&s.operands[arity], unknown, guessed, f)
		}
		return branches
	default:
		return guessed
	}
}

// put unifies an operand with a value: a variable that has none takes it.
func (w *Look) put(a *operand, v any, o outcome, f []any) outcome {
	if o == fails || o == branches {
		return o
	}
	if a.kind == operandVariable && f[a.slot] == unset {
		f[a.slot] = v
		w.bound = append(w.bound, a.slot)
		return o
	}
	if v == unknown {
		return guessed
	}
	other, reached := w.single(a, f)
	if reached == fails || reached == branches {
		return reached
	}
	if same := equal(v, other); same != holds {
		return same
	}
	return max(o, reached) // guessed, if one of them is
}

func truth(v any, o outcome) outcome {
	switch {
	case o == fails || o == branches:
		return o
	case v == false:
		return fails
	case v == unknown:
		return guessed
	default:
		return o
	}
}

func (w *Look) builtin(s *step, f []any) outcome {
	var room [3]any
	args := room[:s.builtin.inputs]
	result, o := any(unknown), guessed
	for i := range args {
		v, reached := w.single(&s.operands[i], f)
		switch {
		case reached == fails:
			return fails
		case reached == branches || v == unknown:
			args = nil
		case args != nil:
			args[i] = v
		}
		if args == nil {
			break
		}
	}
	if args != nil {
		computed, ok, known := s.builtin.compute(args)
		if known && !ok {
			return fails
		}
		if known {
			result, o = computed, holds
		}
	}
	if len(s.operands) == s.builtin.inputs {
		return truth(result, o)
	}
	return w.put(&s.operands[s.builtin.inputs], result, o, f)
}

// single is the value of an operand that has one at most, and how it was reached.
func (w *Look) single(o *operand, f []any) (any, outcome) {
	switch o.kind {
	case operandConstant:
		return o.constant, holds
	case operandVariable:
		if f[o.slot] == unset {
			return unknown, guessed
		}
		return f[o.slot], holds
	case operandInput:
		return follow(w.document, o.path, f)
	case operandWithin:
		if f[o.slot] == unset || f[o.slot] == unknown {
			return unknown, guessed
		}
		return follow(f[o.slot], o.path, f)
	case operandRule:
		t := w.rule(o.rule)
		if !t.ok {
			return nil, fails
		}
		if t.maybe {
			return unknown, guessed
		}
		return follow(t.value, o.path, f)
	case operandComprehension:
		if w.aside(f, func(own []any) bool { return w.body(o.inner, own, 0, always) }) {
			return unknown, guessed
		}
		return o.constant, holds
	default:
		return unknown, guessed
	}
}

// follow goes along a path that leads to one value at most.
func follow(value any, path []operand, f []any) (any, outcome) {
	for i := range path {
		key := path[i].constant
		if path[i].kind == operandVariable {
			key = f[path[i].slot]
		}
		if key == unset && value != unknown {
			return nil, branches
		}
		var o outcome
		if value, o = element(value, key); o != holds {
			return value, o
		}
	}
	return value, holds
}

// element looks up one key.
func element(value, key any) (any, outcome) {
	if value == unknown || key == unknown {
		return unknown, guessed
	}
	switch v := value.(type) {
	case map[string]any:
		if name, isString := key.(string); isString {
			if found, ok := v[name]; ok {
				return found, holds
			}
		}
	case []any:
		if n, isNumber := key.(int64); isNumber && n >= 0 && n < int64(len(v)) {
			return v[n], holds
		}
	case set:
		for _, one := range v {
			switch equal(one, key) {
			case holds:
				return one, holds
			case guessed, branches:
				return unknown, guessed
			case fails:
			}
		}
	}
	return nil, fails
}

// negated takes a negated step, which binds nothing for what follows.
func (w *Look) negated(s *step, f []any) outcome {
	if lacks(s.operands, f) {
		return guessed
	}
	certain := true
	held := w.aside(f, func(own []any) bool {
		before := w.guesses
		o := w.plain(s, own)
		if o == branches {
			o = fails
			if w.step(s, own, always) {
				o = holds
			}
		}
		certain = o != guessed && w.guesses == before && w.left > 0
		return o != fails
	})
	switch {
	case !held:
		return holds
	case certain:
		return fails
	default:
		return guessed
	}
}
