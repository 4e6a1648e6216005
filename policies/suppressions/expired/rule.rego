# METADATA
# title: Suppression has ended
# description: |
#   A comment or annotation is past its last day. It suppresses nothing any more.
# custom:
#   severity: warning
#   kinds: [Suppression.tlsward.dev]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.suppressions.expired

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "mend what it suppressed and remove it, or extend it with a fresh reason",
} if {
	some defect in input.source["suppression-expired"]
}
