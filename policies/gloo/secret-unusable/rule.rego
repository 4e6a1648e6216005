# METADATA
# title: Secret of a sslConfig that Gloo does not take
# description: |
#   Gloo takes certificates and CAs from Secrets of type `kubernetes.io/tls` only; one of type `Opaque` with the same keys is "not a TLS secret".
#   The only other one is Gloo's own format: all as YAML under `tls`, with the annotation `resource_kind: '*v1.Secret'`. Nothing is said of that.
#
#   It must hold a certificate **with** its key. A CA alone, with `tls.crt` and `tls.key` empty, is enough for an Upstream, not for clients.
#
#   Of anything else, a VirtualService or TcpHost serves no TLS, and requests to an Upstream get 503. By default Gloo's own webhook
#   accepts it all. A key that does not belong to its certificate is `certificates/key-mismatch`.
# related_resources:
#   - description: Gloo, projects/gloo/pkg/api/converters/kube/secretconverter.go
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/api/converters/kube/secretconverter.go
#   - description: Gloo, projects/gloo/pkg/utils/ssl.go, cleanedSslKeyPair
#     ref: https://github.com/solo-io/gloo/blob/main/projects/gloo/pkg/utils/ssl.go
# custom:
#   severity: error
#   kinds:
#     - VirtualService.gateway.solo.io
#     - Gateway.gateway.solo.io
#     - Upstream.gloo.solo.io
#     - Service
#   triggers:
#     - references
#   since: v0.1.0
package policies.gloo["secret-unusable"]

import data.lib.gloo

findings contains {
	"path": ref.path,
	"message": sprintf("%s is of type %s, not kubernetes.io/tls", [ref.label, ref.type]),
	"effect": gloo.refused(ref.path),
	"remedy": "delete the Secret, and create it with type kubernetes.io/tls",
} if {
	some role in ["gloo-certificate", "gloo-client-certificate"]
	some ref in input.refs[role]
	ref.presence == "present"
	ref.type != "kubernetes.io/tls"
	not gloo.own_format(ref)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s has no certificate with its key", [ref.label]),
	"effect": gloo.refused(ref.path),
	"remedy": "put the certificate under tls.crt and its key under tls.key",
} if {
	some ref in input.refs["gloo-certificate"]
	ref.presence == "present"
	ref.type == "kubernetes.io/tls"
	ref.pair == "empty"
	not ref.producer
}

# The certificate is there, so that it is the key that is empty.
findings contains {
	"path": ref.path,
	"message": sprintf("%s has a certificate, and no key for it", [ref.label]),
	"effect": gloo.refused(ref.path),
	"remedy": "put the key under tls.key, or leave tls.crt empty too",
} if {
	some ref in input.refs["gloo-client-certificate"]
	ref.presence == "present"
	ref.type == "kubernetes.io/tls"
	ref.pair == "empty"
	count(ref.content.certificates) > 0
	not ref.producer
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s has neither a certificate nor a CA", [ref.label]),
	"effect": gloo.refused(ref.path),
	"remedy": "put the CA under ca.crt",
} if {
	some ref in input.refs["gloo-client-certificate"]
	ref.presence == "present"
	ref.type == "kubernetes.io/tls"
	ref.content.empty
	not ref.producer
	some trust in input.refs["gloo-backend-ca"]
	trust.path == ref.path
	trust.key_presence == "absent"
}
