# METADATA
# title: Credential of a DestinationRule that no sidecar reads
# description: |
#   `credentialName` with mode SIMPLE or MUTUAL is for gateways, and for the pods that `workloadSelector` takes. Without a selector
#   every sidecar that uses the DestinationRule **drops its TLS as a whole and sends plain text**: servers answer 400, or take the
#   request as it is. Neither Istio's webhook nor `istioctl analyze` says so.
#
#   Nothing is said where a VirtualService or a route has a gateway send the requests, and of a CA in a ConfigMap (`configmap://`),
#   which every sidecar may read. In a namespace where gateways usually live it is a warning.
# related_resources:
#   - description: Istio, pilot/pkg/networking/core/cluster_tls.go, buildUpstreamClusterTLSContext
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
#   - description: Istio, plain HTTP sent to an HTTPS port
#     ref: https://github.com/istio/istio/issues/31738
#   - description: Istio, TLS origination at a sidecar
#     ref: https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls.credentialName
#     - spec.trafficPolicy.portLevelSettings[*].tls.credentialName
#     - spec.subsets[*].trafficPolicy.tls.credentialName
#     - spec.subsets[*].trafficPolicy.portLevelSettings[*].tls.credentialName
#   since: v0.1.0
package policies.istio["destination-rule-credential-without-selector"]

import data.lib.mesh

findings contains {
	"path": array.concat(entry.path, ["tls", "credentialName"]),
	"message": sprintf("sidecars read no credential (%s) for a DestinationRule without workloadSelector", [entry.policy.tls.credentialName]),
	"effect": sprintf("sidecars send requests to %v unencrypted", [entry.to]),
	"remedy": "add a workloadSelector for the pods that may read the Secret, or have a gateway send the requests",
	"severity": _severity,
} if {
	not input.object.spec.workloadSelector
	some entry in mesh.policies(input.object)
	entry.policy.tls.mode in {"SIMPLE", "MUTUAL"}
	entry.policy.tls.credentialName != ""
	not startswith(entry.policy.tls.credentialName, "configmap://")
	not _by_gateway
}

_severity := "warning" if {
	input.id.namespace in {"istio-system", "istio-ingress", "istio-egress", "istio-gateway", "istio-gateways", "gateway-system"}
} else := "error"

# A VirtualService has a gateway send requests there.
_by_gateway if {
	some peer in input.peers["virtual-service"]
	some gateway in peer.object.spec.gateways
	gateway != "mesh"
}

# So does a route of Gateway API. One whose parent is a Service is for sidecars.
_by_gateway if {
	some peer in input.peers.route
	some parent in peer.object.spec.parentRefs
	object.get(parent, "kind", "Gateway") != "Service"
}
