# METADATA
# title: Secret of an Ingress is not where Istio reads it
# description: |
#   Istio reads the Secrets of an Ingress **in the namespace of its gateway's pods**, whatever namespace the Ingress is in: often
#   istio-system. A Secret beside the Ingress, where other controllers look, is not read, and the hosts get **no TLS**: connections to
#   port 443 are reset, and nothing in the Ingress says why. cert-manager too puts the certificate of an annotated Ingress beside it.
#
#   Put the Secret, or the Certificate that makes it, into the namespace of the gateway. The pods are found by the Service in front of
#   them, one that selects `istio: ingressgateway`; without one in sight, name the namespace under
#   `controllers.settings.istio.gateway-namespace`. Where neither tells and the Secret is beside the Ingress, it is a warning.
# related_resources:
#   - description: Istio, from ingress-nginx to Istio
#     ref: https://github.com/istio/istio/issues/58517
#   - description: Istio, pilot/pkg/config/kube/ingress/gateways.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/ingress/gateways.go
#   - description: Istio, pilot/pkg/xds/sds.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/xds/sds.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [istio]
#   triggers: ["spec.tls[*].secretName"]
#   since: v0.1.0
package policies.istio["ingress-secret-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s%s", [ref.label, ref.state, _beside(ref)]),
	"effect": _effect(ref),
	"remedy": text.remedy(sprintf("put the Secret into namespace %s, or a Certificate that makes it there", [ref.namespace]), ref),
} if {
	some ref in input.refs["ingress-credential"]
	count(ref.pods.namespaces) > 0
	ref.presence == "absent"
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s, and Istio reads it in the namespace of its gateway", [own.label, own.state]),
	"effect": sprintf("%s, unless a gateway runs in %s", [_effect(ref), own.namespace]),
	"remedy": "put the Secret into the namespace of the gateway, or name that under controllers.settings.istio.gateway-namespace",
	"severity": "warning",
} if {
	some ref in input.refs["ingress-credential"]
	count(ref.pods.namespaces) == 0
	some own in input.refs["server-certificate"]
	own.path == ref.path
	own.presence in {"present", "promised"}
	not own.namespace in {"", "istio-system", "istio-ingress"}
}

# A Secret of that name stands beside the Ingress.
_beside(ref) := sprintf("; %s %s, where Istio does not look", [own.label, own.state]) if {
	some own in input.refs["server-certificate"]
	own.path == ref.path
	own.namespace != ref.namespace
	own.presence in {"present", "promised"}
} else := ""

_effect(ref) := sprintf("%s get no TLS", [text.list([host | some host in hosts])]) if {
	hosts := input.object.spec.tls[ref.path[2]].hosts
	count(hosts) > 0
} else := "the hosts get no TLS"
