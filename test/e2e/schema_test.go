package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
	"github.com/tlsward/tlsward/schema/crd"
	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// TestSchema: what schema/crd says of an object is what an API server says: which fields it drops, whether it refuses it, for
// which fields, and if not, what it stores. The objects are the projects' own examples, some of ours for kinds that have
// none, and mutants of them all.
func TestSchema(t *testing.T) {
	check(t, plane.InstallEnvoyGateway(t.Context()))
	t.Cleanup(func() { check(t, plane.RemoveCRDs(context.Background(), "gateway.envoyproxy.io")) })
	set, err := crd.New(crd.Releases{
		GatewayAPI: controlplane.Newest.Release, Channel: controlplane.Newest.Channel, CertManager: "1.21", EnvoyGateway: "1.9",
	})
	check(t, err)
	config := rest.CopyConfig(plane.BackDoor())
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	check(t, err)

	counts := map[string]int{}
	for _, valid := range examples(t, set) {
		subjects := append([]mutant{{"as it stands", valid}}, mutants(valid)...)
		for _, subject := range subjects {
			difference, refused := compare(t, set, client, subject.object)
			if difference != "" {
				text, _ := json.Marshal(subject.object.Object)
				t.Errorf("%s %s, %s: %s\n%s", valid.GetKind(), valid.GetName(), subject.name, difference, text)
			}
			counts[valid.GetKind()]++
			counts["all"]++
			if refused {
				counts["refused"]++
			}
		}
	}
	t.Logf("compared: %v", counts)
	if counts["all"] < 300 || counts["refused"] < 100 || counts["all"]-counts["refused"] < 100 {
		t.Errorf("compared %v; want at least 300, a hundred of each verdict", counts)
	}
}

// ours are objects of kinds of which the modules hold no examples, and with fields that these do not have.
const ours = `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: full}
spec:
  secretName: web-tls
  duration: 2160h
  renewBefore: 360h
  isCA: false
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always, encoding: PKCS8}
  usages: [server auth, client auth]
  dnsNames: [www.shop.test]
  subject: {organizations: [shop]}
  keystores: {pkcs12: {create: true, passwordSecretRef: {name: a, key: b}, profile: Modern2023}}
  additionalOutputFormats: [{type: DER}, {type: CombinedPEM}]
  issuerRef: {name: ca, kind: ClusterIssuer, group: cert-manager.io}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt}
spec:
  acme:
    server: https://acme-v02.api.letsencrypt.org/directory
    email: ops@shop.test
    privateKeySecretRef: {name: account}
    solvers:
      - selector: {dnsZones: [shop.test]}
        http01: {gatewayHTTPRoute: {parentRefs: [{name: edge, namespace: infra, kind: Gateway}]}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: vault}
spec:
  vault:
    server: https://vault.shop.test
    path: pki/sign/shop
    caBundleSecretRef: {name: vault-ca, key: ca.crt}
    auth: {kubernetes: {role: shop, mountPath: /v1/auth/kubernetes, serviceAccountRef: {name: vault, audiences: [vault]}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: full}
spec:
  targetRefs:
    - {group: "", kind: Service, name: api, sectionName: https}
    - {group: "", kind: Service, name: api, sectionName: admin}
  validation:
    hostname: api.shop.test
    caCertificateRefs: [{group: "", kind: ConfigMap, name: backend-ca}]
    subjectAltNames: [{type: Hostname, hostname: api.shop.test}, {type: URI, uri: "spiffe://shop/api"}]
  options: {example.com/depth: "3"}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: full}
spec:
  gatewayClassName: eg
  tls:
    backend: {clientCertificateRef: {name: client}}
    frontend:
      default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], mode: AllowValidOnly}}
      perPort:
        - {port: 8443, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: other}]}}}
        - {port: 9443, tls: {}}
  listeners:
    - {name: web, port: 443, protocol: HTTPS, hostname: www.shop.test, tls: {certificateRefs: [{name: web-tls}]}}
    - {name: api, port: 8443, protocol: HTTPS, hostname: "*.shop.test", tls: {mode: Terminate, options: {a.example/b: c}}}
    - {name: db, port: 9443, protocol: TLS, tls: {mode: Passthrough}}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ClientTrafficPolicy
metadata: {name: full}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge, sectionName: web}]
  tls:
    minVersion: "1.2"
    maxVersion: "1.3"
    ciphers: [ECDHE-RSA-AES128-GCM-SHA256]
    alpnProtocols: [h2, http/1.1]
    clientValidation:
      caCertificateRefs: [{kind: ConfigMap, name: client-ca}]
      mode: RequireAndVerify
      spkiHashes: [NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A=]
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: full}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: web}]
  timeout: {tcp: {connectTimeout: 5s}}
  loadBalancer: {type: ConsistentHash, consistentHash: {type: SourceIP}}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: {name: full}
spec:
  endpoints: [{fqdn: {hostname: api.shop.test, port: 443}}]
  tls: {wellKnownCACertificates: System, sni: api.shop.test, minVersion: "1.2"}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: {name: full}
spec:
  backendTLS: {clientCertificateRef: {kind: Secret, name: client}, minVersion: "1.2"}
  provider: {type: Kubernetes, kubernetes: {envoyService: {type: LoadBalancer}}}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: SecurityPolicy
metadata: {name: full}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: web}]
  jwt: {providers: [{name: shop, issuer: https://id.shop.test, remoteJWKS: {uri: https://id.shop.test/jwks.json}}]}
`

