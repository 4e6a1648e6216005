# METADATA
# title: Suppression suppresses nothing
# description: |
#   A comment or annotation names a rule that finds nothing where it stands. What it suppressed is mended, or it stands at the
#   wrong line: either way it would silently suppress the next thing that comes there.
# custom:
#   severity: warning
#   kinds: [Suppression.tlsward.dev]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.suppressions.unused

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "remove it, or what it names in vain",
} if {
	some defect in input.source["suppression-unused"]
}
