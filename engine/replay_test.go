package engine_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

// TestReplay: the facts that a user prints, given to OPA as it comes, yield what Review found. Nothing of a verdict is
// made between the document and the rules.
func TestReplay(t *testing.T) {
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	ingress, _ := kube.FromFields(map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
		"metadata": map[string]any{"name": "web", "namespace": "shop", "annotations": map[string]any{
			"nginx.ingress.kubernetes.io/auth-tls-secret":       "shop/ca",
			"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "-1",
		}},
		"spec": map[string]any{"rules": []any{map[string]any{"host": "a.test"}}},
	})
	store := inventory.New(inventory.Options{Providers: e.Providers(), Complete: []string{"shop"}})
	store.Put(ingress)
	request := engine.Request{
		Object: ingress, Inventory: store.Snapshot(), Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Door: rule.DoorAdmission,
	}
	decision, err := e.Review(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := json.Marshal(e.Facts(request))
	if err != nil {
		t.Fatal(err)
	}
	var input any
	if err := json.Unmarshal(printed, &input); err != nil {
		t.Fatal(err)
	}
	// What metadata says of a rule is the engine's to hold, and not the rule's.
	asked := map[string]bool{}
	acting, _ := input.(map[string]any)["controllers"].(map[string]any)
	for _, d := range e.Rules() {
		acts := func(name string) bool { return acting[name] != nil }
		asked[d.ID] = d.Admission == rule.Judge && d.Profiles["default"] != rule.Off &&
			(len(d.Controllers) == 0 || slices.ContainsFunc(d.Controllers, acts))
	}
	options := []func(*rego.Rego){rego.Input(input), rego.Query(`x = [sprintf("%s/%s: %s", [provider, name, found.message]) | some provider, name; some found in data.policies[provider][name].findings]`)}
	for _, glob := range []string{"*/*/rule.rego", "lib/*.rego"} {
		files, err := fs.Glob(policies.FS(), glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "/rule.rego") && !asked[path.Dir(file)] {
				continue
			}
			text, err := fs.ReadFile(policies.FS(), file)
			if err != nil {
				t.Fatal(err)
			}
			options = append(options, rego.Module(file, string(text)))
		}
	}
	results, err := rego.New(options...).Eval(context.Background())
	if err != nil || len(results) != 1 {
		t.Fatalf("%v, %v", results, err)
	}
	replayed := map[string]bool{}
	for _, line := range results[0].Bindings["x"].([]any) {
		replayed[line.(string)] = true
	}
	if len(decision.Findings) < 2 || len(replayed) != len(decision.Findings) {
		t.Errorf("Review found %d, OPA %d: %v", len(decision.Findings), len(replayed), replayed)
	}
	for _, f := range decision.Findings {
		if !replayed[f.Rule+": "+f.Message] {
			t.Errorf("OPA did not find %s: %s", f.Rule, f.Message)
		}
	}
}