// examples reads what the modules hold, of kinds that the set knows: of each kind so many that its fields are there, but not
// dozens that are alike.
func examples(t *testing.T, set *crd.Set) []*unstructured.Unstructured {
	t.Helper()
	const ofKind = 12
	folders, err := controlplane.Examples(t.Context())
	check(t, err)
	parsed, err := objects.Parse([]byte(ours))
	check(t, err)
	for _, folder := range folders {
		check(t, filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			// A few are templates of a chart, or hold what kubectl does not read either.
			if list, err := objects.Parse(text); err == nil {
				parsed = append(parsed, list...)
			}
			return nil
		}))
	}
	seen := map[string]int{}
	return slices.DeleteFunc(parsed, func(object *unstructured.Unstructured) bool {
		kind := object.GroupVersionKind().GroupKind()
		seen[kind.String()]++
		return !set.Knows(kube.GroupKind(kind.Group, kind.Kind)) || seen[kind.String()] > ofKind
	})
}

// mutant is an object with one thing changed.
type mutant struct {
	name   string
	object *unstructured.Unstructured
}

// mutants changes each field that an object has, in several ways.
func mutants(object *unstructured.Unstructured) (out []mutant) {
	add := func(path kube.Path, how string, change func(value any) any) {
		changed := object.DeepCopy()
		alter(changed.Object, path, change)
		out = append(out, mutant{how + " at " + path.String(), changed})
	}
	var visit func(value any, path kube.Path)
	visit = func(value any, path kube.Path) {
		add(path, "nothing", func(any) any { return gone{} })
		add(path, "null", func(any) any { return nil })
		switch value := value.(type) {
		case map[string]any:
			add(path, "unknown field", func(v any) any {
				m, _ := v.(map[string]any)
				m["noSuchField"] = map[string]any{"a": int64(1)}
				return m
			})
			add(path, "list for mapping", func(v any) any { return []any{v} })
			for _, key := range slices.Sorted(maps.Keys(value)) {
				visit(value[key], path.Append(key))
			}
		case []any:
			add(path, "mapping for list", func(any) any { return map[string]any{"a": "b"} })
			add(path, "empty list", func(any) any { return []any{} })
			if len(value) > 0 {
				add(path, "first element twice", func(v any) any {
					list, _ := v.([]any)
					return append(list, list[0])
				})
				add(path, "many elements", func(v any) any {
					list, _ := v.([]any)
					for len(list) < 70 {
						list = append(list, list[0])
					}
					return list
				})
			}
			for i := range value {
				if i < 2 {
					visit(value[i], path.Append(i))
				}
			}
		case string:
			for how, text := range map[string]string{
				"empty": "", "upper case": "Not-A-Value_", "wildcard": "*.example.test", "long": strings.Repeat("a", 5000), "address": "10.0.0.1", "odd": "a/b[0].c",
			} {
				add(path, how, func(any) any { return text })
			}
			add(path, "number for string", func(any) any { return int64(3) })
		case int64:
			for _, number := range []int64{-1, 0, 70000, 1 << 40} {
				add(path, fmt.Sprint(number), func(any) any { return number })
			}
			add(path, "string for number", func(any) any { return "80" })
			add(path, "fraction", func(any) any { return 1.5 })
		case bool:
			add(path, "the contrary", func(any) any { return !value })
			add(path, "string for boolean", func(any) any { return "true" })
		}
	}
	if spec, ok := object.Object["spec"]; ok {
		visit(spec, kube.Path{"spec"})
	}
	slices.SortStableFunc(out, func(a, b mutant) int { return strings.Compare(a.name, b.name) })
	const most = 45
	if step := len(out)/most + 1; step > 1 {
		var some []mutant
		for i := 0; i < len(out); i += step {
			some = append(some, out[i])
		}
		out = some
	}
	return out
}

