# METADATA
# title: Check of clients' certificates is not made
# description: |
#   - `verifyCertificateHash` and `verifyCertificateSpki` let only some clients in. Where the certificate of the server comes from
#     files, **they are dropped**, and every certificate of the CA is let in.
#   - In the mode `SIMPLE` no client is asked for a certificate, so that there is none to check, and with `subjectAltNames` beside
#     `credentialName` Istio makes a check without a CA, which Envoy does not take.
#   - `subjectAltNames` are compared as a whole: `*.shop.test` is a name that no client has. That is a warning.
# related_resources:
#   - description: Hashes are dropped with certificates from files
#     ref: https://github.com/istio/istio/issues/61771
#   - description: Istio, pilot/pkg/security/model/authentication.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/security/model/authentication.go
#   - description: Envoy, names are not verified without a CA
#     ref: https://github.com/envoyproxy/envoy/issues/3550
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.verifyCertificateHash", "spec.servers[*].tls.verifyCertificateSpki", "spec.servers[*].tls.subjectAltNames"]
#   since: v0.1.0
package policies.istio["gateway-peer-check-ignored"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "tls", field],
	"message": sprintf("with a certificate from files %s is not read", [field]),
	"effect": sprintf("every client with a certificate of the CA is let in to %s", [istio.hosts(server)]),
	"remedy": "refer to the certificate by credentialName",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.asks
	some field in _pins
	count(server.tls[field]) > 0
	not istio.by_credential(server.tls)
}

findings contains {
	"path": ["spec", "servers", i, "tls", field],
	"message": sprintf("mode SIMPLE asks no client for a certificate, and %s checks none", [field]),
	"effect": _effect(field, server),
	"remedy": sprintf("set mode to MUTUAL, or remove %s", [field]),
} if {
	some i, server in input.object.spec.servers
	server.tls.mode == "SIMPLE"
	some field in array.concat(_pins, ["subjectAltNames"])
	count(server.tls[field]) > 0
}

findings contains {
	"path": ["spec", "servers", i, "tls", "subjectAltNames", j],
	"message": sprintf("%q is compared as a whole, and no certificate has this name unless it is for the wildcard", [name]),
	"effect": sprintf("clients of %s whose names it was meant for are refused", [istio.hosts(server)]),
	"remedy": "list the names of the clients one by one",
	"severity": "warning",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.asks
	some j, name in server.tls.subjectAltNames
	contains(name, "*")
}

_pins := ["verifyCertificateHash", "verifyCertificateSpki"]

_effect(field, server) := sprintf("anybody is let in to %s", [istio.hosts(server)]) if not _refused(field, server)

_effect(field, server) := sprintf("the gateway gets no listener for %s that Envoy takes", [istio.hosts(server)]) if _refused(field, server)

_refused("subjectAltNames", server) if istio.by_credential(server.tls)
