# METADATA
# description: What ingress-nginx reads, as it reads it.
package lib.nginx

# METADATA
# description: Go's strconv.ParseBool, by which ingress-nginx reads its boolean annotations.
truth := {"1", "t", "T", "TRUE", "true", "True"}

# METADATA
# description: |
#   The client certificate policy of an Ingress with the defaults that ingress-nginx fills in
#   (internal/ingress/annotations/authtls/main.go). Two Ingresses of one host agree if these are equal.
client_policy(annotations) := {
	"auth-tls-secret": annotations["nginx.ingress.kubernetes.io/auth-tls-secret"],
	"auth-tls-verify-client": _verify_client(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-client", "on")),
	"auth-tls-verify-depth": depth(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-depth", "1")),
	"auth-tls-error-page": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-error-page", ""),
	"auth-tls-pass-certificate-to-upstream": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream", "false") in truth,
	"auth-tls-match-cn": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-match-cn", ""),
}

# METADATA
# description: The annotations have clients asked for a certificate.
asks_clients(annotations) if {
	policy := client_policy(annotations)
	policy["auth-tls-secret"] != ""
	policy["auth-tls-verify-client"] != "off"
}

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

# What is none of these becomes "on".
_verify_client(value) := value if value in _modes

_verify_client(value) := "on" if not value in _modes

# METADATA
# description: |
#   The Ingress is a canary: its backend stands beside that of the main Ingress of the host, and most of its settings are
#   ignored.
canary(annotations) if annotations["nginx.ingress.kubernetes.io/canary"] in truth
