package effectivetest

import (
	"cmp"
	"encoding/base64"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// Field is a field, or a part with all that is below it, and what becomes of a tree where it is written otherwise.
type Field struct {
	// Kinds are "Kind.group", and Path is a pattern with [*] for any entry of a list.
	Kinds, Path string
	// In is a glob of the trees that it is about; "" for all.
	In string
	// Weaker are values that make an answer weaker. Stronger make none weaker, and Neither make none weaker or stronger.
	Weaker, Stronger, Neither []any
	// Otherwise says why nothing that the field may be is weaker or stronger than another.
	Otherwise string
	// Whole: the fields below it are listed by themselves.
	Whole bool
}

// Removed is the value of a field that is not written.
const Removed = "(removed)"

// Written makes the value of a field out of the one it has.
type Written func(any) any

// further adds a CA to a bundle, as text or in base64.
var further = Written(func(old any) any {
	more := pkitest.Bundle(pkitest.New("effective", Now).Root("further"))
	text, _ := old.(string)
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		return base64.StdEncoding.EncodeToString([]byte(string(decoded) + more))
	}
	return text + more
})

// and appends to a list.
func and(entry any) Written {
	return func(old any) any {
		list, _ := old.([]any)
		return append(list[:len(list):len(list)], entry)
	}
}

const (
	annotations = `metadata.annotations["nginx.ingress.kubernetes.io/`
	kong        = `metadata.annotations["konghq.com/`
	ingress     = "Ingress.networking.k8s.io"
	gateway     = "Gateway.gateway.networking.k8s.io"
	istio       = "Gateway.networking.istio.io"
	destination = "DestinationRule.networking.istio.io"
	virtual     = "VirtualService.gateway.solo.io"
	upstream    = "Upstream.gloo.solo.io"
	clients     = "ClientTrafficPolicy.gateway.envoyproxy.io"
	policy      = "BackendTLSPolicy.gateway.networking.k8s.io"
	settings    = "BackendConfigPolicy.gateway.kgateway.dev"
	backend     = "Backend.gateway.envoyproxy.io"

	routed    = "it says what is served, and by whom"
	called    = "another name is no weaker one"
	shown     = "another certificate is no weaker one"
	produced  = "it says how a Secret comes about, which is not what is in force"
	described = "it says what the object is called"
)

// list are values.
func list(values ...any) []any { return values }

