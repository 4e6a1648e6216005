package config

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// FuzzParse: a config or errors, never both or neither; every error names the file and a line of it, in order, on one
// line; and what Parse accepts, the schema accepts, and is in order for the rules too.
func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	for _, text := range empty {
		f.Add([]byte(text))
	}
	for _, test := range bad {
		f.Add([]byte(test.text))
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
