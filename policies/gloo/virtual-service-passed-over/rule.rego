# METADATA
# title: Gateway lists a VirtualService that it does not take
# description: |
#   A Gateway with `ssl: true` takes only VirtualServices that have a `sslConfig`, and one without it only those that have none. A VirtualService
#   that it lists and that does not fit is **left out without a word**, in no status and no event: its hosts are not served there.
# related_resources:
#   - description: Gloo, projects/gateway/pkg/translator/virtual_service_translator.go, HttpGatewayContainsVirtualService
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gateway/pkg/translator/virtual_service_translator.go
# custom:
#   severity: warning
#   kinds:
#     - Gateway.gateway.solo.io
#   triggers:
#     - spec.httpGateway.virtualServices
#   since: v0.1.0
package policies.gloo["virtual-service-passed-over"]

findings contains {
	"path": ref.path,
	"message": sprintf("%s has no sslConfig, and the Gateway has ssl: true", [ref.label]),
	"effect": sprintf("hosts of %s are not served by this Gateway", [ref.label]),
	"remedy": "give the VirtualService a sslConfig, or list it in a Gateway without ssl",
} if {
	input.object.spec.ssl == true
	some ref in input.refs["gloo-virtual-service"]
	ref.object
	_listed
	not ref.object.spec.sslConfig
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s has a sslConfig, and the Gateway has not ssl: true", [ref.label]),
	"effect": sprintf("hosts of %s are not served by this Gateway", [ref.label]),
	"remedy": "set ssl: true, or list the VirtualService in a Gateway that has it",
} if {
	object.get(input.object.spec, "ssl", false) == false
	some ref in input.refs["gloo-virtual-service"]
	ref.object.spec.sslConfig
	_listed
}

# With a selector, the list is not looked at.
_listed if {
	not input.object.spec.httpGateway.virtualServiceSelector
	not input.object.spec.httpGateway.virtualServiceExpressions
}
