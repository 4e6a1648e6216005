# METADATA
# title: No CA to verify a server by
# description: |
#   TLS settings of a DestinationRule name no CA. What Istio makes of it depends on its release:
#
#   - Before 1.21 **the server is not verified**: whoever answers is believed. It is an error where the config says so
#     (`controllers.settings.istio.version`).
#   - Since 1.21 it is verified by the public CAs that the proxy's image has. No public CA gives a certificate for a name inside a
#     cluster, so that **every request fails with 503**: a warning for Services and hosts under `.local` and `.internal`.
# related_resources:
#   - description: Istio, releasenotes/notes/enable-verify-certificate-at-client.yaml
#     ref: https://istio.io/latest/news/releases/1.21.x/announcing-1.21/upgrade-notes/
#   - description: Istio, egress broke with 1.21
#     ref: https://github.com/istio/istio/issues/53186
#   - description: Istio, pilot/pkg/networking/core/cluster_tls.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls.mode
#     - spec.trafficPolicy.portLevelSettings[*].tls.mode
#     - spec.subsets[*].trafficPolicy.tls.mode
#     - spec.subsets[*].trafficPolicy.portLevelSettings[*].tls.mode
#   since: v0.1.0
package policies.istio["upstream-ca-unset"]

import data.lib.mesh

findings contains {
	"path": array.concat(entry.path, ["tls", "mode"]),
	"message": "no CA is named, and Istio before 1.21 verifies nothing then",
	"effect": sprintf("whoever answers for %v is believed", [entry.to]),
	"remedy": "set caCertificates, or credentialName",
} if {
	some entry in mesh.policies(input.object)
	_without_ca(entry.policy.tls)
	mesh.before(21)
}

findings contains {
	"path": array.concat(entry.path, ["tls", "mode"]),
	"message": "no CA is named, and the public ones that Istio takes instead sign no name inside a cluster",
	"effect": sprintf("every request to %v fails with 503", [entry.to]),
	"remedy": "name the server's CA: by caCertificates, or by credentialName: configmap://<namespace>/<name>",
	"severity": "warning",
} if {
	some entry in mesh.policies(input.object)
	_without_ca(entry.policy.tls)
	_inside
	every name in object.get(entry.policy.tls, "subjectAltNames", []) {
		_private(name)
	}
	not mesh.before(21)
}

# "system" names the public CAs.
_without_ca(tls) if {
	tls.mode in {"SIMPLE", "MUTUAL"}
	object.get(tls, "caCertificates", "") == ""
	object.get(tls, "credentialName", "") == ""
	not tls.insecureSkipVerify
}

_inside if {
	some ref in input.refs.destination
	ref.kind == "Service"
}

_inside if _private(input.object.spec.host)

_private(name) if regex.match(`(?i)(^[^.]*|\.svc|\.local|\.internal)$`, name)
