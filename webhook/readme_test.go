package webhook_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/kube"
)

// TestReadmeRefusal: what README.md shows of a refused kubectl apply is what the webhook says of that very file; but for the decision,
// which is another one each time.
func TestReadmeRefusal(t *testing.T) {
	root := ".."
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, ok := strings.Cut(string(readme), "denied the request: ")
	shown, _, closed := strings.Cut(shown, "\n```")
	if !ok || !closed {
		t.Fatal("README.md shows no refusal")
	}
	s := open(t)
	s.put(nginxClass())
	var ingress kube.Object
	for _, file := range []string{"secrets.yaml", "ingress.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, "examples", "ingress-nginx", "broken", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range strings.Split(string(text), "\n---\n") {
			var fields map[string]any
			if err := yaml.Unmarshal([]byte(document), &fields); err != nil {
				t.Fatal(err)
			}
			object, ok := kube.FromFields(fields)
			switch {
			case !ok:
				t.Fatalf("%s: no object", file)
			case object.ID.Kind == "Ingress":
				ingress = object
			default:
				s.put(object)
			}
		}
	}
	decision := regexp.MustCompile(`, decision \S+`)
	got := s.ask(create(ingress))
	if said := decision.ReplaceAllString(got.message(), ""); got.Allowed || said != decision.ReplaceAllString(shown, "") {
		t.Errorf("README.md shows\n%s\nand the webhook says\n%s", shown, said)
	}
}
