package prefilter

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/tlsward/tlsward/engine/archive"
)

// Set holds the filters of a rulebook. Safe for concurrent use.
type Set struct {
	mu          sync.Mutex
	filters     map[string]*Filter
	definitions map[string]*definition
	// places are the fixed paths that filters look at; of the definitions, linked counts those that have a number.
	places map[fixed]*fixed
	linked int
	// written is what a set was read from.
	written *archive.Archive
}

// Of gives the filter of a rule, by its id; ok is false where the set has none, or one of another version.
func (s *Set) Of(id, version string) (f *Filter, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.filters[id]; ok {
		return f, true, nil
	}
	if s.written == nil {
		return nil, false, nil
	}
	text, ok, err := s.written.Text(id, version)
	if !ok || err != nil {
		return nil, false, err
	}
	r := &reader{text: string(text)}
	f = &Filter{s, r.clauses()}
	if err := r.end(); err != nil {
		return nil, false, fmt.Errorf("prefilter of %s: %w", id, err)
	}
	if err := s.link(f.findings); err != nil {
		return nil, false, fmt.Errorf("prefilter of %s: %w", id, err)
	}
	s.filters[id] = f
	return f, true, nil
}

// Text writes a set: of each rule, and of each definition that rules use, what is known of it; of rules with a version. To read that
// takes a small part of the time that compiling does.
func (s *Set) Text(version func(id string) string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var entries []archive.Entry
	for _, id := range slices.Sorted(maps.Keys(s.filters)) {
		var w writer
		w.clauses(s.filters[id].findings)
		entries = append(entries, archive.Entry{Name: id, Version: version(id), Text: string(w.text)})
	}
	for _, name := range slices.Sorted(maps.Keys(s.definitions)) {
		var w writer
		w.definition(s.definitions[name])
		entries = append(entries, archive.Entry{Name: name, Text: string(w.text)})
	}
	return archive.Write(entries)
}

// Read reads what Text has written; what is known of a rule, when it is first asked for.
func Read(written *archive.Archive) *Set {
	return &Set{filters: map[string]*Filter{}, definitions: map[string]*definition{}, written: written}
}

// link finds what clauses call and name.
func (s *Set) link(clauses []*clause) error {
	for _, c := range clauses {
		if err := s.linkOperands(c.args); err != nil {
			return err
		}
		for i := range c.steps {
			if err := s.linkStep(&c.steps[i]); err != nil {
				return err
			}
		}
		if err := s.linkOperand(&c.value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) linkStep(t *step) (err error) {
	switch t.kind {
	case stepBuiltin:
		known, ok := t.computed()
		if !ok {
			return fmt.Errorf("no builtin %s", t.name)
		}
		t.builtin = known
	case stepCall:
		if t.callee, err = s.definition(t.name); err != nil {
			return err
		}
	case stepEvery:
		if err := s.link([]*clause{t.inner}); err != nil {
			return err
		}
	default:
	}
	return s.linkOperands(t.operands)
}

func (s *Set) linkOperands(operands []operand) error {
	for i := range operands {
		if err := s.linkOperand(&operands[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) linkOperand(o *operand) (err error) {
	if o.kind == operandInput {
		o.fixed = s.place(o.path)
	}
	if o.kind == operandRule {
		name, _ := o.constant.(string)
		if o.rule, err = s.definition(name); err != nil {
			return err
		}
	}
	if o.inner != nil {
		if err := s.link([]*clause{o.inner}); err != nil {
			return err
		}
		o.inner.outer = o.inner.outside(int32(o.inner.slots), nil)
	}
	return s.linkOperands(o.path)
}

func (s *Set) definition(name string) (*definition, error) {
	d := s.definitions[name]
	if d != nil && d.linked {
		return d, nil
	}
	if d == nil {
		if s.written == nil {
			return nil, fmt.Errorf("no definition %s", name)
		}
		text, ok, err := s.written.Text(name, "")
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("no definition %s", name)
		}
		r := &reader{text: string(text)}
		d = r.definition()
		if err := r.end(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.definitions[name] = d
	}
	d.linked, d.number = true, s.linked
	s.linked++
	if err := s.link(d.clauses); err != nil {
		d.linked = false // Whoever asks next is told too.
		return nil, err
	}
	return d, nil
}

// place is the fixed part of a path.
func (s *Set) place(path []operand) (at *fixed) {
	for i := range path {
		key, isString := path[i].constant.(string)
		if path[i].kind != operandConstant || !isString {
			break
		}
		f := fixed{length: i + 1, within: at, key: key}
		if s.places[f] == nil {
			if s.places == nil {
				s.places = map[fixed]*fixed{}
			}
			known := f
			known.number = len(s.places)
			s.places[f] = &known
		}
		at = s.places[f]
	}
	return at
}

// outside lists the variables of a clause that have smaller numbers.
func (c *clause) outside(than int32, found []int32) []int32 {
	for i := range c.steps {
		found = outside(c.steps[i].operands, than, found)
		if inner := c.steps[i].inner; inner != nil {
			found = inner.outside(than, found)
		}
	}
	return outside([]operand{c.value}, than, found)
}

func outside(operands []operand, than int32, found []int32) []int32 {
	for i := range operands {
		o := &operands[i]
		if (o.kind == operandVariable || o.kind == operandWithin) && o.slot < than && !slices.Contains(found, o.slot) {
			found = append(found, o.slot)
		}
		if found = outside(o.path, than, found); o.inner != nil {
			found = o.inner.outside(than, found)
		}
	}
	return found
}
