# METADATA
# title: Trust mode of an edge proxy is left to the default
# description: The default is `require` today, and announced to become `optional`.
# custom:
#   severity: info
#   kinds: [EdgeProxy.acme.example]
#   since: v1.0.0
#   default: true
#   parameters:
#     mode:
#       description: The mode that is written.
#       default: require
package policies.acme["trust-mode-unset"]

findings contains {
	"path": ["spec", "clientTrust", "mode"],
	"message": "the trust mode is not set",
	"fix": {
		"title": "write the default down",
		"safe": true,
		"edits": [{
			"op": "set",
			"path": ["spec", "clientTrust", "mode"],
			"value": input.params["acme/trust-mode-unset"].mode,
		}],
	},
} if {
	input.object.spec.clientTrust
	not input.object.spec.clientTrust.mode
}
