package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestReleaseWorkflow: what publishes may do no more than it needs, runs nothing but what is named by commit, and puts no text of a pull
// request into a command.
func TestReleaseWorkflow(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", "release.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Permissions *map[string]string
		Jobs        map[string]struct {
			Permissions map[string]string
			Needs       any
			Steps       []struct {
				Uses, Run string
				With      map[string]any
			}
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	if workflow.Permissions == nil || len(*workflow.Permissions) != 0 {
		t.Errorf("the whole workflow may %v", workflow.Permissions)
	}
	pinned := regexp.MustCompile(`^[\w.-]+/[\w.-]+@[0-9a-f]{40}$`)
	writers := map[string][]string{"sign": {"attestations", "id-token", "packages"}, "publish": {"contents"}}
	for name, job := range workflow.Jobs {
		var writes []string
		for what, how := range job.Permissions {
			if how == "write" {
				writes = append(writes, what)
			}
		}
		if len(job.Permissions) == 0 || !sameWords(writes, writers[name]) {
			t.Errorf("%s may write %v, want %v", name, writes, writers[name])
		}
		for _, step := range job.Steps {
			if step.Uses != "" && !pinned.MatchString(step.Uses) {
				t.Errorf("%s: %s is not named by commit", name, step.Uses)
			}
			if strings.Contains(step.Run, "${{") {
				t.Errorf("%s: an expression in a command: %s", name, step.Run)
			}
			if strings.Contains(step.Run, "make") && len(writes) > 0 {
				t.Errorf("%s builds and may write %v", name, writes)
			}
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
				t.Errorf("%s leaves its token in the clone", name)
			}
			if strings.HasPrefix(step.Uses, "actions/setup-go@") && step.With["cache"] != false {
				t.Errorf("%s takes a cache of other workflows", name)
			}
		}
	}
	if sign := workflow.Jobs["sign"].Needs; !sameWords(neededBy(sign), []string{"build", "rebuild"}) {
		t.Errorf("what is signed needs %v", sign)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "uses:") && !regexp.MustCompile(`@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).MatchString(strings.TrimSpace(line)) {
			t.Errorf("no version beside the commit: %s", line)
		}
	}
}

func neededBy(list any) (found []string) {
	elements, _ := list.([]any)
	for _, e := range elements {
		s, _ := e.(string)
		found = append(found, s)
	}
	return found
}

func sameWords(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	known := map[string]bool{}
	for _, word := range a {
		known[word] = true
	}
	for _, word := range b {
		if !known[word] {
			return false
		}
	}
	return true
}

// TestReleaseFiles: the page names the files that `make dist` writes, and the version that the chart has.
func TestReleaseFiles(t *testing.T) {
	read := func(parts ...string) string {
		text, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, parts...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	makefile, chart := read("Makefile"), read("charts", "tlsward", "Chart.yaml")
	pages := read("docs", "release.md") + read("docs", "air-gapped.md")
	platforms := regexp.MustCompile(`(?m)^PLATFORMS := (.*)$`).FindStringSubmatch(makefile)
	if platforms == nil {
		t.Fatal("the Makefile has no PLATFORMS")
	}
	for _, platform := range strings.Fields(platforms[1]) {
		if !strings.Contains(pages, "-"+strings.ReplaceAll(platform, "/", "-")) {
			t.Errorf("docs/release.md does not name the program for %s", platform)
		}
	}
	version := regexp.MustCompile(`(?m)^version: (.*)$`).FindStringSubmatch(chart)[1]
	for _, of := range regexp.MustCompile(`tlsward-(\d[\w.+-]*)\.tgz`).FindAllStringSubmatch(pages, -1) {
		if of[1] != version {
			t.Errorf("the pages name version %s of the chart, which is %s", of[1], version)
		}
	}
	if !strings.Contains(chart, "appVersion: v"+version+"\n") {
		t.Error("chart and program have different versions")
	}
	for _, file := range []string{"tlsward-image.tar", "checksums.txt", ".cdx.json"} {
		if !strings.Contains(pages, file) || !strings.Contains(makefile, file) {
			t.Errorf("%s is not in the pages, or is not made", file)
		}
	}
}
