# METADATA
# title: Backend TLS options without a Secret
# description: |
#   ingress-nginx reads `proxy-ssl-verify`, `proxy-ssl-name` and their like only where `proxy-ssl-secret` names a Secret.
#   Without it they are dropped without a word: **nginx takes whatever certificate a backend shows**, sends it no server name
#   (SNI), and speaks the default protocols. System roots are never used.
#
#   That nothing is verified although `proxy-ssl-verify` asks for it is an error; options that are only lost are a warning.
#   Nothing is said of empty values and of defaults, which charts write by the dozen, nor where a snippet sets the directives
#   by hand.
# related_resources:
#   - description: proxy-ssl-* is ignored without proxy-ssl-secret
#     ref: https://github.com/kubernetes/ingress-nginx/issues/10264
#   - description: The same of proxy-ssl-server-name
#     ref: https://github.com/kubernetes/ingress-nginx/issues/6728
# custom:
#   severity: error
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers:
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-name"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-server-name"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-protocols"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-ciphers"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"]'
#   since: v0.1.0
package policies["ingress-nginx"]["upstream-options-without-ca"]

import data.lib.nginx
import data.lib.text
import data.lib.upstream

findings contains {
	"path": upstream.path("proxy-ssl-verify"),
	"message": sprintf("%s without proxy-ssl-secret", [_ignored]),
	"effect": sprintf("the backends of %s are not verified", [text.hosts(input.object)]),
	"remedy": "set proxy-ssl-secret to the Secret that holds the CA of the backends under ca.crt",
} if {
	_without_secret
	upstream.wants_verified(input.object.metadata.annotations)
}

findings contains {
	"path": upstream.path(upstream.settings(input.object.metadata.annotations)[0]),
	"message": sprintf("%s without proxy-ssl-secret", [_ignored]),
	"effect": sprintf("nginx calls the backends of %s as if nothing were set", [text.hosts(input.object)]),
	"remedy": "set proxy-ssl-secret to a Secret with a CA under ca.crt, or remove what does nothing",
	"severity": "warning",
} if {
	_without_secret
	not upstream.wants_verified(input.object.metadata.annotations)
}

_without_secret if {
	object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-secret", "") == ""
	count(upstream.settings(input.object.metadata.annotations)) > 0

	# Of other protocols, upstream-tls-not-used speaks.
	upstream.protocol(input.object.metadata.annotations) == "HTTPS"
	not nginx.canary(input.object.metadata.annotations)
	not nginx.by_hand(input.object.metadata.annotations, "proxy_ssl_")
	not _inherited
}

# What another Ingress of the host sets holds for this one too. Of that, upstream-settings-leak speaks.
_inherited if {
	some peer in input.peers.host
	object.get(peer.object, ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-ssl-secret"], "") != ""
	not nginx.location_only
}

_ignored := sprintf("%s does nothing", settings) if {
	settings := upstream.settings(input.object.metadata.annotations)
	count(settings) == 1
}

_ignored := sprintf("%s do nothing", [text.list(settings)]) if {
	settings := upstream.settings(input.object.metadata.annotations)
	count(settings) > 1
}
