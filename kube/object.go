// Package kube holds the nouns of the Kubernetes API as tlsward uses them: objects, identities, paths into an object,
// edits and positions. Every package may use it; it knows no client, no file format and no rule.
package kube

import (
	"cmp"
	"strings"
)

// ID identifies an object whatever version it is read in. An empty Namespace means cluster-scoped or, for a namespaced
// kind read from a file, unset: a file without a namespace is applied wherever its owner says, so unset matches any
// namespace and is never "default".
type ID struct{ Group, Kind, Namespace, Name string }

// GroupKind names a kind in the form used by rule metadata and provider.yaml: "Ingress.networking.k8s.io", "Secret".
func (id ID) GroupKind() string { return GroupKind(id.Group, id.Kind) }

// GroupKind joins a group and a kind as "Kind.group", or "Kind" for the core group.
func GroupKind(group, kind string) string {
	if group == "" {
		return kind
	}
	return kind + "." + group
}

// SplitGroupKind is the inverse of GroupKind.
func SplitGroupKind(s string) (group, kind string) {
	kind, group, _ = strings.Cut(s, ".")
	return group, kind
}

// String is the form people read in messages: "Secret shop/client-ca", or "Secret client-ca" where the namespace is
// unset or there is none.
func (id ID) String() string {
	switch {
	case id.Name == "":
		return id.Kind // a kustomization needs no name
	case id.Namespace == "":
		return id.Kind + " " + id.Name
	default:
		return id.Kind + " " + id.Namespace + "/" + id.Name
	}
}

// Compare orders identities by namespace, name, kind and group.
func (id ID) Compare(other ID) int {
	return cmp.Or(
		cmp.Compare(id.Namespace, other.Namespace), cmp.Compare(id.Name, other.Name),
		cmp.Compare(id.Kind, other.Kind), cmp.Compare(id.Group, other.Group),
	)
}

// Object is an API object in JSON shape, so that fields nobody declared survive. Fields holds only nil, bool, int64,
// float64, string, []any and map[string]any, as k8s.io/apimachinery decodes JSON, and is not changed once built.
type Object struct {
	ID      ID
	Version string
	Fields  map[string]any
}

// APIVersion is the object's apiVersion as written in a manifest.
func (o Object) APIVersion() string {
	if o.ID.Group == "" {
		return o.Version
	}
	return o.ID.Group + "/" + o.Version
}

// FromFields reads the identity out of an object's fields. It reports false where apiVersion or kind is missing or no
// string: such a document is no Kubernetes object.
func FromFields(fields map[string]any) (Object, bool) {
	apiVersion, _ := fields["apiVersion"].(string)
	kind, _ := fields["kind"].(string)
	if apiVersion == "" || kind == "" {
		return Object{}, false
	}
	group, version, grouped := strings.Cut(apiVersion, "/")
	if !grouped {
		group, version = "", apiVersion
	}
	metadata, _ := fields["metadata"].(map[string]any)
	namespace, _ := metadata["namespace"].(string)
	name, _ := metadata["name"].(string)
	return Object{ID: ID{Group: group, Kind: kind, Namespace: namespace, Name: name}, Version: version, Fields: fields}, true
}

// Edit changes one field of an object: a JSON Patch operation for admission, a text edit for lint.
type Edit struct {
	Op   Op
	Path Path
	// Value is what Set writes: JSON shape. For Rename it is the new key, a string. Remove ignores it.
	Value any
}

// Op is what an Edit does.
type Op int

// Set writes a value, creating missing mappings on the way; Rename changes the last key of the path; Remove deletes it.
const (
	Set Op = iota
	Rename
	Remove
)

func (o Op) String() string { return [...]string{"set", "rename", "remove"}[o] }

// Position is a place in a file; Line and Column count from 1, Column in Unicode code points. The zero value means
// that the object was read from the API server.
type Position struct {
	File         string
	Line, Column int
}

// Compare orders positions by file, line and column.
func (p Position) Compare(other Position) int {
	if c := cmp.Compare(p.File, other.File); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(p.Line, other.Line), cmp.Compare(p.Column, other.Column))
}
