package chart_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/test/chart/render"
)

// matrix is what the properties are tested over: every value is set to something else than its default in one of them
// (TestMatrixTouchesEveryValue), and combinations that interact stand together.
var matrix = map[string]string{
	"default": ``,
	"enforce": `
config: {admission: {mode: enforce}}
image: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
`,
	"off":     `config: {admission: {mode: off}}`,
	"ignored": `{config: {admission: {mode: enforce}}, webhooks: {failurePolicy: Ignore}}`,
	"text": `
config: |
  # The file of the repository, comments and all.
  profile: strict
  rulebooks: [acme-rules]
rulebooks:
  - {name: acme-rules, configMap: acme-rules, items: [{key: provider.yaml, path: acme/provider.yaml}]}
  - {name: bank-rules, configMap: bank-rules, archive: rules.zip}
`,
	"one of many": `
clusterName: prod
config: |
  extends: [platform.yaml, "oci://registry.example.com/tlsward@sha256:0000000000000000000000000000000000000000000000000000000000000000"]
  admission: {mode: warn}
  clusters: {prod: {admission: {mode: enforce}, rulebooks: [{path: acme-rules, version: v1.0}]}}
configFiles: {platform.yaml: "locked: [actions]"}
remoteConfig: {caConfigMap: corp-ca, pullSecret: registry}
rulebooks: [{name: acme-rules, configMap: acme-rules, archive: rules.zip}]
networkPolicy: {enabled: true, egress: [{ports: [{port: 53, protocol: UDP}]}]}
`,
	"cert-manager": `{certManager: {enabled: true, duration: 720h, renewBefore: 240h}, config: {admission: {mode: enforce}}}`,
	"cluster": `
clusterName: prod
config: {admission: {mode: warn}, clusters: {prod: {admission: {mode: enforce, guard: deny}}, dev: {}}}
`,
	"own issuer": `{certManager: {enabled: true, issuerRef: {name: vault, kind: ClusterIssuer}}}`,
	"host network": `
hostNetwork: true
ports: {webhook: 10250, metrics: 10251, health: 10252}
replicas: 1
podAntiAffinity: required
networkPolicy: {enabled: true}
`,
	"metadata":         `{secrets: {mode: metadata}}`,
	"live":             `{secrets: {mode: live}}`,
	"no secrets":       `{secrets: {mode: none}}`,
	"some secrets":     `{secrets: {namespaces: [web, shop]}}`,
	"audit":            `{audit: {enabled: true}}`,
	"some live":        `{secrets: {mode: live, namespaces: [shop]}}`,
	"no secrets there": `{secrets: {mode: none, namespaces: [shop]}}`,
	"monitoring": `
serviceMonitor: {enabled: true, labels: {release: prometheus}, interval: 15s}
prometheusRule: {enabled: true, labels: {release: prometheus}, slowSeconds: 0.5, certificateDays: 7, lastDays: 2, newFindings: 30m, runbooks: "https://wiki.example/tlsward"}
dashboard: {enabled: true, labels: {grafana_dashboard: tls}, annotations: {grafana_folder: TLS}}
networkPolicy:
  enabled: true
  webhookFrom: [{ipBlock: {cidr: 10.0.0.0/28}}]
  metricsFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
  apiServerPorts: [16443]
`,
	"guard": `
config: {admission: {mode: enforce, guard: deny}}
webhooks:
  guard: {timeoutSeconds: 2, exemptUsers: ["system:serviceaccount:pki:renewer"], exemptGroups: ["ops:break-glass"]}
secrets: {namespaces: [web, shop]}
`,
	"guard without secrets": `{config: {admission: {guard: warn}}, secrets: {mode: none}}`,
	"extra kinds": `
extraKinds:
  - {group: acme.example, kind: EdgeProxy, resource: edgeproxies, validate: true, mutate: true, validateWhen: "object.?spec.?clientTrust.hasValue()", mutateWhen: "true"}
  - {group: acme.example, kind: EdgeDefaults, resource: edgedefaults, scope: Cluster, validate: true}
  - {group: acme.example, kind: TrustStore, resource: truststores}
`,
	"bare": `
nameOverride: ward
fullnameOverride: ward
commonLabels: {team: edge}
podLabels: {sidecar.istio.io/inject: "false"}
podAnnotations: {cluster-autoscaler.kubernetes.io/safe-to-evict: "true"}
imagePullSecrets: [registry]
image: {repository: registry.example/tlsward, tag: v9.9.9, pullPolicy: Always}
webhooks: {validating: {timeoutSeconds: 30}, mutating: {enabled: false, timeoutSeconds: 1}, excludedNamespaces: []}
namespaceMode: {restrict: false, setterRole: false}
pprofAddress: 127.0.0.1:6060
logLevel: debug
drainDelaySeconds: 0
priorityClassName: ""
resourceQuota: false
affinity: {nodeAffinity: {}}
topologySpreadConstraints: []
nodeSelector: {disk: ssd}
tolerations: [{operator: Exists}]
podDisruptionBudget: {enabled: false, maxUnavailable: 50%}
resources: {requests: {cpu: 1}, limits: null}
podSecurityContext: {runAsUser: null, fsGroup: null}
securityContext: {seLinuxOptions: {level: "s0:c1,c2"}}
serviceAccount: {create: false, name: existing, annotations: {a: b}}
`,
}

