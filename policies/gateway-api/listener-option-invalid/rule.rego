# METADATA
# title: Value of a TLS option that the controller cannot read
# description: |
#   `tls.options` of a listener has a key that the controller knows, and a value that it makes nothing of.
#
#   - **Gloo Gateway** drops it, and tells only in its log: a TLS version or a client check that was asked for does not hold. It spells versions
#   `TLSv1_2`, and `one-way-tls` is `true` or `false`. Where the lowest version is above the highest, both are dropped. It does not cut blanks off the
#   elements of a list, so that Envoy refuses a cipher suite, and with it the listener. Names under `verify-subject-alt-name` need a `ca.crt` in the Secret of the certificate.
#   - **kgateway** does not serve the listener. It spells versions `1.2`, and a `verify-certificate-hash` is SHA-256 in hex. Names under `verify-subject-alt-names` need a
#   CA under `spec.tls.frontend`.
# related_resources:
#   - description: Gloo, projects/gateway2/translator/sslutils/ssl_utils.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gateway2/translator/sslutils/ssl_utils.go
#   - description: kgateway, pkg/kgateway/translator/sslutils/ssl_utils.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/translator/sslutils/ssl_utils.go
# custom:
#   severity: error
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [gloo-gateway, kgateway]
#   triggers:
#     - spec.listeners[*].tls.options
#   since: v0.1.0
package policies["gateway-api"]["listener-option-invalid"]

import data.lib.gateway
import data.lib.text

findings contains object.union(
	{
		"path": path,
		"message": sprintf("%s does not know the TLS version %q", [_titles[name], value]),
		"effect": _effect(name, listener),
		"remedy": sprintf("write %s", [_spelling(name, value)]),
	},
	_fix(name, path, value),
) if {
	some name, keys in _versions
	input.controllers[name]
	some index, listener in input.object.spec.listeners
	some key in keys
	value := listener.tls.options[key]
	not _orders[name][value]
	path := ["spec", "listeners", index, "tls", "options", key]
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", keys[0]],
	"message": sprintf("%s is above %s of %s", [low, high, keys[1]]),
	"effect": _reversed(name, listener),
	"remedy": "exchange the two",
} if {
	some name, keys in _versions
	input.controllers[name]
	some index, listener in input.object.spec.listeners
	low := listener.tls.options[keys[0]]
	high := listener.tls.options[keys[1]]
	_orders[name][high] > 0
	_orders[name][low] > _orders[name][high]
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", key],
	"message": sprintf("Gloo Gateway takes true or false, not %q", [value]),
	"effect": sprintf("%s are asked for a certificate if the Secret has a ca.crt, whatever was meant", [gateway.audience(listener)]),
	"remedy": "write \"true\" or \"false\"",
} if {
	input.controllers["gloo-gateway"]
	some index, listener in input.object.spec.listeners
	key := "gateway.gloo.solo.io/ssl/one-way-tls"
	value := listener.tls.options[key]
	not lower(value) in {"true", "false"}
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", key],
	"message": sprintf("Gloo Gateway does not cut off the blanks of %q", [value]),
	"effect": _blanks[key],
	"remedy": "write the list without blanks",
	"fix": {
		"title": "remove the blanks",
		"safe": true,
		"edits": [{"op": "set", "path": ["spec", "listeners", index, "tls", "options", key], "value": regex.replace(value, `\s+`, "")}],
	},
} if {
	input.controllers["gloo-gateway"]
	some index, listener in input.object.spec.listeners
	some key, _ in _blanks
	value := listener.tls.options[key]
	regex.match(`\s`, value)
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", key],
	"message": "one-way-tls is true, and drops the names that clients were to have",
	"effect": sprintf("%s are served without a certificate", [gateway.audience(listener)]),
	"remedy": "remove one of the two options",
} if {
	input.controllers["gloo-gateway"]
	some index, listener in input.object.spec.listeners
	key := "gateway.gloo.solo.io/ssl/verify-subject-alt-name"
	listener.tls.options[key]
	lower(listener.tls.options["gateway.gloo.solo.io/ssl/one-way-tls"]) == "true"
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", key],
	"message": sprintf("%s has no ca.crt by which names could be verified", [ref.label]),
	"effect": sprintf("%s get no connection from Gloo Gateway", [gateway.audience(listener)]),
	"remedy": "put the CA of the clients into the Secret, under ca.crt",
} if {
	input.controllers["gloo-gateway"]
	some ref in input.refs["listener-certificate"]
	ref.path[5] == 0
	ref.presence == "present"
	not ref.keys_open
	not "ca.crt" in ref.keys
	index := ref.path[2]
	listener := input.object.spec.listeners[index]
	key := "gateway.gloo.solo.io/ssl/verify-subject-alt-name"
	listener.tls.options[key]
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", key],
	"message": "it is no SHA-256 in hex, or not only",
	"effect": sprintf("%s get no connection from kgateway", [gateway.audience(listener)]),
	"remedy": "write what `openssl x509 -fingerprint -sha256` prints, several with commas between them",
} if {
	input.controllers.kgateway
	some index, listener in input.object.spec.listeners
	key := "kgateway.dev/verify-certificate-hash"
	value := listener.tls.options[key]
	not text.unfilled(value)
	not regex.match(`^[\s,-]*([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31})([\s]*[,-][\s,-]*([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}))*[\s,-]*$`, value)
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", key],
	"message": "spec.tls.frontend of the Gateway names no CA by which names could be verified",
	"effect": sprintf("%s get no connection from kgateway", [gateway.audience(listener)]),
	"remedy": "name the CA of the clients under spec.tls.frontend",
} if {
	input.controllers.kgateway
	input.id.kind == "Gateway"
	some index, listener in input.object.spec.listeners
	key := "kgateway.dev/verify-subject-alt-names"
	listener.tls.options[key]
	not gateway.asked(object.get(input.object.spec, ["tls", "frontend"], {}), listener)
}

