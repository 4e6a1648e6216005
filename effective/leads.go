package effective

import (
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// ServiceBackend is the port of a Service that a field of an Ingress leads to. Of Port and PortName one is set, the other 0 or "".
type ServiceBackend struct {
	Namespace, Name string
	Port            int
	PortName        string
}

// Leads returns the Service that a path of an Ingress, or its default backend, leads to: the fields that the value of Backend names. Ok
// is false where the field is none of these, or names no port.
func (t *Tree) Leads(s Source) (b ServiceBackend, ok bool) {
	o := t.Find(s.Object)
	if o == nil || s.Object.GroupKind() != ingressKind {
		return b, false
	}
	field, _ := o.Field(s.Path...)
	if !s.Path.Equal(kube.Path{"spec", "defaultBackend"}) {
		fields, _ := field.(map[string]any)
		field = fields["backend"]
	}
	name, port := backend(field)
	b = ServiceBackend{Namespace: s.Object.Namespace, Name: name, PortName: text(port)}
	if b.PortName == "" {
		b.Port = gatewayNumber(port)
	}
	return b, b.Name != "" && (b.Port != 0 || b.PortName != "")
}

// Find returns the object of an identity among those that models read; nil where there is none.
func (t *Tree) Find(id kube.ID) *Object {
	list := t.kinds[id.GroupKind()]
	i, found := slices.BinarySearchFunc(list, id, func(o *Object, id kube.ID) int { return o.ID.Compare(id) })
	if !found {
		return nil
	}
	return list[i]
}

// Named reads the object that an answer names, "Secret shop/api-tls"; ok is false where it names none, or several.
func Named(is string) (id kube.ID, ok bool) {
	kind, name, found := strings.Cut(is, " ")
	if !found || strings.ContainsAny(name, " ,:") || !slices.Contains([]string{"Secret", "ConfigMap", "Service"}, kind) {
		return kube.ID{}, false
	}
	namespace, inside, found := strings.Cut(name, "/")
	if !found {
		namespace, inside = "", name
	}
	return kube.ID{Kind: kind, Namespace: namespace, Name: inside}, inside != "" && !strings.Contains(inside, "/")
}
