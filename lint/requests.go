package lint

import (
	"context"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// Requests lists what Run would have reviewed, in order, without asking for a verdict, and what could not be read.
func Requests(ctx context.Context, paths []string, o Options) ([]engine.Request, []Problem, error) {
	recorder := &recorder{Reviewer: o.Reviewer}
	o.Reviewer, o.Workers = recorder, 1
	result, err := Run(ctx, paths, o)
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(recorder.requests, func(a, b engine.Request) int {
		return strings.Compare(a.Object.ID.GroupKind(), b.Object.ID.GroupKind())
	})
	return recorder.requests, result.Problems, nil
}

type recorder struct {
	Reviewer
	requests []engine.Request
}

func (r *recorder) Review(_ context.Context, request engine.Request) (rule.Decision, error) {
	r.requests = append(r.requests, request)
	return rule.Decision{}, nil
}
