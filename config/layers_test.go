package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLocked: what each locked key forbids, and what it does not.
func TestLocked(t *testing.T) {
	const held = `locked: [%s]
profile: strict
rulebook: v0.2
actions: [{rules: ["istio/*"], action: deny, enforceFrom: 2027-01-15}]
parameters: {a/b: {c: 1}}
controllers: {classes: {x: y}}
schemas: {channel: standard}
admission: {ratchet: false, references: {pendingGrace: 10m}, liveReads: 50, guard: warn}
`
	for _, test := range []struct {
		key, own string
		refused  bool
	}{
		{"profile", "profile: default", true},
		{"profile", "profile: strict", false},
		{"rulebook", "rulebook: v0.1", true},
		{"rulebook", "rulebook: v0.3", false},
		{"annotationExemptions", "annotationExemptions: true", true},
		{"annotationExemptions", "annotationExemptions: false", false},
		{"exemptions", "exemptions: [{rules: ['*'], objects: ['*'], reason: r}]", true},
		{"external", "external: [Secret a/b]", true},
		{"actions", "actions: [{rules: ['*'], action: warn}]", true},
		{"actions", "actions: [{rules: ['istio/x'], namespaces: [a], action: 'off'}]", true},
		{"actions", "actions: [{rules: ['istio/x'], action: deny, enforceFrom: 2027-01-16}]", true},
		{"actions", "actions: [{rules: ['istio/x'], action: deny, enforceFrom: 2027-01-14}]", false},
		{"actions", "actions: [{rules: ['kong/*'], action: 'off'}]", false},
		{"actions", "clusters: {prod: {actions: [{rules: ['istio/*'], action: note}]}}", true},
		{"parameters", "parameters: {a/b: {c: 2}}", true},
		{"parameters", "parameters: {a/b: {c: 1}}", false},
		{"controllers", "controllers: {classes: {x: z}}", true},
		{"controllers", "controllers: {classes: {x: y}}", false},
		{"schemas", "schemas: {channel: experimental}", true},
		{"schemas", "schemas: {channel: standard}", false},
		{"admission", "admission: {mode: warn}", true},
		{"admission", "admission: {ratchet: true}", true},
		{"admission", "admission: {references: {onCreate: pending}}", true},
		{"admission", "admission: {references: {onCreate: deny}}", false},
		{"admission", "admission: {references: {pendingGrace: 11m}}", true},
		{"admission", "admission: {references: {pendingGrace: 9m}, liveReads: 60}", false},
		{"admission", "admission: {liveReads: 40}", true},
		{"admission", "admission: {guard: 'off'}", true},
		{"admission", "admission: {guard: deny}", false},
		{"profile", "admission: {mode: warn}", false},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"base.yaml": fmt.Sprintf(held, test.key), "own.yaml": "extends: [base.yaml]\n" + test.own + "\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Read(context.Background(), filepath.Join(dir, "own.yaml"), Options{Cluster: clusterOf(test.own)})
		if (err != nil) != test.refused {
			t.Errorf("%s locked, %s: %v", test.key, test.own, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "own.yaml:2: ") || !strings.Contains(err.Error(), "base.yaml:1")) {
			t.Errorf("%s: %v: want both files with their lines", test.own, err)
		}
	}
}

func clusterOf(own string) string {
	if strings.HasPrefix(own, "clusters:") {
		return "prod"
	}
	return ""
}
