# METADATA
# title: BackendConfigPolicy with several sources of trust, or none
# description: |
#   `spec.tls` takes **one** of `secretRef`, `files`, `wellKnownCACertificates` and `insecureSkipVerify`. With more of them the API server refuses the policy; with
#   CRDs that do not check it, kgateway takes `wellKnownCACertificates` before a CA of yours.
#
#   With none of them, the certificate is verified by the CAs of the system, and `sni` must say for which name; without `sni` the API server refuses the policy. Releases
#   before that **verify nothing**.
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
	count([source | some source in _sources; source != "insecureSkipVerify"; source in object.keys(input.object.spec.tls)]) == 0
}

_sources := ["secretRef", "files", "tlsFiles", "wellKnownCACertificates", "insecureSkipVerify"]
