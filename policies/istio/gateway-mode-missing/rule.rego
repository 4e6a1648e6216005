# METADATA
# title: TLS of a server has no mode
# description: |
#   The mode of a server's `tls` is `PASSTHROUGH` where none is set, which is the zero of the field's type. **The gateway does not end
#   TLS then, and whatever else stands there is not used**: the certificate is not shown, no client is asked for one, and routes for
#   HTTP are never built. Istio warns of certificates that are not used, and takes the Gateway.
#
#   Where nothing but the mode is left out, passing through may be what is meant: then it is a note. It is none at all on a port for
#   plain HTTP, where `httpsRedirect` wants no mode. With the parameter `inject: always` the webhook writes `mode: SIMPLE` where
#   there is a certificate and nothing that clients would be verified by.
# related_resources:
#   - description: Istio, networking/v1alpha3/gateway.proto, ServerTLSSettings
#     ref: https://github.com/istio/api/blob/master/networking/v1alpha3/gateway.proto
#   - description: TLS mode left out
#     ref: https://github.com/istio/istio/issues/40511
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls"]
#   since: v0.1.0
#   default: true
#   parameters:
#     inject:
#       description: "Whether the webhook writes mode SIMPLE beside a certificate (always), or the Gateway is refused (never)."
#       default: never
#       values: [never, always]
package policies.istio["gateway-mode-missing"]

import data.lib.istio
import data.lib.text

findings contains object.union(
	{
		"path": ["spec", "servers", i, "tls"],
		"message": sprintf("without a mode TLS is passed through, and %s not read", [_fields(unread)]),
		"effect": sprintf("the gateway does not end TLS for %s", [istio.hosts(server)]),
		"remedy": sprintf("set mode to %s", [_meant(unread)]),
	},
	_fix(i, unread),
) if {
	some i, server in input.object.spec.servers
	server.tls
	not server.tls.mode
	upper(server.port.protocol) in {"HTTPS", "TLS"}
	unread := _unread(server.tls)
	count(unread) > 0
}

findings contains {
	"path": ["spec", "servers", i, "tls"],
	"message": "without a mode TLS is passed through",
	"effect": sprintf("connections to %s go to backends as they are", [istio.hosts(server)]),
	"remedy": "set mode to PASSTHROUGH, or to SIMPLE with a credentialName",
	"severity": "info",
} if {
	some i, server in input.object.spec.servers
	server.tls
	not server.tls.mode
	upper(server.port.protocol) in {"HTTPS", "TLS"}
	count(_unread(server.tls)) == 0
}

_unread(tls) := array.concat(istio.sources(tls), _trust(tls))

_trust(tls) := [field |
	some field in ["caCertificates", "caCertCredentialName", "caCrl", "subjectAltNames", "verifyCertificateSpki", "verifyCertificateHash"]
	value := tls[field]
	not value in {"", []}
]

_fields(unread) := sprintf("%s is", unread) if count(unread) == 1

_fields(unread) := sprintf("%s are", [text.list(unread)]) if count(unread) > 1

_asking(unread) if {
	some field in unread
	field in {"caCertificates", "caCertCredentialName", "caCrl", "subjectAltNames", "verifyCertificateSpki", "verifyCertificateHash"}
}

_meant(unread) := "MUTUAL, as clients are to be verified" if _asking(unread)

_meant(unread) := "SIMPLE, or to MUTUAL if clients have certificates" if not _asking(unread)

default _fix(_, _) := {}

_fix(i, unread) := {"fix": {
	"title": "set mode to SIMPLE",
	"safe": true,
	"edits": [{"op": "set", "path": ["spec", "servers", i, "tls", "mode"], "value": "SIMPLE"}],
}} if {
	input.params["istio/gateway-mode-missing"].inject == "always"
	not _asking(unread)
}
