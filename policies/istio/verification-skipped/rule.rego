# METADATA
# title: Certificates are asked for and not verified
# description: |
#   With `insecureSkipVerify` on a server of a Gateway **clients get in with a certificate that anybody made**; it only goes on to the
#   backend, in the header `x-forwarded-client-cert`. In the modes that ask no client for one it has no effect. `ISTIO_MUTUAL` is one
#   of those that ask.
#
#   With it in a DestinationRule nobody looks at what the server shows: neither at who signed it, nor at its name. TLS then hides what
#   is sent from those who only listen. In the mode `ISTIO_MUTUAL` it has no effect there.
# related_resources:
#   - description: Istio, pilot/pkg/security/model/authentication.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/security/model/authentication.go
#   - description: Istio, pilot/pkg/networking/core/cluster_tls.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io, DestinationRule.networking.istio.io]
#   triggers:
#     - "spec.servers[*].tls.insecureSkipVerify"
#     - spec.trafficPolicy.tls.insecureSkipVerify
#     - "spec.trafficPolicy.portLevelSettings[*].tls.insecureSkipVerify"
#     - "spec.subsets[*].trafficPolicy.tls.insecureSkipVerify"
#     - "spec.subsets[*].trafficPolicy.portLevelSettings[*].tls.insecureSkipVerify"
#   since: v0.1.0
package policies.istio["verification-skipped"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "tls", "insecureSkipVerify"],
	"message": "insecureSkipVerify takes certificates of any issuer",
	"effect": sprintf("requests to %s reach backends with a certificate that anybody made", [istio.hosts(server)]),
	"remedy": "remove insecureSkipVerify, and have clients' certificates signed by the CA",
} if {
	some i, server in input.object.spec.servers
	server.tls.insecureSkipVerify == true
	server.tls.mode in {"MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"}
}

findings contains {
	"path": ["spec", "trafficPolicy", "tls", "insecureSkipVerify"],
	"message": _message,
	"effect": _effect,
	"remedy": _remedy,
} if {
	_skips(input.object.spec.trafficPolicy.tls)
}

findings contains {
	"path": ["spec", "trafficPolicy", "portLevelSettings", i, "tls", "insecureSkipVerify"],
	"message": _message,
	"effect": _effect,
	"remedy": _remedy,
} if {
	some i, entry in input.object.spec.trafficPolicy.portLevelSettings
	_skips(entry.tls)
}

findings contains {
	"path": ["spec", "subsets", i, "trafficPolicy", "tls", "insecureSkipVerify"],
	"message": _message,
	"effect": _effect,
	"remedy": _remedy,
} if {
	some i, subset in input.object.spec.subsets
	_skips(subset.trafficPolicy.tls)
}

findings contains {
	"path": ["spec", "subsets", i, "trafficPolicy", "portLevelSettings", j, "tls", "insecureSkipVerify"],
	"message": _message,
	"effect": _effect,
	"remedy": _remedy,
} if {
	some i, subset in input.object.spec.subsets
	some j, entry in subset.trafficPolicy.portLevelSettings
	_skips(entry.tls)
}

_skips(tls) if {
	tls.insecureSkipVerify == true
	tls.mode in {"SIMPLE", "MUTUAL"}
}

_message := "insecureSkipVerify takes whatever certificate the server shows"

_effect := sprintf("requests to %s can be read and answered by whoever gets in between", [input.object.spec.host])

_remedy := "remove insecureSkipVerify, and set the CA and subjectAltNames of the server"
