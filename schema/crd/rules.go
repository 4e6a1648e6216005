package crd

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/schema/cel"
)

// celRule is a rule of a schema. It is compiled when the first value is asked it: most are about fields that few objects have.
type celRule struct {
	Rule              string `json:"rule"`
	Message           string `json:"message"`
	MessageExpression string `json:"messageExpression"`
	FieldPath         string `json:"fieldPath"`

	once    sync.Once
	program *cel.Program
	err     error
}

// oldSelf is the value that another one replaces. Rules that ask for it are not asked when an object is created.
const oldSelf = "oldSelf"

var errSpecial = errors.New("it takes a value that is no string to rules")

// compiled reads the rule, which stands at a part of a schema. An error says that it cannot be judged here.
func (r *celRule) compiled(n *node) (*cel.Program, error) {
	r.once.Do(func() {
		if r.program, r.err = cel.Compile(r.Rule); r.err != nil {
			return
		}
		if n.isSpecial() || n.special[elementName] {
			r.err = errSpecial
		}
		for name := range n.special {
			if r.program.Reads(name) {
				r.err = errSpecial
			}
		}
	})
	return r.program, r.err
}

// rules asks those of a value, and of the values in it.
func (j *judged) rules(n *node, value any, at trail) {
	if n == nil || !n.ruled || value == nil {
		return
	}
	for _, r := range n.Rules {
		if program, err := r.compiled(n); err == nil && !program.Uses(oldSelf) {
			j.ask(r, program, value, at)
		}
	}
	for _, part := range n.AllOf {
		j.rules(part, value, at)
	}
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if field, _ := n.field(key); field != nil {
				j.rules(field, inner, at.name(key))
			}
		}
	case []any:
		for i, inner := range value {
			j.rules(n.Items, inner, at.element(i))
		}
	}
}

// ask says which rule does not hold, in the words of who wrote it.
func (j *judged) ask(r *celRule, program *cel.Program, value any, at trail) {
	result, err := program.Eval(value)
	var failure *cel.Failure
	switch {
	case errors.As(err, &failure) && failure.Unsure || result == true:
	case err != nil:
		j.add(at, Rule, fmt.Sprintf("%s%v evaluating rule: %s", at.text(), err, r.title()))
	case result == false:
		for _, step := range strings.FieldsFunc(r.FieldPath, func(c rune) bool { return strings.ContainsRune(".[]'", c) }) {
			at = at.name(step)
		}
		j.add(at, Rule, at.text()+r.words(value))
	}
}

func (r *celRule) title() string {
	if r.Message != "" {
		return strings.TrimSpace(r.Message)
	}
	return strings.TrimSpace(r.Rule)
}

// words are the message for a value that breaks the rule.
func (r *celRule) words(value any) string {
	if r.MessageExpression != "" {
		if program, err := cel.Compile(r.MessageExpression); err == nil {
			result, err := program.Eval(value)
			if text, ok := result.(string); err == nil && ok && strings.TrimSpace(text) != "" && !strings.Contains(strings.TrimSpace(text), "\n") {
				return strings.TrimSpace(text)
			}
		}
	}
	if r.Message == "" {
		return "failed rule: " + r.title()
	}
	return r.title()
}

// beyondUs lists the rules of a schema that cannot be judged here.
func (n *node) beyondUs() (texts []string) {
	if n == nil || !n.ruled {
		return nil
	}
	for _, r := range n.Rules {
		if _, err := r.compiled(n); err != nil {
			texts = append(texts, fmt.Sprintf("%s (%v)", r.Rule, err))
		}
	}
	for _, inner := range n.parts() {
		texts = append(texts, inner.beyondUs()...)
	}
	return texts
}
