package inventory

import (
	"slices"
	"strconv"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// Promises lists what an object will make a controller create.
func Promises(providers *provider.Set, obj kube.Object) []*Promise {
	var promises []*Promise
	for _, producer := range providers.Producers(obj.ID.GroupKind()) {
		if !produces(producer, obj) {
			continue
		}
		for _, name := range producedNames(producer, obj) {
			promises = append(promises, promise(producer, obj, name))
		}
	}
	return promises
}

func produces(p *provider.Producer, obj kube.Object) bool {
	if len(p.When) > 0 && !slices.ContainsFunc(p.When, func(path provider.Path) bool { return isSet(path, obj) }) {
		return false
	}
	for _, all := range p.Unless {
		if !slices.ContainsFunc(all, func(path provider.Path) bool { return !isSet(path, obj) }) {
			return false
		}
	}
	return !slices.ContainsFunc(p.UnlessValue, func(unless provider.FieldValues) bool { return unless.Holds(obj) })
}

func isSet(path provider.Path, obj kube.Object) bool {
	value, ok := path.First(obj.Fields)
	return ok && value != nil && value != ""
}

func producedNames(p *provider.Producer, obj kube.Object) []string {
	for _, path := range p.Names {
		if names := values(path, obj); len(names) > 0 {
			return names
		}
	}
	return nil
}

func promise(p *provider.Producer, obj kube.Object, name string) *Promise {
	group, kind := kube.SplitGroupKind(p.Makes)
	made := kube.ID{Group: group, Kind: kind, Namespace: obj.ID.Namespace, Name: name}
	if p.Everywhere {
		made.Namespace = ""
	}
	keys := slices.Clone(p.Keys)
	for _, path := range p.KeysAt {
		keys = append(keys, values(path, obj)...)
	}
	for _, path := range p.KeysOf {
		if value, ok := path.First(obj.Fields); ok {
			if m, ok := value.(map[string]any); ok {
				keys = append(keys, kube.SortedKeys(m)...)
			}
		}
	}
	slices.Sort(keys)
	return &Promise{
		By: obj.ID, Made: made, Everywhere: p.Everywhere,
		Keys: slices.Compact(keys), Maybe: p.Maybe, ByProduct: p.ByProduct,
		Open: slices.ContainsFunc(p.Open, func(path provider.Path) bool { return isSet(path, obj) }),
	}
}

// values lists the non-empty scalars a path leads to.
func values(path provider.Path, obj kube.Object) []string {
	var found []string
	path.Each(obj.Fields, func(_ kube.Path, value any) {
		if s, ok := scalar(value); ok && s != "" {
			found = append(found, s)
		}
	})
	return found
}

func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	default:
		return "", false
	}
}
