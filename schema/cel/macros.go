package cel

import (
	"maps"
	"slices"
)

// macro is a loop over the elements of a list or the keys of an object.
type macro struct {
	// variables and bodies are the most that it takes.
	variables, bodies int
	make              func(loop) evaluator
}

var macros = map[string]macro{
	"all":        {2, 1, func(l loop) evaluator { return l.quantifier(false) }},
	"exists":     {2, 1, func(l loop) evaluator { return l.quantifier(true) }},
	"exists_one": {2, 1, loop.existsOne},
	"existsOne":  {2, 1, loop.existsOne},
	"filter":     {1, 1, loop.filter},
	"map":        {1, 2, loop.transform},
}

// each calls a function with the variables of the loop set to one element after the other, until it returns false or an error.
func (l loop) each(f *frame, visit func(element any) (more bool, err error)) error {
	over, err := l.of.eval(f)
	if err != nil {
		return err
	}
	one := func(key, element any) (bool, error) {
		if f.steps++; f.steps > maxSteps {
			return false, unsure("too many elements")
		}
		f.slots[l.slot] = element
		if l.variables == 2 {
			f.slots[l.slot], f.slots[l.slot+1] = key, element
		}
		return visit(element)
	}
	switch over := over.(type) {
	case []any:
		for i, element := range over {
			if more, err := one(int64(i), element); err != nil || !more {
				return err
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(over)) {
			element := any(key)
			if l.variables == 2 {
				element = over[key]
			}
			if more, err := one(key, element); err != nil || !more {
				return err
			}
		}
	default:
		return unsure("want a list or an object to go over")
	}
	return nil
}

// quantifier is exists, where true decides, or all, where false does; as with || and && an element that decides does so
// whatever errors the others give.
func (l loop) quantifier(decides bool) evaluator {
	return func(f *frame) (any, error) {
		found := false
		var failure error
		err := l.each(f, func(any) (bool, error) {
			value, err := l.bodies[0].eval(f)
			decided, err := decide(value, err, decides)
			if err != nil {
				failure = graver(failure, err)
			}
			found = decided
			return !decided, nil
		})
		switch {
		case err != nil:
			return nil, err
		case found:
			return decides, nil
		case failure != nil:
			return nil, failure
		}
		return !decides, nil
	}
}

// holds asks the first body of an element.
func (l loop) holds(f *frame) (bool, error) {
	value, err := l.bodies[0].eval(f)
	return decide(value, err, true)
}

func (l loop) existsOne() evaluator {
	return func(f *frame) (any, error) {
		found := 0
		err := l.each(f, func(any) (bool, error) {
			holds, err := l.holds(f)
			if holds {
				found++
			}
			return true, err
		})
		if err != nil {
			return nil, err
		}
		return found == 1, nil
	}
}

func (l loop) filter() evaluator {
	return func(f *frame) (any, error) {
		kept := []any{}
		err := l.each(f, func(element any) (bool, error) {
			holds, err := l.holds(f)
			if holds {
				kept = append(kept, element)
			}
			return true, err
		})
		return kept, err
	}
}

// transform is map, with a condition before what is made of an element or without one.
func (l loop) transform() evaluator {
	made := l.bodies[len(l.bodies)-1]
	return func(f *frame) (any, error) {
		list := []any{}
		err := l.each(f, func(any) (bool, error) {
			if len(l.bodies) == 2 {
				if holds, err := l.holds(f); err != nil || !holds {
					return true, err
				}
			}
			value, err := made.eval(f)
			list = append(list, value)
			return true, err
		})
		return list, err
	}
}
