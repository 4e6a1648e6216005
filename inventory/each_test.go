package inventory_test

import (
	"slices"
	"testing"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// TestEntries: each object once, in order, as the store was when the snapshot was taken.
func TestEntries(t *testing.T) {
	store := inventory.New(inventory.Options{})
	for _, id := range []kube.ID{
		{Kind: "Secret", Namespace: "b", Name: "x"},
		{Kind: "Secret", Namespace: "a", Name: "x"},
		{Kind: "ConfigMap", Namespace: "a", Name: "x"},
		{Kind: "Secret", Namespace: "a", Name: "x"},
		{Kind: "Namespace", Name: "a"},
	} {
		store.Put(kube.Object{ID: id, Fields: map[string]any{}})
	}
	snapshot := store.Snapshot()
	store.Delete(kube.ID{Kind: "Namespace", Name: "a"})
	var got []string
	for _, entry := range snapshot.Entries() {
		got = append(got, entry.ID.String())
	}
	want := []string{"Namespace a", "ConfigMap a/x", "Secret a/x", "Secret b/x"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if n := len(store.Snapshot().Entries()); n != len(want)-1 {
		t.Errorf("%d entries once one is gone", n)
	}
}
