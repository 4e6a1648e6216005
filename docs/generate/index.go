package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// rulesIndex lists all rules by provider: the controllers, and what holds for several of them.
func rulesIndex(e *engine.Engine, source string) (string, error) {
	titles := map[string]string{}
	for i := range e.Providers().Providers {
		p := &e.Providers().Providers[i]
		titles[p.Name] = p.Title
	}
	var sections, overview strings.Builder
	provider, total := "", map[rule.Severity]int{}
	counts := map[string]map[rule.Severity]int{}
	var order []string
	for _, d := range e.Rules() {
		if name, _, _ := strings.Cut(d.ID, "/"); name != provider {
			provider = name
			order = append(order, name)
			counts[name] = map[rule.Severity]int{}
			fmt.Fprintf(&sections, "\n## %s\n\n| rule | severity | action | fix | what is wrong |\n|---|---|---|---|---|\n", name)
		}
		fixed, err := filepath.Glob(filepath.Join(source, filepath.FromSlash(d.ID), "fixed*.yaml"))
		if err != nil {
			return "", err
		}
		fix := ""
		if len(fixed) > 0 {
			fix = "yes"
		}
		counts[provider][d.Severity]++
		total[d.Severity]++
		fmt.Fprintf(&sections, "| [%s](%s.md) | %s | %s | %s | %s |\n", d.ID, d.ID, d.Severity, defaultAction(d), fix, d.Title)
	}
	fmt.Fprintf(&overview, "# Rules\n\n%d rules, by whom or what they are about. *Action* is what the default profile does, and what another profile does\n"+
		"instead; [the config](../config.md) changes it. *Fix*: `tlsward lint --fix` mends it, or proposes how. The same list with a search:\n"+
		"`tlsward rules --search expired`, `tlsward rules --kind Gateway`; for programs `tlsward rules --output json`.\n"+
		"What versions of the rulebook changed: [CHANGELOG.md](CHANGELOG.md).\n\n", len(e.Rules()))
	overview.WriteString("| about | | error | warning | info |\n|---|---|---|---|---|\n")
	for _, name := range order {
		c := counts[name]
		fmt.Fprintf(&overview, "| [%s](#%s) | %s | %d | %d | %d |\n", name, name, titles[name], c[rule.Error], c[rule.Warning], c[rule.Info])
	}
	fmt.Fprintf(&overview, "| all | | %d | %d | %d |\n", total[rule.Error], total[rule.Warning], total[rule.Info])
	return overview.String() + sections.String(), nil
}

// defaultAction is what is done about a finding where the config says nothing, by profile.
func defaultAction(d rule.Definition) string {
	action := rule.ActionFor(d.Severity).String()
	for _, profile := range kube.SortedKeys(d.Profiles) {
		if profile == "default" {
			action = d.Profiles[profile].String()
		}
	}
	for _, profile := range kube.SortedKeys(d.Profiles) {
		if profile != "default" {
			action += fmt.Sprintf("; %s under %s", d.Profiles[profile], profile)
		}
	}
	return action
}
