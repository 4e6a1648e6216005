package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guideBlock is a fenced block: its language, the file that it is if one is named, and its text.
var guideBlock = regexp.MustCompile("(?ms)^```([a-z]+)(?: ([^\n]+))?\n(.*?)^```$")

// words splits a line as a shell does, as far as the guides use it.
var words = regexp.MustCompile(`'[^']*'|\S+`)

// follow does what a guide says, in an empty folder: it writes the files that are shown, runs the commands, and wants every line that
// is shown of what they print.
func follow(t *testing.T, page string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	printed := map[string]bool{}
	commands, shown := 0, 0
	for _, match := range guideBlock.FindAllStringSubmatch(string(text), -1) {
		language, file, block := match[1], match[2], match[3]
		switch {
		case file != "":
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(block), 0o644); err != nil {
				t.Fatal(err)
			}
		case language == "sh":
			printed = map[string]bool{}
			for line := range strings.Lines(block) {
				var out, errOut bytes.Buffer
				args := words.FindAllString(line, -1)
				for i := range args {
					args[i] = strings.Trim(args[i], "'")
				}
				if args[0] != "tlsward" {
					t.Fatalf("%s: %s is no command of ours", page, line)
				}
				if code := run(args[1:], strings.NewReader(""), &out, &errOut); code == exitUnjudged {
					t.Errorf("%s: %s: exit %d: %s", page, line, code, errOut.String())
				}
				commands++
				for line := range strings.Lines(out.String()) {
					printed[line] = true
				}
			}
		case language == "text":
			for line := range strings.Lines(block) {
				shown++
				if !printed[line] {
					t.Errorf("%s shows what is not printed: %s", page, line)
				}
			}
		}
	}
	if commands == 0 || shown == 0 {
		t.Errorf("%s: %d commands, %d lines of what they print", page, commands, shown)
	}
}

func TestGuideWritingRules(t *testing.T) { follow(t, "writing-rules.md") }
