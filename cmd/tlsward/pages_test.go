package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/config"
)

// fence is a block of a page: its language, the file that it is if one is named, its text, and the comment above it that says how it
// is held to be true.
type fence struct {
	page, language, file, text, mark string
	line                             int
}

// fences are the blocks of a page.
func fences(t *testing.T, page string) []fence {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	var found []fence
	var open *fence
	mark := ""
	for i, line := range strings.Split(string(text), "\n") {
		within := line
		line = strings.TrimSpace(line) // in a list, blocks are indented
		switch {
		case open == nil && strings.HasPrefix(line, "```"):
			language, file, _ := strings.Cut(strings.TrimPrefix(line, "```"), " ")
			open = &fence{page: page, language: language, file: file, mark: mark, line: i + 1}
		case open != nil && line == "```":
			found, open, mark = append(found, *open), nil, ""
		case open != nil:
			open.text += within + "\n"
		case strings.HasPrefix(line, "<!-- ") && strings.HasSuffix(line, " -->"):
			mark = strings.TrimSuffix(strings.TrimPrefix(line, "<!-- "), " -->")
		case line != "":
			mark = ""
		}
	}
	if open != nil {
		t.Errorf("%s:%d: a block without an end", page, open.line)
	}
	return found
}

// manual are the written pages of the manual; those of rules are made of their folders, and tested there.
func manual(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	list := []string{"README.md"}
	for _, file := range files {
		list = append(list, "docs/"+filepath.Base(file))
	}
	return list
}

// Marks that a block may have.
const (
	testedBy = "tested by "
	notRun   = "not run: "
	inScene  = "run in the scene"
)

// guides are followed from the first line to the last, by a test of their own.
var guides = []string{"docs/get-started.md", "docs/writing-rules.md"}

// reference are pages that a test makes anew and compares.
var reference = []string{"docs/commands.md", "docs/config-reference.md"}

// TestDocsBlocks: every block of the manual is run, tested elsewhere by a test that is there, or says why it is not.
func TestDocsBlocks(t *testing.T) {
	tests := testNames(t)
	var run, tested, left int
	for _, page := range manual(t) {
		if slices.Contains(reference, page) {
			continue
		}
		for _, f := range fences(t, page) {
			at := fmt.Sprintf("%s:%d", page, f.line)
			reason, unrun := strings.CutPrefix(f.mark, notRun)
			names, byTest := strings.CutPrefix(f.mark, testedBy)
			switch {
			case unrun:
				left++
				if len(reason) < len("needs a cluster") {
					t.Errorf("%s: %q is no reason", at, reason)
				}
			case byTest:
				tested++
				for _, name := range strings.Split(names, ", ") {
					if !tests[name] {
						t.Errorf("%s: there is no test %s", at, name)
					}
				}
			case f.mark == inScene && f.language == "sh":
				run++
				runInScene(t, f)
			case slices.Contains(guides, page) && (f.language == "sh" || f.language == "text" || f.file != ""):
				run++
			default:
				t.Errorf("%s: nothing says how this block is tested: want <!-- %s -->, <!-- %sTestName --> or <!-- %sreason --> above it", at, inScene, testedBy, notRun)
			}
		}
	}
	t.Logf("%d blocks are run here, %d are tested elsewhere, %d are not run", run, tested, left)
	// What cannot be run is the exception. Who adds one raises this, and sees it.
	if most := 22; left > most {
		t.Errorf("%d blocks are not run, want at most %d", left, most)
	}
	if run < 25 || tested < 25 {
		t.Errorf("%d blocks run, %d tested elsewhere: the pages are not read as they should be", run, tested)
	}
}

