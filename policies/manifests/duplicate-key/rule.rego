# METADATA
# title: Key stands twice
# description: |
#   A mapping of the manifest names a key twice. The last one counts and the other is dropped without a word, by kubectl
#   and by every GitOps controller: a setting that a reviewer saw may not be the one in force.
# custom:
#   severity: warning
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.manifests["duplicate-key"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "remove one of the two",
} if {
	some defect in input.source["duplicate-key"]
}
