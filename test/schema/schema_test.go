package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/kube"
	tlswardschema "github.com/tlsward/tlsward/schema"
	"github.com/tlsward/tlsward/schema/crd"
	"github.com/tlsward/tlsward/test/schema/subjects"
)

// folder is where the module cache holds a module of the end-to-end tests' list; its go.sum vouches for it.
func folder(t testing.TB, module string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
	command.Dir = "../e2e/crds"
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", module, err, out)
	}
	var answer struct{ Dir string }
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Dir
}

// TestSchema: schema/crd says of an object what the API server's own code says: which fields it drops, for which it refuses the
// object, and what it stores. Another test, with fewer objects, asks a running API server.
func TestSchema(t *testing.T) {
	gateways := folder(t, "gateway-api-1.6.test/crds")
	folders := []string{
		filepath.Join(gateways, "examples"), filepath.Join(gateways, "hack", "invalid-examples"),
		filepath.Join(folder(t, "github.com/envoyproxy/gateway"), "examples", "kubernetes"),
	}
	all, err := crd.New(crd.Releases{})
	if err != nil {
		t.Fatal(err)
	}
	examples, err := subjects.Of(all, folders...)
	if err != nil {
		t.Fatal(err)
	}
	const mutants = 150
	// The oldest of each project, the newest, and one between them.
	releases := []crd.Releases{
		{GatewayAPI: "1.1", Channel: crd.Standard, EnvoyGateway: "1.8", CertManager: "1.21"},
		{GatewayAPI: "1.4", Channel: crd.Experimental, EnvoyGateway: "1.8", CertManager: "1.21"},
		{GatewayAPI: "1.6", Channel: crd.Experimental, EnvoyGateway: "1.9", CertManager: "1.21"},
	}
	counts := map[string]int{}
	for i, release := range releases {
		set, err := crd.New(release)
		if err != nil {
			t.Fatal(err)
		}
		references := map[string]*reference{}
		most := mutants
		if i < len(releases)-1 {
			most /= 5
		}
		for _, example := range examples {
			e, ok := served(t, release, example)
			if !ok {
				continue
			}
			if references[e.schema] == nil {
				references[e.schema] = compile(t, e.properties(t))
			}
			for _, subject := range append([]subjects.Mutant{{Name: "as it stands", Object: example}}, subjects.Mutants(example, most)...) {
				theirs := references[e.schema].judge(subject.Object.Object, strings.HasSuffix(e.served, ",status"))
				if difference := compare(t, set, subject.Object, theirs); difference != "" {
					text, _ := json.Marshal(subject.Object.Object)
					t.Errorf("%s %s, %s, %+v: %s\n%s", example.GetKind(), example.GetName(), subject.Name, release, difference, text)
				}
				counts["all"]++
				if len(theirs.refused) > 0 {
					counts["refused"]++
				}
			}
		}
	}
	t.Logf("compared: %v", counts)
	if counts["all"] < 5000 || counts["refused"] < 1000 || counts["all"]-counts["refused"] < 1000 {
		t.Errorf("compared %v; want at least 5,000, a thousand of each verdict", counts)
	}
}

// served finds the schema of an object's kind and version.
func served(t *testing.T, r crd.Releases, object *unstructured.Unstructured) (entry, bool) {
	t.Helper()
	kind := object.GroupVersionKind()
	for _, e := range entries(t) {
		release := map[string]string{"gateway-api": r.GatewayAPI, "cert-manager": r.CertManager, "envoy-gateway": r.EnvoyGateway}[e.project]
		if e.group == kind.Group && e.kind == kind.Kind && e.version == kind.Version && e.release == release &&
			strings.HasPrefix(e.served, "served") && (e.project != "gateway-api" || e.channel == r.Channel) {
			return e, true
		}
	}
	return entry{}, false
}

func compare(t *testing.T, set *crd.Set, object *unstructured.Unstructured, theirs outcome) string {
	t.Helper()
	obj, ok := kube.FromFields(object.Object)
	if !ok {
		return "it is no object"
	}
	verdict := set.Judge(obj)
	dropped, refused := map[string]bool{}, map[string]bool{}
	for _, v := range verdict.Violations {
		if v.Kind == tlswardschema.UnknownField {
			dropped[subjects.PlainPath(v.Path.String())] = true
		} else {
			refused[subjects.PlainPath(v.Path.String())] = true
		}
	}
	want := plain(theirs.refused)
	// Errors about what some schemas say together have no field. What they are about has one as well.
	delete(want, "<nil>")
	switch {
	case len(refused) > 0 != (len(theirs.refused) > 0) || len(want) > 0 && !maps.Equal(want, refused):
		return fmt.Sprintf("the API server refuses it for %v\n%s\nhere %v", slices.Sorted(maps.Keys(want)), strings.Join(theirs.text, "\n"), verdict.Violations)
	case len(refused) == 0 && !maps.Equal(plain(theirs.dropped), dropped):
		return fmt.Sprintf("the API server drops %v; here %v", theirs.dropped, slices.Sorted(maps.Keys(dropped)))
	case len(refused) > 0:
		return ""
	}
	for key, value := range theirs.stored {
		if ours := verdict.Stored.Fields[key]; key != "metadata" && key != "status" && !reflect.DeepEqual(value, ours) {
			return fmt.Sprintf("the API server stores %s as %v; here it is %v", key, value, ours)
		}
	}
	return ""
}

func plain(paths []string) map[string]bool {
	out := map[string]bool{}
	for _, path := range paths {
		out[subjects.PlainPath(path)] = true
	}
	return out
}
