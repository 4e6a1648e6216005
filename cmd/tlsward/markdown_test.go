package main

import (
	"testing"

	"github.com/tlsward/tlsward/report"
)

func TestMarkdown(t *testing.T) {
	const text = "One **two** `three`\nfour five.\n\n- six seven eight\n- nine\n\n```yaml\na:   b\n```\nx\x1b[0m `open"
	for name, c := range map[string]struct {
		style report.Style
		want  string
	}{
		"a pipe keeps lines": {
			report.Style{},
			"One two `three`\nfour five.\n\n- six seven eight\n- nine\n\n    a:   b\nx␛[0m `open\n",
		},
		"a terminal folds them": {
			report.Style{Width: 12, Color: true},
			"One \x1b[1mtwo\x1b[0m\n\x1b[36mthree\x1b[0m four\nfive.\n\n- six seven\n  eight\n- nine\n\n    a:   b\nx␛[0m `open\n",
		},
	} {
		p := page{style: c.style}
		if p.markdown(text); p.String() != c.want {
			t.Errorf("%s: got\n%q, want\n%q", name, p.String(), c.want)
		}
	}
}
