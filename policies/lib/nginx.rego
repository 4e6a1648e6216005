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

# METADATA
# description: |
#   The Secret that an Ingress names for a host in spec.tls, "" if it names the host without one: the first entry that lists
#   the host (extractTLSSecretName in internal/ingress/controller/controller.go).
tls_secret(ingress, host) := object.get(entries[0], "secretName", "") if {
	entries := [entry | some entry in ingress.spec.tls; some listed in entry.hosts; lower(listed) == lower(host)]
	count(entries) > 0
}

# METADATA
# description: |
#   An Ingress has spec.tls, and gives a host no certificate by it: no entry names the host with a Secret, and none has a Secret
#   whose certificate could be for the host.
tls_leaves_out(ingress, host) if {
	count(ingress.spec.tls) > 0
	not _names_secret(ingress, host)
	not _may_cover(ingress, host)
}

_names_secret(ingress, host) if tls_secret(ingress, host) != ""

# An entry that names the host without a Secret is the end of it: no certificate is looked at.
_may_cover(ingress, host) if {
	not tls_secret(ingress, host)
	some entry in ingress.spec.tls
	entry.secretName != ""
	may_cover(entry, host)
}

# METADATA
# description: An entry of spec.tls is for every name in its certificate, or for a wildcard that covers the host.
may_cover(entry, _) if count(object.get(entry, "hosts", [])) == 0

may_cover(entry, host) if {
	some listed in entry.hosts
	covers(listed, host)
}

# METADATA
# description: The name in a certificate is for the host.
covers(name, host) if lower(name) == lower(host)

covers(name, host) if {
	startswith(name, "*.")
	concat(".", array.slice(split(lower(host), "."), 1, 99)) == lower(substring(name, 2, -1))
}
