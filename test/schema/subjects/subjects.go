// Package subjects holds objects to judge by the schemas of CRDs: some of ours, the projects' own, and mutants of them.
package subjects

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema/crd"
)

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

// Of reads ours and what some folders hold, of kinds that a set knows: of each kind so many that its fields are there, but not
// dozens that are alike.
func Of(set *crd.Set, folders ...string) ([]*unstructured.Unstructured, error) {
	const ofKind = 12
	found, err := parse([]byte(ours))
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			// A few are templates of a chart, or hold what kubectl does not read either.
			if list, err := parse(text); err == nil {
				found = append(found, list...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	seen := map[string]int{}
	return slices.DeleteFunc(found, func(object *unstructured.Unstructured) bool {
		kind := object.GroupVersionKind().GroupKind()
		seen[kind.String()]++
		return !set.Knows(kube.GroupKind(kind.Group, kind.Kind)) || seen[kind.String()] > ofKind
	}), nil
}

func parse(text []byte) (list []*unstructured.Unstructured, err error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		converted, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, err
		}
		object := &unstructured.Unstructured{}
		// What is no object, such as a document of comments, is passed over.
		if err := object.UnmarshalJSON(converted); err == nil {
			list = append(list, object)
		}
	}
}

// Mutant is an object with one thing changed.
type Mutant struct {
	Name   string
	Object *unstructured.Unstructured
}

// Mutants changes each field that an object has, in several ways, and gives at most so many of the outcomes, the same each time.
func Mutants(object *unstructured.Unstructured, most int) (out []Mutant) {
	add := func(path kube.Path, how string, change func(value any) any) {
		changed := object.DeepCopy()
		alter(changed.Object, path, change)
		out = append(out, Mutant{how + " at " + path.String(), changed})
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
	slices.SortStableFunc(out, func(a, b Mutant) int { return strings.Compare(a.Name, b.Name) })
	if step := len(out)/most + 1; step > 1 {
		var some []Mutant
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
		value := alter(list[step], path[1:], change)
		if value == (gone{}) {
			return slices.Delete(slices.Clone(list), step, step+1)
		}
		list[step] = value
	}
	return at
}

// PlainPath makes one notation of three: the API server writes keys without quotes, and with brackets or without.
func PlainPath(path string) string {
	return strings.NewReplacer(`["`, ".", `"]`, "", "[", ".", "]", "").Replace(path)
}