func eachRender(t *testing.T, check func(t *testing.T, values map[string]any, objects manifests)) {
	t.Helper()
	for name, text := range matrix {
		t.Run(name, func(t *testing.T) {
			values := parse(t, text)
			check(t, values, decode(t, rendered(t, values)))
		})
	}
}

func rendered(t *testing.T, values map[string]any) []byte {
	t.Helper()
	stream, err := render.Render(values)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	values := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// manifests are typed objects.
type manifests []runtime.Object

// decode reads a stream as an API server does that is asked to be strict: an unknown or repeated field is an error.
func decode(t *testing.T, stream []byte) manifests {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientscheme.AddToScheme, monitoringv1.AddToScheme, certmanagerv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	var objects manifests
	for document := range documents(t, stream) {
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		objects = append(objects, object)
	}
	return objects
}

func documents(t *testing.T, stream []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		reader := utilyaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(stream)))
		buffer := make([]byte, len(stream)+1)
		for {
			n, err := reader.Read(buffer)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(bytes.TrimSpace(buffer[:n])) > 0 && !yield(buffer[:n]) {
				return
			}
		}
	}
}

// all returns the objects of one type.
func all[T runtime.Object](objects manifests) []T {
	var found []T
	for _, object := range objects {
		if typed, ok := object.(T); ok {
			found = append(found, typed)
		}
	}
	return found
}

// one returns the only object of a type.
func one[T runtime.Object](t *testing.T, objects manifests) T {
	t.Helper()
	found := all[T](objects)
	if len(found) != 1 {
		t.Fatalf("%d objects of type %T, want one", len(found), *new(T))
	}
	return found[0]
}

// TestObjects holds what is true of every object of every render.
func TestObjects(t *testing.T) {
	eachRender(t, func(t *testing.T, values map[string]any, objects manifests) {
		seen := map[string]bool{}
		for _, object := range objects {
			kind := object.GetObjectKind().GroupVersionKind().Kind
			accessor, err := meta.Accessor(object)
			if err != nil {
				t.Fatal(err)
			}
			id := fmt.Sprintf("%s %s/%s", kind, accessor.GetNamespace(), accessor.GetName())
			if seen[id] {
				t.Errorf("%s stands twice", id)
			}
			seen[id] = true
			if len(accessor.GetFinalizers()) > 0 {
				t.Errorf("%s has finalizers: an uninstall would hang while tlsward is down", id)
			}
			for annotation := range accessor.GetAnnotations() {
				if strings.HasPrefix(annotation, "helm.sh/") || strings.HasPrefix(annotation, "argocd.argoproj.io/") {
					t.Errorf("%s has annotation %s: no hooks", id, annotation)
				}
			}
			for _, label := range []string{"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"} {
				if accessor.GetLabels()[label] == "" {
					t.Errorf("%s lacks label %s", id, label)
				}
			}
			if values["commonLabels"] != nil && accessor.GetLabels()["team"] != "edge" {
				t.Errorf("%s lacks the common labels", id)
			}
			clusterScoped := slices.ContainsFunc([]string{"Cluster", "ValidatingAdmission", "ValidatingWebhook", "MutatingWebhook"}, func(prefix string) bool { return strings.HasPrefix(kind, prefix) })
			if clusterScoped != (accessor.GetNamespace() == "") {
				t.Errorf("%s: namespace is set on what has none, or missing", id)
			}
		}
	})
}

// TestRendersAreStable holds that the same values give the same bytes, now and on upgrade: else a GitOps controller never
// comes to rest.
func TestRendersAreStable(t *testing.T) {
	for name, text := range matrix {
		t.Run(name, func(t *testing.T) {
			first := rendered(t, parse(t, text))
			if again := rendered(t, parse(t, text)); !bytes.Equal(first, again) {
				t.Error("two renders differ")
			}
			upgrade, err := render.Release{Upgrade: true}.Render(parse(t, text))
			if err != nil || !bytes.Equal(first, upgrade) {
				t.Errorf("an upgrade renders something else than the installation (%v)", err)
			}
			if newer, err := (render.Release{Kubernetes: "v1.30.0"}).Render(parse(t, text)); err != nil || !bytes.Equal(first, newer) {
				t.Errorf("the render depends on the version of Kubernetes (%v)", err)
			}
		})
	}
}
