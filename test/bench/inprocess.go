package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/schema/crd"
	"github.com/tlsward/tlsward/test/bench/corpus"
)

// newEngine loads the rulebook, and a directory of rules beside it, as cmd/tlsward does; of all rules, or only some.
func newEngine(tree *corpus.Tree, rules string, only ...string) (*engine.Engine, error) {
	books := []engine.Rulebook{{Name: "tlsward", FS: policies.FS(), Verified: true}}
	if rules != "" {
		books = append(books, engine.Rulebook{Name: rules, FS: os.DirFS(rules)})
	}
	return engine.New(engine.Settings{Classes: tree.Classes, Rules: rule.Settings{Only: only}}, books...)
}

// lintOptions are what cmd/tlsward makes of the tree's config.
func lintOptions(tree *corpus.Tree, dir string, reviewer lint.Reviewer) lint.Options {
	schemas, err := crd.New(crd.Releases{})
	if err != nil {
		panic(err) // without releases there is nothing to mistake
	}
	o := lint.Options{
		Reviewer: reviewer, Now: corpus.Now, Complete: tree.Complete, Schemas: schemas,
		External: []inventory.External{{Kind: "ConfigMap", Namespace: "*", Name: "kube-root-ca.crt", Keys: []string{"ca.crt"}}},
		Exclude:  []string{filepath.Join(dir, corpus.ConfigName)},
	}
	for _, id := range tree.External {
		o.External = append(o.External, inventory.External{Group: id.Group, Kind: id.Kind, Namespace: id.Namespace, Name: id.Name})
	}
	return o
}

// shares is where the time of a run goes, on one worker.
type shares struct {
	load, find, read, parse, inventory, facts, compile, rego time.Duration
}

// watcher times what the engine does. The first review of a kind also compiles the rules of that kind.
type watcher struct {
	*engine.Engine
	mu     sync.Mutex
	seen   map[string]bool
	shares *shares
}

func (w *watcher) Review(ctx context.Context, r engine.Request) (rule.Decision, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	begin := time.Now()
	// The inventory remembers what it parsed, so that the second gathering, within Review, is as fast as can be; the
	// first is what a run pays.
	w.Facts(r)
	first := time.Now()
	w.Facts(r)
	again := time.Since(first)
	start := time.Now()
	decision, err := w.Engine.Review(ctx, r)
	rest := time.Since(start) - again
	w.shares.facts += first.Sub(begin)
	if kind := r.Object.ID.GroupKind(); !w.seen[kind] {
		w.seen[kind] = true
		w.shares.compile += rest
	} else {
		w.shares.rego += rest
	}
	return decision, err
}

// takeShares lints a tree once, on one worker, and says where the time went.
func takeShares(tree *corpus.Tree, dir, rules string) (shares, error) {
	var s shares
	start := time.Now()
	e, err := newEngine(tree, rules)
	if err != nil {
		return s, err
	}
	s.load = time.Since(start)
	w := &watcher{Engine: e, seen: map[string]bool{}, shares: &s}
	o := lintOptions(tree, dir, w)
	o.Workers = 1
	o.ReadFile = func(name string) (string, error) {
		start := time.Now()
		data, err := os.ReadFile(name)
		s.read += time.Since(start)
		return string(data), err
	}
	begun := map[string]time.Time{}
	o.Phase = func(name string) { begun[name] = time.Now() }
	if _, err := lint.Run(context.Background(), []string{dir}, o); err != nil {
		return s, err
	}
	s.find = begun["read"].Sub(begun["find"])
	s.parse = begun["inventory"].Sub(begun["read"]) - s.read
	s.inventory = begun["review"].Sub(begun["inventory"])
	return s, nil
}

// printShares prints the shares of a tree: the best of three runs, which is the one that was disturbed least.
func printShares(trees *treeCache, subject subject, out io.Writer) error {
	tree, dir, err := trees.get(subject.spec)
	if err != nil {
		return err
	}
	rules := ""
	if subject.rules > 0 {
		if rules, err = trees.rules(subject.rules, subject.spec.Synthetic); err != nil {
			return err
		}
	}
	var best shares
	for i := range 3 {
		runtime.GC()
		s, err := takeShares(tree, dir, rules)
		if err != nil {
			return err
		}
		if i == 0 || s.total() < best.total() {
			best = s
		}
	}
	fmt.Fprintf(out, "\n%s, one worker, in-process: %s ms\n\n", subject.label, milliseconds(best.total()))
	fmt.Fprintln(out, "| load rules | find | read | parse | inventory | facts | compile rules | Rego |\n|---|---|---|---|---|---|---|---|")
	fmt.Fprint(out, "|")
	for _, d := range best.list() {
		fmt.Fprintf(out, " %.1f%% |", 100*float64(d)/float64(best.total()))
	}
	fmt.Fprintln(out)
	return nil
}

func (s shares) list() []time.Duration {
	return []time.Duration{s.load, s.find, s.read, s.parse, s.inventory, s.facts, s.compile, s.rego}
}

func (s shares) total() (sum time.Duration) {
	for _, d := range s.list() {
		sum += d
	}
	return sum
}
