# METADATA
# title: TLS settings of a server are not for its mode
# description: |
#   In the mode `ISTIO_MUTUAL` the gateway shows its own certificate of the mesh and verifies clients by the root of the mesh. **Istio
#   refuses a Gateway with a certificate or a CA of its own there**, and does not read hashes, versions and cipher suites; the mesh's
#   own count. `subjectAltNames` and `caCrl` are read.
#
#   In the modes `PASSTHROUGH` and `AUTO_PASSTHROUGH` the backend ends TLS, and nothing beside the mode is read. Istio warns of
#   certificates there.
# related_resources:
#   - description: Istio, pkg/config/validation/validation.go, validateTLSOptions
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go
#   - description: Istio, pilot/pkg/networking/core/listener.go, BuildListenerTLSContext
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.mode"]
#   since: v0.1.0
package policies.istio["gateway-fields-not-for-mode"]

import data.lib.istio
import data.lib.text

findings contains {
	"path": ["spec", "servers", i, "tls", refused[0]],
	"message": sprintf("mode ISTIO_MUTUAL goes with the certificate of the mesh, and not with %s", [text.list(refused)]),
	"effect": "Istio refuses the Gateway",
	"remedy": "remove these fields, or set mode to MUTUAL",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode == "ISTIO_MUTUAL"
	refused := _set(server.tls, _certificates)
	count(refused) > 0
}

findings contains {
	"path": ["spec", "servers", i, "tls", unread[0]],
	"message": sprintf("mode %s does not read %s", [server.tls.mode, text.list(unread)]),
	"effect": sprintf("%s does not get what these settings ask for", [istio.hosts(server)]),
	"remedy": "remove them, or choose the mode that they were written for",
	"severity": "warning",
} if {
	some i, server in input.object.spec.servers
	fields := _unread[server.tls.mode]
	unread := _set(server.tls, fields)
	count(unread) > 0
}

_certificates := ["credentialName", "credentialNames", "serverCertificate", "privateKey", "caCertificates", "tlsCertificates"]

_parameters := [
	"caCertCredentialName", "verifyCertificateSpki", "verifyCertificateHash", "minProtocolVersion", "maxProtocolVersion",
	"cipherSuites", "ecdhCurves",
]

_passed := array.concat(array.concat(_certificates, _parameters), ["caCrl", "subjectAltNames"])

_unread := {"ISTIO_MUTUAL": _parameters, "PASSTHROUGH": _passed, "AUTO_PASSTHROUGH": _passed}

# TLS_AUTO is what holds without.
_set(tls, fields) := [field |
	some field in fields
	value := tls[field]
	not value in {"", [], "TLS_AUTO"}
]
