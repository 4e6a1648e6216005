# METADATA
# title: Port says it speaks no TLS, and a policy says it does
# description: |
#   A BackendTLSPolicy covers a port that routes send to, and `appProtocol` of the port says `http`, `kubernetes.io/h2c` or
#   `kubernetes.io/ws`: without TLS, by definition. Controllers follow the policy. If the port does speak TLS, `appProtocol` is
#   wrong; if not, **every request to it fails**. A `sectionName` keeps a policy to the ports that it is meant for.
# related_resources:
#   - description: GEP-1911, backend protocol selection
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-1911/
# custom:
#   severity: info
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: ['spec.targetRefs[*]', spec.targetRef]
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-protocol-contradicts-policy"]

import data.lib.backend

findings contains {
	"path": ref.path,
	"message": sprintf("port %v of %s is %s, which is without TLS", [port.port, ref.label, port.appProtocol]),
	"effect": sprintf("requests to port %v of %s fail if it speaks no TLS", [port.port, ref.label]),
	"remedy": "set sectionName to the port that speaks TLS, or correct appProtocol",
} if {
	some ref in input.refs["policy-target"]
	some port in ref.object.spec.ports
	port.appProtocol in {"http", "kubernetes.io/h2c", "kubernetes.io/ws"}
	backend.section(ref) in {"", object.get(port, "name", "")}
	some to in backend.routed(ref)
	to.port == port.port
}
