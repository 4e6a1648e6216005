# METADATA
# title: Rule of a CRD does not hold
# description: |
#   The CRD states a rule (CEL) that the object breaks, so that the API server **refuses it**. The message is the rule's own: it
#   says how fields depend on each other, as in Gateway API, where protocol HTTPS cannot be passed through.
# related_resources:
#   - description: Validation rules of custom resources
#     ref: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
# custom:
#   severity: error
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.schema["rule-violated"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"effect": "the API server refuses the object",
	"remedy": "change what the rule is about",
} if {
	some defect in input.source["rule-violated"]
}
