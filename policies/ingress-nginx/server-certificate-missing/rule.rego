# METADATA
# title: Server certificate does not exist
# description: |
#   `spec.tls` names a Secret that is not there. ingress-nginx says nothing and serves its **default certificate**
#   instead: the one that `--default-ssl-certificate` names, or else one made up for "Kubernetes Ingress Controller Fake
#   Certificate", which every client refuses. The redirect from HTTP to HTTPS stays.
#
#   It fires where something shows that the Secret is missing; it is only a note where all that shows it is that the
#   tree keeps other Secrets of the namespace, since server certificates are often made elsewhere. Declare it under
#   `external:` then.
# related_resources:
#   - description: The fake certificate
#     ref: https://github.com/kubernetes/ingress-nginx/issues/4680
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - spec.tls[*].secretName
#   since: v0.1.0
package policies["ingress-nginx"]["server-certificate-missing"]

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, ref.state]),
	"effect": sprintf("clients of %s are shown the default certificate of the controller", [text.list(hosts)]),
	"remedy": text.remedy("create the Secret with tls.crt and tls.key", ref),
	"severity": _severity[ref.evidence],
} if {
	some ref in input.refs["server-certificate"]
	ref.presence == "absent"
	hosts := input.object.spec.tls[ref.path[2]].hosts
	count(hosts) > 0
}

_severity := {"complete": "warning", "near-miss": "warning", "siblings": "info"}
