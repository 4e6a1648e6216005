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
	"auth-tls-verify-depth": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-depth", "1"),
	"auth-tls-error-page": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-error-page", ""),
	"auth-tls-pass-certificate-to-upstream": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream", "false") in truth,
	"auth-tls-match-cn": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-match-cn", ""),
}

_modes := {"on", "off", "optional", "optional_no_ca"}

# What is none of these becomes "on".
_verify_client(value) := value if value in _modes

_verify_client(value) := "on" if not value in _modes
