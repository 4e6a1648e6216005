# METADATA
# title: Annotation suppresses nothing here
# description: |
#   The annotation `tlsward.dev/ignore` counts only where the operator lets it, by `annotationExemptions: true` in the config. Else
#   whoever may write an object could switch off what is to protect others from it.
# custom:
#   severity: warning
#   kinds: [Suppression.tlsward.dev]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.suppressions["annotation-not-allowed"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "remove it, have the config list the exemption, or set annotationExemptions: true there",
} if {
	some defect in input.source["suppression-not-allowed"]
}
