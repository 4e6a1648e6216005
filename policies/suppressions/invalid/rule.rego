# METADATA
# title: Suppression cannot be understood
# description: |
#   A comment or annotation is not written as it must be, or names a rule that does not exist. It suppresses nothing.
# custom:
#   severity: warning
#   kinds: [Suppression.tlsward.dev]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.suppressions.invalid

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "write tlsward:ignore provider/rule, provider/rule until 2027-03-31 -- reason; the annotation without the first word, and until is optional",
} if {
	some defect in input.source["suppression-invalid"]
}
