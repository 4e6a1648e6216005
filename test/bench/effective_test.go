package main

import (
	"fmt"
	"testing"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/test/bench/corpus"
)

// BenchmarkEffective is what `tlsward effective` does of a tree but for printing it; of half a tree it takes half the time.
func BenchmarkEffective(b *testing.B) {
	half := corpus.Large
	half.Objects, half.Files = half.Objects/2, half.Files/2
	for _, spec := range []corpus.Spec{half, corpus.Large} {
		tree, dir := corpus.Generate(spec), b.TempDir()
		if err := tree.Write(dir); err != nil {
			b.Fatal(err)
		}
		e, err := newEngine(tree, "")
		if err != nil {
			b.Fatal(err)
		}
		o, models := lintOptions(tree, dir, e), effective.Models()
		trees := func() []lint.Tree {
			trees, _, err := lint.Trees(b.Context(), []string{dir}, e, effective.Kinds(models), o)
			if err != nil {
				b.Fatal(err)
			}
			return trees
		}
		rows := func(trees []lint.Tree) (rows []effective.Row) {
			for _, t := range trees {
				rows = append(rows, effective.Rows(t.Tree, models)...)
			}
			return rows
		}
		b.Run(fmt.Sprintf("all/%d", spec.Objects), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(rows(trees())) == 0 {
					b.Fatal("no rows")
				}
			}
		})
		read := trees()
		b.Run(fmt.Sprintf("rows/%d", spec.Objects), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rows(read)
			}
		})
		answers := rows(read)
		b.Run(fmt.Sprintf("compare/%d", spec.Objects), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				effective.Compare(answers, answers, nil)
			}
		})
	}
}
