package config

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/rule"
)

// FuzzParse: a config or errors, never both or neither; every error names the file and a line of it, in order, on one
// line; and what Parse accepts, the schema accepts, is in order for the rules too, and within its bounds.
func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	for _, text := range empty {
		f.Add([]byte(text))
	}
	for _, test := range bad {
		f.Add([]byte(test.text))
	}
	for text := range admissions {
		f.Add([]byte(text))
	}
	for text := range enforceFroms {
		f.Add([]byte("actions: [{rules: [a/b], action: deny, enforceFrom: " + text + "}]"))
	}
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("dir/f.yaml", data)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of them", c, err)
		}
		if err == nil {
			if err := c.Settings.Validate(); err != nil {
				t.Errorf("Validate: %v", err)
			}
			for i, a := range c.Settings.Actions {
				if !a.EnforceFrom.IsZero() && a.Action != rule.Deny {
					t.Errorf("actions[%d]: got %s with enforceFrom, want only deny", i, a.Action)
				}
			}
			a := c.Admission.WithDefaults()
			if _, err := ParseMode(a.Mode.String()); err != nil {
				t.Error(err)
			}
			if a.PendingGrace < minPendingGrace || a.PendingGrace > maxPendingGrace || a.LiveReads < minLiveReads || a.LiveReads > maxLiveReads {
				t.Errorf("got %+v, want it within its bounds", a)
			}
			if len(c.ExemptionLines) != len(c.Settings.Exemptions) {
				t.Errorf("got %d lines of %d exemptions", len(c.ExemptionLines), len(c.Settings.Exemptions))
			}
			if err := schema.Validate(asJSON(t, data)); err != nil {
				t.Errorf("Parse accepts what the schema refuses: %v", err)
			}
			return
		}
		lines := bytes.Count(data, []byte("\n")) + 1
		last := 0
		for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %T, want *Error", err)
			}
			if e.At.File != "dir/f.yaml" || e.At.Line < 1 || e.At.Line > lines || e.At.Column < 1 || e.At.Line < last {
				t.Errorf("got %+v after line %d, want a position within the %d lines", e.At, last, lines)
			}
			last = e.At.Line
			if strings.ContainsAny(e.Message, "\n\r") {
				t.Errorf("want one line, got %q", e.Message)
			}
		}
	})
}
