# METADATA
# title: Certificate of a Gateway is of a kind that no controller reads
# description: |
#   Certificates of listeners, and the one that a Gateway shows to backends, come from **Secrets**; CAs for client certificates
#   from ConfigMaps, and with some controllers from Secrets or ClusterTrustBundles. A reference to anything else gets
#   `InvalidCertificateRef` or `InvalidCACertificateKind`, and the listener serves no TLS. A cert-manager Certificate is not
#   what holds the key pair: the Secret that its `secretName` names is.
#
#   The group of a Secret or ConfigMap is empty. `core`, as some controllers take it, is a warning.
# related_resources:
#   - description: Gateway API, ListenerTLSConfig and FrontendTLSValidation
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/apis/v1/gateway_types.go
#   - description: Envoy Gateway, internal/gatewayapi/validate.go
#     ref: https://github.com/envoyproxy/gateway/blob/main/internal/gatewayapi/validate.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["certificate-kind-unsupported"]

findings contains {
	"path": _at(ref, "kind"),
	"message": sprintf("no controller reads a %s from a %s", [ref.title, ref.kind]),
	"effect": _effect[role],
	"remedy": _remedy[role],
} if {
	some role, kinds in _read
	some ref in input.refs[role]
	not ref.kind in kinds
}

findings contains {
	"path": path,
	"message": sprintf("the group of a %s is empty, not %q", [ref.kind, ref.group]),
	"effect": _effect[role],
	"remedy": "write `group: \"\"`",
	"severity": {true: "warning", false: "error"}[ref.group == "core"],
	"fix": {
		"title": "write an empty group",
		"safe": true,
		"edits": [{"op": "set", "path": path, "value": ""}],
	},
} if {
	some role, _ in _read
	some ref in input.refs[role]
	ref.kind in {"Secret", "ConfigMap"}
	ref.group != ""
	path := array.concat(ref.path, ["group"])
}

_read := {
	"listener-certificate": {"Secret"},
	"gateway-client-certificate": {"Secret"},
	"frontend-ca": {"ConfigMap", "Secret", "ClusterTrustBundle"},
}

_effect := {
	"listener-certificate": "the listener serves no TLS",
	"gateway-client-certificate": "backends that ask for a client certificate get none",
	"frontend-ca": "the HTTPS listeners that it is for accept no connection",
}

_remedy := {
	"listener-certificate": "refer to the Secret that holds the key pair",
	"gateway-client-certificate": "refer to the Secret that holds the key pair",
	"frontend-ca": "refer to a ConfigMap with the CA under ca.crt",
}

_at(ref, field) := array.concat(ref.path, [field]) if object.get(input.object, array.concat(ref.path, [field]), null) != null

_at(ref, field) := ref.path if object.get(input.object, array.concat(ref.path, [field]), null) == null
