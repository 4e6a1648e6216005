# METADATA
# title: Certificate lives too long
# description: |
#   A certificate is valid for longer than it should be: whoever steals its key can use it for as long, since revocation is
#   seldom checked, and what is replaced once in ten years is replaced by nobody who knows how. Public CAs may issue server
#   certificates for 200 days at most from March 2026 on, and for 47 days from 2029 on; browsers refuse public certificates of
#   more than 398 days.
#
#   The limits are parameters. The rule is off but in the profile `strict`.
# related_resources:
#   - description: CA/Browser Forum, ballot SC-081v3
#     ref: https://cabforum.org/2025/04/11/ballot-sc081v3-introduce-schedule-of-reducing-validity-and-data-reuse-periods/
# custom:
#   severity: info
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   profiles: {default: "off", strict: note}
#   since: v0.1.0
#   parameters:
#     server-days:
#       description: Days that a server certificate may live.
#       default: 398
#     client-days:
#       description: Days that a client certificate may live.
#       default: 1096
#     ca-days:
#       description: Days that a CA may live.
#       default: 3653
package policies.certificates["lifetime-too-long"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("certificate %s of %s is valid from %s to %s, for more than %d days", [
		x509.name(certificate),
		ref.label,
		x509.day(certificate.not_before),
		x509.day(certificate.not_after),
		days,
	]),
	"remedy": "issue it for a shorter time, and have it renewed without hands",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	certificate := input.certificates[ref.content.certificates[0]]
	days := _params[_limit[object.get(ref, "usage", "serverAuth")]]
	certificate.lifetime_days > days
}

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("CA %s of %s is valid from %s to %s, for more than %d days", [
		x509.name(certificate),
		ref.label,
		x509.day(certificate.not_before),
		x509.day(certificate.not_after),
		_params["ca-days"],
	]),
	"remedy": "plan for a CA that follows it earlier",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	ref.in_force
	some hash in ref.content.certificates
	certificate := input.certificates[hash]
	certificate.lifetime_days > _params["ca-days"]
}

_params := input.params["certificates/lifetime-too-long"]

_limit := {"serverAuth": "server-days", "clientAuth": "client-days"}
