package kube

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Apply returns an object with edits made, one after the other. The object given keeps its fields: what an edit changes is
// copied, and everything else is shared. To remove what is not there changes nothing, so that two rules may want the same;
// setting the index after a list's last appends to it.
func Apply(obj Object, edits []Edit) (Object, error) {
	var root any = obj.Fields
	for _, edit := range edits {
		var err error
		if root, err = ApplyTo(root, edit); err != nil {
			return Object{}, fmt.Errorf("%s: %s %s: %w", obj.ID, edit.Op, edit.Path, err)
		}
	}
	fields, _ := root.(map[string]any)
	edited, ok := FromFields(fields)
	if !ok {
		return Object{}, fmt.Errorf("%s: no apiVersion or kind is left", obj.ID)
	}
	return edited, nil
}

// ApplyTo is Apply for a value that is no object by itself, such as a list of them.
func ApplyTo(value any, edit Edit) (any, error) {
	if len(edit.Path) == 0 {
		return nil, errors.New("no path")
	}
	return apply(value, edit, 0)
}

func apply(value any, edit Edit, depth int) (any, error) {
	step, last := edit.Path[depth], depth == len(edit.Path)-1
	switch s := step.(type) {
	case string:
		fields, ok := value.(map[string]any)
		if !ok && value != nil {
			return nil, fmt.Errorf("want a mapping with %q, got another value", s)
		}
		if _, ok := fields[s]; !ok && edit.Op == Remove {
			return value, nil
		}
		fields = maps.Clone(fields)
		if fields == nil {
			fields = map[string]any{}
		}
		if last {
			return fields, applyKey(fields, edit, s)
		}
		next, err := apply(fields[s], edit, depth+1)
		fields[s] = next
		return fields, err
	case int:
		list, ok := value.([]any)
		if !ok && value != nil {
			return nil, fmt.Errorf("want a list with [%d], got another value", s)
		}
		return applyIndex(list, edit, s, depth, last)
	default:
		return nil, fmt.Errorf("step %v: want a key or an index", step)
	}
}

func applyKey(fields map[string]any, edit Edit, key string) error {
	old, exists := fields[key]
	switch edit.Op {
	case Set:
		fields[key] = edit.Value
	case Remove:
		delete(fields, key)
	case Rename:
		name, ok := edit.Value.(string)
		if _, taken := fields[name]; !ok || !exists || taken {
			return fmt.Errorf("cannot be renamed to %v", edit.Value)
		}
		delete(fields, key)
		fields[name] = old
	}
	return nil
}

func applyIndex(list []any, edit Edit, index, depth int, last bool) (any, error) {
	switch {
	case edit.Op == Remove && index >= len(list):
		if list == nil {
			return nil, nil // a null stays a null
		}
		return list, nil
	case index < 0 || index > len(list) || index == len(list) && edit.Op != Set:
		return nil, fmt.Errorf("no item [%d] in a list of %d", index, len(list))
	case last && edit.Op == Rename:
		return nil, errors.New("an item has no name to change")
	case last && edit.Op == Remove:
		return slices.Delete(slices.Clone(list), index, index+1), nil
	}
	list = slices.Clone(list)
	if index == len(list) {
		list = append(list, nil)
	}
	if last {
		list[index] = edit.Value
		return list, nil
	}
	next, err := apply(list[index], edit, depth+1)
	list[index] = next
	return list, err
}
