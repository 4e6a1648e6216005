# METADATA
# title: Kong does not show its client certificate to a backend
# description: |
#   `konghq.com/client-cert` of a Service names a Secret in its own namespace with the key pair that Kong shows to the backend.
#   Where that cannot be, Kong's controller reports an event, and **the requests go out without it**: backends that ask for a
#   certificate refuse them, and backends that only make use of one take Kong for anybody.
#
#   - The Secret is missing, or has no `tls.crt` or no `tls.key`. A missing one is a warning, because key pairs are often made
#     by hand outside Git or a moment later; the profile `strict` denies it.
#   - The Service is called by a protocol without TLS. Without `konghq.com/protocol` that is `http`.
#   - The name has a namespace in front of it. There is no such form.
#
#   With a BackendTLSPolicy the protocol is https. With `grpcs` and `wss` Kong refuses its configuration, which
#   `kong/tls-without-https` says.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go, handleServiceClientCertificates
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
#   - description: Kong's controller, a Secret that is made anew
#     ref: https://github.com/Kong/kubernetes-ingress-controller/issues/6100
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com]
#   triggers:
#     - 'metadata.annotations["konghq.com/client-cert"]'
#   since: v0.1.0
#   profiles: {strict: deny}
package policies.kong["client-certificate-not-sent"]

import data.lib.kong
import data.lib.text

findings contains _finding(sprintf("%s %s", [ref.label, ref.state]), text.remedy("create the Secret, or a Certificate that makes it", ref), "warning") if {
	some ref in input.refs["kong-client-certificate"]
	ref.presence == "absent"
	not contains(ref.name, "/")
}

findings contains _finding(sprintf("%q is no name, and Kong looks in namespace %s only", [ref.name, input.id.namespace]), "copy the Secret into the namespace of the Service, and write its name alone", "error") if {
	some ref in input.refs["kong-client-certificate"]
	contains(ref.name, "/")
	not text.unfilled(ref.name)
}

findings contains _finding(sprintf("%s has no %s%s", [ref.label, key, text.made(ref)]), "put the certificate under tls.crt and its key under tls.key", "error") if {
	some ref in input.refs["kong-client-certificate"]
	ref.presence in {"present", "promised"}
	ref.keys_open == false
	some key in ["tls.crt", "tls.key"]
	not key in ref.keys
}

findings contains _finding(sprintf("%s is called by %s", [input.id.label, protocol]), "set konghq.com/protocol: https, if that is what the backend speaks", "error") if {
	input.object.metadata.annotations["konghq.com/client-cert"] != ""
	not input.peers["backend-policy"]
	not kong.completed("konghq.com/protocol")
	protocol := kong.protocol(kong.annotations)
	protocol in {"http", "grpc", "ws", "tcp", "tls_passthrough"}
}

_finding(message, remedy, severity) := {
	"path": ["metadata", "annotations", "konghq.com/client-cert"],
	"message": message,
	"effect": sprintf("requests to %s go out without a client certificate", [input.id.label]),
	"remedy": remedy,
	"severity": severity,
}
