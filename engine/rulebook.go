package engine

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// Rulebook is a folder of rules: <provider>/<rule>/rule.rego, <provider>/provider.yaml, and lib/ for Rego they share.
type Rulebook struct {
	// Name tells rulebooks apart in errors.
	Name string
	FS   fs.FS
	// Verified marks a rulebook whose own tests include Check: it is compiled only for the kinds that are seen, and not
	// held against the schema again on every start.
	Verified bool
}

// book is a rulebook that has been read.
type book struct {
	Rulebook
	rules     []*loadedRule
	library   []*ast.Module
	providers []provider.Provider
}

type loadedRule struct {
	rule.Definition
	module *ast.Module
}

// Bounds on a rulebook, which may be a user's: a rule is a page of text, and a rulebook a few hundred of them. More is a
// mistaken path.
const (
	maxRuleBytes = 256 << 10
	maxRules     = 5000
)

// load reads a rulebook and reports every defect of every file.
func load(rulebook Rulebook) (*book, error) {
	b := &book{Rulebook: rulebook}
	var errs []error
	report := func(err error) { errs = append(errs, fmt.Errorf("rulebook %s: %w", rulebook.Name, err)) }
	folders, err := fs.ReadDir(rulebook.FS, ".")
	if err != nil {
		return nil, fmt.Errorf("rulebook %s: %w", rulebook.Name, err)
	}
	for _, folder := range folders {
		if !folder.IsDir() || strings.HasPrefix(folder.Name(), ".") {
			continue
		}
		if folder.Name() == "lib" {
			if err := b.loadLibrary(); err != nil {
				report(err)
			}
			continue
		}
		for _, err := range b.loadProvider(folder.Name()) {
			report(err)
		}
	}
	if len(b.rules) > maxRules {
		report(fmt.Errorf("%d rules, want at most %d", len(b.rules), maxRules))
	}
	return b, errors.Join(errs...)
}

func (b *book) loadLibrary() error {
	files, err := fs.Glob(b.FS, "lib/*.rego")
	if err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.rego") {
			continue
		}
		module, err := b.parse(file)
		if err != nil {
			return err
		}
		want := "data.lib." + strings.TrimSuffix(path.Base(file), ".rego")
		if got := module.Package.Path.String(); got != want {
			return fmt.Errorf("%s: package %s, want %s: a library file's package is its name", file, dotted(got), dotted(want))
		}
		b.library = append(b.library, module)
	}
	return nil
}

