package main

import (
	"cmp"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/migrate"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// migration proves what is written: it is read beside the source, as a user would apply it.
type migration struct {
	flags   *migrateFlags
	args    []string
	streams streams
	dir     string
	beside  besideFiles
	// texts are what was proved last, as migrateFlags.texts has them.
	texts map[string][]byte
	// after is what was read last.
	after *side
}

// standardOutput is where manifests stand that go to no file.
const standardOutput = "(standard output)"

// shown is how whoever asked would name a file that is proved.
func (m *migration) shown(file string) string {
	switch {
	case filepath.Dir(file) != m.dir:
		return file
	case m.flags.folder():
		return filepath.Join(m.flags.output, filepath.Base(file))
	case m.flags.output == "" || m.flags.output == "-":
		return standardOutput
	default:
		return m.flags.output
	}
}

// read is the inverse of shown.
func (m *migration) read(shown string) string {
	for _, file := range m.beside.files {
		if m.shown(file) == shown {
			return file
		}
	}
	return shown
}

// put writes the documents as they will be written, into a folder of their own.
func (m *migration) put(documents []migrate.Document) error {
	for _, file := range m.beside.files {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	m.beside.files = nil
	var err error
	if m.texts, err = m.flags.texts(documents); err != nil {
		return err
	}
	for _, name := range kube.SortedKeys(m.texts) {
		file := filepath.Join(m.dir, filepath.Base(cmp.Or(name, "migrated.yaml")))
		if err := os.WriteFile(file, m.texts[name], 0o600); err != nil {
			return err
		}
		m.beside.files = append(m.beside.files, file)
	}
	return nil
}

func (m *migration) rows(ctx context.Context, documents []migrate.Document) ([]effective.Row, error) {
	if err := m.put(documents); err != nil {
		return nil, err
	}
	reader := m.flags.effectiveFlags
	known := *m.flags.loaded
	m.flags.tell(&known.Controllers)
	known.Environments = slices.Clone(known.Environments)
	for i := range known.Environments {
		m.flags.tell(&known.Environments[i].Controllers)
	}
	reader.beside = m.beside
	var err error
	if m.after, err = reader.read(ctx, source{paths: m.args, config: &known}, m.streams); err != nil {
		return nil, err
	}
	var rows []effective.Row
	for i := range m.after.trees {
		rows = append(rows, m.after.trees[i].rows...)
	}
	return rows, nil
}

// tell has a config say whose the class is.
func (f *migrateFlags) tell(c *config.Controllers) {
	classes := maps.Clone(c.Classes)
	if classes == nil {
		classes = map[string]string{}
	}
	classes[f.to.Class] = f.to.Controller
	c.Classes = classes
	if len(c.Only) > 0 && !slices.Contains(c.Only, f.to.Controller) {
		c.Only = append(slices.Clip(c.Only), f.to.Controller)
	}
}

// lint judges what is written.
func (m *migration) lint(ctx context.Context, documents int) (report.Run, error) {
	options := m.after.options
	options.Exemptions = nil // those of the source are none of what is written
	result, _, err := m.flags.judge(ctx, m.after.paths, m.after.environments, options)
	if err != nil {
		return report.Run{}, err
	}
	own := func(f rule.Finding) bool { return slices.Contains(m.beside.files, f.At.File) }
	result.Findings = slices.DeleteFunc(result.Findings, func(f rule.Finding) bool { return !own(f) })
	result.Suppressed, result.Problems, result.Skipped = nil, nil, nil
	result.SetEnds()
	run := reportRun(result, nil, m.after.engine.Rules)
	text := run.Source
	run.Source = func(file string, line int) (string, bool) {
		return text(m.read(file), line)
	}
	run.Replacement = nil
	for i := range run.Findings {
		run.Findings[i].At.File = m.shown(run.Findings[i].At.File)
		run.Findings[i].Fix = nil // it is for the file that is written
		for j := range run.Findings[i].Related {
			at := &run.Findings[i].Related[j].At
			at.File = m.shown(at.File)
		}
	}
	run.Summary.Files, run.Summary.Objects = len(m.beside.files), documents
	return run, nil
}

// report puts all together.
func (m *migration) report(from *tree, result *migrate.Result, run report.Run) report.Migration {
	locate := func(by *effective.Source) {
		by.At = from.Locate(by.Object, by.Path)
		if by.At.File == "" {
			for i := range m.after.trees {
				if by.At = m.after.trees[i].Locate(by.Object, by.Path); by.At.File != "" {
					break
				}
			}
		}
		by.At.File = m.shown(by.At.File)
	}
	groups := [...]report.MigrationGroup{
		migrate.LeftOut: {Title: "left out", Grave: true}, migrate.Dropped: {Title: "not carried over", Grave: true},
		migrate.Changed: {Title: "changed"}, migrate.Step: {Title: "to do"},
	}
	type about struct {
		kind       migrate.Kind
		object     kube.ID
		field, why string
	}
	known := map[about]int{}
	for _, r := range result.Remarks {
		list := &groups[r.Kind].Remarks
		key := about{kind: r.Kind, object: r.Source.Object, field: r.Source.Path.String(), why: r.Why}
		if same, ok := known[key]; ok && !r.All {
			(*list)[same].Hosts = append((*list)[same].Hosts, r.Host)
			continue
		}
		known[key] = len(*list)
		remark := report.MigrationRemark{Field: r.Source, Why: r.Why}
		if !r.All {
			remark.Hosts = []string{r.Host}
		}
		if remark.Field.Object.Kind != "" {
			locate(&remark.Field)
		}
		*list = append(*list, remark)
	}
	for i := range result.Difference.Changes {
		for _, row := range []*effective.Row{result.Difference.Changes[i].Before, result.Difference.Changes[i].After} {
			placeRow(row, locate)
		}
	}
	return report.Migration{
		Groups: groups[:], Lint: run, Written: len(result.Written), LeftOut: len(result.LeftOut), Objects: len(result.Documents),
		To: "GatewayClass " + m.flags.to.Class,
		Diff: report.EffectiveDiff{
			Base: "the Ingresses", Head: "what is written", Trees: []report.EffectiveDiffTree{{Difference: result.Difference}},
		},
	}
}

// placeRow says where the fields stand that decided a row's answers.
func placeRow(row *effective.Row, locate func(*effective.Source)) {
	if row == nil {
		return
	}
	for a, v := range row.Answers() {
		v := *v // rows share answers
		v.By = slices.Clone(v.By)
		for i := range v.By {
			locate(&v.By[i])
		}
		v.Conditions = slices.Clone(v.Conditions)
		for i := range v.Conditions {
			locate(&v.Conditions[i].Source)
		}
		row.Set(a, v)
	}
}
