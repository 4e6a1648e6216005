package effective

// gatewayReading is what a controller makes of a part that not all of them read.
type gatewayReading int

// The zero value is that nobody here knows.
const (
	gatewayUntold gatewayReading = iota
	gatewayReads
	gatewayIgnores
	gatewayRefuses
)

// gatewayRefs is what a controller makes of several references, some of which it cannot use.
type gatewayRefs int

// Rest goes on with those that can be used; Every wants all of them; Only refuses more than one, First reads no other one.
const (
	gatewayRest gatewayRefs = iota
	gatewayEvery
	gatewayOnly
	gatewayFirst
)

// gatewayController is what a controller of Gateway API makes of what the API leaves open.
type gatewayController struct {
	name, title  string
	listenerSets bool
	// frontend: it reads spec.tls.frontend. For listeners of protocol HTTPS always, with frontendTLS for such of protocol TLS too.
	frontend    gatewayReading
	frontendTLS bool
	// frontendOff is whether an entry of perPort without validation switches the default off.
	frontendOff gatewayReading
	frontendCAs gatewayRefs
	// caKeys are entries that it reads a CA from beside ca.crt; soleKey: the only entry there is, whatever its name.
	caKeys  []string
	soleKey bool
	// certificates is what it makes of several, one of which is bad; "" where nobody here knows.
	certificates   gatewayReading
	listenerDepth  string
	protocols      string
	protocolOption string

	// Of BackendTLSPolicy: where it takes the CA from, what it makes of several, of subjectAltNames and of System, whether the
	// hostname is compared with the certificate, and what requests get where it refuses the policy: "" sends them unencrypted.
	policyCAKinds []string
	policyCAs     gatewayRefs
	policyNames   gatewayReading
	policySystem  gatewayReading
	policyHost    gatewayReading
	policyDepth   string
	refusal       string
	// pooled: a policy for a section does not go before one for the whole Service: the older one counts.
	pooled bool
	// clientCertificate: it shows spec.tls.backend.clientCertificateRef to backends.
	clientCertificate gatewayReading
	// withoutPolicies: it reads no BackendTLSPolicy.
	withoutPolicies bool
	// missing is what requests get for a backend that is not there.
	missing string
}

