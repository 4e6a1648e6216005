# METADATA
# title: Certificate is about to expire
# description: |
#   A certificate that is shown to others, or one of the chain sent along with it, ends soon, and nothing has replaced it in
#   time. Once it has ended, every client that verifies it refuses the connection.
#
#   Where cert-manager keeps renewing it (a Certificate, or an annotated Ingress, Gateway or ListenerSet in sight), that means
#   that the **renewal is overdue**: a tenth of the lifetime has passed since it should have happened (`renewBefore`,
#   `renewBeforePercentage`, or a third of the lifetime before the end), or half of what was left. Else it means that fewer days
#   are left than the parameter `days` says, or a quarter of the lifetime if that is less. The clock alone denies nothing, so
#   this is never more than a warning.
# related_resources:
#   - description: cert-manager, when a Certificate is renewed
#     ref: https://cert-manager.io/docs/usage/certificate/#reissuance-triggered-by-expiry-renewal
# custom:
#   severity: warning
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
#   parameters:
#     days:
#       description: Days before the end from which on it is said, where nothing renews the certificate by itself.
#       default: 30
package policies.certificates["certificate-expiring"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("certificate %s of %s expires on %s%s", [
		x509.name(first),
		ref.label,
		x509.day(first.not_after),
		x509.more("do", count(expiring)),
	]),
	"effect": sprintf("from then on %s", [x509.refused(ref)]),
	"remedy": _remedy(ref),
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	hashes := ref.content.certificates
	expiring := [certificate |
		some position, hash in hashes
		certificate := input.certificates[hash]
		certificate.not_after >= input.now
		_due(position, certificate, ref)
		not _longer(certificate, hashes)
	]
	count(expiring) > 0
	first := expiring[0]
}

_due(0, certificate, ref) if {
	ref.producer
	x509.due(certificate, ref, _days) < x509.now
}

_due(0, certificate, ref) if {
	not ref.producer
	certificate.days_left < _days
	x509.due(certificate, ref, _days) < x509.now
}

# What stands above it is for its issuer to renew.
_due(position, certificate, ref) if {
	position > 0
	certificate.days_left < _days
	not certificate.self_signed
	x509.due(certificate, object.remove(ref, ["producer"]), _days) < x509.now
}

_days := input.params["certificates/certificate-expiring"].days

# Another edition with the same key stands in the chain too.
_longer(certificate, hashes) if {
	some hash in hashes
	other := input.certificates[hash]
	other.subject == certificate.subject
	other.spki == certificate.spki
	other.not_after > certificate.not_after
}

_remedy(ref) := sprintf("find out why %s has not renewed it", [ref.producer.label])

_remedy(ref) := "replace it" if not ref.producer
