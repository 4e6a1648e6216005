package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// unlistable stands for the objects of a kind that may not be listed.
func unlistable() []string { return []string{"403"} }

// smallCluster serves Ingresses, Secrets, ConfigMaps and what else there are objects of, and lets nobody write.
func smallCluster(t *testing.T, objects map[string][]string) (kubeconfig string) {
	t.Helper()
	const discovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
	groups := func(groups ...string) string {
		return fmt.Sprintf(`{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[%s]}`, strings.Join(groups, ","))
	}
	group := func(name, version string, resources ...string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q},"versions":[{"version":%q,"freshness":"Current","resources":[%s]}]}`, name, version, strings.Join(resources, ","))
	}
	resource := func(name, of, kind string) string {
		return fmt.Sprintf(`{"resource":%q,"responseKind":{"group":%q,"version":"v1","kind":%q},"scope":"Namespaced","verbs":["get","list","watch"]}`, name, of, kind)
	}
	answers := map[string]string{
		"/api": groups(group("", "v1", resource("secrets", "", "Secret"), resource("configmaps", "", "ConfigMap"))),
	}
	apis := []string{group("networking.k8s.io", "v1", resource("ingresses", "networking.k8s.io", "Ingress"))}
	for path, texts := range objects {
		if slices.Equal(texts, unlistable()) {
			continue
		}
		items := make([]json.RawMessage, len(texts))
		for i, text := range texts {
			data, err := yaml.YAMLToJSON([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			items[i] = data
		}
		list, err := json.Marshal(map[string]any{"kind": "List", "apiVersion": "v1", "metadata": map[string]any{"resourceVersion": "1"}, "items": items})
		if err != nil {
			t.Fatal(err)
		}
		answers[path] = string(list)
		if parts := strings.Split(path, "/"); parts[1] == "apis" && parts[2] != "networking.k8s.io" {
			kind, _, _ := strings.Cut(texts[0][strings.Index(texts[0], "kind: ")+len("kind: "):], "\n")
			apis = append(apis, group(parts[2], parts[3], resource(parts[4], parts[2], kind)))
		}
	}
	answers["/apis"] = groups(apis...)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if r.Method != http.MethodGet {
			t.Errorf("%s %s: the cluster is only read", r.Method, r.URL)
		}
		if _, named := objects[r.URL.Path]; named && !ok {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"forbidden"}`))
			return
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.Contains(r.URL.Query().Get("fieldSelector"), "type=helm.sh") || strings.Contains(r.Header.Get("Accept"), "PartialObjectMetadataList") {
			answer = `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"},"items":[]}`
		}
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/api" || r.URL.Path == "/apis" {
			w.Header().Set("Content-Type", discovery)
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	text := "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: throw-away}}]\nclusters: [{name: c, cluster: {server: " + server.URL + "}}]\n"
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// TestEffectiveCluster: what is in force in a cluster, what files make of it, and what becomes of it.
func TestEffectiveCluster(t *testing.T) {
	other := strings.NewReplacer("name: api\n", "name: other\n", "api.shop.test", "other.shop.test").Replace(guardedIngress)
	kubeconfig := smallCluster(t, map[string][]string{
		"/apis/networking.k8s.io/v1/ingresses": {guardedIngress, other}, "/api/v1/secrets": nil, "/api/v1/configmaps": nil,
	})
	opened := writeFiles(t, map[string]string{"ingress.yaml": strings.Replace(guardedIngress, "    nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca\n", "", 1)})
	for name, test := range map[string]struct {
		args      []string
		code      int
		want, not []string
	}{
		"the cluster":       {args: []string{"--cluster"}, want: []string{"api.shop.test ", "other.shop.test ", "Ingress shop/api\n"}},
		"files over it":     {args: []string{"--cluster", opened}, want: []string{"api.shop.test ", "client certificate     off"}, not: []string{"other.shop.test"}},
		"what files change": {args: []string{"--cluster", "--diff", "--fail-on", "any", opened}, code: exitDenied, want: []string{"weaker: api.shop.test:443 / answer: 403 -> served", "1 host unchanged"}, not: []string{"other.shop.test"}},
		"nothing changes":   {args: []string{"--cluster", "--diff", "--fail-on", "any", writeFiles(t, map[string]string{"a.yaml": other})}, want: []string{"nothing changes; 2 hosts unchanged"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			code := run(append([]string{"effective", "--now", "2026-11-01", "--kubeconfig", kubeconfig}, test.args...), strings.NewReader(""), &out, &errOut)
			if code != test.code {
				t.Errorf("exit %d, want %d\n%s%s", code, test.code, out.String(), errOut.String())
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not said:\n%s%s", want, out.String(), errOut.String())
				}
			}
			for _, not := range test.not {
				if strings.Contains(out.String(), not) {
					t.Errorf("%q is said:\n%s", not, out.String())
				}
			}
		})
	}
}

// TestEffectiveClusterOwnKinds: kinds that no rule reads, and that what is in force rests on.
func TestEffectiveClusterOwnKinds(t *testing.T) {
	kubeconfig := smallCluster(t, map[string][]string{
		"/apis/networking.k8s.io/v1/ingresses": {`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
spec:
  ingressClassName: nginx
  tls: [{hosts: [api.shop.test], secretName: api-tls}]
  rules: [{host: api.shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}}]
`},
		"/apis/traefik.io/v1alpha1/ingressroutes": {`apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web, namespace: shop}
spec: {routes: [{kind: Rule, match: Host(` + "`web.shop.test`" + `), services: [{name: web, port: 80}]}]}
`},
		"/apis/traefik.io/v1alpha1/tlsoptions": {`apiVersion: traefik.io/v1alpha1
kind: TLSOption
metadata: {name: default, namespace: traefik}
spec: {clientAuth: {secretNames: [ca], clientAuthType: RequireAndVerifyClientCert}}
`},
		"/api/v1/secrets": nil, "/api/v1/configmaps": nil,
	})
	config := writeFiles(t, map[string]string{"tlsward.yaml": "apiVersion: tlsward.dev/v1\nkind: Config\ncontrollers: {classes: {nginx: traefik-nginx}}\n"})
	var out, errOut bytes.Buffer
	code := run([]string{"effective", "--now", "2026-11-01", "--cluster", "--kubeconfig", kubeconfig, "--config", filepath.Join(config, "tlsward.yaml")}, strings.NewReader(""), &out, &errOut)
	for _, want := range []string{"web.shop.test ", "IngressRoute shop/web", "TLSOption traefik/default"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, out.String())
		}
	}
	if code != 0 || errOut.Len() > 0 {
		t.Errorf("exit %d: %s", code, errOut.String())
	}
}
