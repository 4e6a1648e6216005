# METADATA
# title: Field of a custom resource is dropped
# description: |
#   The CRD does not have this field. The API server refuses the object where it is asked to be strict, as kubectl asks it, and
#   else **drops the field without a word**, as for most GitOps controllers: the object is applied, and the setting is not in
#   force.
#
#   Where the field carried TLS, that is an error: client certificates are not asked for, backends are not verified. Gateway API
#   1.4 moved two such fields, so that manifests from before lose mTLS: `listeners[].tls.frontendValidation` is now
#   `spec.tls.frontend`, `spec.backendTLS` is now `spec.tls.backend`. BackendTLSPolicy lost `spec.targetRef` and `spec.tls` with
#   v1alpha3.
#
#   Without `schemas:` in the config and without a CRD in the tree, the newest release is assumed. If the cluster has an older
#   one, say so there.
# related_resources:
#   - description: Field pruning of custom resources
#     ref: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
#   - description: Gateway API 1.4, which moved the two fields
#     ref: https://github.com/kubernetes-sigs/gateway-api/releases/tag/v1.4.0
# custom:
#   severity: error
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
#   triggers: [source]
package policies.schema["pruned-field"]

findings contains object.union(
	{"path": defect.path, "message": defect.message},
	_consequence(defect.path),
) if {
	some defect in input.source["pruned-field"]
}

_consequence(path) := {
	"effect": "the API server drops it, and client certificates are not asked for",
	"remedy": "move it to spec.tls.frontend, which is for a port or the whole Gateway",
} if {
	path[count(path) - 1] == "frontendValidation"
} else := {
	"effect": "the API server drops it, and backends see no client certificate",
	"remedy": "move it to spec.tls.backend",
} if {
	path == ["spec", "backendTLS"]
} else := {
	"effect": "the API server drops it, and with it a part of the TLS configuration",
	"remedy": "correct the name, or move it to where the CRD has it",
} if {
	_carries_tls(path)
} else := {
	"severity": "warning",
	"effect": "the API server drops it",
	"remedy": "correct the name, or remove the field",
}

# The whole of these kinds is about TLS,
_carries_tls(path) if {
	input.id.kind in {"BackendTLSPolicy", "Certificate", "ClusterIssuer", "Issuer"}
	path[0] == "spec"
}

# and of others what stands in such a field, or is one.
_carries_tls(path) if {
	some step in path
	step in {
		"backendTLS",
		"caCertRefs",
		"caCertificateRefs",
		"certificateRefs",
		"clientCertificateRef",
		"clientValidation",
		"frontendValidation",
		"insecureSkipVerify",
		"sni",
		"subjectAltNames",
		"tls",
		"wellKnownCACertificates",
	}
}
