# METADATA
# title: Certificate is not valid yet
# description: |
#   A certificate that is shown to others, its issuer in the chain, or every CA that something verifies by begins to be valid
#   only later. Until then **every connection is refused** that is checked. It comes from a renewal that was rolled out before
#   its time, or from a clock that was wrong where it was issued.
#
#   A CA that waits in a bundle beside one that is valid is the way to replace a CA, and nothing is said of it. Nor of a few
#   minutes: clocks differ, and issuers begin at the second of issuing.
# related_resources:
#   - description: RFC 5280, section 4.1.2.5, validity
#     ref: https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["not-yet-valid"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("certificate %s of %s is not valid before %s", [x509.name(first), ref.label, _minute(first)]),
	"effect": x509.refused(ref),
	"remedy": "put the certificate in place that it replaces until then",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	early := [certificate |
		some position, hash in ref.content.certificates
		certificate := input.certificates[hash]
		certificate.not_before > input.now
		certificate.not_before > x509.soon
		_relied_on(position, certificate, ref)
	]
	count(early) > 0
	first := early[0]
}

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("CA %s of %s is not valid before %s, and no other one of it is valid now", [x509.name(first), ref.label, _minute(first)]),
	"effect": "every certificate that is checked against it is refused",
	"remedy": "keep the CA that it replaces beside it until then",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	early := [certificate |
		some hash in ref.content.certificates
		certificate := input.certificates[hash]
		certificate.not_before > input.now
		certificate.not_before > x509.soon
	]
	count(early) > 0
	first := early[0]
	valid := [certificate |
		some certificate in x509.chain(ref.content.certificates)
		certificate.not_before <= x509.soon
		certificate.not_after >= input.now
	]
	count(valid) == 0
}

# Clients may have their own way from further up in the chain.
_relied_on(0, _, _) := true

_relied_on(position, certificate, ref) if {
	position > 0
	certificate.subject == input.certificates[ref.content.certificates[0]].issuer
	not certificate.self_signed
	not x509.renewed(certificate, ref.content.certificates)
}

_minute(certificate) := sprintf("%s %s UTC", [x509.day(certificate.not_before), substring(certificate.not_before, 11, 5)])
