// Package engine is the middle of tlsward: it loads rulebooks and answers, for one object in one inventory at one
// moment, what is wrong with it. Every door asks it, so that all give the same verdict. It alone knows OPA; it knows no
// file, no network and no format of output.
package engine

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// Settings is what an operator decides: about rules, and about the world that facts are gathered from.
type Settings struct {
	Rules rule.Settings
	// OnlyControllers and Classes are facts.Settings' Only and Classes.
	OnlyControllers []string
	Classes         map[string]string
	// ControllerSettings is facts.Settings' Configured.
	ControllerSettings map[string]map[string]string
	// Scope words absence in messages, as facts.Settings does; "" is "this tree".
	Scope string
	// Deadline bounds one rulebook's evaluation of one object; 0 is DefaultDeadline.
	Deadline time.Duration
}

// DefaultDeadline is a thousand times what a review costs, and some times what the largest object takes that an API server
// accepts: past it a rule does not end, and an answer to the API server, which the chart has wait five seconds, is still in time.
const DefaultDeadline = 2 * time.Second

// Engine judges objects. Safe for concurrent use.
type Engine struct {
	settings  Settings
	books     []*book
	rules     []*loadedRule
	providers *provider.Set
	facts     facts.Settings
	params    *ast.Term // of facts.Parameters, the same in every document
	compiled  compiledKinds
	worth     sync.Map // whether objects of a kind are worth a review, for those asked for
}

// Request is one object to review.
type Request struct {
	Object    kube.Object
	Inventory inventory.Reader
	Now       time.Time
	Door      rule.Door
	// Old is the object that an update replaces: what it had already warns at most, unless NoRatchet. Nil where nothing is
	// replaced.
	Old       *kube.Object
	NoRatchet bool
	// Tenant: whoever reads the messages may know only the object's own namespace.
	Tenant bool
	// Sure: what the object itself has made counts only if it is certain to hold what is read of it.
	Sure bool
	// Source holds what the door knows of the object's text, by kind of defect.
	Source map[string][]facts.Defect
	// Self has a Secret or ConfigMap judged for what it holds, whether something refers to it or not.
	Self bool
	// SkipNotes: whoever asks tells nobody of notes, so that a rule whose findings would come to nothing more is not asked.
	SkipNotes bool
	// Referred, if set, is called once with what the object refers to, as References lists it: rules judge by that, so that it need
	// not be gathered again. It may be called and the review fail.
	Referred func([]facts.Referred)
	// Overran, if set, is shared by requests that ask for one verdict in several rounds.
	Overran *Overran
	// Clock has the decision say when the clock alone may change it, and which certificates it rests on.
	Clock bool
	// defaults: only the rules marked so are asked.
	defaults bool
}

