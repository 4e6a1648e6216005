package migrate

import (
	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
)

// target is a controller of Gateway API, and what can be said to it. Package effective knows the same from the other end, with its sources:
// what a controller makes of these fields.
type target struct {
	name, title string
	// modes are the answers of Clients that it can be told.
	modes map[string]bool
	// perListener: client certificates are asked for by listener, with a ClientTrafficPolicy; elsewhere a Gateway says it for all of its
	// listeners.
	perListener bool
	// optionalOption is an entry of a listener's tls.options by which certificates become optional.
	optionalOption [2]string
	// revocation: it reads a list of revoked certificates.
	revocation bool
	// depth is what it verifies chains to, in intermediates; "" without a bound.
	depth string
	// least returns an entry of tls.options by which a listener speaks TLS from a version on, "1.3"; nil where there is none, or, with
	// perListener, a policy says it.
	least func(version string) (key, value string)
	// backends: it calls backends by TLS as a BackendTLSPolicy says, names and all; backendsWhy says why not.
	backends    bool
	backendsWhy string
	// backendSecret: it reads a backend's CA from a Secret; elsewhere it is copied to a ConfigMap.
	backendSecret bool
	// alternativeNames: it compares a backend's certificate with subjectAltNames only.
	alternativeNames bool
	// clientCertificate: it shows a client certificate of the Gateway to backends.
	clientCertificate bool
	// typed: it takes server certificates from Secrets of type kubernetes.io/tls only.
	typed bool
	// upgrade is the annotation of a route for HTTPS with the status for who comes in plain text; "": another route redirects them.
	upgrade string
	// passthrough: it serves TLSRoutes.
	passthrough bool
}

func targets() map[string]*target {
	return map[string]*target{
		"envoy-gateway": {
			name: "envoy-gateway", title: "Envoy Gateway", perListener: true, revocation: true, backends: true, backendSecret: true,
			clientCertificate: true, passthrough: true, typed: true,
			modes: map[string]bool{effective.Off: true, effective.Required: true, effective.Optional: true, effective.Unverified: true},
		},
		"nginx-gateway-fabric": {
			name: "nginx-gateway-fabric", title: "NGINX Gateway Fabric", depth: "4", backends: true, backendSecret: true,
			clientCertificate: true, passthrough: true, typed: true,
			// It passes a certificate that cannot be verified as well as none.
			modes: map[string]bool{effective.Off: true, effective.Required: true, effective.Unverified: true},
			least: func(version string) (key, value string) { return "nginx.org/ssl-protocols", "TLSv" + version },
		},
		"istio": {
			name: "istio", title: "Istio", backends: true, alternativeNames: true, passthrough: true,
			modes:          map[string]bool{effective.Off: true, effective.Required: true, effective.Optional: true},
			optionalOption: [2]string{"gateway.istio.io/tls-terminate-mode", "OPTIONAL_MUTUAL"},
		},
		"kgateway": {
			name: "kgateway", title: "kgateway", backends: true, backendSecret: true, passthrough: true,
			modes: map[string]bool{effective.Off: true, effective.Required: true, effective.Unverified: true},
			least: func(version string) (key, value string) { return "kgateway.dev/min-tls-version", version },
		},
		"kong": {
			name: "kong", title: "Kong", passthrough: true, upgrade: "konghq.com/https-redirect-status-code", modes: map[string]bool{effective.Off: true},
			backendsWhy: "Kong compares a backend's certificate with the host of the client's request, and not with a name of its own",
		},
	}
}

// Controllers are those that Ingresses can be migrated to.
func Controllers() []string { return kube.SortedKeys(targets()) }
