# METADATA
# title: Client CA that Traefik cannot read
# description: |
#   Where `auth-tls-secret` names no Secret with a CA under `ca.crt`, **Traefik leaves the whole Ingress out**: its paths are 404. That is
#   so for a missing Secret, for one with a key pair only (in which ingress-nginx sees no CA and asks for no certificate), and
#   for an annotation that is empty, which ingress-nginx takes for none. A Secret of another namespace is refused too, unless Traefik runs
#   with `allowCrossNamespaceResources`.
# related_resources:
#   - description: Traefik, annotations of ingress-nginx
#     ref: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress-nginx/
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [traefik-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]'
#   since: v0.1.0
package policies.traefik["client-ca-unusable"]

import data.lib.text

findings contains _finding(ref.path, sprintf("%s %s", [ref.label, ref.state]), text.remedy("create the Secret with the CA under ca.crt", ref)) if {
	some ref in input.refs["client-ca"]
	ref.presence == "absent"
	not _elsewhere(ref)
}

findings contains _finding(ref.path, sprintf("%s holds nothing under ca.crt%s", [ref.label, text.made(ref)]), "put the CA of the clients under ca.crt") if {
	some ref in input.refs["client-ca"]
	_without_ca(ref)
	not _elsewhere(ref)
}

findings contains _finding(["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"], "the annotation names no Secret", "name the Secret, or leave the annotation out") if {
	trim_space(input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]) == ""
}

findings contains _finding(
	ref.path,
	sprintf("%s is in namespace %s, not in %s", [ref.label, ref.namespace, input.id.namespace]),
	sprintf("keep the Secret in namespace %s, or set allowCrossNamespaceResources in Traefik's configuration", [input.id.namespace]),
) if {
	some ref in input.refs["client-ca"]
	_elsewhere(ref)
}

# It refuses the Secret before it looks for it (pkg/provider/kubernetes/ingress-nginx/build.go, buildClientAuthTLSOption).
_elsewhere(ref) if {
	ref.namespace != ""
	input.id.namespace != ""
	ref.namespace != input.id.namespace
}

_without_ca(ref) if ref.key_presence == "absent"

_without_ca(ref) if ref.content.empty

_finding(path, message, remedy) := {
	"path": path,
	"message": message,
	"effect": sprintf("Traefik leaves this Ingress out, and requests to %s get 404", [text.hosts(input.object)]),
	"remedy": remedy,
}
