# METADATA
# title: Field does not exist
# description: |
#   A field is none of its kind's. The API server refuses the object where it is asked to be strict, as kubectl asks it,
#   and else **drops the field without a word**, as for most GitOps controllers.
# custom:
#   severity: warning
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.manifests["unknown-field"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "correct the name, or remove the field",
} if {
	some defect in input.source["unknown-field"]
}
