package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// TestReadCluster: what trust and effective print of a cluster is what they print of the same objects as files, but for where these
// stand, and the permissions of docs/cluster.md are enough for it.
func TestReadCluster(t *testing.T) {
	wipe(t)
	furnish(t)
	for _, name := range []string{"read-shop", "read-edge"} {
		namespace(t, name)
	}
	web := objects.Mutual("read-shop", "web", "client-ca")
	check(t, unstructured.SetNestedSlice(web.Object, []any{map[string]any{"hosts": []any{"web.read-shop.test"}, "secretName": "web-tls"}}, "spec", "tls"))
	shown := objects.TLSSecret("read-shop", "web-tls")
	live := []*unstructured.Unstructured{
		web, shown,
		objects.Secret("read-shop", "client-ca", map[string]string{"ca.crt": authority.DeepBundle}),
		objects.Mutual("read-shop", "lost", "no-such-ca"),
		objects.Gateway("read-edge", "edge", "read-shop", "web-tls"), objects.Grant("read-shop", "edge", "read-edge", "web-tls"),
		objects.BackendPolicy("read-shop", "api", "backend-ca"),
		objects.ConfigMap("read-shop", "backend-ca", map[string]string{"ca.crt": authority.Other.PEM}),
	}
	live = append(live, objects.Read(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: read-edge}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: api, port: 8080}]}]
`))
	for _, object := range live {
		check(t, back.Create(t.Context(), object.DeepCopy()).Err)
	}
	files := append(slices.Clone(live),
		objects.IngressClass("nginx", "k8s.io/ingress-nginx"),
		objects.Read(`{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: istio}, spec: {controllerName: istio.io/gateway-controller}}`))
	reader := withDocumentedRole(t, "rita", files...)
	config := filepath.Join(t.TempDir(), "config.yaml")
	check(t, os.WriteFile(config, []byte(whole("complete: [read-shop, read-edge]\n")), 0o600))
	now := time.Now().UTC().Format(time.RFC3339)
	both := func(t *testing.T, arguments ...string) (cluster, tree said) {
		t.Helper()
		arguments = append(arguments, "--now", now, "--config", config)
		cluster, tree = reader.call(t, append(arguments, "--cluster")...), reader.run(t, arguments...)
		for _, s := range []said{cluster, tree} {
			if s.code != 0 || s.err != "" {
				t.Fatalf("exit %d:\n%s\n%s", s.code, s.err, s.out)
			}
			keyless(t, s, shown)
		}
		return cluster, tree
	}
	same := func(t *testing.T, arguments ...string) any {
		t.Helper()
		cluster, tree := both(t, arguments...)
		got, want := unplaced(t, cluster.out), unplaced(t, strings.ReplaceAll(tree.out, "this tree", "this cluster"))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("of the cluster:\n%s\nof files:\n%s", indentedJSON(t, got), indentedJSON(t, want))
		}
		return got
	}

	t.Run("trust", func(t *testing.T) {
		found := fmt.Sprint(same(t, "trust", "--output", "json"))
		for _, want := range []string{"e2e deep", "e2e middle", "e2e other root", "*.read-shop.test", "no-such-ca", "state:missing"} {
			if !strings.Contains(found, want) {
				t.Errorf("nothing of %s in %s", want, found)
			}
		}
		// A table and a picture have the same in them.
		for _, format := range []string{"text", "dot", "svg"} {
			if cluster, _ := both(t, "trust", "--output", format); !strings.Contains(cluster.out, "e2e middle") {
				t.Errorf("%s: %s", format, cluster.out)
			}
		}
		cluster, tree := both(t, "trust", "--output", "json", "--namespace", "read-edge")
		if got := unplaced(t, cluster.out); !reflect.DeepEqual(got, unplaced(t, tree.out)) || strings.Contains(cluster.out, "no-such-ca") {
			t.Errorf("of one namespace:\n%s", cluster.out)
		}
	})

	t.Run("effective", func(t *testing.T) {
		found := fmt.Sprint(same(t, "effective", "--format", "json"))
		for _, want := range []string{"host:web.read-shop.test", "host:edge.read-shop.test", "is:Secret read-shop/client-ca", "is:403", "is:ConfigMap read-shop/backend-ca"} {
			if !strings.Contains(found, want) {
				t.Errorf("nothing of %s in %s", want, found)
			}
		}
		cluster, tree := both(t, "effective", "--host", "web.*", "--format", "markdown")
		if !strings.Contains(cluster.out, "web.read-shop.test") || strings.Contains(cluster.out, "lost.read-shop.test") || !strings.Contains(tree.out, "web.read-shop.test") {
			t.Errorf("of the cluster:\n%s\nof files:\n%s", cluster.out, tree.out)
		}
	})

	t.Run("diff", func(t *testing.T) {
		arguments := []string{"effective", "--diff", "--now", now, "--cluster"}
		same := withKubeconfigOf(t, reader, web).run(t, arguments...)
		keyless(t, same, shown)
		if same.wants(t, 0, "unchanged", "!weaker:"); same.err != "" {
			t.Error(same.err)
		}
		weaker := web.DeepCopy()
		objects.Annotate(weaker, "nginx.ingress.kubernetes.io/auth-tls-verify-client", "optional")
		// The Secret of the file takes the place of the live one, with a key of its own.
		renewed := objects.TLSSecret("read-shop", "web-tls")
		diff := withKubeconfigOf(t, reader, weaker, renewed).run(t, arguments...)
		keyless(t, diff, shown, renewed)
		diff.wants(t, 1, "weaker: web.read-shop.test:443 / client certificate: required (Secret read-shop/client-ca) -> optional", "Ingress-read-shop-web.yaml:", "!lost.read-shop.test")
		before := withKubeconfigOf(t, reader, files...)
		after := withKubeconfigOf(t, reader, append(slices.Clone(files[1:]), weaker)...)
		asFiles := after.call(t, "effective", "--diff", "--now", now, "--config", config, before.folder, after.folder)
		asFiles.wants(t, 1, "weaker: web.read-shop.test:443 / client certificate: required (Secret read-shop/client-ca) -> optional")
	})
}

// withDocumentedRole is somebody with the permissions of docs/cluster.md and no others, once the authorizer knows of them.
func withDocumentedRole(t *testing.T, name string, files ...*unstructured.Unstructured) somebody {
	t.Helper()
	for _, object := range objects.ReadAll(documentedRole(t) + `---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: tlsward-lint}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tlsward-lint}, subjects: [{kind: User, name: ` + name + `, apiGroup: rbac.authorization.k8s.io}]}
