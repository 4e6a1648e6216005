# METADATA
# title: Hostname of a BackendTLSPolicy is an address
# description: |
#   `hostname` is what the backend is asked for (SNI) and what its certificate must be for. An IP address can be neither: SNI knows
#   names only (RFC 6066), and a certificate that names the address does so among its IP addresses, where a name is not looked for.
#   The schema lets IPv4 through because it looks like a name.
# related_resources:
#   - description: RFC 6066, section 3, literal addresses are not permitted
#     ref: https://www.rfc-editor.org/rfc/rfc6066#section-3
#   - description: Gateway API, apis/v1/backendtlspolicy_types.go, Hostname
#     ref: https://github.com/kubernetes-sigs/gateway-api/blob/main/apis/v1/backendtlspolicy_types.go
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [spec.validation.hostname, spec.tls.hostname]
#   since: v0.1.0
package policies["gateway-api"]["backend-hostname-address"]

import data.lib.text

findings contains {
	"path": path,
	"message": sprintf("hostname %s is an IP address, and no certificate is for one as a name", [hostname]),
	"effect": sprintf("requests to %s fail with 5xx", [text.targets(input.refs)]),
	"remedy": "set hostname to a name of the backend's certificate",
} if {
	some path in [["spec", "validation", "hostname"], ["spec", "tls", "hostname"]]
	hostname := object.get(input.object, path, "")
	regex.match(`^[0-9]{1,3}(\.[0-9]{1,3}){3}$`, hostname)
}
