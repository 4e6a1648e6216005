# METADATA
# description: What Istio makes of a DestinationRule, and of what stands around it.
package lib.mesh

# METADATA
# description: |
#   The traffic policies of a DestinationRule: where each stands, what it is for, and the port it is for if it is for one.
policies(rule) := array.concat(
	array.concat(
		[{"path": ["spec", "trafficPolicy"], "policy": rule.spec.trafficPolicy, "to": rule.spec.host} | rule.spec.trafficPolicy],
		[entry | some entry in ports(["spec"], rule.spec, rule.spec.host)],
	),
	array.concat(
		[{"path": ["spec", "subsets", i, "trafficPolicy"], "policy": subset.trafficPolicy, "to": _subset(rule, subset)} |
			some i, subset in rule.spec.subsets
			subset.trafficPolicy
		],
		[entry |
			some i, subset in rule.spec.subsets
			some entry in ports(["spec", "subsets", i], subset, _subset(rule, subset))
		],
	),
)

# METADATA
# description: Those for single ports, of a DestinationRule or of a subset.
ports(path, owner, to) := [entry |
	some i, policy in owner.trafficPolicy.portLevelSettings
	entry := {
		"path": array.concat(path, ["trafficPolicy", "portLevelSettings", i]),
		"policy": policy,
		"to": sprintf("port %v of %s", [policy.port.number, to]),
		"port": policy.port.number,
	}
]

_subset(rule, subset) := sprintf("subset %v of %v", [subset.name, rule.spec.host])

# METADATA
# description: |
#   The settings of TLS that hold for a port of the host itself. An entry for the port replaces all of the others (Istio,
#   pilot/pkg/networking/util/util.go, GetPortLevelTrafficPolicy).
for_port(rule, number) := [entry |
	some entry in policies(rule)
	entry.path[1] == "trafficPolicy"
	entry.policy.tls
	_holds(rule, entry, number)
]

_holds(_, entry, number) if entry.port == number

_holds(rule, entry, number) if {
	not entry.port
	every other in ports(["spec"], rule.spec, "") {
		other.port != number
	}
}

# METADATA
# description: Istio is known to be of a release before 1.minor. Of one that nobody names nothing is said.
before(minor) if {
	input.settings.istio.version.value != ""
	numbers := regex.find_n(`[0-9]+`, input.settings.istio.version.value, 2)
	numbers[0] == "1"
	to_number(numbers[1]) < minor
}

# METADATA
# description: Another object, as a finding names it.
related(peer, message) := object.union(
	object.filter(peer, ["group", "kind", "namespace", "name"]),
	{"path": peer.their_path, "message": message},
)

# METADATA
# description: Those of the fields that are set, and not left blank.
fields(tls, names) := [field |
	some field in names
	value := tls[field]
	not value in {"", [], null}
]
