# METADATA
# title: Field of a server is younger than Istio
# description: |
#   The API server drops fields that the CRDs of the installed release do not have, and Istio does not see them: `credentialNames` and
#   `tlsCertificates` are read since 1.27, `caCertCredentialName` since 1.28, `insecureSkipVerify` of a server since 1.31, and
#   `ecdhCurves` since 1.32. **Without `credentialNames` a server has no certificate, and without `caCertCredentialName` clients are
#   verified by the CA in the certificate's Secret**, if there is one.
#
#   It is only said where `version` under `controllers.settings.istio` names the release, such as `"1.26"`.
# related_resources:
#   - description: Several certificates of a server
#     ref: https://github.com/istio/istio/pull/55760
#   - description: caCertCredentialName
#     ref: https://github.com/istio/istio/pull/56549
#   - description: insecureSkipVerify of a server
#     ref: https://github.com/istio/istio/pull/60824
#   - description: ecdhCurves of a server
#     ref: https://github.com/istio/istio/pull/61189
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers:
#     - "spec.servers[*].tls.credentialNames"
#     - "spec.servers[*].tls.tlsCertificates"
#     - "spec.servers[*].tls.caCertCredentialName"
#     - "spec.servers[*].tls.insecureSkipVerify"
#     - "spec.servers[*].tls.ecdhCurves"
#   since: v0.1.0
package policies.istio["gateway-field-too-new"]

import data.lib.istio

findings contains {
	"path": ["spec", "servers", i, "tls", field],
	"message": sprintf("%s is read since Istio 1.%d, and this is %s", [field, since.release, input.settings.istio.version.value]),
	"effect": sprintf(since.effect, [istio.hosts(server)]),
	"remedy": since.remedy,
	"severity": since.severity,
} if {
	release := _release(input.settings.istio.version.value)
	some i, server in input.object.spec.servers
	some field, since in _fields
	not object.get(server.tls, field, "") in {"", false}
	server.tls.mode in istio.ends
	release < since.release
}

_release(version) := to_number(regex.find_all_string_submatch_n(`^v?1\.([0-9]{1,3})`, version, 1)[0][1])

_fields := {
	"credentialNames": {"release": 27, "severity": "error", "effect": "%s is shown no certificate, and TLS handshakes fail", "remedy": "name one Secret in credentialName"},
	"tlsCertificates": {"release": 27, "severity": "error", "effect": "%s is shown no certificate, and TLS handshakes fail", "remedy": "name one pair in serverCertificate and privateKey"},
	"caCertCredentialName": {"release": 28, "severity": "error", "effect": "clients of %s are not verified by this CA", "remedy": "put the CA into the Secret of the certificate, or one with -cacert behind its name"},
	"insecureSkipVerify": {"release": 31, "severity": "warning", "effect": "clients of %s whose certificate is not of the CA are refused", "remedy": "remove it"},
	"ecdhCurves": {"release": 32, "severity": "warning", "effect": "%s is served with the curves that Envoy takes by default", "remedy": "remove them, or set those of the mesh"},
}