// testNames are the tests of all modules.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names, declared := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); file != root && (strings.HasPrefix(name, ".") || name == "policies" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(file)
		for _, match := range declared.FindAllSubmatch(text, -1) {
			names[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// programs puts a tlsward into a folder that is this test, judges at the time of the fixtures, and leaves the cluster out.
func programs(t *testing.T) (env map[string]string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inner, outer := t.TempDir(), t.TempDir()
	if err := os.Symlink(self, filepath.Join(inner, "tlsward")); err != nil {
		t.Fatal(err)
	}
	wrapper := "#!/bin/sh\ncase \"$1 $*\" in\n*--now*|*--help*) ;;\nlint*|facts*) set -- \"$@\" --now 2026-11-01T12:00:00Z ;;\nesac\nexec '" + inner + "/tlsward' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(outer, "tlsward"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"PATH": outer + string(os.PathListSeparator) + os.Getenv("PATH"), "NO_COLOR": "1", "HOME": t.TempDir(),
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@docs.test", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@docs.test",
	}
}

// runInScene runs the lines of a block, each by itself, in a repository such as the pages speak of.
func runInScene(t *testing.T, f fence) {
	t.Helper()
	dir := writeFiles(t, map[string]string{
		"deploy/ingress.yaml": openIngress, "clusters/a/service.yaml": plainService, "apps/ingress.yaml": openIngress,
		"charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "charts/shop/values.yaml": "ca: shop/client-ca\n",
		"charts/shop/templates/ingress.yaml": strings.Replace(openIngress, ": client-ca", ": {{ .Values.ca }}", 1),
		"values-prod.yaml":                   "ca: shop/prod-ca\n", "prod.yaml": "ca: shop/prod-ca\n",
		".tlsward.yaml": "environments:\n  - {name: prod, paths: [deploy]}\n",
	})
	env := programs(t)
	if _, code := shell(t, dir, "git init -q -b main . && git add -A && git commit -qm first && git update-ref refs/remotes/origin/main HEAD", env); code != 0 {
		t.Fatal("no repository")
	}
	for line := range strings.Lines(f.text) {
		line, _, _ := strings.Cut(line, " #")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if out, code := shell(t, dir, line, env); code != exitClean && code != exitDenied {
			t.Errorf("%s:%d: %s: exit %d\n%s", f.page, f.line, strings.TrimSpace(line), code, out)
		}
	}
}

// heading and link are Markdown's, outside of fences.
var (
	heading = regexp.MustCompile(`^#{1,6} +(.+?) *#*$`)
	link    = regexp.MustCompile(`!?\[[^\]]*\]\(([^()\s]+)\)`)
	inline  = regexp.MustCompile("`[^`]*`")
)

// TestDocsLinks: every link of the manual and of other pages of the repository leads to a file that is there, and to a heading of it.
func TestDocsLinks(t *testing.T) {
	root := filepath.Join("..", "..")
	anchors := map[string]map[string]bool{}
	type reference struct{ page, target string }
	var links []reference
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); file != root && strings.HasPrefix(name, ".") || name == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".md") {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		page, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		page = filepath.ToSlash(page)
		anchors[page] = map[string]bool{}
		fenced := false
		for line := range strings.Lines(string(text)) {
			line = strings.TrimRight(line, "\n")
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			}
			if fenced {
				continue
			}
			if match := heading.FindStringSubmatch(line); match != nil {
				anchor := anchorOf(match[1])
				for n := 1; anchors[page][anchor]; n++ {
					anchor = fmt.Sprintf("%s-%d", anchorOf(match[1]), n)
				}
				anchors[page][anchor] = true
			}
			for _, match := range link.FindAllStringSubmatch(inline.ReplaceAllString(line, "x"), -1) {
				links = append(links, reference{page, match[1]})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	inside := 0
	for _, l := range links {
		if strings.Contains(l.target, "://") || strings.HasPrefix(l.target, "mailto:") {
			continue // of the web, which a test should not need
		}
		inside++
		file, anchor, _ := strings.Cut(l.target, "#")
		target := l.page
		if file != "" {
			target = path.Join(path.Dir(l.page), file)
		}
		if info, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
			t.Errorf("%s: the link %s leads nowhere", l.page, l.target)
		} else if anchor != "" && (info.IsDir() || !anchors[target][anchor]) {
			t.Errorf("%s: the link %s leads to no heading", l.page, l.target)
		}
	}
	if inside < 400 {
		t.Errorf("%d links within the repository: the pages are not read as they should be", inside)
	}
	for page := range anchors {
		if dir, name := path.Split(page); dir == "docs/" && name != "README.md" && !slices.ContainsFunc(links, func(l reference) bool {
			return l.page == "docs/README.md" && l.target == name
		}) {
			t.Errorf("docs/README.md does not lead to %s", page)
		}
	}
}

