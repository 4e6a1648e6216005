package cel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// compiler turns tokens into evaluators, by descent.
type compiler struct {
	tokens  []token
	at      int
	depth   int
	scope   []string // the variables by their slots
	program *Program
}

// expr is a compiled expression, with what its surroundings may want to know of it.
type expr struct {
	eval evaluator
	// of and field are those of a selection, for has().
	of    evaluator
	field string
	// constant expressions are literals; a list of them is made once.
	constant bool
}

// maxDepth bounds how deep expressions nest.
const maxDepth = 250

func literal(value any) expr {
	return expr{eval: func(*frame) (any, error) { return value, nil }, constant: true}
}

func (c *compiler) peek() token { return c.tokens[c.at] }

func (c *compiler) next() token {
	t := c.tokens[c.at]
	if t.kind != endToken {
		c.at++
	}
	return t
}

func (c *compiler) is(sign string) bool { return c.peek().kind == signToken && c.peek().text == sign }

func (c *compiler) accept(sign string) bool {
	if c.is(sign) {
		c.at++
		return true
	}
	return false
}

func (c *compiler) expect(sign string) error {
	if c.accept(sign) {
		return nil
	}
	if t := c.peek(); t.kind != endToken {
		return fmt.Errorf("want %s, got %s", sign, t.text)
	}
	return fmt.Errorf("want %s, got the end", sign)
}

func (c *compiler) expression() (expr, error) {
	if c.depth++; c.depth > maxDepth {
		return expr{}, fmt.Errorf("nested too deeply")
	}
	defer func() { c.depth-- }()
	condition, err := c.or()
	if err != nil || !c.accept("?") {
		return condition, err
	}
	yes, err := c.or()
	if err != nil {
		return expr{}, err
	}
	if err := c.expect(":"); err != nil {
		return expr{}, err
	}
	no, err := c.expression()
	if err != nil {
		return expr{}, err
	}
	return expr{eval: func(f *frame) (any, error) {
		value, err := condition.eval(f)
		if err != nil {
			return nil, err
		}
		switch value {
		case true:
			return yes.eval(f)
		case false:
			return no.eval(f)
		}
		return nil, unsure("condition is no boolean")
	}}, nil
}

func (c *compiler) or() (expr, error) { return c.logical("||", true, c.and) }

func (c *compiler) and() (expr, error) { return c.logical("&&", false, c.relation) }

// logical reads operands of && or ||. One that decides does so wherever it stands, whatever errors the others give.
func (c *compiler) logical(sign string, decides bool, operand func() (expr, error)) (expr, error) {
	first, err := operand()
	if err != nil || !c.is(sign) {
		return first, err
	}
	operands := []expr{first}
	for c.accept(sign) {
		further, err := operand()
		if err != nil {
			return expr{}, err
		}
		operands = append(operands, further)
	}
	return expr{eval: func(f *frame) (any, error) {
		var failure error
		for i := range operands {
			value, err := operands[i].eval(f)
			if decided, failed := decide(value, err, decides); failed != nil {
				failure = graver(failure, failed)
			} else if decided {
				return decides, nil
			}
		}
		if failure != nil {
			return nil, failure
		}
		return !decides, nil
	}}, nil
}

// decide tells whether a value is the one that decides, or why it is none at all.
func decide(value any, err error, decides bool) (bool, error) {
	if err != nil {
		return false, err
	}
	truth, ok := value.(bool)
	if !ok {
		return false, unsure("want a boolean")
	}
	return truth == decides, nil
}

// graver prefers an error of which nothing is to be made.
func graver(a, b error) error {
	var failure *Failure
	if a == nil || errors.As(b, &failure) && failure.Unsure {
		return b
	}
	return a
}

func (c *compiler) relation() (expr, error) {
	left, err := c.sum()
	for err == nil {
		t := c.peek()
		if t.kind == nameToken && t.text == "in" {
			c.at++
			left, err = c.binary(left, c.sum, func(a, b any) (any, error) { return contains(b, a) })
			continue
		}
		operator, ok := relations[t.text]
		if t.kind != signToken || !ok {
			break
		}
		c.at++
		left, err = c.binary(left, c.sum, operator)
	}
	return left, err
}

func (c *compiler) sum() (expr, error) {
	left, err := c.product()
	for err == nil && (c.is("+") || c.is("-")) {
		left, err = c.binary(left, c.product, arithmetic[c.next().text])
	}
	return left, err
}

func (c *compiler) product() (expr, error) {
	left, err := c.unary()
	for err == nil && (c.is("*") || c.is("/") || c.is("%")) {
		left, err = c.binary(left, c.unary, arithmetic[c.next().text])
	}
	return left, err
}

func (c *compiler) binary(left expr, operand func() (expr, error), operator func(a, b any) (any, error)) (expr, error) {
	right, err := operand()
	if err != nil {
		return expr{}, err
	}
	return expr{eval: func(f *frame) (any, error) {
		a, err := left.eval(f)
		if err != nil {
			return nil, err
		}
		b, err := right.eval(f)
		if err != nil {
			return nil, err
		}
		return operator(a, b)
	}}, nil
}