// gatewayControllers are the controllers of the matrix. Sources, as of 2026-08:
//
//	Envoy Gateway, internal/gatewayapi: validate.go (certificates: the valid ones are served), listener.go (ProcessGatewayTLS: HTTPS
//	  only, one bad CA closes the listener, an entry of perPort without validation switches off), backendtlspolicy.go (all CAs; a
//	  section goes first; 500 for a bad one), contexts.go (GetBackendTLSConfig), clienttrafficpolicy.go.
//	NGINX Gateway Fabric, internal/controller/state/graph: gateway_listener.go (createFrontendTLSCaCertReferenceResolver passes over
//	  entries of perPort without validation; bad CAs are left out unless all are), backend_tls_policy.go (one CA), backend_refs.go
//	  (the older policy, whatever its section), gateway.go (client certificate); nginx/config/servers_template.go (depth 4).
//	Istio, pilot/pkg/config/kube/gateway: conversion.go (buildTLS, resolveGatewayTLS), backend_policies.go; pilot/pkg/networking/core,
//	  cluster_tls.go (setAutoSniAndAutoSanValidation: no name is compared where an SNI is set).
//	kgateway, pkg/kgateway/translator/listener/gateway_listener_translator.go, extensions2/plugins/backendtlspolicy/plugin.go,
//	  releases differ in whether clientCertificateRef is translated, and so it is unknown.
//	Kong, internal/dataplane/translator: translate_certs.go, ingressrules.go, subtranslator/httproute.go;
//	  internal/controllers/gateway: backendtlspolicy_utils.go, gateway_utils.go.
//	Cilium, operator/pkg/gateway-api, cilium/cilium#48307 and #48935; Traefik, pkg/provider/kubernetes/gateway;
//	Gloo, projects/gateway2/translator/listener/gateway_listener_translator.go: ca.crt beside a certificate has clients asked.
//
// policies/lib/backend.rego holds the same of BackendTLSPolicy for the rules.
func gatewayControllers() map[string]*gatewayController {
	return map[string]*gatewayController{
		"envoy-gateway": {
			name: "envoy-gateway", title: "Envoy Gateway", listenerSets: true,
			frontend: gatewayReads, frontendOff: gatewayReads, frontendCAs: gatewayEvery, caKeys: []string{"tls.crt"}, soleKey: true,
			certificates: gatewayReads, protocols: envoyProtocols,
			policyCAKinds: []string{"ConfigMap", "Secret", "ClusterTrustBundle"}, policyCAs: gatewayEvery, policyNames: gatewayReads,
			policySystem: gatewayReads, policyHost: gatewayReads, refusal: "500", clientCertificate: gatewayReads, missing: "500",
		},
		"nginx-gateway-fabric": {
			name: "nginx-gateway-fabric", title: "NGINX Gateway Fabric", listenerSets: true,
			frontend: gatewayReads, frontendOff: gatewayIgnores, frontendCAs: gatewayRest, certificates: gatewayReads, listenerDepth: "4",
			protocols: envoyProtocols, protocolOption: "nginx.org/ssl-protocols",
			policyCAKinds: []string{"ConfigMap", "Secret"}, policyCAs: gatewayOnly, policyNames: gatewayIgnores, policySystem: gatewayReads,
			policyHost: gatewayReads, policyDepth: "4", refusal: "500", pooled: true, clientCertificate: gatewayReads, missing: "500",
		},
		"istio": {
			name: "istio", title: "Istio", listenerSets: true,
			frontend: gatewayReads, frontendTLS: true, frontendOff: gatewayReads, frontendCAs: gatewayOnly, caKeys: []string{"cacert"},
			certificates: gatewayReads, protocols: envoyProtocols,
			policyCAKinds: []string{"ConfigMap"}, policyCAs: gatewayFirst, policyNames: gatewayReads, policySystem: gatewayReads,
			policyHost: gatewayIgnores, refusal: "5xx", clientCertificate: gatewayIgnores, missing: "500",
		},
		"kgateway": {
			name: "kgateway", title: "kgateway", listenerSets: true,
			frontend: gatewayReads, frontendTLS: true, frontendCAs: gatewayRest, certificates: gatewayReads, protocols: envoyProtocols,
			policyCAKinds: []string{"ConfigMap", "Secret"}, policyCAs: gatewayFirst, policyNames: gatewayReads, policySystem: gatewayReads,
			policyHost: gatewayReads, refusal: "5xx", missing: "500",
		},
		"kong": {
			name: "kong", title: "Kong", frontend: gatewayIgnores, caKeys: []string{"cert"}, protocols: envoyProtocols,
			policyCAKinds: []string{"ConfigMap", "Secret"}, policyNames: gatewayRefuses, policySystem: gatewayRefuses,
			policyHost: gatewayReads, policyDepth: "1", pooled: true, clientCertificate: gatewayIgnores, missing: "503",
		},
		"cilium": {
			name: "cilium", title: "Cilium", listenerSets: true,
			policyCAKinds: []string{"ConfigMap"}, policyCAs: gatewayOnly, policyNames: gatewayIgnores, policySystem: gatewayIgnores,
			policyHost: gatewayReads, refusal: "5xx", missing: "500",
		},
		"traefik": {
			name: "traefik", title: "Traefik", frontend: gatewayIgnores,
			policyCAKinds: []string{"ConfigMap", "Secret"}, policyCAs: gatewayEvery, policyNames: gatewayReads, policySystem: gatewayReads,
			policyHost: gatewayReads, refusal: "500", missing: "500",
		},
		"gloo-gateway": {name: "gloo-gateway", title: "Gloo Gateway", frontend: gatewayIgnores, withoutPolicies: true, missing: "500"},
	}
}

// envoyProtocols is what Envoy speaks to clients by default, and so does nginx since 1.27.3.
const envoyProtocols = "TLSv1.2 TLSv1.3"
