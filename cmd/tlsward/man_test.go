//go:build manpages

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestManual: every command has a page with its flags and what it is for.
func TestManual(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	var out, errOut bytes.Buffer
	if code := run([]string{"man", dir}, strings.NewReader(""), &out, &errOut); code != exitClean {
		t.Fatalf("exit %d: %s", code, errOut.String())
	}
	for page, want := range map[string]string{
		"tlsward.1":       `\fBtlsward-lint(1)\fP`,
		"tlsward-lint.1":  `\fB--fix\fP`,
		"tlsward-rules.1": `\fB--severity\fP`,
		"tlsward-init.1":  `.tlsward.yaml`,
	} {
		text, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("%s lacks %s", page, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "tlsward-man.1")); err == nil {
		t.Error("a page about the command that writes pages, which no release has")
	}
}
