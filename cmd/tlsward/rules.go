package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// ruleFlags say which rules are shown, and how.
type ruleFlags struct {
	common
	kind, controller, severity, search string
	output, color                      string
}

func rulesCommand(s streams) *cobra.Command {
	var f ruleFlags
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List the rules, or explain one",
		Long: `List the rules, all of them or those that a glob and flags select; or explain one: what it finds and why that matters,
what its parameters are, and what it reports, what not, and what --fix makes of it.`,
		Example: "  tlsward rules\n  tlsward rules 'ingress-nginx/*' --severity error\n  tlsward rules --kind Gateway --search expired\n  tlsward rules ingress-nginx/client-ca-missing",
		Args:    arguments(0, 1, "one rule or glob"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.run(args, s); err != nil {
				return unjudged(err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	flags.StringVar(&f.kind, "kind", "", "only rules that judge this kind, as Gateway or Gateway.networking.istio.io")
	flags.StringVar(&f.controller, "controller", "", "only rules about this controller")
	flags.StringVar(&f.severity, "severity", "", "only rules of this severity: error, warning or info")
	flags.StringVar(&f.search, "search", "", "only rules in whose id, title or rationale these words stand")
	flags.StringVar(&f.output, "output", "text", "text or json")
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	cmd.AddCommand(newRuleCommand(s))
	cmd.ValidArgsFunction = f.completeRule
	completeWords(cmd, map[string][]string{"severity": severities(), "output": ruleOutputs(), "color": colorWords()})
	f.complete(cmd)
	return cmd
}

func ruleOutputs() []string { return []string{"text", "json"} }

func severities() []string {
	return []string{rule.Error.String(), rule.Warning.String(), rule.Info.String()}
}

func (f *ruleFlags) run(args []string, s streams) error {
	if err := oneOf("--output", f.output, ruleOutputs()); err != nil {
		return err
	}
	if f.severity != "" {
		if err := oneOf("--severity", f.severity, severities()); err != nil {
			return err
		}
	}
	style, err := terminalStyle(s.out, f.color)
	if err != nil {
		return err
	}
	e, err := f.load(nil)
	if err != nil {
		return err
	}
	if f.controller != "" {
		if err := checkController(e, f.controller); err != nil {
			return err
		}
	}
	if f.kind != "" {
		if err := checkKind(e, f.kind); err != nil {
			return err
		}
	}
	rules := e.Rules()
	if len(args) == 1 && !strings.ContainsAny(args[0], "*?[") {
		i := slices.IndexFunc(rules, func(d rule.Definition) bool { return d.ID == args[0] })
		if i < 0 {
			near := ""
			if id := e.Suggest(args[0]); id != "" {
				near = "; did you mean " + id + "?"
			}
			return fmt.Errorf("no rule %s%s", args[0], near)
		}
		if f.output == "json" {
			return writeRules(s.out, rules[i], e.Settings())
		}
		return f.explain(s.out, style, rules[i], e.Settings())
	}
	if len(args) == 1 {
		if err := rule.CheckRules(args[0]); err != nil {
			return err
		}
	}
	selected := e.Settings()
	rules = slices.DeleteFunc(rules, func(d rule.Definition) bool {
		return !selected.Selects(d.ID) || len(args) == 1 && !rule.Match(args[0], d.ID) || !f.shows(d)
	})
	if len(rules) == 0 {
		return errors.New("no such rule")
	}
	if f.output == "json" {
		return writeRules(s.out, rules, e.Settings())
	}
	return listRules(s.out, rules, e.Settings())
}

// checkController refuses the name of a controller that no rulebook describes.
func checkController(e *engine.Engine, name string) error {
	names := controllerNames(e)
	if slices.Contains(names, name) {
		return nil
	}
	if near, ok := kube.Near(name, names); ok {
		return fmt.Errorf("--controller %s: no such controller; did you mean %s?", name, near)
	}
	return fmt.Errorf("--controller %s: no such controller: want one of %s", name, strings.Join(names, ", "))
}

// checkKind refuses the name of a kind that no rulebook describes: the rules for every kind would look like rules about it.
func checkKind(e *engine.Engine, name string) error {
	var names []string
	for _, groupKind := range e.Providers().Described() {
		_, kind := kube.SplitGroupKind(groupKind)
		names = append(names, groupKind, kind)
	}
	for _, d := range e.Rules() {
		for _, groupKind := range d.Kinds {
			_, kind := kube.SplitGroupKind(groupKind)
			names = append(names, groupKind, kind)
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
		return nil
	}
	if near, ok := kube.Near(name, names); ok {
		return fmt.Errorf("--kind %s: no rule is about such objects; did you mean %s?", name, near)
	}
	return fmt.Errorf("--kind %s: no rule is about such objects", name)
}

// controllerNames are those that rulebooks describe, in order.
func controllerNames(e *engine.Engine) []string {
	var names []string
	for _, p := range e.Providers().Providers {
		for _, c := range p.Controllers {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// shows reports whether the flags select a rule.
func (f *ruleFlags) shows(d rule.Definition) bool {
	judges := func(kind string) bool {
		name, _, _ := strings.Cut(kind, ".")
		return kind == "*" || strings.EqualFold(kind, f.kind) || strings.EqualFold(name, f.kind)
	}
	text := strings.ToLower(d.ID + "\n" + d.Title + "\n" + strings.Join(strings.Fields(d.Rationale), " "))
	return (f.kind == "" || slices.ContainsFunc(d.Kinds, judges)) &&
		(f.controller == "" || slices.Contains(d.Controllers, f.controller)) &&
		(f.severity == "" || d.Severity.String() == f.severity) &&
		strings.Contains(text, strings.ToLower(f.search))
}

func listRules(w io.Writer, rules []rule.Definition, settings rule.Settings) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range rules {
		title := cell(d.Title)
		if ahead := settings.Ahead(d, rule.Version{}, ""); !ahead.IsZero() {
			title += " (a note: new in rulebook " + ahead.String() + ")"
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", cell(d.ID), d.Severity, title); err != nil {
			return err
		}
	}
	return table.Flush()
}

// cell is text of a rulebook in a line of a table.
func cell(text string) string { return strings.Join(strings.Fields(report.Lines(text)), " ") }

// ruleDocument is a rule for programs.
type ruleDocument struct {
	ID          string                       `json:"id"`
	Title       string                       `json:"title"`
	Rationale   string                       `json:"rationale"`
	Severity    string                       `json:"severity"`
	Action      string                       `json:"action"`
	Profiles    map[string]string            `json:"profiles,omitempty"`
	Kinds       []string                     `json:"kinds"`
	Controllers []string                     `json:"controllers,omitempty"`
	Doors       []rule.Door                  `json:"doors,omitempty"`
	Default     bool                         `json:"default,omitempty"`
	Parameters  map[string]parameterDocument `json:"parameters,omitempty"`
	References  []referenceDocument          `json:"references,omitempty"`
	Since       string                       `json:"since"`
	History     []changeDocument             `json:"history,omitempty"`
	// NewIn is the version by which all that it finds is new to the config, which pins an older one.
	NewIn string `json:"newIn,omitempty"`
	Docs  string `json:"docs,omitempty"`
}

type changeDocument struct {
	Version string      `json:"version"`
	Effect  rule.Effect `json:"effect"`
	What    string      `json:"what,omitempty"`
}

type parameterDocument struct {
	Description string   `json:"description"`
	Default     any      `json:"default"`
	Values      []string `json:"values,omitempty"`
}

type referenceDocument struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

// writeRules writes one rule, or a list of them.
func writeRules(w io.Writer, rules any, settings rule.Settings) error {
	var document any
	switch rules := rules.(type) {
	case rule.Definition:
		document = documentOf(rules, settings)
	case []rule.Definition:
		list := make([]ruleDocument, len(rules))
		for i, d := range rules {
			list[i] = documentOf(d, settings)
		}
		document = list
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

func documentOf(d rule.Definition, settings rule.Settings) ruleDocument {
	document := ruleDocument{
		ID: d.ID, Title: d.Title, Rationale: d.Rationale, Severity: d.Severity.String(), Action: rule.ActionFor(d.Severity).String(),
		Kinds: d.Kinds, Controllers: d.Controllers, Doors: d.Doors, Default: d.Default, Since: d.Since, Docs: docsURL(d.ID),
	}
	for _, c := range d.History {
		document.History = append(document.History, changeDocument{c.Version.String(), c.Effect, c.What})
	}
	if ahead := settings.Ahead(d, rule.Version{}, ""); !ahead.IsZero() {
		document.NewIn = ahead.String()
	}
	for profile, action := range d.Profiles {
		if document.Profiles == nil {
			document.Profiles = map[string]string{}
		}
		document.Profiles[profile] = action.String()
	}
	for name, p := range d.Parameters {
		if document.Parameters == nil {
			document.Parameters = map[string]parameterDocument{}
		}
		document.Parameters[name] = parameterDocument{p.Description, p.Default, p.Values}
	}
	for _, r := range d.References {
		document.References = append(document.References, referenceDocument{r.Description, r.URL})
	}
	return document
}

// explain writes all that is known of a rule, as its page in docs/rules does.
func (f *ruleFlags) explain(w io.Writer, style report.Style, d rule.Definition, settings rule.Settings) error {
	p := &page{style: style}
	p.heading(d.ID + ": " + cell(d.Title))
	p.WriteByte('\n')
	p.markdown(d.Rationale)
	p.WriteByte('\n')
	line := func(name, value string) {
		if value == "" {
			return
		}
		if name != "" {
			name += ":"
		}
		fmt.Fprintf(&p.Builder, "%-12s %s\n", name, cell(value))
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
	for _, c := range d.History {
		if c.What != "" {
			line(string(c.Effect), "in "+c.Version.String()+": "+c.What)
		}
	}
	if ahead := settings.Ahead(d, rule.Version{}, ""); !ahead.IsZero() {
		line("pinned", fmt.Sprintf("to %s: a note until the config pins %s", d.Pin, ahead))
	}
	if d.Default {
		line("default", "its fix is what the mutating webhook writes")
	}
	for _, name := range kube.SortedKeys(d.Parameters) {
		parameter := d.Parameters[name]
		text := fmt.Sprintf("%s (%v): %s", name, parameter.Default, parameter.Description)
		if len(parameter.Values) > 0 {
			text += " One of " + strings.Join(parameter.Values, ", ") + "."
		}
		line("parameter", text)
	}
	for _, r := range d.References {
		line("see", r.Description+", "+r.URL)
	}
	line("page", docsURL(d.ID))
	for _, scene := range []struct{ file, heading string }{
		{"bad.yaml", "Reported, at the lines marked `# want`"}, {"good.yaml", "Not reported"}, {"fixed.yaml", "After --fix"},
	} {
		if text, ok := f.scene(d.ID, scene.file); ok {
			p.WriteByte('\n')
			p.heading(scene.heading + ":")
			p.WriteByte('\n')
			for line := range strings.Lines(rule.Excerpt(report.Lines(text))) {
				p.WriteString("    " + line)
			}
		}
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// maxScene bounds what is shown of a scene of somebody's rulebook, in bytes: ours are a tenth of it.
const maxScene = 64 << 10

// scene is a rule's example, from the rulebook that the rule is in.
func (f *ruleFlags) scene(id, name string) (string, bool) {
	for _, book := range f.books {
		if _, err := fs.Stat(book.FS, id+"/rule.rego"); err != nil {
			continue
		}
		files := book.FS
		if book.Verified {
			files = policies.Scenes()
		}
		if info, err := fs.Stat(files, id+"/"+name); err != nil || !info.Mode().IsRegular() || info.Size() > maxScene {
			return "", false
		}
		text, err := fs.ReadFile(files, id+"/"+name)
		return string(text), err == nil
	}
	return "", false
}
