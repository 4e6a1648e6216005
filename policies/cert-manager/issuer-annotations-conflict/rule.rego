# METADATA
# title: Annotations name the issuer twice
# description: |
#   Of `cert-manager.io/issuer` and `cert-manager.io/cluster-issuer` only one may be there, and beside `cluster-issuer` neither
#   `issuer-kind` nor `issuer-group`; **an empty value counts**. cert-manager writes an event (`BadConfig`) and **makes no certificate at
#   all** for the object. A Certificate that it made before is left as it is, and still renewed.
#
#   It is an error where nothing else makes a Secret that the object refers to. An issuer of another kind is named by
#   `cert-manager.io/issuer`, with `issuer-kind` and `issuer-group`.
# related_resources:
#   - description: cert-manager, annotated Ingress
#     ref: https://cert-manager.io/docs/usage/ingress/
#   - description: cert-manager, pkg/controller/certificate-shim/sync.go
#     ref: https://github.com/cert-manager/cert-manager/blob/master/pkg/controller/certificate-shim/sync.go
# custom:
#   severity: error
#   kinds:
#     - Ingress.networking.k8s.io
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - 'metadata.annotations["cert-manager.io/cluster-issuer"]'
#   since: v0.1.0
package policies["cert-manager"]["issuer-annotations-conflict"]

import data.lib.certmanager
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", others[0]],
	"message": sprintf("%s stands beside cert-manager.io/cluster-issuer", [text.list(others)]),
	"effect": sprintf("cert-manager makes no certificate for this %s", [input.id.kind]),
	"remedy": "name the issuer by one annotation, and remove the others",
	"severity": certmanager.severity,
} if {
	annotations := input.object.metadata.annotations
	annotations["cert-manager.io/cluster-issuer"]
	others := [name |
		some name in ["cert-manager.io/issuer", "cert-manager.io/issuer-kind", "cert-manager.io/issuer-group"]
		annotations[name]
	]
	count(others) > 0
}
