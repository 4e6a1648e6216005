# METADATA
# title: Secret of a server holds no key pair that Istio reads
# description: |
#   Of a Secret Istio reads `cert` and `key`, or else `tls.crt` and `tls.key`; both of a pair have to be there and not be empty. The
#   type of the Secret counts for nothing, but those of Helm's releases and of ServiceAccounts' tokens are never read. By a name that
#   ends in `-cacert` a Secret is read for a CA only, and so is a ConfigMap. In all these cases Istio logs it, takes the Gateway, and
#   **every TLS handshake with these hosts is reset**.
#
#   Nothing is said while something has yet to fill the Secret. A key that does not belong to the certificate is
#   `certificates/key-mismatch`.
# related_resources:
#   - description: Istio, pilot/pkg/credentials/kube/secrets.go, ExtractCertInfo
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/credentials/kube/secrets.go
#   - description: Istio, pilot/pkg/xds/sds.go, generate
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/xds/sds.go
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.credentialName", "spec.servers[*].tls.credentialNames"]
#   since: v0.1.0
package policies.istio["gateway-credential-incomplete"]

import data.lib.istio

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, lack]),
	"effect": sprintf("TLS handshakes with %s are reset", [istio.hosts(istio.server(ref.path))]),
	"remedy": remedy,
} if {
	some ref in input.refs["gateway-credential"]
	some lack, remedy in _lacks(ref)
}

_lacks(ref) := {"is a ConfigMap, of which a CA is read and no key": "refer to a Secret with tls.crt and tls.key"} if ref.kind == "ConfigMap"

_lacks(ref) := {"is read for a CA only, for its name ends in -cacert": "give the Secret of the certificate another name"} if {
	ref.kind == "Secret"
	endswith(ref.name, "-cacert")
}

_lacks(ref) := {lack: "put the certificate under tls.crt and its key under tls.key" | some lack in _gaps(ref)} if {
	ref.kind == "Secret"
	ref.presence == "present"
	not endswith(ref.name, "-cacert")
	not ref.producer
}

_gaps(ref) := (({gap |
	gap := "is of a type that Istio does not watch"
	ref.type in {"helm.sh/release.v1", "kubernetes.io/service-account-token"}
} | {gap |
	gap := "holds no key pair: it has neither tls.crt and tls.key nor cert and key"
	not ref.keys_open
	not _pair(ref)
}) | {gap |
	gap := "has an empty tls.crt or tls.key"
	ref.key == "tls.crt"
	ref.pair == "empty"
}) | {gap |
	gap := "holds no certificate under cert that can be read"
	ref.key == "cert"
	not ref.content.opaque
	count(ref.content.certificates) == 0
}

_pair(ref) if {
	"tls.crt" in ref.keys
	"tls.key" in ref.keys
}

_pair(ref) if {
	"cert" in ref.keys
	"key" in ref.keys
}
