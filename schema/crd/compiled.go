package crd

import (
	"slices"
	"strconv"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
)

// judged is what one schema makes of an object.
type judged struct {
	stored     kube.Object
	violations []schema.Violation
	// blocked: something keeps the API server from asking rules, which may rely on what is missing.
	blocked bool
}

func (j *judged) drops() (n int) {
	for _, v := range j.violations {
		if v.Kind == schema.UnknownField {
			n++
		}
	}
	return n
}

// judge takes the API server's steps in its order: see schemaCoercingDecoder and customResourceStrategy of
// k8s.io/apiextensions-apiserver.
func (n *node) judge(obj kube.Object, status bool) judged {
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
	var steps [24]trailStep // few objects are deeper
	at := trail(steps[:0])
	j.prune(n, fields, at, true)
	withoutNulls(n, fields)
	fill(n, fields)
	if m, ok := metadata.(map[string]any); ok {
		if name, ok := m["name"].(string); ok {
			// Schemas may restrict the name, and rules ask for it.
			fields["metadata"] = map[string]any{"name": name}
		}
	}
	j.value(n, fields, at)
	j.lists(n, fields, at)
	if !j.blocked {
		j.rules(n, fields, at)
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

func (j *judged) add(at trail, kind schema.Kind, message string) {
	v := schema.Violation{Path: at.path(), Kind: kind, Message: message}
	if !slices.ContainsFunc(j.violations, func(other schema.Violation) bool {
		return other.Kind == kind && other.Message == message && other.Path.Equal(v.Path)
	}) {
		j.violations = append(j.violations, v)
	}
}

// prune drops what the schema does not have. Below what is wholly unknown nothing is said any more.
func (j *judged) prune(n *node, value any, at trail, isRoot bool) {
	preserves := n != nil && n.Preserve
	switch value := value.(type) {
	case map[string]any:
		for key := range value {
			if ofEveryObject(key) && (isRoot || n != nil && n.Embedded) {
				continue
			}
			var inner *node
			known := false
			if n != nil {
				inner, known = n.field(key)
			}
			switch {
			case known:
				j.prune(inner, value[key], at.name(key), false)
			case !preserves:
				j.unknown(n, at.name(key))
				delete(value, key)
			}
		}
	case []any:
		for i, element := range value {
			switch {
			case n != nil && n.Items != nil:
				j.pruneElement(n.Items, preserves, element, at.element(i))
			case !preserves:
				j.prune(nil, element, at.element(i), false)
			}
		}
	}
}

// pruneElement drops what the schema of an element does not have; elements of what is preserved are preserved too.
func (j *judged) pruneElement(n *node, preserves bool, value any, at trail) {
	if preserves && !n.Preserve {
		kept := node{Type: n.Type, Properties: n.Properties, Additional: n.Additional, Items: n.Items, Embedded: n.Embedded, Preserve: true}
		n = &kept
	}
	j.prune(n, value, at, false)
}

// ofEveryObject are fields that an object has whatever its schema says.
func ofEveryObject(key string) bool { return key == "apiVersion" || key == "kind" || key == "metadata" }

// unknown says that a field is dropped, and which one may have been meant.
func (j *judged) unknown(n *node, at trail) {
	message := "unknown field " + strconv.Quote(at.path().String())
	if n != nil {
		if near, ok := kube.Near(at[len(at)-1].key, kube.SortedKeys(n.Properties)); ok {
			message += "; did you mean " + strconv.Quote(near) + "?"
		}
	}
	j.add(at, schema.UnknownField, message)
}

// withoutNulls drops nulls where none is allowed and no default stands for them.
func withoutNulls(n *node, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			var field *node
			if n != nil {
				field, _ = n.field(key)
			}
			if inner == nil && field != nil && !field.Nullable && !field.Default.set {
				delete(value, key)
			} else {
				withoutNulls(field, inner)
			}
		}
	case []any:
		for _, inner := range value {
			if n != nil {
				withoutNulls(n.Items, inner)
			}
		}
	}
}

// fill puts defaults where nothing is, or a null that is not allowed.
func fill(n *node, value any) {
	if n == nil {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		for name, property := range n.Properties {
			if !property.Default.set {
				continue
			}
			if inner, there := value[name]; !there || inner == nil && !property.Nullable {
				value[name] = copied(property.Default.value)
			}
		}
		for name, inner := range value {
			field, _ := n.field(name)
			if inner == nil && field != nil && !field.Nullable {
				inner = copied(field.Default.value)
				value[name] = inner
			}
			fill(field, inner)
		}
	case []any:
		for i, inner := range value {
			if inner == nil && n.Items != nil && !n.Items.Nullable {
				inner = copied(n.Items.Default.value)
				value[i] = inner
			}
			fill(n.Items, inner)
		}
	}
}
