package ruletest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// Decision is what a rulebook refuses in one of its scenes.
type Decision struct {
	// File is the scene, Sum tells whether it is the text that it was: with another text, it is another scene.
	File, Sum string
	// Denied are the findings that deny, in order: rule, object, path.
	Denied []string
}

// Decisions judges every scene of a rulebook by the whole of it, in the order of their files.
func Decisions(ctx context.Context, rulebook engine.Rulebook) (decisions []Decision, err error) {
	h := harness{ctx: ctx, fsys: rulebook.FS, books: []engine.Rulebook{rulebook}}
	if h.plain, err = engine.New(engine.Settings{Deadline: deadline}, rulebook); err != nil {
		return nil, err
	}
	if h.dir, err = os.MkdirTemp("", "tlsward-decisions-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(h.dir)) }()
	for _, definition := range h.plain.Rules() {
		files, err := fs.Glob(rulebook.FS, definition.ID+"/*.yaml")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			d, err := h.decision(definition, file)
			if err != nil {
				return nil, err
			}
			decisions = append(decisions, d)
		}
	}
	return decisions, nil
}

func (h *harness) decision(definition rule.Definition, file string) (Decision, error) {
	s, errs := readScene(h.fsys, file)
	if len(errs) > 0 {
		return Decision{}, errors.Join(errs...)
	}
	s.kind, _, _ = strings.Cut(strings.TrimSuffix(path.Base(file), ".yaml"), "-")
	t, err := h.stage(definition, s)
	if err != nil {
		return Decision{}, fmt.Errorf("%s: %w", file, err)
	}
	sum := sha256.Sum256(s.text)
	d := Decision{File: file, Sum: hex.EncodeToString(sum[:4])}
	for _, review := range t.reviews {
		for _, f := range review.decision.Findings {
			if f.Action == rule.Deny {
				d.Denied = append(d.Denied, fmt.Sprintf("%s %s %s", f.Rule, f.Object, f.Path))
			}
		}
	}
	slices.Sort(d.Denied)
	return d, nil
}
