# METADATA
# title: Host in two entries of spec.tls with different Secrets
# description: |
#   ingress-nginx takes the **first entry** of `spec.tls` that lists the host. The Secret of a second one is ignored, without a word.
# related_resources:
#   - description: ingress-nginx, createServers and extractTLSSecretName
#     ref: https://github.com/kubernetes/ingress-nginx/blob/controller-v1.15.1/internal/ingress/controller/controller.go
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers: [spec.tls]
#   since: v0.1.0
package policies["ingress-nginx"]["tls-host-twice"]

findings contains {
	"path": ["spec", "tls", index, "hosts", position],
	"message": sprintf("an entry before this one lists %s, with %s", [host, _secret(earlier)]),
	"effect": sprintf("clients of %s are never shown the certificate of this entry", [host]),
	"remedy": "list the host once",
} if {
	count(input.object.spec.tls) > 1
	some index, entry in input.object.spec.tls
	some position, host in entry.hosts
	firsts := [at | some at, other in input.object.spec.tls; some listed in other.hosts; lower(listed) == lower(host)]
	firsts[0] < index
	earlier := input.object.spec.tls[firsts[0]]
	object.get(earlier, "secretName", "") != object.get(entry, "secretName", "")
}

_secret(entry) := sprintf("Secret %s", [entry.secretName]) if entry.secretName != ""

_secret(entry) := "no Secret" if object.get(entry, "secretName", "") == ""
