# METADATA
# title: TLS versions of a server are old or exclude each other
# description: |
#   A `minProtocolVersion` below `TLSV1_2` lets in clients by protocols that are given up (RFC 8996). With one above
#   `maxProtocolVersion`, or a `maxProtocolVersion` below the `TLSV1_2` that is the least where none is set, **no version is left and
#   every handshake fails**. Istio takes all of it; it warns of an old version only where `cipherSuites` are missing, without which
#   no client can use it.
#
#   With the parameter `inject: always` the webhook raises the version to `TLSV1_2`.
# related_resources:
#   - description: RFC 8996, deprecating TLS 1.0 and TLS 1.1
#     ref: https://www.rfc-editor.org/rfc/rfc8996
#   - description: Istio, pkg/config/validation/validation.go, validateTLSOptions
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.minProtocolVersion", "spec.servers[*].tls.maxProtocolVersion"]
#   since: v0.1.0
#   default: true
#   parameters:
#     inject:
#       description: "Whether the webhook raises an old minProtocolVersion to TLSV1_2 (always), or only a warning is given (never)."
#       default: never
#       values: [never, always]
package policies.istio["gateway-protocol-versions"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "tls", "maxProtocolVersion"],
	"message": sprintf("maxProtocolVersion is %s, and %s", [server.tls.maxProtocolVersion, _least(server.tls)]),
	"effect": sprintf("every TLS handshake with %s fails", [istio.hosts(server)]),
	"remedy": "set minProtocolVersion to TLSV1_2 and remove maxProtocolVersion",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	_excluded(server.tls)
}

findings contains object.union(
	{
		"path": ["spec", "servers", i, "tls", "minProtocolVersion"],
		"message": sprintf("minProtocolVersion is %s%s", [server.tls.minProtocolVersion, _suites(server.tls)]),
		"effect": sprintf("clients of %s may be talked down to a version that is given up", [istio.hosts(server)]),
		"remedy": "set minProtocolVersion to TLSV1_2, or remove it",
		"severity": "warning",
	},
	_fix(i),
) if {
	some i, server in input.object.spec.servers
	server.tls.minProtocolVersion in {"TLSV1_0", "TLSV1_1"}
	server.tls.mode in istio.ends
	not _excluded(server.tls)
	not object.get(server.tls, "maxProtocolVersion", "TLS_AUTO") in {"TLSV1_0", "TLSV1_1"}
}

findings contains {
	"path": ["spec", "servers", i, "tls", "maxProtocolVersion"],
	"message": sprintf("no version after %s is taken", [server.tls.maxProtocolVersion]),
	"effect": sprintf("clients of %s have to use a version that is given up, and current ones refuse to", [istio.hosts(server)]),
	"remedy": "remove minProtocolVersion and maxProtocolVersion",
	"severity": "warning",
} if {
	some i, server in input.object.spec.servers
	server.tls.maxProtocolVersion in {"TLSV1_0", "TLSV1_1"}
	server.tls.mode in istio.ends
	not _excluded(server.tls)
}

_order := {"TLSV1_0": 0, "TLSV1_1": 1, "TLSV1_2": 2, "TLSV1_3": 3}

_excluded(tls) if _order[tls.maxProtocolVersion] < _order[tls.minProtocolVersion]

_excluded(tls) if {
	_order[tls.maxProtocolVersion] < 2
	object.get(tls, "minProtocolVersion", "TLS_AUTO") == "TLS_AUTO"
}

_least(tls) := sprintf("minProtocolVersion %s", [tls.minProtocolVersion]) if _order[tls.minProtocolVersion] >= 0

_least(tls) := "without minProtocolVersion TLSV1_2 is the least" if object.get(tls, "minProtocolVersion", "TLS_AUTO") == "TLS_AUTO"

_suites(tls) := "" if count(tls.cipherSuites) > 0

_suites(tls) := ", and without cipherSuites no client can use it" if count(object.get(tls, "cipherSuites", [])) == 0

default _fix(_) := {}

_fix(i) := {"fix": {
	"title": "set minProtocolVersion to TLSV1_2",
	"safe": true,
	"edits": [{"op": "set", "path": ["spec", "servers", i, "tls", "minProtocolVersion"], "value": "TLSV1_2"}],
}} if {
	input.params["istio/gateway-protocol-versions"].inject == "always"
}
