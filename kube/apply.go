package kube

import (
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
		if len(edit.Path) == 0 {
			return Object{}, fmt.Errorf("%s: %s: no path", obj.ID, edit.Op)
		}
		var err error
		if root, err = apply(root, edit, 0); err != nil {
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

func apply(value any, edit Edit, depth int) (any, error) {
	step, last := edit.Path[depth], depth == len(edit.Path)-1
	switch s := step.(type) {
	case string:
		fields, ok := value.(map[string]any)
		if !ok && value != nil {
			return nil, fmt.Errorf("%s is no mapping", edit.Path[:depth])
		}
		fields = maps.Clone(fields)
		if fields == nil {
			fields = map[string]any{}
		}
		if last {
			return fields, applyKey(fields, edit, s)
		}
		if _, ok := fields[s]; !ok && edit.Op == Remove {
			return value, nil
		}
		next, err := apply(fields[s], edit, depth+1)
		fields[s] = next
		return fields, err
	case int:
		list, ok := value.([]any)
		if !ok && value != nil {
			return nil, fmt.Errorf("%s is no list", edit.Path[:depth])
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
		switch _, taken := fields[name]; {
		case !ok:
			return fmt.Errorf("want a new key, got %v", edit.Value)
		case !exists:
			return fmt.Errorf("no %s", edit.Path)
		case taken:
			return fmt.Errorf("%s is there already", name)
		}
		delete(fields, key)
		fields[name] = old
	}
	return nil
}

func applyIndex(list []any, edit Edit, index, depth int, last bool) (any, error) {
	switch {
	case edit.Op == Remove && index >= len(list):
		return list, nil
	case index < 0 || index > len(list) || index == len(list) && edit.Op != Set:
		return nil, fmt.Errorf("no %s", edit.Path[:depth+1])
	case last && edit.Op == Rename:
		return nil, fmt.Errorf("%s has no key", edit.Path)
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
