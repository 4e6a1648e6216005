# METADATA
# title: Server that ends TLS has no certificate
# description: |
#   In the modes `SIMPLE`, `MUTUAL` and `OPTIONAL_MUTUAL` a server needs `credentialName`, `credentialNames`, the pair of files
#   `serverCertificate` and `privateKey`, or `tlsCertificates`. **Istio refuses a Gateway without**, whole; `caCertCredentialName` is
#   the CA of clients, and none.
# related_resources:
#   - description: Istio, pkg/config/validation/validation.go, validateTLSOptions
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.mode"]
#   since: v0.1.0
package policies.istio["gateway-certificate-source-missing"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "tls"],
	"message": sprintf("mode %s needs a certificate for %s, and %s", [server.tls.mode, istio.hosts(server), lack]),
	"effect": "Istio refuses the Gateway",
	"remedy": "set credentialName to the Secret that holds it",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.ends
	lack := _lack(istio.sources(server.tls))
}

_lack([]) := "there is none"

_lack(["serverCertificate"]) := "privateKey is missing"

_lack(["privateKey"]) := "serverCertificate is missing"
