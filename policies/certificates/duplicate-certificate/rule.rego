# METADATA
# title: CA stands in the bundle twice
# description: |
#   The same certificate stands in a CA bundle more than once. It is **harmless to every reader**, and a sign that the bundle is
#   put together by hand or by a script that does not look: what grows that way keeps expired and mistrusted CAs as well.
# related_resources:
#   - description: trust-manager, which makes bundles without duplicates
#     ref: https://cert-manager.io/docs/trust/trust-manager/
# custom:
#   severity: info
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["duplicate-certificate"]

findings contains {
	"path": ref.path,
	"message": sprintf("%d of the certificates in %s of %s stand there twice (line %d)", [count(lines), ref.key, ref.label, lines[0]]),
	"remedy": "remove those that stand there already",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	lines := [defect.line |
		some defect in ref.content.defects
		defect.kind == "duplicate"
	]
	count(lines) > 0
}
