# METADATA
# title: Names to verify, and no CA to verify them by
# description: |
#   `verifySubjectAltName` lists the names that the other side may show, and there is no CA: the Secret has no `ca.crt`, `sslFiles` no
#   `rootCa`, `sds` no `validationContextName`. Gloo refuses that ("a root_ca must be provided"): a VirtualService or TcpHost serves
#   **no TLS**, and requests to an Upstream **get 503**.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, RootCaMustBeProvidedError and MissingValidationContextError
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#   triggers:
#     - spec.sslConfig.verifySubjectAltName
#     - spec.tcpGateway.tcpHosts[*].sslConfig.verifySubjectAltName
#   since: v0.1.0
package policies.gloo["names-without-ca"]

import data.lib.gloo
import data.lib.text

findings contains {
	"path": array.concat(section.path, ["verifySubjectAltName"]),
	"message": sprintf("there is no CA by which %s could be verified", [text.list(section.config.verifySubjectAltName)]),
	"effect": gloo.refused(section.path),
	"remedy": _remedy(section.config),
} if {
	some section in gloo.sections
	count(section.config.verifySubjectAltName) > 0
	_source(section.config)
	gloo.lacks_ca(section)
}

# A VirtualService without any source has no certificate either, which is said of it already.
_source(_) if input.id.kind == "Upstream"

_source(config) if config.secretRef

_source(config) if config.sslFiles

_source(config) if config.sds

_remedy(config) := "put the CA into the Secret, under ca.crt" if config.secretRef

_remedy(config) := "name the CA under sslFiles.rootCa" if {
	not config.secretRef
	config.sslFiles
}

_remedy(config) := "name the CA under sds.validationContextName" if {
	not config.secretRef
	not config.sslFiles
	config.sds
}

_remedy(config) := "name a Secret with the CA under secretRef" if {
	not config.secretRef
	not config.sslFiles
	not config.sds
}