// anchorOf is what GitHub and others make of a heading: lower case, without punctuation, with hyphens for spaces.
func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || r > 127:
			return r
		default:
			return -1
		}
	}, strings.ToLower(link.ReplaceAllStringFunc(heading, func(l string) string { return l[1:strings.Index(l, "]")] })))
}

// TestDocsPipelines: what docs/ci.md has people write into their pipelines names inputs, variables, hooks and files that are there.
func TestDocsPipelines(t *testing.T) {
	var action struct {
		Inputs, Outputs map[string]any
	}
	parse(t, "action.yml", &action)
	var template struct {
		Tlsward struct{ Variables map[string]string }
	}
	parse(t, "integrations/gitlab.yml", &template)
	var hooks []struct{ ID string }
	parse(t, ".pre-commit-hooks.yaml", &hooks)
	var job struct {
		Include []struct{ Remote string }
		Tlsward struct{ Variables map[string]string }
	}
	var commits struct {
		Repos []struct {
			Repo, Rev string
			Hooks     []struct{ ID string }
		}
	}
	read := func(n int, into any) {
		t.Helper()
		if err := yaml.Unmarshal([]byte(block(t, "ci.md", "yaml", n)), into); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []struct {
		page string
		n    int
	}{{"ci.md", 0}, {"ci.md", 1}, {"get-started.md", 0}} {
		page := at.page
		var workflow struct {
			Jobs map[string]struct {
				Steps []struct {
					ID, Uses, If string
					With         map[string]any
				}
			}
		}
		if err := yaml.Unmarshal([]byte(block(t, page, "yaml", at.n)), &workflow); err != nil {
			t.Fatal(err)
		}
		used, id := false, ""
		for _, step := range workflow.Jobs["tlsward"].Steps {
			if strings.HasPrefix(step.Uses, "tlsward/tlsward@") {
				used, id = true, step.ID
				for input := range step.With {
					if action.Inputs[input] == nil {
						t.Errorf("%s: the action has no input %s", page, input)
					}
				}
			}
			for _, output := range regexp.MustCompile(`steps\.([a-z]+)\.outputs\.([a-z-]+)`).FindAllStringSubmatch(fmt.Sprintf("%s %v", step.If, step.With), -1) {
				if output[1] != id || action.Outputs[output[2]] == nil {
					t.Errorf("%s: the action has no output %s, or is not called %s", page, output[2], output[1])
				}
			}
		}
		if !used {
			t.Errorf("%s: the workflow does not use the action", page)
		}
	}
	read(2, &job)
	if len(job.Include) != 1 || !strings.HasSuffix(job.Include[0].Remote, "/integrations/gitlab.yml") {
		t.Errorf("includes %v, want the template", job.Include)
	}
	for variable := range job.Tlsward.Variables {
		if _, known := template.Tlsward.Variables[variable]; !known {
			t.Errorf("the template has no variable %s", variable)
		}
	}
	read(3, &commits)
	for _, hook := range commits.Repos[0].Hooks {
		if !slices.ContainsFunc(hooks, func(h struct{ ID string }) bool { return h.ID == hook.ID }) {
			t.Errorf("there is no hook %s", hook.ID)
		}
	}
	if _, err := config.Parse(config.FileName, []byte(block(t, "ci.md", "yaml", 4))); err != nil {
		t.Error(err)
	}
	schema, _, _ := strings.Cut(block(t, "ci.md", "yaml", 4), "\n")
	_, file, ok := strings.Cut(schema, "/main/")
	if _, err := os.Stat(filepath.Join("..", "..", file)); err != nil || !ok {
		t.Errorf("%s: names no file of the repository", schema)
	}
}
