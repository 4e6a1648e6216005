# METADATA
# title: Names to verify, and no CA to verify them by
# description: |
#   `verifySubjectAltNames` of a BackendConfigPolicy lists the names that the backend may show, and its Secret has no `ca.crt`, or `files` no `rootCA`.
#   kgateway refuses the policy ("a root_ca must be provided"), and requests to the backends **fail with 5xx**.
#
#   With `insecureSkipVerify: true` the names are dropped instead, without a word: every backend passes.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
# custom:
#   severity: error
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls.verifySubjectAltNames
#     - spec.tls.verifySubjectAltName
#   since: v0.1.0
package policies.kgateway["names-without-ca"]

import data.lib.kgateway
import data.lib.text

findings contains {
	"path": ["spec", "tls", _field],
	"message": sprintf("there is no CA by which %s could be verified", [text.list(names)]),
	"effect": kgateway.refused,
	"remedy": "put the CA into the Secret under ca.crt, or name it under rootCA of files",
} if {
	names := kgateway.names(input.object.spec.tls)
	count(names) > 0
	object.get(input.object.spec.tls, "insecureSkipVerify", false) != true
	not input.object.spec.tls.wellKnownCACertificates
	_no_ca(input.object.spec.tls)
}

findings contains {
	"path": ["spec", "tls", _field],
	"message": sprintf("insecureSkipVerify drops %s", [text.list(names)]),
	"effect": sprintf("requests to %s go to whomever answers", [kgateway.targets]),
	"remedy": "remove insecureSkipVerify, and name a CA",
} if {
	input.object.spec.tls.insecureSkipVerify == true
	names := kgateway.names(input.object.spec.tls)
	count(names) > 0
}

_no_ca(tls) if {
	tls.secretRef
	some ref in input.refs["kgateway-backend-ca"]
	ref.presence in {"present", "promised"}
	ref.key_presence == "absent"
}

_no_ca(tls) if {
	not tls.secretRef
	files := kgateway.files(tls)
	count(files) > 0
	object.get(files, "rootCA", "") == ""
}

_field := "verifySubjectAltNames" if input.object.spec.tls.verifySubjectAltNames

_field := "verifySubjectAltName" if not input.object.spec.tls.verifySubjectAltNames
