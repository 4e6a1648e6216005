# METADATA
# title: Controller reads no BackendTLSPolicy
# description: |
#   Gloo Gateway, the controller of class `gloo-gateway`, implements no BackendTLSPolicy, though its chart may bring the CRD: **the policy does
#   nothing**. Requests to the backend are sent unencrypted, and the status of the policy stays empty. TLS to a backend is the `sslConfig` of a Gloo Upstream
#   there, or `gloo.solo.io/sslService.secret` of the Service.
# related_resources:
#   - description: Gloo, projects/gateway2
#     ref: https://github.com/solo-io/gloo/tree/main/projects/gateway2
# custom:
#   severity: error
#   kinds:
#     - BackendTLSPolicy.gateway.networking.k8s.io
#   controllers: [gloo-gateway]
#   triggers:
#     - 'spec.targetRefs[*]'
#     - spec.targetRef
#   since: v0.1.0
package policies["gateway-api"]["backend-policy-unread"]

import data.lib.text

findings contains {
	"path": ["spec"],
	"message": "Gloo Gateway reads no BackendTLSPolicy",
	"effect": sprintf("requests to %s are sent unencrypted by Gloo Gateway", [text.targets(input.refs)]),
	"remedy": "set sslConfig of a Gloo Upstream, or annotate the Service with gloo.solo.io/sslService.secret",
	"severity": _severity[input.controllers["gloo-gateway"].certainty],
} if {
	input.controllers["gloo-gateway"]
}

# Where only the name of the class tells the controller, the class may be somebody else's.
_severity := {"known": "error", "assumed": "warning"}
