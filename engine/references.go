package engine

import (
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
)

// References lists what an object refers to; see facts.References. No rule is asked.
func (e *Engine) References(r Request) []facts.Referred {
	inv := inventory.Overlay(r.Inventory, inventory.Options{Providers: e.providers}, r.Object)
	return facts.References(facts.Request{Object: r.Object, Inventory: inv, Now: r.Now, Self: r.Self}, e.facts)
}
