package engine

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/util"

	"github.com/tlsward/tlsward/facts"
)

// TestExpandedSchema: of properties with names below names, both levels are closed.
func TestExpandedSchema(t *testing.T) {
	schema, err := expandedSchema(facts.Schema, map[string][]string{"settings": {"edge", "other"}, "settings.edge": {"strict"}})
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		Properties map[string]struct {
			AdditionalProperties any
			Properties           map[string]struct {
				AdditionalProperties any
				Properties           map[string]any
			}
		}
	}
	if err := util.Unmarshal(util.MustMarshalJSON(schema), &root); err != nil {
		t.Fatal(err)
	}
	settings := root.Properties["settings"]
	edge, other := settings.Properties["edge"], settings.Properties["other"]
	if settings.AdditionalProperties != false || edge.AdditionalProperties != false || edge.Properties["strict"] == nil {
		t.Errorf("not closed: %+v", settings)
	}
	if len(other.Properties) != 0 || other.AdditionalProperties == false {
		t.Errorf("closed: %+v", other)
	}
}
