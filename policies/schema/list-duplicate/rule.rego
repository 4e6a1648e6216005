# METADATA
# title: Element stands twice in a list of a custom resource
# description: |
#   The elements of this list are told apart by some of their keys, or the list is a set, and two are alike. The API server
#   **refuses the object**.
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
package policies.schema["list-duplicate"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"effect": "the API server refuses the object",
	"remedy": "give the elements different keys, or remove one",
} if {
	some defect in input.source["list-duplicate"]
}
