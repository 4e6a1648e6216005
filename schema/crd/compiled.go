package crd

import (
	"context"
	"math"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
)

// compiled is the schema of one version of a kind.
type compiled struct {
	structural *structuralschema.Structural
	values     validation.SchemaValidator
	rules      *rules
}

func compile(properties *apiextensionsv1.JSONSchemaProps) (*compiled, error) {
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(properties, &internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		return nil, err
	}
	if err := defaulting.PruneDefaults(structural); err != nil {
		return nil, err
	}
	values, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		return nil, err
	}
	return &compiled{structural: structural, values: values, rules: newRules(structural)}, nil
}

// judged is what one schema makes of an object.
type judged struct {
	stored     kube.Object
	violations []schema.Violation
}

func (j judged) drops() (n int) {
	for _, v := range j.violations {
		if v.Kind == schema.UnknownField {
			n++
		}
	}
	return n
}

// judge takes the API server's steps in its order: see schemaCoercingDecoder and customResourceStrategy of
// k8s.io/apiextensions-apiserver.
func (c *compiled) judge(ctx context.Context, obj kube.Object, status bool) judged {
	j := judged{stored: obj, violations: schema.CheckMetadata(obj)}
	fields, _ := copied(obj.Fields).(map[string]any)
	if status {
		delete(fields, "status")
	}
	// Types and words of the metadata are CheckMetadata's; the rest of this shall not stumble over them.
	metadata, hasMetadata := fields["metadata"]
	if hasMetadata {
		fields["metadata"] = map[string]any{}
	}
	track := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown := pruning.PruneWithOptions(fields, c.structural, true, track)
	defaulting.PruneNonNullableNullsWithoutDefaults(fields, c.structural)
	coerced, embeddedUnknown := objectmeta.CoerceWithOptions(nil, fields, c.structural, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	for _, at := range slices.Concat(unknown, embeddedUnknown) {
		j.unknown(obj.Fields, at, c.structural)
	}
	if coerced != nil {
		j.field(fields, coerced)
		return j
	}
	defaulting.Default(fields, c.structural)
	if name, ok := nameOf(metadata); ok {
		// Schemas may restrict the name, and rules ask for it.
		fields["metadata"] = map[string]any{"name": name}
	}
	errs := validation.ValidateCustomResource(nil, fields, c.values)
	errs = append(errs, objectmeta.Validate(ctx, nil, fields, c.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, c.structural, fields)...)
	if !slices.ContainsFunc(errs, blocking) {
		for _, err := range c.rules.violated(ctx, fields) {
			j.rule(fields, err)
		}
	}
	for _, err := range errs {
		if err.Field != nowhere {
			j.field(fields, err)
		}
	}
	for _, err := range errs {
		if err.Field == nowhere {
			j.unplaced(fields, err)
		}
	}
	if hasMetadata {
		fields["metadata"] = metadata
	}
	j.violations = slices.DeleteFunc(j.violations, j.withinWrongType)
	j.stored = schema.Stored(kube.Object{ID: obj.ID, Version: obj.Version, Fields: fields})
	return j
}

// withinWrongType reports whether a field is unknown only because what it stands in should be of another type.
func (j *judged) withinWrongType(v schema.Violation) bool {
	return v.Kind == schema.UnknownField && slices.ContainsFunc(j.violations, func(other schema.Violation) bool {
		return other.Kind == schema.WrongType && len(other.Path) < len(v.Path) && other.Path.Equal(v.Path[:len(other.Path)])
	})
}

func nameOf(metadata any) (string, bool) {
	m, _ := metadata.(map[string]any)
	name, ok := m["name"].(string)
	return name, ok
}

// blocking errors keep the API server from asking rules, which may rely on what is missing.
func blocking(err *field.Error) bool {
	switch err.Type {
	case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
		return true
	default:
		return false
	}
}

// copied copies a value as the API server's decoder would have read it: whole numbers are int64.
func copied(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, inner := range value {
			out[key] = copied(inner)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, inner := range value {
			out[i] = copied(inner)
		}
		return out
	case int:
		return int64(value)
	case float64:
		// 1<<63 is the first that an int64 does not hold; as a float64 it is exact.
		if value == math.Trunc(value) && value >= -(1<<63) && value < 1<<63 {
			return int64(value)
		}
	}
	return value
}
