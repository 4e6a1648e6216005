package crd

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

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
	load           func() (*node, error)
}

// Read makes a definition of a manifest. Its schemas are only compiled when an object of them is judged.
func Read(obj kube.Object) (Definition, error) {
	if obj.ID.Group != Group || obj.ID.Kind != Kind || obj.Version != "v1" {
		return Definition{}, fmt.Errorf("want a %s of %s/v1, got %s of %s", Kind, Group, obj.ID.Kind, obj.APIVersion())
	}
	text, err := json.Marshal(obj.Fields["spec"])
	if err != nil {
		return Definition{}, err
	}
	var spec definitionSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return Definition{}, err
	}
	if spec.Group == "" || spec.Names.Kind == "" || len(spec.Versions) == 0 {
		return Definition{}, errors.New("want spec.group, spec.names.kind and spec.versions")
	}
	d := Definition{groupKind: kube.GroupKind(spec.Group, spec.Names.Kind)}
	for _, v := range spec.Versions {
		if len(v.Schema.OpenAPIV3Schema) == 0 || spec.PreserveUnknownFields {
			return Definition{}, fmt.Errorf("version %s has no structural schema", v.Name)
		}
		own := &ownVersion{name: v.Name, served: v.Served, status: v.Subresources.Status != nil}
		own.load = sync.OnceValues(func() (*node, error) { return readSchema(v.Schema.OpenAPIV3Schema) })
		d.versions = append(d.versions, own)
	}
	return d, nil
}

// definitionSpec is what is read of the spec of a CustomResourceDefinition.
type definitionSpec struct {
	Group string `json:"group"`
	Names struct {
		Kind string `json:"kind"`
	} `json:"names"`
	PreserveUnknownFields bool `json:"preserveUnknownFields"`
	Versions              []struct {
		Name         string `json:"name"`
		Served       bool   `json:"served"`
		Subresources struct {
			Status map[string]any `json:"status"`
		} `json:"subresources"`
		Schema struct {
			OpenAPIV3Schema json.RawMessage `json:"openAPIV3Schema"`
		} `json:"schema"`
	} `json:"versions"`
}

// Limits lists what of the served schemas is not judged here: rules with parts of the language that are not known.
func (d Definition) Limits() (rules []string) {
	for _, v := range d.versions {
		if v.served {
			if root, err := v.load(); err == nil {
				rules = append(rules, root.beyondUs()...)
			}
		}
	}
	return rules
}

// With returns a set that has further definitions, which win over the embedded ones. Of several for one kind the first
// counts.
func (s *Set) With(definitions []Definition) *Set {
	if s == nil || len(definitions) == 0 {
		return s
	}
	further := &Set{releases: s.releases, byKind: s.byKind, own: make(map[string]*Definition, len(definitions))}
	for i := range definitions {
		if d := &definitions[i]; further.own[d.groupKind] == nil {
			further.own[d.groupKind] = d
		}
	}
	return further
}

// judge judges an object by the version it is of; ok is false if there is none. A schema that no API server would take has
// no opinion.
func (d *Definition) judge(obj kube.Object) (j judged, ok bool) {
	for _, v := range d.versions {
		if v.name != obj.Version || !v.served {
			continue
		}
		root, err := v.load()
		if err != nil {
			return judged{stored: obj}, true
		}
		return root.judge(obj, v.status), true
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
