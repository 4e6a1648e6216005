# METADATA
# title: Listener certificate cannot be had
# description: |
#   `certificateRefs` of a listener names a Secret in another namespace that no ReferenceGrant there opens to it, or a
#   Secret that is not there. The listener gets `ResolvedRefs=False` (`RefNotPermitted` or `InvalidCertificateRef`) and
#   serves no TLS; some controllers drop it altogether.
#
#   A Secret that is not granted is an error whatever else holds, and whether it exists is then not told. A missing one is a
#   warning, because key pairs are often made by hand outside Git or a moment later; the profile `strict` denies it.
# related_resources:
#   - description: ReferenceGrant
#     ref: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
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
	"effect": sprintf("listener %s serves no TLS", [_listener(ref)]),
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
	"effect": sprintf("listener %s serves no TLS", [_listener(ref)]),
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
