# METADATA
# title: Certificate is written over the CA that signs it
# description: |
#   The Certificate names, as its Secret, the one with the key pair of its own issuer. Where the CA is there, **it is replaced by the
#   certificate that it signed**, and the Issuer signs with that from then on, or not at all ("signing certificate is not a CA"). Where
#   it is not, the Issuer waits for the Secret and the Certificate for the Issuer.
# related_resources:
#   - description: cert-manager, CA issuer
#     ref: https://cert-manager.io/docs/configuration/ca/
# custom:
#   severity: error
#   kinds:
#     - Certificate.cert-manager.io
#   triggers:
#     - spec.secretName
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["issuer-ca-overwritten"]

findings contains {
	"path": ["spec", "secretName"],
	"message": sprintf("Secret %s holds the CA of %s, which signs this Certificate", [input.object.spec.secretName, ref.label]),
	"effect": sprintf("the CA is replaced, and %s signs nothing any more", [ref.label]),
	"remedy": "name another Secret",
	"related": [object.union(
		object.filter(ref, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "ca", "secretName"], "message": "reads its CA from it"},
	)],
} if {
	some ref in input.refs.issuer
	ref.kind == "Issuer"
	ref.object.spec.ca.secretName == input.object.spec.secretName
}
