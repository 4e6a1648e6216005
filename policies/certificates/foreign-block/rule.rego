# METADATA
# title: CA bundle holds what is no certificate
# description: |
#   Among the certificates that something verifies by stands a private key, a revocation list or another block. A **private key
#   is out in the open** there: a ConfigMap and the `ca.crt` of a Secret are copied to whoever verifies. Whoever reads it can
#   issue certificates, if it is the CA's.
#
#   Other blocks are read differently by everybody: ingress-nginx refuses the whole bundle (a rule of its own says so), Go
#   programs skip them or refuse the bundle, and Envoy takes a revocation list in it as the wish to check revocation, for which
#   it then wants a list of every CA.
# related_resources:
#   - description: ingress-nginx, a revocation list in ca.crt
#     ref: https://github.com/kubernetes/ingress-nginx/issues/3420
#   - description: Envoy, trusted_ca and crl
#     ref: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto
# custom:
#   severity: error
#   kinds: ["*"]
#   triggers: [references]
#   blames: target
#   since: v0.1.0
package policies.certificates["foreign-block"]

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s of %s holds a private key (line %d)", [ref.key, ref.label, defect.line]),
	"effect": "everybody who may read the CA can read the key",
	"remedy": "take the key out, and make a new key and certificate: this one is no secret any more",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	some defect in ref.content.defects
	defect.kind == "private-key"
}

findings contains {
	"path": ref.path,
	"key": ref.key,
	"message": sprintf("%s of %s: %s (line %d)", [ref.key, ref.label, defect.message, defect.line]),
	"effect": "some readers refuse the whole bundle, others skip the block",
	"remedy": _remedy[defect.kind],
	"severity": "warning",
} if {
	some role
	some ref in input.refs[role]
	ref.use == "trust"
	some defect in ref.content.defects
	_remedy[defect.kind]
	ref.in_force

	# ingress-nginx/ca-bundle-malformed says what it makes of it.
	not input.controllers["ingress-nginx"]
}

_remedy := {
	"crl": "put the revocation list where the controller looks for one",
	"foreign-block": "take it out",
	"trusted-certificate": "write it as a CERTIFICATE block",
}
