package main

import "testing"

func TestLinks(t *testing.T) {
	for name, test := range map[string]struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		"nothing known":          {true, map[string]string{"TERM": "xterm-256color"}, false},
		"a pipe":                 {false, map[string]string{"TERM": "xterm-kitty"}, false},
		"kitty":                  {true, map[string]string{"TERM": "xterm-kitty"}, true},
		"Visual Studio Code":     {true, map[string]string{"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, true},
		"macOS' own":             {true, map[string]string{"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, false},
		"GNOME's":                {true, map[string]string{"TERM": "xterm-256color", "VTE_VERSION": "7600"}, true},
		"GNOME's of old":         {true, map[string]string{"TERM": "xterm-256color", "VTE_VERSION": "5000"}, false},
		"Windows Terminal":       {true, map[string]string{"WT_SESSION": "x"}, true},
		"Konsole":                {true, map[string]string{"KONSOLE_VERSION": "240802"}, true},
		"within tmux":            {true, map[string]string{"TERM": "tmux-256color", "VTE_VERSION": "7600"}, false},
		"within tmux, disguised": {true, map[string]string{"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, false},
		"dumb":                   {true, map[string]string{"TERM": "dumb", "VTE_VERSION": "7600"}, false},
		"forced in a pipe":       {false, map[string]string{"FORCE_HYPERLINK": "1"}, true},
		"forbidden":              {true, map[string]string{"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, false},
	} {
		if got := links(test.terminal, func(key string) string { return test.env[key] }); got != test.want {
			t.Errorf("%s: got %t, want %t", name, got, test.want)
		}
	}
}
