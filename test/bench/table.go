package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/tlsward/tlsward/test/bench/corpus"
)

// budget is what docs/performance.md allows, in milliseconds and MiB; 0 is no budget.
type budget struct{ wall, cpu, memory int }

// table is Markdown whose columns are also aligned for reading as text.
type table struct {
	io.Writer
	flush func() error
}

func newTable(out io.Writer) *table {
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	t := &table{w, w.Flush}
	fmt.Fprintln(t.Writer, "| run\t| wall ms\t| CPU ms\t| peak MiB\t| of it anonymous\t| found/missed/false\t|")
	fmt.Fprintln(t.Writer, "|---\t|---\t|---\t|---\t|---\t|---\t|")
	return t
}

func (t *table) row(label string, c cost, v verdict, b budget) {
	mebibytes := func(kib int64) string { return fmt.Sprintf("%.1f", float64(kib)/1024) }
	fmt.Fprintf(t.Writer, "| %s\t| %s\t| %s\t| %s\t| %s\t| %s\t|\n", label,
		beside(milliseconds(c.Wall), b.wall), beside(milliseconds(c.CPU), b.cpu), beside(mebibytes(c.Memory), b.memory), mebibytes(c.Anonymous), v)
}

// beside writes a number with its budget.
func beside(value string, budget int) string {
	if budget == 0 {
		return value
	}
	return fmt.Sprintf("%s (of %d)", value, budget)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
}

// treeCache writes each tree once.
type treeCache struct {
	dir   string
	trees map[corpus.Spec]written
}

type written struct {
	tree *corpus.Tree
	dir  string
}

func (c *treeCache) get(spec corpus.Spec) (*corpus.Tree, string, error) {
	if w, ok := c.trees[spec]; ok {
		return w.tree, w.dir, nil
	}
	tree := corpus.Generate(spec)
	dir := filepath.Join(c.dir, fmt.Sprintf("tree-%d-%d-%.0f", tree.Count.Objects, tree.Count.Files, 100*spec.Relevant))
	if err := tree.Write(dir); err != nil {
		return nil, "", err
	}
	for i := range tree.Files {
		tree.Files[i].Data = nil // it is on disk
	}
	if c.trees == nil {
		c.trees = map[corpus.Spec]written{}
	}
	c.trees[spec] = written{tree, dir}
	return tree, dir, nil
}

// rules writes the synthetic rulebook.
func (c *treeCache) rules(n, broken int) (string, error) {
	dir := filepath.Join(c.dir, fmt.Sprintf("rules-%d", n))
	return dir, corpus.WriteRules(dir, n, broken)
}
