# METADATA
# title: Certificate of an Upstream is not verified
# description: |
#   An Upstream is called by TLS, and there is no CA: no `sslConfig` beside port 443 or `useTls: true` of a static host, or one with no `secretRef`,
#   a Secret without `ca.crt`, `sslFiles` without `rootCa`, `sds` without `validationContextName`. Gloo then **takes any certificate**: whoever gets
#   between it and the backend reads and changes all requests.
#
#   Gloo knows no system CAs: the CA must be given, for a public host too.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, ResolveCommonSslConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
#   - description: Gloo, projects/gloo/pkg/plugins/static/plugin.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/plugins/static/plugin.go
#   - description: kgateway-dev/kgateway#6391
#     ref: https://github.com/kgateway-dev/kgateway/issues/6391
# custom:
#   severity: warning
#   kinds:
#     - Upstream.gloo.solo.io
#     - Service
#   triggers:
#     - spec.sslConfig
#     - spec.static
#     - metadata.annotations["gloo.solo.io/sslService."*]
#   since: v0.1.0
package policies.gloo["upstream-not-verified"]

import data.lib.gloo

findings contains {
	"path": section.path,
	"message": _lack(section.config),
	"effect": sprintf("requests to %s go to whomever answers", [input.id.label]),
	"remedy": _remedy(section.config),
} if {
	input.id.kind == "Upstream"
	some section in gloo.sections
	count(object.get(section.config, "verifySubjectAltName", [])) == 0
	gloo.lacks_ca(section)
}

findings contains {
	"path": ["spec", "static"],
	"message": "TLS of a static host is verified by nothing without a sslConfig",
	"effect": sprintf("requests to %s go to whomever answers", [input.id.label]),
	"remedy": "add a sslConfig with sni, verifySubjectAltName and a Secret that has the CA under ca.crt",
} if {
	input.object.spec.static
	not input.object.spec.sslConfig
	gloo.implied
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s has no ca.crt", [ref.label]),
	"effect": sprintf("requests to %s go to whomever answers", [input.id.label]),
	"remedy": "put the CA into the Secret, under ca.crt",
} if {
	input.id.kind == "Service"
	some ref in input.refs["gloo-backend-ca"]
	ref.presence in {"present", "promised"}
	ref.key_presence == "absent"
	not gloo.own_format(ref)
}

_lack(config) := sprintf("Secret %v has no ca.crt", [config.secretRef.name]) if config.secretRef

_lack(config) := "sslConfig names no CA" if not config.secretRef

_remedy(config) := "put the CA into the Secret, under ca.crt" if config.secretRef

_remedy(config) := "name a Secret with the CA under secretRef" if not config.secretRef
