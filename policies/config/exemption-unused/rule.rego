# METADATA
# title: Exemption matches nothing
# description: |
#   An exemption of the config excused no finding in this run. What it excused is mended, or its globs miss: either way it
#   would silently excuse the next thing that matches.
# custom:
#   severity: warning
#   kinds: [Config.tlsward.dev]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.config["exemption-unused"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "remove it",
} if {
	some defect in input.source["exemption-unused"]
}
