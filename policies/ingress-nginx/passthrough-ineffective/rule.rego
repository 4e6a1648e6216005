# METADATA
# title: TLS passthrough leads nowhere
# description: |
#   ingress-nginx passes connections through by the exact name that a client asks for (SNI), to the Service of the path `/` of
#   that host. On a wildcard host, or without a host, nothing is passed through: **nginx ends TLS itself**, with whatever
#   certificate it has for the host, and calls the backend as `backend-protocol` says, by default in plain text. On an exact
#   host where no Ingress has the path `/`, there is no Service to lead to: **every TLS connection to the host is closed**. An
#   `Exact` path does not count.
#
#   The controller must run with `--enable-ssl-passthrough`; without it nginx ends TLS itself, on every host. Nor does
#   passthrough work for headless and ExternalName Services, for it calls the cluster IP.
# related_resources:
#   - description: ingress-nginx, SSL passthrough
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/tls/#ssl-passthrough
#   - description: Passthrough, and the flag that it needs
#     ref: https://github.com/kubernetes/ingress-nginx/issues/6722
#   - description: ingress-nginx, internal/ingress/controller/controller.go (getConfiguration) and pkg/tcpproxy/tcp.go
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/pkg/tcpproxy/tcp.go
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"]'
#   since: v0.1.0
package policies["ingress-nginx"]["passthrough-ineffective"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/ssl-passthrough"],
	"message": "ssl-passthrough goes by the exact host that a client asks for, and never matches a wildcard or no host",
	"effect": sprintf("nginx ends TLS for %s itself, and clients do not see the backend's certificate", [text.list(hosts)]),
	"remedy": "name every host that is to be passed through, without a wildcard",
} if {
	nginx.passes_through(input.object.metadata.annotations)
	not nginx.passthrough_off
	hosts := sort({text.host(host) | some host in _hosts; not nginx.named(host)})
	count(hosts) > 0
}

findings contains {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/ssl-passthrough"],
	"message": "ssl-passthrough leads to the Service of the path / of a host, and no Ingress has that path with the type Prefix",
	"effect": sprintf("every TLS connection to %s is closed", [text.list(hosts)]),
	"remedy": "add the path / with the type Prefix, or remove ssl-passthrough",
} if {
	nginx.passes_through(input.object.metadata.annotations)
	not nginx.passthrough_off

	# The path may be with one of the Ingresses that were cut off.
	not "host" in object.get(input, "truncated", [])
	hosts := sort({host | some host in _hosts; nginx.named(host); not nginx.rooted(host, _ingresses(host))})
	count(hosts) > 0
}

findings contains {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/ssl-passthrough"],
	"message": sprintf("ssl-passthrough needs a controller with --enable-ssl-passthrough: %s", [
		input.settings["ingress-nginx"]["enable-ssl-passthrough"].reason,
	]),
	"effect": sprintf("nginx ends TLS for %s itself, and clients do not see the backend's certificate", [text.hosts(input.object)]),
	"remedy": "run the controller with --enable-ssl-passthrough, or remove ssl-passthrough",
} if {
	nginx.passes_through(input.object.metadata.annotations)
	nginx.passthrough_off
}

_hosts contains object.get(rule, "host", "") if some rule in input.object.spec.rules

_ingresses(host) := array.concat([input.object], [peer.object | some peer in input.peers.host; peer.key == host])