// Fields are all those of the examples and of the scenes that are as strict as a controller lets them be.
func Fields() []Field {
	return []Field{
		// Ingresses, by ingress-nginx and by Traefik.
		{Kinds: ingress, Path: annotations + `auth-tls-secret"]`, Weaker: list(Removed), Neither: list("shop/other-ca")},
		{
			Kinds: ingress, Path: annotations + `auth-tls-verify-client"]`, In: "*/*/hardened-names",
			Weaker: list("optional_no_ca"), Neither: list("optional", "off"), // whoever has no subject is refused
		},
		{Kinds: ingress, Path: annotations + `auth-tls-verify-client"]`, Weaker: list("optional", "optional_no_ca", "off"), Neither: list(Removed)},
		{Kinds: ingress, Path: annotations + `auth-tls-verify-depth"]`, In: "*/ingress-nginx/*", Weaker: list("3", "64"), Stronger: list("0")},
		{Kinds: ingress, Path: annotations + `auth-tls-verify-depth"]`, In: "*/traefik-nginx/*", Otherwise: "Traefik does not read it"},
		{Kinds: ingress, Path: annotations + `auth-tls-match-cn"]`, Weaker: list(Removed, "CN=.*", "CN=")},
		{Kinds: ingress, Path: annotations + `ssl-redirect"]`, In: "*/*/hardened-redirect", Weaker: list("false"), Neither: list(Removed)},
		{Kinds: ingress, Path: annotations + `ssl-redirect"]`, In: "*/*/hardened", Stronger: list("true"), Otherwise: "force-ssl-redirect redirects whatever it says"},
		{Kinds: ingress, Path: annotations + `ssl-redirect"]`, In: "*/*/hardened-names", Otherwise: "where a name is asked for, plain requests are refused"},
		{Kinds: ingress, Path: annotations + `ssl-redirect"]`, In: "examples/traefik/*", Otherwise: "force-ssl-redirect redirects whatever it says"},
		{Kinds: ingress, Path: annotations + `force-ssl-redirect"]`, In: "*/*/hardened", Weaker: list(Removed, "false")},
		{Kinds: ingress, Path: annotations + `force-ssl-redirect"]`, In: "*/*/hardened-names", Otherwise: "where a name is asked for, plain requests are refused"},
		{Kinds: ingress, Path: annotations + `force-ssl-redirect"]`, In: "examples/traefik/*", Otherwise: "ssl-redirect redirects too"},
		{Kinds: ingress, Path: annotations + `backend-protocol"]`, In: "*/ingress-nginx/*", Weaker: list(Removed, "HTTP", "GRPC", "GRPCS")},
		{Kinds: ingress, Path: annotations + `backend-protocol"]`, In: "*/traefik-nginx/*", Weaker: list(Removed, "HTTP", "GRPC"), Neither: list("GRPCS")},
		{Kinds: ingress, Path: annotations + `proxy-ssl-secret"]`, Weaker: list(Removed)},
		{Kinds: ingress, Path: annotations + `proxy-ssl-verify"]`, Weaker: list(Removed, "off")},
		{Kinds: ingress, Path: annotations + `proxy-ssl-verify-depth"]`, In: "*/ingress-nginx/*", Weaker: list("2"), Stronger: list("0")},
		{Kinds: ingress, Path: annotations + `proxy-ssl-verify-depth"]`, In: "*/traefik-nginx/*", Otherwise: "Traefik does not read it"},
		{Kinds: ingress, Path: annotations + `proxy-ssl-name"]`, Neither: list(Removed, "other.shop.svc"), Otherwise: called},
		{Kinds: ingress, Path: annotations + `proxy-ssl-server-name"]`, Otherwise: "it says whether the name is asked for, which is verified all the same"},
		{Kinds: ingress, Path: "spec.tls", In: "*/ingress-nginx/hardened", Otherwise: "without it clients see the default certificate, and are redirected all the same"},
		{Kinds: ingress, Path: "spec.tls", In: "*/ingress-nginx/hardened-names", Otherwise: "without it clients see the default certificate"},
		{Kinds: ingress, Path: "spec.tls", In: "*/*/hardened-redirect", Weaker: list(Removed)},
		{Kinds: ingress, Path: "spec.tls", In: "examples/ingress-nginx/*", Weaker: list(Removed)},
		{Kinds: ingress, Path: "spec.tls", In: "*/kong/*", Otherwise: shown},
		{Kinds: ingress, Path: "spec.tls", In: "*/traefik*/*", Otherwise: shown},
		{Kinds: "ConfigMap", Path: "data.ssl-protocols", Weaker: list("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", "TLSv1.2 TLSv1.3", Removed)},
		{Kinds: "ConfigMap", Path: "data.ssl-redirect", In: "*/*/hardened-redirect", Weaker: list("false"), Neither: list(Removed)},
		{Kinds: "ConfigMap", Path: "data.ssl-redirect", In: "*/*/hardened*", Otherwise: "the annotations go before it"},
		{Kinds: "ConfigMap", Path: "data.use-forwarded-headers", In: "*/*/hardened-names", Otherwise: "nobody is redirected"},
		{Kinds: "ConfigMap", Path: "data.use-forwarded-headers", Weaker: list("true"), Neither: list(Removed)},

		// Kong.
		{Kinds: ingress, Path: kong + `protocols"]`, Weaker: list(Removed, "http,https", "http")},
		{Kinds: ingress, Path: kong + `https-redirect-status-code"]`, Neither: list(Removed, "308"), Otherwise: "without it plain requests are refused"},
		{Kinds: ingress, Path: kong + `plugins"]`, Weaker: list(Removed)},
		{Kinds: ingress, Path: kong + `preserve-host"]`, Neither: list(Removed), Otherwise: called},
		{Kinds: "Service", Path: kong + `protocol"]`, Weaker: list(Removed, "http", "grpc")},
		{Kinds: "Service", Path: kong + `tls-verify"]`, Weaker: list(Removed, "false")},
		{Kinds: "Service", Path: kong + `tls-verify-depth"]`, Weaker: list("2", "64"), Stronger: list("0"), Neither: list(Removed)},
		{Kinds: "Service", Path: kong + `host-header"]`, Neither: list(Removed, "other.shop.svc"), Otherwise: called},
		{Kinds: "Service", Path: kong + `ca-certificates-configmaps"]`, In: "examples/*/*", Weaker: list(Removed)},
		{Kinds: "Service", Path: kong + `ca-certificates-configmaps"]`, In: "*/*/ingress-hardened", Weaker: list(Removed, "backend-ca,other-ca"), Neither: list("other-ca")},
		{Kinds: "ConfigMap", Path: "metadata.labels", Otherwise: "a CA without it is none, and nothing is taken"},
		{Kinds: "ConfigMap", Path: "data.id", Otherwise: described},
		{Kinds: "KongPlugin.configuration.konghq.com", Path: "config", Weaker: list(with("anonymous", "guest")), Whole: true},
		{Kinds: "KongPlugin.configuration.konghq.com", Path: "plugin", Weaker: list("cors")},
		{Kinds: "KongPlugin.configuration.konghq.com", Path: "disabled", Weaker: list(true), Neither: list(Removed)},
		{
			Kinds: "KongPlugin.configuration.konghq.com", Path: "config.ca_certificates",
			Weaker: list(and("7c3b9f4e-6f5a-4c38-9a0b-1f2d3c4b5a61")), Neither: list(list("7c3b9f4e-6f5a-4c38-9a0b-1f2d3c4b5a61")),
		},
		{Kinds: "KongPlugin.configuration.konghq.com", Path: "config.skip_consumer_lookup", Weaker: list(true), Neither: list(Removed)},
		{Kinds: "KongPlugin.configuration.konghq.com", Path: "config.revocation_check_mode", Weaker: list("SKIP", "IGNORE_CA_ERROR", Removed)},

		// Gateway API.
		{Kinds: gateway, Path: "spec.listeners[*].name", Otherwise: described},
		{Kinds: gateway, Path: "spec.listeners[*].port", Otherwise: routed},
		{Kinds: gateway, Path: "spec.listeners[*].hostname", Otherwise: routed},
		{Kinds: gateway, Path: "spec.listeners[*].allowedRoutes", Otherwise: routed},
		{Kinds: gateway, Path: "spec.listeners[*].protocol", Weaker: list(httpInstead)},
		{Kinds: gateway, Path: "spec.listeners[*].tls.mode", Otherwise: "a listener of protocol HTTPS with another one is none", Neither: list(Removed)},
		{Kinds: gateway, Path: "spec.listeners[*].tls.certificateRefs", Otherwise: shown},
		{Kinds: gateway, Path: `spec.listeners[*].tls.options["nginx.org/ssl-protocols"]`, Weaker: list("TLSv1.1 TLSv1.2 TLSv1.3", Removed)},
		{Kinds: gateway, Path: `spec.listeners[*].tls.options["kgateway.dev/min-tls-version"]`, Weaker: list("1.0", "1.2", Removed)},
		{Kinds: gateway, Path: "spec.tls.frontend.default.validation", Weaker: list(Removed), Whole: true},
		{Kinds: gateway, Path: "spec.tls.frontend.default.validation.mode", Weaker: list("AllowInsecureFallback"), Neither: list(Removed)},
		{
			Kinds: gateway, Path: "spec.tls.frontend.default.validation.caCertificateRefs", In: "*/kgateway/*",
			Weaker: list(and(map[string]any{"group": "", "kind": "ConfigMap", "name": Beside})),
		},
		{
			Kinds: gateway, Path: "spec.tls.frontend.default.validation.caCertificateRefs", Otherwise: "the controller takes one CA only",
		},
		{Kinds: policy, Path: "spec.targetRefs", Weaker: list(otherTarget)},
		{Kinds: policy, Path: "spec.targetRefs[*].sectionName", Neither: list(Removed)},
		{Kinds: policy, Path: "spec.validation.hostname", Neither: list("other.shop.svc")},
		{Kinds: policy, Path: "spec.validation.caCertificateRefs", Neither: list(list(map[string]any{"group": "", "kind": "ConfigMap", "name": Beside}))},
		{Kinds: policy, Path: "spec.validation", In: "*/nginx-gateway-fabric/*", Weaker: list(systemRoots), Whole: true},
		{Kinds: policy, Path: "spec.validation", In: "*/istio/*", Weaker: list(systemRoots), Stronger: list(namesOf("api.shop.svc")), Whole: true},
		{Kinds: "HTTPRoute.gateway.networking.k8s.io", Path: "spec.parentRefs", Otherwise: routed},
		{Kinds: "HTTPRoute.gateway.networking.k8s.io", Path: "spec.hostnames", Otherwise: routed},
		{Kinds: "HTTPRoute.gateway.networking.k8s.io", Path: "spec.rules[*].backendRefs", Otherwise: routed},
		{Kinds: "HTTPRoute.gateway.networking.k8s.io", Path: "spec.rules", Weaker: list(backendInstead), Whole: true},
		{Kinds: "HTTPRoute.gateway.networking.k8s.io", Path: "spec.rules[*].filters", Otherwise: "without it nothing is served"},
		{Kinds: "ReferenceGrant.gateway.networking.k8s.io", Path: "spec", Otherwise: "what is not granted is not served"},

		// Envoy Gateway.
		{Kinds: clients, Path: "spec.targetRefs", Weaker: list(list(map[string]any{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "other"}))},
		{Kinds: clients, Path: "spec.targetRefs[*].sectionName", Neither: list(Removed)},
		{Kinds: clients, Path: "spec.tls.minVersion", Weaker: list("1.0", "1.2", Removed)},
		{Kinds: clients, Path: "spec.tls.clientValidation", Weaker: list(Removed, with("optional", true), with("mode", "Request"), with("mode", "VerifyIfGiven")), Whole: true},
		{Kinds: clients, Path: "spec.tls.clientValidation.optional", Weaker: list(true), Neither: list(Removed)},
		{
			Kinds: clients, Path: "spec.tls.clientValidation.caCertificateRefs", In: "*/*/gateway-hardened",
			Weaker: list(and(map[string]any{"kind": "ConfigMap", "name": Beside})), Neither: list(list(map[string]any{"kind": "ConfigMap", "name": Beside})),
		},
		{Kinds: clients, Path: "spec.tls.clientValidation.caCertificateRefs", In: "examples/*/*", Otherwise: "there is one CA only"},
		{Kinds: clients, Path: "spec.tls.clientValidation.spkiHashes", Weaker: list(Removed, and("ZGVm")), Neither: list(list("ZGVm"))},
		{
			Kinds: clients, Path: "spec.tls.clientValidation.subjectAltNames",
			Weaker: list(Removed, with("dnsNames", list(map[string]any{"type": "Exact", "value": "client.test"}, map[string]any{"type": "Exact", "value": "other.test"}))),
		},
		{Kinds: backend, Path: "spec.endpoints", Otherwise: routed},
		{Kinds: backend, Path: "spec.tls", Weaker: list(Removed, systemRoots), Whole: true},
		{Kinds: backend, Path: "spec.tls.insecureSkipVerify", Weaker: list(true), Neither: list(Removed)},
		{Kinds: backend, Path: "spec.tls.sni", Weaker: list(Removed), Neither: list("other.shop.svc")},
		{Kinds: backend, Path: "spec.tls.caCertificateRefs", Otherwise: "there is one CA only"},

		// kgateway.
		{Kinds: settings, Path: "spec.targetRefs", Otherwise: routed},
		{
			Kinds: settings, Path: "spec.tls", In: "*/*/gateway*",
			Weaker: list(Removed, with("insecureSkipVerify", true), systemRootsBeside), Whole: true,
		},
		{Kinds: settings, Path: "spec.tls", Weaker: list(with("insecureSkipVerify", true), systemRootsBeside), Whole: true},
		{Kinds: settings, Path: "spec.tls.insecureSkipVerify", Weaker: list(true), Neither: list(Removed)},
		{Kinds: settings, Path: "spec.tls.secretRef", Otherwise: "there is one CA only"},
		{Kinds: settings, Path: "spec.tls.sni", Neither: list(Removed, "other.shop.svc")},
		{Kinds: settings, Path: "spec.tls.verifySubjectAltNames", Weaker: list(Removed, and("other.shop.svc")), Neither: list(list("other.shop.svc"))},

		// Istio.
		{Kinds: istio, Path: "spec.selector", Otherwise: routed},
		{Kinds: istio, Path: "spec.servers[*].hosts", Otherwise: routed},
		{Kinds: istio, Path: "spec.servers[*].port.name", Otherwise: described},
		{Kinds: istio, Path: "spec.servers[*].port.number", Otherwise: routed},
		{Kinds: istio, Path: "spec.servers[*].port.protocol", Weaker: list(httpInstead)},
		{Kinds: istio, Path: "spec.servers[*].tls.httpsRedirect", Weaker: list(false, Removed)},
		{Kinds: istio, Path: "spec.servers[*].tls.mode", In: "*/*/own-hardened", Weaker: list("SIMPLE", "OPTIONAL_MUTUAL")},
		{Kinds: istio, Path: "spec.servers[*].tls.mode", In: "examples/*/*", Stronger: list("MUTUAL", "OPTIONAL_MUTUAL")},
		{Kinds: istio, Path: "spec.servers[*].tls.credentialName", Otherwise: shown},
		{Kinds: istio, Path: "spec.servers[*].tls.minProtocolVersion", Weaker: list("TLSV1_0", "TLSV1_2", "TLS_AUTO", Removed)},
		{Kinds: istio, Path: "spec.servers[*].tls.subjectAltNames", Weaker: list(Removed, and("other.test")), Neither: list(list("other.test"))},
		{Kinds: "VirtualService.networking.istio.io", Path: "spec", Otherwise: routed},
		{Kinds: destination, Path: "spec.host", Otherwise: routed},
		{Kinds: destination, Path: "spec.trafficPolicy.tls", Weaker: list(Removed, with("insecureSkipVerify", true)), Whole: true},
		{Kinds: destination, Path: "spec.trafficPolicy.tls.mode", Weaker: list("DISABLE")},
		{Kinds: destination, Path: "spec.trafficPolicy.tls.credentialName", Weaker: list(Removed)},
		{Kinds: destination, Path: "spec.trafficPolicy.tls.sni", Neither: list(Removed, "other.shop.svc")},
		{
			Kinds: destination, Path: "spec.trafficPolicy.tls.subjectAltNames", In: "*/*/own-hardened",
			Weaker: list(Removed, and("other.shop.svc")), Neither: list(list("other.shop.svc")),
		},
		// Without an SNI of its own the name of the request is compared.
		{Kinds: destination, Path: "spec.trafficPolicy.tls.subjectAltNames", Weaker: list(and("other.shop.svc")), Neither: list(Removed, list("other.shop.svc"))},

		// Gloo.
		{Kinds: virtual, Path: "spec.virtualHost.domains", Otherwise: routed},
		{Kinds: virtual, Path: "spec.virtualHost.routes", Otherwise: routed},
		{Kinds: virtual, Path: "spec.virtualHost.routes[*].redirectAction.httpsRedirect", Neither: list(false)},
		{
			Kinds: virtual, Path: "spec.sslConfig", In: "*/*/hardened",
			Otherwise: "another VirtualService has the requests in plain, and which of the two is older is not known", Whole: true,
		},
		{Kinds: virtual, Path: "spec.sslConfig", Weaker: list(Removed), Whole: true},
		{Kinds: virtual, Path: "spec.sslConfig.secretRef", Otherwise: shown},
		{Kinds: virtual, Path: "spec.sslConfig.sniDomains", Otherwise: routed},
		{Kinds: virtual, Path: "spec.sslConfig.oneWayTls", In: "*/*/hardened", Weaker: list(true), Neither: list(Removed)},
		{Kinds: virtual, Path: "spec.sslConfig.oneWayTls", In: "examples/*/*", Stronger: list(false)},
		{Kinds: virtual, Path: "spec.sslConfig.verifySubjectAltName", Weaker: list(Removed, and("other.test")), Neither: list(list("other.test"))},
		{Kinds: virtual, Path: "spec.sslConfig.parameters.minimumProtocolVersion", Weaker: list("TLSv1_0", "TLSv1_2", "TLS_AUTO", Removed)},
		{Kinds: upstream, Path: "spec.kube", Otherwise: routed},
		{Kinds: upstream, Path: "spec.sslConfig", Weaker: list(Removed), Whole: true},
		{Kinds: upstream, Path: "spec.sslConfig.secretRef", Weaker: list(Removed)},
		{Kinds: upstream, Path: "spec.sslConfig.sni", Neither: list(Removed, "other.shop.svc")},
		{Kinds: upstream, Path: "spec.sslConfig.oneWayTls", Neither: list(true, Removed)},
		{Kinds: upstream, Path: "spec.sslConfig.verifySubjectAltName", Weaker: list(Removed, and("other.shop.svc")), Neither: list(list("other.shop.svc"))},

		// What is referred to.
		{Kinds: "ConfigMap Secret", Path: `data["ca.crt"]`, Weaker: list(further)},
		{Kinds: "ConfigMap", Path: `binaryData["ca.crt"]`, Weaker: list(further)},
		{Kinds: "Secret", Path: `stringData["ca.crt"]`, Weaker: list(further)},
		{Kinds: "Secret", Path: `data["tls.crt"]`, Otherwise: shown},
		{Kinds: "Secret", Path: `data["tls.key"]`, Otherwise: shown},
		{Kinds: "Secret", Path: `stringData["tls.crt"]`, Otherwise: shown},
		{Kinds: "Secret", Path: `stringData["tls.key"]`, Otherwise: shown},
		{Kinds: "Secret", Path: "type", Otherwise: shown},
		{Kinds: "Certificate.cert-manager.io", Path: "spec", Otherwise: produced},
		{Kinds: "CronJob.batch", Path: "spec", Otherwise: produced},
		{Kinds: "CronJob.batch", Path: "metadata.labels", Otherwise: described},
		{Kinds: "Service", Path: "spec", Otherwise: routed},
		{Kinds: ingress, Path: "spec.ingressClassName", Otherwise: routed},
		{Kinds: ingress, Path: "spec.rules", Otherwise: routed},
		{Kinds: "GatewayClass.gateway.networking.k8s.io IngressClass.networking.k8s.io", Path: "spec", Otherwise: routed},
		{Kinds: gateway, Path: "spec.gatewayClassName", Otherwise: routed},
		{Kinds: "ConfigMap", Path: `metadata.labels["app.kubernetes.io/name"]`, Otherwise: described},
	}
}

