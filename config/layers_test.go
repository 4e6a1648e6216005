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
rulebooks: [{path: acme, version: v1.1}, other]
parameters: {a/b: {c: 1}}
controllers: {classes: {x: y}}
environments: [{name: dev, paths: [dev], controllers: {classes: {x: d}}}]
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
		{"rulebook", "rulebooks: [{path: acme, version: v1.0}]", true},
		{"rulebook", "rulebooks: [{path: ./acme, version: v1.2}, {path: new, version: v1.0}]", false},
		{"rulebook", "rulebooks: [{path: other, version: v1.0}]", true},
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
		{"controllers", "environments: [{name: prod, paths: [prod], controllers: {classes: {x: z}}}]", true},
		{"controllers", "environments: [{name: prod, paths: [prod], controllers: {classes: {x: y}}}]", false},
		{"controllers", "environments: [{name: dev, paths: [dev]}]", true},
		{"controllers", "environments: [{name: dev, paths: [dev], controllers: {classes: {x: d}}}]", false},
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

// TestLockedBefore: whoever extends what locks cannot loosen it by naming something looser before it.
func TestLockedBefore(t *testing.T) {
	const exemption = "exemptions: [{rules: ['*'], objects: ['*'], reason: r}]\n"
	const locked = "locked: [exemptions, annotationExemptions, rulebook, actions]\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  []string // nothing: it is as it should be
	}{
		"an exemption": {
			map[string]string{"own": "extends: [loose, base]\n", "loose": "complete: [a]\n" + exemption, "base": locked},
			[]string{"loose:2: exemptions[0]: an exemption excuses findings, and exemptions is locked at base:1"},
		},
		"of which base says nothing": {
			map[string]string{"own": "extends: [loose, base]\n", "loose": "annotationExemptions: true\nrulebook: v0.1\n", "base": locked},
			[]string{"loose:1: annotationExemptions: true lets annotations", "loose:2: rulebook: v0.1 has less in force than the newest"},
		},
		"below the first": {
			map[string]string{"own": "extends: [middle, base]\n", "middle": "extends: [loose]\n", "loose": exemption, "base": locked},
			[]string{"loose:1: exemptions[0]: an exemption excuses findings"},
		},
		"between base and its own base": {
			map[string]string{
				"own": "extends: [org, loose, base]\n", "org": "actions: [{rules: ['istio/*'], action: deny}]\n",
				"loose": "actions: [{rules: ['istio/*'], action: warn}]\n", "base": "extends: [org]\n" + locked,
			},
			[]string{"loose:1: actions[0]: warn is less than deny at org:1, and actions is locked at base:2"},
		},
		"the overlay of a cluster": {
			map[string]string{"own": "extends: [loose, base]\n", "loose": "clusters: {prod: {annotationExemptions: true}}\n", "base": locked},
			[]string{"loose:1: clusters.prod.annotationExemptions: true lets annotations"},
		},
		"what base itself extends": {
			map[string]string{"own": "extends: [org, base]\nclusters: {prod: {}}\n", "org": exemption + "rulebook: v0.1\n", "base": "extends: [org]\n" + locked}, nil,
		},
		"nothing looser": {
			map[string]string{"own": "extends: [org, base]\nclusters: {prod: {}}\n", "org": "complete: [a]\n", "base": locked}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for file, text := range test.files {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cluster := ""
			if strings.Contains(test.files["own"]+test.files["loose"], "prod") {
				cluster = "prod"
			}
			_, err := Read(context.Background(), "own", Options{Cluster: cluster})
			if len(test.want) == 0 && err != nil {
				t.Error(err)
			}
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nwant %s", err, want)
				}
			}
		})
	}
}

func clusterOf(own string) string {
	if strings.HasPrefix(own, "clusters:") {
		return "prod"
	}
	return ""
}