func (b *book) loadProvider(name string) (errs []error) {
	file := path.Join(name, "provider.yaml")
	if data, err := readBounded(b.FS, file); err == nil {
		p, err := provider.Parse(name, data)
		if err != nil {
			errs = append(errs, err)
		} else {
			b.providers = append(b.providers, p)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	files, err := fs.Glob(b.FS, path.Join(name, "*", "rule.rego"))
	if err != nil {
		return append(errs, err)
	}
	for _, file := range files {
		loaded, err := b.loadRule(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		b.rules = append(b.rules, loaded)
	}
	return errs
}

func (b *book) loadRule(file string) (*loadedRule, error) {
	module, err := b.parse(file)
	if err != nil {
		return nil, err
	}
	id := path.Dir(file)
	want := ast.Ref{ast.DefaultRootDocument, ast.StringTerm("policies")}
	for _, part := range strings.Split(id, "/") {
		want = want.Append(ast.StringTerm(part))
	}
	if !module.Package.Path.Equal(want) {
		return nil, fmt.Errorf("%s: package %s, want %s: the folder is the id, and no rule adds to another's package",
			file, dotted(module.Package.Path.String()), dotted(want.String()))
	}
	definition, err := definition(id, module)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &loadedRule{Definition: definition, module: module}, nil
}

func (b *book) parse(file string) (*ast.Module, error) {
	data, err := readBounded(b.FS, file)
	if err != nil {
		return nil, err
	}
	module, err := ast.ParseModuleWithOpts(file, string(data), ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if module == nil {
		return nil, fmt.Errorf("%s: empty", file)
	}
	return module, nil
}

func readBounded(fsys fs.FS, file string) ([]byte, error) {
	info, err := fs.Stat(fsys, file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxRuleBytes {
		return nil, fmt.Errorf("%s: %d bytes, want at most %d", file, info.Size(), maxRuleBytes)
	}
	return fs.ReadFile(fsys, file)
}

func dotted(s string) string { return strings.TrimPrefix(s, "data.") }

// definition reads a rule's metadata, strictly: what it says is said of the product in docs and reports.
func definition(id string, module *ast.Module) (rule.Definition, error) {
	i := slices.IndexFunc(module.Annotations, func(a *ast.Annotations) bool { return a.Scope == "package" })
	if i < 0 {
		return rule.Definition{}, errors.New("no METADATA above the package")
	}
	a := module.Annotations[i]
	d := rule.Definition{ID: id, Title: a.Title, Rationale: strings.TrimSpace(a.Description), Admission: rule.Judge}
	for _, r := range a.RelatedResources {
		d.References = append(d.References, rule.Reference{Description: r.Description, URL: r.Ref.String()})
	}
	m := metadata{custom: a.Custom}
	var err error
	if d.Severity, err = rule.ParseSeverity(m.text("severity", true)); err != nil {
		m.fail(err)
	}
	d.Kinds = m.texts("kinds")
	d.Controllers = m.texts("controllers")
	for _, s := range m.texts("doors") {
		door := rule.Door(s)
		if !slices.Contains([]rule.Door{rule.DoorAdmission, rule.DoorLint, rule.DoorAudit}, door) {
			m.fail(fmt.Errorf("door %q: want admission, lint or audit", s))
		}
		d.Doors = append(d.Doors, door)
	}
	if s := m.text("admission", false); s != "" {
		d.Admission = rule.Reach(s)
		if !slices.Contains([]rule.Reach{rule.Judge, rule.Guard, rule.None}, d.Admission) {
			m.fail(fmt.Errorf("admission %q: want judge, guard or none", s))
		}
	}
	d.Since = m.text("since", true)
	d.Default, d.Unknown = m.flag("default"), m.flag("unknown")
	d.Profiles = m.actions("profiles")
	d.Parameters = m.parameters("parameters")
	m.unknownKeys()
	if d.Title == "" {
		m.fail(errors.New("no title"))
	}
	if d.Rationale == "" {
		m.fail(errors.New("no description"))
	}
	if len(d.Kinds) == 0 {
		m.fail(errors.New("no kinds"))
	}
	if len(m.errs) > 0 {
		return rule.Definition{}, fmt.Errorf("metadata: %w", errors.Join(m.errs...))
	}
	return d, nil
}

// metadata reads the custom part of METADATA and notices what nobody asked for.
type metadata struct {
	custom map[string]any
	asked  []string
	errs   []error
}

func (m *metadata) fail(err error) { m.errs = append(m.errs, err) }

func (m *metadata) value(key string) any {
	m.asked = append(m.asked, key)
	return m.custom[key]
}

func (m *metadata) text(key string, required bool) string {
	switch v := m.value(key).(type) {
	case string:
		return v
	case nil:
		if required {
			m.fail(fmt.Errorf("custom.%s: missing", key))
		}
	default:
		m.fail(fmt.Errorf("custom.%s: want a string, got %T", key, v))
	}
	return ""
}

func (m *metadata) flag(key string) bool {
	switch v := m.value(key).(type) {
	case bool:
		return v
	case nil:
	default:
		m.fail(fmt.Errorf("custom.%s: want true or false, got %T", key, v))
	}
	return false
}

func (m *metadata) texts(key string) []string {
	value := m.value(key)
	if value == nil {
		return nil
	}
	list, _ := value.([]any)
	out := make([]string, 0, len(list))
	for _, element := range list {
		if s, ok := element.(string); ok {
			out = append(out, s)
		}
	}
	if len(out) != len(list) || len(list) == 0 {
		m.fail(fmt.Errorf("custom.%s: want a list of strings", key))
	}
	return out
}

func (m *metadata) actions(key string) map[string]rule.Action {
	value := m.value(key)
	if value == nil {
		return nil
	}
	fields, ok := value.(map[string]any)
	if !ok {
		m.fail(fmt.Errorf("custom.%s: want profile: action", key))
	}
	actions := make(map[string]rule.Action, len(fields))
	for _, profile := range kube.SortedKeys(fields) {
		s, _ := fields[profile].(string)
		action, err := rule.ParseAction(s)
		if err != nil {
			m.fail(fmt.Errorf("custom.%s.%s: %w", key, profile, err))
		}
		actions[profile] = action
	}
	return actions
}

func (m *metadata) parameters(key string) map[string]rule.Parameter {
	value := m.value(key)
	if value == nil {
		return nil
	}
	fields, ok := value.(map[string]any)
	if !ok {
		m.fail(fmt.Errorf("custom.%s: want name: {default, description}", key))
	}
	parameters := make(map[string]rule.Parameter, len(fields))
	for _, name := range kube.SortedKeys(fields) {
		p, _ := fields[name].(map[string]any)
		description, _ := p["description"].(string)
		if description == "" || p["default"] == nil || len(p) != 2 {
			m.fail(fmt.Errorf("custom.%s.%s: want default and description", key, name))
		}
		parameters[name] = rule.Parameter{Description: description, Default: p["default"]}
	}
	return parameters
}

func (m *metadata) unknownKeys() {
	for _, key := range kube.SortedKeys(m.custom) {
		if !slices.Contains(m.asked, key) {
			m.fail(fmt.Errorf("custom.%s: unknown key", key))
		}
	}
}

func sortRules(rules []*loadedRule) {
	slices.SortFunc(rules, func(a, b *loadedRule) int { return cmp.Compare(a.ID, b.ID) })
}