`) {
		check(t, back.Create(t.Context(), object).Err)
		t.Cleanup(func() { check(t, back.Delete(context.WithoutCancel(t.Context()), object)) })
	}
	config, err := plane.User(name)
	check(t, err)
	s := withKubeconfig(t, config, files...)
	eventually(t, 10*time.Second, "the authorizer knows of the role", func() (bool, string) {
		got := s.call(t, "trust", "--cluster")
		return got.code == 0 && got.err == "", got.err + got.out
	})
	return s
}

// withKubeconfigOf is the same person with other files.
func withKubeconfigOf(t *testing.T, s somebody, files ...*unstructured.Unstructured) somebody {
	t.Helper()
	other := somebody{kubeconfig: s.kubeconfig, folder: t.TempDir()}
	other.write(t, files...)
	return other
}

// keyless fails where a private key, or what a Secret holds of one, was printed.
func keyless(t *testing.T, s said, secrets ...*unstructured.Unstructured) {
	t.Helper()
	if strings.Contains(s.out+s.err, "PRIVATE KEY") {
		t.Error("a private key is in the output")
	}
	for _, secret := range secrets {
		key, _, _ := unstructured.NestedString(secret.Object, "stringData", "tls.key")
		lines := strings.Split(key, "\n")
		if len(lines) < 3 {
			t.Fatal("the Secret has no key")
		}
		// A part is enough to know it by: as it stands there, and as the API server writes it.
		for _, text := range []string{lines[1], base64.StdEncoding.EncodeToString([]byte(key))[40:80]} {
			if strings.Contains(s.out+s.err, text) {
				t.Error("what a private key consists of is in the output")
			}
		}
	}
}

// unplaced reads JSON and leaves out where things stand.
func unplaced(t *testing.T, text string) any {
	t.Helper()
	var document any
	check(t, json.Unmarshal([]byte(text), &document))
	return strip(document)
}

func strip(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = strip(value[i])
		}
	case map[string]any:
		for key := range value {
			if key == "file" || key == "line" || key == "column" {
				delete(value, key)
				continue
			}
			value[key] = strip(value[key])
		}
	}
	return value
}

func indentedJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	check(t, err)
	return string(text)
}
