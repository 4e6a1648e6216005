package report

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// TestMarkdown: a reader of GitHub's Markdown that somebody else wrote finds the counts in a table, every rule in a link to its page,
// and nothing else to follow.
func TestMarkdown(t *testing.T) {
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM))
	for name, arguments := range inputs {
		out := reported(t, "markdown", arguments)
		tables, links := 0, 0
		err := ast.Walk(reader.Parser().Parse(text.NewReader(out)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch n := n.(type) {
			case *extast.Table:
				tables++
			case *ast.AutoLink, *ast.Image:
				t.Errorf("%s: something of a manifest became a link or an image: %s", name, n.Kind())
			case *ast.Link:
				links++
				if to, err := url.Parse(string(n.Destination)); err != nil || to.Host != "github.com" || !strings.Contains(to.Path, "/docs/rules/") {
					t.Errorf("%s: a link to %s", name, n.Destination)
				}
			}
			return ast.WalkContinue, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := counts(t, arguments)
		if tables != 1 || (links > 0) != (want.Findings > 0) {
			t.Errorf("%s: %d tables, %d links, want one table, and links for %d findings", name, tables, links, want.Findings)
		}
	}
}

// gitlabSchema asks of an issue what GitLab does: without description, fingerprint, severity or location it leaves one out, and by the
// path and the first line it shows it (app/validators/json_schemas/codeclimate.json and lib/gitlab/ci/parsers/codequality in
// gitlab.com/gitlab-org/gitlab).
const gitlabSchema = `{"type": "array", "items": {
	"type": "object", "required": ["description", "fingerprint", "severity", "location"],
	"properties": {
		"description": {"type": "string", "minLength": 1}, "fingerprint": {"type": "string", "minLength": 1},
		"severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
		"location": {"type": "object", "required": ["path", "lines"], "properties": {
			"path": {"type": "string", "minLength": 1},
			"lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
		}}
	}
}}`

// TestGitLab: the report has what GitLab asks of one.
func TestGitLab(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(gitlabSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("gitlab.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("gitlab.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, arguments := range inputs {
		issues, err := jsonschema.UnmarshalJSON(bytes.NewReader(reported(t, "gitlab", arguments)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(issues); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if list, want := issues.([]any), counts(t, arguments); len(list) != want.Findings+want.Errors {
			t.Errorf("%s: %d issues, want %+v", name, len(list), want)
		}
	}
}
