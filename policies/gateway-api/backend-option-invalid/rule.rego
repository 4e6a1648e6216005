# METADATA
# title: Value of an option of a BackendTLSPolicy that kgateway refuses
# description: |
#   kgateway knows the option, and not its value: versions are spelled `1.0` to `1.3`, the lowest must not be above the highest, and a
#   `verify-certificate-hash` is SHA-256 in hex. It refuses the policy, and requests to the backend **fail with 5xx**.
# related_resources:
#   - description: kgateway, pkg/kgateway/translator/sslutils/ssl_utils.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/translator/sslutils/ssl_utils.go
# custom:
#   severity: error
#   kinds:
#     - BackendTLSPolicy.gateway.networking.k8s.io
#   controllers: [kgateway]
#   triggers:
#     - spec.options
#   since: v0.1.0
package policies["gateway-api"]["backend-option-invalid"]

import data.lib.backend
import data.lib.kgateway
import data.lib.text

findings contains {
	"path": ["spec", "options", key],
	"message": sprintf("kgateway does not know the TLS version %q", [value]),
	"effect": backend.refused("kgateway", input.refs),
	"remedy": "write \"1.2\" or \"1.3\"",
} if {
	input.controllers.kgateway
	some key in [_low, _high]
	value := input.object.spec.options[key]
	not kgateway.versions[value]
}

findings contains {
	"path": ["spec", "options", _low],
	"message": sprintf("%s is above %s of %s", [low, high, _high]),
	"effect": backend.refused("kgateway", input.refs),
	"remedy": "exchange the two",
} if {
	input.controllers.kgateway
	low := input.object.spec.options[_low]
	high := input.object.spec.options[_high]
	kgateway.versions[low] > kgateway.versions[high]
}

findings contains {
	"path": ["spec", "options", key],
	"message": "it is no SHA-256 in hex, or not only",
	"effect": backend.refused("kgateway", input.refs),
	"remedy": "write what `openssl x509 -fingerprint -sha256` prints, several with commas between them",
} if {
	input.controllers.kgateway
	key := "kgateway.dev/verify-certificate-hash"
	value := input.object.spec.options[key]
	not text.unfilled(value)
	not regex.match(`^[\s,-]*([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31})([\s]*[,-][\s,-]*([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}))*[\s,-]*$`, value)
}

_low := "kgateway.dev/min-tls-version"

_high := "kgateway.dev/max-tls-version"