func (c *compiler) unary() (expr, error) {
	var operator func(any) (any, error)
	switch {
	case c.accept("!"):
		operator = not
	case c.accept("-"):
		operator = negative
	default:
		return c.member()
	}
	if c.depth++; c.depth > maxDepth {
		return expr{}, fmt.Errorf("nested too deeply")
	}
	defer func() { c.depth-- }()
	operand, err := c.unary()
	if err != nil {
		return expr{}, err
	}
	return expr{eval: func(f *frame) (any, error) {
		value, err := operand.eval(f)
		if err != nil {
			return nil, err
		}
		return operator(value)
	}}, nil
}

func (c *compiler) member() (expr, error) {
	e, err := c.primary()
	for err == nil {
		switch {
		case c.accept("["):
			var index expr
			if index, err = c.expression(); err == nil {
				if err = c.expect("]"); err == nil {
					e, err = c.indexed(e, index), nil
				}
			}
		case c.accept("."):
			name := c.next()
			if name.kind != nameToken {
				return expr{}, fmt.Errorf("want a name after the dot, got %s", name.text)
			}
			if c.accept("(") {
				e, err = c.method(e, name.text)
				continue
			}
			e = c.selected(e, name.text)
		default:
			return e, nil
		}
	}
	return expr{}, err
}

func (c *compiler) indexed(of, index expr) expr {
	return expr{eval: func(f *frame) (any, error) {
		value, err := of.eval(f)
		if err != nil {
			return nil, err
		}
		key, err := index.eval(f)
		if err != nil {
			return nil, err
		}
		return at(value, key)
	}}
}

func (c *compiler) selected(of expr, name string) expr {
	field := unescaped(name)
	c.program.reads[field] = true
	return expr{of: of.eval, field: field, eval: func(f *frame) (any, error) {
		value, err := of.eval(f)
		if err != nil {
			return nil, err
		}
		return fieldOf(value, field)
	}}
}

// unescaped is the name of a property that is no identifier, or a reserved word, as Kubernetes writes it in rules.
func unescaped(name string) string {
	if !strings.Contains(name, "__") {
		return name
	}
	if word, ok := strings.CutPrefix(name, "__"); ok && strings.HasSuffix(word, "__") && slices.Contains(reserved, strings.TrimSuffix(word, "__")) {
		return strings.TrimSuffix(word, "__")
	}
	return strings.NewReplacer("__underscores__", "__", "__dot__", ".", "__dash__", "-", "__slash__", "/").Replace(name)
}

// reserved words of the language.
var reserved = []string{
	"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
	"package", "namespace", "return", "var", "void", "while",
}

// namespaces are the first parts of functions whose names have two.
var namespaces = []string{"sets", formatPrefix}

const formatPrefix = "format"

func (c *compiler) primary() (expr, error) {
	switch t := c.next(); t.kind {
	case literalToken:
		return literal(t.value), nil
	case nameToken:
		return c.name(t.text)
	case signToken:
		switch t.text {
		case "(":
			e, err := c.expression()
			if err != nil {
				return expr{}, err
			}
			// What stands in brackets is no selection of its own: has((a.b)) is none.
			return expr{eval: e.eval, constant: e.constant}, c.expect(")")
		case "[":
			return c.list()
		case "{":
			return c.mapping()
		}
		return expr{}, fmt.Errorf("unexpected %s", t.text)
	default:
		return expr{}, fmt.Errorf("unexpected end")
	}
}

func (c *compiler) name(name string) (expr, error) {
	switch name {
	case "true":
		return literal(true), nil
	case "false":
		return literal(false), nil
	case "null":
		return literal(nil), nil
	}
	if c.accept("(") {
		return c.function(name)
	}
	for slot := len(c.scope) - 1; slot >= 0; slot-- {
		if c.scope[slot] == name {
			if slot == 0 {
				c.program.names[name] = true
			}
			return expr{eval: func(f *frame) (any, error) { return f.slots[slot], nil }}, nil
		}
	}
	if slices.Contains(namespaces, name) && c.accept(".") {
		inner := c.next().text
		if err := c.expect("("); err != nil {
			return expr{}, err
		}
		if name == formatPrefix && isFormat(inner) {
			return expr{eval: func(*frame) (any, error) { return formats()[inner], nil }}, c.expect(")")
		}
		return c.function(name + "." + inner)
	}
	if slices.Contains(typeNames, typeName(name)) {
		return literal(typeName(name)), nil
	}
	c.program.names[name] = true
	if name == "oldSelf" {
		return expr{eval: func(*frame) (any, error) { return nil, unsure("no oldSelf") }}, nil
	}
	return expr{}, fmt.Errorf("unknown name %s", name)
}

