package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/rule"
)

func configCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Explain what the config decides",
		Args:  knownSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(explainCommand(s), digestCommand(s))
	return cmd
}

type explainFlags struct {
	common
	namespace, path, output string
}

func explainCommand(s streams) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain RULE",
		Short: "Say what is done about the findings of a rule, and which line of which file decides it",
		Long: `Say what is done about the findings of a rule on objects of a namespace, and which line of which file decides it: the rule's severity,
the profile, entries of actions, the pin of the rulebook; then its parameters, the exemptions that may excuse something, and whether
comments and annotations count.`,
		Example: "  tlsward config explain gateway-api/backend-ca-missing --namespace shop\n" +
			"  tlsward config explain ingress-nginx/verify-depth-unset --namespace shop --path apps/shop --cluster-name prod",
		Args: arguments(1, 1, "the id of a rule"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.run(args[0], s); err != nil {
				return unjudged(err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	f.registerWorld(flags)
	flags.StringVar(&f.profile, "profile", "", "profile: default, strict or migration; overrides the config's")
	flags.StringVar(&f.namespace, "namespace", "", "namespace of the objects (default: those without one)")
	flags.StringVar(&f.path, "path", ".", "file or folder that would be judged: the config is looked for from there upward")
	flags.StringVar(&f.now, "now", "", "answer as of this time (RFC 3339) or date, instead of the clock")
	flags.StringVarP(&f.output, "output", "o", "text", "text or json")
	cmd.ValidArgsFunction = (&ruleFlags{}).completeRule
	completeWords(cmd, map[string][]string{"output": ruleOutputs(), "profile": profiles()})
	return cmd
}

func (f *explainFlags) run(id string, s streams) error {
	if err := oneOf("--output", f.output, ruleOutputs()); err != nil {
		return err
	}
	if strings.ContainsAny(f.namespace, "*?[/ ") {
		return fmt.Errorf("--namespace %s: want one namespace", f.namespace)
	}
	now, err := f.clock()
	if err != nil {
		return err
	}
	e, err := f.load([]string{f.path})
	if err != nil {
		return err
	}
	rules := e.Rules()
	i := slices.IndexFunc(rules, func(d rule.Definition) bool { return d.ID == id })
	if i < 0 {
		near := ""
		if other := e.Suggest(id); other != "" {
			near = "; did you mean " + other + "?"
		}
		return fmt.Errorf("no rule %s%s", id, near)
	}
	told := f.explain(e, rules[i], now)
	if f.output == "json" {
		encoder := json.NewEncoder(s.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(told)
	}
	return outfile.Buffered(s.out, told.text)
}

// explained is what is done about a rule, and why.
type explained struct {
	Rule      string `json:"rule"`
	Namespace string `json:"namespace"`
	Action    string `json:"action"`
	// Steps are what has to do with the action, each over those before it; the last of them decides.
	Steps      []explainedStep      `json:"steps"`
	Parameters []explainedParameter `json:"parameters"`
	Exemptions []explainedExemption `json:"exemptions"`
	// Suppressible says whether comments and baselines count, Annotations whether annotations do.
	Suppressible bool            `json:"suppressible"`
	Annotations  bool            `json:"annotations"`
	Locks        []explainedLock `json:"locks"`
	Layers       []string        `json:"layers"`
}

type explainedStep struct {
	Action string `json:"action"`
	From   string `json:"from"`
	At     string `json:"at,omitempty"`
}

type explainedParameter struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
	At    string `json:"at,omitempty"`
}

type explainedExemption struct {
	At      string   `json:"at"`
	Objects []string `json:"objects"`
	Until   string   `json:"until,omitempty"`
	Ended   bool     `json:"ended"`
	Reason  string   `json:"reason"`
}

type explainedLock struct {
	Key string `json:"key"`
	At  string `json:"at"`
}

func (f *explainFlags) explain(e *engine.Engine, d rule.Definition, now time.Time) explained {
	settings := e.Settings()
	action, _ := settings.Action(d, d.Severity, f.namespace, now)
	out := explained{
		Rule: d.ID, Namespace: f.namespace, Action: action.String(), Steps: f.steps(d, settings, now),
		Parameters: []explainedParameter{}, Exemptions: []explainedExemption{}, Locks: []explainedLock{},
		Suppressible: !settings.Mandatory(d, f.namespace), Layers: f.loaded.Layers(),
	}
	out.Annotations = out.Suppressible && settings.AnnotationExemptions
	for _, name := range kube.SortedKeys(d.Parameters) {
		p := explainedParameter{Name: name, Value: d.Parameters[name].Default}
		if value, set := settings.Parameters[d.ID][name]; set {
			p.Value, p.At = value, f.at(kube.Path{"parameters", d.ID, name})
		}
		out.Parameters = append(out.Parameters, p)
	}
	for i, x := range settings.Exemptions {
		if !slices.ContainsFunc(x.Rules, func(glob string) bool { return rule.Match(glob, d.ID) }) || !f.mayExcuse(x.Objects) {
			continue
		}
		told := explainedExemption{At: f.at(kube.Path{"exemptions", i}), Objects: x.Objects, Reason: x.Reason}
		if !x.Until.IsZero() {
			told.Until, told.Ended = x.Until.UTC().Format(time.RFC3339), now.After(x.Until)
		}
		out.Exemptions = append(out.Exemptions, told)
	}
	for _, l := range f.loaded.Locks() {
		out.Locks = append(out.Locks, explainedLock{l.Key, place(l.At.File, l.At.Line)})
	}
	return out
}

// mayExcuse reports whether some of the objects may be of the namespace.
func (f *explainFlags) mayExcuse(objects []string) bool {
	return slices.ContainsFunc(objects, func(glob string) bool {
		_, rest, _ := strings.Cut(glob, " ")
		namespace, _, namespaced := strings.Cut(rest, "/")
		return !namespaced || rule.Match(namespace, f.namespace)
	})
}

func (f *explainFlags) steps(d rule.Definition, settings rule.Settings, now time.Time) []explainedStep {
	steps := []explainedStep{{Action: rule.ActionFor(d.Severity).String(), From: "the rule's severity, " + d.Severity.String()}}
	profile := settings.Profile
	if profile == "" {
		profile = "default"
	}
	if action, ok := d.Profiles[profile]; ok {
		step := explainedStep{Action: action.String(), From: "profile " + profile}
		switch {
		case f.profile != "":
			step.At = "--profile"
		case f.loaded.Has(kube.Path{"profile"}):
			step.At = f.at(kube.Path{"profile"})
		}
		steps = append(steps, step)
	}
	for _, i := range settings.Matching(d, f.namespace) {
		a := settings.Actions[i]
		step := explainedStep{Action: a.Action.String(), From: "rules " + strings.Join(a.Rules, ", "), At: f.at(kube.Path{"actions", i})}
		if len(a.Namespaces) > 0 {
			step.From += " in " + strings.Join(a.Namespaces, ", ")
		}
		if now.Before(a.EnforceFrom) {
			step.Action = rule.Warn.String()
			step.From += ", deny from " + a.EnforceFrom.UTC().Format(time.RFC3339)
		}
		steps = append(steps, step)
	}
	if ahead := settings.Ahead(d, rule.Version{}, f.namespace); !ahead.IsZero() {
		action, _ := settings.Action(d, d.Severity, f.namespace, now)
		step := explainedStep{Action: action.String(), From: fmt.Sprintf("new in rulebook %s, %s is pinned", ahead, d.Pin)}
		for _, book := range f.books {
			if book.Pin == d.Pin && book.PinnedAt != nil && f.loaded.Has(book.PinnedAt[:min(2, len(book.PinnedAt))]) {
				step.At = f.at(book.PinnedAt)
			}
		}
		steps = append(steps, step)
	}
	return steps
}

// at is the file and line of a field of the config.
func (f *explainFlags) at(field kube.Path) string {
	where := f.loaded.Locate(field)
	return place(where.File, where.Line)
}

func (x explained) text(w io.Writer) error {
	where := "on objects without a namespace"
	if x.Namespace != "" {
		where = "in namespace " + x.Namespace
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n\n", x.Rule, where, x.Action)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	var errs []error
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		_, err := fmt.Fprintln(table, strings.TrimRight("  "+strings.Join(cells, "\t"), "\t"))
		errs = append(errs, err)
	}
	for i, step := range x.Steps {
		mark := " "
		if i == len(x.Steps)-1 {
			mark = ">"
		}
		_, err := fmt.Fprintf(table, "%s %s\t%s\t%s\n", mark, step.Action, cell(step.From), cell(step.At))
		errs = append(errs, err)
	}
	errs = append(errs, table.Flush())
	heading := func(text string) { b.WriteString("\n" + text + "\n") }
	if len(x.Parameters) > 0 {
		heading("parameters:")
		for _, p := range x.Parameters {
			at := p.At
			if at == "" {
				at = "the rule's default"
			}
			row(p.Name, fmt.Sprint(p.Value), at)
		}
		errs = append(errs, table.Flush())
	}
	if len(x.Exemptions) > 0 {
		heading("exemptions that may excuse something here:")
		for _, e := range x.Exemptions {
			until := ""
			switch {
			case e.Ended:
				until = "ended " + e.Until
			case e.Until != "":
				until = "until " + e.Until
			}
			row(strings.Join(e.Objects, ", "), e.Reason, until, e.At)
		}
		errs = append(errs, table.Flush())
	}
	switch {
	case !x.Suppressible:
		heading("comments, annotations and baselines do not count")
	case x.Annotations:
		heading("comments, annotations and baselines count")
	default:
		heading("comments and baselines count, annotations do not: annotationExemptions is not set")
	}
	for _, l := range x.Locks {
		fmt.Fprintf(&b, "%s is locked at %s\n", l.Key, cell(l.At))
	}
	if len(x.Layers) > 0 {
		heading("config, each over those before it:")
		for _, name := range x.Layers {
			row(name)
		}
		errs = append(errs, table.Flush())
	}
	for line := range strings.Lines(b.String()) {
		_, err := fmt.Fprintln(w, strings.TrimRight(line, " \n"))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
