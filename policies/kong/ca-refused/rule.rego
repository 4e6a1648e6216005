# METADATA
# title: Kong takes one CA from a Secret or ConfigMap, and nothing else
# description: |
#   Kong's controller reads `cert` of a Secret or ConfigMap with a CA, and `ca.crt` where there is none. It loads the CA if that
#   is **exactly one certificate**, of a CA, and not expired. A bundle, such as the old and the new CA one after the other, it
#   refuses since 3.5.3 with an event: the backend is then verified without any of them, and **every request gets 502**.
#
#   To replace a CA, keep the old and the new one in two objects, each with its own `id`, and name both. That is the
#   opposite of what kgateway, NGINX Gateway Fabric and Cilium want. Of an expired CA under `ca.crt`, and of what is none, speak
#   `certificates/ca-expired` and `certificates/not-a-ca`.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/translate_cacerts.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/translate_cacerts.go
#   - description: Kong's controller, several certificates in one CA
#     ref: https://github.com/Kong/kubernetes-ingress-controller/pull/7763
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com, BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.kong["ca-refused"]

import data.lib.kong

findings contains _finding(ref, key, sprintf("%s of %s holds %d certificates, and Kong takes one", [key, ref.label, n]), "keep each CA in a Secret or ConfigMap of its own, with an id of its own, and name them all") if {
	some ref in kong.authorities
	some key, content in _contents(ref)
	n := count(content.certificates)
	n > 1
}

findings contains _finding(ref, "cert", sprintf("cert of %s holds no certificate of a CA", [ref.label]), "put the CA of the backend there as PEM") if {
	some ref in kong.authorities
	count(ref.also.cert.certificates) == 1
	input.certificates[ref.also.cert.certificates[0]].ca == false
}

findings contains _finding(ref, "cert", sprintf("the CA under cert of %s has expired", [ref.label]), "replace it by the CA that signs now") if {
	some ref in kong.authorities
	count(ref.also.cert.certificates) == 1
	input.certificates[ref.also.cert.certificates[0]].not_after < input.now
}

findings contains _finding(ref, key, sprintf("%s of %s holds no certificate", [key, ref.label]), "put the CA of the backend there as PEM") if {
	some ref in kong.authorities
	some key, content in _contents(ref)
	content.opaque == false
	count(content.certificates) == 0
	_mine(key)
}

findings contains _finding(ref, "ca.crt", sprintf("%s holds neither cert nor ca.crt", [ref.label]), "put the CA of the backend under ca.crt as PEM") if {
	some ref in input.refs["kong-ca"]
	ref.in_force
	ref.key_presence == "absent"
	not "cert" in ref.keys
}

# Of ca.crt of a policy gateway-api/backend-ca-unusable says it.
_mine("cert")

_mine("ca.crt") if input.id.kind in kong.backends

# What Kong reads of the two.
_contents(ref) := {"cert": ref.also.cert} if ref.also.cert

_contents(ref) := {"ca.crt": ref.content} if {
	ref.content
	not "cert" in ref.keys
}

_finding(ref, key, message, remedy) := {
	"path": ref.path,
	"key": key,
	"message": message,
	"effect": sprintf("Kong does not load it, and requests to %s get 502 where its certificate is of that CA", [kong.verified]),
	"remedy": remedy,
}
