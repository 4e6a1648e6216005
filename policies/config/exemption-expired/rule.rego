# METADATA
# title: Exemption has ended
# description: |
#   An exemption of the config is past its `until:`. It excuses nothing any more.
# custom:
#   severity: warning
#   kinds: [Config.tlsward.dev]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.config["exemption-expired"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "mend what it excused and remove it, or extend it with a fresh reason",
} if {
	some defect in input.source["exemption-expired"]
}
