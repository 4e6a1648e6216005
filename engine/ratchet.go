package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// ratchet turns denials for what the old object had already into warnings, so that installing tlsward never blocks a
// controller that adds a finalizer to something already broken.
func ratchet(now []rule.Finding, obj kube.Object, before []rule.Finding, old kube.Object) {
	had := map[string][]rule.Finding{}
	for _, f := range before {
		key := identity(f, old)
		had[key] = append(had[key], f)
	}
	for i := range now {
		key := identity(now[i], obj)
		same := slices.IndexFunc(had[key], func(f rule.Finding) bool { return within(now[i].Related, f.Related) })
		if same < 0 {
			continue
		}
		// As many as there were: a second reference to the same missing CA is new.
		had[key] = slices.Delete(had[key], same, same+1)
		now[i].Existing = true
		now[i].Action = max(now[i].Action, rule.Warn)
	}
}

// within reports whether others have to do with a finding that did before: a conflict with another peer is new, and one with
// fewer of them is not.
func within(now, before []rule.Related) bool {
	return !slices.ContainsFunc(now, func(r rule.Related) bool {
		return !slices.ContainsFunc(before, func(b rule.Related) bool { return b.Object == r.Object })
	})
}

// identity is what makes a finding the same one in another state of the object: the rule, the field whatever its place in a
// list, and the value that stands there.
func identity(f rule.Finding, obj kube.Object) string {
	var b strings.Builder
	b.WriteString(f.Rule)
	var at any = obj.Fields
	for _, step := range f.Path {
		b.WriteByte('/')
		switch s := step.(type) {
		case string:
			b.WriteString(s)
			fields, _ := at.(map[string]any)
			at = fields[s]
		case int:
			list, _ := at.([]any)
			at = nil
			if s < len(list) {
				at = list[s]
			}
			// Listeners and references have names, what holds for a port has its number; the elements of an Ingress's tls have
			// neither, and are told apart by the value alone.
			if fields, ok := at.(map[string]any); ok {
				key := fields["name"]
				if key == nil {
					key = fields["port"]
				}
				fmt.Fprint(&b, key)
			}
		}
	}
	value, err := json.Marshal(at)
	if err != nil {
		// Objects are in JSON shape; what is not equals nothing.
		return f.Rule + f.Path.String()
	}
	b.WriteByte('=')
	b.Write(value)
	return b.String()
}
