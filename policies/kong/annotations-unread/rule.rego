# METADATA
# title: Annotations for Kong on a Service that another controller serves
# description: |
#   Annotations `konghq.com/` of a Service say how Kong calls it. Requests that come by a Gateway of another controller are sent
#   **as if there were none**: unencrypted, or unverified, unless a BackendTLSPolicy is for the Service. The Service may be
#   served by Kong as well: each controller goes by what it reads itself.
#
#   With Istio it is a note: a DestinationRule may set TLS up, and is not looked at. So it is with kgateway, whose BackendConfigPolicies
#   may choose the Service by its labels; of one that names it, `spec.tls` is enough.
# related_resources:
#   - description: Kong's controller, internal/annotations/annotations.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/annotations/annotations.go
#   - description: Gateway API, BackendTLSPolicy
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: warning
#   kinds: [HTTPRoute.gateway.networking.k8s.io, GRPCRoute.gateway.networking.k8s.io]
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, cilium, kgateway, traefik]
#   triggers: ['spec.rules[*].backendRefs[*]']
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies.kong["annotations-unread"]

import data.lib.backend
import data.lib.kong

findings contains {
	"path": ref.path,
	"message": sprintf("%s reads no annotation of Kong, such as %s %q of %s", [backend.controllers[name].title, key, value, ref.label]),
	"effect": sprintf("requests of this route to %s are %s", [ref.label, outcome]),
	"remedy": sprintf("write a BackendTLSPolicy for %s, which other controllers than Kong read too", [ref.label]),
	"severity": _severity(name),
} if {
	some ref in input.refs["route-backend"]
	ref.object.metadata.annotations
	not ref.path in _covered
	some name, _ in input.controllers
	name != "kong"
	backend.controllers[name]
	not _configured(name, ref)
	some key, outcome in _lost(ref.object.metadata.annotations)
	value := ref.object.metadata.annotations[key]
}

_covered contains peer.path if some peer in input.peers["backend-policy"]

# kgateway's own policy sets TLS up.
_configured("kgateway", ref) if {
	some peer in input.peers["backend-config"]
	peer.path == ref.path
	is_object(peer.object.spec.tls)
}

_lost(annotations) := {"konghq.com/tls-verify": "sent without a check of its certificate"} if {
	annotations["konghq.com/tls-verify"] in kong.truth
}

_lost(annotations) := {"konghq.com/protocol": "sent unencrypted"} if {
	annotations["konghq.com/protocol"] in {"https", "grpcs", "wss", "tls"}
	not _verified(annotations)
}

_verified(annotations) if annotations["konghq.com/tls-verify"] in kong.truth

_severity(name) := "info" if name in {"istio", "kgateway"}

_severity(name) := "warning" if not name in {"istio", "kgateway"}
