# METADATA
# title: VirtualService with TLS and no certificate
# description: |
#   `sslConfig` of a VirtualService names no certificate: it has neither `secretRef` nor `sslFiles` nor `sds`, or they name none. Gloo
#   leaves its TLS out ("no certificate information found"), and its clients **get no TLS connection**. By default Gloo's own webhook accepts it.
#
#   A hybrid Gateway may give a certificate to those that have none; where one is in sight, nothing is said. TLS that a TcpHost passes through
#   by `sniDomains` alone is fine, and so is an Upstream without a certificate of its own.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, ResolveCommonSslConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#   triggers:
#     - spec.sslConfig
#   since: v0.1.0
package policies.gloo["certificate-missing"]

import data.lib.gloo

findings contains {
	"path": ["spec", "sslConfig"],
	"message": _lack(input.object.spec.sslConfig),
	"effect": gloo.refused(["spec", "sslConfig"]),
	"remedy": "name a Secret of type kubernetes.io/tls under secretRef",
} if {
	is_object(input.object.spec.sslConfig)
	not _given_by_gateway
}

# A hybrid Gateway may have a certificate for those of its VirtualServices that have none.
_given_by_gateway if {
	some gateway in input.peers.gateway
	gateway.object.spec.hybridGateway
}

_lack(config) := "there is neither secretRef nor sslFiles nor sds" if {
	not config.secretRef
	not config.sslFiles
	not config.sds
}

_lack(config) := "sslFiles names no certificate with its key" if {
	not config.secretRef
	config.sslFiles
	"" in {object.get(config.sslFiles, "tlsCert", ""), object.get(config.sslFiles, "tlsKey", "")}
}

_lack(config) := "sds names neither certificatesSecretName nor validationContextName" if {
	not config.secretRef
	not config.sslFiles
	config.sds
	object.get(config.sds, "certificatesSecretName", "") == ""
	object.get(config.sds, "validationContextName", "") == ""
}
