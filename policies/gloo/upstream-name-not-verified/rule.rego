# METADATA
# title: Any certificate of its CA passes for an Upstream
# description: |
#   The certificate of an Upstream is verified by a CA, and `verifySubjectAltName` is not set. Gloo compares no name on its own, not even
#   `sni`: **every holder of a certificate of that CA passes for the backend**. With a CA that signs for this backend only, that is fine; with one of a whole
#   company, or of the public, it is not.
#
#   Of Gloo's own samples, four of the five Upstreams with a CA are written so. The rule is off but in the profile `strict`.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, ResolveCommonSslConfig
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
# custom:
#   severity: info
#   profiles: {default: "off", strict: note, migration: "off"}
#   kinds:
#     - Upstream.gloo.solo.io
#   triggers:
#     - spec.sslConfig
#   since: v0.1.0
package policies.gloo["upstream-name-not-verified"]

findings contains {
	"path": ["spec", "sslConfig"],
	"message": "verifySubjectAltName is not set",
	"effect": sprintf("any certificate of the CA passes for %s", [input.id.label]),
	"remedy": "list the names of the backend's certificate under verifySubjectAltName",
} if {
	config := input.object.spec.sslConfig
	count(object.get(config, "verifySubjectAltName", [])) == 0
	_verified(config)
}

_verified(config) if {
	config.secretRef
	some ref in input.refs["gloo-backend-ca"]
	ref.key_presence in {"present", "promised"}
}

_verified(config) if object.get(config, ["sslFiles", "rootCa"], "") != ""

_verified(config) if object.get(config, ["sds", "validationContextName"], "") != ""
