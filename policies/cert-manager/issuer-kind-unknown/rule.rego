# METADATA
# title: Issuer is of a kind that cert-manager does not have
# description: |
#   `issuerRef.kind` is neither `Issuer` nor `ClusterIssuer`, and `issuerRef.group` is not set, or is cert-manager's own. An issuer of somebody
#   else's, such as `AWSPCAClusterIssuer`, is named with its group. **cert-manager refuses the Certificate**.
# related_resources:
#   - description: cert-manager, validation of a Certificate
#     ref: https://github.com/cert-manager/cert-manager/blob/master/internal/apis/certmanager/validation/certificate.go
#   - description: Forgotten group
#     ref: https://github.com/cert-manager/csi-driver/issues/197
# custom:
#   severity: error
#   kinds:
#     - Certificate.cert-manager.io
#   triggers:
#     - spec.issuerRef.kind
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["issuer-kind-unknown"]

findings contains {
	"path": ["spec", "issuerRef", "kind"],
	"message": sprintf("cert-manager has no kind %s of issuer", [kind]),
	"effect": "cert-manager refuses the Certificate",
	"remedy": "set issuerRef.group to the group of that kind, or write Issuer or ClusterIssuer",
} if {
	kind := input.object.spec.issuerRef.kind
	not kind in {"", "Issuer", "ClusterIssuer"}
	object.get(input.object.spec.issuerRef, "group", "") in {"", "cert-manager.io"}
}
