package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	reviewdog "github.com/reviewdog/reviewdog/parser"
	"github.com/reviewdog/reviewdog/proto/rdf"
	"github.com/santhosh-tekuri/jsonschema/v6"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"
)

// program is what is tested.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "tlsward-report")
		if err == nil {
			defer os.RemoveAll(folder)
			program, err = Build(Root, folder)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "test/report:", err)
			return 1
		}
		return m.Run()
	}())
}

// inputs are what reports are made of: what holds everything, what is clean, and what holds nothing at all.
var inputs = map[string][]string{
	"everything": {"test/report/testdata/scene", "examples/"},
	"clean":      {"examples/gateway-api/mended"},
	"input":      {"--unjudged", "warn", "test/report/testdata/scene/unreadable.yaml", "examples/gateway-api/mended"},
}

func reported(t *testing.T, format string, arguments []string) []byte {
	t.Helper()
	out, err := Lint(t.Context(), program, Root, append([]string{"--output", format}, arguments...)...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// counts are what the json format says of a run.
func counts(t *testing.T, arguments []string) (summary struct{ Findings, Denied, Unknown, Errors, Skipped int }) {
	t.Helper()
	var document struct{ Summary any }
	document.Summary = &summary
	if err := json.Unmarshal(reported(t, "json", arguments), &document); err != nil {
		t.Fatal(err)
	}
	return summary
}

// publishedSARIF is OASIS' schema, which go-sarif holds as a constant that it does not export. Its own Validate checks only
// what it has understood itself.
func publishedSARIF(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := ModuleFolder(t.Context(), ".", "github.com/owenrumney/go-sarif/v3")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "pkg", "report", "v210", "sarif", "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == "schema" {
			text, err = strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		}
		return true
	})
	if err != nil || text == "" {
		t.Fatalf("go-sarif has its schema elsewhere: %v", err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestSARIF: reports follow the published schema, and a reader that somebody else wrote finds in them what is there.
func TestSARIF(t *testing.T) {
	schema := publishedSARIF(t)
	for name, arguments := range inputs {
		out := reported(t, "sarif", arguments)
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		log, err := sarif.FromBytes(out)
		if err != nil {
			t.Fatal(err)
		}
		want, run := counts(t, arguments), log.Runs[0]
		if len(run.Results) != want.Findings {
			t.Errorf("%s: %d results, want %d", name, len(run.Results), want.Findings)
		}
		if n := len(run.Invocations[0].ToolExecutionNotifications); n != want.Errors+want.Skipped {
			t.Errorf("%s: %d notifications, want %+v", name, n, want)
		}
		fixes := 0
		for _, result := range run.Results {
			fixes += len(result.Fixes)
			if len(result.PartialFingerprints) == 0 {
				t.Errorf("%s: %s has no fingerprint", name, *result.RuleID)
			}
		}
		if (fixes > 0) != (name == "everything") {
			t.Errorf("%s: %d fixes", name, fixes)
		}
	}
	// The schema is one that refuses something.
	if err := schema.Validate(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{}}}); err == nil {
		t.Error("the schema takes a run without a tool")
	}
}

// TestSARIFFix: what a fix replaces is, put there, what --fix writes.
func TestSARIFFix(t *testing.T) {
	log, err := sarif.FromBytes(reported(t, "sarif", inputs["everything"]))
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, result := range log.Runs[0].Results {
		for _, fix := range result.Fixes {
			change := fix.ArtifactChanges[0]
			deleted := change.Replacements[0].DeletedRegion
			data, err := os.ReadFile(filepath.Join(Root, *change.ArtifactLocation.URI))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(string(data), "\n")
			offset := func(line, column int) int { return len(strings.Join(lines[:line-1], "")) + column - 1 }
			inserted := *change.Replacements[0].InsertedContent.Text
			text := string(data[:offset(*deleted.StartLine, *deleted.StartColumn)]) + inserted + string(data[offset(*deleted.EndLine, *deleted.EndColumn):])
			file := filepath.Join(t.TempDir(), "fixed.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := Lint(t.Context(), program, Root, "--output", "json", file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(out), *result.RuleID) {
				t.Errorf("%s stands after its fix:\n%s", *result.RuleID, text)
			}
			done++
		}
	}
	if done == 0 {
		t.Error("no fix to make")
	}
}

