package main

import (
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

func TestChangelog(t *testing.T) {
	first, second := rule.Version{Minor: 1}, rule.Version{Minor: 2}
	added := func(v rule.Version) rule.Change { return rule.Change{Version: v, Effect: rule.Added} }
	got := changelog([]rule.Definition{
		{ID: "acme/new", Title: "Widget is new", Severity: rule.Warning, History: []rule.Change{added(second)}},
		{ID: "acme/old", Title: "Widget is old", History: []rule.Change{added(first)}},
		{ID: "acme/less", History: []rule.Change{added(first), {Version: second, Effect: rule.Narrowed, What: "Not of Gadgets."}}},
		{ID: "acme/more", History: []rule.Change{added(first), {Version: second, Effect: rule.Widened, What: "Gadgets too."}}},
	}, []engine.Published{{Version: first, Summary: "The first.", Released: true}, {Version: second}})
	const want = `# Changes of the rules

By version of the rulebook, the newest first. ` + "`rulebook:`" + ` in the config pins one; [rulebook-versions.md](../rulebook-versions.md) says what that means.

## v0.2

Not released yet.

### Added

- [acme/new](acme/new.md): Widget is new (warning)

### Widened: finds more, or it is graver

- [acme/more](acme/more.md): Gadgets too.

### Narrowed: finds less, or it is milder

- [acme/less](acme/less.md): Not of Gadgets.

## v0.1

The first.

3 of [the rules](README.md) are in it since the beginning.
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
