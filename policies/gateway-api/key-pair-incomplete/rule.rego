# METADATA
# title: Secret of a Gateway holds no key pair
# description: |
#   The Secret that a listener or `clientCertificateRef` names is there, and lacks `tls.crt` or `tls.key`, or has them empty. The
#   listener gets `ResolvedRefs=False/InvalidCertificateRef` and **serves no TLS**; the Gateway shows backends no certificate.
#
#   Nothing is said while something has yet to fill the Secret, and of one by which Envoy fetches a certificate elsewhere. A key that does not belong to the certificate is
#   `certificates/key-mismatch`.
# related_resources:
#   - description: Gateway API, conformance test gateway-invalid-tls-configuration
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/conformance/tests/gateway-invalid-tls-configuration.go
#   - description: Envoy Gateway, internal/gatewayapi/validate.go, validateTerminateModeAndGetTLSSecrets
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/validate.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["key-pair-incomplete"]

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no key pair (%s)", [ref.label, lack]),
	"effect": _effect(ref),
	"remedy": "put the certificate under tls.crt and its key under tls.key",
} if {
	some role in ["listener-certificate", "gateway-client-certificate"]
	some ref in input.refs[role]
	ref.presence == "present"
	ref.kind == "Secret"
	object.get(ref, "type", "") != "gateway.envoyproxy.io/sds"
	lack := _lack(ref)
	not ref.producer
	not _passes_through(ref)
}

_lack(ref) := "it has no tls.crt" if ref.key_presence == "absent"

_lack(ref) := "it has no tls.key" if {
	ref.key_presence == "present"
	not ref.keys_open
	not "tls.key" in ref.keys
}

_lack(ref) := "its tls.crt or tls.key is empty" if ref.pair == "empty"

_effect(ref) := sprintf("listener %s serves no TLS", [input.object.spec.listeners[ref.path[2]].name]) if {
	ref.role == "listener-certificate"
}

_effect(ref) := "backends that ask for a client certificate refuse this Gateway" if ref.role == "gateway-client-certificate"

_passes_through(ref) if input.object.spec.listeners[ref.path[2]].tls.mode == "Passthrough"
