# METADATA
# title: Server gets its certificate from several places
# description: |
#   `credentialName`, `credentialNames`, the pair of files `serverCertificate` and `privateKey`, and `tlsCertificates` exclude each
#   other. **Istio refuses a Gateway that has two of them.** Half a pair of files beside a credential is taken and not read, which is a
#   warning.
# related_resources:
#   - description: Istio, pkg/config/validation/validation.go, validateTLSOptions
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls"]
#   since: v0.1.0
package policies.istio["gateway-certificate-sources-conflict"]

import data.lib.istio
import data.lib.text

findings contains {
	"path": ["spec", "servers", i, "tls", sources[0]],
	"message": sprintf("the certificate of %s is set by %s", [istio.hosts(server), text.list(sources)]),
	"effect": "Istio refuses the Gateway",
	"remedy": "keep one of them",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	sources := [field | some field in istio.sources(server.tls); not _part(server.tls, field)]
	count(sources) > 1
}

findings contains {
	"path": ["spec", "servers", i, "tls", field],
	"message": sprintf("beside %s, %s is not read", [whole[0], field]),
	"effect": sprintf("clients of %s are shown the certificate of %s", [istio.hosts(server), whole[0]]),
	"remedy": sprintf("remove %s", [field]),
	"severity": "warning",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	sources := istio.sources(server.tls)
	some field in sources
	_half(server.tls, field)
	whole := [other | some other in sources; other != field]
	count(whole) > 0
}

# Of a pair of files one stands for both.
_part(_, "privateKey")

_part(tls, field) if _half(tls, field)

_half(tls, "serverCertificate") if object.get(tls, "privateKey", "") == ""

_half(tls, "privateKey") if object.get(tls, "serverCertificate", "") == ""
