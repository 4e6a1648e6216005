package schema

import (
	"reflect"
	"sync"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/tlsward/tlsward/kube"
)

// core is the group of Secret, Service and the like.
const core = ""

// kindKey is a kind in one version of its group.
type kindKey struct{ group, version, kind string }

func keyOf(obj kube.Object) kindKey { return kindKey{obj.ID.Group, obj.Version, obj.ID.Kind} }

// kinds are those that Check has an opinion on. A kind costs nothing until the first object of it is checked; what is
// listed beyond the kinds that rules judge or refer to is here because its Go package is in the build anyway.
var kinds = map[kindKey]func() *shape{
	{"networking.k8s.io", "v1", "Ingress"}:       root[networkingv1.Ingress](),
	{"networking.k8s.io", "v1", "IngressClass"}:  root[networkingv1.IngressClass](),
	{"networking.k8s.io", "v1", "NetworkPolicy"}: root[networkingv1.NetworkPolicy](),
	{core, "v1", "ConfigMap"}:                    root[corev1.ConfigMap](),
	{core, "v1", "Namespace"}:                    root[corev1.Namespace](),
	{core, "v1", "PersistentVolumeClaim"}:        root[corev1.PersistentVolumeClaim](),
	{core, "v1", "Pod"}:                          root[corev1.Pod](),
	{core, "v1", "Secret"}:                       root[corev1.Secret](),
	{core, "v1", "Service"}:                      root[corev1.Service](),
	{core, "v1", "ServiceAccount"}:               root[corev1.ServiceAccount](),
}

// root makes the shape of a kind when it is first asked for, and keeps it.
func root[T any]() func() *shape {
	return sync.OnceValue(func() *shape {
		s := *shapeOf(reflect.TypeFor[T](), map[reflect.Type]*shape{})
		// A status is the controllers' to write; what a manifest says there is dropped.
		if _, ok := s.fields["status"]; ok {
			s.fields["status"] = anything
		}
		return &s
	})
}
