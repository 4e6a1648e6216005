# METADATA
# title: Secret of a sslConfig does not exist
# description: |
#   Gloo does not find the Secret that `secretRef`, or the annotation `gloo.solo.io/sslService.secret` of a Service, names.
#
#   - **Upstream, Service**: as long as Settings say `warnMissingTlsSecret: true`, which the chart sets, the Upstream is called **without TLS**:
#   requests leave Gloo in clear, and nothing but a warning in its status tells. Without it, they get 503.
#   - **VirtualService, TcpHost**: their clients get no TLS connection. That is a warning here, because key pairs are often made by hand
#   outside Git or a moment later; the profile `strict` denies it.
#
#   The rule fires only where something shows that the Secret is missing. If Gloo reads its secrets from Vault, declare them under `external:`.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/translator/clusters.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/translator/clusters.go
#   - description: kgateway-dev/kgateway#6957, one missing Secret
#     ref: https://github.com/kgateway-dev/kgateway/issues/6957
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#     - Service
#   profiles: {strict: deny}
#   triggers:
#     - references
#   since: v0.1.0
package policies.gloo["secret-missing"]

import data.lib.gloo
import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": gloo.unresolved(ref.path),
	"remedy": text.remedy("create the Secret, of type kubernetes.io/tls, with the CA under ca.crt", ref),
} if {
	some ref in input.refs["gloo-backend-ca"]
	ref.presence == "absent"
	_complete(ref)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": gloo.unresolved(ref.path),
	"remedy": text.remedy("create the Secret, or a Certificate that makes it", ref),
	"severity": "warning",
} if {
	some ref in input.refs["gloo-certificate"]
	ref.presence == "absent"
	_complete(ref)
}

# A reference without a namespace is a defect of its own.
_complete(ref) if is_string(object.get(input.object, ref.path, ""))

_complete(ref) if object.get(input.object, array.concat(ref.path, ["namespace"]), "") != ""
