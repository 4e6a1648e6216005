package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

func rulesCommand(s streams) *cobra.Command {
	var f common
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List the rules, or explain one",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := f.load(nil)
			if err != nil {
				return unjudged(err)
			}
			rules := e.Rules()
			if len(args) == 0 {
				return listRules(s.out, rules)
			}
			i := slices.IndexFunc(rules, func(d rule.Definition) bool { return d.ID == args[0] })
			if i < 0 {
				near := ""
				if id := e.Suggest(args[0]); id != "" {
					near = "; did you mean " + id + "?"
				}
				return unjudged(fmt.Errorf("no rule %s%s", args[0], near))
			}
			return explainRule(s.out, rules[i])
		},
	}
	f.register(cmd.Flags())
	return cmd
}

func listRules(w io.Writer, rules []rule.Definition) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range rules {
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", d.ID, d.Severity, d.Title); err != nil {
			return err
		}
	}
	return table.Flush()
}

func explainRule(w io.Writer, d rule.Definition) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n\n", d.ID, d.Title, d.Rationale)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name+":", value)
		}
	}
	line("severity", d.Severity.String())
	line("action", rule.ActionFor(d.Severity).String())
	for _, profile := range kube.SortedKeys(d.Profiles) {
		line("", fmt.Sprintf("%s under profile %s", d.Profiles[profile], profile))
	}
	line("kinds", strings.Join(d.Kinds, ", "))
	line("controllers", strings.Join(d.Controllers, ", "))
	doors := make([]string, len(d.Doors))
	for i, door := range d.Doors {
		doors[i] = string(door)
	}
	line("doors", strings.Join(doors, ", "))
	line("since", d.Since)
	if d.Default {
		line("default", "its fix is what the mutating webhook writes")
	}
	for _, name := range kube.SortedKeys(d.Parameters) {
		line("parameter", fmt.Sprintf("%s (%v): %s", name, d.Parameters[name].Default, d.Parameters[name].Description))
	}
	for _, r := range d.References {
		line("see", r.Description+", "+r.URL)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
