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
	case stepEvery:
		return w.every(s, f)
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
	room := w.room
	args := w.frame(s.builtin.inputs)
	result, o := unknown, guessed
	for i := range args {
		v, reached := w.single(&s.operands[i], f)
		switch {
		case reached == fails:
			w.room = room
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
	w.room = room
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
		value, reached := w.at(o.fixed)
		if reached != holds {
			return value, reached
		}
		return w.follow(value, o.rest(), f)
	case operandWithin:
		if f[o.slot] == unset || f[o.slot] == unknown {
			return unknown, guessed
		}
		return w.follow(f[o.slot], o.path, f)
	case operandRule:
		t := w.rule(o.rule)
		if !t.ok {
			return nil, fails
		}
		if t.maybe {
			return unknown, guessed
		}
		return w.follow(t.value, o.path, f)
	case operandComprehension:
		return w.collect(o, f)
	case operandCollection:
		return w.collection(o, f)
	case operandObject:
		return w.object(o, f)
	default:
		return unknown, guessed
	}
}

func (w *Look) collection(o *operand, f []any) (any, outcome) {
	list := make([]any, 0, len(o.path))
	elements, isSet := o.constant.(set)
	for i := range o.path {
		v, reached := w.single(&o.path[i], f)
		switch {
		case reached == fails:
			return nil, fails
		case reached != holds || v == unknown:
			return unknown, guessed
		}
		list = append(list, v)
		if isSet {
			var ok bool
			if elements, ok = elements.with(v); !ok {
				return unknown, guessed
			}
		}
	}
	if isSet {
		return elements, holds
	}
	return list, holds
}

func (w *Look) object(o *operand, f []any) (any, outcome) {
	made := make(map[string]any, len(o.path)/2)
	for i := 0; i < len(o.path); i += 2 {
		key, reached := w.single(&o.path[i], f)
		value, also := w.single(&o.path[i+1], f)
		name, isString := key.(string)
		_, twice := made[name]
		switch {
		case reached == fails || also == fails:
			return nil, fails
		case reached != holds || also != holds || value == unknown || !isString || twice:
			return unknown, guessed
		}
		made[name] = value
	}
	return made, holds
}

// maxCollected bounds what is collected, of which each element is compared with each. The lists of an object are seldom as long.
const maxCollected = 64

// collect is what a comprehension makes, if all of it is certain.
func (w *Look) collect(o *operand, f []any) (any, outcome) {
	list, isList := o.constant.([]any)
	elements, isSet := o.constant.(set)
	for _, slot := range o.inner.outer {
		if f[slot] == unset {
			// A step that was not understood would have given it a value: to try every one would be to collect something else.
			return unknown, guessed
		}
	}
	if !isList && !isSet {
		// Of an object only that it is empty.
		held := w.aside(f, func(own []any) bool { return w.body(o.inner, own, 0, nil) })
		if held || w.left <= 0 {
			return unknown, guessed
		}
		return o.constant, holds
	}
	found := &collected{list: list, elements: elements, isList: isList}
	ordered := w.ordered
	w.ordered = isList
	uncertain := w.aside(f, func(own []any) bool {
		found.before = w.guesses
		held := w.body(o.inner, own, 0, w.push(next{kind: nextCollected, clause: o.inner, frame: own, collected: found}))
		w.pop()
		return held
	})
	w.ordered = ordered
	switch {
	case uncertain || w.left <= 0:
		return unknown, guessed
	case isList:
		return found.list, holds
	default:
		return found.elements, holds
	}
}

// every asks for a body to hold for each element.
func (w *Look) every(s *step, f []any) outcome {
	over, o := w.single(&s.operands[0], f)
	if o == fails {
		return fails
	}
	all := holds
	try := func(key, element any) bool {
		certain := true
		held := w.aside(f, func(own []any) bool {
			for i, v := range []any{key, element} {
				if arg := &s.inner.args[i]; arg.kind == operandVariable {
					own[arg.slot] = v
				}
			}
			before := w.guesses
			held := w.body(s.inner, own, 0, nil)
			certain = w.guesses == before && w.left > 0
			return held
		})
		if !certain {
			all = guessed
		}
		if !held {
			all = fails
		}
		return held
	}
	switch v := over.(type) {
	case []any:
		for i, element := range v {
			if !try(int64(i), element) {
				break
			}
		}
	case set:
		for _, element := range v {
			if !try(element, element) {
				break
			}
		}
	case map[string]any:
		for key, element := range v {
			if !try(key, element) {
				break
			}
		}
	default:
		return guessed
	}
	return all
}

// follow goes along a path that leads to one value at most.
func (w *Look) follow(value any, path []operand, f []any) (any, outcome) {
	for i := range path {
		key, o := w.key(&path[i], f)
		if o == fails || o == branches && value != unknown {
			return nil, o
		}
		if value, o = element(value, key); o != holds {
			return value, o
		}
	}
	return value, holds
}

// key is a step of a path; branches: a variable that takes each.
func (w *Look) key(o *operand, f []any) (any, outcome) {
	if o.kind == operandVariable && f[o.slot] == unset {
		return unknown, branches
	}
	key, reached := w.single(o, f)
	if reached == branches {
		// Of several keys within a key, none is followed.
		return unknown, guessed
	}
	return key, reached
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
			if w.step(s, own, nil) {
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
