# METADATA
# title: Release of Gloo that has no control-plane mTLS
# description: |
#   mTLS between gloo and its proxies came with Gloo 1.3.6, in the enterprise edition with 1.3.0-beta3. An older release does not know it:
#   the settings for it do nothing, and **gloo speaks with its proxies in clear text** or not at all.
# related_resources:
#   - description: Gloo, mTLS mode
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
# custom:
#   severity: error
#   kinds: [Deployment.apps, HelmRelease.helm.toolkit.fluxcd.io, Application.argoproj.io]
#   triggers:
#     - metadata.labels.gloo
#     - spec.chart.spec.version
#     - spec.source.targetRevision
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["version-without-mtls"]

import data.lib.certgen

findings contains {
	"path": ["spec", "template", "spec", "containers", i, "image"],
	"message": sprintf("%s is older than %s, the first release with mTLS", [container.image, _first[parts[1]]]),
	"effect": "gloo does not know mTLS, and its proxies do not reach it by TLS",
	"remedy": "upgrade Gloo",
} if {
	input.object.metadata.labels.gloo == "gloo"
	some volume in input.object.spec.template.spec.volumes
	volume.secret.secretName == "gloo-mtls-certs"
	some i, container in input.object.spec.template.spec.containers
	parts := regex.find_all_string_submatch_n(`(?:^|/)(gloo|gloo-ee):v?([0-9]+\.[0-9]+\.[0-9]+[^@]*)`, container.image, 1)[0]
	semver.compare(parts[2], _first[parts[1]]) < 0
}

findings contains {
	"path": release.path,
	"message": sprintf("chart %s %s is older than %s, the first release with mTLS", [release.chart, release.version, _first[release.chart]]),
	"effect": "global.glooMtls.enabled does nothing, and gloo speaks with its proxies in clear text",
	"remedy": "upgrade Gloo",
} if {
	release := _release[input.object.kind]
	semver.compare(trim_prefix(release.version, "v"), _first[release.chart]) < 0
	count(certgen.calls) > 0
}

_release["HelmRelease"] := {
	"chart": input.object.spec.chart.spec.chart,
	"version": input.object.spec.chart.spec.version,
	"path": ["spec", "chart", "spec", "version"],
}

_release["Application"] := {
	"chart": input.object.spec.source.chart,
	"version": input.object.spec.source.targetRevision,
	"path": ["spec", "source", "targetRevision"],
}

_first := {"gloo": "1.3.6", "gloo-ee": "1.3.0-beta3"}
