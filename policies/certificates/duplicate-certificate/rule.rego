# METADATA
# title: CA bundle holds a certificate twice
# description: |
#   A CA bundle holds the same certificate more than once. The copies are **harmless**: whoever reads the bundle trusts the same
#   CAs with and without them. They show that certificates are only ever added to it, by hand or by a script, so that expired
#   CAs, and those that should no longer be trusted, are likely to stay in it too.
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
	"key": ref.key,
	"message": sprintf("%s of %s holds %s further up in it (line %d)", [ref.key, ref.label, _copies(count(lines)), lines[0]]),
	"remedy": "remove the copies",
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

_copies(1) := "a copy of a certificate that stands"

_copies(n) := sprintf("%d copies of certificates that stand", [n]) if n > 1
