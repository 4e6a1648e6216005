# METADATA
# title: Annotation of a Service that Kong does not know
# description: |
#   Kong reads `ca-certificates-secrets`, `ca-certificates-configmaps`, `client-cert`, `tls-verify` and `tls-verify-depth` of a
#   Service. What is spelt otherwise, as these are now and then, nobody reads, and nobody says so: the backend is **not
#   verified**, or gets no client certificate.
# related_resources:
#   - description: Kong's controller, internal/annotations/annotations.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/annotations/annotations.go
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers:
#     - 'metadata.annotations["konghq.com/ca-cert"]'
#     - 'metadata.annotations["konghq.com/ca-certificate"]'
#     - 'metadata.annotations["konghq.com/ca-certificates"]'
#     - 'metadata.annotations["konghq.com/ca-certificates-secret"]'
#     - 'metadata.annotations["konghq.com/ca-certificates-configmap"]'
#     - 'metadata.annotations["konghq.com/ca-certificate-secrets"]'
#     - 'metadata.annotations["konghq.com/ca-certificate-configmaps"]'
#     - 'metadata.annotations["konghq.com/client-certificate"]'
#     - 'metadata.annotations["konghq.com/ssl-verify"]'
#     - 'metadata.annotations["konghq.com/tls-verification"]'
#     - 'metadata.annotations["konghq.com/tls_verify"]'
#     - 'metadata.annotations["konghq.com/tls_verify_depth"]'
#     - 'metadata.annotations["konghq.com/verify-depth"]'
#   since: v0.1.0
package policies.kong["annotation-misspelt"]

findings contains object.union(
	{
		"path": ["metadata", "annotations", key],
		"message": sprintf("Kong reads %s, and not %s", [meant.name, key]),
		"effect": sprintf(meant.effect, [input.id.label]),
		"remedy": sprintf("rename it to %s", [meant.name]),
	},
	_fix(key, meant.name),
) if {
	some key, meant in _meant
	value := input.object.metadata.annotations[key]
	value != ""
}

_meant := {
	"konghq.com/ca-cert": _secrets,
	"konghq.com/ca-certificate": _secrets,
	"konghq.com/ca-certificate-configmaps": _configmaps,
	"konghq.com/ca-certificate-secrets": _secrets,
	"konghq.com/ca-certificates": _secrets,
	"konghq.com/ca-certificates-configmap": _configmaps,
	"konghq.com/ca-certificates-secret": _secrets,
	"konghq.com/client-certificate": {"name": "konghq.com/client-cert", "effect": "requests to %s go out without a client certificate"},
	"konghq.com/ssl-verify": _verify,
	"konghq.com/tls-verification": _verify,
	"konghq.com/tls_verify": _verify,
	"konghq.com/tls_verify_depth": _depth,
	"konghq.com/verify-depth": _depth,
}

_secrets := {"name": "konghq.com/ca-certificates-secrets", "effect": "%s is not verified by that CA"}

_configmaps := {"name": "konghq.com/ca-certificates-configmaps", "effect": "%s is not verified by that CA"}

_verify := {"name": "konghq.com/tls-verify", "effect": "any certificate of %s is believed"}

_depth := {"name": "konghq.com/tls-verify-depth", "effect": "certificates of %s with more than one intermediate are refused"}

_fix(key, name) := {"fix": {
	"title": sprintf("rename it to %s", [name]),
	"safe": false,
	"edits": [{"op": "rename", "path": ["metadata", "annotations", key], "value": name}],
}} if {
	not input.object.metadata.annotations[name]
}

_fix(_, name) := {} if input.object.metadata.annotations[name]
