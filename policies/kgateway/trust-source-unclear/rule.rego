# METADATA
# title: BackendConfigPolicy with several sources of trust, or none
# description: |
#   `spec.tls` takes **one** of `secretRef`, `files`, `wellKnownCACertificates` and `insecureSkipVerify`. With more of them the API server refuses the policy; with
#   CRDs that do not check it, kgateway takes `wellKnownCACertificates` before a CA of yours.
#
#   With none of them, and `sni`, the newest CRDs take the CAs of the system. Those before want exactly one of the four, and refuse the policy. `insecureSkipVerify: false`
#   is one to them, so that they take it, and kgateway **verifies nothing**. `wellKnownCACertificates: System` means the same to all releases.
# related_resources:
#   - description: kgateway, api/v1alpha1/kgateway/backend_config_policy_types.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/api/v1alpha1/kgateway/backend_config_policy_types.go
# custom:
#   severity: error
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls
#   since: v0.1.0
package policies.kgateway["trust-source-unclear"]

import data.lib.text

findings contains {
	"path": ["spec", "tls"],
	"message": sprintf("it has %s", [text.list(sources)]),
	"effect": "the API server refuses the policy, or kgateway takes one of them",
	"remedy": "leave one of them",
} if {
	sources := [source | some source in _sources; source in object.keys(input.object.spec.tls)]
	count(sources) > 1
}

findings contains {
	"path": ["spec", "tls"],
	"message": "it has neither a CA nor sni",
	"effect": "the API server refuses the policy, or kgateway verifies nothing",
	"remedy": "name a CA, or sni for a certificate of the public",
} if {
	is_object(input.object.spec.tls)
	object.get(input.object.spec.tls, "sni", "") == ""
	object.get(input.object.spec.tls, "insecureSkipVerify", false) == false
	not _trusts
}

findings contains {
	"path": ["spec", "tls", "insecureSkipVerify"],
	"message": "insecureSkipVerify: false names no CA, and only the newest releases take those of the system then",
	"effect": "other releases of kgateway verify nothing",
	"remedy": "write wellKnownCACertificates: System instead, or name a CA",
	"severity": "warning",
} if {
	input.object.spec.tls.insecureSkipVerify == false
	input.object.spec.tls.sni != ""
	not _trusts
}

_trusts if {
	some source in _sources
	source != "insecureSkipVerify"
	source in object.keys(input.object.spec.tls)
}

_sources := ["secretRef", "files", "tlsFiles", "wellKnownCACertificates", "insecureSkipVerify"]
