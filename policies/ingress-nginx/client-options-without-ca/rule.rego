# METADATA
# title: Client certificate options without a client CA
# description: |
#   An Ingress sets `auth-tls-*`, but not `auth-tls-secret`. ingress-nginx then ignores them all, and **requests reach the
#   backend with no certificate asked for**; a client can even set the header `ssl-client-verify` itself. Neither an Event
#   nor a line in the log says so.
#
#   Where another Ingress of the host names a CA, that one's policy is in force for the whole host. What this Ingress asks for
#   is dropped, and is reported only if it differs. Files may not show that other Ingress: put both into one run, or make the
#   rule a warning. A depth, an error page or `auth-tls-pass-certificate-to-upstream` alone is a warning, as it may be left over.
# related_resources:
#   - description: auth-tls-verify-client without a Secret does nothing
#     ref: https://github.com/kubernetes/ingress-nginx/issues/2521
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-match-cn"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-error-page"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]'
#   since: v0.1.0
package policies["ingress-nginx"]["client-options-without-ca"]

import data.lib.nginx
import data.lib.text

# Nobody names a CA.
findings contains {
	"path": _path(options[0]),
	"message": sprintf("without auth-tls-secret ingress-nginx ignores %s", [text.list(options)]),
	"effect": sprintf("requests to %s reach the backend without a client certificate", [text.list(hosts)]),
	"remedy": "add auth-tls-secret with the Secret that holds the CA, as <namespace>/<name>, or remove auth-tls-*",
	"severity": nginx.option_severity(options),
} if {
	not _named
	options := _options
	count(options) > 0
	hosts := _open
	count(hosts) > 0
}

# Another Ingress does, and asks for something else.
findings contains {
	"path": _path(options[0]),
	"message": sprintf("without auth-tls-secret ingress-nginx ignores %s, and that of %s is in force", [text.list(options), peer.label]),
	"remedy": sprintf("write the same auth-tls-* as %s, or none", [peer.label]),
	"severity": "warning",
	"related": [object.union(
		object.filter(peer, ["group", "kind", "namespace", "name"]),
		{"path": _path("auth-tls-secret"), "message": "the policy in force"},
	)],
} if {
	not _named
	count(_options) > 0
	count(_open) == 0
	peer := _suppliers[0]
	options := _differing(nginx.client_policy(peer.object.metadata.annotations))
	count(options) > 0
}

# Blank is another matter: client-ca-blank.
_named if input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]

# tlsward's own defaults are taken away with what they were written for.
_options := [option |
	some option in array.concat(nginx.asking_options(input.object.metadata.annotations), _depth)
	not input.defaulted[sprintf("metadata.annotations[\"nginx.ingress.kubernetes.io/%s\"]", [option])]
]

_depth := ["auth-tls-verify-depth"] if {
	trim(input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"], " ") != ""
	not _off
}

_depth := [] if not input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"]

_depth := [] if trim(input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-depth"], " ") == ""

_depth := [] if _off

_off if nginx.verify_client(input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]) == "off"

_open := nginx.without_client_ca(input.object, object.get(input, ["peers", "host"], []))

_suppliers := [peer |
	some peer in input.peers.host
	nginx.names_client_ca(peer.object.metadata.annotations)
]

_differing(theirs) := [option | some option in _options; mine[option] != theirs[option]] if {
	mine := nginx.client_policy(object.union(
		input.object.metadata.annotations,
		{"nginx.ingress.kubernetes.io/auth-tls-secret": theirs["auth-tls-secret"]},
	))
}

_path(option) := ["metadata", "annotations", sprintf("nginx.ingress.kubernetes.io/%s", [option])]
