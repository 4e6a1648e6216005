# METADATA
# title: Value is of the wrong type
# description: |
#   A field holds a value of another type than its kind has there, so that the API server **refuses the object**. The usual
#   cause is YAML: an unquoted `on`, `yes` or `1` is no string, and every annotation value must be one.
# custom:
#   severity: error
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.manifests["wrong-type"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "write a value of that type; quote what is to be a string",
} if {
	some defect in input.source["wrong-type"]
}
