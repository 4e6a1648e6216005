# METADATA
# title: Certificate is renewed at the last moment
# description: |
#   A certificate for a month or more is renewed less than a day before its end. Where the renewal fails (an issuer that is away, a rate
#   limit, a DNS challenge that no longer works) **less than a day is left to mend it**. Without `renewBefore` a third of the lifetime is
#   left.
# related_resources:
#   - description: cert-manager, renewal
#     ref: https://cert-manager.io/docs/usage/certificate/#issuance-triggers
# custom:
#   severity: warning
#   kinds:
#     - Certificate.cert-manager.io
#   triggers:
#     - spec.renewBefore
#     - spec.renewBeforePercentage
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["renewal-late"]

import data.lib.certmanager

findings contains {
	"path": ["spec", field],
	"message": sprintf("a certificate for %s is renewed %d hours before its end", [object.get(input.object.spec, "duration", "2160h"), floor(left / _hour)]),
	"effect": sprintf("what uses Secret %s fails within a day of a renewal that does not succeed", [input.object.spec.secretName]),
	"remedy": "leave a third of the lifetime, as is the default",
} if {
	not certmanager.usual_times(input.object.spec)
	some field in ["renewBefore", "renewBeforePercentage"]
	input.object.spec[field]
	count(certmanager.refused_times(input.object.spec)) == 0
	duration := time.parse_duration_ns(object.get(input.object.spec, "duration", "2160h"))
	duration >= (30 * 24) * _hour
	left := _left(field, input.object.spec[field], duration)
	left < 24 * _hour
}

_left("renewBefore", text, _) := time.parse_duration_ns(text)

_left("renewBeforePercentage", percentage, duration) := (duration * (100 - percentage)) / 100

_hour := ((60 * 60) * 1000) * 1000000
