# METADATA
# description: |
#   What Kong's controller reads of annotations, as it reads it (internal/annotations/annotations.go). What it takes from them
#   for a Service, Kong itself checks once more, and refuses all of its configuration for one field that it does not take
#   (kong/db/schema/entities/services.lua).
package lib.kong

import data.lib.text

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
