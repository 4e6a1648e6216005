package crd

import (
	"context"
	"slices"
	"sync"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// rules are those of one schema. One takes 0.3 ms to compile, and HTTPRoute has 150 of them, most about fields that few objects
// rules are those of one schema. HTTPRoute has 90 of them, most about fields that few objects have, and compiling them all
// takes 40 ms: so a rule is compiled when the first object has the field that it stands at. An object without the field
// breaks no rule that stands there.
type rules struct {
	structural *structuralschema.Structural
	// root is nil where the schema has no rules.
	root *ruled

	mu sync.Mutex
	// compiled are the places whose rules one of the validators asks.
	compiled   map[*ruled]bool
	validators []*cel.Validator
}

// ruled is a place of a schema with rules there or further down.
type ruled struct {
	here              bool
	properties        map[string]*ruled
	items, additional *ruled
}

func newRules(s *structuralschema.Structural) *rules {
	return &rules{structural: s, root: ruledIn(s), compiled: map[*ruled]bool{}}
}

func ruledIn(s *structuralschema.Structural) *ruled {
	if s == nil {
		return nil
	}
	// Rules within allOf are asked where it stands.
	at := ruled{here: len(s.XValidations) > 0 || s.ValueValidation != nil && len(s.ValueValidation.AllOf) > 0}
	for name, property := range s.Properties {
		if inner := ruledIn(&property); inner != nil {
			if at.properties == nil {
				at.properties = map[string]*ruled{}
			}
			at.properties[name] = inner
		}
	}
	at.items = ruledIn(s.Items)
	if s.AdditionalProperties != nil {
		at.additional = ruledIn(s.AdditionalProperties.Structural)
	}
	if !at.here && at.properties == nil && at.items == nil && at.additional == nil {
		return nil
	}
	return &at
}

// violated asks the rules.
func (r *rules) violated(ctx context.Context, fields map[string]any) (errs field.ErrorList) {
	for _, validator := range r.forObject(fields) {
		found, _ := validator.Validate(ctx, nil, r.structural, fields, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, found...)
	}
	return errs
}

// forObject compiles what is still missing for an object.
func (r *rules) forObject(fields map[string]any) []*cel.Validator {
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := map[*ruled]bool{}
	r.root.visit(fields, func(at *ruled) {
		if !r.compiled[at] {
			missing[at] = true
		}
	})
	if len(missing) > 0 {
		only := r.root.only(r.structural, missing)
		if validator := cel.NewValidator(&only, true, celconfig.PerCallLimit); validator != nil {
			r.validators = append(r.validators, validator)
		}
		for at := range missing {
			r.compiled[at] = true
		}
	}
	return slices.Clip(r.validators)
}

// visit names the places with rules that a value has.
func (at *ruled) visit(value any, found func(*ruled)) {
	if at == nil {
		return
	}
	if at.here {
		found(at)
	}
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if property, ok := at.properties[name]; ok {
				property.visit(inner, found)
			} else {
				at.additional.visit(inner, found)
			}
		}
	case []any:
		for _, inner := range value {
			at.items.visit(inner, found)
		}
	}
}

// only is a schema with the rules of some places. All types stay: a rule may ask for any field.
func (at *ruled) only(s *structuralschema.Structural, places map[*ruled]bool) structuralschema.Structural {
	out := *s
	if at == nil {
		return out
	}
	if !places[at] {
		out.XValidations = nil
		if out.ValueValidation != nil && len(out.ValueValidation.AllOf) > 0 {
			values := *out.ValueValidation
			values.AllOf = nil
			out.ValueValidation = &values
		}
	}
	if len(at.properties) > 0 {
		out.Properties = make(map[string]structuralschema.Structural, len(s.Properties))
		for name, property := range s.Properties {
			out.Properties[name] = at.properties[name].only(&property, places)
		}
	}
	if at.items != nil {
		items := at.items.only(s.Items, places)
		out.Items = &items
	}
	if at.additional != nil {
		inner := at.additional.only(s.AdditionalProperties.Structural, places)
		additional := *s.AdditionalProperties
		additional.Structural = &inner
		out.AdditionalProperties = &additional
	}
	return out
}