func (c *compiler) list() (expr, error) {
	elements, err := c.arguments("]")
	if err != nil {
		return expr{}, err
	}
	makes := func(f *frame) (any, error) {
		list := make([]any, len(elements))
		for i := range elements {
			var err error
			if list[i], err = elements[i].eval(f); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	if slices.ContainsFunc(elements, func(e expr) bool { return !e.constant }) {
		return expr{eval: makes}, nil
	}
	once, err := makes(nil)
	return literal(once), err
}

func (c *compiler) mapping() (expr, error) {
	var keys, values []expr
	for !c.accept("}") {
		key, err := c.expression()
		if err != nil {
			return expr{}, err
		}
		if err := c.expect(":"); err != nil {
			return expr{}, err
		}
		value, err := c.expression()
		if err != nil {
			return expr{}, err
		}
		keys, values = append(keys, key), append(values, value)
		if !c.accept(",") && !c.is("}") {
			return expr{}, c.expect("}")
		}
	}
	return expr{eval: func(f *frame) (any, error) {
		m := make(map[string]any, len(keys))
		for i := range keys {
			key, err := keys[i].eval(f)
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok {
				return nil, unsure("want strings as keys")
			}
			if m[name], err = values[i].eval(f); err != nil {
				return nil, err
			}
		}
		return m, nil
	}}, nil
}

// arguments reads expressions up to a closing sign.
func (c *compiler) arguments(end string) (list []expr, err error) {
	for !c.accept(end) {
		e, err := c.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !c.accept(",") && !c.is(end) {
			return nil, c.expect(end)
		}
	}
	return list, nil
}

// function reads a call after its bracket.
func (c *compiler) function(name string) (expr, error) {
	if name == "has" {
		return c.has()
	}
	arguments, err := c.arguments(")")
	if err != nil {
		return expr{}, err
	}
	known, ok := functions[name]
	if !ok || len(arguments) < known.least || len(arguments) > known.most {
		return expr{}, fmt.Errorf("unknown function %s of %d", name, len(arguments))
	}
	return call(known.call, arguments), nil
}

func (c *compiler) has() (expr, error) {
	before := map[string]bool{}
	for name := range c.program.reads {
		before[name] = true
	}
	e, err := c.expression()
	if err != nil {
		return expr{}, err
	}
	if e.of == nil {
		return expr{}, fmt.Errorf("has: want a field")
	}
	if !before[e.field] {
		// The way to it is read, it itself is not.
		delete(c.program.reads, e.field)
	}
	return expr{eval: func(f *frame) (any, error) {
		value, err := e.of(f)
		if err != nil {
			return nil, err
		}
		m, ok := value.(map[string]any)
		if !ok {
			return nil, unsure("has: want an object")
		}
		_, there := m[e.field]
		return there, nil
	}}, c.expect(")")
}

// method reads a call on a value after its bracket.
func (c *compiler) method(of expr, name string) (expr, error) {
	if known, ok := macros[name]; ok {
		return c.macro(of, known)
	}
	arguments, err := c.arguments(")")
	if err != nil {
		return expr{}, err
	}
	known, ok := methods[name]
	if !ok || len(arguments) < known.least || len(arguments) > known.most {
		return expr{}, fmt.Errorf("unknown function %s of %d", name, len(arguments))
	}
	if name == "matches" && arguments[0].constant {
		return matching(of, arguments[0])
	}
	return call(known.call, append([]expr{of}, arguments...)), nil
}

func call(function func(arguments []any) (any, error), arguments []expr) expr {
	return expr{eval: func(f *frame) (any, error) {
		var few [4]any
		values := few[:0]
		for i := range arguments {
			value, err := arguments[i].eval(f)
			if err != nil {
				return nil, err
			}
			values = append(values, value)
		}
		return function(values)
	}}
}

// loop is a macro's call: what it goes over, its variables, and what is asked of each element.
type loop struct {
	of expr
	// slot holds the element, or with two variables the index or key, and the slot after it the element.
	slot, variables int
	bodies          []expr
}

// macro reads variables and bodies of a loop, the variables being known in the bodies only.
func (c *compiler) macro(of expr, known macro) (expr, error) {
	l := loop{of: of, slot: len(c.scope)}
	for c.peek().kind == nameToken && c.tokens[c.at+1].kind == signToken && c.tokens[c.at+1].text == "," && l.variables < known.variables {
		c.scope = append(c.scope, c.next().text)
		c.at++
		l.variables++
	}
	c.program.slots = max(c.program.slots, len(c.scope))
	bodies, err := c.arguments(")")
	c.scope = c.scope[:l.slot]
	if err != nil {
		return expr{}, err
	}
	if l.bodies = bodies; l.variables == 0 || len(bodies) == 0 || len(bodies) > known.bodies {
		return expr{}, fmt.Errorf("want a variable, and what to ask")
	}
	return expr{eval: known.make(l)}, nil
}
