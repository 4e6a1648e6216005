# METADATA
# title: Listener certificate cannot be had
# description: |
#   `certificateRefs` of a listener names a Secret in another namespace that no ReferenceGrant there opens to it, or a
#   Secret that is not there. The listener gets `ResolvedRefs=False` (`RefNotPermitted` or `InvalidCertificateRef`) and
#   serves no TLS; some controllers drop it altogether.
#
#   Istio takes two, and where only one of them is missing it **says nothing** in any status: without the second it shows the first
#   to all clients, and without the first it shows the certificate of the mesh instead of either.
#
#   A Secret that is not granted is an error whatever else holds, and whether it exists is then not told. A missing one is a
#   warning, because key pairs are often made by hand outside Git or a moment later; the profile `strict` denies it.
# related_resources:
#   - description: ReferenceGrant
#     ref: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers: [references]
#   since: v0.1.0
#   profiles: {strict: deny}
package policies["gateway-api"]["listener-certificate-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect(ref),
	"remedy": sprintf("create a ReferenceGrant in namespace %s, or move the Secret beside the %s", [ref.namespace, input.id.kind]),
} if {
	some ref in input.refs["listener-certificate"]
	ref.grant == "not-granted"
	ref.kind == "Secret"
	not _passes_through(ref)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect(ref),
	"remedy": text.remedy("create the Secret, or a Certificate that makes it", ref),
	"severity": "warning",
} if {
	some ref in input.refs["listener-certificate"]
	ref.presence == "absent"
	ref.kind == "Secret"
	ref.group == ""
	not _passes_through(ref)
}

# A listener that passes TLS through serves none itself: its certificateRefs are ignored.
_passes_through(ref) if input.object.spec.listeners[ref.path[2]].tls.mode == "Passthrough"

_listener(ref) := object.get(input.object.spec.listeners[ref.path[2]], "name", sprintf("%d", [ref.path[2]]))

# Of two certificates, Istio takes the first as the only one where the other one is the only valid one.
_effect(ref) := sprintf("listener %s shows the certificate of the mesh, and its status is fine", [_listener(ref)]) if {
	_one_of_two(ref)
	ref.path[5] == 0
} else := sprintf("listener %s shows its first certificate to all clients, and its status is fine", [_listener(ref)]) if {
	_one_of_two(ref)
} else := sprintf("listener %s serves no TLS", [_listener(ref)])

_one_of_two(ref) if {
	input.controllers.istio
	count(input.object.spec.listeners[ref.path[2]].tls.certificateRefs) == 2
	some other in input.refs["listener-certificate"]
	other.path[2] == ref.path[2]
	other.path[5] == 1 - ref.path[5]
	other.presence in {"present", "promised"}
}
