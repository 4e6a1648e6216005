package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/rule"
)

// TestSkipNotes: who tells nobody of notes is told all but these, whoever makes a note of a finding; and a rule that can do no more is
// not asked, or one that does not end would cost its deadline.
func TestSkipNotes(t *testing.T) {
	endless := []string{"not input.object.spec.tag", "x := numbers.range(1, 3000)\n\tcount([1 | some i in x; some j in x; some k in x; i + j + k == 0]) == 0"}
	info := []string{"severity: warning", "severity: info"}
	in := func(namespace string, action rule.Action) rule.Settings {
		return rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"acme/*"}, Namespaces: []string{namespace}, Action: action}}}
	}
	for name, test := range map[string]struct {
		replace  []string
		settings rule.Settings
		asked    bool
		fails    bool
	}{
		"a warning":                              {asked: true},
		"milder than its rule":                   {replace: []string{`"message"`, `"severity": "info", "message"`}},
		"milder than its rule, and denied here":  {replace: []string{`"message"`, `"severity": "info", "message"`}, settings: in("shop", rule.Deny), asked: true},
		"milder, as is found out":                {replace: []string{`"message"`, `"severity": lower("INFO"), "message"`}, asked: true},
		"graver than its rule":                   {replace: append([]string{`"message"`, `"severity": "error", "message"`}, info...)},
		"one note and one warning":               {replace: []string{"findings contains", "findings contains {\"path\": [\"spec\"], \"message\": \"a note\", \"severity\": \"info\"} if not input.object.spec.tag\n\nfindings contains"}, asked: true},
		"a note":                                 {replace: info},
		"a note that does not end":               {replace: slices.Concat(info, endless)},
		"a warning that does not end":            {replace: endless, asked: true, fails: true},
		"a note that is denied here":             {replace: info, settings: in("shop", rule.Deny), asked: true},
		"a note that is denied elsewhere":        {replace: info, settings: in("other", rule.Deny)},
		"a warning that is a note here":          {settings: in("sh*", rule.Note)},
		"a warning that is a note elsewhere":     {settings: in("other", rule.Note), asked: true},
		"a warning that is a note by a profile":  {replace: []string{"severity: warning", "severity: warning, profiles: {migration: note}"}, settings: rule.Settings{Profile: "migration"}},
		"a note that is a warning by a profile":  {replace: []string{"severity: warning", "severity: info, profiles: {strict: warn}"}, settings: rule.Settings{Profile: "strict"}, asked: true},
		"a note that is denied from some day on": {replace: info, settings: rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"acme/*"}, Action: rule.Deny, EnforceFrom: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}}}, asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := engine.New(engine.Settings{Rules: test.settings, Deadline: 100 * time.Millisecond}, engine.Rulebook{Name: "acme", FS: book(test.replace...)})
			if err != nil {
				t.Fatal(err)
			}
			request := widget(map[string]any{})
			request.SkipNotes = true
			decision, err := e.Review(t.Context(), request)
			if (err != nil) != test.fails || err != nil && !strings.Contains(err.Error(), "no verdict within") {
				t.Fatalf("got %v, want an error: %t", err, test.fails)
			}
			if asked := len(decision.Findings) > 0; asked != (test.asked && !test.fails) {
				t.Errorf("found %v, want something: %t", decision.Findings, test.asked)
			}
			if test.fails || strings.Contains(name, "does not end") {
				return
			}
			request.SkipNotes = false
			all, err := e.Review(t.Context(), request)
			if err != nil || len(all.Findings) == 0 {
				t.Fatalf("without: got %v, %v, want a finding", all.Findings, err)
			}
			if heard := all.Denied() || slices.ContainsFunc(all.Findings, func(f rule.Finding) bool { return f.Action <= rule.Warn }); heard && !test.asked {
				t.Errorf("%v are left out", all.Findings)
			}
		})
	}
}
