package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

// TestSuppressionsAtBothDoors: the same objects under the same config are suppressed at both doors by the same, for the same reason,
// or at neither. What only files can tell (an exemption of no use, an annotation of no use) is said by lint alone.
func TestSuppressionsAtBothDoors(t *testing.T) {
	const (
		allowed = "annotationExemptions: true\n"
		missing = "ingress-nginx/client-ca-missing"
		depth   = "ingress-nginx/verify-depth-invalid"
	)
	exempt := func(rules, objects, more string) string {
		return fmt.Sprintf("exemptions:\n  - rules: [%q]\n    objects: [%q]\n    reason: until the migration\n%s", rules, objects, more)
	}
	for name, test := range map[string]struct {
		config, ignore string
		// excused is what is suppressed of the object, rule by kind and reason; refused what denies it.
		excused, refused []string
		// told is what lint says besides of the suppression itself.
		told string
	}{
		"nothing":                     {refused: []string{missing, depth}},
		"annotation, permitted":       {config: allowed, ignore: missing + " -- soon", excused: []string{missing + " by annotation: soon"}, refused: []string{depth}},
		"annotation, not permitted":   {ignore: missing + " -- soon", refused: []string{missing, depth}, told: "suppressions/annotation-not-allowed"},
		"annotation for both":         {config: allowed, ignore: missing + " -- soon; " + depth + " -- so it was", excused: []string{missing + " by annotation: soon", depth + " by annotation: so it was"}},
		"annotation without a reason": {config: allowed, ignore: missing, refused: []string{missing, depth}, told: "suppressions/reason-missing"},
		"annotation until today":      {config: allowed, ignore: missing + " until 2026-11-01 -- soon", excused: []string{missing + " by annotation: soon"}, refused: []string{depth}},
		"annotation until yesterday":  {config: allowed, ignore: missing + " until 2026-10-31 -- soon", refused: []string{missing, depth}, told: "suppressions/expired"},
		"annotation with a glob":      {config: allowed, ignore: "ingress-nginx/* -- soon", refused: []string{missing, depth}, told: "suppressions/invalid"},
		"annotation of no use":        {config: allowed, ignore: "gateway-api/backend-ca-missing -- soon", refused: []string{missing, depth}, told: "suppressions/unused"},
		"exemption":                   {config: exempt(missing, "Ingress shop/api", ""), excused: []string{missing + " by config: until the migration"}, refused: []string{depth}},
		"exemption by globs":          {config: exempt("ingress-nginx/*", "Ingress sh*/a*", ""), excused: []string{missing + " by config: until the migration", depth + " by config: until the migration"}},
		"exemption until today":       {config: exempt(missing, "Ingress shop/*", "    until: 2026-11-01\n"), excused: []string{missing + " by config: until the migration"}, refused: []string{depth}},
		"exemption until yesterday":   {config: exempt(missing, "Ingress shop/*", "    until: 2026-10-31\n"), refused: []string{missing, depth}, told: "config/exemption-expired"},
		"exemption of no use":         {config: exempt(missing, "Ingress shop/other", ""), refused: []string{missing, depth}, told: "config/exemption-unused"},
		"exemption before annotation": {config: allowed + exempt(missing, "Ingress shop/api", ""), ignore: missing + " -- soon", excused: []string{missing + " by config: until the migration"}, refused: []string{depth}},
		"not suppressible": {
			config: allowed + "actions:\n  - {rules: [" + missing + "], action: deny, suppressible: false}\n", ignore: missing + " -- soon",
			refused: []string{missing, depth},
		},
		"not suppressible, but exempted": {
			config:  "actions:\n  - {rules: [" + missing + "], action: deny, suppressible: false}\n" + exempt(missing, "Ingress shop/api", ""),
			excused: []string{missing + " by config: until the migration"}, refused: []string{depth},
		},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := config.Parse(config.FileName, []byte(test.config))
			if err != nil {
				t.Fatal(err)
			}
			e, err := engine.New(engine.Settings{Rules: parsed.Settings, Scope: "this cluster"},
				engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
			if err != nil {
				t.Fatal(err)
			}
			options := []option{nginx("auth-tls-verify-depth", "-1")}
			if test.ignore != "" {
				options = append(options, ignoring(test.ignore))
			}
			object := mtls("shop/api", "shop/missing", options...)

			s := open(t, func(p *webhook.Policy) { p.Reviewer = e })
			s.put(nginxClass())
			answer := s.ask(create(object))
			admitted := s.last().Decision
			if answer.Allowed != (len(test.refused) == 0) {
				t.Errorf("at admission: %s", answer)
			}
			for _, id := range test.refused[:min(len(test.refused), 1)] {
				if !strings.Contains(answer.message(), id) {
					t.Errorf("the refusal does not name %s: %s", id, answer)
				}
			}

			result := linted(t, e, parsed, nginxClass(), object)
			var ofObject rule.Decision
			var told []string
			for _, f := range result.Findings {
				if strings.HasPrefix(f.Rule, "suppressions/") || strings.HasPrefix(f.Rule, "config/") {
					told = append(told, f.Rule)
				} else if f.Object == object.ID {
					ofObject.Findings = append(ofObject.Findings, f)
				}
			}
			ofObject.Suppressed = result.Suppressed

			for door, decision := range map[string]rule.Decision{"lint": ofObject, "admission": admitted} {
				if got := denials(decision); !slices.Equal(got, test.refused) {
					t.Errorf("%s denies for %q, want %q", door, got, test.refused)
				}
				if got := suppressions(decision); !slices.Equal(got, test.excused) {
					t.Errorf("%s suppresses %q, want %q", door, got, test.excused)
				}
			}
			if want := test.told; want != strings.Join(told, " ") {
				t.Errorf("lint says of suppressions %q, want %q", told, want)
			}
			for _, f := range admitted.Findings {
				if strings.HasPrefix(f.Rule, "suppressions/") || strings.HasPrefix(f.Rule, "config/") {
					t.Errorf("admission says %s", f.Rule)
				}
			}
		})
	}
}

// linted judges objects as files, in a tree that holds all there is.
func linted(t *testing.T, e *engine.Engine, c *config.Config, objects ...kube.Object) *lint.Result {
	t.Helper()
	var stream bytes.Buffer
	for _, object := range objects {
		text, err := json.Marshal(object.Fields) // JSON is YAML
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&stream, "---\n%s\n", text)
	}
	result, err := lint.Run(context.Background(), []string{"-"}, lint.Options{
		Reviewer: e, Now: noon, Complete: []string{"*"}, ReadFile: func(string) (string, error) { return stream.String(), nil },
		Exemptions: &lint.Exemptions{File: c.File, Lines: c.ExemptionLines, List: c.Settings.Exemptions},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range result.Problems {
		t.Fatalf("%d: %s", problem.At.Line, problem.Message)
	}
	return result
}

func denials(d rule.Decision) (ids []string) {
	for _, f := range d.Findings {
		if f.Action == rule.Deny {
			ids = append(ids, f.Rule)
		}
	}
	slices.Sort(ids)
	return ids
}

func suppressions(d rule.Decision) (list []string) {
	for _, f := range d.Suppressed {
		list = append(list, fmt.Sprintf("%s by %s: %s", f.Rule, f.Suppression.Kind, f.Suppression.Reason))
	}
	slices.Sort(list)
	return list
}
