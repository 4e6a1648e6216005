# METADATA
# title: NGINX Gateway Fabric has no root to verify a backend by
# description: |
#   No certificate of the backend's CA is self-signed: it holds intermediate CAs only. nginx accepts a chain only if it ends at a
#   self-signed certificate of the bundle, and no setting changes that, so that **every request to the backend gets 502**. The
#   log speaks of "unable to get issuer certificate".
#
#   Controllers written in Go accept such a bundle, and it often comes from there. Of Kong, which trusts what several objects hold, speaks
#   `kong/ca-without-root`.
# related_resources:
#   - description: OpenSSL, how a chain is built
#     ref: https://docs.openssl.org/3.0/man1/openssl-verification-options/
#   - description: NGINX Gateway Fabric, internal/controller/nginx/config/servers_template.go
#     ref: https://github.com/nginx/nginx-gateway-fabric/blob/main/internal/controller/nginx/config/servers_template.go
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [nginx-gateway-fabric]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies["gateway-api"]["backend-ca-without-root"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("ca.crt of %s holds no root, only %s, and nginx accepts no chain that does not end at one", [ref.label, text.list(names)]),
	"effect": sprintf("requests to %s get 502", [text.targets(input.refs)]),
	"remedy": "add the self-signed root above it to ca.crt",
} if {
	input.controllers["nginx-gateway-fabric"]
	some ref in input.refs["backend-ca"]
	count(ref.content.certificates) > 0
	every hash in ref.content.certificates {
		input.certificates[hash].ca
		not input.certificates[hash].self_signed
	}
	names := [input.certificates[hash].subject | some hash in ref.content.certificates]
}
