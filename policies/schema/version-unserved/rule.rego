# METADATA
# title: Kind or version is not served
# description: |
#   No CRD serves this kind in this version, so that the API server **refuses the object**. Versions come and go with the releases
#   of CRDs: Gateway API serves BackendTLSPolicy as v1 since 1.4, in the experimental channel also as v1alpha3.
#
#   A warning only where nobody says which release the cluster has, neither a CRD in the tree nor `schemas:` in the config.
# related_resources:
#   - description: Release channels and versions of Gateway API
#     ref: https://gateway-api.sigs.k8s.io/concepts/versioning/
# custom:
#   severity: error
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.schema["version-unserved"]

findings contains object.union(_finding(defect), {"severity": "warning"}) if {
	some defect in input.source["version-unserved"]
	defect.assumed
}

findings contains _finding(defect) if {
	some defect in input.source["version-unserved"]
	not defect.assumed
}

_finding(defect) := {
	"path": defect.path,
	"message": defect.message,
	"effect": "the API server refuses the object",
	"remedy": "write it in a version that is served, or install the CRDs that serve it and name them under schemas: in .tlsward.yaml",
}
