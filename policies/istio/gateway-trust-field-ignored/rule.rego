# METADATA
# title: CA or revocation list of a server is not read
# description: |
#   Where the certificate of a server comes from `credentialName`, the CA and the revocation list do too: **`caCertificates` and
#   `caCrl` are dropped**, without a word. Clients are verified by the CA in the Secret, and revoked certificates are let in unless
#   the Secret has `crl`, or `ca.crl` beside `ca.crt`. Istio means to refuse `caCrl` there, and never comes to it.
#
#   In the mode `SIMPLE` no client is asked for a certificate, whatever stands there; that is a warning. So is a list that the Secret
#   has too.
# related_resources:
#   - description: Istio, pkg/config/validation/validation.go, validateTLSOptions
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go
#   - description: Istio, pilot/pkg/security/model/authentication.go, ApplyCredentialSDSToServerCommonTLSContext
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/security/model/authentication.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.caCertificates", "spec.servers[*].tls.caCrl", "spec.servers[*].tls.caCertCredentialName"]
#   since: v0.1.0
package policies.istio["gateway-trust-field-ignored"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "tls", "caCertificates"],
	"message": "beside credentialName caCertificates is not read",
	"effect": sprintf("clients of %s are verified by the CA in the Secret, and by no other one", [istio.hosts(server)]),
	"remedy": "put the CA under ca.crt of the Secret, or name it in caCertCredentialName",
} if {
	some i, server in input.object.spec.servers
	object.get(server.tls, "caCertificates", "") != ""
	server.tls.mode in istio.asks
	istio.by_credential(server.tls)
}

findings contains {
	"path": ["spec", "servers", i, "tls", "caCrl"],
	"message": sprintf("beside credentialName caCrl is not read%s", [found.message]),
	"effect": found.effect,
	"remedy": found.remedy,
	"severity": found.severity,
} if {
	some i, server in input.object.spec.servers
	object.get(server.tls, "caCrl", "") != ""
	server.tls.mode in istio.asks
	istio.by_credential(server.tls)
	found := _list(i, server)
}

findings contains {
	"path": ["spec", "servers", i, "tls", field],
	"message": sprintf("mode SIMPLE does not read %s", [field]),
	"effect": sprintf("no client of %s is asked for a certificate", [istio.hosts(server)]),
	"remedy": sprintf("set mode to MUTUAL, or remove %s", [field]),
	"severity": "warning",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode == "SIMPLE"
	some field in ["caCertificates", "caCertCredentialName", "caCrl"]
	object.get(server.tls, field, "") != ""
}

_list(i, _) := {
	"message": ", and the Secret has a list of its own",
	"effect": "only what that one lists is revoked",
	"remedy": "remove caCrl, and keep the list in the Secret",
	"severity": "warning",
} if {
	_listed(i)
}

_list(i, server) := {
	"message": "",
	"effect": sprintf("clients of %s are let in with certificates that were revoked", [istio.hosts(server)]),
	"remedy": "put the list under ca.crl of the Secret that holds the CA under ca.crt",
	"severity": "error",
} if {
	not _listed(i)
}

_listed(i) if {
	some ref in input.refs["gateway-client-ca"]
	ref.path[2] == i
	{"ca.crt": "ca.crl", "cacert": "crl"}[ref.key] in ref.keys
}
