package engine_test

import (
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
)

// TestReferred: whoever asks is told once, of the object and not of what it was, whether a rule has asked for facts or not; the facts
// are those of a review that nobody asks.
func TestReferred(t *testing.T) {
	fsys := book()
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{"judged": "Widget", "of no rule": "Gadget"} {
		request := widget(map[string]any{})
		request.Object.ID.Kind = kind
		old := request.Object
		old.Fields = map[string]any{"apiVersion": "acme.example/v1", "kind": kind, "spec": map[string]any{"tag": "x"}}
		request.Old = &old
		told := 0
		request.Referred = func([]facts.Referred) { told++ }
		with, err := e.Review(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if told != 1 {
			t.Errorf("%s: told %d times", name, told)
		}
		request.Referred = nil
		without, err := e.Review(t.Context(), request)
		if err != nil || len(with.Findings) != len(without.Findings) {
			t.Errorf("%s: %d findings, without being asked %d (%v)", name, len(with.Findings), len(without.Findings), err)
		}
		if _, err := e.Defaults(t.Context(), engine.Request{Object: request.Object, Inventory: request.Inventory, Now: request.Now, Referred: func([]facts.Referred) {
			t.Errorf("%s: defaults tell too", name)
		}}); err != nil {
			t.Fatal(err)
		}
	}
}
