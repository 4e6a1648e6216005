package crd

import (
	"maps"
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
	fields := maps.Clone(obj.Fields)
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
	stored, _ := j.conform(n, fields, at, place{isRoot: true})
	fields, _ = stored.(map[string]any)
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

// place says what else counts for a value than its schema.
type place struct {
	isRoot bool
	// preserved: it is an element of a list of which everything is kept.
	preserved bool
}

// conform gives what is stored of a value: without what the schema does not have and without nulls where none is allowed, with
// defaults, and with whole numbers as int64. Below what is wholly unknown nothing is said any more. What stays as it is, is the
// value given, which is not changed; most of an object does.
func (j *judged) conform(n *node, value any, at trail, p place) (stored any, changed bool) {
	preserves := p.preserved || n != nil && n.Preserve
	switch value := value.(type) {
	case map[string]any:
		return j.conformObject(n, value, at, p.isRoot, preserves)
	case []any:
		out := value
		for i, inner := range value {
			var next any
			var differs bool
			switch {
			case n != nil && n.Items != nil:
				filled := inner == nil && !n.Items.Nullable && n.Items.Default.set
				if filled {
					inner = copied(n.Items.Default.value)
				}
				next, differs = j.conform(n.Items, inner, at.element(i), place{preserved: preserves})
				differs = differs || filled
			case preserves:
				next, differs = whole(inner)
			default:
				next, differs = j.conform(nil, inner, at.element(i), place{})
			}
			if differs {
				if !changed {
					out, changed = slices.Clone(value), true
				}
				out[i] = next
			}
		}
		return out, changed
	}
	return whole(value)
}

func (j *judged) conformObject(n *node, value map[string]any, at trail, isRoot, preserves bool) (stored map[string]any, changed bool) {
	stored = value
	set := func(key string, inner any) {
		if !changed {
			stored, changed = maps.Clone(value), true
		}
		stored[key] = inner
	}
	for key, inner := range value {
		if ofEveryObject(key) && (isRoot || n != nil && n.Embedded) {
			continue
		}
		var field *node
		known := false
		if n != nil {
			field, known = n.field(key)
		}
		if !known {
			if next, differs := whole(inner); preserves && differs {
				set(key, next)
			} else if !preserves {
				j.unknown(n, at.name(key))
				set(key, nil)
				delete(stored, key)
			}
			continue
		}
		filled := false
		if inner == nil && field != nil && !field.Nullable {
			if !field.Default.set {
				set(key, nil)
				delete(stored, key)
				continue
			}
			inner, filled = copied(field.Default.value), true
		}
		if next, differs := j.conform(field, inner, at.name(key), place{}); differs || filled {
			set(key, next)
		}
	}
	if n == nil {
		return stored, changed
	}
	for _, name := range n.defaults {
		if _, there := value[name]; !there {
			field := n.Properties[name]
			next, _ := j.conform(field, copied(field.Default.value), at.name(name), place{})
			set(name, next)
		}
	}
	return stored, changed
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
