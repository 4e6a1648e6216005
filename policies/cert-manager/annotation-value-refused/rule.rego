# METADATA
# title: cert-manager refuses the value of an annotation
# description: |
#   An annotation that says how the certificate is to be made has a value that cert-manager cannot use, or that its webhook refuses in
#   the Certificate: a duration in days (`90d`), a `renew-before` that is not less than the lifetime, a usage or an algorithm that does not
#   exist. **No certificate is made for the object, and those made before are not changed any more**; an event or the log of cert-manager
#   says why.
#
#   It is an error where nothing else makes a Secret that the object refers to.
# related_resources:
#   - description: cert-manager, annotated Ingress
#     ref: https://cert-manager.io/docs/usage/ingress/
#   - description: cert-manager, pkg/controller/certificate-shim/helper.go
#     ref: https://github.com/cert-manager/cert-manager/blob/master/pkg/controller/certificate-shim/helper.go
# custom:
#   severity: error
#   kinds:
#     - Ingress.networking.k8s.io
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - 'metadata.annotations["cert-manager.io/issuer"]'
#     - 'metadata.annotations["cert-manager.io/cluster-issuer"]'
#   since: v0.1.0
package policies["cert-manager"]["annotation-value-refused"]

import data.lib.certmanager

findings contains {
	"path": ["metadata", "annotations", name],
	"message": sprintf("%s: %s", [name, defect]),
	"effect": sprintf("cert-manager makes no certificate for this %s, and changes none", [input.id.kind]),
	"remedy": "write a value that cert-manager takes, or remove the annotation",
	"severity": certmanager.severity,
} if {
	certmanager.asking
	_told
	some [name, defect] in (_times | _values)
}

# Few say more than who issues.
_told if {
	some name in [
		"cert-manager.io/duration",
		"cert-manager.io/renew-before",
		"cert-manager.io/renew-before-percentage",
		"cert-manager.io/revision-history-limit",
		"cert-manager.io/usages",
		"cert-manager.io/private-key-algorithm",
		"cert-manager.io/private-key-encoding",
		"cert-manager.io/private-key-rotation-policy",
		"cert-manager.io/private-key-size",
	]
	input.object.metadata.annotations[name]
}

_fields := {
	"duration": "cert-manager.io/duration",
	"renewBefore": "cert-manager.io/renew-before",
	"renewBeforePercentage": "cert-manager.io/renew-before-percentage",
}

_times := {[_fields[field], defect] | some [field, defect] in certmanager.refused_times(_spec)}

_spec := {field: value |
	some field, name in _fields
	value := _read(field, input.object.metadata.annotations[name])
}

_read("renewBeforePercentage", text) := to_number(text) if regex.match(`^[0-9]{1,9}$`, text)

_read(field, text) := text if field != "renewBeforePercentage"

_values := {[name, sprintf("%q is not %s", [value, want])] |
	some name, want in _wants
	value := input.object.metadata.annotations[name]
	not _taken(name, value)
}

_wants := {
	"cert-manager.io/renew-before-percentage": "a whole number",
	"cert-manager.io/revision-history-limit": "a whole number of at least 1",
	"cert-manager.io/usages": "a list of usages, with commas between them",
	"cert-manager.io/private-key-algorithm": "RSA, ECDSA or Ed25519",
	"cert-manager.io/private-key-encoding": "PKCS1 or PKCS8",
	"cert-manager.io/private-key-rotation-policy": "Always or Never",
	"cert-manager.io/private-key-size": "2048 to 8192 for RSA, or 256, 384 or 521 for ECDSA",
}

_taken("cert-manager.io/renew-before-percentage", value) if regex.match(`^[+-]?[0-9]{1,9}$`, value)

_taken("cert-manager.io/revision-history-limit", value) if regex.match(`^\+?0*[1-9][0-9]{0,8}$`, value)

_taken("cert-manager.io/usages", value) if {
	every usage in split(value, ",") {
		_usage(trim(usage, " "))
	}
}

_taken("cert-manager.io/private-key-algorithm", value) if value in {"RSA", "ECDSA", "Ed25519"}

_taken("cert-manager.io/private-key-encoding", value) if value in {"PKCS1", "PKCS8"}

_taken("cert-manager.io/private-key-rotation-policy", value) if value in {"Always", "Never"}

_taken("cert-manager.io/private-key-size", value) if {
	regex.match(`^[0-9]{1,9}$`, value)
	_size(object.get(input.object.metadata.annotations, "cert-manager.io/private-key-algorithm", "RSA"), to_number(value))
}

_usage(usage) if usage in certmanager.usages

_usage(usage) if certmanager.extended_usages[usage]

_size("RSA", size) if {
	size >= 2048
	size <= 8192
}

_size("ECDSA", size) if size in {256, 384, 521}

_size(algorithm, _) if not algorithm in {"RSA", "ECDSA"}
