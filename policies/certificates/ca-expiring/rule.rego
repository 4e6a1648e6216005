# METADATA
# title: CA is about to expire
# description: |
#   A CA that something verifies by ends soon, and no other CA of the bundle is valid for longer. Once it has ended, **every
#   certificate that is checked against the bundle is refused**, however long the certificate itself is valid. To replace a CA
#   takes longer than to replace a certificate: the new one has to be everywhere before the first certificate of it is used.
#
#   Fewer days are left than the parameter `days` says, or a quarter of the lifetime if that is less. Nothing is said while the
#   bundle holds a CA that lasts, since that is what the middle of a replacement looks like. The clock alone denies nothing, so
#   this is never more than a warning.
# related_resources:
#   - description: trust-manager, why a new CA is distributed before the old one ends
#     ref: https://cert-manager.io/docs/trust/trust-manager/#cert-manager-integration-intentionally-copying-ca-certificates
# custom:
#   severity: warning
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
#   parameters:
#     days:
#       description: Days before the end from which on it is said.
#       default: 30
package policies.certificates["ca-expiring"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("CA %s of %s expires on %s, and no other one of it is valid for longer", [x509.name(last), ref.label, x509.day(last.not_after)]),
	"effect": "from then on every certificate that is checked against it is refused",
	"remedy": "add the CA that follows it now, and replace the certificates of the old one",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	input.certificates[ref.content.certificates[0]].days_left < _days
	valid := [certificate |
		some certificate in x509.chain(ref.content.certificates)
		certificate.not_after >= input.now
	]
	every certificate in valid {
		_due(certificate, ref) < x509.now
	}
	some last in valid
	last.not_after == max([certificate.not_after | some certificate in valid])
}

# Whoever keeps a Secret with its own CA renews that as it renews the rest, and is late no earlier.
_due(certificate, ref) := max([x509.due(certificate, object.remove(ref, ["producer"]), _days), x509.due(certificate, object.union(ref, {"key": "tls.crt"}), _days)])

_days := input.params["certificates/ca-expiring"].days
