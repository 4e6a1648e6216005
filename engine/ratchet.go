package engine

import (
	"encoding/json"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// ratchet turns denials for what the old object had already into warnings, so that installing tlsward never blocks a
// controller that adds a finalizer to something already broken.
func ratchet(now []rule.Finding, obj kube.Object, before []rule.Finding, old kube.Object) {
	had := map[string]int{}
	for _, f := range before {
		had[identity(f, old)]++
	}
	for i := range now {
		key := identity(now[i], obj)
		if had[key] == 0 {
			continue
		}
		// As many as there were: a second reference to the same missing CA is new.
		had[key]--
		now[i].Existing = true
		now[i].Action = max(now[i].Action, rule.Warn)
	}
}

// identity is what makes a finding the same one in another state of the object: the rule, the field whatever its place in a
// list, the value that stands there, and the other objects that have to do with it.
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
			// Listeners, references and ports have names; the elements of an Ingress's tls have none, and are told apart by the
			// value alone.
			if fields, ok := at.(map[string]any); ok {
				name, _ := fields["name"].(string)
				b.WriteString(name)
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
	for _, related := range f.Related {
		b.WriteString(" " + related.Object.GroupKind() + " " + related.Object.String())
	}
	return b.String()
}
