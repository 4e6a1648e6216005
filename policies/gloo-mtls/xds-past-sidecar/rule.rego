# METADATA
# title: Gloo's control plane is reached past its mTLS
# description: |
#   The Envoy beside gloo ends TLS on ports 9977 and 9976 and hands the connections to gloo on `127.0.0.1:9999` and `127.0.0.1:9998`, which
#   nobody else can reach. The Settings have gloo listen on the pod's address instead, or say nothing, which means the same. On another
#   port **everybody in the cluster gets the proxies' configuration, with the private keys of their certificates, without TLS**;
#   on the Envoy's own port one of the two cannot start.
#
#   With `global.glooMtls.enabled: true` the chart writes these addresses itself; Settings of one's own (`settings.create: false`) have to.
# related_resources:
#   - description: Gloo, mTLS mode
#     ref: https://docs.solo.io/gateway/1.18.x/security/mtls/
#   - description: Gloo, where it listens by default
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/syncer/setup/setup_syncer.go
# custom:
#   severity: error
#   kinds: [Settings.gloo.solo.io]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["xds-past-sidecar"]

import data.lib.gloomtls
import data.lib.text

findings contains {
	"path": ["spec", "gloo", field],
	"message": sprintf("%s is %s, although %s has an Envoy that ends TLS for 127.0.0.1:%s", [field, _written(address), plane.label, listener.behind]),
	"effect": _effect(address, listener.port),
	"remedy": sprintf("set %s to 127.0.0.1:%s", [field, listener.behind]),
	"related": [object.union(
		object.filter(plane, ["group", "kind", "namespace", "name"]),
		{"path": ["metadata", "name"], "message": "has the container envoy-sidecar"},
	)],
	"fix": {
		"title": "listen for the Envoy in the pod alone",
		"safe": true,
		"edits": [{"op": "set", "path": ["spec", "gloo", field], "value": sprintf("127.0.0.1:%s", [listener.behind])}],
	},
} if {
	some plane in gloomtls.planes
	gloomtls.container(plane.object, "envoy-sidecar")
	some field, listener in _listeners
	address := object.get(input.object, ["spec", "gloo", field], "")
	not gloomtls.loopback(address)
	not text.unfilled(address)
}

_listeners := {
	"xdsBindAddr": {"port": "9977", "behind": "9999"},
	"restXdsBindAddr": {"port": "9976", "behind": "9998"},
}

_written("") := "not set"

_written(address) := address if address != ""

_effect(address, port) := sprintf("gloo and its Envoy both want port %s: one of them fails, and proxies get no configuration", [port]) if _same(address, port)

_effect(address, port) := "everybody who reaches the pod gets the proxies' configuration and private keys, without TLS" if not _same(address, port)

_same("", _)

_same(address, port) if endswith(address, sprintf(":%s", [port]))
