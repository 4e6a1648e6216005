# METADATA
# title: Gateway asks for client certificates and has no CA
# description: |
#   In the modes `MUTUAL` and `OPTIONAL_MUTUAL` clients are verified by a CA, which Istio looks for in this order:
#
#   - `caCertCredentialName`, **as it is written**: a Secret whose name ends in `-cacert`, or `configmap://namespace/name`. By any
#     other name it fetches a key pair, and no CA;
#   - the Secret of the certificate with `-cacert` behind its name. If it exists, it counts, whether it holds a CA or not;
#   - the Secret of the certificate itself.
#
#   The CA is under `cacert`, or else `ca.crt`. cert-manager writes `ca.crt` only for issuers that return one, which those of ACME never
#   do. Istio does not check any of it: Envoy waits for the CA, and **no client gets through**. Where the certificate comes from
#   files, `caCertificates` has to be one too, or Istio refuses the Gateway.
# related_resources:
#   - description: Istio, pilot/pkg/credentials/kube/secrets.go, GetCaCert
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/credentials/kube/secrets.go
#   - description: Istio, pilot/pkg/security/model/authentication.go, ApplyCredentialSDSToServerCommonTLSContext
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/security/model/authentication.go
#   - description: A CA that is not read as expected
#     ref: https://github.com/istio/istio/issues/47315
# custom:
#   severity: error
#   kinds: [Gateway.networking.istio.io]
#   triggers: ["spec.servers[*].tls.mode"]
#   since: v0.1.0
package policies.istio["gateway-client-ca-missing"]

import data.lib.istio
import data.lib.text

# Files.
findings contains {
	"path": ["spec", "servers", i, "tls"],
	"message": sprintf("mode %s needs caCertificates beside the files of the certificate", [server.tls.mode]),
	"effect": "Istio refuses the Gateway",
	"remedy": "set caCertificates to the file of the CA that signs your clients' certificates",
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.asks
	not istio.by_credential(server.tls)
	count(istio.sources(server.tls)) > 0
	object.get(server.tls, "caCertificates", "") == ""
}

# A name by which no CA is fetched.
findings contains {
	"path": ["spec", "servers", i, "tls", "caCertCredentialName"],
	"message": sprintf("by the name %q Istio fetches a key pair, and no CA", [name]),
	"effect": _effect(server),
	"remedy": sprintf("write %s-cacert, which is looked for under both names, or configmap://namespace/name", [name]),
} if {
	some i, server in input.object.spec.servers
	server.tls.mode in istio.asks
	istio.by_credential(server.tls)
	name := server.tls.caCertCredentialName
	name != ""
	not endswith(name, "-cacert")
	not contains(name, "://")
	not text.unfilled(name)
}

# A name that leads nowhere. That the Secret of the certificate is missing is said of the certificate.
findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": _effect(istio.server(ref.path)),
	"remedy": text.remedy(sprintf("create the %s with the CA under ca.crt", [ref.kind]), ref),
} if {
	some ref in input.refs["gateway-client-ca"]
	ref.presence == "absent"
	ref.path[4] == "caCertCredentialName"
	not istio.beside(ref)
	_fetched(ref)
}

# What is there holds no CA.
findings contains {
	"path": ref.path,
	"message": sprintf("%s %s%s%s", [ref.label, lack, text.made(ref), _instead(ref)]),
	"effect": _effect(istio.server(ref.path)),
	"remedy": _remedy(ref),
} if {
	some ref in input.refs["gateway-client-ca"]
	ref.presence in {"present", "promised"}
	lack := _lack(ref)
	not _filling(ref)
	_fetched(ref)
}

_lack(ref) := "holds no CA, neither under cacert nor under ca.crt" if ref.key_presence == "absent"

_lack(ref) := sprintf("has an empty %s", [ref.key]) if ref.content.empty

_lack(ref) := sprintf("holds no certificate under %s that can be read", [ref.key]) if {
	not ref.content.opaque
	not ref.content.empty
	count(ref.content.certificates) == 0
}

# It is there, and what makes it has put nothing in yet.
_filling(ref) if {
	ref.presence == "present"
	ref.producer
	count(ref.keys) == 0
}

_fetched(ref) if ref.path[4] != "caCertCredentialName"

_fetched(ref) if endswith(_written(ref), "-cacert")

_fetched(ref) if contains(_written(ref), "://")

_written(ref) := object.get(input.object, ref.path, "")

_instead(ref) := sprintf(", and is read instead of %s", [trim_suffix(ref.name, "-cacert")]) if {
	endswith(ref.name, "-cacert")
	not endswith(_written(ref), "-cacert")
}

_instead(ref) := "" if not endswith(ref.name, "-cacert")

_instead(ref) := "" if endswith(_written(ref), "-cacert")

_remedy(ref) := sprintf("put the CA that signs your clients' certificates under ca.crt of a Secret %s-cacert beside it", [ref.name]) if {
	ref.kind == "Secret"
	not endswith(ref.name, "-cacert")
}

_remedy(ref) := "put the CA that signs your clients' certificates there under ca.crt" if ref.kind == "ConfigMap"

_remedy(ref) := "put the CA that signs your clients' certificates there under ca.crt" if endswith(ref.name, "-cacert")

_effect(server) := sprintf("TLS handshakes with %s fail, for no client can be verified", [istio.hosts(server)])
