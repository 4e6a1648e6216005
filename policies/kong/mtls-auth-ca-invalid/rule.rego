# METADATA
# title: Plugin for client certificates names no CA that Kong takes
# description: |
#   `config.ca_certificates` of the plugins `mtls-auth` and `header-cert-auth` (Kong Enterprise) lists the **ids** of CAs, which
#   are UUIDs: the entry `id` of a Secret or ConfigMap with the label `konghq.com/ca-cert: "true"`. The name of a Secret is
#   none. The data plane refuses such a plugin, and one without CAs, and with it **the whole configuration**; until then clients
#   are asked for no certificate.
#
#   Whether a CA with that id is loaded is not looked at, nor what `configFrom` and `configPatches` add.
# related_resources:
#   - description: Kong, plugin mtls-auth
#     ref: https://developer.konghq.com/plugins/mtls-auth/
#   - description: Kong's controller, internal/dataplane/translator/translate_cacerts.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/translate_cacerts.go
# custom:
#   severity: error
#   kinds: [KongPlugin.configuration.konghq.com, KongClusterPlugin.configuration.konghq.com]
#   triggers: [plugin]
#   since: v0.1.0
package policies.kong["mtls-auth-ca-invalid"]

import data.lib.kong
import data.lib.text

findings contains {
	"path": ["config", "ca_certificates", index],
	"message": sprintf("%q is no id of a CA: it is no UUID", [value]),
	"effect": kong.frozen,
	"remedy": "write the id of the CA, as its Secret or ConfigMap has it",
} if {
	input.object.plugin in _plugins
	some index, value in input.object.config.ca_certificates
	not regex.match(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`, value)
	not text.unfilled(value)
}

findings contains {
	"path": ["config", "ca_certificates"],
	"message": sprintf("the plugin %s names no CA", [input.object.plugin]),
	"effect": kong.frozen,
	"remedy": "list the ids of the CAs that clients are verified by",
} if {
	input.object.plugin in _plugins
	not input.object.configFrom
	not input.object.configPatches
	count(object.get(input.object, ["config", "ca_certificates"], [])) == 0
}

_plugins := {"mtls-auth", "header-cert-auth"}
