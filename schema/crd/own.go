package crd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
)

// Group and Kind are those of the objects that Read reads.
const (
	Group = "apiextensions.k8s.io"
	Kind  = "CustomResourceDefinition"
)

// Definition is a CustomResourceDefinition that a tree holds.
type Definition struct {
	groupKind string
	versions  []*ownVersion
}

// GroupKind is the kind that is defined.
func (d Definition) GroupKind() string { return d.groupKind }

type ownVersion struct {
	name           string
	served, status bool
	load           func() (*compiled, error)
}

// Read makes a definition of a manifest. Its schemas are only compiled when an object of them is judged.
func Read(obj kube.Object) (Definition, error) {
	if obj.ID.Group != Group || obj.ID.Kind != Kind || obj.Version != "v1" {
		return Definition{}, fmt.Errorf("want a %s of %s/v1, got %s of %s", Kind, Group, obj.ID.Kind, obj.APIVersion())
	}
	text, err := json.Marshal(obj.Fields)
	if err != nil {
		return Definition{}, err
	}
	var read apiextensionsv1.CustomResourceDefinition
	if err := json.Unmarshal(text, &read); err != nil {
		return Definition{}, err
	}
	if read.Spec.Group == "" || read.Spec.Names.Kind == "" || len(read.Spec.Versions) == 0 {
		return Definition{}, errors.New("want spec.group, spec.names.kind and spec.versions")
	}
	d := Definition{groupKind: kube.GroupKind(read.Spec.Group, read.Spec.Names.Kind)}
	for _, v := range read.Spec.Versions {
		if v.Schema == nil || v.Schema.OpenAPIV3Schema == nil || read.Spec.PreserveUnknownFields {
			return Definition{}, fmt.Errorf("version %s has no structural schema", v.Name)
		}
		properties := v.Schema.OpenAPIV3Schema
		own := &ownVersion{name: v.Name, served: v.Served, status: v.Subresources != nil && v.Subresources.Status != nil}
		own.load = sync.OnceValues(func() (*compiled, error) { return compileOwn(properties) })
		d.versions = append(d.versions, own)
	}
	return d, nil
}

// compileOwn compiles a schema that nobody has looked at yet.
func compileOwn(properties *apiextensionsv1.JSONSchemaProps) (*compiled, error) {
	c, err := compile(properties)
	if err != nil {
		return nil, err
	}
	return c, structuralschema.ValidateStructural(nil, c.structural).ToAggregate()
}

// With returns a set that has further definitions, which win over the embedded ones. Of several for one kind the first
// counts.
func (s *Set) With(definitions []Definition) *Set {
	if s == nil || len(definitions) == 0 {
		return s
	}
	further := &Set{releases: s.releases, own: make(map[string]*Definition, len(definitions))}
	for i := range definitions {
		if d := &definitions[i]; further.own[d.groupKind] == nil {
			further.own[d.groupKind] = d
		}
	}
	return further
}

// judge judges an object by the version it is of; ok is false if there is none. A schema that no API server would take has
// no opinion.
func (d *Definition) judge(ctx context.Context, obj kube.Object) (j judged, ok bool) {
	for _, v := range d.versions {
		if v.name != obj.Version || !v.served {
			continue
		}
		c, err := v.load()
		if err != nil {
			return judged{stored: obj}, true
		}
		return c.judge(ctx, obj, v.status), true
	}
	return judged{stored: obj}, false
}

func (d *Definition) unserved(obj kube.Object) []schema.Violation {
	var served []string
	for _, v := range d.versions {
		if v.served {
			served = append(served, v.name)
		}
	}
	return unserved(obj, "the CustomResourceDefinition in this tree", served)
}
