package report

import (
	"bytes"
	"html/template"
	"strings"
	"testing"
)

// TestSections: what another package draws stands in the page as it is, under its heading, and the way there is shown; no other
// format has it.
func TestSections(t *testing.T) {
	run := Run{Sections: []Section{{ID: "certificates", Title: "Certificates & CAs", Body: template.HTML(`<svg class="trust"></svg>`)}}}
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Write(&b, run, Style{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`<li><a href="#certificates">Certificates &amp; CAs</a></li>`, `<h2 id="certificates">Certificates &amp; CAs</h2>`, `<svg class="trust"></svg>`,
		} {
			if strings.Contains(b.String(), want) != f.Sections {
				t.Errorf("%s: %s, want %t:\n%s", f.Name, want, f.Sections, &b)
			}
		}
	}
}

// TestTerminalWraps: what other packages write is visible and wrapped as the text format is.
func TestTerminalWraps(t *testing.T) {
	var b bytes.Buffer
	terminal := NewTerminal(&b, Style{Width: 40, Color: true})
	terminal.Put(InkRed, "a\x1b[31m ")
	terminal.Wrap(InkPlain, strings.Repeat("word ", 12), 2)
	terminal.End()
	if err := terminal.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "\x1b[1;31ma␛[31m \x1b[0mword word word word word word\n  word word word word word word \n"
	if got := b.String(); strings.ReplaceAll(got, " \n", "\n") != strings.ReplaceAll(want, " \n", "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}
