# METADATA
# title: Annotations of a Service lose against its BackendTLSPolicy
# description: |
#   Kong reads a BackendTLSPolicy as annotations of its Service. `tls-verify`, `protocol` and `host-header` of the Service **are
#   replaced**, without a word: it is verified, called by `https`, and gets the hostname of the policy. `tls-verify-depth` is
#   replaced where the policy has the option. The CAs of both are trusted: one that only the annotations name **goes on being
#   trusted**, though the policy reads as if it were the whole truth. `client-cert` stays as it is.
#
#   There is no merge by route: the policy holds for requests of Ingresses to the Service too, once an HTTPRoute of Kong has
#   brought it into force.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go, handleBackendTLSPolices
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   controllers: [kong]
#   triggers: ['spec.targetRefs[*]']
#   since: v0.1.0
package policies.kong["policy-overrides-annotations"]

import data.lib.kong
import data.lib.text

findings contains _finding(ref, "konghq.com/tls-verify", "the backend is verified all the same", "remove the annotation") if {
	input.controllers.kong
	some ref in input.refs["policy-target"]
	ref.object.metadata.annotations["konghq.com/tls-verify"] in kong.falsehood
}

findings contains _finding(ref, "konghq.com/protocol", "the backend is called by https all the same", "remove the annotation, or the policy") if {
	input.controllers.kong
	some ref in input.refs["policy-target"]
	protocol := ref.object.metadata.annotations["konghq.com/protocol"]
	protocol in kong.protocols
	protocol != "https"
}

findings contains _finding(ref, "konghq.com/host-header", sprintf("the backend gets %s, the hostname of the policy", [input.object.spec.validation.hostname]), "remove the annotation") if {
	input.controllers.kong
	some ref in input.refs["policy-target"]
	header := ref.object.metadata.annotations["konghq.com/host-header"]
	not header in {"", input.object.spec.validation.hostname}
}

findings contains _finding(ref, "konghq.com/tls-verify-depth", sprintf("the depth is %s, that of the policy", [option]), "remove the annotation, and set the option of the policy to what is meant") if {
	input.controllers.kong
	option := input.object.spec.options["tls-verify-depth"]
	kong.whole(option)
	some ref in input.refs["policy-target"]
	value := ref.object.metadata.annotations["konghq.com/tls-verify-depth"]
	kong.whole(value)
	kong.number(value) != kong.number(option)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s of %s names %s, which the policy does not", [key, ref.label, text.list(names)]),
	"effect": sprintf("certificates of %s of that CA are believed too", [ref.label]),
	"remedy": "remove the annotation, or name the CA in the policy as well",
} if {
	input.controllers.kong
	some ref in input.refs["policy-target"]
	some key, kind in {"konghq.com/ca-certificates-secrets": "Secret", "konghq.com/ca-certificates-configmaps": "ConfigMap"}
	list := ref.object.metadata.annotations[key]
	names := [name |
		some part in split(list, ",")
		name := trim_space(part)
		name != ""
		count([1 | some mine in input.refs["kong-policy-ca"]; mine.kind == kind; mine.name == name]) == 0
	]
	count(names) > 0
}

_finding(ref, key, outcome, remedy) := {
	"path": ref.path,
	"message": sprintf("%s %q of %s loses against the policy", [key, ref.object.metadata.annotations[key], ref.label]),
	"effect": outcome,
	"remedy": remedy,
}
