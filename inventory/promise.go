package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// Promise says that a controller will create an object.
type Promise struct {
	// By is the object that makes a controller create it, Path its field that names what is made.
	By   kube.ID
	Path kube.Path
	Made kube.ID // Namespace "" with Everywhere
	Root string  // as Entry's
	// Entry is the object itself, in an inventory that holds it. A Kustomization need have no name to ask for it by.
	Entry *Entry
	// Everywhere: in every namespace, or those that In takes.
	Everywhere bool
	In         *Reach
	// Keys are certain, Maybe depend on something out of sight; Open: there may be more.
	Keys, Maybe []string
	Open        bool
	// Signer says on whom Maybe depends; nil if on nobody who can be told.
	Signer *provider.Signer
	// ByProduct: see provider.Producer.
	ByProduct bool
}

// Promises lists what an object will make a controller create.
func Promises(providers *provider.Set, obj kube.Object) []*Promise {
	var promises []*Promise
	for _, producer := range providers.Producers(obj.ID.GroupKind()) {
		if !produces(producer, obj) {
			continue
		}
		made := producedNames(producer, obj)
		if producer.Distinct && repeated(made) {
			continue
		}
		for _, field := range made {
			if !field.skipped {
				promises = append(promises, promise(producer, obj, field))
			}
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
	if slices.ContainsFunc(p.If, func(c provider.Condition) bool { return !c.Holds(obj, obj.Fields) }) {
		return false
	}
	return !slices.ContainsFunc(p.UnlessValue, func(unless provider.FieldValues) bool { return unless.Holds(obj) })
}

func isSet(path provider.Path, obj kube.Object) bool {
	value, ok := path.First(obj.Fields)
	return ok && value != nil && value != "" && value != false
}

// named is a name that something is to have, and the field it comes from. Skipped: its element is one for which nothing is
// made.
type named struct {
	name    string
	at      kube.Path
	skipped bool
}

func repeated(fields []named) bool {
	seen := make(map[string]bool, len(fields))
	for _, field := range fields {
		if seen[field.name] {
			return true
		}
		seen[field.name] = true
	}
	return false
}

func producedNames(p *provider.Producer, obj kube.Object) []named {
	if len(p.Each) == 0 {
		return namesIn(p, obj.Fields, nil, false)
	}
	var found []named
	var into func(parts []provider.Part, at kube.Path, fields map[string]any, skipped bool)
	into = func(parts []provider.Part, at kube.Path, fields map[string]any, skipped bool) {
		if len(parts) == 0 {
			found = append(found, namesIn(p, fields, at, skipped)...)
			return
		}
		parts[0].Path.Each(fields, func(step kube.Path, value any) {
			element, _ := value.(map[string]any)
			fails := func(c provider.Condition) bool { return !c.Holds(obj, element) }
			into(parts[1:], slices.Concat(at, step), element, skipped || slices.ContainsFunc(parts[0].Where, fails))
		})
	}
	into(p.Each, nil, obj.Fields, false)
	return found
}

func namesIn(p *provider.Producer, fields map[string]any, at kube.Path, skipped bool) (found []named) {
	for _, path := range p.Names {
		path.Each(fields, func(step kube.Path, value any) {
			s, ok := scalar(value)
			name, starts := strings.CutPrefix(s, p.Prefix)
			if ok && starts && name != "" {
				found = append(found, named{name + p.Suffix, slices.Concat(at, step), skipped})
			}
		})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func promise(p *provider.Producer, obj kube.Object, field named) *Promise {
	group, kind := kube.SplitGroupKind(p.Makes)
	made := kube.ID{Group: group, Kind: kind, Namespace: obj.ID.Namespace, Name: field.name}
	if namespace := values(p.NamespaceAt, obj); p.NamespaceAt.String() != "" && len(namespace) > 0 {
		made.Namespace = namespace[0]
	}
	result := &Promise{
		By: obj.ID, Path: field.at, Everywhere: p.Everywhere, Maybe: p.Maybe, ByProduct: p.ByProduct,
		Open: slices.ContainsFunc(p.Open, func(path provider.Path) bool { return isSet(path, obj) }),
	}
	if p.Signer.Role != "" {
		result.Signer = &p.Signer
	}
	if p.Everywhere {
		made.Namespace = ""
		result.In = reach(&p.Namespaces, obj)
	}
	result.Made, result.Keys = made, producedKeys(p, obj)
	if p.Copy && len(result.Keys) == 0 {
		// What is kept of a cluster's objects does not hold their keys.
		result.Open = true
	}
	return result
}

// producedKeys lists the keys that are certain. A key that is set to nothing takes away what was there.
func producedKeys(p *provider.Producer, obj kube.Object) []string {
	keys := slices.Clone(p.Keys)
	for _, path := range p.KeysAt {
		keys = append(keys, values(path, obj)...)
	}
	var removed []string
	paths := p.KeysOf
	if p.Copy {
		for _, name := range dataFields(obj.ID.Kind) {
			data, _ := obj.Fields[name].(map[string]any)
			keys = append(keys, kube.SortedKeys(data)...)
		}
	}
	for _, path := range paths {
		path.Each(obj.Fields, func(_ kube.Path, value any) {
			m, _ := value.(map[string]any)
			for _, key := range kube.SortedKeys(m) {
				if m[key] == nil {
					removed = append(removed, key)
				} else {
					keys = append(keys, key)
				}
			}
		})
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return slices.Contains(removed, key) })
	slices.Sort(keys)
	return slices.Compact(keys)
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
