package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/test/bench/corpus"
)

// verdict says how right a run was.
type verdict struct {
	judged        bool
	found         int
	missed, wrong []string
	// problems are documents that could not be judged, of which the trees have none, and counts that are not the tree's.
	problems []string
	// differs: two runs did not print the same; byWorkers lists numbers of workers that print something else.
	differs   bool
	byWorkers []int
}

// report is the part of the JSON report that is compared.
type report struct {
	Summary struct {
		Files, Objects, Suppressed int
	}
	Findings []struct {
		Rule, File, Message string
		Line                int
		Object              struct{ Kind, Namespace, Name string }
	}
	Errors []struct {
		File    string
		Line    int
		Message string
	}
	Skipped []struct {
		File, Reason string
		Line         int
	}
}

// compare holds a report against what is wrong with the tree. Synthetic findings are expected only where the synthetic
// rules were given.
func compare(tree *corpus.Tree, s subject, dir string, output []byte) (verdict, error) {
	v := verdict{judged: true}
	var r report
	if err := json.Unmarshal(output, &r); err != nil {
		return v, fmt.Errorf("report: %w", err)
	}
	expected := map[corpus.Want]int{}
	for _, w := range tree.Wants {
		if s.rules > 0 || !strings.HasPrefix(w.Rule, "bench/") {
			expected[w]++
		}
	}
	for _, f := range r.Findings {
		name, err := filepath.Rel(dir, f.File)
		if err != nil {
			name = f.File
		}
		w := corpus.Want{
			Rule: f.Rule, File: filepath.ToSlash(name), Line: f.Line,
			Object: kube.ID{Kind: f.Object.Kind, Namespace: f.Object.Namespace, Name: f.Object.Name}.String(),
		}
		if expected[w] == 0 {
			v.wrong = append(v.wrong, describe(w)+": "+f.Message)
			continue
		}
		expected[w]--
		v.found++
	}
	for w, n := range expected {
		for range n {
			v.missed = append(v.missed, describe(w))
		}
	}
	slices.Sort(v.missed)
	for _, e := range r.Errors {
		v.problems = append(v.problems, fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message))
	}
	for _, e := range r.Skipped {
		v.problems = append(v.problems, fmt.Sprintf("%s:%d: skipped: %s", e.File, e.Line, e.Reason))
	}
	for _, count := range []struct {
		what      string
		got, want int
	}{
		{"files", r.Summary.Files, tree.Count.Files},
		{"objects", r.Summary.Objects, tree.Count.Objects},
		{"suppressed", r.Summary.Suppressed, tree.Count.Suppressed},
	} {
		if count.got != count.want {
			v.problems = append(v.problems, fmt.Sprintf("%d %s reported, the tree has %d", count.got, count.what, count.want))
		}
	}
	return v, nil
}

func describe(w corpus.Want) string {
	return fmt.Sprintf("%s:%d: %s of %s", w.File, w.Line, w.Rule, w.Object)
}

// maxShown bounds the lines printed for each sort of mistake: where one rule is wrong, hundreds are.
const maxShown = 20

// err is nil for a run that was right in everything.
func (v verdict) err(name string) error {
	var errs []error
	list := func(what string, lines []string) {
		for _, line := range lines[:min(len(lines), maxShown)] {
			errs = append(errs, fmt.Errorf("%s: %s: %s", name, what, line))
		}
		if more := len(lines) - maxShown; more > 0 {
			errs = append(errs, fmt.Errorf("%s: %s: %d more", name, what, more))
		}
	}
	list("missed", v.missed)
	list("false", v.wrong)
	list("problem", v.problems)
	if v.differs {
		errs = append(errs, fmt.Errorf("%s: two runs printed different bytes", name))
	}
	if len(v.byWorkers) > 0 {
		errs = append(errs, fmt.Errorf("%s: --workers %v prints different bytes", name, v.byWorkers))
	}
	return errors.Join(errs...)
}

// String is the cell of the table: found/missed/false.
func (v verdict) String() string {
	if !v.judged {
		return "-"
	}
	s := strconv.Itoa(v.found) + "/" + strconv.Itoa(len(v.missed)) + "/" + strconv.Itoa(len(v.wrong))
	if v.differs || len(v.byWorkers) > 0 || len(v.problems) > 0 {
		s += " (!)"
	}
	return s
}
