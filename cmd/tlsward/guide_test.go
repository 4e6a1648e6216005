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
	blocks, env := fences(t, page), programs(t)
	dir := t.TempDir()
	printed := map[string]bool{}
	commands, shown := 0, 0
	for _, f := range blocks {
		switch {
		case strings.HasPrefix(f.mark, notRun), strings.HasPrefix(f.mark, testedBy):
		case f.file != "":
			file := filepath.Join(dir, filepath.FromSlash(f.file))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(f.text), 0o644); err != nil {
				t.Fatal(err)
			}
		case f.language == "sh":
			printed = map[string]bool{}
			for line := range strings.Lines(f.text) {
				out, code := shell(t, dir, line, env)
				if code != exitClean && code != exitDenied {
					t.Errorf("%s:%d: %s: exit %d: %s", page, f.line, line, code, out)
				}
				commands++
				for line := range strings.Lines(out) {
					printed[line] = true
				}
			}
		case f.language == "text":
			for line := range strings.Lines(f.text) {
				shown++
				if !printed[line] {
					t.Errorf("%s:%d: shows what is not printed: %s", page, f.line, line)
				}
			}
		}
	}
	if commands == 0 || shown == 0 {
		t.Errorf("%s: %d commands, %d lines of what they print", page, commands, shown)
	}
}

func TestGuideWritingRules(t *testing.T) { follow(t, "docs/writing-rules.md") }

func TestGuideGetStarted(t *testing.T) { follow(t, "docs/get-started.md") }

// TestDocsCommands: what the pages have people type is understood: the command is there, and so are its flags.
func TestDocsCommands(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, page := range append(pages, filepath.Join("..", "..", "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range guideBlock.FindAllStringSubmatch(string(text), -1) {
			if match[1] != "sh" {
				continue
			}
			for line := range strings.Lines(match[3]) {
				line, _, _ = strings.Cut(line, " #")
				if _, piped, ok := strings.Cut(line, " | "); ok {
					line = piped
				}
				line, ours := strings.CutPrefix(line, "tlsward ")
				if !ours {
					continue
				}
				for _, end := range []string{" > ", " || ", " && "} {
					line, _, _ = strings.Cut(line, end)
				}
				seen++
				args := words.FindAllString(line, -1)
				for i := range args {
					args[i] = strings.Trim(args[i], "'")
				}
				root := command(streams{})
				if c, _, err := root.Find(args[:1]); err != nil || c == root {
					t.Errorf("%s: %s: no such command", page, line)
				} else if c, rest, err := root.Find(args); err != nil {
					t.Errorf("%s: %s: %v", page, line, err)
				} else if err := c.ParseFlags(rest); err != nil {
					t.Errorf("%s: %s: %v", page, line, err)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d commands in the pages; want them all", seen)
	}
}

// TestDocsIgnore: the ignore file that the manual shows ignores what the manual says.
func TestDocsIgnore(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
	dir := writeFiles(t, map[string]string{
		".tlswardignore": block(t, "lint.md", "gitignore", 0), "web.yaml": service,
		"app/drafts/a.yaml": service, "rendered/dev.yaml": service, "rendered/prod.yaml": service,
	})
	var out, errOut bytes.Buffer
	if run([]string{"lint", dir}, strings.NewReader(""), &out, &errOut); !strings.Contains(out.String(), " in 2 objects, 2 files") {
		t.Errorf("%s%s", out.String(), errOut.String())
	}
}
