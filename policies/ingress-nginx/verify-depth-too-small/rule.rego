# METADATA
# title: Verify depth is smaller than the CA bundle needs
# description: |
#   `auth-tls-verify-depth` or `proxy-ssl-verify-depth` is the number of intermediate CAs that may stand between a
#   certificate and the root; those that are in `ca.crt` count too. The bundle holds a CA below that depth: what it
#   issued is refused, clients with 400 and backends with 502. The log never says that the chain is too long, but
#   "unable to get issuer certificate" or "unable to get local issuer certificate".
#
#   It is an error if every CA of the bundle that may have issued certificates lies too deep, and a warning if some do.
#   A CA that has signed another one of the bundle is taken to sign nothing else. CAs that only clients send come on
#   top, and are not known here.
# related_resources:
#   - description: OpenSSL, how a chain is built
#     ref: https://docs.openssl.org/3.0/man1/openssl-verification-options/
#   - description: ssl_verify_depth
#     ref: https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_depth
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"]'
#   since: v0.1.0
package policies["ingress-nginx"]["verify-depth-too-small"]

import data.lib.nginx

findings contains {
	"path": ["metadata", "annotations", side.annotation],
	"message": sprintf("it allows %d, and %s stands %d below its root in ca.crt of %s", [depth, input.certificates[deepest].subject, needed, ref.label]),
	"effect": {true: side.all, false: sprintf(side.some, [input.certificates[deepest].subject])}[all_deeper],
	"remedy": sprintf("set it to \"%d\"", [needed]),
	"severity": {true: "error", false: "warning"}[all_deeper],
	"fix": {
		"title": sprintf("set %s to \"%d\"", [side.name, needed]),
		"safe": all_deeper,
		"edits": [{"op": "set", "path": ["metadata", "annotations", side.annotation], "value": sprintf("%d", [needed])}],
	},
} if {
	some role, side in _sides
	some ref in input.refs[role]
	set := input.object.metadata.annotations[side.annotation]
	not nginx.coerced(set)
	depth := nginx.depth(set)
	depth > 0
	depth < ref.trust.depth

	# A value of ours is another rule's, and nobody is denied for it.
	not input.defaulted[sprintf("metadata.annotations[\"%s\"]", [side.annotation])]
	ref.in_force
	nginx.loaded(ref)
	issuers := [certificate |
		some certificate in ref.trust.certificates
		certificate.issues
		certificate.meant
		certificate.needs >= 0
		not _signs_another(certificate.hash, ref.trust.certificates)
	]
	deeper := [certificate | some certificate in issuers; certificate.needs > depth]
	needed := max([certificate.needs | some certificate in deeper])
	deepest := [certificate.hash | some certificate in deeper; certificate.needs == needed][0]
	all_deeper := count(deeper) == count(issuers)
}

_signs_another(hash, certificates) if {
	subject := input.certificates[hash].subject
	some other in certificates
	other.issues
	input.certificates[other.hash].issuer == subject
	input.certificates[other.hash].subject != subject
}

_sides := {
	"client-ca": {
		"name": "auth-tls-verify-depth",
		"annotation": "nginx.ingress.kubernetes.io/auth-tls-verify-depth",
		"all": "every client certificate is refused with 400",
		"some": "client certificates of %s are refused with 400",
	},
	"upstream-ca": {
		"name": "proxy-ssl-verify-depth",
		"annotation": "nginx.ingress.kubernetes.io/proxy-ssl-verify-depth",
		"all": "every request gets 502",
		"some": "requests to backends with a certificate of %s get 502",
	},
}
