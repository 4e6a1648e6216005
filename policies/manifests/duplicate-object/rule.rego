# METADATA
# title: Object stands twice
# description: |
#   The same object is in the tree twice, in one root. The one applied last wins, and the order is not stated anywhere.
#   Overlays and environments belong into roots of their own: kustomizations and charts are such by themselves, others are
#   declared under `roots:`.
#
#   It is said of objects that TLS depends on, and of no others: examples are often kept side by side.
# custom:
#   severity: info
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.manifests["duplicate-object"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"remedy": "remove one, or declare the folders as separate roots",
} if {
	some defect in input.source["duplicate-object"]
	_bears_on_tls
}

# It verifies by a CA, or shows a certificate,
_bears_on_tls if {
	some role
	some ref in input.refs[role]
	ref.use in {"trust", "certificate"}
}

# or holds one, makes one, or decides who uses it.
_bears_on_tls if input.id.kind in {
	"BackendTLSPolicy",
	"Bundle",
	"Certificate",
	"ConfigMap",
	"ExternalSecret",
	"Gateway",
	"GatewayClass",
	"Ingress",
	"IngressClass",
	"ListenerSet",
	"ReferenceGrant",
	"SealedSecret",
	"Secret",
	"XListenerSet",
}
