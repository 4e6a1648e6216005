# METADATA
# description: What ingress-nginx reads, as it reads it.
package lib.nginx

import data.lib.text

# METADATA
# description: Go's strconv.ParseBool, by which ingress-nginx reads its boolean annotations.
truth := {"1", "t", "T", "TRUE", "true", "True"}

# METADATA
# description: The same, for what is off. Anything else is no boolean, and ingress-nginx takes a default.
falsehood := {"0", "f", "F", "FALSE", "false", "False"}

# METADATA
# description: |
#   The client certificate policy of an Ingress with the defaults that ingress-nginx fills in
#   (internal/ingress/annotations/authtls/main.go). Two Ingresses of one host agree if these are equal.
client_policy(annotations) := {
	"auth-tls-secret": annotations["nginx.ingress.kubernetes.io/auth-tls-secret"],
	"auth-tls-verify-client": verify_client(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-client", "on")),
	"auth-tls-verify-depth": depth(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-depth", "1")),
	"auth-tls-error-page": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-error-page", ""),
	"auth-tls-pass-certificate-to-upstream": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream", "false") in truth,
	"auth-tls-match-cn": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-match-cn", ""),
}

# METADATA
# description: The annotations name a client CA. Of blanks ingress-nginx makes none (annotations/parser).
names_client_ca(annotations) if trim(annotations["nginx.ingress.kubernetes.io/auth-tls-secret"], " ") != ""

# METADATA
# description: The annotations have clients asked for a certificate.
asks_clients(annotations) if {
	names_client_ca(annotations)
	client_policy(annotations)["auth-tls-verify-client"] != "off"
}

# METADATA
# description: |
#   The options by which annotations ask something of clients, beside the CA. A blank is none, and "off" asks nothing. The
#   depth is not among them: charts write it wherever they write any.
asking_options(annotations) := [option |
	some option in [
		"auth-tls-verify-client",
		"auth-tls-match-cn",
		"auth-tls-pass-certificate-to-upstream",
		"auth-tls-error-page",
	]
	_asks(option, trim(annotations[sprintf("nginx.ingress.kubernetes.io/%s", [option])], " "))
	not _off(annotations)
]

_off(annotations) if verify_client(annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]) == "off"

_asks("auth-tls-pass-certificate-to-upstream", value) if value in truth

_asks(option, value) if {
	option != "auth-tls-pass-certificate-to-upstream"
	value != ""
}

# METADATA
# description: How grave it is that these options do nothing. The first two let nobody in where they work.
option_severity(options) := "error" if _checks(options)

option_severity(options) := "warning" if not _checks(options)

_checks(options) if {
	some option in options
	option in {"auth-tls-verify-client", "auth-tls-match-cn"}
}

# METADATA
# description: |
#   The hosts of an Ingress for which none of the others (peers.host) names a client CA. A host has one client certificate
#   policy, whichever of its Ingresses it comes from.
without_client_ca(ingress, others) := sort({text.host(host) | some host in (_hosts(ingress) - supplied)}) if {
	supplied := {peer.key | some peer in others; names_client_ca(peer.object.metadata.annotations)}
}

_hosts(ingress) := {object.get(rule, "host", "") | some rule in ingress.spec.rules} if ingress.spec.rules[0]

_hosts(ingress) := {""} if not ingress.spec.rules[0]

# METADATA
# description: The wildcard host above a host. Of a wildcard that is itself, as ingress-nginx looks it up (lua/certificate.lua).
parent(host) := regex.replace(host, `^[^.]+\.`, "*.")

# METADATA
# description: A canary sends part of another Ingress's requests elsewhere, and takes most settings from that.
canary(annotations) if annotations["nginx.ingress.kubernetes.io/canary"] in truth

# METADATA
# description: A verify depth as ingress-nginx reads it. What is below 0 stays so, and nginx refuses it.
depth(value) := to_number(trim_left(value, "+")) if not coerced(value)

depth(value) := 1 if coerced(value)

# METADATA
# description: Of this verify depth ingress-nginx makes 1. Go's strconv.Atoi fails on it, or yields 0.
coerced(value) if not regex.match(`^[+-]?[0-9]+$`, value)

coerced(value) if regex.match(`^[+-]?0+$`, value)

coerced(value) if to_number(trim_left(value, "+")) > 9223372036854775807

coerced(value) if to_number(trim_left(value, "+")) < -9223372036854775808

_modes := {"on", "off", "optional", "optional_no_ca"}

# METADATA
# description: A verify mode as ingress-nginx reads it. What is none of the four becomes "on".
verify_client(value) := trim(value, " ") if _mode(value)

verify_client(value) := "on" if not _mode(value)

_mode(value) if trim(value, " ") in _modes
