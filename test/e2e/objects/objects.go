// Package objects makes the Kubernetes objects that tests apply. Whatever is wrong with one, a test does to it.
package objects

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/authority"
)

// Read reads one object from YAML that stands in a program.
func Read(text string) *unstructured.Unstructured { return ReadAll(text)[0] }

// ReadAll reads objects from YAML that stands in a program.
func ReadAll(text string) []*unstructured.Unstructured {
	objects, err := Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return objects
}

// Ingress is one that nobody finds anything wrong with, because it has no TLS at all.
func Ingress(namespace, name string) *unstructured.Unstructured {
	return Read(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ` + name + `, namespace: ` + namespace + `}
spec:
  ingressClassName: nginx
  rules:
    - host: ` + name + `.` + namespace + `.test
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 8080}}}}]}
`)
}

// Mutual is an Ingress that asks clients for certificates of a CA.
func Mutual(namespace, name, secret string) *unstructured.Unstructured {
	object := Ingress(namespace, name)
	Annotate(object, "nginx.ingress.kubernetes.io/auth-tls-secret", namespace+"/"+secret)
	Annotate(object, "nginx.ingress.kubernetes.io/auth-tls-verify-client", "on")
	tls := []any{map[string]any{"hosts": []any{name + "." + namespace + ".test"}}}
	if err := unstructured.SetNestedSlice(object.Object, tls, "spec", "tls"); err != nil {
		panic(err)
	}
	return object
}

// Annotate sets an annotation.
func Annotate(object *unstructured.Unstructured, key, value string) {
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[key] = value
	object.SetAnnotations(annotations)
}

// Label sets a label.
func Label(object *unstructured.Unstructured, key, value string) {
	labels := object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[key] = value
	object.SetLabels(labels)
}

// Secret holds data, which is given as text.
func Secret(namespace, name string, data map[string]string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name, "namespace": namespace},
	}}
	SetData(object, "stringData", data)
	return object
}

// ConfigMap holds data.
func ConfigMap(namespace, name string, data map[string]string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name, "namespace": namespace},
	}}
	SetData(object, "data", data)
	return object
}

// SetData sets a mapping of strings.
func SetData(object *unstructured.Unstructured, field string, data map[string]string) {
	if err := unstructured.SetNestedStringMap(object.Object, data, field); err != nil {
		panic(err)
	}
}

// BackendPolicy has traffic to a Service of its name verified, by the CA of a ConfigMap.
func BackendPolicy(namespace, name, ca string) *unstructured.Unstructured {
	return Read(`
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: ` + name + `, namespace: ` + namespace + `}
spec:
  targetRefs: [{group: "", kind: Service, name: ` + name + `}]
  validation:
    hostname: ` + name + `.` + namespace + `.svc
    caCertificateRefs: [{group: "", kind: ConfigMap, name: ` + ca + `}]
`)
}

// Gateway shows a certificate of another namespace, for a host that TLSSecret makes certificates for.
func Gateway(namespace, name, otherNamespace, secret string) *unstructured.Unstructured {
	return Read(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ` + name + `, namespace: ` + namespace + `}
spec:
  gatewayClassName: istio
  listeners:
    - name: web
      port: 443
      protocol: HTTPS
      hostname: ` + name + `.` + otherNamespace + `.test
      tls: {certificateRefs: [{name: ` + secret + `, namespace: ` + otherNamespace + `}]}
`)
}

// Grant lets Gateways of a namespace refer to a Secret.
func Grant(namespace, name, from, secret string) *unstructured.Unstructured {
	return Read(`
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: ` + name + `, namespace: ` + namespace + `}
spec:
  from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: ` + from + `}]
  to: [{group: "", kind: Secret, name: ` + secret + `}]
`)
}

// IngressClass says which controller acts on the Ingresses of a class.
func IngressClass(name, controller string) *unstructured.Unstructured {
	return Read(`{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: ` + name + `}, spec: {controller: ` + controller + `}}`)
}

// TLSSecret holds the certificate of a server, and its key; if no host is named, of all servers of the namespace.
func TLSSecret(namespace, name string, hosts ...string) *unstructured.Unstructured {
	host := "*." + namespace + ".test"
	if len(hosts) > 0 {
		host = hosts[0]
	}
	certificate, key := authority.Root.Serving(host, time.Now(), authority.Year)
	object := Secret(namespace, name, map[string]string{"tls.crt": certificate, "tls.key": key})
	object.Object["type"] = "kubernetes.io/tls"
	return object
}

// SetHost has an Ingress serve another host.
func SetHost(object *unstructured.Unstructured, host string) {
	rules, _, err := unstructured.NestedSlice(object.Object, "spec", "rules")
	if err != nil {
		panic(err)
	}
	rules[0].(map[string]any)["host"] = host
	if err := unstructured.SetNestedSlice(object.Object, rules, "spec", "rules"); err != nil {
		panic(err)
	}
	if _, there := object.Object["spec"].(map[string]any)["tls"]; there {
		tls := []any{map[string]any{"hosts": []any{host}}}
		if err := unstructured.SetNestedSlice(object.Object, tls, "spec", "tls"); err != nil {
			panic(err)
		}
	}
}
