package engine

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/engine/archive"
	"github.com/tlsward/tlsward/engine/compiled"
	"github.com/tlsward/tlsward/engine/prefilter"
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
	// Pin is the version of which the findings count; what was added or widened since is a note. Zero is the newest.
	Pin rule.Version
	// PinnedAt is the setting that says so, for errors.
	PinnedAt kube.Path
}

// book is a rulebook that has been read.
type book struct {
	Rulebook
	rules     []*loadedRule
	providers []provider.Provider
	// metadata is MetadataFile, until the folders are loaded.
	metadata *archive.Archive
	// library parses lib/; rules ask only for the files that they import.
	library  func() ([]*ast.Module, error)
	libMu    sync.Mutex
	libFiles map[string]func() (*ast.Module, error)
	// filters reads the file of that name, if there is one.
	filters func() (*prefilter.Set, error)
	// compiled reads CompiledFile, if there is one.
	compiled func() (*compiled.Set, error)
	// sources is a hash of lib/, from which the versions of all rules are made.
	sources func() (string, error)

	wholeOnce sync.Once
	whole     *compiledBook
	wholeErr  error
}

// loadedRule is a rule of which the metadata has been read. Its Rego is parsed when a kind that it judges is first seen,
// or at once in a rulebook that is not verified: parsing all of them is half of what a run on one file costs.
type loadedRule struct {
	rule.Definition
	file  string
	text  []byte
	parse func() (*ast.Module, error)

	compile    sync.Once
	compiled   *query
	kept       bool // compiled is made of what CompiledFile has
	compileErr error
	filterOnce sync.Once
	filter     *prefilter.Filter
	filterErr  error
}

// rego is the module of a rule that is known to parse.
func (r *loadedRule) rego() *ast.Module {
	module, err := r.parse()
	if err != nil {
		return &ast.Module{Package: &ast.Package{Path: packageOf(r.ID)}}
	}
	return module
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
	b.library = sync.OnceValues(b.loadLibrary)
	b.filters, b.compiled, b.sources = sync.OnceValues(b.loadFilters), sync.OnceValues(b.loadCompiled), sync.OnceValues(b.hashLibrary)
	var errs []error
	report := func(err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("rulebook %s: %w", rulebook.Name, err))
		}
	}
	if b.Verified {
		var err error
		if b.metadata, err = b.archive(MetadataFile); err != nil {
			return nil, fmt.Errorf("rulebook %s: %w", rulebook.Name, err)
		}
	}
	folders, err := fs.ReadDir(rulebook.FS, ".")
	if err != nil {
		return nil, fmt.Errorf("rulebook %s: %w", rulebook.Name, err)
	}
	folders = slices.DeleteFunc(folders, func(f fs.DirEntry) bool {
		return !f.IsDir() || strings.HasPrefix(f.Name(), ".") || f.Name() == "lib"
	})
	parts := b.loadFolders(folders)
	b.metadata = nil
	for _, part := range parts {
		b.rules = append(b.rules, part.rules...)
		b.providers = append(b.providers, part.providers...)
		for _, err := range part.errs {
			report(err)
		}
	}
	if !b.Verified {
		report(b.parseAll())
		report(b.checkHistory())
	}
	if len(b.rules) > maxRules {
		report(fmt.Errorf("%d rules, want at most %d", len(b.rules), maxRules))
	}
	return b, errors.Join(errs...)
}

// parseAll parses every rule.
func (b *book) parseAll() error {
	_, err := b.library()
	errs := []error{err}
	for _, r := range b.rules {
		_, err = r.parse()
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// libraryFiles lists the Rego that rules share.
func (b *book) libraryFiles() ([]string, error) {
	files, err := fs.Glob(b.FS, "lib/*.rego")
	return slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, testSuffix) }), err
}

func (b *book) loadLibrary() ([]*ast.Module, error) {
	files, err := b.libraryFiles()
	if err != nil {
		return nil, err
	}
	var library []*ast.Module
	for _, file := range files {
		module, err := b.libraryFile(strings.TrimSuffix(path.Base(file), ".rego"))
		if err != nil {
			return nil, err
		}
		library = append(library, module)
	}
	return library, nil
}

