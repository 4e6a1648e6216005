# METADATA
# title: OCSP staple is a must, and there is none
# description: |
#   `ocspStaplePolicy: MUST_STAPLE` wants the OCSP response of the certificate in the Secret, under `tls.ocsp-staple`. Without it **Envoy refuses
#   the listener**, and keeps what it had before. Gloo fetches none itself.
# related_resources:
#   - description: Gloo, projects/gloo/api/v1/ssl/ssl.proto, OcspStaplePolicy
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/api/v1/ssl/ssl.proto
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#   triggers:
#     - spec.sslConfig.ocspStaplePolicy
#     - spec.tcpGateway.tcpHosts[*].sslConfig.ocspStaplePolicy
#   since: v0.1.0
package policies.gloo["staple-missing"]

import data.lib.gloo

findings contains {
	"path": array.concat(section.path, ["ocspStaplePolicy"]),
	"message": sprintf("%s has no tls.ocsp-staple", [ref.label]),
	"effect": "Envoy refuses the listener, and no change to it takes effect any more",
	"remedy": "put the OCSP response into the Secret, under tls.ocsp-staple, or remove the policy",
} if {
	some section in gloo.sections
	section.config.ocspStaplePolicy == "MUST_STAPLE"
	some ref in input.refs["gloo-certificate"]
	ref.path == array.concat(section.path, ["secretRef"])
	ref.presence == "present"
	not ref.keys_open
	not "tls.ocsp-staple" in ref.keys
}
