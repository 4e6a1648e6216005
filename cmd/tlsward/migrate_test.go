package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/migrate"
)

// TestDocsMigrate: what the page shows on standard error is what the command says, and it knows every controller.
func TestDocsMigrate(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	const page = "docs/migrate.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	console := regexp.MustCompile("(?s)```console\n\\$ tlsward ([^\n]*) > gateway.yaml\n(.*?)```")
	ran := 0
	got := console.ReplaceAllStringFunc(string(text), func(found string) string {
		ran++
		arguments := console.FindStringSubmatch(found)[1]
		var out, errOut bytes.Buffer
		if code := run(strings.Fields(arguments), strings.NewReader(""), &out, &errOut); code != exitClean || out.Len() == 0 {
			t.Errorf("tlsward %s: exit %d\n%s", arguments, code, errOut.String())
		}
		return "```console\n$ tlsward " + arguments + " > gateway.yaml\n" + errOut.String() + "```"
	})
	if ran != 1 {
		t.Errorf("%d commands ran", ran)
	}
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if got != string(text) {
		t.Errorf("%s shows another output than\n%s", page, got)
	}
	for _, controller := range migrate.Controllers() {
		if !strings.Contains(string(text), "`"+controller+"`") {
			t.Errorf("%s does not name %s", page, controller)
		}
	}
}

// TestMigrateExamples: the examples for ingress-nginx go over to each controller, or it says why not, and nothing is weaker.
func TestMigrateExamples(t *testing.T) {
	for _, controller := range migrate.Controllers() {
		var out, errOut bytes.Buffer
		code := run([]string{"migrate", "--class", "edge", "--controller", controller, "--now", "2026-11-01", filepath.Join("..", "..", "examples", "ingress-nginx", "mended")},
			strings.NewReader(""), &out, &errOut)
		said := errOut.String()
		switch {
		case controller == "kong":
			if code != exitDenied || out.Len() > 0 || !strings.Contains(said, "left out\n") {
				t.Errorf("%s: exit %d\n%s", controller, code, said)
			}
		case code != exitClean || !strings.Contains(said, "nothing weaker\n") || !strings.Contains(said, "no findings in"):
			t.Errorf("%s: exit %d\n%s", controller, code, said)
		}
	}
}
