package main

import (
	"io/fs"
	"sync"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// reportRun puts a result into the form that reports are written from.
func reportRun(result *lint.Result, fixes *lint.Fixes, rules func() []rule.Definition) report.Run {
	run := report.Run{
		Findings: result.Findings, Suppressed: result.Suppressed,
		Source: result.Source, End: ends(result.End), Docs: docsURL, Rule: definitions(rules), Version: versionText(),
		Replacement: func(f rule.Finding) (report.Replacement, bool) {
			made, ok := result.Replacement(f)
			return report.Replacement(made), ok
		},
	}
	run.Summary.Files, run.Summary.Objects = result.Files, result.Objects
	run.Summary.Suppressed = len(result.Suppressed)
	for _, f := range result.Suppressed {
		if f.Suppression.Kind == rule.ByBaseline {
			run.Summary.Baseline++
		}
	}
	if fixes != nil {
		run.Summary.Fixed = fixes.Count
	}
	for _, p := range result.Problems {
		run.Errors = append(run.Errors, report.Problem{File: p.At.File, Line: p.At.Line, Message: p.Message})
	}
	for _, s := range result.Skipped {
		run.Skipped = append(run.Skipped, report.Skipped{File: s.At.File, Line: s.At.Line, Reason: s.Reason})
	}
	run.Arrange()
	return run
}

// docsURL is the page of a rule of ours; a user's rule has none that we know of.
func docsURL(id string) string {
	if _, err := fs.Stat(policies.FS(), id+"/rule.rego"); err != nil {
		return ""
	}
	return "https://github.com/tlsward/tlsward/blob/main/" + rule.Definition{ID: id}.Docs()
}

// definitions finds a rule by its id.
func definitions(rules func() []rule.Definition) func(string) (rule.Definition, bool) {
	byID := sync.OnceValue(func() map[string]rule.Definition {
		index := map[string]rule.Definition{}
		for _, d := range rules() {
			index[d.ID] = d
		}
		return index
	})
	return func(id string) (rule.Definition, bool) {
		d, ok := byID()[id]
		return d, ok
	}
}

// ends remembers where findings end: every report of a run asks, and to tell it a document is parsed.
func ends(end func(rule.Finding) int) func(rule.Finding) int {
	type place struct {
		at     kube.Position
		object kube.ID
		path   string
	}
	known := map[place]int{}
	return func(f rule.Finding) int {
		key := place{f.At, f.Object, f.Path.String()}
		column, ok := known[key]
		if !ok {
			column = end(f)
			known[key] = column
		}
		return column
	}
}
