# METADATA
# title: TLS option of Istio does nothing
# description: |
#   Istio reads `gateway.istio.io/tls-terminate-mode` and `gateway.istio.io/tls-cipher-suites` where it ends TLS itself. What is asked for by
#   them is **not done, in silence**:
#
#   - on a listener that passes TLS through;
#   - for cipher suites beside a mode `ISTIO_SIMPLE` or `ISTIO_MUTUAL`, which are the mesh's own;
#   - for cipher suites that Istio does not know. It leaves these out, and where none is left those of Envoy hold. It knows the names
#     that BoringSSL has, such as ECDHE-ECDSA-AES256-GCM-SHA384, and none of TLS 1.3, which cannot be chosen;
#   - for another value of `gateway.istio.io/listener-protocol` than `auto-passthrough`, or on a listener that ends TLS: clients in other
#     clusters of the mesh are not led to its services. A listener on port 15443 of a Gateway with the label `topology.istio.io/network` is for them
#     without the option.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/gateway/conversion.go, buildTLS
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go
#   - description: Istio, pilot/pkg/serviceregistry/kube/conversion.go, IsAutoPassthrough
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/serviceregistry/kube/conversion.go
#   - description: Istio, pkg/config/security/security.go, ValidCipherSuites
#     ref: https://github.com/istio/istio/blob/master/pkg/config/security/security.go
# custom:
#   severity: warning
#   kinds:
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   controllers: [istio]
#   triggers:
#     - 'spec.listeners[*].tls.options["gateway.istio.io/tls-terminate-mode"]'
#     - 'spec.listeners[*].tls.options["gateway.istio.io/tls-cipher-suites"]'
#     - 'spec.listeners[*].tls.options["gateway.istio.io/listener-protocol"]'
#   since: v0.1.0
package policies["gateway-api"]["listener-option-ineffective"]

import data.lib.gateway
import data.lib.text

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", option],
	"message": "the listener passes TLS through, and Istio reads its options only where it ends TLS",
	"effect": sprintf("%s meet whatever the backend asks for", [gateway.audience(listener)]),
	"remedy": "remove the option, or set the mode to Terminate",
} if {
	some index, listener in input.object.spec.listeners
	listener.tls.mode == "Passthrough"
	some option in ["gateway.istio.io/tls-terminate-mode", "gateway.istio.io/tls-cipher-suites"]
	listener.tls.options[option]
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", "gateway.istio.io/tls-cipher-suites"],
	"message": sprintf("%s takes the cipher suites of the mesh", [mode]),
	"effect": "the option does nothing",
	"remedy": "remove it, or set the suites in the mesh's config (meshMTLS)",
} if {
	some index, listener in input.object.spec.listeners
	listener.tls.options["gateway.istio.io/tls-cipher-suites"]
	gateway.terminates(listener)
	mode := listener.tls.options["gateway.istio.io/tls-terminate-mode"]
	mode in {"ISTIO_SIMPLE", "ISTIO_MUTUAL"}
}

findings contains object.union(_verdict(listener, suites, unknown), {
	"path": ["spec", "listeners", index, "tls", "options", "gateway.istio.io/tls-cipher-suites"],
	"message": sprintf("Istio knows no cipher suite %s, and leaves it out", [text.list(unknown)]),
	"remedy": "write suites by the names of OpenSSL, with commas between them; those of TLS 1.3 cannot be chosen",
}) if {
	some index, listener in input.object.spec.listeners
	option := listener.tls.options["gateway.istio.io/tls-cipher-suites"]
	gateway.terminates(listener)
	not object.get(listener.tls.options, "gateway.istio.io/tls-terminate-mode", "") in {"ISTIO_SIMPLE", "ISTIO_MUTUAL"}
	not text.unfilled(option)
	suites := [suite | some part in split(option, ","); suite := trim_space(part); suite != ""]
	unknown := [suite | some suite in suites; not _known(suite)]
	count(unknown) > 0
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", "gateway.istio.io/listener-protocol"],
	"message": sprintf("Istio knows auto-passthrough only, not %q", [value]),
	"effect": _unled,
	"remedy": "write auto-passthrough",
} if {
	some index, listener in input.object.spec.listeners
	value := listener.tls.options["gateway.istio.io/listener-protocol"]
	value != "auto-passthrough"
	not input.object.metadata.labels["topology.istio.io/network"]
	not text.unfilled(value)
}

findings contains {
	"path": ["spec", "listeners", index, "tls", "options", "gateway.istio.io/listener-protocol"],
	"message": "the listener ends TLS, and Istio looks for services by SNI only where TLS passes through",
	"effect": _unled,
	"remedy": "set the mode to Passthrough",
} if {
	some index, listener in input.object.spec.listeners
	listener.tls.options["gateway.istio.io/listener-protocol"] == "auto-passthrough"
	gateway.terminates(listener)
}

_unled := "connections from other clusters of the mesh are not led to the services of this one"

_verdict(_, suites, unknown) := {"effect": sprintf("only %d of %d suites are offered", [count(suites) - count(unknown), count(suites)])} if {
	count(suites) > count(unknown)
}

_verdict(listener, suites, unknown) := {"effect": sprintf("%s are offered Envoy's default suites", [gateway.audience(listener)])} if {
	count(suites) == count(unknown)
}

# Istio does not read what begins with a sign, such as [A|B], and hands it on.
_known(suite) if not regex.match(`^[0-9A-Za-z]`, suite)

_known(suite) if suite in _suites

_suites := {
	"ALL",
	"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
	"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
	"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
	"AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
}
