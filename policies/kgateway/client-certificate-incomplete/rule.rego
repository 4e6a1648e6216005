# METADATA
# title: Client certificate of a BackendConfigPolicy without its key
# description: |
#   The Secret of `spec.tls.secretRef` has a certificate and no key, or a key and no certificate. kgateway takes both for mutual TLS, and refuses the policy with one:
#   requests to the backends **fail with 5xx**. With `simpleTLS: true` neither is looked at.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
# custom:
#   severity: error
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls.secretRef
#   since: v0.1.0
package policies.kgateway["client-certificate-incomplete"]

import data.lib.kgateway

findings contains {
	"path": ref.path,
	"message": sprintf("%s has %s", [ref.label, half]),
	"effect": kgateway.refused,
	"remedy": "put both under tls.crt and tls.key, or set simpleTLS: true",
} if {
	some ref in input.refs["kgateway-client-certificate"]
	ref.presence == "present"
	ref.in_force
	not ref.keys_open
	not ref.producer
	object.get(input.object.spec.tls, "insecureSkipVerify", false) == false
	half := _half(ref)
}

_half(ref) := "tls.crt and no tls.key" if {
	ref.key_presence == "present"
	not ref.content.empty
	not "tls.key" in ref.keys
}

_half(ref) := "tls.crt and an empty tls.key" if {
	ref.pair == "empty"
	count(ref.content.certificates) > 0
}

_half(ref) := "tls.key and no tls.crt" if {
	ref.key_presence == "absent"
	"tls.key" in ref.keys
}
