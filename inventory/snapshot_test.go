package inventory

import "testing"

// TestSnapshotKept: a snapshot is the same one until something changes, and then another, whatever has changed.
func TestSnapshotKept(t *testing.T) {
	store := New(Options{Providers: providers(t), Cluster: true})
	old := ingress("shop", "web", "a.test")
	for name, change := range map[string]func(){
		"an object is put":      func() { store.Put(old) },
		"an object is replaced": func() { store.Put(ingress("shop", "web", "b.test")) },
		"an object is added":    func() { store.Add(ingress("shop", "other", "a.test")) },
		"a kind is complete":    func() { store.SetComplete("Secret", "", true) },
		"something is declared": func() { store.SetExternal([]External{{Kind: "Secret", Namespace: "*", Name: "there"}}) },
	} {
		before := store.Snapshot()
		if store.Snapshot() != before {
			t.Errorf("before %s: got another snapshot, want the same", name)
		}
		if change(); store.Snapshot() == before {
			t.Errorf("after %s: got the same snapshot, want another", name)
		}
	}
	store.Put(old)
	before := store.Snapshot()
	store.Delete(old.ID)
	store.Delete(old.ID)
	if after := store.Snapshot(); len(before.Sharing("host", "a.test"))-len(after.Sharing("host", "a.test")) != 1 || after != store.Snapshot() {
		t.Error("an object that was deleted is in the snapshot after that, or not in the one before")
	}
}
