# METADATA
# title: Value of a custom resource is not allowed
# description: |
#   The CRD does not allow this value: it is too long or too large, none of those listed, or does not match a pattern. The API
#   server **refuses the object**.
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
package policies.schema["invalid-value"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"effect": "the API server refuses the object",
	"remedy": "write a value that the CRD allows",
} if {
	some defect in input.source["invalid-value"]
}
