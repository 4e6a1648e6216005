package scenes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

// Linter is the other door, with one config.
type Linter struct {
	engine *engine.Engine
	config *config.Config
}

// NewLinter makes the linter that this config makes of the built-in rules.
func NewLinter(text string) (*Linter, error) {
	parsed, err := config.Parse(config.FileName, []byte(text))
	if err != nil {
		return nil, err
	}
	e, err := engine.New(engine.Settings{
		Rules: parsed.Settings, OnlyControllers: parsed.Controllers.Only, Classes: parsed.Controllers.Classes,
		ControllerSettings: parsed.Controllers.Settings, Scope: "this cluster",
	}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	return &Linter{engine: e, config: parsed}, err
}

// Rules are the definitions of all rules, by id.
func (l *Linter) Rules() map[string]rule.Definition {
	definitions := map[string]rule.Definition{}
	for _, definition := range l.engine.Rules() {
		definitions[definition.ID] = definition
	}
	return definitions
}

// Resource is the plural that a kind has in the API's paths.
func (l *Linter) Resource(groupKind string) string { return l.engine.Resource(groupKind) }

// Watched reports whether the webhooks can know of objects of a kind: what a release sets for a chart is told by files, and in a
// cluster by the workload that the chart makes.
func (l *Linter) Watched(object *unstructured.Unstructured) bool {
	return !l.engine.Providers().Releases(ID(object).GroupKind())
}

// Judges reports whether the webhooks have anything to do with a kind.
func (l *Linter) Judges(object *unstructured.Unstructured) bool {
	id := ID(object)
	for _, kind := range l.engine.AdmissionKinds() {
		if kube.GroupKind(kind.Group, kind.Kind) == id.GroupKind() {
			return true
		}
	}
	return false
}

// ID is the identity of an object.
func ID(object *unstructured.Unstructured) kube.ID {
	group := object.GroupVersionKind().Group
	return kube.ID{Group: group, Kind: object.GetKind(), Namespace: object.GetNamespace(), Name: object.GetName()}
}

// Decisions are what lint says of objects that an API server holds, and nothing else. What a cluster's inventory knows and a
// tree's does not is said by the config: all namespaces are complete.
func (l *Linter) Decisions(ctx context.Context, now time.Time, objects []*unstructured.Unstructured) (map[kube.ID]rule.Decision, error) {
	var stream bytes.Buffer
	for _, object := range objects {
		text, err := yaml.Marshal(object.Object)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&stream, "---\n%s", text)
	}
	recorder := &recorder{Engine: l.engine, decisions: map[kube.ID]rule.Decision{}}
	options := lint.Options{
		Reviewer: recorder, Now: now, Workers: 1, Complete: []string{"*"},
		ReadFile: func(string) (string, error) { return stream.String(), nil },
	}
	for _, x := range l.config.External {
		options.External = append(options.External, inventory.External{Group: x.Group, Kind: x.Kind, Namespace: x.Namespace, Name: x.Name, Keys: x.Keys})
	}
	result, err := lint.Run(ctx, []string{"-"}, options)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, problem := range result.Problems {
		errs = append(errs, fmt.Errorf("lint: line %d: %s", problem.At.Line, problem.Message))
	}
	return recorder.decisions, errors.Join(errs...)
}

// recorder keeps decisions by object on their way from the engine.
type recorder struct {
	*engine.Engine
	decisions map[kube.ID]rule.Decision
}

func (r *recorder) Review(ctx context.Context, request engine.Request) (rule.Decision, error) {
	decision, err := r.Engine.Review(ctx, request)
	r.decisions[request.Object.ID] = decision
	return decision, err
}
