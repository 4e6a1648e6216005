# METADATA
# title: Istio serves a host of an Ingress without TLS
# description: |
#   For an entry of `tls` without `secretName`, other controllers show a default certificate. Istio has none, and **passes over the
#   entry**, with a line in istiod's log: its hosts can be reached by plain HTTP only, and on port 443 not at all.
# related_resources:
#   - description: Istio, pilot/pkg/config/kube/ingress/gateways.go, convertIngressV1alpha3
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/ingress/gateways.go
#   - description: Istio, from ingress-nginx to Istio
#     ref: https://github.com/istio/istio/issues/58517
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [istio]
#   triggers: [spec.tls]
#   since: v0.1.0
package policies.istio["ingress-host-without-secret"]

import data.lib.text

findings contains {
	"path": ["spec", "tls", i],
	"message": "the entry has no secretName, and Istio has no default certificate",
	"effect": sprintf("%s are served by plain HTTP only", [_hosts(entry)]),
	"remedy": "set secretName to a Secret in the namespace of Istio's gateway",
} if {
	some i, entry in input.object.spec.tls
	object.get(entry, "secretName", "") == ""
}

_hosts(entry) := text.list([host | some host in entry.hosts]) if count(entry.hosts) > 0

_hosts(entry) := "all hosts" if count(object.get(entry, "hosts", [])) == 0
