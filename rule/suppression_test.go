package rule_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/rule"
)

func TestParseIgnores(t *testing.T) {
	end := time.Date(2027, 3, 31, 23, 59, 59, 999999999, time.UTC)
	tests := map[string]struct {
		text string
		want []rule.Ignore
	}{
		"one":          {"a/b -- why", []rule.Ignore{{Rules: []string{"a/b"}, Reason: "why"}}},
		"several":      {" a/b, c/d ,e/f  --  why -- really ", []rule.Ignore{{Rules: []string{"a/b", "c/d", "e/f"}, Reason: "why -- really"}}},
		"until a day":  {"a/b until 2027-03-31 -- why", []rule.Ignore{{Rules: []string{"a/b"}, Until: end, Reason: "why"}}},
		"entries":      {"a/b -- one; c/d -- two\n\n e/f -- three\r\n;", []rule.Ignore{{Rules: []string{"a/b"}, Reason: "one"}, {Rules: []string{"c/d"}, Reason: "two"}, {Rules: []string{"e/f"}, Reason: "three"}}},
		"no reason":    {"a/b", []rule.Ignore{{Rules: []string{"a/b"}}}},
		"blank reason": {"a/b -- ", []rule.Ignore{{Rules: []string{"a/b"}}}},
		"no rule":      {"-- why", []rule.Ignore{{Rules: []string{}, Reason: "why", Defect: "it names no rule"}}},
		"nothing":      {" ; ", []rule.Ignore{{Defect: "it names no rule"}}},
		"a glob":       {"a/* -- why", []rule.Ignore{{Rules: []string{"a/*"}, Reason: "why", Defect: `"a/*" is no rule id: want provider/rule, then -- and the reason`}}},
		"half an id":   {"b -- why", []rule.Ignore{{Rules: []string{"b"}, Reason: "why", Defect: `"b" is no rule id: want provider/rule, then -- and the reason`}}},
		"a colon":      {"a/b: why", []rule.Ignore{{Rules: []string{"a/b:", "why"}, Defect: `"a/b:" is no rule id: want provider/rule, then -- and the reason`}}},
		"no day":       {"a/b until May -- why", []rule.Ignore{{Rules: []string{"a/b"}, Reason: "why", Defect: "want one date after until, as in until 2027-03-31"}}},
		"no such day":  {"a/b until 2027-02-30 -- why", []rule.Ignore{{Rules: []string{"a/b"}, Reason: "why", Defect: "want one date after until, as in until 2027-03-31"}}},
		"two days":     {"a/b until 2027-03-31 2027-04-01 -- why", []rule.Ignore{{Rules: []string{"a/b"}, Reason: "why", Defect: "want one date after until, as in until 2027-03-31"}}},
		"too long":     {strings.Repeat("a/b -- why; ", 2000), []rule.Ignore{{Defect: "longer than 16 KiB"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := rule.ParseIgnores(test.text); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v\nwant %#v", got, test.want)
			}
		})
	}
}

// TestFindIgnore: the first entry counts that is about the rule, has a reason and has not ended; if none does, it is said why.
func TestFindIgnore(t *testing.T) {
	entries := rule.ParseIgnores("a/b until 2026-10-31 -- old; a/b, c/d -- new; e/f; g/h until 2026-10-31 -- old; i/j until 2026-11-01 -- today; k/l, m -- x")
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for id, want := range map[string]struct{ reason, void string }{
		"a/b": {"new", ""},
		"c/d": {"new", ""},
		"e/f": {"", "it gives no reason: want one after --"},
		"g/h": {"", "it ended with 2026-10-31"},
		"i/j": {"today", ""},
		"k/l": {"", `it cannot be understood: "m" is no rule id: want provider/rule, then -- and the reason`},
		"x/y": {"", ""},
	} {
		found, void := rule.FindIgnore(entries, id, now)
		reason := ""
		if found != nil {
			reason = found.Reason
		}
		if reason != want.reason || void != want.void {
			t.Errorf("%s: %q, %q; want %q, %q", id, reason, void, want.reason, want.void)
		}
	}
}

func TestMandatory(t *testing.T) {
	s := rule.Settings{Actions: []rule.ActionSetting{
		{Rules: []string{"a/*"}, Mandatory: true}, {Rules: []string{"a/b"}, Namespaces: []string{"dev-*"}, Action: rule.Warn},
	}}
	for namespace, want := range map[string]bool{"shop": true, "dev-1": false} {
		if got := s.Mandatory(rule.Definition{ID: "a/b"}, namespace); got != want {
			t.Errorf("%s: %t, want %t", namespace, got, want)
		}
	}
	if s.Mandatory(rule.Definition{ID: "c/d"}, "shop") {
		t.Error("a rule that no entry is about is mandatory")
	}
}
