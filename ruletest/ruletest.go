// Package ruletest holds a rulebook against its own scenes: what each rule finds in its bad ones, that the whole rulebook
// finds nothing in the good ones, that the webhook would say the same as lint, and that fixes lead where they should. It
// walks the folders, so that a rule is tested because it is there. Our rulebook's test calls it, and `tlsward test` for a
// user's; it knows no rule by name.
package ruletest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// deadline bounds a Rego test, and the review of a scene: only what does not end reaches it. That of engine.DefaultDeadline is for a
// server; tests are traced, and run where others want the processors too.
const deadline = 30 * time.Second

// Run tests every rule of a rulebook beside others, and returns what is wrong with it in a stated order. Each error
// starts with the file.
func Run(ctx context.Context, rulebook engine.Rulebook, beside ...engine.Rulebook) (errs []error) {
	h := harness{ctx: ctx, fsys: rulebook.FS, rules: map[string]rule.Definition{}, staged: map[string]bool{}, hit: map[engine.Body]bool{}}
	h.errs = engine.Check(ctx, engine.Settings{Deadline: deadline}, rulebook, beside...)
	for _, book := range append(slices.Clip(beside), rulebook) {
		book.Verified = true
		h.books = append(h.books, book)
	}
	var err error
	if h.plain, err = engine.New(engine.Settings{Deadline: deadline}, h.books...); err != nil {
		// Check has said so.
		return h.errs
	}
	for _, definition := range h.plain.Rules() {
		h.rules[definition.ID] = definition
	}
	if h.dir, err = os.MkdirTemp("", "tlsward-test-"); err != nil {
		return append(h.errs, err)
	}
	defer func() {
		if err := os.RemoveAll(h.dir); err != nil {
			errs = append(errs, err)
		}
	}()
	for _, look := range []func() error{h.testNames, h.walk} {
		if err := look(); err != nil {
			h.fail("%w", err)
		}
	}
	slices.SortStableFunc(h.errs, engine.CompareErrors)
	return h.errs
}

type harness struct {
	ctx   context.Context
	fsys  fs.FS
	books []engine.Rulebook
	// plain is the engine of scenes without a config of their own.
	plain *engine.Engine
	// engines are those of scenes with one, by their settings.
	engines map[string]*engine.Engine
	rules   map[string]rule.Definition
	// staged are the rules that have a bad scene, hit the bodies that one of their own makes findings by.
	staged map[string]bool
	hit    map[engine.Body]bool
	dir    string // scenes are laid here to be linted
	laid   int
	errs   []error
}

func (h *harness) fail(format string, args ...any) {
	h.errs = append(h.errs, fmt.Errorf(format, args...))
}

// walk tests each folder, and names what no one would ever read: a misspelt file is a test that does not run.
func (h *harness) walk() error {
	providers, err := fs.ReadDir(h.fsys, ".")
	if err != nil {
		return err
	}
	for _, provider := range providers {
		if !provider.IsDir() || provider.Name() == "lib" || strings.HasPrefix(provider.Name(), ".") {
			continue
		}
		entries, err := fs.ReadDir(h.fsys, provider.Name())
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := path.Join(provider.Name(), entry.Name())
			switch {
			case entry.IsDir():
				if err := h.folder(name); err != nil {
					return err
				}
			case entry.Name() != "provider.yaml" && isYAML(entry.Name()):
				h.fail("%s: nothing reads this file: want provider.yaml", name)
			}
		}
	}
	for _, body := range h.plain.Bodies() {
		if h.staged[body.Rule] && !h.hit[body] {
			h.fail("%s:%d: no bad scene of %s makes these findings", body.File, body.Line, body.Rule)
		}
	}
	return h.ctx.Err()
}

// folder tests one rule.
func (h *harness) folder(id string) error {
	definition, ok := h.rules[id]
	if !ok {
		h.fail("%s: no rule.rego in this folder", id)
		return nil
	}
	entries, err := fs.ReadDir(h.fsys, id)
	if err != nil {
		return err
	}
	scenes := map[string]*scene{}
	for _, entry := range entries {
		file := path.Join(id, entry.Name())
		kind, _, _ := strings.Cut(strings.TrimSuffix(entry.Name(), ".yaml"), "-")
		switch {
		case entry.Name() == "rule.rego" || strings.HasSuffix(entry.Name(), "_test.rego"):
		case path.Ext(entry.Name()) == ".yaml" && slices.Contains([]string{bad, good, fixed}, kind):
			s, errs := readScene(h.fsys, file)
			h.errs = append(h.errs, errs...)
			if s != nil {
				s.kind = kind
				scenes[entry.Name()] = s
			}
		case isYAML(entry.Name()) || path.Ext(entry.Name()) == ".rego":
			h.fail("%s: nothing reads this file: want rule.rego, *_test.rego, bad*.yaml, good*.yaml or fixed*.yaml (bad.yaml, bad-case.yaml)", file)
		}
	}
	h.scenes(definition, scenes)
	return h.ctx.Err()
}

// Kinds of scenes, and the beginnings of their files' names.
const (
	bad   = "bad"
	good  = "good"
	fixed = "fixed"
)

func isYAML(name string) bool { return path.Ext(name) == ".yaml" || path.Ext(name) == ".yml" }

// scenes tests a rule on its scenes.
func (h *harness) scenes(d rule.Definition, scenes map[string]*scene) {
	count := map[string]int{}
	names := make([]string, 0, len(scenes))
	for name := range scenes {
		names = append(names, name)
	}
	slices.Sort(names)
	atBothDoors := false
	for _, name := range names {
		s := scenes[name]
		count[s.kind]++
		t, err := h.stage(d, s)
		if err != nil {
			h.fail("%s: %w", s.file, err)
			continue
		}
		t.wants()
		switch compared := t.parity(); s.kind {
		case bad:
			h.staged[d.ID] = true
			atBothDoors = atBothDoors || compared
			t.bodies()
			t.fix(scenes[fixed+strings.TrimPrefix(name, bad)])
		case fixed:
			if source := bad + strings.TrimPrefix(name, fixed); scenes[source] == nil {
				h.fail("%s: there is no %s that it could come from", s.file, source)
			}
		}
	}
	if count[bad] == 0 {
		h.fail("%s/rule.rego: no bad*.yaml: want a scene in which it finds something", d.ID)
	}
	if count[good] == 0 {
		h.fail("%s/rule.rego: no good*.yaml: want a scene in which no rule finds anything", d.ID)
	}
	if judgesAtBoth(d) && count[bad] > 0 && !atBothDoors {
		h.fail("%s/rule.rego: no bad scene of it could be stored by an API server, so that nothing tells whether admission says the same", d.ID)
	}
}
