package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/report/schematest"
	"github.com/tlsward/tlsward/rule"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if s.DraftVersion != 2020 {
		t.Fatalf("draft %d", s.DraftVersion)
	}
	return s
}

func TestJSONMatchesItsSchema(t *testing.T) {
	schema := compiledSchema(t)
	for _, s := range append(scenes, scene{name: "hostile", run: func() Run { return hostile(nasty) }}) {
		var b bytes.Buffer
		if err := writeJSON(&b, s.run(), Style{}); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if lists := strings.ReplaceAll(b.String(), `"fix": null`, ""); strings.Contains(lists, ": null") {
			t.Errorf("%s: a list is null:\n%s", s.name, &b)
		}
	}
}

// The schema says what the structs write, field by field, in both directions: neither can grow alone.
func TestSchemaNamesEveryField(t *testing.T) {
	schematest.Compare(t, Schema, map[string]any{
		schematest.Root: jsonReport{}, "summary": Summary{}, "finding": jsonFinding{}, "object": jsonObject{}, "suppression": jsonSuppression{},
		"related": jsonRelated{}, "id": jsonID{}, "fix": jsonFix{}, "edit": jsonEdit{}, "error": Problem{}, "skip": Skipped{},
	}, "count", "line", "column", "path")
	schematest.Compare(t, EffectiveSchema, map[string]any{
		"effective": jsonEffective{}, "tree": jsonTree{}, "row": jsonRow{}, "requests": jsonRequests{}, "value": jsonValue{},
		"source": jsonSource{}, "difference": jsonDifference{}, "change": jsonChange{}, "error": Problem{},
	}, "version", "environment", "root", "aspect", "values", "count")
}

// The enums of the schema are what rule and kube can say; Off drops a finding, so no report has it.
func TestSchemaEnums(t *testing.T) {
	schema := compiledSchema(t)
	for _, severity := range []rule.Severity{rule.Error, rule.Warning, rule.Info} {
		for _, action := range []rule.Action{rule.Deny, rule.Warn, rule.Note} {
			for _, op := range []kube.Op{kube.Set, kube.Rename, kube.Remove} {
				f := missing()
				f.Severity, f.Action, f.Fix.Edits[0].Op = severity, action, op
				var b bytes.Buffer
				if err := writeJSON(&b, arranged(Run{Findings: []rule.Finding{f}}), Style{}); err != nil {
					t.Fatal(err)
				}
				document, err := jsonschema.UnmarshalJSON(&b)
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(document); err != nil {
					t.Errorf("%s %s %s: %v", severity, action, op, err)
				}
			}
		}
	}
	bad := `{"version":1,"summary":{},"findings":[],"errors":[],"skipped":[]}`
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
	if err != nil || schema.Validate(document) == nil {
		t.Errorf("%v: the schema takes anything", err)
	}
}

// Escaping changes the spelling of strings, never what they say.
func TestJSONKeepsEveryCharacter(t *testing.T) {
	f := missing()
	f.Message = nasty + "<&>"
	var b bytes.Buffer
	if err := writeJSON(&b, arranged(Run{Findings: []rule.Finding{f}}), Style{}); err != nil {
		t.Fatal(err)
	}
	var got jsonReport
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Findings[0].Message != f.Message {
		t.Errorf("got  %q\nwant %q", got.Findings[0].Message, f.Message)
	}
	if !strings.Contains(b.String(), "<&>") || !strings.HasSuffix(b.String(), "}\n") || !strings.Contains(b.String(), "\n  \"summary\": {\n    \"files\": 0,") {
		t.Errorf("not in house form:\n%s", &b)
	}
}

func TestJSONCannotWriteIsAnError(t *testing.T) {
	f := missing()
	f.Fix.Edits[0].Value = math.NaN()
	var b bytes.Buffer
	if err := writeJSON(&b, Run{Findings: []rule.Finding{f}}, Style{}); err == nil || b.Len() > 0 {
		t.Errorf("error %v after %d bytes, want an error and nothing written", err, b.Len())
	}
}
