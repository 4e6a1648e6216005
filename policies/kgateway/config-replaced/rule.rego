# METADATA
# title: TLS of a BackendConfigPolicy is replaced by a BackendTLSPolicy
# description: |
#   A BackendTLSPolicy and `spec.tls` of a BackendConfigPolicy are for the same backend. kgateway takes the TLS of the BackendTLSPolicy, **and nothing of the
#   other**: its client certificate is not shown, its names and TLS versions do not hold. Nothing in the status of either tells.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendtlspolicy/plugin.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendtlspolicy/plugin.go
# custom:
#   severity: error
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls
#   since: v0.1.0
package policies.kgateway["config-replaced"]

findings contains {
	"path": ["spec", "tls"],
	"message": sprintf("%s is for %s too, and comes first", [peer.label, target.name]),
	"effect": _effect,
	"remedy": "keep the TLS settings of a backend in one policy: client certificates and TLS versions here, or all in the BackendTLSPolicy",
	"related": [object.filter(peer, ["group", "kind", "namespace", "name"])],
} if {
	is_object(input.object.spec.tls)
	some peer in input.peers["backend-policy"]
	peer.kind == "BackendTLSPolicy"
	target := object.get(input.object, peer.path, {})
}

_effect := "backends that ask for a client certificate refuse the gateway" if _shown

_effect := "none of these TLS settings holds" if not _shown

# The Secret has a key pair to show.
_shown if {
	some ref in input.refs["kgateway-client-certificate"]
	ref.in_force
	ref.key_presence in {"present", "promised"}
	not ref.content.empty
}
