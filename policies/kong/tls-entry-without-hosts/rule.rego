# METADATA
# title: Kong passes over a certificate without hosts
# description: |
#   Kong shows the certificate of an entry of `spec.tls` to clients that ask for one of its `hosts`. An entry with a
#   `secretName` and **no hosts** it passes over without a word: clients get another certificate, by default a self-signed one
#   for `localhost`.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go, addFromIngressV1TLS
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [kong]
#   triggers: ['spec.tls[*].secretName']
#   since: v0.1.0
package policies.kong["tls-entry-without-hosts"]

import data.lib.text

findings contains {
	"path": ["spec", "tls", index],
	"message": sprintf("the entry with Secret %s has no hosts, and Kong passes it over", [entry.secretName]),
	"effect": sprintf("clients of %s are not shown this certificate", [text.hosts(input.object)]),
	"remedy": "list the hosts that it is for",
} if {
	input.controllers.kong
	some index, entry in input.object.spec.tls
	entry.secretName != ""
	count(object.get(entry, "hosts", [])) == 0
}
