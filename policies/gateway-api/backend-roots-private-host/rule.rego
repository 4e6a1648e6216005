# METADATA
# title: Public CAs for a name that none of them signs
# description: |
#   `wellKnownCACertificates: System` verifies a backend by the public CAs of the proxy's image. They sign no names that only exist
#   inside a cluster or a company: `.svc`, `.cluster.local`, `.local`, `.internal`, or a single word (CA/Browser Forum, baseline
#   requirements, 7.1.4.2.1). Such a backend has a certificate of a private CA, and **every request to it fails**.
#
#   Turn the rule off if your proxies have a private CA among the roots of their image.
# related_resources:
#   - description: CA/Browser Forum, internal names
#     ref: https://cabforum.org/resources/guidance-on-the-deprecation-of-internal-server-names-and-reserved-ip-addresses/
#   - description: BackendTLSPolicy, wellKnownCACertificates
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [spec.validation.wellKnownCACertificates]
#   since: v0.1.0
package policies["gateway-api"]["backend-roots-private-host"]

import data.lib.text

findings contains {
	"path": ["spec", "validation", "wellKnownCACertificates"],
	"message": sprintf("no public CA signs %s", [input.object.spec.validation.hostname]),
	"effect": sprintf("requests to %s fail with 5xx", [text.targets(input.refs)]),
	"remedy": "put the CA that signed the backend's certificate into a ConfigMap under ca.crt, and refer to it by caCertificateRefs",
} if {
	input.object.spec.validation.wellKnownCACertificates == "System"
	count(object.get(input.object.spec.validation, "subjectAltNames", [])) == 0
	_private(input.object.spec.validation.hostname)
	not _unused
}

# Of those who do nothing with well-known CAs, backend-roots-unsupported and backend-policy-unread speak.
_unused if {
	count(input.controllers) > 0
	every name, _ in input.controllers {
		name in {"cilium", "kong", "gloo-gateway"}
	}
}

_private(name) if {
	some suffix in [".svc", ".cluster.local", ".local", ".internal"]
	endswith(name, suffix)
}

_private(name) if {
	name != ""
	not contains(name, ".")
}
