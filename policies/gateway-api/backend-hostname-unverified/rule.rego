# METADATA
# title: Hostname of a BackendTLSPolicy is not verified
# description: |
#   With `subjectAltNames`, the certificate of a backend need only be for one of these. `hostname` is then what the backend is
#   asked for (SNI), and **nothing holds its certificate to it**. To have both, name it among `subjectAltNames` too.
#
#   Nothing is said where `subjectAltNames` are URIs: who asks for SPIFFE identities means them and no names.
# related_resources:
#   - description: Gateway API, apis/v1/backendtlspolicy_types.go, SubjectAltNames
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/main/apis/v1/backendtlspolicy_types.go
# custom:
#   severity: info
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: ['spec.validation.subjectAltNames[*]']
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["gateway-api"]["backend-hostname-unverified"]

import data.lib.text
import data.lib.x509

findings contains {
	"path": ["spec", "validation", "subjectAltNames"],
	"message": sprintf("hostname %s is not among subjectAltNames and is only asked for, not verified", [input.object.spec.validation.hostname]),
	"effect": sprintf("%s is believed with a certificate for %s", [text.targets(input.refs), text.list(names)]),
	"remedy": sprintf("add %s to subjectAltNames if the certificate is for it", [input.object.spec.validation.hostname]),
} if {
	count(input.object.spec.validation.subjectAltNames) > 0
	names := [name.hostname | some name in input.object.spec.validation.subjectAltNames; name.type == "Hostname"]
	count(names) == count(input.object.spec.validation.subjectAltNames)
	not x509.covers({"dns_names": names}, input.object.spec.validation.hostname)
}
