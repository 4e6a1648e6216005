package prefilter

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Set holds the filters of a rulebook. Safe for concurrent use.
type Set struct {
	mu          sync.Mutex
	filters     map[string]*Filter
	definitions map[string]*definition
	// places are the fixed paths that filters look at; of the definitions, linked counts those that have a number.
	places map[fixed]*fixed
	linked int
	// written and versions are of a set that was read: lines that nobody has asked for yet, by name.
	written, versions map[string]string
}

// Of gives the filter of a rule, by its id; ok is false where the set has none, or one of another version.
func (s *Set) Of(id, version string) (f *Filter, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.filters[id]; ok {
		return f, true, nil
	}
	text, ok := s.written[id]
	if !ok || s.versions[id] != version {
		return nil, false, nil
	}
	r := &reader{text: text}
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

// Text writes a set. Of each rule, and of each definition that rules use, there is a line with its name, its version (of definitions
// none) and the length of what follows: what is known of it. To read that takes a small part of the time that compiling does.
func (s *Set) Text(version func(id string) string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	add := func(name, version string, w writer) {
		fmt.Fprintf(&b, "%s\t%s\t%d\n%s\n", name, version, len(w.text), w.text)
	}
	for _, id := range slices.Sorted(maps.Keys(s.filters)) {
		var w writer
		w.clauses(s.filters[id].findings)
		add(id, version(id), w)
	}
	for _, name := range slices.Sorted(maps.Keys(s.definitions)) {
		var w writer
		w.definition(s.definitions[name])
		add(name, "", w)
	}
	return b.String()
}

// Read reads what Text has written; what is known of a rule, when it is first asked for.
func Read(text string) (*Set, error) {
	s := &Set{filters: map[string]*Filter{}, definitions: map[string]*definition{}, written: map[string]string{}, versions: map[string]string{}}
	for rest := text; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("prefilters: want name, version and length, got %q", line)
		}
		length, err := strconv.Atoi(fields[2])
		if err != nil || length < 0 || length >= len(rest) {
			return nil, fmt.Errorf("prefilters: %s: want its length, got %q", fields[0], fields[2])
		}
		s.versions[fields[0]], s.written[fields[0]], rest = fields[1], rest[:length], rest[length+1:]
	}
	return s, nil
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
		text, ok := s.written[name]
		if !ok {
			return nil, fmt.Errorf("no definition %s", name)
		}
		r := &reader{text: text}
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
