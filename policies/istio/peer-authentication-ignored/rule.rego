# METADATA
# title: PeerAuthentication, or a part of it, does not count
# description: |
#   Of istio-system Istio reads a PeerAuthentication for the whole mesh, of other namespaces one for all pods and one for some. What is beyond
#   that does not count, so that a `STRICT` that was asked for **may not hold**:
#
#   - one with a selector in istio-system does nothing, even for pods that run there, and nobody says so. It is a warning, as the mesh may
#     have another root namespace (`meshConfig.rootNamespace`);
#   - `portLevelMtls` without a selector is refused by Istio's webhook: an error.
# related_resources:
#   - description: Istio, pilot/pkg/security/authn/policy_applier.go, ComposePeerAuthentication
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/security/authn/policy_applier.go
#   - description: Istio, pkg/config/validation/validation.go, ValidatePeerAuthentication
#     ref: https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go
# custom:
#   severity: error
#   kinds: [PeerAuthentication.security.istio.io]
#   controllers: [istio]
#   triggers: [spec.mtls.mode, spec.portLevelMtls]
#   since: v0.1.0
package policies.istio["peer-authentication-ignored"]

findings contains {
	"path": ["spec", "portLevelMtls"],
	"message": "ports have a mode of their own only beside a selector",
	"effect": "Istio refuses the PeerAuthentication",
	"remedy": "name the pods under selector.matchLabels, or remove portLevelMtls",
} if {
	count(input.object.spec.portLevelMtls) > 0
	count(_labels(input.object)) == 0
}

findings contains {
	"path": ["spec", "selector"],
	"message": "of istio-system Istio reads policies for the whole mesh only, and this one has a selector",
	"effect": sprintf("the pods that it selects are not held to mode %s", [input.object.spec.mtls.mode]),
	"remedy": "put it into the namespace of the pods; those of istio-system are held to the policy of the mesh",
	"severity": "warning",
} if {
	input.object.spec.mtls.mode in {"STRICT", "PERMISSIVE", "DISABLE"}
	input.id.namespace == "istio-system"
	count(_labels(input.object)) > 0
}

_labels(policy) := object.get(policy, ["spec", "selector", "matchLabels"], {})
