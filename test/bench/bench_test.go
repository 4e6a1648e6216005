package main

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/test/bench/corpus"
)

// requests are what a run over a tree reviews, with the inventory of the whole tree behind each.
func requests(tb testing.TB, spec corpus.Spec, only ...string) (*engine.Engine, []engine.Request) {
	tb.Helper()
	tree, dir := corpus.Generate(spec), tb.TempDir()
	if err := tree.Write(dir); err != nil {
		tb.Fatal(err)
	}
	e, err := newEngine(tree, "", only...)
	if err != nil {
		tb.Fatal(err)
	}
	list, problems, err := lint.Requests(tb.Context(), []string{dir}, lintOptions(tree, dir, e))
	if err != nil || len(problems) > 0 {
		tb.Fatal(err, problems)
	}
	return e, list
}

// byKind groups requests; each group is what the large tree holds of a kind, the faulty with the good.
func byKind(list []engine.Request) (kinds []string, groups map[string][]engine.Request) {
	groups = map[string][]engine.Request{}
	for _, r := range list {
		kind := r.Object.ID.Kind
		if groups[kind] == nil {
			kinds = append(kinds, kind)
		}
		groups[kind] = append(groups[kind], r)
	}
	slices.Sort(kinds)
	return kinds, groups
}

// BenchmarkReview is the cost of a verdict on one object, by kind, an inventory of 10,000 objects behind it.
func BenchmarkReview(b *testing.B) {
	e, list := requests(b, corpus.Large)
	kinds, groups := byKind(list)
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			group := groups[kind]
			if _, err := e.Review(b.Context(), group[0]); err != nil { // compiles the rules of the kind
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := e.Review(context.Background(), group[i%len(group)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRule is BenchmarkReview over Ingresses with one rule alone; what all of them have in common is the price of
// the facts and of handing them over.
func BenchmarkRule(b *testing.B) {
	all, _ := requests(b, corpus.One)
	for _, definition := range all.Rules() {
		if !slices.Contains(definition.Kinds, "*") && !slices.Contains(definition.Kinds, "Ingress.networking.k8s.io") {
			continue
		}
		b.Run(definition.ID, func(b *testing.B) {
			e, list := requests(b, corpus.Large, definition.ID)
			_, groups := byKind(list)
			group := groups["Ingress"]
			if _, err := e.Review(b.Context(), group[0]); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := e.Review(context.Background(), group[i%len(group)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGather is the part of it that makes the facts.
func BenchmarkGather(b *testing.B) {
	e, list := requests(b, corpus.Large)
	kinds, groups := byKind(list)
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			group := groups[kind]
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				e.Facts(group[i%len(group)])
			}
		})
	}
}

// BenchmarkLint is a run over the small tree with rules that are compiled already.
func BenchmarkLint(b *testing.B) {
	tree, dir := corpus.Generate(corpus.Small), b.TempDir()
	if err := tree.Write(dir); err != nil {
		b.Fatal(err)
	}
	e, err := newEngine(tree, "")
	if err != nil {
		b.Fatal(err)
	}
	o := lintOptions(tree, dir, e)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := lint.Run(context.Background(), []string{dir}, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is what a run pays before it reads its first file.
func BenchmarkStart(b *testing.B) {
	tree := &corpus.Tree{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := newEngine(tree, ""); err != nil {
			b.Fatal(err)
		}
	}
}

// The corpus knows of itself which of its kinds are decoded; the shares it is made of rest on that.
func TestRelevantKinds(t *testing.T) {
	e, err := newEngine(&corpus.Tree{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range corpus.RelevantKinds() {
		if !e.Providers().IsRelevant(kind) {
			t.Errorf("%s: the corpus counts it as relevant, the rulebook does not", kind)
		}
	}
	for _, kind := range []string{"Deployment.apps", "ServiceAccount", "NetworkPolicy.networking.k8s.io", "CronJob.batch"} {
		if e.Providers().IsRelevant(kind) {
			t.Errorf("%s: filler of the corpus, yet relevant to the rulebook", kind)
		}
	}
}

// A comparison that cannot fail proves nothing.
func TestCompare(t *testing.T) {
	tree := &corpus.Tree{
		Wants: []corpus.Want{
			{Rule: "a/b", File: "x.yaml", Line: 3, Object: "Ingress shop/web"},
			{Rule: "a/c", File: "x.yaml", Line: 4, Object: "Ingress shop/web"},
			{Rule: "bench/d", File: "x.yaml", Line: 5, Object: "Service shop/web"},
		},
		Count: corpus.Count{Files: 1, Objects: 2},
	}
	ingress := map[string]any{"kind": "Ingress", "namespace": "shop", "name": "web"}
	finding := func(rule string, line int) map[string]any {
		return map[string]any{"rule": rule, "file": "/t/x.yaml", "line": line, "object": ingress}
	}
	write := func(objects int, findings ...map[string]any) []byte {
		data, err := json.Marshal(map[string]any{"summary": map[string]any{"files": 1, "objects": objects}, "findings": findings})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, test := range map[string]struct {
		output   []byte
		rules    int
		cell     string
		mistakes bool
	}{
		"right":      {write(2, finding("a/b", 3), finding("a/c", 4)), 0, "2/0/0", false},
		"missed":     {write(2, finding("a/b", 3)), 0, "1/1/0", true},
		"false":      {write(2, finding("a/b", 3), finding("a/c", 4), finding("a/e", 4)), 0, "2/0/1", true},
		"twice":      {write(2, finding("a/b", 3), finding("a/b", 3), finding("a/c", 4)), 0, "2/0/1", true},
		"wrong line": {write(2, finding("a/b", 3), finding("a/c", 5)), 0, "1/1/1", true},
		"count":      {write(3, finding("a/b", 3), finding("a/c", 4)), 0, "2/0/0 (!)", true},
		"synthetic":  {write(2, finding("a/b", 3), finding("a/c", 4)), 200, "2/1/0", true},
	} {
		v, err := compare(tree, subject{rules: test.rules}, "/t", test.output)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.String(); got != test.cell {
			t.Errorf("%s: %s, want %s", name, got, test.cell)
		}
		if failed := v.err(name) != nil; failed != test.mistakes {
			t.Errorf("%s: error %t, want %t", name, failed, test.mistakes)
		}
	}
}

// The sum of facts alone must not depend on how often they are gathered: shares rest on that.
func TestFactsAreRepeatable(t *testing.T) {
	e, list := requests(t, corpus.Small)
	for _, r := range list {
		first, second := document(t, e.Facts(r)), document(t, e.Facts(r))
		if first != second {
			t.Errorf("%s: two documents differ", r.Object.ID)
		}
	}
}

func document(t *testing.T, f facts.Facts) string {
	t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
