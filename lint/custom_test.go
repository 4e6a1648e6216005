package lint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/schema/crd"
)

const proxyDefinition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: proxies.acme.example}
spec:
  group: acme.example
  names: {kind: Proxy, plural: proxies}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [host]
              properties:
                host: {type: string, maxLength: 5}
                port: {type: integer, default: 443}
`

const proxy = "apiVersion: acme.example/v1\nkind: Proxy\nmetadata: {name: %s}\nspec: {%s}\n"

// defects lints files, and lists the defects of texts that the engine was told of.
func defects(t *testing.T, files map[string]string) (out []string, result *Result) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := crd.New(crd.Releases{})
	if err != nil {
		t.Fatal(err)
	}
	result, err = Run(context.Background(), []string{dir}, Options{
		Now: time.Now(), Workers: 1, Schemas: set,
		Reviewer: reviewer(func(r engine.Request) (rule.Decision, error) {
			for _, kind := range kube.SortedKeys(r.Source) {
				for _, d := range r.Source[kind] {
					out = append(out, fmt.Sprintf("%s: %s at %s, assumed %t", r.Object.ID.Name, kind, d.Path, d.Assumed))
				}
			}
			return rule.Decision{}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out, result
}

func TestCustomResources(t *testing.T) {
	const gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge}\n"
	const listenerSet = "apiVersion: gateway.networking.x-k8s.io/v1alpha1\nkind: XListenerSet\nmetadata: {name: %s}\nspec: {parentRef: {name: a}, listeners: [{name: a, port: 80, protocol: HTTP}]}\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"embedded": {
			map[string]string{"a.yaml": gateway + "spec: {listeners: [{name: a, port: 80, protocol: HTTP, tlss: {}}]}\n"},
			[]string{"edge: missing-field at spec.gatewayClassName, assumed true", "edge: pruned-field at spec.listeners[0].tlss, assumed true"},
		},
		"a CRD in another file, read later": {
			map[string]string{"a.yaml": fmt.Sprintf(proxy, "web", "prot: 1"), "z.yaml": proxyDefinition},
			[]string{"web: missing-field at spec.host, assumed false", "web: pruned-field at spec.prot, assumed false"},
		},
		"no CRD": {map[string]string{"a.yaml": fmt.Sprintf(proxy, "web", "prot: 1")}, nil},
		"a placeholder": {
			map[string]string{"a.yaml": proxyDefinition + "---\n" + fmt.Sprintf(proxy, "web", `host: "${HOST}", port: "${PORT}"`)}, nil,
		},
		"a secret text": {
			map[string]string{"a.yaml": proxyDefinition + "---\n" + fmt.Sprintf(proxy, "web", `host: "ENC[AES256_GCM,data:abc]"`) + "sops: {mac: a}\n"}, nil,
		},
		"a base that is patched": {
			map[string]string{
				"base/kustomization.yaml": "resources: [proxy.yaml]\n", "base/proxy.yaml": fmt.Sprintf(proxy, "web", "prot: 1"), "crd.yaml": proxyDefinition,
				"prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n", "prod/patch.yaml": fmt.Sprintf(proxy, "web", "host: 1"),
			},
			[]string{"web: pruned-field at spec.prot, assumed false", "web: wrong-type at spec.host, assumed false"},
		},
		"a base that is not": {
			map[string]string{
				"base/kustomization.yaml": "resources: [proxy.yaml]\n", "base/proxy.yaml": fmt.Sprintf(proxy, "web", "port: 1"), "crd.yaml": proxyDefinition,
				"prod/kustomization.yaml": "resources: [../base]\n",
			},
			[]string{"web: missing-field at spec.host, assumed false"},
		},
		"assumed, said once": {
			map[string]string{"a.yaml": fmt.Sprintf(listenerSet, "a"), "b.yaml": fmt.Sprintf(listenerSet, "b")},
			[]string{"a: release-assumed at apiVersion, assumed false"},
		},
		"metadata": {
			map[string]string{"a.yaml": strings.Replace(gateway, "name: edge", "name: edge, lables: {}, labels: {a: 1}", 1) +
				"spec: {gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}]}\n"},
			[]string{"edge: unknown-field at metadata.lables, assumed false", "edge: wrong-type at metadata.labels.a, assumed false"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, result := defects(t, test.files)
			if name == "metadata" {
				// Whether the release is assumed makes no difference there.
				for i := range got {
					got[i] = strings.Replace(got[i], "assumed true", "assumed false", 1)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if len(result.Problems) > 0 {
				t.Errorf("problems: %v", result.Problems)
			}
		})
	}
}

// TestUnusableDefinition: a CRD by which nothing can be judged is named, and its objects are not judged.
func TestUnusableDefinition(t *testing.T) {
	text := strings.Replace(proxyDefinition, "      schema:\n", "      schemas:\n", 1)
	got, result := defects(t, map[string]string{"a.yaml": text + "---\n" + fmt.Sprintf(proxy, "web", "prot: 1")})
	if len(got) > 0 || len(result.Skipped) != 1 || !strings.Contains(result.Skipped[0].Reason, "CustomResourceDefinition that cannot be used: version v1 has no structural schema") {
		t.Errorf("got %q, skipped %v", got, result.Skipped)
	}
	if result.Objects != 2 {
		t.Errorf("got %d objects, want both counted", result.Objects)
	}
}

// TestRuleBeyondUs: a rule of a CRD that uses what is not known here is named, where there are objects that it is about.
func TestRuleBeyondUs(t *testing.T) {
	text := proxyDefinition + "              x-kubernetes-validations:\n                - {rule: 'quantity(self.host).isInteger()', message: odd}\n                - {rule: self.port > 80, message: too low}\n"
	got, result := defects(t, map[string]string{"a.yaml": text + "---\n" + fmt.Sprintf(proxy, "web", "host: a, port: 79")})
	if want := []string{"web: rule-violated at spec, assumed false"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	const reason = "rule of this CustomResourceDefinition that is not judged: quantity(self.host).isInteger() (unknown function quantity of 1)"
	if len(result.Skipped) != 1 || result.Skipped[0].Reason != reason || result.Skipped[0].At.Line != 1 {
		t.Errorf("skipped %v, want %s", result.Skipped, reason)
	}
	if _, result := defects(t, map[string]string{"a.yaml": text}); len(result.Skipped) > 0 {
		t.Errorf("skipped %v without an object", result.Skipped)
	}
}
