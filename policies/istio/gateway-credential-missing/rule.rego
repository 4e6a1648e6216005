# METADATA
# title: Certificate of a server does not exist
# description: |
#   `credentialName` or `credentialNames` leads to a Secret that is not there, in the namespace **of the gateway's pods**. Istio takes
#   the Gateway and writes no status; Envoy waits for the certificate, and **every TLS handshake with these hosts is reset**. Of two
#   `credentialNames`, too, both have to be there.
#
#   Where the pods run is told by the Service in front of them, of which the labels in `spec.selector` are those of the Gateway's, or
#   by `gateway-namespace` under `controllers.settings.istio`. While nothing tells, nothing is said. What `sds://` fetches elsewhere,
#   and `builtin://`, are no Secrets. What stands in the Gateway's namespace instead is `gateway-credential-out-of-reach`.
#
#   It is an error where it is certain that the Secret is missing, and a warning where all that shows it is what else the tree keeps:
#   key pairs are often made by hand. Declare it under `external:` then.
# related_resources:
#   - description: Istio, pilot/pkg/xds/sds.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/xds/sds.go
#   - description: Hours lost on a Secret that is missing
#     ref: https://github.com/istio/istio/issues/50070
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.credentialName", "spec.servers[*].tls.credentialNames"]
#   since: v0.1.0
#   profiles: {strict: deny}
package policies.istio["gateway-credential-missing"]

import data.lib.istio
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": sprintf("TLS handshakes with %s are reset", [istio.hosts(istio.server(ref.path))]),
	"remedy": text.remedy(sprintf("create the Secret in namespace %s, where the gateway runs", [ref.namespace]), ref),
	"severity": _severity[ref.evidence],
} if {
	some ref in input.refs["gateway-credential"]
	ref.presence == "absent"
	ref.kind == "Secret"
	not istio.beside(ref)
}

_severity := {"complete": "error", "near-miss": "warning", "siblings": "warning"}