_titles := {"gloo-gateway": "Gloo Gateway", "kgateway": "kgateway"}

# The options of the lowest and of the highest version.
_versions := {
	"gloo-gateway": ["gateway.gloo.solo.io/ssl/minimum-tls-version", "gateway.gloo.solo.io/ssl/maximum-tls-version"],
	"kgateway": ["kgateway.dev/min-tls-version", "kgateway.dev/max-tls-version"],
}

_orders := {
	"gloo-gateway": {"TLS_AUTO": 0, "TLSv1_0": 1, "TLSv1_1": 2, "TLSv1_2": 3, "TLSv1_3": 4},
	"kgateway": {"1.0": 1, "1.1": 2, "1.2": 3, "1.3": 4},
}

_effect("gloo-gateway", listener) := sprintf("%s are served by Envoy's default versions, and only a log tells", [gateway.audience(listener)])

_effect("kgateway", listener) := sprintf("%s get no connection from kgateway", [gateway.audience(listener)])

_reversed(name, listener) := _effect(name, listener)

_blanks := {
	"gateway.gloo.solo.io/ssl/cipher-suites": "Envoy refuses the listener, and no change to it takes effect any more",
	"gateway.gloo.solo.io/ssl/ecdh-curves": "Envoy refuses the listener, and no change to it takes effect any more",
	"gateway.gloo.solo.io/ssl/verify-subject-alt-name": "clients with the names after a blank are refused",
}

# What was perhaps meant, in the controller's own words.
_meant(value) := minor if {
	minor := regex.find_all_string_submatch_n(`^(?i)(?:TLS)?v?1[._]([0-3])$`, trim_space(value), 1)[0][1]
}

_spelling("gloo-gateway", value) := sprintf("TLSv1_%s", [_meant(value)])

_spelling("kgateway", value) := sprintf("\"1.%s\"", [_meant(value)])

_spelling(name, value) := _examples[name] if not _meant(value)

_examples := {"gloo-gateway": "TLSv1_2 or TLSv1_3", "kgateway": "\"1.2\" or \"1.3\""}

_fix(name, path, value) := {"fix": {
	"title": "spell the version as the controller does",
	"safe": false,
	"edits": [{"op": "set", "path": path, "value": trim(_spelling(name, value), "\"")}],
}} if {
	_meant(value)
}

_fix(_, _, value) := {} if not _meant(value)
