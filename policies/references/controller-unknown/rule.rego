# METADATA
# title: Acting controller could not be told
# description: |
#   Most TLS settings mean different things to different controllers. For this object none could be told, so that rules
#   about particular controllers **did not judge it**. Map its class under `controllers.classes`, or name the only
#   controllers there are under `controllers.only`.
# custom:
#   severity: info
#   kinds: ["*"]
#   triggers: [references]
#   since: v0.1.0
#   unknown: true
package policies.references["controller-unknown"]

findings contains {
	"path": ["metadata", "name"],
	"message": sprintf("no controller can be told for %s: %s", [input.id.label, input.controller_unknown]),
	"remedy": "map its class in the config (controllers.classes), or name the only controllers (controllers.only)",
} if {
	input.controller_unknown
	some role
	some ref in input.refs[role]
	ref.use in {"trust", "certificate"}
}