// httpInstead is the protocol of a listener that is not encrypted.
var httpInstead = Written(func(old any) any {
	if old == "HTTP" {
		return old
	}
	return "HTTP"
})

// with sets one field of a part.
func with(name string, value any) Written {
	return func(old any) any {
		fields := map[string]any{}
		if known, ok := old.(map[string]any); ok {
			for key, value := range known {
				fields[key] = value
			}
		}
		fields[name] = value
		return fields
	}
}

// instead takes one field out of a part, and sets another one.
func instead(of, name string, value any) Written {
	return func(old any) any {
		fields, _ := with(name, value)(old).(map[string]any)
		delete(fields, of)
		return fields
	}
}

var (
	systemRoots       = instead("caCertificateRefs", "wellKnownCACertificates", "System")
	systemRootsBeside = instead("secretRef", "wellKnownCACertificates", "System")
	otherTarget       = []any{map[string]any{"group": "", "kind": "Service", "name": "other"}}
	backendInstead    = Written(func(old any) any {
		if rules, _ := old.([]any); len(rules) > 0 {
			if fields, _ := rules[0].(map[string]any); fields["filters"] != nil {
				return []any{map[string]any{"backendRefs": []any{map[string]any{"name": "api", "port": 8443}}}}
			}
		}
		return old
	})
)