// New reads rulebooks and reports every defect of every rule in one error.
func New(s Settings, rulebooks ...Rulebook) (*Engine, error) {
	e := &Engine{settings: s}
	if e.settings.Deadline == 0 {
		e.settings.Deadline = DefaultDeadline
	}
	var errs []error
	var providers []provider.Provider
	owner := map[string]string{}
	for _, rulebook := range rulebooks {
		b, err := load(rulebook)
		if err != nil {
			errs = append(errs, err)
		}
		if b == nil {
			continue
		}
		e.books = append(e.books, b)
		providers = append(providers, b.providers...)
		errs = append(errs, b.pin())
		for _, r := range b.rules {
			if other, taken := owner[r.ID]; taken {
				errs = append(errs, fmt.Errorf("rulebook %s: rule %s: rulebook %s has a rule of that id", rulebook.Name, r.ID, other))
				continue
			}
			owner[r.ID] = rulebook.Name
			e.rules = append(e.rules, r)
		}
	}
	sortRules(e.rules)
	e.providers = provider.NewSet(providers)
	parameters, err := e.parameters()
	errs = append(errs, err, e.checkGlobs(), e.checkControllers())
	e.facts = facts.Settings{
		Providers: e.providers, Only: s.OnlyControllers, Classes: s.Classes, Configured: s.ControllerSettings, Scope: s.Scope, Parameters: parameters,
		Shared: &facts.Shared{},
	}
	e.params = term(parameters)
	if e.facts.Scope == "" {
		e.facts.Scope = "this tree"
	}
	if len(errs) == 0 || errors.Join(errs...) == nil {
		for _, b := range e.books {
			if !b.Verified {
				errs = append(errs, e.verify(b))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return e, nil
}

// Providers returns what the rulebooks say of kinds.
func (e *Engine) Providers() *provider.Set { return e.providers }

// Rules lists the rules of all rulebooks by id.
func (e *Engine) Rules() []rule.Definition {
	definitions := make([]rule.Definition, 0, len(e.rules))
	for _, r := range e.rules {
		definitions = append(definitions, r.Definition)
	}
	return definitions
}

// Settings returns the rule settings the engine was made with.
func (e *Engine) Settings() rule.Settings { return e.settings.Rules }

// Judges reports whether an object is worth a review: a rule names its kind, or such objects refer to certificates. Of kinds that
// a provider only has to do with where they mention something, those that do not are no more so for its sake. Others are
// reviewed only for defects of their text.
func (e *Engine) Judges(obj kube.Object) bool {
	groupKind := obj.ID.GroupKind()
	if e.providers.Mentioned(groupKind) {
		return e.judges(groupKind, obj)
	}
	known, ok := e.worth.Load(groupKind)
	if !ok {
		known, _ = e.worth.LoadOrStore(groupKind, e.judges(groupKind, obj))
	}
	return known == true
}

// JudgesEntry is Judges of an object in an inventory, which it looks at only where that matters.
func (e *Engine) JudgesEntry(entry *inventory.Entry) bool {
	if groupKind := entry.ID.GroupKind(); e.providers.Mentioned(groupKind) {
		return e.judges(groupKind, entry.Object())
	}
	return e.Judges(kube.Object{ID: entry.ID})
}

func (e *Engine) judges(groupKind string, obj kube.Object) bool {
	for _, kind := range e.providers.Kinds(groupKind) {
		for _, r := range kind.References {
			if (r.Use == provider.UseTrust || r.Use == provider.UseCertificate) && kind.About(obj) {
				return true
			}
		}
	}
	return slices.ContainsFunc(e.rules, func(r *loadedRule) bool {
		return slices.Contains(r.Kinds, groupKind) && e.providers.About(r.ID, obj)
	})
}

// Facts returns the document that rules see of an object.
func (e *Engine) Facts(r Request) facts.Facts { return e.gather(r, nil) }

// gather is Facts, and what the object refers to if that is asked for.
func (e *Engine) gather(r Request, referred *[]facts.Referred) facts.Facts {
	inv := inventory.Overlay(r.Inventory, inventory.Options{Providers: e.providers}, r.Object)
	return facts.Gather(facts.Request{
		Object: r.Object, Inventory: inv, Now: r.Now, Old: r.Old, Tenant: r.Tenant, Sure: r.Sure, Source: r.Source, Self: r.Self, Referred: referred,
	}, e.facts)
}

// Review judges one object. An error is no verdict: the object was not judged.
func (e *Engine) Review(ctx context.Context, r Request) (rule.Decision, error) {
	decision, err := e.judge(ctx, r)
	if err != nil || r.Old == nil || r.NoRatchet || !decision.Denied() {
		return decision, err
	}
	old := r
	old.Object, old.Old, old.Overran, old.Referred = *r.Old, nil, r.Overran.ofOld(), nil
	before, err := e.judge(ctx, old)
	if err != nil {
		return rule.Decision{}, err
	}
	// What is broken already may stay, but not come over somebody who was not hit by it.
	if !slices.ContainsFunc(decision.Peers, func(id kube.ID) bool { return !slices.Contains(before.Peers, id) }) {
		ratchet(decision.Findings, r.Object, before.Findings, *r.Old)
	}
	return decision, nil
}

// judge is Review without a look at what was before.
func (e *Engine) judge(ctx context.Context, r Request) (rule.Decision, error) {
	var document facts.Facts
	found, err := e.evaluate(ctx, r, func() facts.Facts {
		document = e.gatherFor(r)
		return document
	}, nil)
	if r.Referred != nil && document == nil {
		r.Referred(e.References(r)) // no rule has asked for facts
	}
	if err != nil && len(found) == 0 {
		return rule.Decision{}, fmt.Errorf("%s: %w", r.Object.ID, err)
	}
	failed := err
	decision, err := e.decide(r, document, found)
	if err != nil {
		return rule.Decision{}, fmt.Errorf("%s: %w", r.Object.ID, err)
	}
	if err := e.spare(ctx, r, decision.Findings); err != nil {
		return rule.Decision{}, err
	}
	if failed != nil && !decision.Denied() {
		// A rulebook that has failed might have denied; one that has denied is right whatever the other would have said.
		return rule.Decision{}, fmt.Errorf("%s: %w", r.Object.ID, failed)
	}
	if decision.Denied() {
		decision.Peers = e.peers(document)
	}
	decision.SelfPromised = selfPromised(document)
	if r.Clock {
		e.clock(&decision, document, r.Now)
	}
	return decision, nil
}

// gatherFor is Facts for a review, which tells whoever wants to know what the object refers to.
func (e *Engine) gatherFor(r Request) facts.Facts {
	if r.Referred == nil {
		return e.Facts(r)
	}
	var referred []facts.Referred
	document := e.gather(r, &referred)
	r.Referred(referred)
	return document
}

// selfPromised reports whether a reference rests on what the object itself has made, perhaps without what is read of it.
func selfPromised(document facts.Facts) bool {
	refs, _ := document["refs"].(map[string]any)
	for _, list := range refs {
		elements, _ := list.([]any)
		for _, element := range elements {
			if ref, _ := element.(map[string]any); ref["self_promised"] == true {
				return true
			}
		}
	}
	return false
}

// decide joins what rules found with what they say of themselves and what the operator wants.
func (e *Engine) decide(r Request, document facts.Facts, found []raw) (rule.Decision, error) {
	var decision rule.Decision
	for _, f := range found {
		definition := f.rule.Definition
		finding, err := f.finding()
		if err != nil {
			return rule.Decision{}, fmt.Errorf("rule %s: %w", definition.ID, err)
		}
		finding.Object, finding.Version = r.Object.ID, r.Object.Version
		finding.Action, finding.EnforceFrom, finding.Ahead = e.settings.Rules.Judge(definition, finding.Severity, finding.Since, r.Object.ID.Namespace, r.Now)
		if finding.Action == rule.Off {
			continue
		}
		if len(finding.Related) > 0 && e.providers.Passing(r.Object) {
			finding.Action = max(finding.Action, rule.Warn)
		}
		finding.Assumed = assumption(document, definition)
		var key string
		if finding.Subject, key, finding.Missing = subject(document, finding.Path); finding.SubjectKey == "" {
			finding.SubjectKey = key
		}
		finding.BlamesTarget = definition.BlamesTarget
		finding.Mandatory = e.settings.Rules.Mandatory(definition, r.Object.ID.Namespace)
		if class, ok := document["class"].(string); ok && finding.Unknown && finding.Subject.Name == "" {
			// What is unknown of an object without such a reference is unknown because of its class.
			finding.Subject = kube.ID{Kind: "class of " + r.Object.ID.Kind, Name: class}
		}
		if finding.Suppression, finding.Unheeded = e.suppression(r, definition, finding); finding.Suppression != nil {
			decision.Suppressed = append(decision.Suppressed, finding)
			continue
		}
		decision.Findings = append(decision.Findings, finding)
		if definition.Default && finding.Fix != nil && finding.Ahead.IsZero() {
			decision.Edits = append(decision.Edits, finding.Fix.Edits...)
		}
	}
	return decision, nil
}

// assumption says on what a finding of a controller's rule rests, where that controller is not known to act.
func assumption(document facts.Facts, d rule.Definition) string {
	controllers, _ := document["controllers"].(map[string]any)
	reason := ""
	for _, name := range d.Controllers {
		told, ok := controllers[name].(map[string]any)
		if !ok {
			continue
		}
		if told["certainty"] == "known" {
			return ""
		}
		reason = fmt.Sprintf("that %s acts on it: %s", name, told["reason"])
	}
	return reason
}

// subject finds the reference that stands at a finding's path, the entry that it reads, and whether it leads nowhere.
func subject(document facts.Facts, p kube.Path) (target kube.ID, key string, missing bool) {
	refs, _ := document["refs"].(map[string]any)
	for _, role := range kube.SortedKeys(refs) {
		list, _ := refs[role].([]any)
		for _, element := range list {
			ref, _ := element.(map[string]any)
			steps, _ := ref["path"].([]any)
			if path, err := toPath(steps); err == nil && path.Equal(p) {
				text := func(key string) string { s, _ := ref[key].(string); return s }
				if strings.HasPrefix(text("grant"), "refused") {
					// Of the target nothing is said, and nobody need read it to confirm that.
					return kube.ID{}, "", false
				}
				target = kube.ID{Group: text("group"), Kind: text("kind"), Namespace: text("namespace"), Name: text("name")}
				return target, text("key"), text("presence") == "absent" || text("grant") == "not-granted"
			}
		}
	}
	return kube.ID{}, "", false
}

// peers lists whom an object's defect hits too.
func (e *Engine) peers(document facts.Facts) []kube.ID {
	var ids []kube.ID
	indexes, _ := document["peers"].(map[string]any)
	for _, index := range kube.SortedKeys(indexes) {
		if !e.providers.Together(index) {
			continue
		}
		list, _ := indexes[index].([]any)
		for _, element := range list {
			peer, _ := element.(map[string]any)
			text := func(key string) string { s, _ := peer[key].(string); return s }
			id := kube.ID{Group: text("group"), Kind: text("kind"), Namespace: text("namespace"), Name: text("name")}
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// parameters joins the operator's values with the rules' defaults.
func (e *Engine) parameters() (map[string]any, error) {
	var errs []error
	parameters := map[string]any{}
	for _, r := range e.rules {
		if len(r.Parameters) == 0 {
			continue
		}
		values := make(map[string]any, len(r.Parameters))
		for name, p := range r.Parameters {
			values[name] = p.Default
		}
		parameters[r.ID] = values
	}
	for _, id := range kube.SortedKeys(e.settings.Rules.Parameters) {
		values, ok := parameters[id].(map[string]any)
		if !ok {
			errs = append(errs, wrong(kube.Path{"parameters", id}, "no rule of that id takes parameters%s", e.suggest(id)))
			continue
		}
		given := e.settings.Rules.Parameters[id]
		for _, name := range kube.SortedKeys(given) {
			value := plain(given[name])
			switch old, ok := values[name]; {
			case !ok:
				errs = append(errs, wrong(kube.Path{"parameters", id, name}, "no such parameter, want one of %v", kube.SortedKeys(values)))
			case fmt.Sprintf("%T", old) != fmt.Sprintf("%T", value):
				errs = append(errs, wrong(kube.Path{"parameters", id, name}, "want a value like %v, got %v", old, value))
			case !e.allowed(id, name, value):
				errs = append(errs, wrong(kube.Path{"parameters", id, name}, "want one of %v, got %v", e.rule(id).Parameters[name].Values, value))
			default:
				values[name] = value
			}
		}
	}
	return parameters, errors.Join(errs...)
}

func (e *Engine) rule(id string) *loadedRule {
	for _, r := range e.rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

func (e *Engine) allowed(id, parameter string, value any) bool {
	values := e.rule(id).Parameters[parameter].Values
	text, _ := value.(string)
	return len(values) == 0 || slices.Contains(values, text)
}

// plain brings numbers of YAML readers into the shape of a facts document.
func plain(value any) any {
	switch v := value.(type) {
	case int:
		return int64(v)
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return value
}

// checkGlobs refuses names of rules that match none: a misspelt rule would be switched off, or kept, in silence.
func (e *Engine) checkGlobs() error {
	var errs []error
	check := func(what kube.Path, globs []string) {
		for i, glob := range globs {
			if glob != "*" && !slices.ContainsFunc(e.rules, func(r *loadedRule) bool { ok, _ := path.Match(glob, r.ID); return ok }) {
				errs = append(errs, wrong(what.Append(i), "no rule %s%s", glob, e.suggest(glob)))
			}
		}
	}
	check(kube.Path{"only"}, e.settings.Rules.Only)
	check(kube.Path{"skip"}, e.settings.Rules.Skip)
	for i, a := range e.settings.Rules.Actions {
		check(kube.Path{"actions", i, "rules"}, a.Rules)
	}
	for i, x := range e.settings.Rules.Exemptions {
		check(kube.Path{"exemptions", i, "rules"}, x.Rules)
	}
	return errors.Join(errs...)
}

// checkControllers refuses names of controllers that no provider describes: with a misspelt one no rule of it would fire. A
// class's own controller string, which has a slash, may stand for one that nobody described.
func (e *Engine) checkControllers() error {
	var known []string
	for i := range e.providers.Providers {
		for _, c := range e.providers.Providers[i].Controllers {
			known = append(known, c.Name)
		}
	}
	var errs []error
	check := func(what kube.Path, name string) {
		if slices.Contains(known, name) || strings.Contains(name, "/") {
			return
		}
		hint := ""
		if near, ok := kube.Near(name, known); ok {
			hint = "; did you mean " + near + "?"
		}
		errs = append(errs, wrong(what, "no controller %s%s", name, hint))
	}
	for i, name := range e.settings.OnlyControllers {
		check(kube.Path{"controllers", "only", i}, name)
	}
	for _, class := range kube.SortedKeys(e.settings.Classes) {
		check(kube.Path{"controllers", "classes", class}, e.settings.Classes[class])
	}
	return errors.Join(append(errs, e.checkSettings()...)...)
}

// checkSettings refuses settings that no provider describes, and values that their controller could not read.
func (e *Engine) checkSettings() []error {
	var errs []error
	var controllers []string
	for _, c := range e.providers.ConfiguredControllers() {
		controllers = append(controllers, c.Name)
	}
	hint := func(name string, known []string) string {
		if near, ok := kube.Near(name, known); ok {
			return "; did you mean " + near + "?"
		}
		return ""
	}
	for _, name := range kube.SortedKeys(e.settings.ControllerSettings) {
		c := e.providers.Configured(name)
		if c == nil {
			errs = append(errs, wrong(kube.Path{"controllers", "settings", name}, "no controller of that name has settings%s", hint(name, controllers)))
			continue
		}
		var settings []string
		for _, s := range c.Settings {
			settings = append(settings, s.Name)
		}
		given := e.settings.ControllerSettings[name]
		for _, key := range kube.SortedKeys(given) {
			if s := c.Setting(key); s == nil {
				errs = append(errs, wrong(kube.Path{"controllers", "settings", name, key}, "no such setting%s", hint(key, settings)))
			} else if _, ok := s.Read(given[key]); !ok {
				errs = append(errs, wrong(kube.Path{"controllers", "settings", name, key}, "want true or false, got %q", given[key]))
			}
		}
	}
	return errs
}

// Suggest returns the rule id nearest to a misspelt one, or to its last part alone; "" if none is near.
func (e *Engine) Suggest(id string) string {
	ids, names := make([]string, len(e.rules)), make([]string, len(e.rules))
	for i, r := range e.rules {
		ids[i], names[i] = r.ID, path.Base(r.ID)
	}
	if near, ok := kube.Near(id, ids); ok {
		return near
	}
	i := slices.Index(names, id)
	if near, ok := kube.Near(id, names); ok && i < 0 {
		i = slices.Index(names, near)
	}
	if i < 0 {
		return ""
	}
	return ids[i]
}

func (e *Engine) suggest(id string) string {
	if near := e.Suggest(id); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
