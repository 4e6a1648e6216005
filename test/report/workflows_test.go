package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestWorkflows: what GitHub runs of ours, and what the manual has others run, is read as GitHub reads it: contexts, expressions, outputs,
// permissions and, of our own action, inputs.
func TestWorkflows(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	workflows := map[string][]byte{}
	add := func(pattern string, texts func(file string, text []byte)) {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no file, %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts(file, text)
		}
	}
	add(".github/workflows/*.yml", func(file string, text []byte) { workflows[file] = text })
	shown := 0
	add("docs/*.md", func(file string, text []byte) {
		for _, block := range yamlBlock.FindAllSubmatch(text, -1) {
			if bytes.Contains(block[1], []byte("runs-on:")) {
				shown++
				workflows[fmt.Sprintf("%s, workflow %d", file, shown)] = block[1]
			}
		}
	})
	if shown < 4 {
		t.Errorf("the manual shows %d workflows, want those of ci.md, get-started.md and reports.md", shown)
	}
	project, err := actionlint.NewProject(root)
	if err != nil {
		t.Fatal(err)
	}
	released := regexp.MustCompile(`uses: tlsward/tlsward@\S+`)
	for name, text := range workflows {
		linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		// The action of this commit, so that its inputs and outputs are known.
		problems, err := linter.Lint(strings.TrimPrefix(name, root+"/"), released.ReplaceAll(text, []byte("uses: ./")), project)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, p := range problems {
			t.Errorf("%s: %v", name, p)
		}
	}
}
