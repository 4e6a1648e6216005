package ruletest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/schema/crd"
)

// trial is one scene that was linted.
type trial struct {
	*harness
	*scene
	definition rule.Definition
	engine     *engine.Engine
	options    lint.Options
	path       string // of the file that was linted
	result     *lint.Result
	reviews    []review
}

// review is what lint asked the engine, and what it heard.
type review struct {
	request  engine.Request
	decision rule.Decision
}

// recorder notes reviews on their way to the engine.
type recorder struct {
	*engine.Engine
	reviews []review
}

func (r *recorder) Review(ctx context.Context, request engine.Request) (rule.Decision, error) {
	decision, err := r.Engine.Review(ctx, request)
	r.reviews = append(r.reviews, review{request, decision})
	return decision, err
}

// engine makes an engine, once for scenes that are configured alike: compiling the rules is most of a scene's time.
func (h *harness) engine(s engine.Settings) (*engine.Engine, error) {
	key := fmt.Sprintf("%#v", s)
	if e, known := h.engines[key]; known {
		return e, nil
	}
	e, err := engine.New(s, h.books...)
	if err != nil {
		return nil, err
	}
	if h.engines == nil {
		h.engines = map[string]*engine.Engine{}
	}
	h.engines[key] = e
	return e, nil
}

// stage lints a scene.
func (h *harness) stage(d rule.Definition, s *scene) (*trial, error) {
	t := &trial{harness: h, scene: s, definition: d, engine: h.plain}
	if s.config != nil {
		var err error
		t.engine, err = h.engine(engine.Settings{
			Rules: s.config.Settings, OnlyControllers: s.config.Controllers.Only, Classes: s.config.Controllers.Classes,
			ControllerSettings: s.config.Controllers.Settings, Deadline: deadline,
		})
		if err != nil {
			return nil, err
		}
	}
	// A folder for each scene: whatever a rule or lint makes of neighbouring files, scenes are no neighbours.
	h.laid++
	t.path = filepath.Join(h.dir, fmt.Sprint(h.laid), path.Base(s.file))
	if err := os.Mkdir(filepath.Dir(t.path), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(t.path, s.manifests, 0o600); err != nil {
		return nil, err
	}
	recorder := &recorder{Engine: t.engine}
	// One worker: the recorder keeps the order of the file.
	t.options = lint.Options{Reviewer: recorder, Now: s.now, Workers: 1}
	if slices.Equal(d.Doors, []rule.Door{rule.DoorLint}) {
		// Scenes of what only files can tell are files of a repository.
		t.options.Repository = h.dir
	}
	var releases crd.Releases
	if s.config != nil {
		releases = crd.Releases(s.config.Schemas)
		t.options.Complete = s.config.Complete
		for _, x := range s.config.External {
			t.options.External = append(t.options.External, inventory.External{
				Group: x.Group, Kind: x.Kind, Namespace: x.Namespace, Name: x.Name, Keys: x.Keys,
			})
		}
		t.options.Exemptions = &lint.Exemptions{File: t.path, Lines: s.config.ExemptionLines, List: s.config.Settings.Exemptions}
	}
	var err error
	if t.options.Schemas, err = crd.New(releases); err != nil {
		return nil, err
	}
	if t.result, err = lint.Run(h.ctx, []string{t.path}, t.options); err != nil {
		return nil, err
	}
	t.reviews = recorder.reviews
	if len(t.result.Problems) > 0 {
		errs := make([]error, len(t.result.Problems))
		for i, problem := range t.result.Problems {
			errs[i] = fmt.Errorf("line %d: %s", problem.At.Line, problem.Message)
		}
		return nil, errors.Join(errs...)
	}
	return t, nil
}

// wants compares the findings with those that the scene's lines say they give.
func (t *trial) wants() {
	if t.kind == good && len(t.wanted) > 0 {
		t.fail("%s:%d: a good scene wants no finding", t.file, t.wanted[0].line)
		return
	}
	if t.kind == bad && !slices.ContainsFunc(t.wanted, func(w want) bool { return w.rule == t.definition.ID }) {
		t.fail("%s:1: no line of this bad scene wants %s", t.file, t.definition.ID)
	}
	missing := slices.Clone(t.wanted)
	var unexpected []rule.Finding
	for _, f := range t.result.Findings {
		if i := slices.Index(missing, want{f.At.Line, f.Rule}); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else {
			unexpected = append(unexpected, f)
		}
	}
	for _, w := range missing {
		if _, known := t.rules[w.rule]; !known {
			t.fail("%s:%d: there is no rule %s", t.file, w.line, w.rule)
			continue
		}
		// The same rule elsewhere is most likely the finding that was meant.
		if i := slices.IndexFunc(unexpected, func(f rule.Finding) bool { return f.Rule == w.rule }); i >= 0 {
			f := unexpected[i]
			unexpected = slices.Delete(unexpected, i, i+1)
			t.fail("%s:%d: %s is wanted here, and found in line %d: %s", t.file, w.line, w.rule, f.At.Line, f.Headline())
			continue
		}
		t.fail("%s:%d: %s is wanted here, and not found", t.file, w.line, w.rule)
	}
	for _, f := range unexpected {
		t.fail("%s:%d: %s is found here, and not wanted: %s (%s, at %s)", t.file, f.At.Line, f.Rule, f.Headline(), f.Object, f.Path)
	}
}

// bodies notes which findings of the rule this scene makes.
func (t *trial) bodies() {
	for _, r := range t.reviews {
		hits, err := t.engine.Hits(t.ctx, r.request)
		if err != nil {
			t.fail("%s: %w", t.file, err)
		}
		for _, body := range hits {
			if body.Rule == t.definition.ID {
				t.hit[body] = true
			}
		}
	}
}

// judgesAtBoth reports whether lint and admission must say the same of a rule.
func judgesAtBoth(d rule.Definition) bool {
	return len(d.Doors) == 0 || slices.Contains(d.Doors, rule.DoorLint) && slices.Contains(d.Doors, rule.DoorAdmission)
}

// findingText writes all of a finding that must be the same at every door.
func findingText(f rule.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s) at %s: %s", f.Rule, f.Severity, f.Action, f.Path, f.Headline())
	if f.Remedy != "" {
		fmt.Fprintf(&b, "; remedy: %s", f.Remedy)
	}
	if f.Assumed != "" {
		fmt.Fprintf(&b, "; assuming %s", f.Assumed)
	}
	if f.Unheeded != "" {
		fmt.Fprintf(&b, "; not suppressed: %s", f.Unheeded)
	}
	if f.Subject != (kube.ID{}) {
		fmt.Fprintf(&b, "; about %s", f.Subject)
	}
	for _, r := range f.Related {
		fmt.Fprintf(&b, "; related: %s at %s, %s", r.Object, r.Path, r.Message)
	}
	if f.Fix != nil {
		fmt.Fprintf(&b, "; fix: %s (safe: %t), %s", f.Fix.Title, f.Fix.Safe, editsText(f.Fix.Edits))
	}
	return b.String()
}

func suppressionText(s rule.Suppression) string {
	return fmt.Sprintf("%s, entry %d, until %s: %s", s.Kind, s.Exemption, s.Until, s.Reason)
}

func editsText(edits []kube.Edit) string {
	texts := make([]string, len(edits))
	for i, e := range edits {
		texts[i] = fmt.Sprintf("%s %s %#v", e.Op, e.Path, e.Value)
	}
	return strings.Join(texts, ", ")
}
