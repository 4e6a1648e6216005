# METADATA
# title: Credential of a DestinationRule cannot be used
# description: |
#   `credentialName` of a DestinationRule names a Secret or ConfigMap that is not there, or that lacks what is read from it:
#
#   - a CA, under `ca.crt` or `cacert`, or in a Secret of the same name with `-cacert` behind it. Without one there is **no falling
#     back** to public CAs, as there is without a `credentialName`. With `insecureSkipVerify: true` none is needed;
#   - a certificate with its key for mode MUTUAL, under `tls.crt` and `tls.key` or `cert` and `key`.
#
#   Istio's proxies then never get ready for the host: **every request to it fails with 503**.
#
#   A Secret is looked for where clients live. That is the namespace of the DestinationRule if it has a `workloadSelector`; where a
#   gateway is the client nothing is said. A ConfigMap (`configmap://`) is in the namespace of the DestinationRule.
# related_resources:
#   - description: Istio, a Secret without a CA does not fall back to public CAs
#     ref: https://github.com/istio/istio/issues/56542
#   - description: Istio, pilot/pkg/credentials/kube/secrets.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/credentials/kube/secrets.go
#   - description: Istio, ClientTLSSettings
#     ref: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers: [references]
#   since: v0.1.0
package policies.istio["upstream-ca-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect,
	"remedy": text.remedy(sprintf("create the %s, with the CA of the server under ca.crt", [ref.kind]), ref),
} if {
	some ref in input.refs["destination-ca"]
	ref.presence == "absent"
	_own(ref)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no CA: neither ca.crt nor cacert%s", [ref.label, text.made(ref)]),
	"effect": _effect,
	"remedy": "add the CA of the server under ca.crt",
} if {
	some ref in input.refs["destination-ca"]
	ref.key_presence == "absent"
	_own(ref)
	not object.get(input.object, _beside(ref, "insecureSkipVerify"), false)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s holds no client certificate: neither tls.crt nor cert%s", [ref.label, text.made(ref)]),
	"effect": _effect,
	"remedy": "add the certificate and its key under tls.crt and tls.key, or set the mode to SIMPLE if the server asks for none",
} if {
	some ref in input.refs["destination-certificate"]
	ref.key_presence == "absent"
	_own(ref)
}

_own(ref) if ref.kind == "ConfigMap"

_own(ref) if {
	ref.kind == "Secret"
	input.object.spec.workloadSelector
}

_beside(ref, field) := array.concat(array.slice(ref.path, 0, count(ref.path) - 1), [field])

_effect := sprintf("every request to %v fails with 503", [input.object.spec.host])