// libraryFile parses a file of lib/, once.
func (b *book) libraryFile(name string) (*ast.Module, error) {
	b.libMu.Lock()
	parse := b.libFiles[name]
	if parse == nil {
		parse = sync.OnceValues(func() (*ast.Module, error) { return b.parseLibraryFile(name) })
		if b.libFiles == nil {
			b.libFiles = map[string]func() (*ast.Module, error){}
		}
		b.libFiles[name] = parse
	}
	b.libMu.Unlock()
	return parse()
}

func (b *book) parseLibraryFile(name string) (*ast.Module, error) {
	file := "lib/" + name + ".rego"
	text, err := readBounded(b.FS, file)
	if err != nil {
		return nil, err
	}
	module, err := parseModule(file, text, !b.Verified)
	if err != nil {
		return nil, err
	}
	if want, got := "data.lib."+name, module.Package.Path.String(); got != want {
		return nil, fmt.Errorf("%s: package %s, want %s: a library file's package is its name", file, dotted(got), dotted(want))
	}
	return module, nil
}

// imported are the files of lib/ that a module reaches, in order of their names.
func (b *book) imported(module *ast.Module) ([]*ast.Module, error) {
	reached := map[string]*ast.Module{}
	var reach func(*ast.Module) error
	reach = func(m *ast.Module) (err error) {
		ast.WalkRefs(m, func(ref ast.Ref) bool {
			if len(ref) < 3 || !ref[0].Equal(ast.DefaultRootDocument) || !ref[1].Equal(ast.StringTerm("lib")) {
				return false
			}
			name, _ := ref[2].Value.(ast.String)
			if reached[string(name)] != nil || err != nil {
				return err != nil
			}
			var other *ast.Module
			if other, err = b.libraryFile(string(name)); err == nil {
				reached[string(name)] = other
				err = reach(other)
			}
			return err != nil
		})
		return err
	}
	if err := reach(module); err != nil {
		return nil, err
	}
	var list []*ast.Module
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		list = append(list, reached[name])
	}
	return list, nil
}

// part is what one folder of a rulebook holds.
type part struct {
	rules     []*loadedRule
	providers []provider.Provider
	errs      []error
}

// loadFolders reads folders side by side, by a few goroutines: the stack of each has to grow first, which with one for each file took
// a third of the time.
func (b *book) loadFolders(folders []fs.DirEntry) []part {
	parts := make([]part, len(folders))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(folders)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(folders); i = int(next.Add(1)) - 1 {
				b.loadFolder(folders[i].Name(), &parts[i])
			}
		})
	}
	group.Wait()
	return parts
}

