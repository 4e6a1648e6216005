# METADATA
# title: Issuer signs with what is no CA
# description: |
#   `spec.ca.secretName` of an Issuer names a key pair whose certificate is no CA: the Certificate that makes it lacks `isCA: true`, or the
#   certificate in sight does not say `CA:TRUE`. The Issuer stays `Ready=False` ("signing certificate is not a CA"), and **nothing that it is to
#   sign is issued or renewed**.
# related_resources:
#   - description: cert-manager, CA issuer
#     ref: https://cert-manager.io/docs/configuration/ca/
#   - description: cert-manager, pkg/issuer/ca/setup.go
#     ref: https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/ca/setup.go
# custom:
#   severity: error
#   kinds:
#     - Issuer.cert-manager.io
#     - ClusterIssuer.cert-manager.io
#   triggers:
#     - spec.ca.secretName
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies["cert-manager"]["issuer-ca-not-a-ca"]

import data.lib.x509

findings contains {
	"path": ref.path,
	"message": sprintf("%s is made for %s, which lacks isCA: true", [ref.label, ref.producer.label]),
	"effect": "nothing that this issuer is to sign is issued or renewed",
	"remedy": sprintf("set isCA: true in %s", [ref.producer.label]),
	"related": [object.union(
		object.filter(ref.producer, ["group", "kind", "namespace", "name"]),
		{"path": ["spec"], "message": "makes the key pair, and no CA"},
	)],
} if {
	some ref in input.refs["issuer-ca"]
	ref.producer.kind == "Certificate"
	spec := ref.producer.object.spec
	object.get(spec, "isCA", false) != true
	not ref.content
}

findings contains {
	"path": ref.path,
	"message": sprintf("certificate %s of %s is no CA", [x509.name(certificate), ref.label]),
	"effect": "nothing that this issuer is to sign is issued or renewed",
	"remedy": "put the key pair of a CA there",
} if {
	some ref in input.refs["issuer-ca"]
	certificate := input.certificates[ref.content.certificates[0]]
	certificate.ca == false
}
