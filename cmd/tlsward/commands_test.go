//go:build !manpages

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestDocsCommandReference: docs/commands.md is the help of every command.
func TestDocsCommandReference(t *testing.T) {
	root := command(streams{})
	root.InitDefaultCompletionCmd()
	var page strings.Builder
	page.WriteString("# Every command and flag\n\nWhat `tlsward COMMAND --help` says. `make man` makes manual pages of the same.\n")
	sections := 0
	var write func(*cobra.Command)
	write = func(c *cobra.Command) {
		if c.Name() == "man" || c.Name() == "help" {
			return // not in a release; and what every program has
		}
		var out, errOut bytes.Buffer
		words := strings.Fields(c.CommandPath())
		if code := run(append(words[1:], "--help"), strings.NewReader(""), &out, &errOut); code != exitClean || errOut.Len() > 0 {
			t.Errorf("%s --help: exit %d: %s", c.CommandPath(), code, errOut.String())
		}
		if c.Short == "" || !strings.Contains(out.String(), "Usage:\n  "+c.CommandPath()) {
			t.Errorf("%s does not say what it is for, or how to call it:\n%s", c.CommandPath(), out.String())
		}
		sections++
		fmt.Fprintf(&page, "\n## %s\n\n```text\n%s```\n", c.CommandPath(), out.String())
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() && c.Name() != "completion" {
				write(sub)
			}
		}
	}
	write(root)
	if sections < 10 {
		t.Errorf("%d commands, want all", sections)
	}
	file := filepath.Join("..", "..", "docs", "commands.md")
	if *update {
		if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != page.String() {
		t.Error("docs/commands.md is not what the commands say of themselves: run make generate")
	}
}

// TestUnknownIsRefused: a word that names nothing is no request for help, also where cobra makes the command.
func TestUnknownIsRefused(t *testing.T) {
	for line, want := range map[string]string{
		"lnt":            "unknown command lnt; did you mean lint?",
		"help lnt":       "unknown command lnt; did you mean lint?",
		"completion bsh": "unknown command bsh; did you mean bash?",
	} {
		var out, errOut bytes.Buffer
		if code := run(strings.Fields(line), strings.NewReader(""), &out, &errOut); code != exitUnjudged || !strings.Contains(errOut.String(), want) {
			t.Errorf("%s: exit %d: %s, want %s", line, code, &errOut, want)
		}
	}
	for _, line := range []string{"help", "help lint", "help rules new", "completion", "completion bash"} {
		var out, errOut bytes.Buffer
		if code := run(strings.Fields(line), strings.NewReader(""), &out, &errOut); code != exitClean || out.Len() == 0 {
			t.Errorf("%s: exit %d: %s", line, code, &errOut)
		}
	}
}

// TestDiffFixesNothing: what --diff shows is not said to be fixed.
func TestDiffFixesNothing(t *testing.T) {
	dir := writeFiles(t, map[string]string{"a.yaml": `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca
spec:
  ingressClassName: nginx
  tls: [{hosts: [shop.test]}]
  rules: [{host: shop.test}]
`})
	for _, flag := range []string{"--diff", "--fix"} {
		var out, errOut bytes.Buffer
		run([]string{"lint", flag, dir}, strings.NewReader(""), &out, &errOut)
		said := out.String() + errOut.String()
		if !strings.Contains(said, "1 ingress-nginx/verify-depth-unset") || strings.Contains(said, "; 1 fixed") != (flag == "--fix") {
			t.Errorf("%s: %s", flag, said)
		}
	}
}

// TestRulebookTooDeep: a folder inside a rulebook is none, and is not taken for one without rules.
func TestRulebookTooDeep(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	run([]string{"rules", "new", "acme/a"}, strings.NewReader(""), io.Discard, io.Discard)
	for rules, want := range map[string]int{"tlsward-rules": exitClean, "tlsward-rules/acme": exitUnjudged, "tlsward-rules/acme/a": exitUnjudged} {
		var out, errOut bytes.Buffer
		code := run([]string{"lint", "--rules", rules, "tlsward-rules/acme/a/good.yaml"}, strings.NewReader(""), &out, &errOut)
		if code != want || (want == exitUnjudged) != strings.Contains(errOut.String(), "rules "+rules+": no rule") {
			t.Errorf("%s: exit %d: %s%s", rules, code, &out, &errOut)
		}
	}
}