func namesOf(name string) Written {
	return with("subjectAltNames", []any{map[string]any{"type": "Hostname", "hostname": name}})
}

// Place is a field of an object of a tree.
type Place struct {
	File     string
	Document manifest.Document
	Path     kube.Path
	Value    any
}

// Beside is the name of objects that nothing refers to as long as no field is written otherwise.
const Beside = "other-ca"

// FieldsOf are those that are about a tree: of several of one path the first.
func FieldsOf(tree string) (list []Field) {
	type part struct{ kinds, path string }
	known := map[part]bool{}
	for _, f := range Fields() {
		key := part{f.Kinds, f.Path}
		if within, err := path.Match(cmp.Or(f.In, "*/*/*"), tree); err == nil && within && !known[key] {
			known[key] = true
			list = append(list, f)
		}
	}
	return list
}

// Places are where files have the field.
func (f *Field) Places(files map[string]string) (list []Place) {
	pattern, err := kube.ParsePattern(f.Path)
	if err != nil {
		panic(err) // the table's own fault
	}
	eachObject(files, func(file string, d manifest.Document) {
		if slices.Contains(strings.Fields(f.Kinds), d.Object.ID.GroupKind()) {
			pattern.Each(d.Object.Fields, func(at kube.Path, value any) { list = append(list, Place{file, d, at, value}) })
		}
	})
	return list
}

