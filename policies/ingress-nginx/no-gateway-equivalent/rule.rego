# METADATA
# title: TLS setting that Gateway API has no place for
# description: |
#   What an Ingress of ingress-nginx says about TLS in annotations mostly has a field in Gateway API. For some of it there is **none**, or one
#   that means something else, so that whoever translates the rest loses it. Implementations have policies of their own for a
#   part of it.
#
#   The rule is off, but for the profile `migration`.
# related_resources:
#   - description: Gateway API, TLS
#     ref: https://gateway-api.sigs.k8s.io/guides/tls/
#   - description: Gateway API, BackendTLSPolicy
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
#   - description: ingress2gateway, mappings that are missing
#     ref: https://github.com/kubernetes-sigs/ingress2gateway/issues/333
# custom:
#   severity: info
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   triggers: [metadata.annotations]
#   doors: [lint, audit]
#   admission: none
#   profiles: {default: "off", strict: "off", migration: note}
#   since: v0.1.0
package policies["ingress-nginx"]["no-gateway-equivalent"]

import data.lib.nginx
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", annotation],
	"message": sprintf("Gateway API has nothing for %s", [trim_prefix(annotation, "nginx.ingress.kubernetes.io/")]),
	"effect": sprintf(missing.effect, [text.hosts(input.object)]),
	"remedy": missing.remedy,
} if {
	some annotation, missing in _missing
	not trim_space(input.object.metadata.annotations[annotation]) in {"", "false"}
}

findings contains {
	"path": ref.path,
	"message": "frontend.validation of a Gateway holds for all its hosts, or for a port",
	"effect": sprintf("clients of other hosts of the Gateway are asked for a certificate as those of %s are", [text.hosts(input.object)]),
	"remedy": "give hosts with a CA of their own a Gateway or a port of their own, and put the CA into a ConfigMap",
} if {
	some ref in input.refs["client-ca"]
	ref.in_force
}

findings contains {
	"path": ref.path,
	"message": sprintf("Gateway API has nothing for ca.crl of %s", [ref.label]),
	"effect": sprintf("revoked certificates are let in to %s", [text.hosts(input.object)]),
	"remedy": "use an implementation that has a policy for revocation, or let certificates live for a short time only",
} if {
	some ref in input.refs["client-ca"]
	ref.in_force
	"ca.crl" in ref.keys
}

findings contains {
	"path": ["metadata", "annotations", _mode],
	"message": sprintf("for %s there is only AllowInsecureFallback, which lets in any certificate, and none", [value]),
	"effect": sprintf("an invalid certificate no longer gets 400 from %s", [text.hosts(input.object)]),
	"remedy": "check certificates in the backend, or require them",
} if {
	value := input.object.metadata.annotations[_mode]
	value in {"optional", "optional_no_ca"}
	nginx.asks_clients(input.object.metadata.annotations)
}

findings contains {
	"path": ["metadata", "annotations", _protocol],
	"message": sprintf("Gateway API has nothing for backend-protocol %s", [value]),
	"effect": sprintf("requests to %s go on in plain HTTP, or not at all", [text.hosts(input.object)]),
	"remedy": "serve HTTP, HTTPS or gRPC in the backend",
} if {
	value := input.object.metadata.annotations[_protocol]
	upper(value) in {"AUTO_HTTP", "FCGI"}
}

findings contains {
	"path": ["metadata", "annotations", _protocol],
	"message": "BackendTLSPolicy always verifies the backend, and this Ingress does not",
	"effect": sprintf("requests to %s get 502 where no CA is named that signed the backend's certificate", [text.hosts(input.object)]),
	"remedy": "name the CA and the host name of the backend in a BackendTLSPolicy",
} if {
	upper(input.object.metadata.annotations[_protocol]) in {"HTTPS", "GRPCS"}
	object.get(input.object.metadata.annotations, "nginx.ingress.kubernetes.io/proxy-ssl-verify", "off") != "on"
}

findings contains {
	"path": ref.path,
	"message": sprintf("a Gateway has one client certificate for all backends, and %s holds one for these", [ref.label]),
	"effect": sprintf("the backends of %s see the certificate of the Gateway, or none", [text.hosts(input.object)]),
	"remedy": "give backends that want a certificate of their own a Gateway of their own (spec.tls.backend.clientCertificateRef)",
} if {
	some ref in input.refs["upstream-ca"]
	"tls.crt" in ref.keys
}

_mode := "nginx.ingress.kubernetes.io/auth-tls-verify-client"

_protocol := "nginx.ingress.kubernetes.io/backend-protocol"

_depth := "leave it out: an implementation has a depth of its own"

_ciphers := "set what the implementation has for it, such as options of a listener"

_missing := {
	"nginx.ingress.kubernetes.io/auth-tls-match-cn": {
		"effect": "any certificate of the CA is let in to %s, whatever its name",
		"remedy": "check the name in the backend, or by a policy of the implementation",
	},
	"nginx.ingress.kubernetes.io/auth-tls-error-page": {
		"effect": "clients without a certificate get a TLS alert from %s",
		"remedy": "do without the page",
	},
	"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream": {
		"effect": "backends of %s are not told the client certificate, or by another header",
		"remedy": "set what the implementation has for it, and have the backend read that header",
	},
	"nginx.ingress.kubernetes.io/auth-tls-verify-depth": {
		"effect": "certificate chains of other lengths are let in to %s",
		"remedy": _depth,
	},
	"nginx.ingress.kubernetes.io/proxy-ssl-verify-depth": {
		"effect": "the backends of %s may show certificate chains of other lengths",
		"remedy": _depth,
	},
	"nginx.ingress.kubernetes.io/ssl-ciphers": {"effect": "the ciphers of %s are the implementation's", "remedy": _ciphers},
	"nginx.ingress.kubernetes.io/ssl-prefer-server-ciphers": {
		"effect": "the ciphers of %s are the implementation's",
		"remedy": _ciphers,
	},
	"nginx.ingress.kubernetes.io/proxy-ssl-ciphers": {
		"effect": "the ciphers towards the backends of %s are the implementation's",
		"remedy": _ciphers,
	},
	"nginx.ingress.kubernetes.io/proxy-ssl-protocols": {
		"effect": "the TLS versions towards the backends of %s are the implementation's",
		"remedy": _ciphers,
	},
}
