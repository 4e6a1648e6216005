# METADATA
# description: How ingress-nginx calls backends, as it reads the annotations of an Ingress.
package lib.upstream

# METADATA
# description: |
#   The protocol that backends are called by. What ingress-nginx does not know becomes HTTP
#   (internal/ingress/annotations/backendprotocol/main.go).
protocol(annotations) := upper(trim_space(annotations["nginx.ingress.kubernetes.io/backend-protocol"])) if {
	known_protocol(annotations["nginx.ingress.kubernetes.io/backend-protocol"])
}

protocol(annotations) := "HTTP" if {
	not known_protocol(object.get(annotations, "nginx.ingress.kubernetes.io/backend-protocol", ""))
}

# METADATA
# description: In whatever case; blanks around it are cut off, line breaks are not.
known_protocol(value) if regex.match(`^[ \t]*(?i:auto_http|https?|grpcs?|fcgi)[ \t]*$`, value)

# METADATA
# description: Anything but "on" is off (internal/ingress/annotations/proxyssl/main.go).
verifies(annotations) if trim(annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"], " ") == "on"

# METADATA
# description: Whoever wrote this value of proxy-ssl-verify wants backends verified, though only "on" does it.
wants_verified(annotations) if {
	value := lower(trim_space(annotations["nginx.ingress.kubernetes.io/proxy-ssl-verify"]))
	not value in {"", "off", "false", "no", "0", "none", "disabled"}
}

# METADATA
# description: |
#   Settings of backend TLS that differ from their defaults. Charts write empty and default ones by the dozen, and mean
#   nothing by them.
settings(annotations) := sort([setting |
	some setting, defaults in _defaults
	value := annotations[concat("", ["nginx.ingress.kubernetes.io/", setting])]
	not lower(trim_space(value)) in defaults
])

_defaults := {
	"proxy-ssl-ciphers": {"", "default"},
	"proxy-ssl-name": {""},
	"proxy-ssl-protocols": {"", "tlsv1.2"},
	"proxy-ssl-server-name": {"", "off", "false"},
	"proxy-ssl-verify": {"", "off", "false"},
	"proxy-ssl-verify-depth": {"", "0", "1"},
}

# METADATA
# description: The annotation of a setting.
path(setting) := ["metadata", "annotations", concat("", ["nginx.ingress.kubernetes.io/", setting])]
