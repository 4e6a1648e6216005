# METADATA
# title: CRDs are assumed that not every cluster has
# description: |
#   The object has a kind, a version or a field that the newest CRDs of the standard channel do not have, so that it is read by
#   those of the experimental channel or of an older release. If the cluster has others, it drops fields, or refuses the object.
#
#   Said once for each such set of CRDs. `schemas:` in the config says which the cluster has.
# related_resources:
#   - description: Release channels of Gateway API
#     ref: https://gateway-api.sigs.k8s.io/concepts/versioning/#release-channels
# custom:
#   severity: info
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.schema["release-assumed"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "say under schemas: in .tlsward.yaml which CRDs the cluster has",
} if {
	some defect in input.source["release-assumed"]
}
