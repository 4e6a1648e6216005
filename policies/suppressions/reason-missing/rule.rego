# METADATA
# title: Suppression gives no reason
# description: |
#   Whoever reads a suppression must learn why the finding is acceptable, and when it will no longer be. Without a reason it
#   suppresses nothing.
# custom:
#   severity: warning
#   kinds: [Suppression.tlsward.dev]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.suppressions["reason-missing"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "write the reason behind two dashes: provider/rule -- reason",
} if {
	some defect in input.source["suppression-reason-missing"]
}
