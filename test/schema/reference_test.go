package schema

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

const data = "../../schema/crd/data"

// entry is a line of the index of the embedded schemas: see its first line.
type entry struct {
	project, release, channel, group, kind, version, served, schema string
}

func entries(t testing.TB) (list []entry) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "index.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 8 && f[0] != "#" {
			list = append(list, entry{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]})
		}
	}
	return list
}

func (e entry) properties(t testing.TB) *apiextensionsv1.JSONSchemaProps {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(data, e.project+"-"+e.release+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	file, err := archive.Open(e.schema)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	var properties apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(text, &properties); err != nil {
		t.Fatal(err)
	}
	return &properties
}

// reference is a schema as the API server compiles it.
type reference struct {
	structural *structuralschema.Structural
	values     validation.SchemaValidator
	rules      *cel.Validator
}

func compile(t testing.TB, properties *apiextensionsv1.JSONSchemaProps) *reference {
	t.Helper()
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(properties, &internal, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		t.Fatal(err)
	}
	if err := defaulting.PruneDefaults(structural); err != nil {
		t.Fatal(err)
	}
	values, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		t.Fatal(err)
	}
	return &reference{structural, values, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
}

// outcome is what becomes of an object.
type outcome struct {
	dropped, refused []string
	stored           map[string]any
	text             []string
}

// judge takes the steps of schemaCoercingDecoder and customResourceStrategy of k8s.io/apiextensions-apiserver.
func (r *reference) judge(object map[string]any, status bool) (o outcome) {
	fields := runtime.DeepCopyJSON(object)
	if status {
		delete(fields, "status")
	}
	o.dropped = pruning.PruneWithOptions(fields, r.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	defaulting.PruneNonNullableNullsWithoutDefaults(fields, r.structural)
	defaulting.Default(fields, r.structural)
	errs := validation.ValidateCustomResource(nil, fields, r.values)
	errs = append(errs, objectmeta.Validate(context.Background(), nil, fields, r.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, r.structural, fields)...)
	if !slices.ContainsFunc(errs, blocking) {
		found, _ := r.rules.Validate(context.Background(), nil, r.structural, fields, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, found...)
	}
	for _, err := range errs {
		o.refused, o.text = append(o.refused, err.Field), append(o.text, err.Error())
	}
	o.stored = fields
	return o
}

// blocking errors keep the API server from asking rules.
func blocking(err *field.Error) bool {
	switch err.Type {
	case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
		return true
	default:
		return false
	}
}
