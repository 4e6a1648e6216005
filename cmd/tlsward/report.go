package main

import (
	"errors"
	"io"
	"io/fs"
	"slices"
	"sync"

	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// reports are those of a run: each goes to its file, or to out in a style.
type reports struct {
	outputs []output
	out     io.Writer
	style   report.Style
	workers int // as lint.Options has it
	// sections, if set, makes what follows the findings in HTML: while other reports are written.
	sections func() ([]report.Section, error)
}

// write writes all of them at once, unless there is to be one worker.
func (w reports) write(result *lint.Result, fixes *lint.Fixes, rules func() []rule.Definition) (report.Run, error) {
	if slices.ContainsFunc(w.outputs, func(o output) bool { return o.format.Fingerprints }) {
		result.SetFingerprints()
	}
	result.SetEnds()
	run := reportRun(result, fixes, rules)
	errs := make([]error, len(w.outputs)) // one full disk loses no other report
	var wait sync.WaitGroup
	for i, o := range w.outputs {
		write := func() {
			own := run
			if o.format.Sections && w.sections != nil {
				if own.Sections, errs[i] = w.sections(); errs[i] != nil {
					return
				}
			}
			errs[i] = o.write(w.out, own, w.style)
		}
		if w.workers == 1 {
			write()
			continue
		}
		wait.Go(write)
	}
	wait.Wait()
	return run, errors.Join(errs...)
}

// reportRun puts a result into the form that reports are written from.
func reportRun(result *lint.Result, fixes *lint.Fixes, rules func() []rule.Definition) report.Run {
	run := report.Run{
		Findings: result.Findings, Suppressed: result.Suppressed,
		Source: result.Source, Docs: pages(result.Findings), Rule: definitions(rules), Version: versionText(),
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
		run.Summary.Fixed, run.Unwritten = fixes.Count, !fixes.Written
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

// pages is docsURL, which looks into the rulebook, with the pages of what was found at hand.
func pages(findings []rule.Finding) func(id string) string {
	known := map[string]string{}
	for i := range findings {
		id := findings[i].Rule
		if _, ok := known[id]; !ok {
			known[id] = docsURL(id)
		}
	}
	return func(id string) string {
		if page, ok := known[id]; ok {
			return page
		}
		return docsURL(id)
	}
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
