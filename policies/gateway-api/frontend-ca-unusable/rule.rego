# METADATA
# title: Client CA of a Gateway cannot be used
# description: |
#   What `spec.tls.frontend` (or `frontendValidation` of a listener in older releases) names for verifying clients is there, but holds no
#   CA where controllers look for it: no `ca.crt`, an empty one, or one without a single certificate. Listeners on the port get
#   `Accepted=False/NoValidCACertificate`: **the port goes dark**, it does not open.
#
#   A Secret that an ACME issuer fills never has a `ca.crt`. Envoy Gateway also takes `tls.crt` or a sole key, Istio takes `cacert`:
#   where one of them is the only controller, that is no finding, and where nobody knows who acts it is a warning.
# related_resources:
#   - description: Client certificate validation, GEP-91
#     ref: https://gateway-api.sigs.k8s.io/geps/gep-91/
# custom:
#   severity: error
#   kinds: [Gateway.gateway.networking.k8s.io]
#   triggers: [references]
#   since: v0.1.0
package policies["gateway-api"]["frontend-ca-unusable"]

import data.lib.gateway

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds %s", [ref.label, defect]),
	"effect": gateway.dark(ref),
	"remedy": "put the CA of the clients under ca.crt as PEM",
	"severity": _severity(gateway.ca_perhaps(ref)),
} if {
	some ref in input.refs["frontend-ca"]
	ref.kind in {"ConfigMap", "Secret"}
	defect := gateway.ca_defect(ref)
}

_severity(perhaps) := "error" if count(perhaps) == 0

_severity(perhaps) := "warning" if count(perhaps) > 0
