# METADATA
# title: Client CA of an edge proxy does not exist
# description: The proxy refuses every client until the Secret is there.
# custom:
#   severity: error
#   kinds: [EdgeProxy.acme.example]
#   since: v1.0.0
package policies.acme["client-ca-missing"]

import data.lib.acme

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, acme.lack(ref)]),
	"effect": "every client is refused",
	"severity": _severity[ref.evidence],
} if {
	some ref in input.refs["edge-client-ca"]
	ref.presence == "absent"
	_judged(ref)
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s %s", [ref.label, acme.lack(ref)]),
	"effect": "every client is refused",
} if {
	some ref in input.refs["edge-client-ca"]
	ref.key_presence == "absent"
}

_severity := {"complete": "error", "near-miss": "error", "siblings": "warning"}

_judged(ref) if ref.grant in {"not-needed", "granted"}
