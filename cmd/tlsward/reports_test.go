package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/report"
)

func reportsPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "reports.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDocsReports: every command of the page runs, finds what is broken, and writes the files that it names.
func TestDocsReports(t *testing.T) {
	source, err := filepath.Abs(filepath.Join("..", "..", "examples", "ingress-nginx", "broken"))
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`tlsward (lint [^|\n'#]*deploy/)`).FindAllStringSubmatch(reportsPage(t), -1)
	written := map[string]bool{}
	for _, c := range commands {
		t.Run(c[1], func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "deploy"), os.DirFS(source)); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			args := strings.Fields(c[1])
			args = slices.DeleteFunc(args, func(a string) bool { return a == "--cluster" }) // there is none here
			var out, errOut bytes.Buffer
			code := run(append(args, "--now", "2026-11-01"), strings.NewReader(""), &out, &errOut)
			if code != exitDenied || errOut.Len() > 0 {
				t.Fatalf("exit %d\n%s%s", code, out.String(), errOut.String())
			}
			printed := false
			for i, a := range args {
				if a != "--output" {
					continue
				}
				name, file, named := strings.Cut(args[i+1], "=")
				written[name] = true
				printed = printed || !named
				if !named {
					continue
				}
				if data, err := os.ReadFile(file); err != nil || !bytes.Contains(data, []byte("client-ca-missing")) {
					t.Errorf("%s: %v\n%s", file, err, data)
				}
			}
			if want := printed || !slices.Contains(args, "--output"); want != (out.Len() > 0) {
				t.Errorf("standard output, want some: %t; got\n%s", want, out.String())
			}
		})
	}
	for _, f := range report.Formats() {
		if !written[f.Name] {
			t.Errorf("docs/reports.md has no command that writes %s", f.Name)
		}
	}
}

// TestDocsReportsFormats: the page has every format in its table and under a heading, in the order of the help, and no other.
func TestDocsReportsFormats(t *testing.T) {
	page := reportsPage(t)
	var rows []string
	for _, row := range regexp.MustCompile("(?m)^\\| \\[`([a-z]+)`\\]\\(#([a-z-]+)\\) \\|").FindAllStringSubmatch(page, -1) {
		rows = append(rows, row[1])
		heading := "(?im)^## " + strings.ReplaceAll(row[2], "-", "[ -]") + "$"
		if !regexp.MustCompile(heading).MatchString(page) {
			t.Errorf("%s: no heading #%s", row[1], row[2])
		}
	}
	var formats []string
	for _, f := range report.Formats() {
		formats = append(formats, f.Name)
	}
	if !slices.Equal(rows, formats) {
		t.Errorf("the table has %v, want %v", rows, formats)
	}
	for _, image := range regexp.MustCompile(`!\[[^\]]+\]\((images/[a-z-]+\.png)\)`).FindAllStringSubmatch(page, -1) {
		info, err := os.Stat(filepath.Join("..", "..", "docs", image[1]))
		if err != nil || info.Size() > 200<<10 {
			t.Errorf("%s: %v, want a picture of 200 KiB at most", image[1], err)
		}
	}
	// The examples of pipelines can be read by what they are for.
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page, -1) {
		var pipeline any
		if err := yaml.UnmarshalStrict([]byte(block[1]), &pipeline); err != nil {
			t.Errorf("%v in\n%s", err, block[1])
		}
	}
}