// gone stands for a field that is removed.
type gone struct{}

func alter(at any, path kube.Path, change func(any) any) any {
	if len(path) == 0 {
		return change(at)
	}
	switch step := path[0].(type) {
	case string:
		m, _ := at.(map[string]any)
		if value := alter(m[step], path[1:], change); value == (gone{}) {
			delete(m, step)
		} else {
			m[step] = value
		}
	case int:
		list, _ := at.([]any)
		if value := alter(list[step], path[1:], change); value == (gone{}) {
			return slices.Delete(slices.Clone(list), step, step+1)
		} else {
			list[step] = value
		}
	}
	return at
}

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// compare asks both, and says where they differ.
func compare(t *testing.T, set *crd.Set, client dynamic.Interface, object *unstructured.Unstructured) (difference string, refused bool) {
	t.Helper()
	object = object.DeepCopy()
	kind := object.GroupVersionKind()
	obj, ok := kube.FromFields(object.Object)
	if !ok {
		return "it is no object", false
	}
	verdict := set.Judge(t.Context(), obj)
	ourUnknown, ourCauses := map[string]bool{}, map[string]bool{}
	for _, v := range verdict.Violations {
		if v.Kind == schema.UnknownField {
			ourUnknown[plainPath(v.Path.String())] = true
		} else {
			ourCauses[plainPath(v.Path.String())] = true
		}
	}
	mapping, err := back.RESTMapper().RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		if len(ourCauses) != 1 || verdict.Violations[0].Kind != crd.Unserved {
			return fmt.Sprintf("the API server does not serve it; here %v", verdict.Violations), true
		}
		return "", true
	}
	check(t, err)
	var resource dynamic.ResourceInterface = client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		object.SetNamespace("default")
		resource = client.Resource(mapping.Resource).Namespace("default")
	}
	ask := func(validation string) (*unstructured.Unstructured, error) {
		return resource.Create(t.Context(), object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: validation})
	}
	_, strict := ask(metav1.FieldValidationStrict)
	stored, err := ask(metav1.FieldValidationIgnore)
	theirUnknown := map[string]bool{}
	if strict != nil && strings.Contains(strict.Error(), "strict decoding error") {
		for _, match := range unknownField.FindAllStringSubmatch(strict.Error(), -1) {
			theirUnknown[plainPath(match[1])] = true
		}
	}
	refused = err != nil
	switch {
	case refused != (len(ourCauses) > 0):
		return fmt.Sprintf("the API server says %v; here %v", err, verdict.Violations), refused
	case refused:
		if theirs := causes(err); len(theirs) > 0 && !maps.Equal(theirs, ourCauses) {
			return fmt.Sprintf("the API server refuses %v (%v); here %v", slices.Sorted(maps.Keys(theirs)), err, verdict.Violations), refused
		}
	case !maps.Equal(theirUnknown, ourUnknown):
		return fmt.Sprintf("the API server drops %v; here %v", slices.Sorted(maps.Keys(theirUnknown)), slices.Sorted(maps.Keys(ourUnknown))), refused
	default:
		for _, key := range slices.Sorted(maps.Keys(stored.Object)) {
			// A status is filled with its defaults. No rule asks for it.
			if ours := verdict.Stored.Fields[key]; key != "metadata" && key != "status" && !reflect.DeepEqual(stored.Object[key], ours) {
				return fmt.Sprintf("the API server stores %s as %v; here it is %v", key, stored.Object[key], ours), refused
			}
		}
	}
	return "", refused
}

// causes are the fields for which an object is refused.
func causes(err error) map[string]bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	fields := map[string]bool{}
	for _, cause := range status.Status().Details.Causes {
		// "Rules were not asked" has no field.
		if cause.Field != "<nil>" {
			fields[plainPath(cause.Field)] = true
		}
	}
	return fields
}

// plainPath makes one notation of three: the API server writes keys without quotes, and with brackets or without.
func plainPath(path string) string {
	return strings.NewReplacer(`["`, ".", `"]`, "", "[", ".", "]", "").Replace(path)
}