// TestPolicyReport: the API server's own code takes the reports, by the published CRDs, and drops nothing of them.
func TestPolicyReport(t *testing.T) {
	dir, err := ModuleFolder(t.Context(), "../e2e/crds", "github.com/kyverno/kyverno")
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]*apiextensions.JSONSchemaProps{}
	for _, name := range []string{"policyreports", "clusterpolicyreports"} {
		data, err := os.ReadFile(filepath.Join(dir, "config", "crds", "policyreport", "wgpolicyk8s.io_"+name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(data, &crd); err != nil {
			t.Fatal(err)
		}
		for _, v := range crd.Spec.Versions {
			if v.Name == "v1alpha2" {
				internal := &apiextensions.JSONSchemaProps{}
				if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, internal, nil); err != nil {
					t.Fatal(err)
				}
				schemas[crd.Spec.Names.Kind] = internal
			}
		}
	}
	for name, arguments := range inputs {
		total, kinds := 0, map[string]int{}
		for i, text := range bytes.Split(reported(t, "policyreport", arguments), []byte("---\n")) {
			if i == 0 {
				continue // before the first mark
			}
			var object map[string]any
			if err := yaml.Unmarshal(text, &object); err != nil {
				t.Fatal(err)
			}
			kind := object["kind"].(string)
			kinds[kind]++
			schema := schemas[kind]
			if schema == nil {
				t.Fatalf("%s: no schema for kind %s", name, kind)
			}
			validator, _, err := validation.NewSchemaValidator(schema)
			if err != nil {
				t.Fatal(err)
			}
			if errs := validation.ValidateCustomResource(nil, object, validator); len(errs) > 0 {
				t.Errorf("%s: %s: %v", name, kind, errs)
			}
			structural, err := structuralschema.NewStructural(schema)
			if err != nil {
				t.Fatal(err)
			}
			before := fmt.Sprint(object)
			pruning.Prune(object, structural, true)
			if fmt.Sprint(object) != before {
				t.Errorf("%s: %s: fields would be dropped", name, kind)
			}
			results, _ := object["results"].([]any)
			total += len(results)
		}
		if want := counts(t, arguments); total != want.Findings+want.Errors || len(kinds) == 0 {
			t.Errorf("%s: %d results in %v, want %+v", name, total, kinds, want)
		}
	}
}

// TestJUnit: a reader that somebody else wrote finds the same tests, failures and errors.
func TestJUnit(t *testing.T) {
	for name, arguments := range inputs {
		suites, err := junit.Ingest(reported(t, "junit", arguments))
		if err != nil {
			t.Fatal(err)
		}
		got := map[junit.Status]int{}
		for _, suite := range suites {
			for _, test := range suite.Tests {
				got[test.Status]++
				if test.Name == "" || test.Classname == "" {
					t.Errorf("%s: %+v has no name", name, test)
				}
			}
		}
		want := counts(t, arguments)
		passed := max(want.Findings+want.Errors-want.Denied-want.Unknown-want.Errors, 0)
		if want.Findings+want.Errors == 0 {
			passed = 1
		}
		if got[junit.StatusFailed] != want.Denied || got[junit.StatusError] != want.Errors || got[junit.StatusSkipped] != want.Unknown || got[junit.StatusPassed] != passed {
			t.Errorf("%s: %v, want %+v", name, got, want)
		}
	}
}

// TestReviewdog: the reader by which many put a linter's report into a review finds each finding at its line and column, as severe
// as it is.
func TestReviewdog(t *testing.T) {
	severities := map[string]rdf.Severity{"deny": rdf.Severity_ERROR, "warn": rdf.Severity_WARNING, "note": rdf.Severity_INFO}
	type place struct {
		path, code   string
		line, column int32
		severity     rdf.Severity
	}
	for name, arguments := range inputs {
		var document struct {
			Findings []struct {
				Rule, Severity, Action, File string
				Line, Column                 int32
			}
			Errors []struct{ File string }
		}
		if err := json.Unmarshal(reported(t, "json", arguments), &document); err != nil {
			t.Fatal(err)
		}
		for format, code := range map[string]string{"checkstyle": "tlsward.", "sarif": ""} {
			reader, err := reviewdog.New(&reviewdog.Option{FormatName: format})
			if err != nil {
				t.Fatal(err)
			}
			found, err := reader.Parse(bytes.NewReader(reported(t, format, arguments)))
			if err != nil {
				t.Fatalf("%s, %s: %v", name, format, err)
			}
			got := map[place]int{}
			for _, d := range found {
				start := d.GetLocation().GetRange().GetStart()
				got[place{d.GetLocation().GetPath(), d.GetCode().GetValue(), start.GetLine(), start.GetColumn(), d.GetSeverity()}]++
			}
			for _, f := range document.Findings {
				at := place{f.File, code + f.Rule, f.Line, f.Column, severities[f.Action]}
				if at.severity == rdf.Severity_UNKNOWN_SEVERITY || got[at] == 0 {
					t.Errorf("%s, %s: nothing at %+v", name, format, at)
				}
				got[at]--
			}
			if format == "checkstyle" && len(found) != len(document.Findings)+len(document.Errors) {
				t.Errorf("%s, %s: %d found, want %d findings and %d errors", name, format, len(found), len(document.Findings), len(document.Errors))
			}
		}
	}
}
