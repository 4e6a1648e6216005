package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// changelog tells what each version of the rulebook changed, the newest first.
func changelog(rules []rule.Definition, versions []engine.Published) string {
	var b strings.Builder
	b.WriteString("# Changes of the rules\n\nBy version of the rulebook, the newest first. `rulebook:` in the config pins one; " +
		"[rulebook-versions.md](../rulebook-versions.md) says what that means.\n")
	for i, p := range slices.Backward(versions) {
		fmt.Fprintf(&b, "\n## %s\n", p.Version)
		if !p.Released {
			b.WriteString("\nNot released yet.\n")
		}
		if p.Summary != "" {
			fmt.Fprintf(&b, "\n%s\n", p.Summary)
		}
		lists := changesIn(rules, p.Version)
		if i == 0 {
			fmt.Fprintf(&b, "\n%d of [the rules](README.md) are in it since the beginning.\n", len(lists[rule.Added]))
			delete(lists, rule.Added)
		}
		for _, part := range []struct {
			effect rule.Effect
			title  string
		}{{rule.Added, "Added"}, {rule.Widened, "Widened: finds more, or it is graver"}, {rule.Narrowed, "Narrowed: finds less, or it is milder"}} {
			if len(lists[part.effect]) > 0 {
				fmt.Fprintf(&b, "\n### %s\n\n%s", part.title, strings.Join(lists[part.effect], ""))
			}
		}
	}
	return b.String()
}

// changesIn lists, by effect, what a version changed about rules.
func changesIn(rules []rule.Definition, version rule.Version) map[rule.Effect][]string {
	lists := map[rule.Effect][]string{}
	for _, d := range rules {
		for _, c := range d.History {
			if c.Version != version {
				continue
			}
			text := c.What
			if c.Effect == rule.Added {
				text = fmt.Sprintf("%s (%s)", d.Title, d.Severity)
			}
			lists[c.Effect] = append(lists[c.Effect], fmt.Sprintf("- [%s](%s.md): %s\n", d.ID, d.ID, text))
		}
	}
	return lists
}
