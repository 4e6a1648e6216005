package config

import (
	"testing"

	"github.com/tlsward/tlsward/kube"
)

func TestLine(t *testing.T) {
	const text = `# a comment
profile: actions
actions:
  - rules:
      - a/b
      - c/d
    action: off
  - {rules: [e/f], action: off}
controllers:
  classes: {internal: traefik,
    edge: kong}
`
	for _, test := range []struct {
		field kube.Path
		want  int
	}{
		{kube.Path{"actions", 0, "rules", 1}, 6},
		{kube.Path{"actions", 1, "rules", 0}, 8},
		{kube.Path{"actions"}, 3},
		{kube.Path{"controllers", "classes", "edge"}, 11},
		{kube.Path{"controllers", "classes", "none"}, 10},
		{kube.Path{"controllers", "only", 0}, 9},
		{kube.Path{"actions", 7, "rules"}, 3},
		{kube.Path{"profile", "x"}, 2},
		{kube.Path{"only", 0}, 0},
		{nil, 0},
	} {
		if got := Line([]byte(text), test.field); got != test.want {
			t.Errorf("%s: got line %d, want %d", test.field, got, test.want)
		}
	}
	for _, text := range []string{"", "a: [", "- a"} {
		if got := Line([]byte(text), kube.Path{"a", 0}); got != 0 {
			t.Errorf("%q: got line %d, want 0", text, got)
		}
	}
}