func (b *book) loadFolder(name string, p *part) {
	file := path.Join(name, "provider.yaml")
	if data, err := readBounded(b.FS, file); err == nil {
		read, err := b.provider(name, file, data)
		if err != nil {
			p.errs = append(p.errs, err)
		} else {
			p.providers = append(p.providers, read)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		p.errs = append(p.errs, err)
	}
	files, err := fs.Glob(b.FS, path.Join(name, "*", "rule.rego"))
	if err != nil {
		p.errs = append(p.errs, err)
	}
	for _, file := range files {
		if r, err := b.loadRule(file); err != nil {
			p.errs = append(p.errs, err)
		} else {
			p.rules = append(p.rules, r)
		}
	}
}

func (b *book) loadRule(file string) (*loadedRule, error) {
	text, err := readBounded(b.FS, file)
	if err != nil {
		return nil, err
	}
	id := path.Dir(file)
	a, err := b.annotations(file, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	definition, err := definition(id, a)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &loadedRule{
		Definition: definition, file: file, text: text,
		parse: sync.OnceValues(func() (*ast.Module, error) { return b.parseRule(id, file, text) }),
	}, nil
}

// parseRule parses a rule, whose package must be its folder: nothing adds to another's package.
func (b *book) parseRule(id, file string, text []byte) (*ast.Module, error) {
	module, err := parseModule(file, text, !b.Verified)
	if err != nil {
		return nil, err
	}
	if want := packageOf(id); !module.Package.Path.Equal(want) {
		return nil, fmt.Errorf("%s: package %s, want %s: the folder is the id, and no rule adds to another's package",
			file, dotted(module.Package.Path.String()), dotted(want.String()))
	}
	return module, nil
}

func packageOf(id string) ast.Ref {
	ref := ast.Ref{ast.DefaultRootDocument, ast.StringTerm("policies")}
	for _, part := range strings.Split(id, "/") {
		ref = ref.Append(ast.StringTerm(part))
	}
	return ref
}

// parseModule parses a file of Rego. Its annotations are read into its syntax tree only on demand: the compiler wants them to
// check a rule against schemas that it names, and they are YAML, a tenth of the parser's work.
func parseModule(file string, text []byte, annotated bool) (*ast.Module, error) {
	module, err := ast.ParseModuleWithOpts(file, string(text), ast.ParserOptions{ProcessAnnotation: annotated, RegoVersion: ast.RegoV1})
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

// archive reads a file of that name, if there is one.
func (b *book) archive(name string) (*archive.Archive, error) {
	file, err := b.FS.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return archive.Read(strings.NewReader(""))
	}
	if err != nil {
		return nil, err
	}
	parts, ok := file.(io.ReaderAt) // of what is embedded, which has nothing to close
	if !ok {
		return nil, fmt.Errorf("%s: its file system reads whole files only", name)
	}
	a, err := archive.Read(parts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

func dotted(s string) string { return strings.TrimPrefix(s, "data.") }

// annotations is the METADATA block of a rule, as OPA defines it.
type annotations struct {
	Scope            string `yaml:"scope"`
	Title            string `yaml:"title"`
	Description      string `yaml:"description"`
	RelatedResources []struct {
		Description string `yaml:"description"`
		Ref         string `yaml:"ref"`
	} `yaml:"related_resources"`
	Custom map[string]any `yaml:"custom"`
}

// readAnnotations reads the comment block that opens a rule, without its Rego.
func readAnnotations(text string) (annotations, error) {
	var a annotations
	_, block, ok := strings.Cut("\n"+text, "\n# METADATA\n")
	before, _, _ := strings.Cut(text, "package ")
	if !ok || !strings.Contains(before, "# METADATA\n") {
		return a, errors.New("no METADATA above the package")
	}
	var lines strings.Builder
	for line := range strings.Lines(block) {
		comment, ok := strings.CutPrefix(line, "#")
		if !ok {
			break
		}
		lines.WriteString(strings.TrimPrefix(comment, " "))
	}
	decoder := yaml.NewDecoder(strings.NewReader(lines.String()))
	decoder.KnownFields(true)
	if err := decoder.Decode(&a); err != nil && !errors.Is(err, io.EOF) {
		return a, fmt.Errorf("metadata: %w", err)
	}
	return a, nil
}

// definition reads a rule's metadata, strictly: what it says is said of the product in docs and reports.
func definition(id string, a annotations) (_ rule.Definition, err error) {
	d := rule.Definition{ID: id, Title: a.Title, Rationale: strings.TrimSpace(a.Description), Admission: rule.Judge}
	for _, r := range a.RelatedResources {
		d.References = append(d.References, rule.Reference{Description: r.Description, URL: r.Ref})
	}
	m := metadata{custom: a.Custom}
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
	for _, s := range m.texts("triggers") {
		switch s {
		case "references":
			d.TriggeredByReferences = true
			continue
		case "source":
			d.TriggeredBySource = true
			continue
		}
		pattern, err := kube.ParsePattern(s)
		if err != nil {
			m.fail(fmt.Errorf("custom.triggers: %w", err))
		}
		for i, step := range pattern.Steps() {
			if _, ok := step.(kube.KeyPrefix); ok && i < len(pattern.Steps())-1 {
				m.fail(fmt.Errorf("custom.triggers: %s: want a prefix of keys at the end only", s))
			}
		}
		d.Triggers = append(d.Triggers, pattern)
	}
	switch blamed := m.text("blames", false); blamed {
	case "", "object":
	case "target":
		d.BlamesTarget = true
	default:
		m.fail(fmt.Errorf("custom.blames: %q: want object or target", blamed))
	}
	d.Since = m.text("since", true)
	d.History = m.history(d.Since)
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
		var values []string
		list, enumerated := p["values"].([]any)
		for _, element := range list {
			s, _ := element.(string)
			values = append(values, s)
		}
		if description == "" || p["default"] == nil || len(p) > 3 || len(p) == 3 && !enumerated {
			m.fail(fmt.Errorf("custom.%s.%s: want default and description, and perhaps values", key, name))
		}
		parameters[name] = rule.Parameter{Description: description, Default: plain(p["default"]), Values: values}
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
