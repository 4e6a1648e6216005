# METADATA
# title: Backend protocol is none that ingress-nginx knows
# description: |
#   `backend-protocol` may be `HTTP`, `HTTPS`, `AUTO_HTTP`, `GRPC`, `GRPCS` or `FCGI`. **Whatever else it holds becomes HTTP**,
#   and backends are called in plain text; the only trace is a line in the log.
#
#   Lower case is accepted, but only half of the configuration follows it. With `grpcs` nginx calls backends by gRPC, and writes
#   headers with the directive of plain HTTP: none of them arrives, neither the host nor what is known of the client
#   certificate. With `fcgi` the backend is told nothing of the request. Lower-case `https` works.
# related_resources:
#   - description: ingress-nginx, backend protocol
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#backend-protocol
#   - description: ingress-nginx, internal/ingress/controller/template/template.go (buildProxyPass, proxySetHeader)
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/template/template.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/backend-protocol"]'
#   since: v0.1.0
package policies["ingress-nginx"]["backend-protocol-invalid"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

findings contains object.union(
	{
		"path": upstream.path("backend-protocol"),
		"message": sprintf("ingress-nginx does not know the backend-protocol %q, and takes HTTP", [value]),
		"effect": sprintf("nginx calls the backends of %s in plain text", [text.hosts(input.object)]),
		"remedy": "set HTTP, HTTPS, AUTO_HTTP, GRPC, GRPCS or FCGI",
		"severity": _severity(value),
	},
	_fix(value),
) if {
	value := input.object.metadata.annotations["nginx.ingress.kubernetes.io/backend-protocol"]
	trim_space(value) != ""
	not text.unfilled(value)
	not upstream.known_protocol(value)
	not nginx.canary(input.object.metadata.annotations)
}

findings contains {
	"path": upstream.path("backend-protocol"),
	"message": sprintf("the backend-protocol %q must be in upper case to hold for all of the configuration", [value]),
	"effect": _halves[wanted],
	"remedy": sprintf("write %s", [wanted]),
	"severity": "warning",
	"fix": {
		"title": sprintf("write %s", [wanted]),
		"safe": true,
		"edits": [{"op": "set", "path": upstream.path("backend-protocol"), "value": wanted}],
	},
} if {
	value := input.object.metadata.annotations["nginx.ingress.kubernetes.io/backend-protocol"]
	upstream.known_protocol(value)
	wanted := upstream.protocol(input.object.metadata.annotations)
	_halves[wanted]
	trim_space(value) != wanted
	not nginx.canary(input.object.metadata.annotations)
}

_halves := {
	"GRPC": "none of the headers that nginx sets reaches the backend, ssl-client-verify among them",
	"GRPCS": "none of the headers that nginx sets reaches the backend, ssl-client-verify among them",
	"FCGI": "the backend is told nothing of the request, not even its path",
}

# Where TLS was asked for, it is lost.
_severity(value) := "error" if regex.match(`(?i)https|tls|ssl|grpcs`, value)

_severity(value) := "warning" if not regex.match(`(?i)https|tls|ssl|grpcs`, value)

# What was written was perhaps never in use: the backend may not speak it.
_fix(value) := {"fix": {
	"title": sprintf("write %s", [upper(trim_space(value))]),
	"safe": false,
	"edits": [{"op": "set", "path": upstream.path("backend-protocol"), "value": upper(trim_space(value))}],
}} if {
	upstream.known_protocol(trim_space(value))
}

_fix(value) := {} if not upstream.known_protocol(trim_space(value))
