# METADATA
# title: Secret of a sslConfig without its namespace
# description: |
#   `secretRef` of a VirtualService, a TcpHost or an Upstream names a Secret and no namespace. Gloo **does not take the namespace of the
#   object**, and finds no such Secret, ever. A VirtualService or TcpHost then serves no TLS. An Upstream is called **unencrypted**, as long as
#   Settings say `warnMissingTlsSecret: true`, which the chart sets; without it, requests get 503.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, getSslSecrets
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
#   - description: Gloo, projects/gloo/pkg/translator/clusters.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/translator/clusters.go
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#   triggers:
#     - spec.sslConfig.secretRef
#     - spec.tcpGateway.tcpHosts[*].sslConfig.secretRef
#   since: v0.1.0
package policies.gloo["secret-namespace-missing"]

import data.lib.gloo

findings contains object.union(
	{
		"path": path,
		"message": sprintf("secretRef %s names no namespace, and Gloo takes none for granted", [section.config.secretRef.name]),
		"effect": gloo.unresolved(section.path),
		"remedy": "name the namespace of the Secret",
	},
	_fix(path),
) if {
	some section in gloo.sections
	is_string(section.config.secretRef.name)
	object.get(section.config.secretRef, "namespace", "") == ""
	path := array.concat(section.path, ["secretRef"])
}

_fix(path) := {"fix": {
	"title": "name the namespace of the Secret",
	"safe": true,
	"edits": [{"op": "set", "path": array.concat(path, ["namespace"]), "value": input.id.namespace}],
}} if {
	_beside(path)
}

_fix(path) := {} if not _beside(path)

# There is such a Secret beside the object.
_beside(path) if {
	input.id.namespace != ""
	some role in ["gloo-certificate", "gloo-backend-ca"]
	some ref in input.refs[role]
	ref.path == path
	ref.presence in {"present", "promised"}
}
