# METADATA
# description: What Gateway API says of listeners, host names and routes.
package lib.gateway

import data.lib.text

# METADATA
# description: |
#   Two host names of listeners or routes have names in common. None stands for all, and unlike in a certificate, a wildcard for
#   any number of labels (gateway-api, apis/v1/gateway_types.go and httproute_types.go, Hostnames).
meets("", _)

meets(_, "")

meets(a, b) if a == b

meets(a, b) if {
	startswith(a, "*.")
	endswith(b, substring(a, 1, -1))
}

meets(a, b) if {
	startswith(b, "*.")
	endswith(a, substring(b, 1, -1))
}

# METADATA
# description: A listener that ends TLS itself, and so shows a certificate.
terminates(listener) if {
	listener.protocol in {"HTTPS", "TLS"}
	object.get(listener, ["tls", "mode"], "Terminate") == "Terminate"
}

# METADATA
# description: The listeners of a Gateway or ListenerSet, and of the ListenerSets of a Gateway that are in sight.
listeners(object, sets) := array.concat(
	[entry | some entry in object.spec.listeners],
	[entry | some set in sets; some entry in set.object.spec.listeners],
)

# METADATA
# description: Whom a listener serves, as messages name them.
audience(entry) := sprintf("clients of %s", [entry.hostname]) if object.get(entry, "hostname", "") != ""

audience(entry) := sprintf("clients of listener %s", [entry.name]) if object.get(entry, "hostname", "") == ""

# METADATA
# description: |
#   The listeners of a Gateway or ListenerSet that a reference of a route names: by sectionName and port, or all. One without a
#   port, as ListenerSets may once have had, is given one by the controller.
named(reference, listeners) := [entry |
	some entry in listeners
	object.get(reference, "sectionName", entry.name) == entry.name
	object.get(entry, "port", null) in {object.get(reference, "port", object.get(entry, "port", null)), null, 0}
]

# METADATA
# description: |
#   A listener lets in routes of a namespace, or a Gateway its ListenerSets: "namespaces" of allowedRoutes or allowedListeners,
#   what holds without it, the namespace of the owner and that of the other. Undefined where a file sets no namespace, and where
#   labels decide that nobody here knows.
admits(namespaces, standard, own, other) := own == other if {
	object.get(namespaces, "from", standard) == "Same"
	own != ""
	other != ""
}

admits(namespaces, standard, _, _) if object.get(namespaces, "from", standard) == "All"

admits(namespaces, standard, _, _) := false if object.get(namespaces, "from", standard) == "None"

admits(namespaces, standard, _, other) := selected(namespaces.selector, other) if {
	object.get(namespaces, "from", standard) == "Selector"
	other != ""
}

# METADATA
# description: |
#   A selector of namespaces takes one. Undefined where it asks for more than the label that Kubernetes gives to every
#   namespace, its name.
selected(selector, namespace) := selector.matchLabels["kubernetes.io/metadata.name"] == namespace if {
	object.keys(selector.matchLabels) == {"kubernetes.io/metadata.name"}
	count(object.get(selector, "matchExpressions", [])) == 0
}

selected(selector, namespace) := namespace in selector.matchExpressions[0].values if {
	count(object.get(selector, "matchLabels", {})) == 0
	count(selector.matchExpressions) == 1
	selector.matchExpressions[0].key == "kubernetes.io/metadata.name"
	selector.matchExpressions[0].operator == "In"
}

# METADATA
# description: spec.tls.frontend of a Gateway asks clients of an HTTPS listener for certificates.
asked(frontend, listener) if validation(frontend, listener)

# METADATA
# description: What clients of an HTTPS listener are verified by, of spec.tls.frontend of a Gateway. An entry for its port replaces the default.
validation(frontend, listener) := entry.tls.validation if {
	some entry in frontend.perPort
	entry.port == listener.port
}

validation(frontend, listener) := frontend["default"].validation if {
	every entry in object.get(frontend, "perPort", []) {
		entry.port != listener.port
	}
}

# METADATA
# description: |
#   What is wrong with a CA that is there, as it is read under ca.crt. Undefined where it can be used; also by the entry that the only
#   controller reads besides.
ca_defect(ref) := sprintf("no ca.crt, only %s%s", [text.list(ref.keys), text.made(ref)]) if {
	ref.key_presence == "absent"
	count(ref.keys) > 0
	not _other_key_serves(ref)
}

ca_defect(ref) := "no ca.crt" if {
	ref.key_presence == "absent"
	count(ref.keys) == 0
}

ca_defect(ref) := "an empty ca.crt" if ref.content.empty

ca_defect(ref) := sprintf("no certificate under ca.crt%s", [_cause(ref.content.defects[0])]) if {
	not ref.content.opaque
	not ref.content.empty
	count(ref.content.certificates) == 0
}

_cause(defect) := "" if defect.kind == "no-certificate"

_cause(defect) := sprintf(" that can be read: %s", [defect.message]) if defect.kind != "no-certificate"

_other_key_serves(ref) if {
	count(input.controllers) == 1
	some controller, _ in input.controllers
	_reads(controller, ref.keys)
}

# METADATA
# description: Those that would read the CA, if it were one of them that acts, where nobody knows who does.
ca_perhaps(ref) := {title |
	count(input.controllers) == 0
	ref.key_presence == "absent"
	some controller, title in {"envoy-gateway": "Envoy Gateway", "istio": "Istio", "kong": "Kong"}
	_reads(controller, ref.keys)
}

_reads("envoy-gateway", keys) if "tls.crt" in keys

_reads("envoy-gateway", keys) if count(keys) == 1

_reads("istio", keys) if "cacert" in keys

_reads("kong", keys) if "cert" in keys

# METADATA
# description: What becomes of a Gateway's listeners that have no CA to verify clients with (GEP-91).
dark(ref) := "the HTTPS listeners accept no connection" if ref.path[3] == "default"

dark(ref) := sprintf("the HTTPS listeners on port %v accept no connection", [port]) if {
	ref.path[3] == "perPort"
	port := input.object.spec.tls.frontend.perPort[ref.path[4]].port
}

dark(ref) := sprintf("listener %s accepts no connection", [input.object.spec.listeners[ref.path[2]].name]) if {
	ref.path[1] == "listeners"
}
