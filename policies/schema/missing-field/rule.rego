# METADATA
# title: Required field of a custom resource is missing
# description: |
#   The CRD requires a field that the object does not have, or that is null, so that the API server **refuses the object**: nothing
#   of it is in force, or what stood there before stays.
# related_resources:
#   - description: Validation of custom resources
#     ref: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
# custom:
#   severity: error
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.schema["missing-field"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"effect": "the API server refuses the object",
	"remedy": "add the field",
} if {
	some defect in input.source["missing-field"]
}