func eachObject(files map[string]string, found func(file string, d manifest.Document)) {
	for _, name := range kube.SortedKeys(files) {
		if name == config.FileName {
			continue
		}
		for _, d := range manifest.ReadText(name, Fill(files[name]), manifest.Options{}) {
			if d.Status == manifest.Object && d.Object.ID.Name != Beside {
				found(name, d)
			}
		}
	}
}

// Unlisted are the fields of a tree that Fields does not have: neither them nor what they are part of. What an object is called is left
// out.
func Unlisted(tree string, files map[string]string) (list []string) {
	type part struct {
		id   kube.ID
		path string
	}
	listed := map[part]bool{}
	for _, f := range FieldsOf(tree) {
		for _, p := range f.Places(files) {
			if !f.Whole {
				listed[part{p.Document.Object.ID, p.Path.String()}] = true
			}
		}
	}
	eachObject(files, func(_ string, d manifest.Document) {
		leaves(d.Object.Fields, nil, func(at kube.Path) {
			if at[0] == "kind" || at[0] == "apiVersion" || at[0] == "metadata" && len(at) == 2 {
				return
			}
			for i := range at {
				if listed[part{d.Object.ID, at[:i+1].String()}] {
					return
				}
			}
			list = append(list, d.Object.ID.GroupKind()+" "+at.String())
		})
	})
	return list
}

func leaves(value any, at kube.Path, found func(kube.Path)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range kube.SortedKeys(v) {
			leaves(v[key], at.Append(key), found)
		}
	case []any:
		for i, element := range v {
			leaves(element, at.Append(i), found)
		}
	default:
		found(at)
	}
}

// Rewrite returns files in which the field has another value; false where it has that already.
func (p Place) Rewrite(tb testing.TB, files map[string]string, value any) (map[string]string, bool) {
	tb.Helper()
	if written, ok := value.(Written); ok {
		value = written(p.Value)
	}
	edit := kube.Edit{Op: kube.Set, Path: p.Path, Value: value}
	if value == Removed {
		edit = kube.Edit{Op: kube.Remove, Path: p.Path}
	}
	text := Fill(files[p.File])
	edits := []manifest.DocumentEdits{{Index: p.Document.Index, Item: p.Document.Item, Edits: []kube.Edit{edit}}}
	edited, err := manifest.Apply(p.File, []byte(text), edits)
	if err != nil {
		tb.Fatalf("%s %s: %v", p.Document.Object.ID, p.Path, err)
	}
	changed := maps.Clone(files)
	changed[p.File] = string(edited)
	return changed, string(edited) != text
}
