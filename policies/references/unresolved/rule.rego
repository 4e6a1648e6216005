# METADATA
# title: Reference could not be followed
# description: |
#   A CA or certificate that an object refers to is not in sight, and nothing shows whether it exists: it may live in
#   another repository, or be made by hand. What depends on it **was not judged**.
#
#   Declare it under `external:` if it exists elsewhere, or its namespace under `complete:` if everything of that namespace
#   is in the tree. It is said once for each object that is referred to.
# custom:
#   severity: warning
#   kinds: ["*"]
#   triggers: [references]
#   since: v0.1.0
#   unknown: true
package policies.references.unresolved

import data.lib.text

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s %s", [ref.title, ref.label, ref.state]),
	"remedy": _remedy(ref),
	"severity": {"trust": "warning", "certificate": "info"}[ref.use],
} if {
	some role
	some ref in input.refs[role]
	ref.presence == "unknown"
	not ref.grant in {"not-granted", "refused", "refused-by-default"}
	ref.kind in {"Secret", "ConfigMap"}
	ref.use in {"trust", "certificate"}
	not ref.optional
	not _unread(role)
}

# Istio reads the Secrets of an Ingress in the namespace of its gateway, by a reference of its own.
_unread("server-certificate") if {
	input.refs["ingress-credential"]
	count(input.controllers) == 1
}

_remedy(ref) := sprintf("add it to the tree, or declare it: `external: [%s]`", [ref.label]) if {
	ref.grant != "unknown"
	not text.unfilled(ref.label)
	not _adrift(ref)
}

_remedy(ref) := "lint what comes out when the variables are filled in" if {
	ref.grant != "unknown"
	text.unfilled(ref.label)
}

_remedy(ref) := sprintf("set %s under `controllers.settings`", [ref.pods.setting]) if {
	not text.unfilled(ref.label)
	_adrift(ref)
}

# Nobody knows in which namespace to look.
_adrift(ref) if count(ref.pods.namespaces) == 0

_remedy(ref) := sprintf("add the grant to the tree, or declare `complete: [%s]`", [ref.namespace]) if {
	ref.grant == "unknown"
	not ref.crossing
}

_remedy(ref) := sprintf("set %s under `controllers.settings`", [ref.crossing]) if {
	ref.grant == "unknown"
	ref.crossing
}
