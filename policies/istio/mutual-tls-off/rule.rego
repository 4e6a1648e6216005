# METADATA
# title: mTLS of the mesh is switched off
# description: |
#   A PeerAuthentication with mode `DISABLE` has pods take plain text only: **nobody's certificate is asked for, and requests inside the mesh can
#   be read on the way**. Automatic mTLS follows it, so that clients with a proxy send plain text too. Policies that go by the
#   identity of a client refuse them all, as there is none.
#
#   Without a selector it is so for a whole namespace, or, in istio-system, for the mesh. For some pods it is a note, as they may end TLS
#   themselves. Modes of single ports are left alone. `PERMISSIVE` takes both, where clients without a proxy are still left.
# related_resources:
#   - description: Istio, PeerAuthentication
#     ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#   - description: Istio, pilot/pkg/security/authn/policy_applier.go, ComposePeerAuthentication
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/security/authn/policy_applier.go
# custom:
#   severity: warning
#   kinds: [PeerAuthentication.security.istio.io]
#   controllers: [istio]
#   triggers: [spec.mtls.mode]
#   since: v0.1.0
package policies.istio["mutual-tls-off"]

findings contains {
	"path": ["spec", "mtls", "mode"],
	"message": "mode DISABLE takes plain text only",
	"effect": sprintf("requests to %s are sent unencrypted, and nobody's identity is known", [_pods]),
	"remedy": "set mode to STRICT, or to PERMISSIVE while there are clients without a proxy",
	"severity": _severity,
} if {
	input.object.spec.mtls.mode == "DISABLE"
}

_labels := object.get(input.object, ["spec", "selector", "matchLabels"], {})

_severity := "info" if count(_labels) > 0

_severity := "warning" if count(_labels) == 0

_pods := "the pods that it selects" if count(_labels) > 0

_pods := "all pods of the mesh" if {
	count(_labels) == 0
	input.id.namespace == "istio-system"
}

_pods := sprintf("all pods of namespace %s", [input.id.namespace]) if {
	count(_labels) == 0
	not input.id.namespace in {"istio-system", ""}
}

_pods := "all pods of its namespace" if {
	count(_labels) == 0
	input.id.namespace == ""
}
