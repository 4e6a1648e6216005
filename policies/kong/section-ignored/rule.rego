# METADATA
# title: Policy for one port of a Service holds for all of them
# description: |
#   Kong reads no `sectionName`: a BackendTLSPolicy for one port holds for **every port** of the Service. Requests that routes
#   send to another port are made by https as well, and get 502 where that port speaks plain HTTP.
# related_resources:
#   - description: Kong's controller, internal/controllers/gateway/backendtlspolicy_utils.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/controllers/gateway/backendtlspolicy_utils.go
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [kong]
#   triggers: ['spec.targetRefs[*].sectionName']
#   since: v0.1.0
package policies.kong["section-ignored"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": array.concat(ref.path, ["sectionName"]),
	"message": sprintf("Kong reads no sectionName, and routes send to port %s of %s too", [text.list(sort(others)), ref.label]),
	"effect": sprintf("requests to port %s are made by https as well, and get 502 if it speaks plain HTTP", [text.list(sort(others))]),
	"remedy": "put the port with TLS into a Service of its own",
} if {
	input.controllers.kong
	some ref in input.refs["policy-target"]
	section := backend.section(ref)
	section != ""
	own := {port.port | some port in ref.object.spec.ports; port.name == section}
	count(own) > 0
	others := {sprintf("%v", [to.port]) | some to in backend.routed(ref); not to.port in own}
	count(others) > 0
}
