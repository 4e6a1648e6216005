// Command generate writes what follows from the rule folders: docs/rules, a page for each and an index, the kinds that the chart's
// webhooks and permissions are made of, and what the prefilter knows of the rules; and the reference of the config from its schema. There is nothing to keep in step by hand.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: generate POLICIES DOCS KINDS")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(source, target, kindsFile string) error {
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		return err
	}
	if err := os.RemoveAll(target); err != nil {
		return err
	}
	for _, d := range e.Rules() {
		page, err := page(d, filepath.Join(source, filepath.FromSlash(d.ID)))
		if err != nil {
			return err
		}
		if err := write(filepath.Join(target, filepath.FromSlash(d.ID)+".md"), page); err != nil {
			return err
		}
	}
	filters, err := e.Filters()
	if err != nil {
		return err
	}
	if err := write(filepath.Join(source, engine.FiltersFile), filters); err != nil {
		return err
	}
	metadata, err := e.Metadata()
	if err != nil {
		return err
	}
	if err := write(filepath.Join(source, engine.MetadataFile), metadata); err != nil {
		return err
	}
	compiled, err := e.Compiled()
	if err != nil {
		return err
	}
	if err := write(filepath.Join(source, engine.CompiledFile), compiled); err != nil {
		return err
	}
	kinds, err := chartKinds(e)
	if err != nil {
		return err
	}
	if err := write(kindsFile, kinds); err != nil {
		return err
	}
	index, err := rulesIndex(e, source)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(target, "README.md"), index); err != nil {
		return err
	}
	versions, err := engine.Versions(policies.FS())
	if err != nil {
		return err
	}
	if err := write(filepath.Join(target, "CHANGELOG.md"), changelog(e.Rules(), versions)); err != nil {
		return err
	}
	reference, err := configPage()
	if err != nil {
		return err
	}
	return write(filepath.Join(target, "..", "config-reference.md"), reference)
}

func write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

func page(d rule.Definition, folder string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n`%s`\n\n%s\n\n", d.Title, d.ID, d.Rationale)
	b.WriteString("| | |\n|---|---|\n")
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, value)
		}
	}
	action := rule.ActionFor(d.Severity).String()
	for _, profile := range kube.SortedKeys(d.Profiles) {
		action += fmt.Sprintf("; %s under profile %s", d.Profiles[profile], profile)
	}
	row("severity", d.Severity.String())
	row("action", action)
	row("kinds", strings.Join(d.Kinds, ", "))
	row("controllers", strings.Join(d.Controllers, ", "))
	if len(d.Doors) > 0 {
		row("doors", fmt.Sprint(d.Doors))
	}
	if d.Default {
		row("default", "its fix is what the mutating webhook writes")
	}
	for _, name := range kube.SortedKeys(d.Parameters) {
		p := d.Parameters[name]
		row("parameter `"+name+"`", fmt.Sprintf("%s Default: %v.", p.Description, p.Default))
	}
	row("since", d.Since)
	for _, c := range d.History {
		if c.Effect != rule.Added {
			row(string(c.Effect)+" in "+c.Version.String(), c.What)
		}
	}
	for _, scene := range []struct{ file, heading string }{
		{"bad.yaml", "Reported"}, {"good.yaml", "Not reported"}, {"fixed.yaml", "After `--fix`"},
	} {
		text, err := os.ReadFile(filepath.Join(folder, scene.file))
		if os.IsNotExist(err) && scene.file == "fixed.yaml" {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n## %s\n\n```yaml\n%s```\n", scene.heading, rule.Excerpt(string(text)))
	}
	if len(d.References) > 0 {
		b.WriteString("\n## See\n\n")
		for _, r := range d.References {
			fmt.Fprintf(&b, "- [%s](%s)\n", r.Description, r.URL)
		}
	}
	return b.String(), nil
}
