# METADATA
# title: Option of a BackendTLSPolicy that its controller does not know
# description: |
#   `options` are up to each implementation, and so is what becomes of one that it does not know.
#
#   - **kgateway** refuses the policy for any key but its own `kgateway.dev/alpn-protocols`, `cipher-suites`, `ecdh-curves`,
#     `signature-algorithms`, `min-tls-version`, `max-tls-version` and `verify-certificate-hash`. Requests to the backend fail.
#   - **Kong** knows `tls-verify-depth`, and ignores all others, as well as a depth that is no whole number.
#   - Envoy Gateway, Istio, NGINX Gateway Fabric, Cilium and Traefik read none.
#
#   Elsewhere than with kgateway, keys with the prefix of somebody else are left alone: a policy may be for several controllers.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendtlspolicy/plugin.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendtlspolicy/plugin.go
#   - description: Kong, internal/dataplane/translator/ingressrules.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: BackendTLSPolicy, options
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: error
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [envoy-gateway, istio, nginx-gateway-fabric, kong, cilium, kgateway, traefik]
#   triggers: [spec.options]
#   since: v0.1.0
package policies["gateway-api"]["backend-option-unknown"]

import data.lib.backend
import data.lib.text

findings contains {
	"path": ["spec", "options", key],
	"message": sprintf("kgateway refuses a policy with the option %s", [key]),
	"effect": backend.refused("kgateway", input.refs),
	"remedy": "remove the option",
} if {
	input.controllers.kgateway
	some key, _ in input.object.spec.options
	not key in _kgateway
}

findings contains {
	"path": ["spec", "options", "tls-verify-depth"],
	"message": sprintf("Kong ignores tls-verify-depth %q, which is no whole number", [value]),
	"effect": sprintf("certificates of %s with more than one intermediate are refused", [text.targets(input.refs)]),
	"remedy": "set it to the number of intermediates between the backend's certificate and its root, in quotes",
	"severity": "warning",
} if {
	input.controllers.kong
	value := input.object.spec.options["tls-verify-depth"]
	not regex.match(`^\+?[0-9]{1,9}$`, value)
}

findings contains {
	"path": ["spec", "options", key],
	"message": sprintf("%s knows no option %s%s", [backend.controllers[name].title, key, _instead(name)]),
	"effect": "the option does nothing",
	"remedy": _remedy(name),
	"severity": "warning",
} if {
	some name, _ in input.controllers
	name != "kgateway"
	backend.controllers[name]
	some key, _ in input.object.spec.options
	_its_own(name, key)
	not _read_by_another(key)
}

_kgateway := {
	"kgateway.dev/alpn-protocols",
	"kgateway.dev/cipher-suites",
	"kgateway.dev/ecdh-curves",
	"kgateway.dev/signature-algorithms",
	"kgateway.dev/min-tls-version",
	"kgateway.dev/max-tls-version",
	"kgateway.dev/verify-certificate-hash",
}

# A key that can only be meant for the controller: without a prefix, or with its own.
_its_own(_, key) if not contains(key, "/")

_its_own(name, key) if {
	some prefix in backend.controllers[name].prefixes
	startswith(key, prefix)
}

_read_by_another("tls-verify-depth") if input.controllers.kong

_instead("kong") := ", only tls-verify-depth"

_instead(name) := ", nor any other" if name != "kong"

_remedy("kong") := "remove it, or write tls-verify-depth if that is meant"

_remedy(name) := "remove it" if name != "kong"
