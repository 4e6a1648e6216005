# METADATA
# title: Object stands twice
# description: |
#   The same object is in the tree twice, in one root. The one applied last wins, and the order is not stated anywhere.
#   Overlays and environments belong into roots of their own: kustomizations and charts are such by themselves, others are
#   declared under `roots:`.
# custom:
#   severity: warning
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.manifests["duplicate-object"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "remove one, or declare the folders as separate roots",
} if {
	some defect in input.source["duplicate-object"]
}
