package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/tlsward/tlsward/facts"
)

// Body is one `findings contains ... if` of a rule.
type Body struct {
	Rule string
	File string
	Line int
}

// Bodies lists the bodies of all rules, in the order of the rules and their lines.
func (e *Engine) Bodies() []Body {
	var bodies []Body
	for _, r := range e.rules {
		for _, clause := range r.rego().Rules {
			if clause.Head.Name == "findings" {
				bodies = append(bodies, Body{r.ID, clause.Location.File, clause.Location.Row})
			}
		}
	}
	return bodies
}

// Hits lists the bodies that find something in an object. It is for tests of rules, and costs many times what a review
// does.
func (e *Engine) Hits(ctx context.Context, r Request) ([]Body, error) {
	bodies := e.Bodies()
	hits := &hitTracer{index: make(map[place]int, len(bodies)), hit: make([]bool, len(bodies))}
	for i, body := range bodies {
		hits.index[place{body.File, body.Line}] = i
	}
	document := func() facts.Facts { return e.Facts(r) }
	all, err := e.evaluate(ctx, r, document, hits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Object.ID, err)
	}
	filtered, err := e.evaluate(ctx, r, document, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Object.ID, err)
	}
	same := func(a, b raw) bool { return a.rule == b.rule && a.term.Equal(b.term) }
	if !slices.EqualFunc(all, filtered, same) {
		return nil, fmt.Errorf("%s: %d findings, and %d once rules are filtered: engine/prefilter is wrong about some step", r.Object.ID, len(all), len(filtered))
	}
	return slices.DeleteFunc(bodies, func(body Body) bool { return !hits.hit[hits.index[place{body.File, body.Line}]] }), nil
}

type place struct {
	file string
	line int
}

// hitTracer notes the bodies that evaluation leaves with a result.
type hitTracer struct {
	index map[place]int
	hit   []bool
}

func (t *hitTracer) Enabled() bool { return true }

func (t *hitTracer) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (t *hitTracer) TraceEvent(event topdown.Event) {
	clause, ok := event.Node.(*ast.Rule)
	if !ok || event.Op != topdown.ExitOp || clause.Location == nil {
		return
	}
	if i, ok := t.index[place{clause.Location.File, clause.Location.Row}]; ok {
		t.hit[i] = true
	}
}
