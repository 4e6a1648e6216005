# METADATA
# title: Cipher suites or curves of a server do not hold
# description: |
#   Of `cipherSuites` Istio takes 15 names and **drops all others**; if none is left, what Envoy has by default holds, and the list
#   restricts nothing. Those of TLS 1.3 (`TLS_AES_...`) are not among them: their choice cannot be set. What starts with a bracket or
#   an operator is handed on as it is, and Envoy refuses the listener if a name in it is none. With `minProtocolVersion: TLSV1_3` the
#   whole list has no effect, which is a note.
#
#   `ecdhCurves` of a Gateway are checked by nobody but Envoy.
# related_resources:
#   - description: Istio, pkg/config/security/security.go, ValidCipherSuites
#     ref: https://github.com/istio/istio/blob/master/pkg/config/security/security.go
#   - description: Envoy, TlsParameters
#     ref: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto
# custom:
#   severity: warning
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.cipherSuites", "spec.servers[*].tls.ecdhCurves"]
#   since: v0.1.0
package policies.istio["gateway-cipher-suites"]

import data.lib.istio
import data.lib.text

findings contains {
	"path": ["spec", "servers", i, "tls", "cipherSuites"],
	"message": sprintf("Istio does not take %s%s", [text.list(unknown), _why(unknown)]),
	"effect": _effect(server, unknown),
	"remedy": "use names that Istio takes, such as ECDHE-ECDSA-AES128-GCM-SHA256",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	unknown := [suite | some suite in server.tls.cipherSuites; _dropped(suite)]
	count(unknown) > 0
}

findings contains {
	"path": ["spec", "servers", i, "tls", "cipherSuites", j],
	"message": sprintf("%s goes to Envoy as it is, and %s is no cipher suite there", [suite, text.list(unknown)]),
	"effect": sprintf("Envoy refuses the listener of port %d, with all hosts on it", [server.port.number]),
	"remedy": "correct the name, or list the suites one by one",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	some j, suite in server.tls.cipherSuites
	regex.match(`^[^A-Za-z0-9]`, suite)
	unknown := [name | some name in regex.find_n(`[A-Za-z0-9][A-Za-z0-9-]*`, suite, -1); not name in _suites]
	count(unknown) > 0
}

findings contains {
	"path": ["spec", "servers", i, "tls", "cipherSuites"],
	"message": "TLS 1.3 has suites of its own, and minProtocolVersion is TLSV1_3",
	"effect": sprintf("the list restricts nothing for %s", [istio.hosts(server)]),
	"remedy": "remove cipherSuites",
	"severity": "info",
} if {
	some i, server in input.object.spec.servers
	server.tls.minProtocolVersion == "TLSV1_3"
	server.tls.mode in istio.ends
	count(server.tls.cipherSuites) > 0
}

findings contains {
	"path": ["spec", "servers", i, "tls", "ecdhCurves", j],
	"message": sprintf("Envoy knows no curve %s", [curve]),
	"effect": sprintf("Envoy refuses the listener of port %d, with all hosts on it", [server.port.number]),
	"remedy": sprintf("use one of %s", [concat(", ", sort(_curves))]),
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	some j, curve in server.tls.ecdhCurves
	not curve in _curves
	not text.unfilled(curve)
}

_suites := {
	"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
	"ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA",
	"ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384",
	"AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
}

# BoringSSL, ssl/ssl_key_share.cc. Istio's list for the mesh is the same.
_curves := {"P-224", "P-256", "P-384", "P-521", "X25519", "X25519Kyber768Draft00", "X25519MLKEM768"}

_dropped(suite) if {
	regex.match(`^[A-Za-z0-9]`, suite)
	not suite in _suites
	suite != "ALL"
	not text.unfilled(suite)
}

_why(unknown) := ": suites of TLS 1.3 cannot be chosen" if {
	every suite in unknown {
		startswith(suite, "TLS_")
	}
}

_why(unknown) := "" if {
	some suite in unknown
	not startswith(suite, "TLS_")
}

_effect(server, unknown) := sprintf("the list restricts nothing for %s, and the defaults of Envoy hold", [istio.hosts(server)]) if {
	count(unknown) == count(server.tls.cipherSuites)
}

_effect(server, unknown) := sprintf("clients of %s that know no other suite are refused", [istio.hosts(server)]) if {
	count(unknown) < count(server.tls.cipherSuites)
}
