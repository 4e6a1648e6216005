# METADATA
# title: Secret is not in the namespace of the gateway's pods
# description: |
#   Istio reads the Secrets of a Gateway in the namespace **of the pods** that `spec.selector` takes, and in no other one: not in the
#   Gateway's own, as an Ingress has it, and not in one that is written in front of the name. `shop/web` is refused unless the pods
#   run in `shop`, without a status; `istioctl analyze` looks into `shop`, and is content. **Every TLS handshake with these hosts is
#   reset**.
#
#   It is a warning where the Secret stands beside the Gateway, and nothing tells whether it exists beside the pods too. Where the pods run is told by the Service in front of them, or by `gateway-namespace` under `controllers.settings.istio`. The
#   pods' ServiceAccount needs the right to list Secrets there too, which Istio's charts give it.
# related_resources:
#   - description: Istio, pilot/pkg/xds/sds.go, filterAuthorizedResources
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/xds/sds.go
#   - description: Secrets are sought beside the gateway's pods
#     ref: https://github.com/istio/istio/issues/27740
#   - description: Secrets left behind on the way from ingress-nginx
#     ref: https://github.com/istio/istio/issues/58517
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.credentialName", "spec.servers[*].tls.credentialNames", "spec.servers[*].tls.caCertCredentialName"]
#   since: v0.1.0
package policies.istio["gateway-credential-out-of-reach"]

import data.lib.istio
import data.lib.text

# A namespace that is written, and wrong.
findings contains {
	"path": ref.path,
	"message": sprintf("%s is in another namespace than %s (%s)", [ref.label, text.list(ref.pods.namespaces), ref.pods.reason]),
	"effect": _effect(ref),
	"remedy": sprintf("keep the Secret in namespace %s, and refer to it by its name alone", [ref.pods.namespaces[0]]),
} if {
	some role in ["gateway-credential", "gateway-client-ca"]
	some ref in input.refs[role]
	ref.pods.written
	ref.kind == "Secret"
	count(ref.pods.namespaces) > 0
	not ref.namespace in ref.pods.namespaces
	not text.unfilled(ref.label)
	not _said(ref)
}

# A Secret beside the Gateway.
findings contains {
	"path": ref.path,
	"message": sprintf("Secret %s/%s is beside the Gateway, and the pods of the gateway run in %s (%s)", [
		input.id.namespace,
		ref.name,
		text.list(ref.pods.namespaces),
		ref.pods.reason,
	]),
	"effect": _effect(ref),
	"remedy": sprintf("keep the Secret in namespace %s", [ref.pods.namespaces[0]]),
	"related": [{"group": "", "kind": "Secret", "namespace": input.id.namespace, "name": ref.name, "path": ["metadata", "name"], "message": "nobody reads it"}],
	"severity": {"absent": "error", "unknown": "warning"}[ref.presence],
} if {
	some role in ["gateway-credential", "gateway-client-ca"]
	some ref in input.refs[role]
	istio.beside(ref)
	not _said(ref)
}

_effect(ref) := sprintf("TLS handshakes with %s are reset", [istio.hosts(istio.server(ref.path))]) if ref.role == "gateway-credential"

_effect(ref) := sprintf("no client of %s can be verified, and all are refused", [istio.hosts(istio.server(ref.path))]) if ref.role == "gateway-client-ca"

# The CA is in the same field, and has been spoken of with the certificate.
_said(ref) if {
	ref.role == "gateway-client-ca"
	ref.path[4] != "caCertCredentialName"
}
