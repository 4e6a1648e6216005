package lint

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// mentioner judges CronJobs that mention acme, and notes what it was asked.
type mentioner struct {
	mu      sync.Mutex
	asked   []string
	objects []kube.Object
}

var mentionSet = provider.NewSet([]provider.Provider{{Name: "acme", Kinds: []provider.Kind{{Kind: "CronJob.batch", Mentions: []string{"acme"}}}}})

func (m *mentioner) Review(_ context.Context, r engine.Request) (rule.Decision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked, m.objects = append(m.asked, r.Object.ID.Name), append(m.objects, r.Object)
	return rule.Decision{}, nil
}
func (*mentioner) Rules() []rule.Definition    { return nil }
func (*mentioner) Settings() rule.Settings     { return rule.Settings{} }
func (*mentioner) Suggest(string) string       { return "" }
func (*mentioner) Judges(obj kube.Object) bool { return mentionSet.Mentions(obj) }
func (*mentioner) Providers() *provider.Set    { return mentionSet }

func cronJob(name, schedule string) string {
	return "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: " + name + ", namespace: shop}\nspec: {schedule: " + schedule + "}\n"
}

// TestMentions: of a common kind those objects are judged that mention the word, and of files without it none is decoded.
func TestMentions(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"files": {
			"a.yaml": cronJob("acme-a", "x") + "---\n" + cronJob("other", "x"),
			// It is no YAML, and nobody notices as nobody reads it.
			"b.yaml": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec:\n  schedule: [\n",
			"c.yaml": cronJob("c", "acme"),
		},
		"a kustomization": {
			"kustomization.yaml": "resources: [a.yaml, c.yaml]\n",
			"a.yaml":             cronJob("acme-a", "x") + "---\n" + cronJob("other", "x"),
			"c.yaml":             cronJob("c", "acme"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := &mentioner{}
			result, err := Run(context.Background(), []string{tree(t, files)}, Options{Now: time.Now(), Reviewer: m})
			if err != nil || len(result.Problems) != 0 {
				t.Fatalf("%v, %+v", err, result.Problems)
			}
			slices.Sort(m.asked)
			if !slices.Equal(m.asked, []string{"acme-a", "c"}) {
				t.Errorf("judged: %v", m.asked)
			}
			for _, obj := range m.objects {
				if spec, _ := obj.Fields["spec"].(map[string]any); spec["schedule"] == nil {
					t.Errorf("%s lacks its fields: %v", obj.ID, obj.Fields)
				}
			}
			if result.Objects != 4 {
				t.Errorf("%d objects", result.Objects)
			}
		})
	}
}
