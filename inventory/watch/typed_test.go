package watch

import (
	"reflect"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestTyped: what is read as types is what is read as JSON.
func TestTyped(t *testing.T) {
	ca := pkitest.New("typed", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)).Root("ca").CertPEM
	metadata := map[string]any{
		"name": "x", "namespace": "shop", "uid": "1", "resourceVersion": "2", "creationTimestamp": "2026-01-01T00:00:00Z",
		"labels": map[string]any{"a": "b"}, "annotations": map[string]any{"reflector.v1.k8s.emberstack.com/reflects": "shop/y", lastApplied: "{}"},
		"managedFields": []any{map[string]any{"manager": "kubectl"}},
	}
	for name, fields := range map[string]map[string]any{
		"Secret": secret("ca.crt", ca, "password", "x"), "Secret without data": {"type": "kubernetes.io/tls"}, "Secret that stays": {"type": "Opaque", "immutable": true},
		"ConfigMap":           {"data": map[string]any{"ca.crt": ca, "ssl-protocols": "TLSv1.3"}, "binaryData": map[string]any{"b": "AAEC"}},
		"ConfigMap with none": {},
	} {
		t.Run(name, func(t *testing.T) {
			groupKind, typed := secretKind, runtime.Object(&corev1.Secret{})
			if name[0] == 'C' {
				groupKind, typed = configMapKind, &corev1.ConfigMap{}
			}
			fields["apiVersion"], fields["kind"], fields["metadata"] = "v1", groupKind, metadata
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, typed); err != nil {
				t.Fatal(err)
			}
			at := resource{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("x"), namespaced: true}
			set := providers(t)
			k := &kind{groupKind: groupKind, name: groupKind, watcher: &Watcher{options: Options{Store: inventory.New(inventory.Options{Providers: set, Cluster: true})}}}
			got, err := k.prepare(at, typed)
			if err != nil {
				t.Fatal(err)
			}
			want, err := k.prepare(at, &unstructured.Unstructured{Object: fields})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.entry.Object(), want.entry.Object()) {
				t.Errorf("got %v\nwant %v", got.entry.Object(), want.entry.Object())
			}
			keys, open := got.entry.Keys()
			wantKeys, wantOpen := want.entry.Keys()
			if !reflect.DeepEqual(keys, wantKeys) || open != wantOpen {
				t.Errorf("keys: got %v %t, want %v %t", keys, open, wantKeys, wantOpen)
			}
			if got, want := got.entry.Content("ca.crt", nil), want.entry.Content("ca.crt", nil); (got == nil) != (want == nil) || got != nil && got.Bundle != want.Bundle {
				t.Errorf("ca.crt: got %+v, want %+v", got, want)
			}
		})
	}
}
