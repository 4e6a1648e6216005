# METADATA
# title: Lowest TLS version is above the highest
# description: |
#   `minVersion` is above `maxVersion`. kgateway does not compare the two in a BackendConfigPolicy, and Envoy has no version to offer: it **refuses the
#   cluster**, or every connection to the backend.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
# custom:
#   severity: error
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls.parameters.maxVersion
#   since: v0.1.0
package policies.kgateway["tls-versions-reversed"]

import data.lib.kgateway

findings contains {
	"path": ["spec", "tls", "parameters", "minVersion"],
	"message": sprintf("%s is above maxVersion %s", [parameters.minVersion, parameters.maxVersion]),
	"effect": kgateway.refused,
	"remedy": "exchange the two",
} if {
	parameters := input.object.spec.tls.parameters
	kgateway.versions[parameters.minVersion] > kgateway.versions[parameters.maxVersion]
}
