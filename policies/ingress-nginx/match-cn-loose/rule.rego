# METADATA
# title: Match on the common name is loose
# description: |
#   `auth-tls-match-cn` is a regular expression that nginx **searches for anywhere in the subject** of the client
#   certificate, as in `CN=admin,OU=ops,O=Shop`. `CN=admin` therefore also lets in `CN=admin-guest`, and the right-hand side
#   of `CN=a|b` lets in every subject with a `b` in it. The expression has to start with `CN=`, so that its beginning cannot
#   be held fast: let the CA decide who may have which name, and end the expression with `(,|$)`.
#
#   A dot that stands for itself should be written `\.`: a note. Turn the rule off if the CA signs for one kind of client only.
# related_resources:
#   - description: ingress-nginx, client certificate authentication
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication
#   - description: ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl (ssl_client_s_dn)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/rootfs/etc/nginx/template/nginx.tmpl
# custom:
#   severity: warning
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-match-cn"]'
#   since: v0.1.0
package policies["ingress-nginx"]["match-cn-loose"]

import data.lib.text

findings contains object.union(
	{
		"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-match-cn"],
		"message": defect.message,
		"effect": sprintf("%s let into %s", [defect.whom, text.hosts(input.object)]),
		"remedy": defect.remedy,
	},
	object.filter(defect, ["severity"]),
) if {
	count(input.refs["client-ca"]) > 0
	pattern := input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-match-cn"]

	# ingress-nginx does not load an Ingress whose expression starts otherwise.
	startswith(pattern, "CN=")
	defect := _defect(pattern)
}

_defect(pattern) := {
	"message": sprintf("auth-tls-match-cn %q also matches by its right-hand side alone, anywhere in a subject", [pattern]),
	"whom": "clients of other names are",
	"remedy": "put the names into brackets: CN=(a|b)(,|$)",
} if {
	_bare(pattern)
}

_defect(pattern) := {
	"message": sprintf("auth-tls-match-cn %q has no end, and matches longer names too", [pattern]),
	"whom": sprintf("clients whose name only begins like %s are", [trim_prefix(pattern, "CN=")]),
	"remedy": sprintf("end it: %s(,|$)", [pattern]),
} if {
	not _bare(pattern)
	_open(pattern)
}

_defect(pattern) := {
	"message": sprintf("a dot in auth-tls-match-cn %q stands for any character", [pattern]),
	"whom": "clients whose name has another character there are",
	"remedy": `write \. for a dot`,
	"severity": "info",
} if {
	not _bare(pattern)
	not _open(pattern)
	regex.match(`[^.\[\]()*+?{}|\\]\.[^.\[\]()*+?{}|$\\]`, pattern)
}

# One of the alternatives of the whole expression does not start with CN=.
_bare(pattern) if {
	some alternative in _alternatives(pattern)
	not startswith(alternative, "CN=")
}

# One of them ends before the name does: neither with the subject nor with the comma after the name.
_open(pattern) if {
	some alternative in _alternatives(pattern)
	not regex.match(`[$,]`, alternative)
}

# What is bracketed has alternatives of its own. What it may end the name with counts, where each of them does.
_alternatives(pattern) := split(_flat(_flat(_flat(ended))), "|") if {
	plain := regex.replace(regex.replace(pattern, `\\.`, "_"), `\[[^\]]*\]`, "_")
	ended := regex.replace(plain, `\((\?[:=])?(,(\.\*)?\|\$|\$\|,(\.\*)?)\)`, "$$")
}

_flat(pattern) := regex.replace(pattern, `\([^()]*\)`, "_")
