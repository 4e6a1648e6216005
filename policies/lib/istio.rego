# METADATA
# description: What Istio reads, as it reads it.
package lib.istio

import data.lib.text

# METADATA
# description: Modes of a server in which the gateway ends TLS with a certificate that it is given.
ends := {"SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"}

# METADATA
# description: Those of them in which it asks clients for a certificate.
asks := {"MUTUAL", "OPTIONAL_MUTUAL"}

# METADATA
# description: Modes in which connections are handed on as they are.
passes := {"PASSTHROUGH", "AUTO_PASSTHROUGH"}

# METADATA
# description: |
#   The hosts of a server, as messages name them. What stands before a slash is the namespace whose VirtualServices may have
#   routes for the host.
hosts(server) := text.list([_name(host) | some host in server.hosts]) if count(server.hosts) > 0

hosts(server) := "the server" if count(object.get(server, "hosts", [])) == 0

_name(entry) := "every host" if host(entry) == "*"

_name(entry) := host(entry) if host(entry) != "*"

# METADATA
# description: The host itself.
host(entry) := parts[count(parts) - 1] if parts := split(entry, "/")

# METADATA
# description: |
#   The fields by which a server is given a certificate, in the order in which messages name them. Half of a pair of files is
#   given too.
sources(tls) := [field |
	some field in ["credentialName", "credentialNames", "serverCertificate", "privateKey", "tlsCertificates"]
	value := tls[field]
	not value in {"", []}
]

# METADATA
# description: The certificate comes from a Secret, and not from a file.
by_credential(tls) if tls.credentialName != ""

by_credential(tls) if count(tls.credentialNames) > 0

# METADATA
# description: The server that a path into a Gateway leads to.
server(path) := input.object.spec.servers[path[2]]

# METADATA
# description: |
#   A Secret that is not seen where it is looked for stands in the namespace of the Gateway, where other controllers would read it.
beside(ref) if {
	ref.presence in {"absent", "unknown"}
	ref.pods.beside in {"present", "promised"}
	count(ref.pods.namespaces) > 0
	not input.id.namespace in ref.pods.namespaces
}

# METADATA
# description: The server is for TLS, whoever ends it. Protocols are written in any case (pkg/config/protocol/instance.go).
secure(server) if upper(server.port.protocol) in {"HTTPS", "TLS"}

# METADATA
# description: The server is for plain HTTP.
plain(server) if upper(server.port.protocol) in {"HTTP", "HTTP2", "HTTP_PROXY", "GRPC", "GRPC-WEB"}

# METADATA
# description: The gateway ends TLS for the server itself.
terminates(server) if {
	secure(server)
	server.tls.mode in {"SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"}
}

# METADATA
# description: |
#   Some pods have both Gateways: all labels of one selector are in the other. Whether there are pods with the labels of two others
#   nobody can tell.
meet(a, b) if {
	every label, value in object.get(a, ["spec", "selector"], {}) {
		b.spec.selector[label] == value
	}
}

meet(a, b) if {
	every label, value in object.get(b, ["spec", "selector"], {}) {
		a.spec.selector[label] == value
	}
}

# METADATA
# description: Two servers have the same listener.
together(a, b) if {
	a.port.number == b.port.number
	object.get(a, "bind", "") == object.get(b, "bind", "")
}
