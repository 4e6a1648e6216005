# METADATA
# description: |
#   What Kong's controller reads of annotations, as it reads it (internal/annotations/annotations.go). What it takes from them
#   for a Service, Kong itself checks once more, and refuses all of its configuration for one field that it does not take
#   (kong/db/schema/entities/services.lua).
package lib.kong

import data.lib.text

# METADATA
# description: What says by annotations how a backend is called.
backends := {"Service", "KongServiceFacade"}

# METADATA
# description: |
#   The annotations by which a backend is called: of a facade and its Service together, where those of the facade win
#   (translator/ingressrules.go, resolveKubernetesServiceForBackend). Undefined where that Service is not in sight.
annotations := object.get(input.object.metadata, "annotations", {}) if input.id.kind == "Service"

annotations := object.union(
	object.get(ref.object, ["metadata", "annotations"], {}),
	object.get(input.object.metadata, "annotations", {}),
) if {
	some ref in input.refs["kong-facade-service"]
	ref.object
}

# METADATA
# description: A facade in front of the Service sets an annotation that the Service lacks.
completed(key) if {
	some facade in input.peers["kong-facade"]
	facade.object.metadata.annotations[key] != ""
}

# METADATA
# description: Go's strconv.ParseBool. Anything else counts as not set.
truth := {"1", "t", "T", "TRUE", "true", "True"}

# METADATA
# description: The same, for what is off.
falsehood := {"0", "f", "F", "FALSE", "false", "False"}

# METADATA
# description: Go's strconv.Atoi. Anything else counts as not set.
whole(value) if regex.match(`^[+-]?[0-9]{1,18}$`, value)

# METADATA
# description: A whole number, as it is.
number(value) := to_number(trim_prefix(value, "+"))

# METADATA
# description: The protocols that the controller lets pass (internal/util/protocol.go).
protocols := {"http", "https", "grpc", "grpcs", "ws", "wss", "tls", "tcp", "tls_passthrough"}

# METADATA
# description: |
#   The protocol that a Service is called by. What the controller does not know stays http. Undefined where something else writes it
#   later.
protocol(annotations) := annotations["konghq.com/protocol"] if annotations["konghq.com/protocol"] in protocols

protocol(annotations) := "http" if not annotations["konghq.com/protocol"]

protocol(annotations) := "http" if {
	value := annotations["konghq.com/protocol"]
	not value in protocols
	not text.unfilled(value)
}

# METADATA
# description: The only protocols for which Kong takes settings of TLS, whatever these say.
encrypted := {"https", "tls"}

# METADATA
# description: The annotations that list CAs.
lists := {"konghq.com/ca-certificates-secrets", "konghq.com/ca-certificates-configmaps"}

# METADATA
# description: What becomes of everything while Kong refuses a part of its configuration.
frozen := "Kong refuses its whole configuration, and no change to any route takes effect"

# METADATA
# description: What the CAs of a Service, or of a BackendTLSPolicy, are for.
verified := input.id.label if input.id.kind in backends

verified := text.targets(input.refs) if input.id.kind == "BackendTLSPolicy"

# METADATA
# description: The CAs that Kong looks for, wherever they are named, and that something is verified by.
authorities := [ref | some ref in input.refs["kong-ca"]; ref.in_force] if _verifying

authorities := input.refs["kong-policy-ca"] if input.refs["kong-policy-ca"]

# Of a Service the reference itself says whether it is verified.
_verifying if input.id.kind == "Service"

# Of a facade its own word decides, whatever stands on its Service.
_verifying if {
	input.id.kind == "KongServiceFacade"
	input.object.metadata.annotations["konghq.com/tls-verify"] in truth
}

_verifying if {
	input.id.kind == "KongServiceFacade"
	annotations["konghq.com/tls-verify"] in truth
}

# METADATA
# description: |
#   How many intermediates the longest way from one of these CAs to its root has, 1 at the least; of longer ones than four it is
#   not known. Each is a certificate of its own.
depth := max([n |
	some n, names in {2: _second, 3: _third, 4: _fourth}
	count(names) > 0
]) if {
	count(_second) > 0
}

depth := 1 if count(_second) == 0

_held := {hash | some ref in authorities; some hash in object.get(ref, ["content", "certificates"], [])}

# The names of those that lie so far below a root.
_roots := {input.certificates[hash].subject | some hash in _held; input.certificates[hash].self_signed}

_first := _issued_by(_roots)

_second := _issued_by(_first)

_third := _issued_by(_second)

_fourth := _issued_by(_third)

_issued_by(names) := {input.certificates[hash].subject |
	some hash in _held
	not input.certificates[hash].self_signed
	input.certificates[hash].issuer in names
}
