# METADATA
# description: How Gloo takes the TLS settings of its VirtualServices, Gateways, Upstreams and Services.
package lib.gloo

import data.lib.text

# METADATA
# description: The sslConfig of a VirtualService or an Upstream, or those of the TcpHosts of a Gateway, with their paths.
sections contains {"path": ["spec", "sslConfig"], "config": config} if {
	config := input.object.spec.sslConfig
	is_object(config)
}

sections contains {"path": ["spec", "tcpGateway", "tcpHosts", index, "sslConfig"], "config": host.sslConfig} if {
	some index, host in input.object.spec.tcpGateway.tcpHosts
	is_object(host.sslConfig)
}

# METADATA
# description: |
#   A sslConfig has no CA to verify the other side by. Undefined where its Secret is not in sight. Of several sources Gloo takes the
#   first of these (projects/gloo/pkg/utils/ssl.go, ResolveCommonSslConfig).
lacks_ca(section) if {
	section.config.secretRef
	some role in ["gloo-client-ca", "gloo-backend-ca"]
	some ref in input.refs[role]
	ref.path == array.concat(section.path, ["secretRef"])
	ref.presence in {"present", "promised"}
	ref.key_presence == "absent"
	not own_format(ref)
}

lacks_ca(section) if {
	not section.config.secretRef
	section.config.sslFiles
	object.get(section.config.sslFiles, "rootCa", "") == ""
}

lacks_ca(section) if {
	not section.config.secretRef
	not section.config.sslFiles
	object.get(section.config, ["sds", "validationContextName"], "") == ""
}

# METADATA
# description: |
#   A Secret in Gloo's own format, of which nothing is known: all of it stands as YAML under tls, and an annotation resource_kind tells
#   (projects/gloo/api/v1/secret.proto).
own_format(ref) if {
	ref.type == "Opaque"
	"tls" in ref.keys
}

# METADATA
# description: What becomes of requests where Gloo refuses the TLS settings, or has no use for the Secret of them.
refused(path) := sprintf("%s get no TLS connection", [clients(path)]) if input.id.kind in {"VirtualService", "Gateway"}

refused(_) := sprintf("requests to %s get 503", [input.id.label]) if input.id.kind in {"Upstream", "Service"}

# METADATA
# description: |
#   What becomes of requests where the Secret is not found. An Upstream without its Secret is called **unencrypted** where
#   Settings say warnMissingTlsSecret, as the chart sets them (projects/gloo/pkg/translator/clusters.go).
unresolved(path) := refused(path) if input.id.kind in {"VirtualService", "Gateway"}

unresolved(_) := sprintf("requests to %s are sent unencrypted", [input.id.label]) if {
	input.id.kind in {"Upstream", "Service"}
	not _encrypted_anyway
	not _strict
}

unresolved(_) := sprintf("requests to %s are encrypted for whomever answers, without a client certificate", [input.id.label]) if {
	input.id.kind == "Upstream"
	_encrypted_anyway
	not _strict
}

unresolved(path) := refused(path) if {
	input.id.kind == "Upstream"
	_strict
}

# Gloo calls a static host by TLS that has port 443 (projects/gloo/pkg/plugins/static/plugin.go).
_encrypted_anyway if implied

# METADATA
# description: TLS that a static Upstream gets without a sslConfig, and without any verification.
implied if input.object.spec.static.useTls == true

implied if {
	not "useTls" in object.keys(input.object.spec.static)
	some host in input.object.spec.static.hosts
	host.port == 443
}

# Settings are in sight, and none has a missing Secret taken for a warning.
_strict if {
	count(input.peers.settings) > 0
	every settings in input.peers.settings {
		object.get(settings.object, ["spec", "gateway", "validation", "warnMissingTlsSecret"], false) != true
	}
}

# METADATA
# description: Whom the TLS settings at a path serve, as messages name them.
clients(_) := sprintf("clients of %s", [text.list(input.object.spec.sslConfig.sniDomains)]) if {
	count(input.object.spec.sslConfig.sniDomains) > 0
}

clients(_) := sprintf("clients of %s", [input.id.label]) if {
	input.id.kind == "VirtualService"
	count(object.get(input.object.spec, ["sslConfig", "sniDomains"], [])) == 0
}

clients(path) := sprintf("clients of TcpHost %v", [object.get(host, "name", path[3])]) if {
	input.id.kind == "Gateway"
	path[1] == "tcpGateway"
	host := input.object.spec.tcpGateway.tcpHosts[path[3]]
}

clients(path) := "clients of this Gateway" if {
	input.id.kind == "Gateway"
	path[1] != "tcpGateway"
}

# METADATA
# description: |
#   A Gateway takes a VirtualService with a sslConfig (projects/gateway/pkg/translator/virtual_service_translator.go,
#   HttpGatewayContainsVirtualService). Undefined where expressions decide.
takes(gateway, service) if {
	gateway.spec.ssl == true
	not gateway.spec.httpGateway.virtualServiceExpressions
	object.subset(
		object.get(service.metadata, "labels", {}),
		object.get(gateway.spec.httpGateway, "virtualServiceSelector", {}),
	)
	_listed(gateway.spec.httpGateway, service)
	_in_namespaces(gateway.spec.httpGateway, service)
}

_listed(http, _) if count(object.get(http, "virtualServices", [])) == 0

_listed(http, _) if http.virtualServiceSelector

_listed(http, service) if {
	some listed in http.virtualServices
	listed.name == service.metadata.name
	listed.namespace == service.metadata.namespace
}

_in_namespaces(http, _) if count(object.get(http, "virtualServiceNamespaces", [])) == 0

_in_namespaces(http, service) if {
	some namespace in http.virtualServiceNamespaces
	namespace in {"*", object.get(service.metadata, "namespace", "*")}
}

# METADATA
# description: |
#   How sure it is that a Gateway serves this VirtualService and another one: known by a Gateway in sight; assumed where none is, and
#   nothing tells the two apart.
together(other) := "known" if {
	some gateway in input.peers.gateway
	takes(gateway.object, input.object)
	takes(gateway.object, other)
}

together(other) := "assumed" if {
	count([gateway | some gateway in input.peers.gateway; gateway.object.spec.ssl == true]) == 0
	object.get(input.object.metadata, "namespace", "") == object.get(other.metadata, "namespace", "")
	not _told_apart(other)
}

# A Gateway selects by labels. One that both have, with another value, is by whom they are meant.
_told_apart(other) if {
	some key, value in input.object.metadata.labels
	other.metadata.labels[key] != value
}

# METADATA
# description: The order of the TLS versions, as sslConfig spells them.
versions := {"TLSv1_0": 1, "TLSv1_1": 2, "TLSv1_2": 3, "TLSv1_3": 4}

# METADATA
# description: |
#   How bad a ca.crt is that turns client certificates on: cert-manager and the like write one beside every certificate; by hand it is
#   put there on purpose.
implied_severity(ref) := "warning" if ref.producer

implied_severity(ref) := "info" if not ref.producer
