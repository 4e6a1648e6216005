# METADATA
# description: Words for messages.
package lib.text

# METADATA
# description: '"a", "a and b", "a, b and 3 more": short enough for a first line, whatever there is.'
list(items) := items[0] if count(items) == 1

list(items) := sprintf("%s and %s", items) if count(items) == 2

list(items) := sprintf("%s, %s and %d more", [items[0], items[1], count(items) - 2]) if count(items) > 2

# METADATA
# description: A host, or what an Ingress rule without one serves.
host(name) := name if name != ""

host("") := "the catch-all server"

# METADATA
# description: The hosts an Ingress answers for.
hosts(ingress) := list(array.concat(named, _rest(ingress, count(named)))) if {
	named := sort({rule.host | some rule in ingress.spec.rules; rule.host != ""})
}

# A rule without a host serves what no other names; so does a default backend.
_rest(_, 0) := ["the catch-all server"]

_rest(ingress, named) := ["the catch-all server" |
	some rule in ingress.spec.rules
	object.get(rule, "host", "") == ""
] if {
	named > 0
}

# METADATA
# description: A way out, with what was perhaps meant.
remedy(way, ref) := sprintf("%s, or refer to %s", [way, _meant(ref)[0]]) if count(_meant(ref)) > 0

remedy(way, ref) := way if {
	count(_meant(ref)) == 0
	not _taken_to_be_missing(ref)
}

remedy(way, ref) := sprintf("%s, or declare it if it is made elsewhere: `external: [%s]`", [way, ref.label]) if {
	count(_meant(ref)) == 0
	_taken_to_be_missing(ref)
}

# All that shows it is what else is kept in the tree.
_taken_to_be_missing(ref) if ref.evidence == "siblings"

# What is like the target in name only can be referred to instead. What stands in another namespace, in another root or is
# of another kind is not at hand as it is.
_meant(ref) := [near.label |
	some near in ref.near
	near.label != ref.label
	startswith(near.label, trim_suffix(ref.label, ref.name))
]

# METADATA
# description: What a message adds about who makes the target of a reference, and who signs it.
made(ref) := sprintf(": it is made for %s", [ref.producer.chain]) if ref.producer

made(ref) := "" if not ref.producer

# METADATA
# description: The Services a policy is about.
targets(refs) := list(names) if {
	names := sort({ref.label | some ref in refs["policy-target"]})
	count(names) > 0
}

targets(refs) := "its target" if not refs["policy-target"]

# METADATA
# description: |
#   A text holds the place of another: of a variable of Flux, kustomize, envsubst or Octopus, of a template, or of what a
#   plugin of Argo CD fetches. What the API server will see is not known. It is the same as unfilled in facts/references.go.
unfilled(value) if regex.match(`\$[A-Za-z_({]|#\{|\{\{|<path:`, value)
