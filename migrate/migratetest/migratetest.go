// Package migratetest migrates scenes, for tests of package migrate and of what becomes of what it writes.
package migratetest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/migrate"
)

// Written is the file of what is written, beside the source.
const Written = "migrated.yaml"

// Scenes are the files of all scenes with Ingresses of ingress-nginx, by the names of the scenes, in the checkout at root.
func Scenes(tb testing.TB, root string) map[string]map[string]string {
	tb.Helper()
	scenes := map[string]map[string]string{}
	for folder, least := range map[string]int{"effective/testdata/ingress-nginx": 40, "migrate/testdata": 15} {
		archives, err := filepath.Glob(filepath.Join(root, folder, "*.txtar"))
		if err != nil || len(archives) < least {
			tb.Fatalf("%s: %d scenes, %v", folder, len(archives), err)
		}
		for _, archive := range archives {
			_, files := Scene(tb, archive)
			whole(tb, files)
			scenes[filepath.Base(folder)+"/"+strings.TrimSuffix(filepath.Base(archive), ".txtar")] = files
		}
	}
	scenes["many"] = Many()
	return scenes
}

// Ingress is one with the host <name>.shop.test, annotations and paths in flow style; its certificate is the Secret <name>-tls.
const Ingress = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %[1]s, namespace: shop, annotations: {%[2]s}}
spec:
  ingressClassName: nginx
  tls: [{hosts: [%[1]s.shop.test], secretName: %[1]s-tls}]
  rules: [{host: %[1]s.shop.test, http: {paths: [%[3]s]}}]
`

// Path is one of an Ingress.
func Path(path, service string) string {
	return "{path: " + path + ", pathType: Prefix, backend: {service: {name: " + service + ", port: {number: 8080}}}}"
}

// Many are more hosts than a Gateway has listeners and a ReferenceGrant or a ClientTrafficPolicy has names, and more paths to more Services
// than an HTTPRoute has rules and matches.
func Many() map[string]string {
	var b, external strings.Builder
	for i := range 40 {
		annotations := ""
		if i%2 == 0 {
			annotations = "nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca"
		}
		name := fmt.Sprintf("w%d", i)
		fmt.Fprintf(&b, Ingress, name, annotations, Path("/", "web"))
		fmt.Fprintf(&external, ", Secret shop/%s-tls", name)
	}
	var paths []string
	for i := range 150 {
		paths = append(paths, Path(fmt.Sprintf("/p%d", i), fmt.Sprintf("s%d", i%40)))
	}
	fmt.Fprintf(&b, Ingress, "wide", "", strings.Join(paths, ", "))
	b.WriteString("---\napiVersion: v1\nkind: Secret\nmetadata: {name: ca, namespace: shop}\ndata: {ca.crt: <<ca many>>}\n")
	return map[string]string{"ingress.yaml": b.String(), ".tlsward.yaml": "external: [Secret shop/wide-tls" + external.String() + "]\n"}
}

// Scene reads one, and returns those of its files that are the source.
func Scene(tb testing.TB, file string) (*txtar.Archive, map[string]string) {
	tb.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		if f.Name != "rows" && !slices.Contains(migrate.Controllers(), f.Name) {
			files[f.Name] = string(f.Data)
		}
	}
	return archive, files
}

// whole gives a scene what package effective does not ask for, and what is written needs: the Services, and Secrets of their type.
func whole(tb testing.TB, files map[string]string) {
	tb.Helper()
	for name, text := range files {
		files[name] = strings.ReplaceAll(text, "\ndata:\n  tls.crt:", "\ntype: kubernetes.io/tls\ndata:\n  tls.crt:")
	}
	known := map[string]bool{}
	var b strings.Builder
	for _, r := range effectivetest.Rows(tb, files) {
		name, port, ok := strings.Cut(strings.TrimPrefix(r.Value(effective.Backend).Is, "Service "), ":")
		namespace, name, named := strings.Cut(name, "/")
		if !ok || !named || known[namespace+"/"+name] {
			continue
		}
		known[namespace+"/"+name] = true
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {ports: [{name: main, port: %s}]}\n", name, namespace, port)
	}
	files["services.yaml"] = b.String()
}

// Migrate migrates texts to a class of a controller, and returns what is written with the texts that it is proved beside.
func Migrate(tb testing.TB, files map[string]string, controller string) (*migrate.Result, map[string]string) {
	tb.Helper()
	return To(tb, files, migrate.Options{Class: "edge", Controller: controller})
}

// To is Migrate with options, whose class is to be "edge".
func To(tb testing.TB, files map[string]string, o migrate.Options) (*migrate.Result, map[string]string) {
	tb.Helper()
	all := map[string]string{"class.yaml": class(o.Controller)}
	for name, text := range files {
		all[name] = text
	}
	trees := effectivetest.Trees(tb, all)
	if len(trees) != 1 {
		tb.Fatalf("%d trees, want 1", len(trees))
	}
	rows := effective.Rows(trees[0].Tree, effective.Models())
	result, err := migrate.Migrate(trees[0].Tree, rows, o, func(documents []migrate.Document) ([]effective.Row, error) {
		text, err := migrate.YAML(documents)
		if err != nil {
			return nil, err
		}
		all[Written] = string(text)
		return effectivetest.Rows(tb, all), nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return result, all
}

// class is a GatewayClass of a controller.
func class(controller string) string {
	names := map[string]string{
		"envoy-gateway": "gateway.envoyproxy.io/gatewayclass-controller", "nginx-gateway-fabric": "gateway.nginx.org/nginx-gateway-controller",
		"istio": "istio.io/gateway-controller", "kgateway": "kgateway.dev/kgateway", "kong": "konghq.com/kic-gateway-controller",
	}
	return "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: edge}\nspec: {controllerName: " + names[controller] + "}\n"
}
