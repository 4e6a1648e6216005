package lint_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/lint"
)

// described is what a list of references says, but for the certificates that only rules read.
func described(list []facts.Referred) string {
	var b strings.Builder
	for _, r := range list {
		for _, field := range []string{
			"role", "title", "use", "usage", "key", "path", "grant", "presence", "key_presence", "state", "optional", "in_force", "label", "producer",
		} {
			fmt.Fprintf(&b, "%s=%v ", field, r.Document[field])
		}
		if r.Entry != nil {
			fmt.Fprintf(&b, "entry=%s", r.Entry.ID)
		}
		fmt.Fprintf(&b, " parent=%t\n", r.Parent)
	}
	return b.String()
}

// TestObserved: who takes stock beside a run sees the objects that Observe shows, in the same order, and what reviews have gathered of
// their references is what References lists.
func TestObserved(t *testing.T) {
	e := gatherer(t)
	for _, dir := range []string{"../examples", "../policies/kong"} {
		var mu sync.Mutex
		seen, reviewed := map[int]string{}, 0
		o := lint.Options{Now: noon, Boundary: dir, Reviewer: e}
		o.Observe = func(index int, o lint.Observed) {
			mu.Lock()
			defer mu.Unlock()
			if seen[index] != "" {
				t.Errorf("%s: two objects have the place %d", dir, index)
			}
			seen[index] = o.Object.ID.String() + " " + fmt.Sprint(o.At) + " " + o.Root
			if o.Reviewed {
				reviewed++
				want := e.References(engine.Request{Object: o.Object, Inventory: o.Inventory, Now: o.Now, Self: o.Self})
				if got, want := described(o.References), described(want); got != want {
					t.Errorf("%s refers to\n%swant\n%s", o.Object.ID, got, want)
				}
			}
		}
		if _, err := lint.Run(t.Context(), []string{dir}, o); err != nil {
			t.Fatal(err)
		}
		if reviewed < 3 {
			t.Errorf("%s: %d reviewed objects were shown", dir, reviewed)
		}
		run := seen
		seen = map[int]string{}
		if _, err := lint.Observe(t.Context(), []string{dir}, o); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(run) != fmt.Sprint(seen) {
			t.Errorf("%s: a run shows\n%v\nObserve\n%v", dir, run, seen)
		}
	}
}
