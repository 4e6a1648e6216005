package config

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNearest: a lock above binds a file that stands nearer, whether it says so or not, and none of another repository does.
func TestNearest(t *testing.T) {
	const locks, looser = "locked: [actions]\nactions: [{rules: ['kong/*'], action: deny}]\n", "actions: [{rules: ['kong/*'], action: 'off'}]\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"alone":                 {map[string]string{"a/b/.tlsward.yaml": looser}, ""},
		"above, without a lock": {map[string]string{".tlsward.yaml": looser, "a/b/.tlsward.yaml": looser}, ""},
		"not extended":          {map[string]string{".tlsward.yaml": locks, "a/b/.tlsward.yaml": looser}, "a/b/.tlsward.yaml:1: extends: actions is locked at .tlsward.yaml:1, which this file does not extend: add ../../.tlsward.yaml"},
		"extended, and looser":  {map[string]string{".tlsward.yaml": locks, "a/b/.tlsward.yaml": "extends: [../../.tlsward.yaml]\n" + looser}, "off is less than deny"},
		"extended":              {map[string]string{".tlsward.yaml": locks, "a/b/.tlsward.yaml": "extends: [../../.tlsward.yaml]\n"}, ""},
		"what it extends locks": {map[string]string{".tlsward.yaml": "extends: [base.yaml]\n", "base.yaml": locks, "a/b/.tlsward.yaml": looser}, "actions is locked at base.yaml:1, which this file does not extend: add ../../.tlsward.yaml"},
		"the same base":         {map[string]string{".tlsward.yaml": "extends: [base.yaml]\n", "base.yaml": locks, "a/b/.tlsward.yaml": "extends: [../../base.yaml]\n"}, ""},
		"two above":             {map[string]string{".tlsward.yaml": locks, "a/.tlsward.yaml": "profile: strict\n", "a/b/.tlsward.yaml": looser}, "actions is locked at .tlsward.yaml:1"},
		"broken above":          {map[string]string{".tlsward.yaml": "lokced: []\n", "a/b/.tlsward.yaml": looser}, ".tlsward.yaml:1: "},
		"another repository":    {map[string]string{".tlsward.yaml": locks, "a/b/.tlsward.yaml": looser, "a/b/.git": ""}, ""},
		"beyond the repository": {map[string]string{".tlsward.yaml": locks, "a/.git": "", "a/b/.tlsward.yaml": looser}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for file, text := range test.files {
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c, err := Nearest(context.Background(), filepath.Join("a", "b"), Options{})
			switch {
			case test.want == "" && (err != nil || c == nil || c.File != filepath.Join("a", "b", FileName)):
				t.Errorf("%+v, %v", c, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}
